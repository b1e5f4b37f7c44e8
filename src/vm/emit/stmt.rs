//! Statements and blocks.

use crate::hir::{self, BindTarget, Block, Callee, Expr, ExprKind, Slot, Stmt, StmtKind};
use crate::value::EcoString;

use super::super::native::{Body, Intrinsic};
use super::super::op::{Op, Reg, Target};
use super::comprehension::Over;
use super::{Emitted, Emitter, Loop, table};

impl Emitter<'_> {
    /// A block; its value goes to `to`, if it is wanted.
    pub(super) fn block(&mut self, block: &Block, to: Option<Reg>) -> Emitted {
        let Some((last, first)) = block.stmts.split_last() else {
            if let Some(to) = to {
                self.push(Op::None { to });
            }
            return Ok(());
        };
        for stmt in first {
            self.stmt(stmt)?;
        }
        match (&last.kind, to) {
            (StmtKind::Expr(expr), Some(to)) => self.put(expr, to),
            (_, None) => self.stmt(last),
            (_, Some(to)) => {
                self.stmt(last)?;
                self.push(Op::None { to });
                Ok(())
            }
        }
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt) -> Emitted {
        let (outer, next) = (std::mem::replace(&mut self.span, stmt.span), self.next);
        match &stmt.kind {
            StmtKind::Bind {
                target: BindTarget::Local(slot),
                value,
            } => {
                let to = self.slot(*slot);
                self.put(value, to)?;
            }
            StmtKind::Bind {
                target: BindTarget::Global(id),
                value,
            } => {
                let from = self.temp()?;
                self.put(value, from)?;
                self.push(Op::SetGlobal { from, index: id.0 });
            }
            StmtKind::Destructure { fields, absent, value } => self.destructure(fields, absent, value)?,
            StmtKind::Assign { place, op, value } => self.assign(place, *op, value)?,
            StmtKind::For {
                first,
                second,
                over,
                body,
            } => self.for_(*first, *second, over, body)?,
            StmtKind::While { condition, body } => self.while_(condition, body)?,
            StmtKind::Assert {
                condition,
                message,
                source,
            } => self.assert(condition, message.as_ref(), source)?,
            StmtKind::Configure(settings) => {
                let base = self.temps(settings.len())?;
                self.row(settings.iter().map(|(_, expr)| expr), base)?;
                let names = self.names_of(settings.iter().map(|(name, _)| name.clone()));
                self.push(Op::Configure { names, base });
            }
            StmtKind::Expr(expr) => self.discard(expr)?,
        }
        self.free(next);
        self.span = outer;
        Ok(())
    }

    fn destructure(&mut self, fields: &[(EcoString, BindTarget)], absent: &[EcoString], value: &Expr) -> Emitted {
        let object = self.temp()?;
        self.put(value, object)?;
        for (field, target) in fields {
            let name = self.name(field);
            let absent = absent.contains(field);
            match target {
                BindTarget::Local(slot) => {
                    let to = self.slot(*slot);
                    self.push(Op::Field {
                        to,
                        object,
                        name,
                        absent,
                    });
                }
                BindTarget::Global(id) => {
                    let to = self.temp()?;
                    self.push(Op::Field {
                        to,
                        object,
                        name,
                        absent,
                    });
                    self.push(Op::SetGlobal { from: to, index: id.0 });
                }
            }
        }
        self.push(Op::Clear { reg: object });
        Ok(())
    }

    fn for_(&mut self, first: Slot, second: Option<Slot>, over: &Expr, body: &Block) -> Emitted {
        let streams = second.is_none() && self.is_stream(over);
        let over = match self.iterated(over)? {
            Over::Value { base, from } if streams => Over::Stream { base, from },
            over => over,
        };
        let (first, second) = (self.slot(first), second.map(|slot| self.slot(slot)));
        let base = over.base();
        let (start, next) = self.turn(over, first, second);
        self.turns(start, vec![next], body)?;
        self.push(match over {
            Over::Stream { base, .. } => Op::Unfollow { base },
            _ => Op::Clear { reg: base },
        });
        Ok(())
    }

    /// `stream(…)`
    fn is_stream(&self, over: &Expr) -> bool {
        let ExprKind::Call(call) = &over.kind else { return false };
        let Callee::Function(id) = call.callee else {
            return false;
        };
        let hir::Body::Native(name) = &self.program.function(id).body else {
            return false;
        };
        let native = self.registry.get(name);
        native.is_some_and(|native| matches!(native.body, Body::Machine(Intrinsic::Stream)))
    }

    fn while_(&mut self, condition: &Expr, body: &Block) -> Emitted {
        let start = self.here();
        let exits = self.unless(condition)?;
        self.turns(start, exits, body)
    }

    /// The body of a loop, and the way back.
    fn turns(&mut self, start: Target, mut exits: Vec<usize>, body: &Block) -> Emitted {
        self.loops.push(Loop {
            breaks: Vec::new(),
            continues: Vec::new(),
            scopes: self.scopes.len(),
        });
        self.block(body, None)?;
        if let Some(inner) = self.loops.pop() {
            self.land_all(inner.continues);
            exits.extend(inner.breaks);
        }
        self.push(Op::Jump { target: start });
        self.land_all(exits);
        Ok(())
    }

    fn assert(&mut self, condition: &Expr, message: Option<&Expr>, source: &EcoString) -> Emitted {
        let fails = self.unless(condition)?;
        let holds = self.push(Op::Jump { target: 0 });
        self.land_all(fails);
        let source = table(&mut self.names, source.clone());
        match message {
            Some(expr) => {
                let message = self.value(expr)?;
                self.push(Op::AssertFailed { message });
            }
            None => self.emit(Op::AssertFailedBare { source }),
        }
        self.land(holds);
        Ok(())
    }
}
