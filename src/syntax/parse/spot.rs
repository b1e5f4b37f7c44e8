//! A place among the tokens, for those who explain what is wrong there.

use crate::diag::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax::token::{Bracket, Kind};

use super::layout::Placed;

/// The token at which the grammar stopped; `at` is the number of tokens where the text ends too early.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub source: &'a str,
    pub file: FileId,
    pub tokens: &'a [Placed],
    pub at: usize,
}

impl<'a> Spot<'a> {
    /// The same text, so many tokens further on.
    pub fn ahead(self, offset: usize) -> Spot<'a> {
        Spot {
            at: self.at + offset,
            ..self
        }
    }

    /// The end of a text that goes up to that token.
    pub fn before(self, offset: isize) -> Spot<'a> {
        let at = self.at.saturating_add_signed(offset).min(self.tokens.len());
        Spot {
            tokens: &self.tokens[..at],
            at,
            ..self
        }
    }

    pub fn placed(self, offset: isize) -> Option<&'a Placed> {
        self.tokens.get(self.at.checked_add_signed(offset)?)
    }

    pub fn kind(self, offset: isize) -> Option<Kind> {
        self.placed(offset).map(|p| p.token.kind)
    }

    pub fn text(self, offset: isize) -> &'a str {
        self.placed(offset).map_or("", |p| p.token.text(self.source))
    }

    /// Where that token stands; behind the last one where there is none.
    pub fn span(self, offset: isize) -> Span {
        match self.placed(offset) {
            Some(placed) => Span::new(self.file, placed.token.range()),
            None => {
                let end = self.tokens.last().map_or(0, |p| p.token.end as usize);
                Span::new(self.file, end..end)
            }
        }
    }

    /// Whether no blank stands between that token and the one before.
    pub fn touches(self, offset: isize) -> bool {
        match (self.placed(offset - 1), self.placed(offset)) {
            (Some(left), Some(right)) => left.token.end == right.token.start,
            _ => false,
        }
    }

    /// Whether that token is the first of its line.
    pub fn begins_line(self, offset: isize) -> bool {
        self.placed(offset).is_some_and(|p| p.newline.is_some()) || self.at.checked_add_signed(offset) == Some(0)
    }

    /// The bracket around the spot, by its place among the tokens.
    pub fn bracket(self) -> Option<(usize, Kind)> {
        let mut closed = 0usize;
        for at in (0..self.at.min(self.tokens.len())).rev() {
            match self.tokens[at].token.kind {
                Kind::Close(_) | Kind::ValueEnd => closed += 1,
                Kind::Open(_) | Kind::ValueStart if closed > 0 => closed -= 1,
                kind @ (Kind::Open(_) | Kind::ValueStart) => return Some((at, kind)),
                _ => {}
            }
        }
        None
    }

    pub fn is_inside(self, bracket: Bracket) -> bool {
        self.bracket().is_some_and(|(_, kind)| kind == Kind::Open(bracket))
    }

    /// The first token of the statement around the spot.
    pub fn statement(self) -> usize {
        self.tokens_of_statement().start
    }

    /// The tokens of the smallest statement, or bracket's inside, around the spot.
    pub fn tokens_of_statement(self) -> std::ops::Range<usize> {
        let mut closed = 0usize;
        let mut start = self.at.min(self.tokens.len());
        if self.placed(0).is_none_or(|p| !p.breaks) {
            while start > 0 {
                let token = self.tokens[start - 1];
                match token.token.kind {
                    Kind::Close(_) | Kind::ValueEnd => closed += 1,
                    Kind::Open(_) | Kind::ValueStart if closed == 0 => break,
                    Kind::Open(_) | Kind::ValueStart => closed -= 1,
                    Kind::Semicolon if closed == 0 => break,
                    _ => {}
                }
                start -= 1;
                if closed == 0 && token.breaks {
                    break;
                }
            }
        }
        let mut opened = 0usize;
        let mut end = self.at.min(self.tokens.len());
        while let Some(token) = self.tokens.get(end) {
            match token.token.kind {
                Kind::Close(_) | Kind::ValueEnd if opened == 0 => break,
                Kind::Close(_) | Kind::ValueEnd => opened -= 1,
                Kind::Semicolon if opened == 0 => break,
                _ if opened == 0 && token.breaks && end > self.at => break,
                Kind::Open(_) | Kind::ValueStart => opened += 1,
                _ => {}
            }
            end += 1;
        }
        start..end
    }

    /// Whether the innermost bracket is the body of a declaration or form that begins with this word.
    pub fn is_body_of(self, word: &str) -> bool {
        let Some((opening, Kind::Open(Bracket::Curly))) = self.bracket() else {
            return false;
        };
        let tokens = &self.tokens[..opening];
        let start = Spot {
            tokens,
            at: opening,
            ..self
        }
        .statement();
        let mut head = start..opening;
        head.any(|at| tokens[at].token.text(self.source) == word && (word == "match" || at == start))
    }

    /// Whether the innermost bracket holds the arguments of a call.
    pub fn is_in_call(self) -> bool {
        match self.bracket() {
            Some((at, Kind::Open(Bracket::Round))) => Spot { at, ..self }.kind(-1).is_some_and(ends_operand),
            _ => false,
        }
    }

    /// Whether the innermost bracket holds the settings of a `with`.
    pub fn is_in_settings(self) -> bool {
        match self.bracket() {
            Some((at, Kind::Open(Bracket::Round))) => Spot { at, ..self }.is_keyword(-1, "with"),
            _ => false,
        }
    }

    /// Whether the word there is a keyword, not a field behind a `.`.
    pub fn is_keyword(self, offset: isize, word: &str) -> bool {
        self.text(offset) == word && !matches!(self.kind(offset - 1), Some(Kind::Dot | Kind::OptionalDot))
    }

    pub fn error(
        self,
        code: &'static str,
        offset: isize,
        message: impl Into<String>,
        label: &str,
        help: &str,
    ) -> Diagnostic {
        Diagnostic::error(code, message, self.span(offset), label).help(help)
    }
}

/// Whether a token of this kind can end an operand.
pub(super) fn ends_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Word
            | Kind::Number
            | Kind::BadNumber
            | Kind::String
            | Kind::SingleString
            | Kind::FStringEnd
            | Kind::Close(_)
            | Kind::Unterminated
    )
}

/// Whether a token of this kind can begin an operand.
pub(super) fn begins_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Word
            | Kind::Reserved
            | Kind::Number
            | Kind::String
            | Kind::SingleString
            | Kind::FStringStart
            | Kind::Open(_)
            | Kind::Spread
    )
}
