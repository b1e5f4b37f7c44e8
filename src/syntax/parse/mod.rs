//! From text to tree. logos tokenizes, the layout pass decides which newlines count, pest parses by `grammar/*.pest`,
//! and the builder makes the tree. What is wrong is told in the language's words, never in the grammar's.

mod build;
mod expr;
mod fstring;
mod inline;
mod item;
mod layout;
mod operators;
mod pattern;
mod primary;
mod signature;
mod stmt;
mod text;
mod titles;
mod types;

pub use inline::{Written, parse_inline_signature};
pub use titles::TITLES;

use pest::Parser;

use crate::diag::{Diagnostic, Problems};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{ast, token};

use build::{Builder, Offsets};
use grammar::{Grammar, Rule};
use titles::code;

mod grammar {
    //! The generated parser; `Rule` stays inside `syntax::parse`.

    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/lexical.pest"]
    #[grammar = "grammar/types.pest"]
    #[grammar = "grammar/expressions.pest"]
    #[grammar = "grammar/patterns.pest"]
    #[grammar = "grammar/statements.pest"]
    #[grammar = "grammar/declarations.pest"]
    #[grammar = "grammar/signatures.pest"]
    pub(super) struct Grammar;
}

/// The tree of a file with everything that is wrong in it. A declaration with a mistake is left out of the tree.
pub fn parse_file(sources: &SourceMap, file: FileId) -> (ast::File, Problems) {
    let source = &sources.get(file).text;
    let span = Span::new(file, 0..source.len());
    let mut problems = Problems::default();
    let layout = layout::layout(source, &token::tokens(source));
    let mut items = Vec::new();
    match Grammar::parse(Rule::file, &layout.text) {
        Ok(mut pairs) => {
            let mut builder = Builder::new(file, Offsets::Shift(0));
            items = pairs.next().map(|pair| builder.items(pair)).unwrap_or_default();
            builder.problems.into_iter().for_each(|problem| problems.push(problem));
        }
        Err(error) => {
            let at = match error.location {
                pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
            };
            let place = Span::new(file, at..at + 1);
            problems.push(Diagnostic::error(
                code::UNEXPECTED,
                format!("unexpected {error}"),
                place,
                "here",
            ));
        }
    }
    (ast::File { items, span }, problems)
}
