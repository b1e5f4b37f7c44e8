//! `x.f`, `x[i]`, `x[a..b]`.

use crate::diag::{Fault, FaultKind, nearest};
use crate::value::{EcoString, Program, Signature, Type, Value, show, source_text};

use super::{a, wrong_type};

/// `x.f`
pub fn field(object: &Value, name: &str) -> Result<Value, Fault> {
    match object {
        Value::Record(record) => record
            .get(name)
            .cloned()
            .ok_or_else(|| missing_field(record.names().iter(), name)),
        Value::Dict(dict) => dict.get(name).cloned().ok_or_else(|| missing_field(dict.keys(), name)),
        Value::Signature(signature) => signature_field(signature, name),
        Value::Program(program) => match program.as_ref() {
            Program::Instance(instance) => {
                let fields = &instance.fields;
                fields
                    .get(name)
                    .cloned()
                    .ok_or_else(|| missing_field(fields.names().iter(), name))
            }
            Program::Predictor(predictor) => match name {
                "signature" => Ok(Value::Signature(predictor.signature.clone())),
                "demos" => Ok(Value::List(predictor.demos.clone())),
                "lm" => Ok(predictor.lm.clone().unwrap_or_default()),
                _ => Err(missing_field(PREDICTOR_FIELDS.iter(), name)),
            },
        },
        Value::None => {
            Err(wrong_type(format!("`none` has no field `{name}`")).help("check for `none` first, or write `?.`"))
        }
        other => Err(wrong_type(format!("{} has no field `{name}`", a(other)))),
    }
}

const PREDICTOR_FIELDS: [EcoString; 3] = [
    EcoString::inline("signature"),
    EcoString::inline("demos"),
    EcoString::inline("lm"),
];

fn missing_field<'a>(names: impl Iterator<Item = &'a EcoString>, name: &str) -> Fault {
    let fault = Fault::new(FaultKind::Key, format!("there is no field `{name}`"));
    let names: Vec<&str> = names.map(EcoString::as_str).collect();
    match nearest(name, names.iter().copied()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if names.is_empty() => fault,
        None => fault.help(format!("the fields are `{}`", names.join("`, `"))),
    }
}

/// `S.instructions`, `S.inputs`, `S.outputs`
fn signature_field(signature: &Signature, name: &str) -> Result<Value, Fault> {
    let list = |fields: &[crate::value::Field]| {
        Value::list(fields.iter().map(|field| {
            Value::record([
                ("name", Value::Str(field.name.clone())),
                ("type", type_text(&field.ty)),
                ("desc", field.desc.clone().map_or(Value::None, Value::Str)),
            ])
        }))
    };
    match name {
        "name" => Ok(Value::Str(signature.name.clone())),
        "instructions" => Ok(Value::Str(signature.instructions.clone())),
        "inputs" => Ok(list(&signature.inputs)),
        "outputs" => Ok(list(&signature.outputs)),
        _ => Err(missing_field(
            [EcoString::inline("instructions"), "inputs".into(), "outputs".into()].iter(),
            name,
        )),
    }
}

fn type_text(ty: &Type) -> Value {
    Value::str(ty.to_string())
}

/// What a pattern takes: `none` where there is no such field.
pub fn part(object: &Value, name: &str) -> Option<Value> {
    match object {
        Value::Record(record) => Some(record.get(name).cloned().unwrap_or_default()),
        Value::Dict(dict) => Some(dict.get(name).cloned().unwrap_or_default()),
        other => field(other, name).ok(),
    }
}

/// `x[i]`
pub fn index(object: &Value, index: &Value) -> Result<Value, Fault> {
    match (object, index) {
        (Value::List(items), Value::Int(i)) => {
            let at = position(*i, items.len());
            at.and_then(|at| items.get(at))
                .cloned()
                .ok_or_else(|| beyond(*i, items.len(), "list"))
        }
        (Value::Str(text), Value::Int(i)) => {
            let found = match text.is_ascii() {
                true => position(*i, text.len())
                    .and_then(|at| text.as_bytes().get(at))
                    .map(|byte| char::from(*byte)),
                false => position(*i, text.chars().count()).and_then(|at| text.chars().nth(at)),
            };
            found
                .map(char_value)
                .ok_or_else(|| beyond(*i, text.chars().count(), "string"))
        }
        (Value::Dict(dict), Value::Str(key)) => dict.get(key).cloned().ok_or_else(|| {
            let fault = Fault::new(FaultKind::Key, format!("there is no key {}", source_text(key)));
            match nearest(key, dict.keys().map(EcoString::as_str)) {
                Some(near) => fault.help(format!("did you mean {}?", source_text(near))),
                None => fault.help("`get(d, key)` yields `none` for a key that is not there"),
            }
        }),
        (Value::Record(_) | Value::Program(_), Value::Str(name)) => field(object, name),
        (Value::List(_) | Value::Str(_), other) => Err(wrong_type(format!("an index is an `int`, not {}", a(other)))),
        (Value::Dict(_), other) => Err(wrong_type(format!("the key of a dict is a `str`, not {}", a(other)))),
        (Value::None, _) => Err(wrong_type("`none` cannot be indexed").help("check for `none` first")),
        (other, _) => Err(wrong_type(format!("{} cannot be indexed", a(other)))),
    }
}

pub fn char_value(c: char) -> Value {
    let mut text = EcoString::new();
    text.push(c);
    Value::Str(text)
}

/// A place from the front, if there is one.
pub(super) fn position(index: i64, len: usize) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let from_front = if index < 0 { index.checked_add(len)? } else { index };
    usize::try_from(from_front).ok().filter(|_| from_front < len)
}

pub(super) fn beyond(index: i64, len: usize, what: &str) -> Fault {
    let size = match len {
        0 => "is empty".to_owned(),
        1 => "has 1 element".to_owned(),
        n => format!("has {n} elements"),
    };
    Fault::new(
        FaultKind::Index,
        format!("the index {index} is outside: the {what} {size}"),
    )
}

/// `x[a..b]`: cut to what is there.
pub fn slice(object: &Value, start: &Value, end: &Value) -> Result<Value, Fault> {
    let cut = |len: usize| -> Result<(usize, usize), Fault> {
        let start = bound(start, 0, len)?;
        let end = bound(end, len, len)?;
        Ok((start, end.max(start)))
    };
    match object {
        Value::List(items) => {
            let (start, end) = cut(items.len())?;
            Ok(Value::List(items[start..end].into()))
        }
        Value::Str(text) if text.is_ascii() => {
            let (start, end) = cut(text.len())?;
            Ok(Value::str(&text[start..end]))
        }
        Value::Str(text) => {
            let (start, end) = cut(text.chars().count())?;
            Ok(Value::Str(text.chars().skip(start).take(end - start).collect()))
        }
        other => Err(wrong_type(format!("{} cannot be sliced", a(other)))),
    }
}

fn bound(value: &Value, absent: usize, len: usize) -> Result<usize, Fault> {
    match value {
        Value::Absent => Ok(absent),
        Value::Int(i) => {
            let len_int = i64::try_from(len).unwrap_or(i64::MAX);
            let from_front = if *i < 0 { i.saturating_add(len_int) } else { *i };
            Ok(usize::try_from(from_front.clamp(0, len_int)).unwrap_or(len))
        }
        other => Err(wrong_type(format!(
            "the end of a slice is an `int`, not `{}`",
            show(other)
        ))),
    }
}
