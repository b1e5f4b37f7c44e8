//! Comprehensions: in line where no element can reach a model or have an effect, else an element is a call that may be set aside.

use crate::hir::{Body, Comprehension, Expr, ExprKind};

use super::super::code::CaptureFrom;
use super::super::op::{Op, Reg};
use super::{Emitted, Emitter, Place, Scope};

impl Emitter<'_> {
    pub(super) fn comprehension(&mut self, comprehension: &Comprehension, to: Reg) -> Emitted {
        let elements = self.temp()?;
        let over = self.iterated(&comprehension.over)?;
        self.push(Op::List {
            to: elements,
            base: elements,
            count: 0,
        });
        let function = self.program.function(comprehension.function);
        match &function.body {
            Body::Block(_) if !function.reach.model && !function.reach.effect => {
                self.turns_in_line(comprehension, over, elements)?;
                self.push(Op::Gather {
                    to,
                    elements,
                    filtered: false,
                    flatten: false,
                });
            }
            _ => {
                self.turns_of_calls(comprehension, over, elements)?;
                let (filtered, flatten) = (comprehension.filtered, comprehension.flatten);
                self.push(Op::Gather {
                    to,
                    elements,
                    filtered,
                    flatten,
                });
            }
        }
        Ok(())
    }

    /// What is gone through: a counter for a range, else a register with the value.
    pub(super) fn iterated(&mut self, over: &Expr) -> Emitted<Over> {
        let base = self.temps(2)?;
        match &over.kind {
            ExprKind::Range { start, end } => {
                self.put(start, base)?;
                self.put(end, base + 1)?;
                Ok(Over::Range(base))
            }
            _ => {
                let from = self.value(over)?;
                Ok(Over::Value { base, from })
            }
        }
    }

    /// The start of each turn, with one register for the element, or two.
    pub(super) fn turn(&mut self, over: Over, first: Reg, second: Option<Reg>) -> (u32, usize) {
        match (over, second) {
            (Over::Range(base), None) => {
                self.push(Op::RangeStart { base });
                (
                    self.here(),
                    self.push(Op::RangeNext {
                        base,
                        to: first,
                        exit: 0,
                    }),
                )
            }
            (Over::Range(base), Some(second)) => {
                self.push(Op::Range {
                    to: base,
                    start: base,
                    end: base + 1,
                });
                self.push(Op::Iterate {
                    base,
                    from: base,
                    pairs: true,
                });
                (
                    self.here(),
                    self.push(Op::NextPair {
                        base,
                        first,
                        second,
                        exit: 0,
                    }),
                )
            }
            (Over::Value { base, from } | Over::Stream { base, from }, None) => {
                self.push(match over {
                    Over::Stream { .. } => Op::Follow { base, from },
                    _ => Op::Iterate {
                        base,
                        from,
                        pairs: false,
                    },
                });
                (
                    self.here(),
                    self.push(Op::Next {
                        base,
                        to: first,
                        exit: 0,
                    }),
                )
            }
            (Over::Value { base, from } | Over::Stream { base, from }, Some(second)) => {
                self.push(Op::Iterate {
                    base,
                    from,
                    pairs: true,
                });
                (
                    self.here(),
                    self.push(Op::NextPair {
                        base,
                        first,
                        second,
                        exit: 0,
                    }),
                )
            }
        }
    }

    fn turns_in_line(&mut self, comprehension: &Comprehension, over: Over, elements: Reg) -> Emitted {
        let function = self.program.function(comprehension.function);
        let Body::Block(body) = &function.body else {
            return Ok(());
        };
        let captures: Vec<CaptureFrom> = comprehension.captures.iter().map(|var| self.variable(*var)).collect();
        let offset = self.temps(function.slots as usize)?;
        let from = self.temp()?;
        let second = (function.params.len() > 1).then_some(offset + 1);
        let (start, next) = self.turn(over, offset, second);
        let element = Some((from, Vec::new(), self.scopes.len()));
        self.places.push(Place {
            offset,
            captures: Some(captures),
            element,
        });
        let inner = match body.stmts.as_slice() {
            [
                crate::hir::Stmt {
                    kind: crate::hir::StmtKind::Expr(expr),
                    ..
                },
            ] => Some(expr),
            _ => None,
        };
        self.element(inner, body, from)?;
        let exits = self
            .places
            .pop()
            .and_then(|place| place.element)
            .map(|(_, exits, _)| exits);
        self.land_all(exits.unwrap_or_default());
        self.push(match comprehension.flatten {
            true => Op::CollectAll { elements, from },
            false => Op::Collect { elements, from },
        });
        self.push(Op::Jump { target: start });
        self.land(next);
        self.push(Op::Clear { reg: over.base() });
        Ok(())
    }

    fn element(&mut self, alone: Option<&Expr>, body: &crate::hir::Block, to: Reg) -> Emitted {
        match alone {
            Some(expr) => self.put(expr, to),
            None => self.block(body, Some(to)),
        }
    }

    fn turns_of_calls(&mut self, comprehension: &Comprehension, over: Over, elements: Reg) -> Emitted {
        let params = self.program.function(comprehension.function).params.len();
        let (closure, error) = (self.temp()?, self.temp()?);
        self.closure(comprehension.function, &comprehension.captures, closure);
        // The window of the call, then what it yields.
        let window = self.temps(3)?;
        let from = self.temp()?;
        let begin = self.push(Op::ElementsBegin { error, handler: 0 });
        self.scopes.push(Scope::Elements);
        let (start, next) = self.turn(over, window + 1, (params > 1).then_some(window + 2));
        self.push(Op::Move {
            to: window,
            from: closure,
        });
        self.push(Op::CallElement { base: window, to: from });
        self.push(Op::Collect { elements, from });
        self.push(Op::Jump { target: start });
        self.land(next);
        self.scopes.pop();
        self.push(Op::ElementsEnd);
        self.push(Op::Clear { reg: over.base() });
        self.push(Op::Clear { reg: closure });
        let done = self.push(Op::Jump { target: 0 });
        self.land(begin);
        self.push(Op::ElementFailed { elements, error });
        self.land(done);
        Ok(())
    }
}

#[derive(Clone, Copy)]
pub(super) enum Over {
    Range(Reg),
    Value { base: Reg, from: Reg },
    Stream { base: Reg, from: Reg },
}

impl Over {
    pub(super) fn base(self) -> Reg {
        match self {
            Over::Range(base) | Over::Value { base, .. } | Over::Stream { base, .. } => base,
        }
    }
}
