//! `x.a[0].b = e`: values never alias, so what is shared is copied on the way down.

use std::sync::Arc;

use crate::diag::{Fault, FaultKind};
use crate::value::{EcoString, Value};

use super::super::settle::{Settled, close, outline};
use super::access::{beyond, position};
use super::{a, index, wrong_type};

/// One step into a place, its index computed.
#[derive(Debug)]
pub enum At {
    Field(EcoString),
    Index(Value),
}

/// The big containers on the way down, by their addresses: one that has another afterwards was shared, and copied.
pub fn big_ones(root: &Value, steps: &[At]) -> Vec<usize> {
    const BIG: usize = 1024;
    let (mut big, mut place) = (Vec::new(), root);
    for step in steps {
        match place {
            Value::Dict(dict) if dict.len() > BIG => big.push(Arc::as_ptr(dict).cast::<()>() as usize),
            Value::List(items) if items.len() > BIG => big.push(items.as_ptr() as usize),
            _ => {}
        }
        match part_at(place, step) {
            Some(part) => place = part,
            None => break,
        }
    }
    big
}

/// What a step leads to, if it is there.
pub fn part_at<'v>(container: &'v Value, step: &At) -> Option<&'v Value> {
    match (container, step) {
        (Value::Record(record), At::Field(name) | At::Index(Value::Str(name))) => record.get(name),
        (Value::Dict(dict), At::Field(name) | At::Index(Value::Str(name))) => dict.get(name),
        (Value::List(items), At::Index(Value::Int(i))) => position(*i, items.len()).and_then(|at| items.get(at)),
        _ => None,
    }
}

/// Changes the value at the end of the steps with `change`, which gets what is there (`Absent` for a new key, where
/// `adds` allows one: `d["k"] = e` adds a key, `d["k"] += e` reads it).
pub fn assign(
    root: &mut Value,
    steps: &[At],
    adds: bool,
    change: &mut dyn FnMut(&mut Value) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let Some((step, rest)) = steps.split_first() else {
        return change(root);
    };
    // A container with promises in it is one itself; it was looked at as far as this needs.
    let open = matches!(root, Value::Promise(_));
    if open && let Settled::Ready(known) = outline(root) {
        *root = known;
    }
    let outcome = assign_part(root, (step, rest), adds, change);
    if open || matches!(part_at(root, step), Some(Value::Promise(_))) {
        *root = close(std::mem::take(root));
    }
    outcome
}

fn assign_part(
    root: &mut Value,
    (step, rest): (&At, &[At]),
    adds: bool,
    change: &mut dyn FnMut(&mut Value) -> Result<(), Fault>,
) -> Result<(), Fault> {
    match (root, step) {
        (Value::Record(record), At::Field(name)) | (Value::Record(record), At::Index(Value::Str(name))) => {
            let Some(at) = record.index_of(name) else {
                let fault = Fault::new(FaultKind::Key, format!("there is no field `{name}`"));
                return Err(fault.help("a record gets no new field: write `{...r, name: value}` for one that has it"));
            };
            assign(&mut Arc::make_mut(record).values_mut()[at], rest, adds, change)
        }
        (Value::Dict(dict), At::Index(Value::Str(key))) | (Value::Dict(dict), At::Field(key)) => {
            let may_be_new = adds && rest.is_empty();
            if !may_be_new && !dict.contains_key(key) {
                // The error that reading it gives.
                return index(&Value::Dict(dict.clone()), &Value::Str(key.clone())).map(drop);
            }
            let entry = Arc::make_mut(dict).entry(key.clone());
            let new = matches!(entry, indexmap::map::Entry::Vacant(_));
            let outcome = assign(entry.or_insert(Value::Absent), rest, adds, change);
            if new && outcome.is_err() {
                Arc::make_mut(dict).shift_remove(key);
            }
            outcome
        }
        (Value::List(items), At::Index(Value::Int(i))) => {
            let at = position(*i, items.len()).ok_or_else(|| beyond(*i, items.len(), "list"))?;
            assign(&mut items.make_mut()[at], rest, adds, change)
        }
        (Value::List(_), At::Index(other)) => Err(wrong_type(format!("an index is an `int`, not {}", a(other)))),
        (Value::Str(_), _) => Err(wrong_type("a string cannot be changed in part")),
        (other, At::Field(name)) => Err(wrong_type(format!(
            "{} has no field `{name}` that can be set",
            a(other)
        ))),
        (other, At::Index(_)) => Err(wrong_type(format!("{} has no elements that can be set", a(other)))),
    }
}
