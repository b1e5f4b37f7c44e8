//! Parsed text before it has a type. Numbers keep their source, so that `01234` can still be a text and no digit of a
//! long integer is lost.

use serde_json::Value as Json;

use crate::value::{EcoString, Value, json, json_quoted};

#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Null,
    Bool(bool),
    /// As it was written.
    Number(EcoString),
    Text(EcoString),
    List(Vec<Tree>),
    /// In order; a key may come twice, and the last one counts.
    Object(Vec<(EcoString, Tree)>),
}

impl Tree {
    pub fn text(text: impl Into<EcoString>) -> Tree {
        Tree::Text(text.into())
    }

    /// `""`: how the repairing parser says that it found nothing.
    pub fn is_blank(&self) -> bool {
        matches!(self, Tree::Text(text) if text.is_empty())
    }

    pub fn from_json(json: &Json) -> Tree {
        match json {
            Json::Null => Tree::Null,
            Json::Bool(b) => Tree::Bool(*b),
            Json::Number(number) => Tree::Number(number.to_string().into()),
            Json::String(text) => Tree::text(text.as_str()),
            Json::Array(items) => Tree::List(items.iter().map(Tree::from_json).collect()),
            Json::Object(map) => Tree::Object(
                map.iter()
                    .map(|(key, value)| (key.as_str().into(), Tree::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// The text that it was, as far as that is known: JSON for data.
    pub fn source(&self) -> EcoString {
        match self {
            Tree::Text(text) => text.clone(),
            other => {
                let mut out = String::new();
                other.write(&mut out);
                out.into()
            }
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Tree::Number(number) => out.push_str(number),
            Tree::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i > 0 { ", " } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Tree::Object(entries) => {
                out.push('{');
                for (i, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if i > 0 { ", " } else { "" });
                    out.push_str(&json_quoted(key));
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
            scalar => out.push_str(&json(&scalar.to_value(), None)),
        }
    }

    /// As a value that nothing is known of: an integer beyond 64 bits becomes a float.
    pub fn to_value(&self) -> Value {
        match self {
            Tree::Null => Value::None,
            Tree::Bool(b) => Value::Bool(*b),
            Tree::Number(number) => match (number.parse(), number.parse::<f64>()) {
                (Ok(int), _) => Value::Int(int),
                (_, Ok(float)) if float.is_finite() => Value::Float(float),
                _ => Value::Str(number.clone()),
            },
            Tree::Text(text) => Value::Str(text.clone()),
            Tree::List(items) => Value::list(items.iter().map(Tree::to_value)),
            Tree::Object(entries) => Value::dict(entries.iter().map(|(key, value)| (key.clone(), value.to_value()))),
        }
    }

    /// Sets a key, replacing the value that it had.
    pub fn insert(entries: &mut Vec<(EcoString, Tree)>, key: EcoString, value: Tree) {
        match entries.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = value,
            None => entries.push((key, value)),
        }
    }
}
