//! Slices, and the places that assignments change.

use crate::hir::{BinaryOp, Expr, ExprKind, ListItem, Place, PlaceRoot, PlaceStep, Var};

use super::super::code::{PlaceSite, Step};
use super::super::op::{Op, Reg};
use super::{Emitted, Emitter, table};

impl Emitter<'_> {
    pub(super) fn slice(&mut self, object: &Expr, start: Option<&Expr>, end: Option<&Expr>, to: Reg) -> Emitted {
        let from = self.temp()?;
        self.put(object, from)?;
        let base = self.temps(2)?;
        for (reg, bound) in [(base, start), (base + 1, end)] {
            match bound {
                Some(expr) => self.put(expr, reg)?,
                None => self.emit(Op::Absent { to: reg }),
            }
        }
        self.push(Op::Slice { to, object: from, base });
        self.push(Op::Clear { reg: from });
        Ok(())
    }

    /// `x = e`, `x += e`, `x.a[0] = e`
    pub(super) fn assign(&mut self, place: &Place, op: Option<BinaryOp>, value: &Expr) -> Emitted {
        if !place.steps.is_empty() {
            return self.assign_part(place, op, value);
        }
        let grown = match op {
            Some(op) => Some((op, value)),
            None => self_update(place.root, value),
        };
        match (place.root, grown) {
            (PlaceRoot::Local(slot), None) => {
                let target = self.slot(slot);
                match &value.kind {
                    ExprKind::Binary { .. } | ExprKind::Constant(_) | ExprKind::Call(_) => self.put(value, target)?,
                    _ => {
                        let from = self.temp()?;
                        self.put(value, from)?;
                        self.push(Op::Take { to: target, from });
                    }
                }
            }
            (PlaceRoot::Global(id), None) => {
                let from = self.temp()?;
                self.put(value, from)?;
                self.push(Op::SetGlobal { from, index: id.0 });
            }
            (root, Some((op, value))) => self.grow(root, op, value)?,
        }
        Ok(())
    }

    /// In place, where nobody shares the value.
    fn grow(&mut self, root: PlaceRoot, op: BinaryOp, value: &Expr) -> Emitted {
        let single = match &value.kind {
            ExprKind::List(items) if op == BinaryOp::Add => match items.as_slice() {
                [ListItem::Item(item)] => Some(item),
                _ => None,
            },
            _ => None,
        };
        let reg = match (single, root) {
            // What is pushed is moved out of its register, so it must be a temporary.
            (Some(item), _) => {
                let reg = self.temp()?;
                self.put(item, reg)?;
                reg
            }
            (None, _) => self.value(value)?,
        };
        self.push(match (root, single) {
            (PlaceRoot::Local(slot), Some(_)) => Op::Push {
                target: self.slot(slot),
                value: reg,
            },
            (PlaceRoot::Local(slot), None) => Op::Update {
                op,
                target: self.slot(slot),
                value: reg,
            },
            (PlaceRoot::Global(id), Some(_)) => Op::PushGlobal {
                value: reg,
                index: id.0,
            },
            (PlaceRoot::Global(id), None) => Op::UpdateGlobal {
                op,
                value: reg,
                index: id.0,
            },
        });
        Ok(())
    }

    fn assign_part(&mut self, place: &Place, op: Option<BinaryOp>, value: &Expr) -> Emitted {
        let from = self.temp()?;
        self.put(value, from)?;
        let mut steps = Vec::with_capacity(place.steps.len());
        for step in &place.steps {
            steps.push(match step {
                PlaceStep::Field(name) => Step::Field(name.clone()),
                PlaceStep::Index(index) => {
                    let reg = self.temp()?;
                    self.put(index, reg)?;
                    Step::Index(reg)
                }
            });
        }
        let root = match place.root {
            PlaceRoot::Local(slot) => PlaceRoot::Local(crate::hir::Slot(u32::from(self.slot(slot)))),
            global => global,
        };
        let site = table(
            &mut self.assigned,
            PlaceSite {
                root,
                steps: steps.into(),
                op,
            },
        );
        self.push(Op::Assign {
            place: site,
            value: from,
        });
        Ok(())
    }
}

/// `x = x + e` is `x += e`.
fn self_update(root: PlaceRoot, value: &Expr) -> Option<(BinaryOp, &Expr)> {
    let ExprKind::Binary {
        op: BinaryOp::Add,
        left,
        right,
    } = &value.kind
    else {
        return None;
    };
    let same = match (&left.kind, root) {
        (ExprKind::Var(Var::Local(a)), PlaceRoot::Local(b)) => *a == b,
        (ExprKind::Var(Var::Global(a)), PlaceRoot::Global(b)) => *a == b,
        _ => false,
    };
    same.then_some((BinaryOp::Add, right))
}
