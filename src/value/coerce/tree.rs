//! Parsed text before it has a type. Numbers keep their source, so that `01234` can still be a text and no digit of a
//! long integer is lost.

use std::collections::HashMap;
use std::fmt;

use ecow::eco_format;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
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
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Tree, D::Error> {
        source.deserialize_any(Build)
    }
}

/// Builds a tree out of JSON.
struct Build;

impl<'de> Visitor<'de> for Build {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(b))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Number(eco_format!("{number}")))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Number(eco_format!("{number}")))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::from_json(&Json::from(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut members = Members::default();
        while let Some((key, value)) = entries.next_entry::<EcoString, Tree>()? {
            members.insert(key, value);
        }
        Ok(Tree::Object(members.into_list()))
    }
}

/// The members of an object while they are found, each key once. Objects can be large, so a key is not looked for from
/// member to member.
#[derive(Default)]
pub struct Members {
    list: Vec<(EcoString, Tree)>,
    places: HashMap<EcoString, usize>,
}

const FEW: usize = 16;

impl Members {
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn has(&self, key: &EcoString) -> bool {
        self.place(key).is_some()
    }

    /// Of few members the names are looked at one by one.
    fn place(&self, key: &EcoString) -> Option<usize> {
        match self.places.is_empty() {
            true => self.list.iter().position(|(known, _)| known == key),
            false => self.places.get(key).copied(),
        }
    }

    pub fn last_mut(&mut self) -> Option<(&EcoString, &mut Tree)> {
        self.list.last_mut().map(|(key, value)| (&*key, value))
    }

    /// Sets a key, replacing the value that it had.
    pub fn insert(&mut self, key: EcoString, value: Tree) {
        if let Some(place) = self.place(&key) {
            self.list[place].1 = value;
            return;
        }
        if self.list.len() == FEW {
            let known = self.list.iter().enumerate();
            self.places.extend(known.map(|(place, (key, _))| (key.clone(), place)));
        }
        if self.list.len() >= FEW {
            self.places.insert(key.clone(), self.list.len());
        }
        self.list.push((key, value));
    }

    pub fn into_list(self) -> Vec<(EcoString, Tree)> {
        self.list
    }
}
