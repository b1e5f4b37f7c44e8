//! Going through a value and all that it holds, without recursion: values may be nested as deep as there is memory.

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

/// Writes a value, containers in brackets.
pub(super) fn write(out: &mut String, value: &Value, style: &impl Style) {
    let mut open: Vec<(&Value, usize)> = Vec::new();
    begin(out, value, style, &mut open);
    while let Some((container, at)) = open.last_mut() {
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
    let mut value = value;
    while let Value::Promise(promise) = value
        && let Some(known) = resolved(promise)
    {
        value = known;
    }
    match value {
        Value::List(_) | Value::Dict(_) | Value::Record(_) => {
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

/// Whether two values are equal, as `==` has it; `leaf` compares what holds no others.
pub(super) fn equal(left: &Value, right: &Value, leaf: impl Fn(&Value, &Value) -> bool) -> bool {
    let mut rest = vec![(left, right)];
    while let Some((a, b)) = rest.pop() {
        match (a, b) {
            (Value::List(a), Value::List(b)) => {
                if a.len() != b.len() {
                    return false;
                }
                if a.as_ptr() != b.as_ptr() {
                    rest.extend(a.iter().zip(b).rev());
                }
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
