//! Arguments to parameters, when a call runs.

use crate::diag::{Fault, FaultKind, a, nearest};
use crate::hir::{self, InputsFrom, Param};
use crate::value::{EcoString, Field, FieldType, List, Program, Record, Signature, Type, Value};

use super::settle::close;

/// The arguments of one call.
#[derive(Debug, Default)]
pub struct Arguments {
    pub positional: Vec<Value>,
    pub named: Vec<(EcoString, Value)>,
    /// What spreads bring: for parameters that are not given otherwise.
    pub spread: Vec<(EcoString, Value)>,
    /// Whether there was one, if it brought nothing.
    pub has_spread: bool,
}

impl Arguments {
    /// Adds the fields of a record, or the entries of a dict.
    pub fn spread(&mut self, value: &Value) -> Result<(), Fault> {
        self.has_spread = true;
        match value {
            Value::Record(record) => self.spread.extend(record.iter().map(|(n, v)| (n.clone(), v.clone()))),
            Value::Dict(dict) => self.spread.extend(dict.iter().map(|(n, v)| (n.clone(), v.clone()))),
            other => {
                let message = format!("`...` in a call takes a record, not {}", a(other.type_name()));
                return Err(Fault::new(FaultKind::Type, message));
            }
        }
        Ok(())
    }

    /// The argument of a parameter: by position, by name, from a spread.
    fn take(&mut self, positions: &mut usize, name: &str) -> Option<Value> {
        if let Some(value) = self.positional.get_mut(*positions) {
            *positions += 1;
            return Some(std::mem::take(value));
        }
        self.take_named(name)
    }

    fn take_named(&mut self, name: &str) -> Option<Value> {
        if let Some(at) = self.named.iter().position(|(n, _)| n == name) {
            return Some(self.named.remove(at).1);
        }
        // The last one wins.
        self.spread
            .iter()
            .rposition(|(n, _)| n == name)
            .map(|at| std::mem::take(&mut self.spread[at].1))
    }

    /// A spread's `none` is as good as an absent field where the parameter has a default and takes no `none`.
    fn drop_none(&mut self, name: &str) {
        self.spread.retain(|(n, value)| n != name || !value.is_none());
    }

    /// Nothing may be left but what a spread brought.
    fn used_up(&self, positions: usize, takes: &[EcoString], callee: &str) -> Result<(), Fault> {
        if self.positional.len() > positions {
            let count = self.positional.len();
            let message = format!("`{callee}` takes {} arguments, not {count}", takes.len());
            return Err(Fault::new(FaultKind::Type, message));
        }
        let Some((name, _)) = self.named.first() else {
            return Ok(());
        };
        let fault = Fault::new(FaultKind::Type, format!("`{callee}` takes no `{name}`"));
        Err(match nearest(name, takes.iter().map(EcoString::as_str)) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("it takes `{}`", takes.join("`, `"))),
        })
    }
}

/// The value of each parameter, `Absent` where a default will be.
pub fn bind(
    program: &hir::Program,
    params: &[Param],
    instance: Option<&Value>,
    mut args: Arguments,
    callee: &str,
) -> Result<Vec<Value>, Fault> {
    // A lambda has no name.
    let callee = if callee.is_empty() { "fn" } else { callee };
    let mut values: Vec<Value> = Vec::with_capacity(params.len());
    let mut takes: Vec<EcoString> = Vec::new();
    let mut position = 0;
    for param in params {
        if param.rest {
            let rest: List = args.positional.drain(position.min(args.positional.len())..).collect();
            values.push(close(Value::List(rest)));
            continue;
        }
        let value = match &param.inputs {
            Some(from) => {
                let slots = slots(program, from, &values, instance);
                takes.extend(slots.iter().map(|(name, _)| name.clone()));
                Some(inputs(slots, &mut args, &mut position, callee)?)
            }
            None => {
                takes.push(param.name.clone());
                if param.default.is_some() && param.ty.as_ref().is_some_and(|ty| !ty.allows_none()) {
                    args.drop_none(&param.name);
                }
                args.take(&mut position, &param.name)
            }
        };
        match value {
            Some(value) => values.push(value),
            None if param.default.is_some() => values.push(Value::Absent),
            // A record may lack what is optional in its type.
            None if args.has_spread && param.ty.as_ref().is_some_and(Type::is_optional) => values.push(Value::None),
            None => return Err(missing(callee, &param.name)),
        }
    }
    args.used_up(position, &takes, callee)?;
    Ok(values)
}

/// The inputs of a predictor, by position or name; those that are left out take their default later.
pub fn bind_inputs(signature: &Signature, mut args: Arguments, callee: &str) -> Result<Record, Fault> {
    let slots: Vec<Slot> = signature.inputs.iter().map(input_slot).collect();
    let takes: Vec<EcoString> = slots.iter().map(|(name, _)| name.clone()).collect();
    let mut position = 0;
    let fields = fields(slots, &mut args, &mut position, callee)?;
    args.used_up(position, &takes, callee)?;
    Ok(fields.into_iter().collect())
}

/// An input that a call takes, and what it is if left out.
type Slot = (EcoString, Option<Value>);

fn input_slot(field: &Field) -> Slot {
    let absent = field.ty.is_optional();
    (
        field.name.clone(),
        field.default.clone().or(absent.then_some(Value::None)),
    )
}

/// The record that `...inputs(S)` is.
fn inputs(slots: Vec<Slot>, args: &mut Arguments, position: &mut usize, callee: &str) -> Result<Value, Fault> {
    let fields = fields(slots, args, position, callee)?;
    Ok(close(Value::Record(std::sync::Arc::new(fields.into_iter().collect()))))
}

fn fields(
    slots: Vec<Slot>,
    args: &mut Arguments,
    position: &mut usize,
    callee: &str,
) -> Result<Vec<(EcoString, Value)>, Fault> {
    let mut fields = Vec::with_capacity(slots.len());
    for (name, default) in slots {
        match (args.take(position, &name), default) {
            (Some(value), _) => fields.push((name, value)),
            // What takes its own defaults is not given any.
            (None, Some(Value::Absent)) => {}
            (None, Some(default)) => fields.push((name, default)),
            (None, None) => return Err(missing(callee, &name)),
        }
    }
    Ok(fields)
}

/// What the signature or program that settles `S` takes; of several programs, what the first takes.
fn slots(program: &hir::Program, from: &InputsFrom, values: &[Value], instance: Option<&Value>) -> Vec<Slot> {
    let settles = match from {
        InputsFrom::Type(record) => {
            let absent = |field: &FieldType| field.optional.then_some(Value::Absent);
            let slot = |field: &FieldType| (field.name.clone(), field.default.clone().or_else(|| absent(field)));
            return record.fields.iter().map(slot).collect();
        }
        InputsFrom::Param(at) => values.get(*at as usize).cloned(),
        InputsFrom::Field(at) => instance.and_then(|instance| match super::settle::outline(instance) {
            super::settle::Settled::Ready(Value::Program(program)) => match program.as_ref() {
                Program::Instance(instance) => instance.fields.values().get(*at as usize).cloned(),
                Program::Predictor(_) => None,
            },
            _ => None,
        }),
    };
    let settles = match settles.map(known) {
        Some(Value::List(several)) => several.first().cloned().map(known),
        one => one,
    };
    let of_params = |params: &[Param]| {
        let slots = params
            .iter()
            .map(|p| (p.name.clone(), p.default.is_some().then_some(Value::Absent)));
        slots.collect()
    };
    match settles {
        Some(Value::Signature(signature)) => signature.inputs.iter().map(input_slot).collect(),
        Some(Value::Str(text)) => match crate::check::signature_of_text(&text) {
            Ok(signature) => signature.inputs.iter().map(input_slot).collect(),
            Err(_) => Vec::new(),
        },
        Some(Value::Function(function)) => of_params(&program.function(function.id).params),
        Some(value @ Value::Program(_)) => {
            let Value::Program(inner) = &value else {
                return Vec::new();
            };
            match inner.as_ref() {
                Program::Predictor(predictor) => predictor.signature.inputs.iter().map(input_slot).collect(),
                Program::Instance(module) => {
                    let params = &program.function(program.module(module.module).forward).params;
                    match params.iter().find_map(|param| param.inputs.as_ref()) {
                        Some(from) => slots(program, from, &[], Some(&value)),
                        None => of_params(params),
                    }
                }
            }
        }
        _ => Vec::new(),
    }
}

/// The value of a promise that is kept.
fn known(value: Value) -> Value {
    match super::settle::outline(&value) {
        super::settle::Settled::Ready(known) => known,
        _ => value,
    }
}

fn missing(callee: &str, name: &str) -> Fault {
    Fault::new(FaultKind::Type, format!("`{callee}` is not given `{name}`"))
}
