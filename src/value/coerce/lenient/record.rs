//! Objects as records: keys in another spelling, fields that are missing, objects around objects.

use crate::value::{FieldType, Record, RecordType, Type, Value};

use super::loose::Node;
use super::{Fit, words};

pub fn from_node_members(record: &RecordType, members: &[(String, Node)]) -> Option<Fit> {
    let mut fit = Fit::clean(Value::None);
    let mut values = Record::default();
    let mut known = 0;
    for field in &record.fields {
        let found = member(field, members);
        known += usize::from(found.is_some());
        let read = found.and_then(|(node, respelled)| {
            let read = super::node::from_node(&field.ty, node)?;
            Some(if respelled { read.mended("key", 1) } else { read })
        });
        let one = match read {
            Some(one) => one,
            None => missing(field, found.is_some())?,
        };
        fit.score += one.score;
        fit.mends.extend(&one.mends);
        values.set(field.name.clone(), one.value);
    }
    if known == 0 && !record.fields.is_empty() {
        return None;
    }
    fit.score += members.len().saturating_sub(known);
    Some(Fit {
        value: Value::Record(values.into()),
        ..fit
    })
}

/// A record from a part of the data: from an object, from the only object in an object, from a list's first object,
/// from the value of its only field.
pub fn from_node(record: &RecordType, node: &Node) -> Option<Fit> {
    match node {
        Node::Object(members, _) => from_node_members(record, members).or_else(|| unwrapped(record, members, node)),
        Node::List(items, _) => {
            let fits = items.iter().map(|item| from_node(record, item));
            let one = fits.fold(None, Fit::better).map(|fit| fit.mended("item", 1));
            let all = matches!(record.fields.as_slice(), [field] if matches!(*field.ty.unfolded(), Type::List(_)));
            let all = if all { implied(record, node) } else { None };
            Fit::better(Fit::better(one, all), joined(record, items))
        }
        scalar => implied(record, scalar),
    }
}

/// A record in parts, an object for each of some fields.
fn joined(record: &RecordType, items: &[Node]) -> Option<Fit> {
    let mut members: Vec<(String, Node)> = Vec::new();
    for item in items {
        let Node::Object(own, _) = item else { return None };
        if own.iter().any(|(key, _)| members.iter().any(|(known, _)| known == key)) {
            return None;
        }
        members.extend(own.iter().cloned());
        if members.len() > 2 * record.fields.len() {
            return None;
        }
    }
    from_node_members(record, &members).map(|fit| fit.mended("parts", 1))
}

fn unwrapped(record: &RecordType, members: &[(String, Node)], node: &Node) -> Option<Fit> {
    let inner = match members {
        [(_, inner @ (Node::Object(..) | Node::List(..)))] => {
            from_node(record, inner).map(|fit| fit.mended("wrapper", 2))
        }
        _ => None,
    };
    inner.or_else(|| implied(record, node))
}

/// The value of a record's only field without its key; a text could be anything.
fn implied(record: &RecordType, node: &Node) -> Option<Fit> {
    let [field] = record.fields.as_slice() else { return None };
    if matches!(field.ty.without_none(), Type::Str) || super::stands_again(&field.ty) {
        return None;
    }
    let fit = super::node::from_node(&field.ty, node)?;
    let value = Value::record([(field.name.clone(), fit.value.clone())]);
    Some(Fit { value, ..fit }.mended("wrapper", 2))
}

/// A field's member: the last of its name, else one of the same letters.
fn member<'a>(field: &FieldType, members: &'a [(String, Node)]) -> Option<(&'a Node, bool)> {
    let last = |same: &dyn Fn(&str) -> bool| members.iter().rev().find(|(key, _)| same(key)).map(|(_, node)| node);
    let exact = last(&|key| field.name == key);
    let wanted = words::letters(&field.name);
    exact
        .map(|node| (node, false))
        .or_else(|| last(&|key| words::letters(key) == wanted).map(|node| (node, true)))
}

/// Whether a key names a field, in whatever spelling.
pub fn same_key(field: &str, key: &str) -> bool {
    field == key || words::letters(field) == words::letters(key)
}

/// What stands for a field that is not there, or that could not be read.
fn missing(field: &FieldType, unreadable: bool) -> Option<Fit> {
    let value = match field.ty.without_none().unfolded().as_ref() {
        _ if field.optional || field.ty.allows_none() => {
            let fit = Fit::clean(Value::None);
            return Some(if unreadable {
                fit.mended("item", 2)
            } else {
                fit.mended("", 1)
            });
        }
        Type::List(_) => Value::list([]),
        Type::Dict(_) => Value::dict::<&str>([]),
        _ => return None,
    };
    Some(Fit::clean(value).mended("missing", 100))
}
