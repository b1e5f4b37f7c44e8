//! Which values of a type are left: `bool` counts as its two literals, a union as its members.

use crate::value::{EcoString, Literal, RecordType, Type};

use super::access::list_names;
use super::fit::{Fit, fit, overlap};

/// The type with `bool` taken apart, and a type that stands inside itself written out.
pub(super) fn expand(ty: &Type) -> Type {
    let ty = ty.unfolded();
    let each = ty.members().iter().flat_map(|m| match m {
        Type::Bool => vec![Type::Literal(Literal::Bool(true)), Type::Literal(Literal::Bool(false))],
        other => vec![other.clone()],
    });
    Type::union(each)
}

/// The type with `bool` put together again.
pub(super) fn collapse(ty: &Type) -> Type {
    let (yes, no) = (Type::Literal(Literal::Bool(true)), Type::Literal(Literal::Bool(false)));
    let members = ty.members();
    match members.contains(&yes) && members.contains(&no) {
        true => Type::union(
            members
                .iter()
                .map(|m| if *m == yes || *m == no { Type::Bool } else { m.clone() }),
        ),
        false => ty.clone(),
    }
}

/// What one value takes of a type, and what it leaves.
pub(super) fn split_exact(exact: &Type, ty: &Type) -> (Type, Type) {
    let members = ty.members();
    if members.contains(exact) {
        let rest = members.iter().filter(|m| *m != exact).cloned();
        return (exact.clone(), Type::union(rest));
    }
    let matched = members.iter().filter(|m| overlap(exact, m)).map(|m| match m {
        Type::Any => exact.clone(),
        other => other.clone(),
    });
    (Type::union(matched), ty.clone())
}

/// What a type takes of another, and what it leaves.
pub(super) fn split_type(wanted: &Type, ty: &Type) -> (Type, Type) {
    if *ty == Type::Any {
        let rest = if *wanted == Type::Any { Type::Never } else { Type::Any };
        return (wanted.clone(), rest);
    }
    let mut matched = Vec::new();
    let mut left = Vec::new();
    for member in ty.members() {
        match fit(member, wanted) {
            // An int is not turned into a float by a pattern that names `float`.
            Fit::Yes => matched.push(member.clone()),
            _ if overlap(member, wanted) && !matches!((member, wanted), (Type::Int, Type::Float)) => {
                matched.push(wanted.clone());
                left.push(member.clone());
            }
            _ => left.push(member.clone()),
        }
    }
    (Type::union(matched), Type::union(left))
}

/// The cases that are left, if they can be named one by one.
pub(super) fn missing_cases(rest: &Type, whole: &Type) -> Option<String> {
    let name = |m: &Type| match m {
        Type::Any | Type::Str | Type::Text(_) | Type::Int | Type::Float => None,
        // Of a declared type of which some values are left its name says too little.
        Type::Record(record) if !whole.members().contains(m) => {
            let shape = RecordType {
                name: None,
                ..(**record).clone()
            };
            Some(EcoString::from(Type::Record(shape.into()).to_string()))
        }
        other => Some(EcoString::from(other.to_string())),
    };
    let names: Option<Vec<EcoString>> = rest.members().iter().map(name).collect();
    names.map(|names| list_names(&names))
}
