//! Expressions.

use std::sync::Arc;

use crate::hir::{BinaryOp, DictEntry, Expr, ExprKind, FStringPart, ListItem, RecordEntry, StmtKind, UnaryOp, Var};
use crate::value::{EcoString, FnId, Function, Value};

use super::super::code::{BuildSite, CaptureFrom, ClosureSite};
use super::super::op::{Op, Reg};
use super::{Emitted, Emitter, table};

impl Emitter<'_> {
    /// A register that holds the value: the variable's own, or a temporary.
    pub(super) fn value(&mut self, expr: &Expr) -> Emitted<Reg> {
        if let ExprKind::Var(var) = expr.kind
            && let CaptureFrom::Register(reg) = self.variable(var)
        {
            return Ok(reg);
        }
        let to = self.temp()?;
        self.put(expr, to)?;
        Ok(to)
    }

    /// Puts the value into a register.
    pub(super) fn put(&mut self, expr: &Expr, to: Reg) -> Emitted {
        let (outer, next) = (std::mem::replace(&mut self.span, expr.span), self.next);
        self.expr(expr, to)?;
        self.free(next);
        self.span = outer;
        Ok(())
    }

    /// Evaluates for what it does alone.
    pub(super) fn discard(&mut self, expr: &Expr) -> Emitted {
        let next = self.next;
        match &expr.kind {
            ExprKind::Block(block) => self.block(block, None)?,
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.if_(condition, then, otherwise.as_deref(), None)?,
            _ => {
                let to = self.temp()?;
                self.put(expr, to)?;
                if matches!(expr.kind, ExprKind::Call(_)) {
                    self.push(Op::Clear { reg: to });
                }
            }
        }
        self.free(next);
        Ok(())
    }

    fn expr(&mut self, expr: &Expr, to: Reg) -> Emitted {
        self.deeper(|emitter| emitter.expr_here(expr, to))
    }

    fn expr_here(&mut self, expr: &Expr, to: Reg) -> Emitted {
        match &expr.kind {
            ExprKind::Constant(value) => self.constant(to, value),
            ExprKind::FString(parts) => self.fstring(parts, to)?,
            ExprKind::Var(var) => {
                let from = self.variable(*var);
                self.load(to, from);
            }
            ExprKind::Member { object, index } => {
                let object = self.value(object)?;
                let index = u16::try_from(*index).unwrap_or(u16::MAX);
                self.push(Op::Member { to, object, index });
            }
            ExprKind::Function(id) => {
                let value = self.function_value(*id);
                self.constant(to, &value);
            }
            ExprKind::Closure { function, captures } => self.closure(*function, captures, to),
            ExprKind::Instance { module, fields } => {
                let base = self.temps(fields.len())?;
                self.row(fields.iter(), base)?;
                let names = self.program.module(*module).fields.iter().cloned().collect();
                let index = table(&mut self.instances, (*module, names));
                self.push(Op::Instance { to, base, index });
            }
            ExprKind::List(items) => self.list(items, to)?,
            ExprKind::Record(entries) => self.record(entries, to)?,
            ExprKind::Dict(entries) => self.dict(entries, to)?,
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension, to)?,
            ExprKind::Unary { op, operand } => {
                let from = self.value(operand)?;
                self.push(match op {
                    UnaryOp::Neg => Op::Negate { to, from },
                    UnaryOp::Not => Op::Not { to, from },
                });
            }
            ExprKind::Binary { op, left, right } => self.binary(*op, left, right, to)?,
            ExprKind::And(..) | ExprKind::Or(..) => self.logic(expr, to)?,
            ExprKind::Coalesce(left, right) => {
                self.put(left, to)?;
                let done = self.push(Op::JumpNotNone { reg: to, target: 0 });
                self.put(right, to)?;
                self.land(done);
            }
            ExprKind::Range { start, end } => {
                let (start, end) = self.pair(start, end)?;
                self.push(Op::Range { to, start, end });
            }
            ExprKind::Call(call) => self.call(call, to)?,
            ExprKind::Field {
                object,
                name,
                optional,
                absent,
            } => {
                let object = self.value(object)?;
                let name = self.name(name);
                self.push(match (*optional, *absent) {
                    (true, true) => Op::Part { to, object, name },
                    (true, false) => Op::OptionalField { to, object, name },
                    (false, absent) => Op::Field {
                        to,
                        object,
                        name,
                        absent,
                    },
                });
            }
            ExprKind::Index { object, index } => {
                let (object, index) = self.pair(object, index)?;
                self.push(Op::Index { to, object, index });
            }
            ExprKind::Slice { object, start, end } => self.slice(object, start.as_deref(), end.as_deref(), to)?,
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.if_(condition, then, otherwise.as_deref(), Some(to))?;
            }
            ExprKind::Match { subject, arms } => self.match_(subject, arms, to)?,
            ExprKind::Try { body, name, handler } => self.try_(body, *name, handler, to)?,
            ExprKind::With { settings, body } => self.with(settings, body, to)?,
            ExprKind::Block(block) => self.block(block, Some(to))?,
            ExprKind::Convert { value, ty } => {
                let from = self.value(value)?;
                let index = table(&mut self.types, ty.clone());
                self.push(Op::Convert { to, from, index });
            }
            ExprKind::Skip => self.emit(Op::Absent { to }),
            ExprKind::Return(value) => self.return_(value.as_deref())?,
            ExprKind::Break => self.leave_loop(true),
            ExprKind::Continue => self.leave_loop(false),
        }
        Ok(())
    }

    /// Two operands. The left one is copied if evaluating the right one may assign to its variable.
    pub(super) fn pair(&mut self, left: &Expr, right: &Expr) -> Emitted<(Reg, Reg)> {
        let left = match is_simple(right) {
            true => self.value(left)?,
            false => {
                let copy = self.temp()?;
                self.put(left, copy)?;
                copy
            }
        };
        Ok((left, self.value(right)?))
    }

    /// Values in registers one behind another.
    pub(super) fn row<'e>(&mut self, exprs: impl Iterator<Item = &'e Expr>, base: Reg) -> Emitted {
        for (i, expr) in exprs.enumerate() {
            self.put(expr, base + i as Reg)?;
        }
        Ok(())
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr, to: Reg) -> Emitted {
        if let ExprKind::Constant(Value::Int(n)) = right.kind {
            let small = match op {
                BinaryOp::Add => i16::try_from(n).ok(),
                BinaryOp::Sub => n.checked_neg().and_then(|n| i16::try_from(n).ok()),
                _ => None,
            };
            if let Some(right) = small {
                let left = self.value(left)?;
                self.push(Op::AddInt { to, left, right });
                return Ok(());
            }
        }
        let (left, right) = self.pair(left, right)?;
        self.push(match op {
            BinaryOp::Add => Op::Add { to, left, right },
            BinaryOp::Sub => Op::Sub { to, left, right },
            BinaryOp::Mul => Op::Mul { to, left, right },
            _ => Op::Binary { op, to, left, right },
        });
        Ok(())
    }

    fn logic(&mut self, expr: &Expr, to: Reg) -> Emitted {
        let fails = self.unless(expr)?;
        let index = table(&mut self.constants, Value::Bool(true));
        self.push(Op::Constant { to, index });
        let done = self.push(Op::Jump { target: 0 });
        self.land_all(fails);
        let index = table(&mut self.constants, Value::Bool(false));
        self.push(Op::Constant { to, index });
        self.land(done);
        Ok(())
    }

    fn fstring(&mut self, parts: &[FStringPart], to: Reg) -> Emitted {
        let base = self.temps(parts.len())?;
        for (i, part) in parts.iter().enumerate() {
            let reg = base + i as Reg;
            match part {
                FStringPart::Text(text) => self.constant(reg, &Value::Str(text.clone())),
                FStringPart::Value { value, format } => {
                    self.put(value, reg)?;
                    if let Some(spec) = format {
                        let index = table(&mut self.formats, spec.clone());
                        self.push(Op::Format {
                            to: reg,
                            from: reg,
                            index,
                        });
                    }
                }
            }
        }
        self.push(Op::Interpolate {
            to,
            base,
            count: parts.len() as u16,
        });
        Ok(())
    }

    /// A function's name as a value.
    pub(super) fn function_value(&self, id: FnId) -> Value {
        let name = self.program.function(id).name.clone();
        Value::Function(Arc::new(Function {
            id,
            name,
            captures: Box::default(),
        }))
    }

    pub(super) fn closure(&mut self, function: FnId, captures: &[Var], to: Reg) {
        let captures: Box<[CaptureFrom]> = captures.iter().map(|var| self.variable(*var)).collect();
        let name = self.program.function(function).name.clone();
        let index = table(
            &mut self.closures,
            ClosureSite {
                function,
                name,
                captures,
            },
        );
        self.push(Op::Closure { to, index });
    }

    fn list(&mut self, items: &[ListItem], to: Reg) -> Emitted {
        let base = self.temps(items.len())?;
        let exprs = items.iter().map(|item| match item {
            ListItem::Item(expr) | ListItem::Spread(expr) => expr,
        });
        self.row(exprs, base)?;
        let spreads: Box<[bool]> = items.iter().map(|item| matches!(item, ListItem::Spread(_))).collect();
        if spreads.contains(&true) {
            let site = table(&mut self.builds, BuildSite::List(spreads));
            self.push(Op::Build { to, base, site });
        } else {
            self.push(Op::List {
                to,
                base,
                count: items.len() as u16,
            });
        }
        Ok(())
    }

    fn record(&mut self, entries: &[RecordEntry], to: Reg) -> Emitted {
        let base = self.temps(entries.len())?;
        let exprs = entries.iter().map(|entry| match entry {
            RecordEntry::Field(_, expr) | RecordEntry::Spread(expr) => expr,
        });
        self.row(exprs, base)?;
        let names: Box<[Option<EcoString>]> = entries
            .iter()
            .map(|entry| match entry {
                RecordEntry::Field(name, _) => Some(name.clone()),
                RecordEntry::Spread(_) => None,
            })
            .collect();
        if names.contains(&None) {
            let site = table(&mut self.builds, BuildSite::Record(names));
            self.push(Op::Build { to, base, site });
        } else {
            let names = self.names_of(names.iter().flatten().cloned());
            self.push(Op::Record { to, base, names });
        }
        Ok(())
    }

    fn dict(&mut self, entries: &[DictEntry], to: Reg) -> Emitted {
        let base = self.temps(entries.len())?;
        let exprs = entries.iter().map(|entry| match entry {
            DictEntry::Entry(_, expr) | DictEntry::Spread(expr) => expr,
        });
        self.row(exprs, base)?;
        let keys = entries.iter().map(|entry| match entry {
            DictEntry::Entry(key, _) => Some(key.clone()),
            DictEntry::Spread(_) => None,
        });
        let site = table(&mut self.builds, BuildSite::Dict(keys.collect()));
        self.push(Op::Build { to, base, site });
        Ok(())
    }
}

/// Whether evaluating it cannot assign to a variable: it has no statements inside.
fn is_simple(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Constant(_) | ExprKind::Var(_) | ExprKind::Function(_) | ExprKind::Closure { .. } => true,
        ExprKind::Member { object: inner, .. }
        | ExprKind::Unary { operand: inner, .. }
        | ExprKind::Field { object: inner, .. }
        | ExprKind::Convert { value: inner, .. } => is_simple(inner),
        ExprKind::Binary { left, right, .. }
        | ExprKind::Index {
            object: left,
            index: right,
        } => is_simple(left) && is_simple(right),
        ExprKind::Call(call) => {
            let args = call.args.iter().all(|arg| match arg {
                crate::hir::Arg::Positional(e) | crate::hir::Arg::Named(_, e) | crate::hir::Arg::Spread(e) => {
                    is_simple(e)
                }
            });
            args && match &call.callee {
                crate::hir::Callee::Function(_) => true,
                crate::hir::Callee::Helper { object, .. }
                | crate::hir::Callee::Value(object)
                | crate::hir::Callee::Program(object) => is_simple(object),
                crate::hir::Callee::Method { .. } => false,
            }
        }
        ExprKind::Block(block) => block.stmts.iter().all(|stmt| match &stmt.kind {
            StmtKind::Expr(expr) => is_simple(expr),
            _ => false,
        }),
        _ => false,
    }
}
