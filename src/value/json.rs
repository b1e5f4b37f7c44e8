//! JSON: values written as Python's `json.dumps(x, ensure_ascii=False)` does, and the way to and from `serde_json`.

use std::fmt::Write;

use serde_json::{Map, Number, Value as Json};

use super::display::{float_text, resolved};
use super::{EcoString, Value, show};

/// What Python's `json.dumps(x, ensure_ascii=False)` writes; with `indent`, as there. What JSON has no form for (a
/// function, a program) is written as the string that `print` shows.
pub fn json(value: &Value, indent: Option<usize>) -> String {
    let mut writer = Writer {
        out: String::new(),
        indent,
    };
    writer.value(value, 0);
    writer.out
}

/// A string as JSON has it, in quotes.
pub fn json_quoted(text: &str) -> String {
    let mut writer = Writer {
        out: String::new(),
        indent: None,
    };
    writer.string(text);
    writer.out
}

struct Writer {
    out: String,
    indent: Option<usize>,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::None | Value::Absent => self.out.push_str("null"),
            Value::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Value::Int(i) => {
                let _ = write!(self.out, "{i}");
            }
            Value::Float(x) => self.out.push_str(&json_float(*x)),
            Value::Str(text) => self.string(text),
            Value::List(items) => {
                self.items(('[', ']'), items.iter(), depth, |writer, item| {
                    writer.value(item, depth + 1)
                });
            }
            Value::Dict(dict) => {
                self.items(('{', '}'), dict.iter(), depth, |writer, entry| {
                    writer.entry(entry, depth)
                });
            }
            Value::Record(record) => {
                self.items(('{', '}'), record.iter(), depth, |writer, entry| {
                    writer.entry(entry, depth)
                });
            }
            Value::Promise(promise) => match resolved(promise) {
                Some(value) => self.value(value, depth),
                None => self.out.push_str("null"),
            },
            Value::Function(_) | Value::Signature(_) | Value::Program(_) | Value::Lm(_) | Value::Opaque(_) => {
                self.string(&show(value));
            }
        }
    }

    fn entry(&mut self, (key, value): (&EcoString, &Value), depth: usize) {
        self.string(key);
        self.out.push_str(": ");
        self.value(value, depth + 1);
    }

    fn items<T>(
        &mut self,
        (open, close): (char, char),
        items: impl ExactSizeIterator<Item = T>,
        depth: usize,
        mut write_item: impl FnMut(&mut Self, T),
    ) {
        self.out.push(open);
        let empty = items.len() == 0;
        for (i, item) in items.enumerate() {
            if i > 0 {
                self.out.push_str(if self.indent.is_some() { "," } else { ", " });
            }
            self.line(depth + 1);
            write_item(self, item);
        }
        if !empty {
            self.line(depth);
        }
        self.out.push(close);
    }

    fn line(&mut self, depth: usize) {
        if let Some(width) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', width * depth));
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                c if u32::from(c) < 0x20 => {
                    let _ = write!(self.out, "\\u{:04x}", u32::from(c));
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

fn json_float(x: f64) -> String {
    if x.is_nan() {
        "NaN".to_owned()
    } else if x.is_infinite() {
        if x > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        float_text(x)
    }
}

impl Value {
    /// As JSON data: what JSON has no form for becomes `null` (floats that are no numbers) or what `print` shows.
    pub fn to_json(&self) -> Json {
        match self {
            Value::None | Value::Absent => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::Int(i) => Json::Number((*i).into()),
            Value::Float(x) => Number::from_f64(*x).map_or(Json::Null, Json::Number),
            Value::Str(text) => Json::String(text.to_string()),
            Value::List(items) => Json::Array(items.iter().map(Value::to_json).collect()),
            Value::Dict(dict) => Json::Object(json_object(dict.iter())),
            Value::Record(record) => Json::Object(json_object(record.iter())),
            Value::Promise(promise) => resolved(promise).map_or(Json::Null, Value::to_json),
            other => Json::String(show(other)),
        }
    }

    /// From JSON data, objects as dicts. An integer beyond 64 bits becomes a float.
    pub fn from_json(json: &Json) -> Value {
        match json {
            Json::Object(map) => Value::dict(map.iter().map(|(k, v)| (k.as_str(), Value::from_json(v)))),
            other => Value::from_json_with(other, Value::from_json),
        }
    }

    /// From JSON data, objects as records: rows of a dataset, demos of a saved state.
    pub fn records_from_json(json: &Json) -> Value {
        match json {
            Json::Object(map) => Value::record(map.iter().map(|(k, v)| (k.as_str(), Value::records_from_json(v)))),
            other => Value::from_json_with(other, Value::records_from_json),
        }
    }

    fn from_json_with(json: &Json, inner: fn(&Json) -> Value) -> Value {
        match json {
            Json::Null | Json::Object(_) => Value::None,
            Json::Bool(b) => Value::Bool(*b),
            Json::Number(n) => n
                .as_i64()
                .map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Int),
            Json::String(text) => Value::str(text.as_str()),
            Json::Array(items) => Value::list(items.iter().map(inner)),
        }
    }
}

fn json_object<'a>(entries: impl Iterator<Item = (&'a EcoString, &'a Value)>) -> Map<String, Json> {
    entries.map(|(key, value)| (key.to_string(), value.to_json())).collect()
}
