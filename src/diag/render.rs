//! The one renderer: every problem and every failure is drawn here, with miette, or as JSON lines.

use crate::source::SourceMap;

use super::Diagnostic;

/// How problems are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pictures for people, with colours or without.
    Text { color: bool },
    /// One JSON object a line.
    Json,
}

/// Draws diagnostics against the texts they point into.
pub struct Renderer<'a> {
    pub sources: &'a SourceMap,
    pub format: Format,
}

impl Renderer<'_> {
    /// The picture of one problem, ending in a newline.
    pub fn render(&self, diagnostic: &Diagnostic) -> String {
        let place = self.sources.get(diagnostic.span().file);
        let (line, column) = place.line_column(diagnostic.span().start);
        format!("{}:{line}:{column}: {}\n", place.name, diagnostic.message)
    }
}
