//! `match` and its patterns.

use crate::hir::{Expr, MatchArm, Pattern};

use super::super::op::{Op, Reg};
use super::{Emitted, Emitter, table};

impl Emitter<'_> {
    pub(super) fn match_(&mut self, subject: &Expr, arms: &[MatchArm], to: Reg) -> Emitted {
        let from = self.value(subject)?;
        let value = self.temp()?;
        self.push(Op::Look { to: value, from });
        let mut done = Vec::new();
        for arm in arms {
            let next = self.next;
            let mut fails = Vec::new();
            self.pattern(&arm.pattern, value, &mut fails)?;
            if let Some(guard) = &arm.guard {
                fails.extend(self.unless(guard)?);
            }
            self.put(&arm.body, to)?;
            done.push(self.push(Op::Jump { target: 0 }));
            self.land_all(fails);
            self.free(next);
        }
        self.push(Op::NoMatch { value });
        self.land_all(done);
        self.push(Op::Clear { reg: value });
        Ok(())
    }

    /// Tests and binds; collects the jumps of what does not match.
    fn pattern(&mut self, pattern: &Pattern, value: Reg, fails: &mut Vec<usize>) -> Emitted {
        match pattern {
            Pattern::Wildcard => {}
            Pattern::Bind(slot) => {
                let to = self.slot(*slot);
                self.push(Op::Move { to, from: value });
            }
            Pattern::Value(constant) => {
                let index = table(&mut self.constants, constant.clone());
                fails.push(self.push(Op::MatchEqual { value, index, fail: 0 }));
            }
            Pattern::Typed { ty, slot } => {
                let index = table(&mut self.types, std::sync::Arc::new(ty.clone()));
                fails.push(self.push(Op::MatchType { value, index, fail: 0 }));
                if let Some(slot) = slot {
                    let to = self.slot(*slot);
                    self.push(Op::Move { to, from: value });
                }
            }
            Pattern::Record(fields) => {
                fails.push(self.push(Op::MatchRecord { value, fail: 0 }));
                for field in fields {
                    let part = self.temp()?;
                    let name = self.name(&field.field);
                    if !field.optional {
                        fails.push(self.push(Op::MatchField { value, name, fail: 0 }));
                    }
                    self.push(Op::Part {
                        to: part,
                        object: value,
                        name,
                    });
                    self.pattern(&field.pattern, part, fails)?;
                }
            }
            Pattern::Or(alternatives) => {
                let mut matched = Vec::new();
                let Some((last, first)) = alternatives.split_last() else {
                    return Ok(());
                };
                for alternative in first {
                    let mut next = Vec::new();
                    self.pattern(alternative, value, &mut next)?;
                    matched.push(self.push(Op::Jump { target: 0 }));
                    self.land_all(next);
                }
                self.pattern(last, value, fails)?;
                self.land_all(matched);
            }
        }
        Ok(())
    }
}
