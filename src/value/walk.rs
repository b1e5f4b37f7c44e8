//! Going through a value and all that it holds, without recursion: values may be nested as deep as there is memory.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::display::resolved;
use super::{EcoString, Value};

/// How values of a notation are written.
pub(super) trait Style {
    /// One that holds no others.
    fn leaf(&self, out: &mut String, value: &Value);
    /// A key with what separates it from its value.
    fn key(&self, out: &mut String, key: &str, of: &Value);
    /// What stands before an item.
    fn before(&self, out: &mut String, first: bool, depth: usize);
    /// What stands between the last item and the closing bracket.
    fn behind(&self, _out: &mut String, _depth: usize) {}
}

/// Writes a value, containers in brackets. A text that nobody could hold is cut: a value may hold another one many times
/// over, and so need more room as text than there is.
pub(super) fn write(out: &mut String, value: &Value, style: &impl Style) {
    let mut open: Vec<(&Value, usize)> = Vec::new();
    let mut weighed = false;
    begin(out, value, style, &mut open);
    while let Some((container, at)) = open.last_mut() {
        if !weighed && out.len() > LONG {
            weighed = true;
            if text_size(value) > ENDLESS {
                out.push('…');
                return;
            }
        }
        let (current, place) = (*container, *at);
        *at += 1;
        let depth = open.len();
        match entry(current, place) {
            Some((key, part)) => {
                style.before(out, place == 0, depth);
                if let Some(key) = key {
                    style.key(out, key, current);
                }
                begin(out, part, style, &mut open);
            }
            None => {
                if place > 0 {
                    style.behind(out, depth - 1);
                }
                out.push(if matches!(current, Value::List(_)) { ']' } else { '}' });
                open.pop();
            }
        }
    }
}

fn begin<'v>(out: &mut String, value: &'v Value, style: &impl Style, open: &mut Vec<(&'v Value, usize)>) {
    match behind_promises(value) {
        value @ (Value::List(_) | Value::Dict(_) | Value::Record(_)) => {
            out.push(if matches!(value, Value::List(_)) { '[' } else { '{' });
            open.push((value, 0));
        }
        leaf => style.leaf(out, leaf),
    }
}

/// A part of a container by its place, with its key.
fn entry(container: &Value, at: usize) -> Option<(Option<&EcoString>, &Value)> {
    match container {
        Value::List(items) => items.get(at).map(|item| (None, item)),
        Value::Dict(dict) => dict.get_index(at).map(|(key, part)| (Some(key), part)),
        Value::Record(record) => Some((Some(record.names().get(at)?), record.values().get(at)?)),
        _ => None,
    }
}

/// From here on it is asked how long a text becomes.
const LONG: usize = 1 << 20;
/// No text is this long.
const ENDLESS: u64 = 1 << 36;

/// How many bytes a value needs as text, at least. What it holds several times is gone through once.
pub(super) fn text_size(value: &Value) -> u64 {
    let mut known: FxHashMap<usize, u64> = FxHashMap::default();
    // Containers with their addresses, how many of their parts were counted, and the sum of those.
    let mut open: Vec<(&Value, usize, usize, u64)> = Vec::new();
    let mut next = Some(value);
    let mut counted = 0;
    loop {
        if let Some(value) = next.take().map(behind_promises) {
            counted = match value.address() {
                Some(at) => match known.get(&at) {
                    Some(size) => *size,
                    None => {
                        open.push((value, at, 0, 2));
                        0
                    }
                },
                None => match value {
                    Value::Str(text) => text.len() as u64,
                    _ => 1,
                },
            };
        }
        let Some((container, at, place, sum)) = open.last_mut() else {
            return counted;
        };
        *sum = sum.saturating_add(std::mem::take(&mut counted));
        match entry(container, *place) {
            Some((key, part)) => {
                *sum = sum.saturating_add(key.map_or(1, |key| key.len() as u64 + 3));
                *place += 1;
                next = Some(part);
            }
            None => {
                counted = *sum;
                known.insert(*at, counted);
                open.pop();
            }
        }
    }
}

impl Value {
    /// What tells a container from others while both are there.
    pub fn address(&self) -> Option<usize> {
        match self {
            Value::List(items) => Some(items.as_ptr() as usize),
            Value::Dict(dict) => Some(Arc::as_ptr(dict) as usize),
            Value::Record(record) => Some(Arc::as_ptr(record) as usize),
            _ => None,
        }
    }
}

fn behind_promises(mut value: &Value) -> &Value {
    while let Value::Promise(promise) = value
        && let Some(known) = resolved(promise)
    {
        value = known;
    }
    value
}

/// After so many pairs it pays to remember which ones were met.
const MANY: usize = 1000;

/// Whether two values are equal, as `==` has it; `leaf` compares what holds no others.
pub(super) fn equal(left: &Value, right: &Value, leaf: impl Fn(&Value, &Value) -> bool) -> bool {
    let mut rest = vec![(left, right)];
    let mut steps = 0;
    let mut met: FxHashSet<(usize, usize)> = FxHashSet::default();
    while let Some((a, b)) = rest.pop() {
        if let (Some(x), Some(y)) = (a.address(), b.address()) {
            steps += 1;
            // What is the same is equal, and what differs would have ended this.
            if x == y && !matches!((a, b), (Value::List(a), Value::List(b)) if a.len() != b.len())
                || steps > MANY && !met.insert((x, y))
            {
                continue;
            }
        }
        match (a, b) {
            (Value::List(a), Value::List(b)) => {
                if a.len() != b.len() {
                    return false;
                }
                rest.extend(a.iter().zip(b).rev());
            }
            (Value::Dict(a), Value::Dict(b)) => {
                if a.len() != b.len() {
                    return false;
                }
                for (key, part) in a.iter() {
                    match b.get(key) {
                        Some(other) => rest.push((part, other)),
                        None => return false,
                    }
                }
            }
            // An absent field is `none`; order and `meta` do not count.
            (Value::Record(a), Value::Record(b)) => {
                rest.extend(a.iter().map(|(name, part)| (part, b.get(name).unwrap_or(&Value::None))));
                let only_there = b.iter().filter(|(name, _)| a.get(name).is_none());
                rest.extend(only_there.map(|(_, part)| (&Value::None, part)));
            }
            (a, b) if leaf(a, b) => {}
            _ => return false,
        }
    }
    true
}
