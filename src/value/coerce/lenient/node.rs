//! A candidate that has a structure, held against a type: part by part.

use super::loose::Node;
use super::{Fit, bool_word, choice, form_in, number, number_value, record, says_nothing, stands_again};
use crate::value::coerce::Tree;
use crate::value::{Literal, Type, Value, literal_members};

/// A part of the data as a value of the type.
pub(super) fn from_node(ty: &Type, node: &Node) -> Option<Fit> {
    let fit = match ty {
        Type::Union(members) => return union(ty, members, node),
        Type::None => matches!(node, Node::Null).then(|| Fit::clean(Value::None)),
        Type::Str => text_of(node),
        Type::Bool => match node {
            Node::Bool(b) => Some(Fit::clean(Value::Bool(*b))),
            Node::Text(text) => bool_word(text),
            _ => None,
        },
        Type::Int | Type::Float => match node {
            Node::Number(source) => number_value(ty, source),
            Node::Text(text) => number(ty, text),
            _ => None,
        },
        Type::Text(form) => match node {
            Node::Text(text) => form_in(form, text),
            _ => None,
        },
        Type::Literal(literal) => literal_of(&[literal], node),
        Type::List(item) => list(item, node),
        Type::Dict(value) => dict(value, node),
        Type::Record(record) => record::from_node(record, node),
        Type::Again(again) => return from_node(&again.definition()?, node),
        Type::Any => Some(Fit::clean(any(node))),
        _ => None,
    };
    fit.or_else(|| unwrapped(ty, node))
}

/// An object around the value, of one member: `{"result": …}`.
fn unwrapped(ty: &Type, node: &Node) -> Option<Fit> {
    match (ty, node) {
        (Type::Str | Type::Record(_) | Type::Dict(_), _) => None,
        (_, Node::Object(members, _)) => match members.as_slice() {
            [(_, inner)] => from_node(ty, inner).map(|fit| fit.mended("wrapper", 2)),
            _ => None,
        },
        _ => None,
    }
}

/// Texts stay as they are; what is no text becomes its source.
fn text_of(node: &Node) -> Option<Fit> {
    let source = match node {
        Node::Text(text) => return Some(Fit::clean(Value::str(text.as_str()))),
        Node::Null => return None,
        Node::Bool(b) => b.to_string(),
        Node::Number(source) | Node::List(_, source) | Node::Object(_, source) => source.clone(),
    };
    Some(Fit::clean(Value::str(source)).mended("text", 2))
}

fn literal_of(choices: &[&Literal], node: &Node) -> Option<Fit> {
    match node {
        Node::Text(text) => choice(choices, text),
        Node::Number(source) => choice(choices, source),
        Node::Bool(b) => choice(choices, &b.to_string()),
        Node::List(items, _) => {
            // Of a list of choices, the one that is a choice.
            let mut fits = items.iter().filter_map(|item| literal_of(choices, item));
            let first = fits.next()?;
            fits.next().is_none().then(|| first.mended("item", 2))
        }
        Node::Null | Node::Object(..) => None,
    }
}

/// The member with the fewest mends; literals are one choice.
fn union(ty: &Type, members: &[Type], node: &Node) -> Option<Fit> {
    let choices: Vec<&Literal> = literal_members(members).collect();
    let others = members.iter().filter(|member| !matches!(member, Type::Literal(_)));
    let mut best = if choices.is_empty() {
        None
    } else {
        literal_of(&choices, node)
    };
    let others: Vec<&Type> = others.collect();
    match one_of_parts(&others, node) {
        Some(member) => best = Fit::better(best, from_node(member, node)),
        None => others
            .iter()
            .for_each(|member| best = Fit::better(best.take(), from_node(member, node))),
    }
    match node {
        Node::Text(text) if best.is_none() && ty.allows_none() && says_nothing(text) => {
            Some(Fit::clean(Value::None).mended("none", 1))
        }
        _ => best,
    }
}

/// Of several members that stand inside themselves the one that has the most of an object's keys: to try each of them
/// would double the work on every level.
fn one_of_parts<'t>(members: &[&'t Type], node: &Node) -> Option<&'t Type> {
    let Node::Object(entries, _) = node else { return None };
    let again = members.iter().filter(|member| recurs(member));
    if again.count() < 2 {
        return None;
    }
    let known = |member: &Type| match member.unfolded().as_ref() {
        Type::Record(record) => {
            let fields = record.fields.iter();
            let known = fields.filter(|field| entries.iter().any(|(key, _)| record::same_key(&field.name, key)));
            1 + known.count()
        }
        Type::Dict(_) => 1,
        _ => 0,
    };
    // Of equals the first.
    members.iter().rev().max_by_key(|member| known(member)).copied()
}

/// Whether a type stands somewhere inside itself.
fn recurs(ty: &Type) -> bool {
    match ty {
        Type::Again(_) => true,
        Type::List(inner) | Type::Dict(inner) => recurs(inner),
        Type::Union(members) => members.iter().any(recurs),
        Type::Record(record) => record.fields.iter().any(|field| recurs(&field.ty)),
        _ => false,
    }
}

/// Items that do not fit are left out; a value alone is a list of one.
fn list(item: &Type, node: &Node) -> Option<Fit> {
    let Node::List(items, _) = node else {
        if matches!(node, Node::Null) {
            return None;
        }
        let wrapped = match node {
            Node::Object(members, _) => match members.as_slice() {
                [(_, inner @ Node::List(..))] => list(item, inner).map(|fit| fit.mended("wrapper", 2)),
                _ => None,
            },
            _ => None,
        };
        // A type that is a list of itself would be tried on this node without end; a record looks into its parts.
        let looks_into = || matches!((item.unfolded().as_ref(), node), (Type::Record(_), Node::Object(..)));
        if stands_again(item) && !looks_into() {
            return wrapped;
        }
        if let Node::Text(text) = node
            && let Some(fit) = super::bulleted(item, text)
        {
            return Some(fit);
        }
        return wrapped.or_else(|| {
            let one = from_node(item, node)?;
            Some(
                Fit {
                    value: Value::list([one.value.clone()]),
                    ..one
                }
                .mended("list", 1),
            )
        });
    };
    let mut fit = Fit::clean(Value::None);
    let mut values = Vec::new();
    for (i, node) in items.iter().enumerate() {
        match from_node(item, node) {
            Some(one) => {
                fit.score += one.score;
                fit.mends.extend(&one.mends);
                values.push(one.value);
            }
            None => fit = fit.mended("item", 1 + i),
        }
    }
    // A list of which nothing fits is another list.
    let lost_all = values.is_empty() && !items.is_empty();
    (!lost_all).then(|| Fit {
        value: Value::list(values),
        ..fit
    })
}

fn dict(value: &Type, node: &Node) -> Option<Fit> {
    let Node::Object(members, _) = node else { return None };
    let mut fit = Fit::clean(Value::None);
    let mut entries = Vec::new();
    for (key, node) in members {
        match from_node(value, node) {
            Some(one) => {
                fit.score += one.score;
                fit.mends.extend(&one.mends);
                entries.push((key.as_str(), one.value));
            }
            None => fit = fit.mended("item", 1),
        }
    }
    let lost_all = entries.is_empty() && !members.is_empty();
    (!lost_all).then(|| Fit {
        value: Value::dict(entries),
        ..fit
    })
}

fn any(node: &Node) -> Value {
    match node {
        Node::Null => Value::None,
        Node::Bool(b) => Value::Bool(*b),
        Node::Number(source) => Tree::Number(source.as_str().into()).to_value(),
        Node::Text(text) => Value::str(text.as_str()),
        Node::List(items, _) => Value::list(items.iter().map(any)),
        Node::Object(members, _) => Value::dict(members.iter().map(|(key, node)| (key.as_str(), any(node)))),
    }
}
