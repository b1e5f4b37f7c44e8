//! Brackets that do not pair. One mistake gives one error, at the bracket that was opened: a declaration at the left
//! margin ends what is still open before it, and the first line that stands further to the left than what is open lets
//! it tells which.

use std::ops::Range;

use crate::diag::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax::token::{Bracket, Kind};

use super::layout::Placed;
use super::titles::code;

/// Some declarations of a file, and the bracket that breaks them.
pub(super) struct Section {
    pub tokens: Range<usize>,
    pub fault: Option<Diagnostic>,
}

struct Open {
    bracket: Bracket,
    at: usize,
    /// The column of the first token of its line.
    indent: usize,
    /// Whether a line below it was indented.
    indented: bool,
    /// Whether nothing follows it on its line.
    last: bool,
}

struct Scan<'a> {
    source: &'a str,
    file: FileId,
    tokens: &'a [Placed],
    open: Vec<Open>,
    /// The first opening bracket that a line should have been behind.
    suspect: Option<usize>,
    /// A `}` that stands under no opening line.
    stray: Option<usize>,
    fault: Option<Diagnostic>,
}

/// Whether all brackets pair.
pub(super) fn balanced(tokens: &[Placed]) -> bool {
    let mut open = Vec::new();
    for placed in tokens {
        match placed.token.kind {
            Kind::Open(bracket) => open.push(bracket),
            Kind::Close(bracket) if open.pop() != Some(bracket) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

/// The file cut at its declarations, each part with the bracket that breaks it.
pub(super) fn sections(source: &str, file: FileId, tokens: &[Placed]) -> Vec<Section> {
    let mut scan = Scan {
        source,
        file,
        tokens,
        open: Vec::new(),
        suspect: None,
        stray: None,
        fault: None,
    };
    let mut sections = Vec::new();
    let mut start = 0;
    let mut indent = 0;
    for (at, token) in tokens.iter().enumerate() {
        if at == 0 || token.newline.is_some() {
            indent = scan.column(at);
            if at > start && indent == 0 && scan.begins_declaration(at) {
                sections.push(Section {
                    tokens: start..at,
                    fault: scan.end(),
                });
                start = at;
            }
            indent = scan.line(at, indent);
        }
        scan.token(at, indent);
    }
    sections.push(Section {
        tokens: start..tokens.len(),
        fault: scan.end(),
    });
    sections
}

impl Scan<'_> {
    fn column(&self, at: usize) -> usize {
        let start = self.tokens[at].token.start as usize;
        let line = self.source[..start].rfind('\n').map_or(0, |n| n + 1);
        start - line
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |p| p.token.text(self.source))
    }

    fn span(&self, at: usize) -> Span {
        Span::new(self.file, self.tokens[at].token.range())
    }

    /// `fn name`, `signature Name`, `test "…"` … at the left margin.
    fn begins_declaration(&self, at: usize) -> bool {
        let next = self.tokens.get(at + 1).map(|p| p.token.kind);
        match self.text(at) {
            "fn" | "signature" | "module" | "type" => next == Some(Kind::Word),
            "test" | "import" => next == Some(Kind::String),
            // Bodies that are not indented hold these too.
            "let" | "var" => self.open.last().is_none_or(|open| open.indented),
            _ => false,
        }
    }

    /// A line begins; the column that its brackets count from.
    fn line(&mut self, at: usize, column: usize) -> usize {
        let closes = matches!(self.tokens[at].token.kind, Kind::Close(_)) || matches!(self.text(at), "else" | "catch");
        let goes_on = matches!(self.text(at), "{" | "->" | "else" | "catch");
        let Some(open) = self.open.last_mut() else {
            return column;
        };
        let too_far_left = match (closes, open.last) {
            (true, _) => column < open.indent,
            // Bodies need not be indented.
            (false, true) => column <= open.indent && open.indented,
            (false, false) => column <= open.indent,
        };
        if too_far_left {
            self.suspect = self.suspect.or(Some(open.at));
        }
        open.indented |= column > open.indent;
        match goes_on && column <= open.indent + 1 {
            true => open.indent.min(column),
            false => column,
        }
    }

    fn token(&mut self, at: usize, indent: usize) {
        match self.tokens[at].token.kind {
            Kind::Open(bracket) => self.open.push(Open {
                bracket,
                at,
                indent,
                indented: false,
                last: self.tokens.get(at + 1).is_none_or(|next| next.newline.is_some()),
            }),
            Kind::Close(bracket) => self.close(bracket, at),
            _ => {}
        }
    }

    fn close(&mut self, bracket: Bracket, at: usize) {
        let Some(place) = self.open.iter().rposition(|open| open.bracket == bracket) else {
            let at = self.stray.unwrap_or(at);
            return self.report(|scan| scan.unopened(at));
        };
        if place + 1 < self.open.len() {
            let inner = self.suspect.unwrap_or(self.open[place + 1].at);
            self.report(|scan| scan.unclosed(inner, Some(at)));
        }
        let open = &self.open[place];
        let first_of_line = self.tokens[at].newline.is_some();
        if bracket == Bracket::Curly && first_of_line && self.column(at) > open.indent {
            self.stray = self.stray.or(Some(at));
        }
        self.open.truncate(place);
    }

    /// Ends a section: what is open now is never closed.
    fn end(&mut self) -> Option<Diagnostic> {
        if let Some(last) = self.open.last() {
            let at = self.suspect.unwrap_or(last.at);
            self.report(|scan| scan.unclosed(at, None));
        }
        self.open.clear();
        self.suspect = None;
        self.stray = None;
        self.fault.take()
    }

    fn report(&mut self, fault: impl FnOnce(&Self) -> Diagnostic) {
        if self.fault.is_none() {
            self.fault = Some(fault(self));
        }
    }

    fn unclosed(&self, at: usize, closed_by: Option<usize>) -> Diagnostic {
        let bracket = self.text(at);
        let close = match self.tokens[at].token.kind {
            Kind::Open(bracket) => bracket.close(),
            _ => '}',
        };
        let message = format!("this `{bracket}` is not closed");
        let mut error = Diagnostic::error(code::UNCLOSED, message, self.span(at), "opened here");
        if let Some(by) = closed_by {
            error = error.label(self.span(by), format!("`{close}` is missing before this"));
        }
        error.help(format!("add the missing `{close}`"))
    }

    fn unopened(&self, at: usize) -> Diagnostic {
        let bracket = self.text(at);
        let message = format!("this `{bracket}` closes nothing");
        let help = "remove it, or look above for a bracket that is closed too early";
        Diagnostic::error(code::UNOPENED, message, self.span(at), "nothing is open here").help(help)
    }
}
