//! Python's type expressions, as the cases have them, as dsp types. What dsp has no type for is an error that says so:
//! the only rule by which cases are left out.

use std::cell::RefCell;

use std::sync::Arc;

use dsp::value::{About, Declared, FieldType, Form, Literal, RecordType, Type, Value};
use serde_json::Value as Json;

/// The classes that a case declares.
pub struct Types<'a> {
    classes: &'a Json,
    /// Those that are being read, as they stand inside themselves.
    inside: RefCell<Vec<(String, Arc<Declared>)>>,
}

impl<'a> Types<'a> {
    pub fn new(classes: &'a Json) -> Self {
        Types {
            classes,
            inside: RefCell::default(),
        }
    }

    fn class(&self, name: &str) -> Result<Type, String> {
        let class = &self.classes[name];
        match class["kind"].as_str() {
            Some("model") => {
                if let Some((_, outer)) = self.inside.borrow().iter().find(|(outer, _)| outer == name) {
                    return Ok(outer.again());
                }
                let declared = Declared::new(name);
                self.inside.borrow_mut().push((name.to_owned(), declared.clone()));
                let model = self.model(name, class);
                self.inside.borrow_mut().pop();
                declared.settle(model.clone()?);
                // Types of cases live as long as the test.
                std::mem::forget(declared);
                model
            }
            Some("enum") => Err(format!("the enum class {name}")),
            _ => Err(format!("the Python class {name}")),
        }
    }

    fn model(&self, name: &str, class: &Json) -> Result<Type, String> {
        let about = class["doc"]
            .as_str()
            .map_or(About::Nothing, |doc| About::Doc(doc.into()));
        let mut fields = Vec::new();
        for field in class["fields"].as_array().unwrap() {
            let (field_name, expression) = (field["name"].as_str().unwrap(), field["type"].as_str().unwrap());
            let default = field.get("default");
            fields.push(FieldType {
                optional: default.is_some_and(Json::is_null),
                default: default.filter(|default| !default.is_null()).map(Value::from_json),
                desc: field["desc"].as_str().map(Into::into),
                ..FieldType::new(field_name, read_type(expression, self)?)
            });
        }
        let record = RecordType {
            name: Some(name.into()),
            about,
            fields,
            ..RecordType::default()
        };
        Ok(Type::Record(record.into()))
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
        ("dspy.Code", [language]) => match literal(language)? {
            Type::Literal(Literal::Str(language)) => Ok(Type::Text(Form::Code(language))),
            other => Err(format!("code in {other}")),
        },
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
        "datetime.date" => Type::Text(Form::Date),
        "datetime.datetime" => Type::Text(Form::DateTime),
        "dspy.Image" => Type::Text(Form::Image),
        "dspy.Audio" => Type::Text(Form::Audio),
        "dspy.File" => Type::Text(Form::File),
        "dspy.History" => built_in("history"),
        "dspy.Tool" => built_in("tool"),
        "dspy.ToolCalls" => built_in("tool_calls"),
        other => return types.class(other),
    })
}

fn built_in(name: &str) -> Type {
    Type::named(name).unwrap()
}

fn literal(text: &str) -> Result<Type, String> {
    let text = text.trim();
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let inner = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
        let inner = inner.ok_or_else(|| format!("the literal {text}"))?;
        return Ok(Type::Literal(Literal::Str(unescaped(inner).into())));
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

/// A Python text without the backslashes of its escapes.
fn unescaped(text: &str) -> String {
    let mut chars = text.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

/// Splits at a separator that stands outside brackets and quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote, mut escaped) = (Vec::new(), 0, 0, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
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
