//! From text to tree. logos tokenizes, the layout pass decides which newlines count, pest parses by `grammar/*.pest`,
//! and the builder makes the tree. What is wrong is told in the language's words, never in the grammar's.

mod bounds;
mod brackets;
mod build;
mod chunk;
mod diagnose;
mod elsewhere;
mod expr;
mod foreign;
mod fstring;
mod habits;
mod inline;
mod item;
mod layout;
mod lexical;
mod literals;
mod near_miss;
mod operators;
mod pattern;
mod primary;
mod recover;
mod signature;
mod spot;
mod stmt;
mod text;
mod titles;
mod types;

pub use inline::{Written, parse_inline_field, parse_inline_signature};
pub use titles::TITLES;

pub(super) use text::long_content;

use std::num::NonZeroUsize;

use pest::Parser;

use crate::diag::Problems;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{ast, token};

use build::{Builder, Offsets};
use grammar::{Grammar, Rule};
use layout::Layout;
use recover::Recovered;

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

/// Steps that the parser may take for one text: a guard against a grammar that goes astray.
const STEPS: Option<NonZeroUsize> = NonZeroUsize::new(4_000_000_000);

/// The tree of a file with everything that is wrong in it. A declaration with a mistake is left out of the tree; its
/// name is in `File::broken`.
pub fn parse_file(sources: &SourceMap, file: FileId) -> (ast::File, Problems) {
    pest::set_call_limit(STEPS);
    let source = &sources.get(file).text;
    let tokens = token::tokens(source);
    let layout = layout::layout(source, 0..source.len(), &tokens);
    let recovered = match bounds::measure(source, &layout.tokens, |start, end| Span::new(file, start..end)) {
        Ok(depth) => depth.run(|| read(source, file, &tokens, &layout)),
        Err(problem) => Recovered::nothing(source, problem),
    };
    let span = Span::new(file, 0..source.len());
    (
        ast::File {
            items: recovered.items,
            broken: recovered.broken,
            unread: recovered
                .unread
                .into_iter()
                .map(|range| Span::new(file, range))
                .collect(),
            span,
        },
        recovered.problems,
    )
}

/// A text as the grammar gets it, for benchmarks: what the grammar alone costs.
pub struct LaidOut(String);

impl LaidOut {
    /// Lays a text out.
    pub fn new(source: &str) -> LaidOut {
        LaidOut(layout::layout(source, 0..source.len(), &token::tokens(source)).text)
    }

    /// Whether it is a script as far as the grammar can tell.
    pub fn is_read_by_the_grammar(&self) -> bool {
        Grammar::parse(Rule::file, &self.0).is_ok()
    }
}

/// Does something with the tree and the tokens of a file without mistakes, where there is room to walk down the tree.
pub(super) fn read_tree<T: Send>(
    sources: &SourceMap,
    file: FileId,
    walk: impl Fn(&[ast::Item], &[token::Token]) -> T + Sync,
) -> Result<T, Problems> {
    pest::set_call_limit(STEPS);
    let source = &sources.get(file).text;
    let tokens = token::tokens(source);
    let layout = layout::layout(source, 0..source.len(), &tokens);
    let nothing = |problem| Err(Recovered::nothing(source, problem).problems);
    let span_of = |start, end| Span::new(file, start..end);
    bounds::measure(source, &layout.tokens, span_of).map_or_else(nothing, |depth| {
        depth.run(|| {
            let recovered = read(source, file, &tokens, &layout);
            match recovered.problems.is_empty() {
                true => Ok(walk(&recovered.items, &tokens)),
                false => Err(recovered.problems),
            }
        })
    })
}

fn read(source: &str, file: FileId, tokens: &[token::Token], layout: &Layout) -> Recovered {
    let apart = recover::any_body_apart(source, file, &layout.tokens);
    // The grammar would read a one-line f-string on over its line's end.
    let unterminated = layout.tokens.iter().any(|p| p.token.kind == token::Kind::Unterminated);
    match whole(file, layout).filter(|_| !apart && !unterminated) {
        Some(items) => Recovered {
            items,
            ..Recovered::default()
        },
        None => recover::recover(source, file, tokens, &layout.tokens),
    }
}

/// A file without mistakes.
fn whole(file: FileId, layout: &Layout) -> Option<Vec<ast::Item>> {
    let mut pairs = Grammar::parse(Rule::file, &layout.text).ok()?;
    let mut builder = Builder::new(file, Offsets::Shift(0));
    let items = builder.items(pairs.next()?);
    builder.problems.is_empty().then_some(items)
}
