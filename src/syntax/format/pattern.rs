//! What binds names: `let`, `var`, and the patterns of `match`.

use crate::syntax::ast::{BindField, Binding, Pattern, PatternField, PatternKind};
use crate::syntax::token::Kind;

use super::brackets::Style;
use super::write::Writer;

impl Writer<'_> {
    pub fn binding(&mut self, binding: &Binding) {
        match binding {
            Binding::Name { ty, .. } => {
                self.tok();
                self.annotation(ty.as_ref());
            }
            Binding::Record { fields, .. } => {
                self.bracketed(fields, Style::default(), |w, _: &BindField| {
                    w.tok();
                    if w.kind() == Kind::Colon {
                        w.word();
                        w.tok();
                    }
                });
            }
        }
    }

    pub fn pattern(&mut self, pattern: &Pattern) {
        match self.parentheses_before(pattern.span.start) {
            0 => self.bare_pattern(pattern),
            count => self.parenthesized(count, |w| w.bare_pattern(pattern)),
        }
    }

    fn bare_pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Literal(_) | PatternKind::Float(_) => self.glued(pattern.span.end),
            PatternKind::None | PatternKind::Wildcard | PatternKind::Name(_) => self.tok(),
            PatternKind::Typed { ty, .. } => {
                self.tok();
                self.annotation(Some(ty));
            }
            PatternKind::Or(patterns) => self.alternatives(patterns, |w, pattern| w.pattern(pattern)),
            PatternKind::Record(fields) => {
                self.bracketed(fields, Style::default(), |w, field: &PatternField| {
                    w.tok();
                    if let Some(pattern) = &field.pattern {
                        w.word();
                        w.pattern(pattern);
                    }
                });
            }
        }
    }
}
