//! Calls: arguments to the parameters they are for, where that is known; else a site that is matched when it runs.

use crate::diag::{Fault, FaultKind};
use crate::hir::{Arg, Body, Call, Callee, Expr, ExprKind, Param, Slot};
use crate::value::{FnId, Value};

use super::super::code::{ArgShape, CallSite, CalleeShape};
use super::super::native;
use super::super::op::{Op, Reg};
use super::{Emitted, Emitter, table};

impl Emitter<'_> {
    /// The defaults of parameters that were left out. They are evaluated where they stand: in the callee.
    pub(super) fn defaults(&mut self, params: &[Param], first: u32) -> Emitted {
        for (i, param) in params.iter().enumerate() {
            let Some(default) = &param.default else { continue };
            let reg = self.slot(Slot(first + i as u32));
            let given = self.push(Op::JumpPresent { reg, target: 0 });
            self.put(default, reg)?;
            self.land(given);
        }
        Ok(())
    }

    pub(super) fn call(&mut self, call: &Call, to: Reg) -> Emitted {
        let takes_inputs = |id: FnId| {
            self.program
                .function(id)
                .params
                .iter()
                .any(|param| param.inputs.is_some())
        };
        let spreads = call.args.iter().any(|arg| matches!(arg, Arg::Spread(_)))
            || match call.callee {
                Callee::Function(id) | Callee::Helper { function: id, .. } => takes_inputs(id),
                _ => false,
            };
        match &call.callee {
            Callee::Function(id) if !spreads => self.call_known(*id, None, call, to),
            Callee::Helper { object, function } if !spreads => self.call_known(*function, Some(object), call, to),
            Callee::Function(id) => self.call_site(CalleeShape::Function(*id), &[], call, to),
            Callee::Helper { object, function } => self.call_site(CalleeShape::Helper(*function), &[object], call, to),
            Callee::Value(callee) => self.call_site(CalleeShape::Value { names: false }, &[callee], call, to),
            Callee::Program(callee) => self.call_site(CalleeShape::Value { names: true }, &[callee], call, to),
            Callee::Method {
                object,
                method,
                function,
                optional,
            } => {
                let fallback = match function.as_deref() {
                    Some(Callee::Function(id)) => ExprKind::Constant(self.function_value(*id)),
                    Some(Callee::Value(expr) | Callee::Program(expr)) => expr.kind.clone(),
                    Some(Callee::Helper { function, object }) => self.bound_helper(*function, object),
                    Some(Callee::Method { .. }) | None => ExprKind::Constant(Value::None),
                };
                let fallback = Expr {
                    kind: fallback,
                    span: self.span,
                };
                let shape = CalleeShape::Method {
                    method: method.clone(),
                    optional: *optional,
                };
                self.call_site(shape, &[object, &fallback], call, to)
            }
        }
    }

    /// A helper as a value captures its instance.
    fn bound_helper(&self, function: FnId, object: &Expr) -> ExprKind {
        match object.kind {
            ExprKind::Var(var) => ExprKind::Closure {
                function,
                captures: vec![var],
            },
            _ => ExprKind::Constant(Value::None),
        }
    }

    /// Arguments stand in the order they were written; they are matched to parameters when the call runs.
    fn call_site(&mut self, callee: CalleeShape, before: &[&Expr], call: &Call, to: Reg) -> Emitted {
        let base = self.temps(before.len() + call.args.len())?;
        self.row(before.iter().copied(), base)?;
        let exprs = call.args.iter().map(|arg| match arg {
            Arg::Positional(expr) | Arg::Named(_, expr) | Arg::Spread(expr) => expr,
        });
        self.row(exprs, base + before.len() as Reg)?;
        let args = call.args.iter().map(|arg| match arg {
            Arg::Positional(_) => ArgShape::Positional,
            Arg::Named(name, _) => ArgShape::Named(name.clone()),
            Arg::Spread(_) => ArgShape::Spread,
        });
        let args: Box<[ArgShape]> = args.collect();
        let plain = matches!(callee, CalleeShape::Value { .. }) && args.iter().all(|arg| *arg == ArgShape::Positional);
        let site = CallSite {
            callee,
            name: call.name.clone(),
            args,
            plain,
        };
        let site = table(&mut self.calls, site);
        self.push(Op::CallSite { site, base, to });
        Ok(())
    }

    /// Every argument goes straight into its parameter's register.
    fn call_known(&mut self, id: FnId, object: Option<&Expr>, call: &Call, to: Reg) -> Emitted {
        let function = self.program.function(id);
        let own = usize::from(object.is_some());
        let base = self.temps(own + function.params.len())?;
        if let Some(object) = object {
            self.put(object, base)?;
        }
        let rest = function.params.iter().position(|param| param.rest);
        let mut given = vec![false; function.params.len()];
        let mut more = Vec::new();
        let mut position = 0;
        for arg in &call.args {
            let (at, expr) = match arg {
                Arg::Positional(expr) if rest.is_some_and(|rest| position >= rest) => {
                    more.push(expr);
                    continue;
                }
                Arg::Positional(expr) => {
                    position += 1;
                    (position - 1, expr)
                }
                Arg::Named(name, expr) => (self.parameter(id, name)?, expr),
                Arg::Spread(_) => continue,
            };
            let Some(slot) = given.get_mut(at) else {
                return Err(too_many(&call.name));
            };
            *slot = true;
            self.put(expr, base + (own + at) as Reg)?;
        }
        if let Some(at) = rest {
            let items = self.temps(more.len())?;
            self.row(more.iter().copied(), items)?;
            self.push(Op::List {
                to: base + (own + at) as Reg,
                base: items,
                count: more.len() as u16,
            });
            given[at] = true;
        }
        self.start_call(id, base, own, &given, to)
    }

    fn start_call(&mut self, id: FnId, base: Reg, own: usize, given: &[bool], to: Reg) -> Emitted {
        let function = self.program.function(id);
        let native = match &function.body {
            Body::Native(name) => self.registry.position(name),
            Body::Block(_) => None,
        };
        let constant = |param: &Param| match &param.default {
            Some(Expr {
                kind: ExprKind::Constant(value),
                ..
            }) => Some(value.clone()),
            _ => None,
        };
        let mut in_line = native
            .filter(|(_, native)| !native::needs_frame(native))
            .map(|(at, _)| at);
        for (i, param) in function.params.iter().enumerate().filter(|(i, _)| !given[*i]) {
            let reg = base + (own + i) as Reg;
            match constant(param).filter(|_| native.is_some()) {
                Some(value) => self.constant(reg, &value),
                None => {
                    in_line = None;
                    self.push(Op::Absent { to: reg });
                }
            }
        }
        match in_line {
            Some(native) => {
                let count = function.params.len() as u16;
                self.push(Op::CallNative {
                    native,
                    base,
                    count,
                    to,
                });
            }
            None => self.emit(Op::Call { function: id, base, to }),
        }
        Ok(())
    }

    fn parameter(&self, id: FnId, name: &str) -> Emitted<usize> {
        let function = self.program.function(id);
        let at = function.params.iter().position(|param| param.name == name);
        at.ok_or_else(|| {
            Fault::new(
                FaultKind::Type,
                format!("`{}` takes no argument `{name}`", function.name),
            )
        })
    }
}

fn too_many(name: &str) -> Fault {
    Fault::new(
        FaultKind::Type,
        format!("`{name}` is given more arguments than it takes"),
    )
}
