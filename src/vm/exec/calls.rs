//! Calls whose callee or arguments are known only now.

use std::sync::Arc;

use crate::diag::{Fault, FaultKind};
use crate::hir::{FunctionKind, Param};
use crate::value::{EcoString, FnId, Function, List, Predictor, Program, Value};

use super::super::bind::{Arguments, bind};
use super::super::code::{ArgShape, CallSite, CalleeShape, Code};
use super::super::fiber::{Fiber, Frame, FrameKind};
use super::super::op::{Op, Reg};
use super::super::run::Run;
use super::super::{convert, emit, ops, programs};
use super::{Stop, is_known};

/// What a call has come to.
enum Callee {
    Function {
        id: FnId,
        instance: Option<Value>,
        closure: Option<Arc<Function>>,
        /// Held in a value, so that its parameters have no names for a caller.
        held: bool,
    },
    Predictor(Arc<Program>),
    /// `none?.f()`
    Nothing,
}

impl Callee {
    /// A program that is not a part of one that was called before gets its paths.
    fn label(&mut self) {
        match self {
            Callee::Function {
                instance: Some(instance),
                ..
            } => programs::label(instance),
            Callee::Predictor(program) => {
                let mut value = Value::Program(program.clone());
                programs::label(&mut value);
                if let Value::Program(labelled) = value {
                    *program = labelled;
                }
            }
            _ => {}
        }
    }

    fn function(id: FnId) -> Callee {
        Callee::Function {
            id,
            instance: None,
            closure: None,
            held: false,
        }
    }
}

impl CallSite {
    /// A function that is held in a value takes its arguments by position.
    fn takes_names(&self, callee: &Callee) -> Result<(), Fault> {
        let by_position = |arg: &ArgShape| *arg == ArgShape::Positional;
        let held = matches!(callee, Callee::Function { held: true, .. });
        if !held || matches!(self.callee, CalleeShape::Value { names: true }) || self.args.iter().all(by_position) {
            return Ok(());
        }
        let what = if self.name.is_empty() {
            "this"
        } else {
            self.name.as_str()
        };
        let message = format!("`{what}` is a function held in a value: it takes no names");
        Err(Fault::new(FaultKind::Type, message).help("give its arguments by position"))
    }
}

impl Run<'_> {
    pub(super) fn slow_call(&mut self, fiber: &mut Fiber, op: Op) -> Result<(), Stop> {
        match op {
            Op::Call { function, .. } => self.prepare(fiber, function),
            Op::CallElement { base, .. } => match fiber.reg(base) {
                Value::Function(function) => self.prepare(fiber, function.id),
                _ => Ok(()),
            },
            Op::CallNative {
                native,
                base,
                count,
                to,
            } => self.call_native(fiber, native, base, count, to),
            Op::CallSite { site, base, to } => {
                let code = self.code(fiber);
                self.call_site(fiber, &code, site, base, to)
            }
            _ => Ok(()),
        }
    }

    /// The quick loop found no code, or no room: after this it will.
    fn prepare(&mut self, fiber: &mut Fiber, id: FnId) -> Result<(), Stop> {
        self.check_depth(fiber)?;
        self.machine.code_of(id)?;
        fiber.again();
        Ok(())
    }

    fn check_depth(&self, fiber: &Fiber) -> Result<(), Fault> {
        let limit = self.machine.store.depth;
        match fiber.depth + fiber.frames.len() >= limit {
            true => Err(Fault::new(
                FaultKind::Value,
                format!("calls are nested deeper than the limit of {limit}"),
            )
            .help("does the recursion come to an end?")),
            false => Ok(()),
        }
    }

    fn call_site(&mut self, fiber: &mut Fiber, code: &Code, index: u32, base: Reg, to: Reg) -> Result<(), Stop> {
        let site = &code.calls[index as usize];
        let by_value = matches!(site.callee, CalleeShape::Value { .. } | CalleeShape::Method { .. });
        if by_value && !code.passes_on && is_unknown(fiber.reg(base)) {
            return self.pass_on(fiber, code, index, base, to);
        }
        let (mut callee, object) = self.callee(fiber, site, base)?;
        site.takes_names(&callee)?;
        if let Callee::Predictor(program) = &callee
            && fiber.first_element().is_some()
            && self.asks_an_effect(fiber, program)
        {
            return Err(Stop::ElementApart);
        }
        let told = !self.lives.is_empty() || self.machine.parts.history.is_observed();
        if told && fiber.collector.is_none() {
            callee.label();
        }
        let first = base + site.before() as Reg;
        for (i, _) in site
            .args
            .iter()
            .enumerate()
            .filter(|(_, shape)| **shape == ArgShape::Spread)
        {
            let reg = first + i as Reg;
            let known = self.look(fiber, reg)?;
            fiber.set(reg, known);
        }
        let mut args = Arguments::default();
        args.positional.extend(object);
        for (i, shape) in site.args.iter().enumerate() {
            let value = fiber.take(first + i as Reg);
            match shape {
                ArgShape::Positional => args.positional.push(value),
                ArgShape::Named(name) => args.named.push((name.clone(), value)),
                ArgShape::Spread => args.spread(&value)?,
            }
        }
        for reg in base..first {
            fiber.set(reg, Value::None);
        }
        let checked = by_value || site.args.contains(&ArgShape::Spread);
        match callee {
            Callee::Nothing => fiber.set(to, Value::None),
            Callee::Predictor(program) => {
                let promise = self.start_predict(fiber, &program, args, &site.name)?;
                fiber.set(to, Value::Promise(promise));
            }
            Callee::Function {
                id, instance, closure, ..
            } => {
                let called = Called {
                    id,
                    instance,
                    closure,
                    args,
                    checked,
                };
                self.enter(fiber, called, &site.name, base, to)?;
            }
        }
        Ok(())
    }

    /// The callee is not known yet: the call waits for it by itself, the caller goes on.
    fn pass_on(&mut self, fiber: &mut Fiber, code: &Code, site: u32, base: Reg, to: Reg) -> Result<(), Stop> {
        self.check_depth(fiber)?;
        let key = (fiber.top().map_or(0, |frame| frame.code), site);
        let index = match self.machine.passing.get(&key) {
            Some(index) => *index,
            None => {
                let code = emit::pass_on(code, site)
                    .ok_or_else(|| Fault::new(FaultKind::State, "a call that is not there was made"))?;
                let index = self.machine.store.add(code);
                self.machine.passing.insert(key, index);
                index
            }
        };
        self.push_frame(fiber, index, base, to);
        Ok(())
    }

    fn push_frame(&mut self, fiber: &mut Fiber, index: u32, base: Reg, to: Reg) {
        let code = &self.machine.store.codes[index as usize];
        let kind = if code.reach.model {
            FrameKind::Apart
        } else {
            FrameKind::Plain
        };
        let base = fiber.top().map_or(0, |frame| frame.base) + usize::from(base);
        let end = base + usize::from(code.registers);
        if fiber.stack.len() < end {
            fiber.stack.resize(end, Value::None);
        }
        fiber.apart += usize::from(kind == FrameKind::Apart);
        fiber.frames.push(Frame {
            code: index,
            pc: 0,
            base,
            to,
            kind,
        });
    }

    /// The callee, and the object that is its first argument.
    fn callee(&mut self, fiber: &Fiber, site: &CallSite, base: Reg) -> Result<(Callee, Option<Value>), Stop> {
        match &site.callee {
            CalleeShape::Function(id) => Ok((Callee::function(*id), None)),
            CalleeShape::Helper(id) => {
                let instance = Some(fiber.reg(base).clone());
                Ok((
                    Callee::Function {
                        id: *id,
                        instance,
                        closure: None,
                        held: false,
                    },
                    None,
                ))
            }
            CalleeShape::Value { .. } => {
                let value = fiber.reg(base).clone();
                let known = self.outline(fiber, &value)?;
                Ok((self.callable(&known, value, &site.name)?, None))
            }
            CalleeShape::Method { method, optional } => {
                let object = fiber.reg(base).clone();
                let known = self.outline(fiber, &object)?;
                if *optional && known.is_none() {
                    return Ok((Callee::Nothing, None));
                }
                self.method(fiber, &known, object, method, base + 1)
            }
        }
    }

    fn callable(&self, known: &Value, value: Value, name: &str) -> Result<Callee, Fault> {
        match known {
            Value::Function(function) => {
                let kind = self.machine.program.function(function.id).kind;
                let bound = matches!(kind, FunctionKind::Helper(_) | FunctionKind::Forward(_));
                Ok(match function.captures.first() {
                    Some(instance) if bound => Callee::Function {
                        id: function.id,
                        instance: Some(instance.clone()),
                        closure: None,
                        held: true,
                    },
                    _ => Callee::Function {
                        id: function.id,
                        instance: None,
                        closure: Some(function.clone()),
                        held: true,
                    },
                })
            }
            Value::Program(program) => Ok(match program.as_ref() {
                Program::Instance(instance) => {
                    let id = self.machine.program.module(instance.module).forward;
                    Callee::Function {
                        id,
                        instance: Some(value),
                        closure: None,
                        held: false,
                    }
                }
                Program::Predictor(_) => Callee::Predictor(program.clone()),
            }),
            other => {
                let what = if name.is_empty() {
                    "this".to_owned()
                } else {
                    format!("`{name}`")
                };
                let message = format!("{what} is {}, which cannot be called", ops::a(other));
                Err(Fault::new(FaultKind::Type, message))
            }
        }
    }

    /// `x.f(a)`: the field, member or helper `f` of `x`, else a library method of its type, else the function in scope.
    fn method(
        &self,
        fiber: &Fiber,
        known: &Value,
        object: Value,
        method: &EcoString,
        fallback: Reg,
    ) -> Result<(Callee, Option<Value>), Stop> {
        let own = match known {
            Value::Record(record) => record.get(method).cloned(),
            Value::Dict(dict) => dict.get(method).cloned(),
            Value::Program(program) => match program.as_ref() {
                Program::Instance(instance) => {
                    let helpers = &self.machine.program.module(instance.module).helpers;
                    if let Some((_, id)) = helpers.iter().find(|(name, _)| name == method) {
                        return Ok((
                            Callee::Function {
                                id: *id,
                                instance: Some(object),
                                closure: None,
                                held: false,
                            },
                            None,
                        ));
                    }
                    instance.fields.get(method).cloned()
                }
                Program::Predictor(Predictor { .. }) => None,
            },
            _ => None,
        };
        if let Some(own) = own {
            return Ok((self.callable(&own, own.clone(), method)?, None));
        }
        let of_type = format!("{}_{method}", known.type_name().to_lowercase());
        if let Some(id) = self.machine.library.get(of_type.as_str()) {
            return Ok((Callee::function(*id), Some(object)));
        }
        match fiber.reg(fallback) {
            Value::None => {
                let message = format!("{} has no `{method}`, and there is no such function", ops::a(known));
                Err(Fault::new(FaultKind::Type, message).into())
            }
            function => {
                let mut callee = self.callable(function, function.clone(), method)?;
                if let Callee::Function { held, .. } = &mut callee {
                    *held = false;
                }
                Ok((callee, Some(object)))
            }
        }
    }

    fn enter(&mut self, fiber: &mut Fiber, called: Called, name: &EcoString, base: Reg, to: Reg) -> Result<(), Stop> {
        self.check_depth(fiber)?;
        let index = self.machine.code_of(called.id)?;
        let code = self.machine.store.codes[index as usize].clone();
        let shown = if code.name.is_empty() { name } else { &code.name };
        let params = &code.signature.params;
        let mut values = bind(
            &self.machine.program,
            params,
            called.instance.as_ref(),
            called.args,
            shown,
        )?;
        if called.checked {
            self.hold(fiber, params, &mut values)?;
        }
        self.push_frame(fiber, index, base, to);
        let values = code
            .signature
            .instance
            .then(|| called.instance.unwrap_or_default())
            .into_iter()
            .chain(values);
        for (i, value) in values.enumerate() {
            fiber.set(i as Reg, value);
        }
        if let (Some(reg), Some(closure)) = (code.closure, called.closure) {
            fiber.set(reg, Value::Function(closure));
        }
        Ok(())
    }

    /// Arguments held against written types, where the caller's type did not say enough.
    fn hold(&mut self, fiber: &Fiber, params: &[Param], values: &mut [Value]) -> Result<(), Fault> {
        let span = self.span(fiber);
        for (param, value) in params.iter().zip(values) {
            let Some(ty) = &param.ty else { continue };
            let converted = match (param.rest, &*value) {
                (_, Value::Absent) => continue,
                (true, Value::List(items)) => {
                    let each = items.iter().map(|item| convert::convert(item, ty, span));
                    each.collect::<Result<List, _>>().map(Value::List)
                }
                (_, value) => convert::convert(value, ty, span),
            };
            let converted = converted.map_err(|fault| Fault {
                message: format!("the argument `{}`: {}", param.name, fault.message),
                ..fault
            })?;
            self.check_later(fiber, value, &converted);
            *value = converted;
        }
        Ok(())
    }
}

/// A function with what it is called with.
struct Called {
    id: FnId,
    instance: Option<Value>,
    closure: Option<Arc<Function>>,
    args: Arguments,
    /// Whether arguments are held against the parameters' types.
    checked: bool,
}

/// Whether what is called must be waited for.
fn is_unknown(value: &Value) -> bool {
    match value {
        Value::Promise(promise) => !is_known(promise),
        _ => false,
    }
}
