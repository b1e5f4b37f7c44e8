//! `stdlib/dicts.dsp`: dicts, and the fields of records.

use std::sync::Arc;

use super::args::{entries, given, misfit, text};
use super::stores;
use crate::diag::Fault;
use crate::value::{EcoString, Record, Value};
use crate::vm::{Memory, Native};

pub const NATIVES: &[Native] = &[
    stores("keys", keys),
    stores("values", values),
    stores("items", items),
    stores("has", has),
    stores("get", get),
    stores("merge", merge),
];

type Outcome = Result<Value, Fault>;

fn subject(args: &[Value]) -> &Value {
    args.first().unwrap_or(&Value::None)
}

/// The entries of the first argument; room for a list of `each` values for each of them is charged.
fn charged<'a>(memory: &mut Memory, args: &'a [Value], each: usize) -> Result<Vec<(&'a EcoString, &'a Value)>, Fault> {
    let entries = entries(subject(args))?;
    memory.charge((entries.len() * each * size_of::<Value>()) as u64)?;
    Ok(entries)
}

fn keys(memory: &mut Memory, args: &[Value]) -> Outcome {
    let entries = charged(memory, args, 1)?.into_iter();
    Ok(Value::list(entries.map(|(key, _)| Value::Str(key.clone()))))
}

fn values(memory: &mut Memory, args: &[Value]) -> Outcome {
    let entries = charged(memory, args, 1)?.into_iter();
    Ok(Value::list(entries.map(|(_, value)| value.clone())))
}

fn items(memory: &mut Memory, args: &[Value]) -> Outcome {
    let names: Arc<[_]> = ["key".into(), "value".into()].into();
    let pair = |key, value| Value::Record(Arc::new(Record::new(Arc::clone(&names), vec![Value::Str(key), value])));
    let entries = charged(memory, args, 4)?.into_iter();
    Ok(Value::list(
        entries.map(|(key, value)| pair(key.clone(), value.clone())),
    ))
}

fn lookup(args: &[Value]) -> Result<Option<&Value>, Fault> {
    let key = text(args, 1)?;
    match subject(args) {
        Value::Dict(dict) => Ok(dict.get(key)),
        Value::Record(record) => Ok(record.get(key)),
        other => Err(misfit("dict or record", other)),
    }
}

fn has(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(Value::Bool(lookup(args)?.is_some()))
}

fn get(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(lookup(args)?.or_else(|| given(args, 2)).cloned().unwrap_or_default())
}

/// `b` wins. Two records give a record.
fn merge(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (a, b) = (subject(args), args.get(1).unwrap_or(&Value::None));
    let (left, right) = (entries(a)?, entries(b)?);
    memory.charge(((left.len() + right.len()) * size_of::<Value>() * 2) as u64)?;
    let all = left
        .into_iter()
        .chain(right)
        .map(|(key, value)| (key.clone(), value.clone()));
    // `{}` is an empty dict that stands for a record without fields too.
    let fieldless = matches!(a, Value::Dict(entries) if entries.is_empty());
    Ok(match if fieldless { b } else { a } {
        Value::Record(_) => Value::Record(Arc::new(all.collect())),
        _ => Value::Dict(Arc::new(all.collect())),
    })
}
