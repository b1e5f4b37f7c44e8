//! Reading a native's arguments. The machine has held them against the declaration, so what does not fit here is an
//! error of kind `type`, never a panic.

use crate::diag::{Fault, FaultKind};
use crate::value::{EcoString, List, Record, Value};

/// The argument, or `None` where it was left out or is `none`.
pub fn given(args: &[Value], at: usize) -> Option<&Value> {
    args.get(at).filter(|v| !matches!(v, Value::None | Value::Absent))
}

fn argument(args: &[Value], at: usize) -> &Value {
    args.get(at).unwrap_or(&Value::None)
}

/// What an argument should have been and is not.
pub fn misfit(wanted: &str, value: &Value) -> Fault {
    Fault::new(
        FaultKind::Type,
        format!("expected {wanted}, found {}", value.type_name()),
    )
}

/// A library argument out of its range.
pub fn bad_value(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Value, message)
}

pub fn text(args: &[Value], at: usize) -> Result<&EcoString, Fault> {
    match argument(args, at) {
        Value::Str(s) => Ok(s),
        other => Err(misfit("str", other)),
    }
}

pub fn opt_text(args: &[Value], at: usize) -> Result<Option<&EcoString>, Fault> {
    given(args, at).map(|_| text(args, at)).transpose()
}

pub fn int(args: &[Value], at: usize) -> Result<i64, Fault> {
    match argument(args, at) {
        Value::Int(i) => Ok(*i),
        other => Err(misfit("int", other)),
    }
}

pub fn opt_int(args: &[Value], at: usize) -> Result<Option<i64>, Fault> {
    given(args, at).map(|_| int(args, at)).transpose()
}

/// A count: not negative.
pub fn size(args: &[Value], at: usize, name: &str) -> Result<usize, Fault> {
    let n = int(args, at)?;
    usize::try_from(n).map_err(|_| bad_value(format!("`{name}` must not be negative, it is {n}")))
}

pub fn number(value: &Value) -> Result<f64, Fault> {
    match value {
        Value::Int(i) => Ok(*i as f64),
        Value::Float(x) => Ok(*x),
        other => Err(misfit("float", other)),
    }
}

pub fn float(args: &[Value], at: usize) -> Result<f64, Fault> {
    number(argument(args, at))
}

pub fn flag(args: &[Value], at: usize) -> Result<bool, Fault> {
    match argument(args, at) {
        Value::Bool(b) => Ok(*b),
        Value::None | Value::Absent => Ok(false),
        other => Err(misfit("bool", other)),
    }
}

pub fn list(args: &[Value], at: usize) -> Result<&List, Fault> {
    match argument(args, at) {
        Value::List(items) => Ok(items),
        other => Err(misfit("list", other)),
    }
}

/// The texts of a `list[str]`.
pub fn texts(args: &[Value], at: usize) -> Result<Vec<&EcoString>, Fault> {
    let items = list(args, at)?.iter();
    items
        .map(|item| item.as_str().ok_or_else(|| misfit("str", item)))
        .collect()
}

/// A dict's entries or a record's fields, in order.
pub fn entries(value: &Value) -> Result<Vec<(&EcoString, &Value)>, Fault> {
    match value {
        Value::Dict(dict) => Ok(dict.iter().collect()),
        Value::Record(record) => Ok(record.iter().collect()),
        other => Err(misfit("dict or record", other)),
    }
}

/// A record, or a dict as one.
pub fn record(args: &[Value], at: usize) -> Result<Record, Fault> {
    let entries = entries(argument(args, at))?.into_iter();
    Ok(entries.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// A native's own kind of value.
pub fn opaque<'a, T: 'static>(args: &'a [Value], at: usize, name: &str) -> Result<&'a T, Fault> {
    let value = args.get(at).unwrap_or(&Value::None);
    let found = match value {
        Value::Opaque(opaque) => opaque.as_any().downcast_ref::<T>(),
        _ => None,
    };
    found.ok_or_else(|| misfit(name, value))
}
