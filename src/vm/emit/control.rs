//! What decides where to go on: conditions, `if`, `try`, `with`, `return`, `break`.

use crate::hir::{BinaryOp, Block, Expr, ExprKind, Slot, UnaryOp};
use crate::value::{EcoString, Value};

use super::super::op::{Op, Reg};
use super::{Emitted, Emitter, Scope};

impl Emitter<'_> {
    /// The jumps that are taken unless the condition holds.
    pub(super) fn unless(&mut self, condition: &Expr) -> Emitted<Vec<usize>> {
        let (outer, next) = (std::mem::replace(&mut self.span, condition.span), self.next);
        let jumps = match &condition.kind {
            ExprKind::And(left, right) => {
                let mut fails = self.unless(left)?;
                fails.extend(self.unless(right)?);
                fails
            }
            ExprKind::Or(left, right) => {
                let first = self.unless(left)?;
                let holds = self.push(Op::Jump { target: 0 });
                self.land_all(first);
                let fails = self.unless(right)?;
                self.land(holds);
                fails
            }
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => {
                let holds = self.unless(operand)?;
                let fails = self.push(Op::Jump { target: 0 });
                self.land_all(holds);
                vec![fails]
            }
            ExprKind::Binary { op, left, right } if is_comparison(*op) => vec![self.compare(*op, left, right)?],
            _ => {
                let condition = self.value(condition)?;
                vec![self.push(Op::JumpUnless { condition, target: 0 })]
            }
        };
        self.free(next);
        self.span = outer;
        Ok(jumps)
    }

    fn compare(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Emitted<usize> {
        if let ExprKind::Constant(Value::Int(n)) = right.kind
            && let Ok(right) = i16::try_from(n)
        {
            let left = self.value(left)?;
            return Ok(self.push(Op::CompareInt {
                op,
                left,
                right,
                target: 0,
            }));
        }
        let (left, right) = self.pair(left, right)?;
        Ok(self.push(Op::Compare {
            op,
            left,
            right,
            target: 0,
        }))
    }

    pub(super) fn if_(&mut self, condition: &Expr, then: &Block, otherwise: Option<&Expr>, to: Option<Reg>) -> Emitted {
        let fails = self.unless(condition)?;
        self.block(then, to)?;
        if otherwise.is_none() && to.is_none() {
            self.land_all(fails);
            return Ok(());
        }
        let done = self.push(Op::Jump { target: 0 });
        self.land_all(fails);
        match (otherwise, to) {
            (Some(expr), Some(to)) => self.put(expr, to)?,
            (Some(expr), None) => self.discard(expr)?,
            (None, Some(to)) => self.emit(Op::None { to }),
            (None, None) => {}
        }
        self.land(done);
        Ok(())
    }

    pub(super) fn try_(&mut self, body: &Block, name: Option<Slot>, handler: &Block, to: Reg) -> Emitted {
        let error = match name {
            Some(slot) => self.slot(slot),
            None => self.temp()?,
        };
        let begin = self.push(Op::TryBegin { error, handler: 0 });
        self.scopes.push(Scope::Try);
        self.block(body, Some(to))?;
        self.scopes.pop();
        self.push(Op::TryEnd);
        let done = self.push(Op::Jump { target: 0 });
        self.land(begin);
        self.push(Op::Caught { error });
        self.block(handler, Some(to))?;
        self.land(done);
        Ok(())
    }

    pub(super) fn with(&mut self, settings: &[(EcoString, Expr)], body: &Block, to: Reg) -> Emitted {
        let base = self.temps(settings.len())?;
        self.row(settings.iter().map(|(_, expr)| expr), base)?;
        let names = self.names_of(settings.iter().map(|(name, _)| name.clone()));
        self.push(Op::WithBegin { names, base });
        self.scopes.push(Scope::With);
        self.block(body, Some(to))?;
        self.scopes.pop();
        self.push(Op::WithEnd);
        Ok(())
    }

    pub(super) fn return_(&mut self, value: Option<&Expr>) -> Emitted {
        let from = self.temp()?;
        match value {
            Some(expr) => self.put(expr, from)?,
            None => self.emit(Op::None { to: from }),
        }
        let element = self.places.last().and_then(|place| place.element.as_ref());
        match element.map(|(to, _, scopes)| (*to, *scopes)) {
            Some((to, scopes)) => {
                self.close_scopes(scopes, from);
                self.push(Op::Take { to, from });
                let jump = self.push(Op::Jump { target: 0 });
                if let Some((_, exits, _)) = self.places.last_mut().and_then(|place| place.element.as_mut()) {
                    exits.push(jump);
                }
            }
            None => {
                self.close_scopes(0, from);
                self.push(Op::Return { from });
            }
        }
        Ok(())
    }

    pub(super) fn leave_loop(&mut self, ends: bool) {
        let Some(scopes) = self.loops.last().map(|inner| inner.scopes) else {
            return;
        };
        // A loop lies in its function: what is closed has no value.
        self.close_scopes(scopes, 0);
        let jump = self.push(Op::Jump { target: 0 });
        if let Some(inner) = self.loops.last_mut() {
            match ends {
                true => inner.breaks.push(jump),
                false => inner.continues.push(jump),
            }
        }
    }

    /// Closes what was opened since, before a jump out of it with a value.
    fn close_scopes(&mut self, down_to: usize, value: Reg) {
        let open: Vec<Scope> = self.scopes.iter().skip(down_to).rev().copied().collect();
        for scope in open {
            self.push(match scope {
                Scope::Try => Op::TryEnd,
                Scope::With => Op::WithEnd,
                Scope::Elements => Op::ElementsEnd,
                Scope::Module => Op::SpanEnd { value },
            });
        }
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::{Eq, Ge, Gt, In, Le, Lt, Ne, NotIn};
    matches!(op, Eq | Ne | Lt | Le | Gt | Ge | In | NotIn)
}
