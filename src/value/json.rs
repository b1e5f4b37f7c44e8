//! JSON: values written as Python's `json.dumps(x, ensure_ascii=False)` does, and the way to and from `serde_json`.

use std::cell::Cell;
use std::fmt::Write;

use serde_json::{Map, Number, Value as Data};

use super::display::{float_text, resolved};
use super::walk::{self, Style};
use super::{EcoString, Value, show};

/// What Python's `json.dumps(x, ensure_ascii=False)` writes; with `indent`, as there. What JSON has no form for (a
/// function, a program) is written as the string that `print` shows.
pub fn json(value: &Value, indent: Option<usize>) -> String {
    let mut out = String::new();
    walk::write(&mut out, value, &Json { indent });
    out
}

/// How many bytes the margins of an indented text take.
pub fn json_margins(value: &Value, width: u64) -> u64 {
    let margins = Margins {
        width,
        bytes: Cell::new(0),
    };
    walk::write(&mut String::new(), value, &margins);
    margins.bytes.get()
}

/// Writes nothing and counts what stands before the lines.
struct Margins {
    width: u64,
    bytes: Cell<u64>,
}

impl Style for Margins {
    fn leaf(&self, _: &mut String, _: &Value) {}

    fn key(&self, _: &mut String, _: &str, _: &Value) {}

    fn before(&self, out: &mut String, _: bool, depth: usize) {
        self.behind(out, depth);
    }

    fn behind(&self, _: &mut String, depth: usize) {
        let margin = self.width.saturating_mul(depth as u64).saturating_add(1);
        self.bytes.set(self.bytes.get().saturating_add(margin));
    }
}

/// A string as JSON has it, in quotes.
pub fn json_quoted(text: &str) -> String {
    let mut out = String::new();
    write_quoted(&mut out, text);
    out
}

/// JSON data may be nested so deep; what lies deeper is written as `print` shows it.
const DEEPEST: usize = 256;

struct Json {
    indent: Option<usize>,
}

impl Style for Json {
    fn leaf(&self, out: &mut String, value: &Value) {
        match value {
            Value::None | Value::Absent | Value::Promise(_) => out.push_str("null"),
            Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Value::Int(i) => {
                let _ = write!(out, "{i}");
            }
            Value::Float(x) => out.push_str(&json_float(*x)),
            Value::Str(text) => write_quoted(out, text),
            other => write_quoted(out, &show(other)),
        }
    }

    fn key(&self, out: &mut String, key: &str, _: &Value) {
        write_quoted(out, key);
        out.push_str(": ");
    }

    fn before(&self, out: &mut String, first: bool, depth: usize) {
        if !first {
            out.push_str(if self.indent.is_some() { "," } else { ", " });
        }
        self.behind(out, depth);
    }

    fn behind(&self, out: &mut String, depth: usize) {
        if let Some(width) = self.indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', width * depth));
        }
    }
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
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
    pub fn to_json(&self) -> Data {
        self.to_json_within(DEEPEST)
    }

    fn to_json_within(&self, depth: usize) -> Data {
        let Some(depth) = depth.checked_sub(1) else {
            return Data::String(show(self));
        };
        match self {
            Value::None | Value::Absent => Data::Null,
            Value::Bool(b) => Data::Bool(*b),
            Value::Int(i) => Data::Number((*i).into()),
            Value::Float(x) => Number::from_f64(*x).map_or(Data::Null, Data::Number),
            Value::Str(text) => Data::String(text.to_string()),
            Value::List(items) => Data::Array(items.iter().map(|item| item.to_json_within(depth)).collect()),
            Value::Dict(dict) => Data::Object(json_object(dict.iter(), depth)),
            Value::Record(record) => Data::Object(json_object(record.iter(), depth)),
            Value::Promise(promise) => resolved(promise).map_or(Data::Null, |value| value.to_json_within(depth)),
            other => Data::String(show(other)),
        }
    }

    /// From JSON data, objects as dicts. An integer beyond 64 bits becomes a float.
    pub fn from_json(json: &Data) -> Value {
        match json {
            Data::Object(map) => Value::dict(map.iter().map(|(k, v)| (k.as_str(), Value::from_json(v)))),
            other => Value::from_json_with(other, Value::from_json),
        }
    }

    /// From JSON data, objects as records: rows of a dataset, demos of a saved state.
    pub fn records_from_json(json: &Data) -> Value {
        match json {
            Data::Object(map) => Value::record(map.iter().map(|(k, v)| (k.as_str(), Value::records_from_json(v)))),
            other => Value::from_json_with(other, Value::records_from_json),
        }
    }

    fn from_json_with(json: &Data, inner: fn(&Data) -> Value) -> Value {
        match json {
            Data::Null | Data::Object(_) => Value::None,
            Data::Bool(b) => Value::Bool(*b),
            Data::Number(n) => n
                .as_i64()
                .map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Int),
            Data::String(text) => Value::str(text.as_str()),
            Data::Array(items) => Value::list(items.iter().map(inner)),
        }
    }
}

fn json_object<'a>(entries: impl Iterator<Item = (&'a EcoString, &'a Value)>, depth: usize) -> Map<String, Data> {
    entries
        .map(|(key, value)| (key.to_string(), value.to_json_within(depth)))
        .collect()
}
