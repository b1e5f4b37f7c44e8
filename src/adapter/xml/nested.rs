//! Lists, dicts and records as tags inside of tags.

use crate::value::{About, EcoString, Field, Form, Type, Value, python_str};

use super::markup::{attribute, escaped};

/// Whether the values of an output's type are written so.
pub fn is_nested(ty: &Type) -> bool {
    let inner = ty.without_none();
    let own = |ty: &Type| matches!(ty.about(), About::Tool | About::ToolCalls | About::Turn);
    match &inner {
        Type::List(item) => !own(item) && !matches!(**item, Type::Text(ref form) if form.is_object()),
        Type::Dict(_) => true,
        Type::Record(_) => !own(&inner),
        _ => false,
    }
}

/// `<tags><item>...</item></tags>`
pub fn skeleton(field: &Field) -> String {
    blank(&field.name, &field.ty, &mut Vec::new())
}

/// `inside` are the named records that it stands in.
fn blank(tag: &str, ty: &Type, inside: &mut Vec<EcoString>) -> String {
    match ty.unfolded().as_ref() {
        Type::Union(members) => match members.iter().find(|member| **member != Type::None) {
            Some(Type::Literal(_)) | None => leaf(tag),
            Some(member) => blank(tag, member, inside),
        },
        Type::Text(Form::Code(_)) => format!("<{tag}>{}</{tag}>", leaf("code")),
        Type::List(item) => format!("<{tag}>{}</{tag}>", blank("item", item, inside)),
        Type::Record(record) if record.name.as_ref().is_some_and(|name| inside.contains(name)) => leaf(tag),
        Type::Record(record) if !record.fields.is_empty() => {
            let outside = inside.len();
            inside.extend(record.name.clone());
            let fields = record.fields.iter().map(|field| blank(&field.name, &field.ty, inside));
            let fields: String = fields.collect();
            inside.truncate(outside);
            format!("<{tag}>{fields}</{tag}>")
        }
        _ => leaf(tag),
    }
}

fn leaf(tag: &str) -> String {
    format!("<{tag}>...</{tag}>")
}

/// A value between tags of a name.
pub fn element(tag: &str, key: Option<&str>, value: &Value) -> String {
    let key = key.map_or(String::new(), |key| format!(" key={}", attribute(key)));
    let children: String = match value {
        Value::List(items) => items.iter().map(|item| element("item", None, item)).collect(),
        Value::Dict(entries) => entries.iter().map(entry).collect(),
        Value::Record(fields) => fields.iter().map(entry).collect(),
        Value::None => String::new(),
        scalar => escaped(&python_str(scalar)),
    };
    match value {
        Value::List(items) if items.is_empty() => format!("<{tag}{key} />"),
        Value::None => format!("<{tag}{key} />"),
        _ => format!("<{tag}{key}>{children}</{tag}>"),
    }
}

fn entry((name, value): (&EcoString, &Value)) -> String {
    let mut chars = name.chars();
    let is_tag = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    match is_tag {
        true => element(name, None, value),
        false => element("entry", Some(name), value),
    }
}
