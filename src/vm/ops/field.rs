//! `x.f` on every kind of value that has fields.

use crate::diag::{Fault, FaultKind, nearest};
use crate::value::{EcoString, Field, Program, Record, Signature, Value};

/// `object.name`
pub fn field(object: &Value, name: &str) -> Result<Value, Fault> {
    find(object, name).ok_or_else(|| missing(object, name))
}

/// The field, if the value has it.
pub fn find(object: &Value, name: &str) -> Option<Value> {
    match object {
        Value::Record(record) => record.get(name).cloned(),
        Value::Dict(dict) => dict.get(name).cloned(),
        Value::Signature(signature) => signature_field(signature, name),
        Value::Program(program) => match program.as_ref() {
            Program::Instance(instance) => instance.fields.get(name).cloned(),
            Program::Predictor(predictor) => match name {
                "signature" => Some(Value::Signature(predictor.signature.clone())),
                "demos" => Some(Value::List(predictor.demos.clone())),
                "lm" => Some(predictor.lm.clone().unwrap_or_default()),
                _ => None,
            },
        },
        _ => None,
    }
}

/// A field of a record, as `let {a} = r` and patterns take it: `none` where there is none.
pub fn part(object: &Value, name: &str) -> Result<Value, Fault> {
    match object {
        Value::Record(_) | Value::Dict(_) => Ok(find(object, name).unwrap_or_default()),
        other => field(other, name),
    }
}

fn signature_field(signature: &Signature, name: &str) -> Option<Value> {
    match name {
        "name" => Some(Value::Str(signature.name.clone())),
        "instructions" => Some(Value::Str(signature.instructions.clone())),
        "inputs" => Some(described(&signature.inputs)),
        "outputs" => Some(described(&signature.outputs)),
        _ => None,
    }
}

/// `list[{name, type, desc}]`
fn described(fields: &[Field]) -> Value {
    Value::list(fields.iter().map(|field| {
        Value::record([
            ("name", Value::Str(field.name.clone())),
            ("type", Value::str(field.ty.to_string())),
            ("desc", field.desc.clone().map(Value::Str).unwrap_or_default()),
        ])
    }))
}

fn missing(object: &Value, name: &str) -> Fault {
    let kind = match object {
        Value::Record(_) | Value::Dict(_) | Value::Program(_) | Value::Signature(_) => FaultKind::Key,
        _ => FaultKind::Type,
    };
    let names = names(object);
    let fault = Fault::new(kind, format!("a `{}` has no field `{name}`", object.type_name()));
    match nearest(name, names.iter().map(EcoString::as_str)) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if names.is_empty() => fault,
        None => fault.help(format!("it has `{}`", names.join("`, `"))),
    }
}

fn names(object: &Value) -> Vec<EcoString> {
    let of = |record: &Record| record.names().to_vec();
    match object {
        Value::Record(record) => of(record),
        Value::Dict(dict) => dict.keys().cloned().collect(),
        Value::Signature(_) => ["name", "instructions", "inputs", "outputs"]
            .map(EcoString::from)
            .to_vec(),
        Value::Program(program) => match program.as_ref() {
            Program::Instance(instance) => of(&instance.fields),
            Program::Predictor(_) => ["signature", "demos", "lm"].map(EcoString::from).to_vec(),
        },
        _ => Vec::new(),
    }
}
