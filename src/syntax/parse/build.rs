//! What all parts of the builder share: places, names, and the list of what is wrong.

use pest::iterators::Pair;

use crate::diag::Diagnostic;
use crate::source::{FileId, Span, Spanned};
use crate::syntax::ast::Name;
use crate::value::EcoString;

use super::grammar::Rule;

pub(super) type Node<'i> = Pair<'i, Rule>;

/// Where the bytes that pest saw stand in their file.
pub(super) enum Offsets<'a> {
    /// A part of the file that begins there.
    Shift(usize),
    /// The text of a string literal: the place of each of its bytes and of its end.
    Map(&'a [u32]),
    /// A text that was made when the script ran.
    Nowhere,
}

/// Makes the tree from pest's pairs. A part that cannot be built is `None`, and the reason is in `problems`.
pub(super) struct Builder<'a> {
    pub file: FileId,
    offsets: Offsets<'a>,
    pub problems: Vec<Diagnostic>,
    /// Inline signatures also know `'…'` and refuse Python's types.
    pub inline: bool,
}

impl<'a> Builder<'a> {
    pub fn new(file: FileId, offsets: Offsets<'a>) -> Self {
        Builder {
            file,
            offsets,
            problems: Vec::new(),
            inline: false,
        }
    }

    pub fn span_of(&self, start: usize, end: usize) -> Span {
        let place = |at: usize| match &self.offsets {
            Offsets::Shift(base) => base + at,
            Offsets::Map(map) => map.get(at).or(map.last()).map_or(0, |&at| at as usize),
            Offsets::Nowhere => 0,
        };
        Span::new(self.file, place(start)..place(end))
    }

    pub fn span(&self, node: &Node) -> Span {
        let span = node.as_span();
        self.span_of(span.start(), span.end())
    }

    pub fn name(&self, node: &Node) -> Name {
        Spanned::new(EcoString::from(node.as_str()), self.span(node))
    }

    pub fn error(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        span: Span,
        label: &str,
    ) -> &mut Diagnostic {
        self.problems.push(Diagnostic::error(code, message, span, label));
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    /// An error with a help.
    pub fn advise(&mut self, code: &'static str, message: impl Into<String>, span: Span, label: &str, help: &str) {
        self.error(code, message, span, label).help = Some(help.to_owned());
    }
}
