//! What the type that is wanted says of the parts of a list, dict or record literal.

use std::sync::Arc;

use crate::syntax::ast::{self, ExprKind, RecordEntry};
use crate::value::{Literal, RecordType, Type};

use super::generics::mentions;

/// The type of the elements, of all list types that are wanted together.
pub(super) fn item_type(ty: &Type) -> Option<Type> {
    together(ty, |member| match member {
        Type::List(item) => Some(&**item),
        _ => None,
    })
}

/// The type of the entries, of all dict types that are wanted together.
pub(super) fn entry_type(ty: &Type) -> Option<Type> {
    together(ty, |member| match member {
        Type::Dict(value) => Some(&**value),
        _ => None,
    })
}

fn together<'t>(ty: &'t Type, part: impl Fn(&'t Type) -> Option<&'t Type>) -> Option<Type> {
    let parts: Vec<&Type> = ty.members().iter().filter_map(part).collect();
    let says_nothing = |ty: &&Type| **ty == Type::Any || mentions(ty);
    match parts.is_empty() || parts.iter().any(says_nothing) {
        true => None,
        false => Some(Type::union(parts.into_iter().cloned())),
    }
}

/// The record types that a literal with these entries may be meant as; all that are wanted where it is none of them.
pub(super) fn record_types(ty: &Type, entries: &[RecordEntry]) -> Vec<Arc<RecordType>> {
    let all: Vec<Arc<RecordType>> = ty
        .members()
        .iter()
        .filter_map(|member| match member {
            Type::Record(record) => Some(record.clone()),
            _ => None,
        })
        .collect();
    let mut possible = all.clone();
    for rule in [tells_apart, is_whole, is_exact] {
        let fewer: Vec<_> = possible
            .iter()
            .filter(|record| rule(record, entries))
            .cloned()
            .collect();
        if !fewer.is_empty() {
            possible = fewer;
        }
    }
    possible
}

/// The type of a field, of all these records together.
pub(super) fn field_type(records: &[Arc<RecordType>], name: &str) -> Option<Type> {
    let fields = records.iter().filter_map(|record| {
        let field = record.fields.iter().find(|field| field.name == name)?;
        Some(match field.optional {
            true => field.ty.clone().optional(),
            false => field.ty.clone(),
        })
    });
    let fields: Vec<Type> = fields.collect();
    let says_nothing = |ty: &Type| *ty == Type::Any || mentions(ty);
    match fields.is_empty() || fields.iter().any(says_nothing) {
        true => None,
        false => Some(Type::union(fields)),
    }
}

/// `{op: "add", …}`: a literal that is written where the record has a literal type is one of its values.
fn tells_apart(record: &RecordType, entries: &[RecordEntry]) -> bool {
    record.fields.iter().all(|field| {
        let literals = || field.ty.members().iter().filter(|m| matches!(m, Type::Literal(_)));
        match written(entries, &field.name).and_then(literal) {
            Some(given) if literals().count() == field.ty.members().len() => {
                literals().any(|ty| *ty == Type::Literal(given.clone()))
            }
            _ => true,
        }
    })
}

fn is_whole(record: &RecordType, entries: &[RecordEntry]) -> bool {
    let spread = entries.iter().any(|entry| matches!(entry, RecordEntry::Spread(_)));
    spread
        || record
            .fields
            .iter()
            .all(|field| field.optional || names(entries).any(|name| *name == field.name))
}

fn is_exact(record: &RecordType, entries: &[RecordEntry]) -> bool {
    names(entries).all(|name| record.fields.iter().any(|field| field.name == name))
}

fn names(entries: &[RecordEntry]) -> impl Iterator<Item = &str> {
    entries.iter().filter_map(|entry| match entry {
        RecordEntry::Field { name, .. } | RecordEntry::Short(name) => Some(name.node.as_str()),
        RecordEntry::Spread(_) => None,
    })
}

fn written<'e>(entries: &'e [RecordEntry], wanted: &str) -> Option<&'e ast::Expr> {
    entries.iter().find_map(|entry| match entry {
        RecordEntry::Field { name, value } if name.node == wanted => Some(value),
        _ => None,
    })
}

fn literal(e: &ast::Expr) -> Option<Literal> {
    match &e.kind {
        ExprKind::Str(text) => Some(Literal::Str(text.clone())),
        ExprKind::Int(Some(n)) => Some(Literal::Int(*n)),
        ExprKind::Bool(b) => Some(Literal::Bool(*b)),
        _ => None,
    }
}
