//! f-strings. Their values stand on one line.

use crate::syntax::ast::FStringPart;
use crate::syntax::token::{Bracket, Kind};

use super::write::Writer;

impl Writer<'_> {
    pub fn fstring(&mut self, parts: &[FStringPart]) {
        let mut values = parts.iter().filter_map(|part| match part {
            FStringPart::Value { value, .. } => Some(value),
            FStringPart::Text(_) => None,
        });
        self.fstring_start();
        loop {
            match self.kind() {
                Kind::FStringText => self.tok(),
                Kind::ValueStart => {
                    let Some(value) = values.next() else { return };
                    if self.verbatim_value() {
                        continue;
                    }
                    self.doc.begin_flat();
                    self.tok();
                    // `{{` would be a brace of the text.
                    let braced = self.opens(Bracket::Curly);
                    if braced {
                        self.space();
                    }
                    let outer = std::mem::replace(&mut self.flat, true);
                    self.expr(value);
                    self.flat = outer;
                    match self.kind() {
                        Kind::FStringFormat => self.tok(),
                        _ if braced => self.space(),
                        _ => {}
                    }
                    self.tok();
                    self.doc.end();
                }
                // The closing quotes.
                _ => return self.tok(),
            }
        }
    }
}
