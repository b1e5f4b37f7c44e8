//! Python's type expressions, as the cases have them, as dsp types. What dsp has no type for is an error that says so:
//! the only rule by which cases are left out.

use dsp::value::{FieldType, Literal, RecordType, Type};
use serde_json::Value as Json;

/// What a type is read for: in a prompt, docstrings and defaults are to be seen; in a reply, a field with a default may
/// be left out.
#[derive(Clone, Copy, PartialEq)]
pub enum Purpose {
    Prompt,
    Reply,
}

/// The classes that a case declares.
pub struct Types<'a> {
    classes: &'a Json,
    purpose: Purpose,
}

impl<'a> Types<'a> {
    pub fn new(classes: &'a Json, purpose: Purpose) -> Self {
        Types { classes, purpose }
    }

    fn class(&self, name: &str) -> Result<Type, String> {
        let class = &self.classes[name];
        match class["kind"].as_str() {
            Some("model") => self.model(name, class),
            Some("enum") => Err(format!("the enum class {name}")),
            _ => Err(format!("the Python class {name}")),
        }
    }

    fn model(&self, name: &str, class: &Json) -> Result<Type, String> {
        let prompt = self.purpose == Purpose::Prompt;
        if prompt && class["doc"].is_string() {
            return Err(format!("{name}: a record type has no docstring"));
        }
        let mut fields = Vec::new();
        for field in class["fields"].as_array().unwrap() {
            let (field_name, expression) = (field["name"].as_str().unwrap(), field["type"].as_str().unwrap());
            if prompt && field.get("default").is_some_and(|default| !default.is_null()) {
                return Err(format!("{name}.{field_name}: a record's field has no default"));
            }
            let optional = field.get("default").is_some();
            let ty = read_type(expression, self)?;
            let ty = if optional { ty.optional() } else { ty };
            let desc = field["desc"].as_str().map(Into::into);
            fields.push(FieldType {
                name: field_name.into(),
                ty,
                optional,
                desc,
            });
        }
        Ok(Type::Record(
            RecordType {
                name: Some(name.into()),
                fields,
                spreads: Vec::new(),
            }
            .into(),
        ))
    }
}

/// `Optional[list[int]]`, `Literal['a', 'b'] | None` …
pub fn read_type(text: &str, types: &Types) -> Result<Type, String> {
    let members = split(text, '|');
    if members.len() > 1 {
        return union(&members, types);
    }
    let text = text.trim();
    let Some((head, arguments)) = text.strip_suffix(']').and_then(|text| text.split_once('[')) else {
        return plain(text, types);
    };
    let arguments = split(arguments, ',');
    match (head, arguments.as_slice()) {
        ("list" | "List", [item]) => Ok(Type::list(read_type(item, types)?)),
        ("dict" | "Dict", [key, value]) if key.trim() == "str" => Ok(Type::dict(read_type(value, types)?)),
        ("Optional", [inner]) => Ok(read_type(inner, types)?.optional()),
        ("Union", members) => union(members, types),
        ("Literal", choices) => Ok(Type::union(
            choices
                .iter()
                .map(|choice| literal(choice))
                .collect::<Result<Vec<_>, _>>()?,
        )),
        _ => Err(format!("the Python type {head}[…]")),
    }
}

fn union(members: &[&str], types: &Types) -> Result<Type, String> {
    Ok(Type::union(
        members
            .iter()
            .map(|member| read_type(member, types))
            .collect::<Result<Vec<_>, _>>()?,
    ))
}

fn plain(name: &str, types: &Types) -> Result<Type, String> {
    Ok(match name {
        "str" => Type::Str,
        "int" => Type::Int,
        "float" => Type::Float,
        "bool" => Type::Bool,
        "Any" => Type::Any,
        "None" => Type::None,
        "dict" => Type::dict(Type::Any),
        "list" => Type::list(Type::Any),
        other => return types.class(other),
    })
}

fn literal(text: &str) -> Result<Type, String> {
    let text = text.trim();
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let inner = text.trim_matches(quote).replace("\\'", "'").replace("\\\"", "\"");
        return Ok(Type::Literal(Literal::Str(inner.into())));
    }
    match text {
        "True" => Ok(Type::Literal(Literal::Bool(true))),
        "False" => Ok(Type::Literal(Literal::Bool(false))),
        "None" => Ok(Type::None),
        number => number
            .parse()
            .map(|n| Type::Literal(Literal::Int(n)))
            .map_err(|_| format!("the literal {number}: dsp's are str, int and bool")),
    }
}

/// Splits at a separator that stands outside brackets and quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => depth -= 1,
            (None, c) if c == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
