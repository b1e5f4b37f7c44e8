//! Indexes, slices, ranges, and what a `for` goes through.

use crate::diag::{Fault, FaultKind, nearest};
use crate::value::{EcoString, EcoVec, Value, source_text};

/// `object[index]`
pub fn index(object: &Value, index: &Value) -> Result<Value, Fault> {
    match (object, index) {
        (Value::List(items), Value::Int(i)) => Ok(items[position(*i, items.len(), "list")?].clone()),
        (Value::Str(text), Value::Int(i)) => character(text, *i),
        (Value::Dict(dict), Value::Str(key)) => dict
            .get(key)
            .cloned()
            .ok_or_else(|| missing_key(key, dict.keys().map(EcoString::as_str))),
        (Value::Record(record), Value::Str(key)) => record
            .get(key)
            .cloned()
            .ok_or_else(|| missing_key(key, record.names().iter().map(EcoString::as_str))),
        (object @ (Value::List(_) | Value::Str(_)), other) => Err(Fault::new(
            FaultKind::Type,
            format!(
                "an index of a `{}` is an int, not a `{}`",
                object.type_name(),
                other.type_name()
            ),
        )),
        (object @ (Value::Dict(_) | Value::Record(_)), other) => Err(Fault::new(
            FaultKind::Type,
            format!(
                "a key of a `{}` is a string, not a `{}`",
                object.type_name(),
                other.type_name()
            ),
        )),
        (object, _) => Err(Fault::new(
            FaultKind::Type,
            format!("a `{}` has no indexes", object.type_name()),
        )),
    }
}

/// `object[index] = value`, in place. A dict takes new keys; a list has no new indexes.
pub fn set_index(object: &mut Value, index: &Value, value: Value) -> Result<(), Fault> {
    *place(object, index)? = value;
    Ok(())
}

/// The place that `object[index]` names, made if it is a new key of a dict.
pub fn place<'a>(object: &'a mut Value, index: &Value) -> Result<&'a mut Value, Fault> {
    match (object, index) {
        (Value::List(items), Value::Int(i)) => {
            let at = position(*i, items.len(), "list")?;
            Ok(&mut items.make_mut()[at])
        }
        (Value::Dict(dict), Value::Str(key)) => Ok(std::sync::Arc::make_mut(dict)
            .entry(key.clone())
            .or_insert(Value::Absent)),
        (object, index) => Err(Fault::new(
            FaultKind::Type,
            format!(
                "a `{}` has no place that a `{}` names",
                object.type_name(),
                index.type_name()
            ),
        )),
    }
}

/// `object[start..end]`, cut to what is there.
pub fn slice(object: &Value, start: Option<&Value>, end: Option<&Value>) -> Result<Value, Fault> {
    match object {
        Value::List(items) => {
            let (from, to) = bounds(start, end, items.len())?;
            Ok(Value::List(EcoVec::from(&items[from..to])))
        }
        Value::Str(text) if text.is_ascii() => {
            let (from, to) = bounds(start, end, text.len())?;
            Ok(Value::str(&text[from..to]))
        }
        Value::Str(text) => {
            let (from, to) = bounds(start, end, text.chars().count())?;
            Ok(Value::Str(text.chars().skip(from).take(to - from).collect()))
        }
        other => Err(
            Fault::new(FaultKind::Type, format!("a `{}` has no slices", other.type_name()))
                .help("lists and strings have"),
        ),
    }
}

/// `start..end` as a list.
pub fn range(start: &Value, end: &Value) -> Result<Value, Fault> {
    let (start, end) = range_bounds(start, end)?;
    Ok(Value::List((start..end).map(Value::Int).collect()))
}

/// The ends of a range; both are ints.
pub fn range_bounds(start: &Value, end: &Value) -> Result<(i64, i64), Fault> {
    match (start, end) {
        (Value::Int(start), Value::Int(end)) => Ok((*start, *end)),
        _ => Err(Fault::new(
            FaultKind::Type,
            format!(
                "a range goes from an int to an int, not from `{}` to `{}`",
                start.type_name(),
                end.type_name()
            ),
        )),
    }
}

/// What `for x in value` goes through.
pub fn items(value: &Value) -> Result<EcoVec<Value>, Fault> {
    match value {
        Value::List(items) => Ok(items.clone()),
        Value::Dict(dict) => Ok(dict.keys().cloned().map(Value::Str).collect()),
        Value::Str(text) => Ok(characters(text)),
        other => Err(not_iterable(other)),
    }
}

/// What `for i, x in value` goes through: index and element, key and value.
pub fn pairs(value: &Value) -> Result<EcoVec<(Value, Value)>, Fault> {
    let numbered = |items: &EcoVec<Value>| (0..).map(Value::Int).zip(items.iter().cloned()).collect();
    match value {
        Value::List(items) => Ok(numbered(items)),
        Value::Dict(dict) => Ok(dict.iter().map(|(k, v)| (Value::Str(k.clone()), v.clone())).collect()),
        Value::Str(text) => Ok(numbered(&characters(text))),
        other => Err(not_iterable(other)),
    }
}

fn characters(text: &str) -> EcoVec<Value> {
    text.chars().map(|c| Value::Str(EcoString::from(c))).collect()
}

fn not_iterable(value: &Value) -> Fault {
    Fault::new(
        FaultKind::Type,
        format!(
            "`for` goes through a list, a dict or a string, not a `{}`",
            value.type_name()
        ),
    )
}

fn character(text: &EcoString, i: i64) -> Result<Value, Fault> {
    let c = match text.is_ascii() {
        true => char::from(text.as_bytes()[position(i, text.len(), "string")?]),
        false => {
            let at = position(i, text.chars().count(), "string")?;
            text.chars().nth(at).unwrap_or_default()
        }
    };
    Ok(Value::Str(EcoString::from(c)))
}

/// An index that may count from the end.
fn position(i: i64, len: usize, what: &str) -> Result<usize, Fault> {
    let at = if i < 0 { i.saturating_add(len as i64) } else { i };
    usize::try_from(at).ok().filter(|at| *at < len).ok_or_else(|| {
        let message = match len {
            0 => format!("there is no index {i}: the {what} is empty"),
            _ => format!(
                "there is no index {i}: the {what} has {len}, so the last is {}",
                len - 1
            ),
        };
        Fault::new(FaultKind::Index, message)
    })
}

fn bounds(start: Option<&Value>, end: Option<&Value>, len: usize) -> Result<(usize, usize), Fault> {
    let cut = |value: Option<&Value>, default: usize| match value {
        None | Some(Value::Absent) => Ok(default),
        Some(Value::Int(i)) => {
            let at = if *i < 0 { i.saturating_add(len as i64) } else { *i };
            Ok(usize::try_from(at.max(0)).unwrap_or(len).min(len))
        }
        Some(other) => Err(Fault::new(
            FaultKind::Type,
            format!("the ends of a slice are ints, not `{}`", other.type_name()),
        )),
    };
    let (from, to) = (cut(start, 0)?, cut(end, len)?);
    Ok((from, to.max(from)))
}

/// There is no such key; the nearest one that there is.
pub fn missing_key<'a>(key: &str, keys: impl Iterator<Item = &'a str> + Clone) -> Fault {
    let fault = Fault::new(FaultKind::Key, format!("there is no key {}", source_text(key)));
    match nearest(key, keys.clone()) {
        Some(near) => fault.help(format!("did you mean {}?", source_text(near))),
        None => {
            let names: Vec<String> = keys.take(12).map(source_text).collect();
            fault.help(match names.is_empty() {
                true => "it is empty".to_owned(),
                false => format!("the keys are {}", names.join(", ")),
            })
        }
    }
}
