//! Rows as JSON: one object a line, or a list of objects.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::shape::rows_type;
use super::{Rows, broken};
use crate::diag::Fault;
use crate::value::{EcoString, Record, Value};

/// Makes records; rows with the same columns share their names.
#[derive(Default)]
struct Maker {
    names: Option<Arc<[EcoString]>>,
}

impl Maker {
    fn record(&mut self, object: &Map<String, Json>) -> Record {
        let same = |names: &&Arc<[EcoString]>| {
            names.len() == object.len() && names.iter().zip(object.keys()).all(|(a, b)| a.as_str() == b.as_str())
        };
        let names = match self.names.as_ref().filter(same) {
            Some(names) => names.clone(),
            None => object.keys().map(|name| EcoString::from(name.as_str())).collect(),
        };
        self.names = Some(names.clone());
        Record::new(names, object.values().map(Value::records_from_json).collect())
    }
}

pub fn lines(text: &str, path: &str) -> Result<Rows, Fault> {
    let mut maker = Maker::default();
    let mut records = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let start = line.len() - line.trim_start().len();
        match serde_json::from_str(line.trim()) {
            _ if line.trim().is_empty() => {}
            Ok(Json::Object(object)) => records.push(maker.record(&object)),
            Ok(other) => return Err(broken(path, i + 1, start + 1, no_object(&other))),
            Err(e) => return Err(broken(path, i + 1, start + e.column().max(1), syntax(&e))),
        }
    }
    Ok(Rows {
        ty: rows_type(&records),
        records,
    })
}

pub fn array(text: &str, path: &str) -> Result<Rows, Fault> {
    let parsed =
        serde_json::from_str(text).map_err(|e| broken(path, e.line().max(1), e.column().max(1), syntax(&e)))?;
    let items = match parsed {
        Json::Array(items) => items,
        other => {
            let (line, column) = place(text, text.len() - text.trim_start().len());
            return Err(broken(
                path,
                line,
                column,
                format!("a dataset is a list of objects, this is {}", kind(&other)),
            ));
        }
    };
    let mut maker = Maker::default();
    let mut records = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let Json::Object(object) = item else {
            let (line, column) = place(text, element_start(text, i));
            return Err(broken(path, line, column, no_object(item)));
        };
        records.push(maker.record(object));
    }
    Ok(Rows {
        ty: rows_type(&records),
        records,
    })
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

fn no_object(json: &Json) -> String {
    format!("a row is an object, this is {}", kind(json))
}

/// serde_json's reason without its own place.
fn syntax(error: &serde_json::Error) -> String {
    let text = error.to_string();
    format!("no JSON: {}", text.split(" at line ").next().unwrap_or(&text))
}

fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

/// Where element `n` of the list that is the whole (valid) text begins.
fn element_start(text: &str, n: usize) -> usize {
    let (mut depth, mut commas, mut in_string, mut escaped, mut ready) = (0, 0, false, false, false);
    for (at, c) in text.char_indices() {
        if ready && !c.is_whitespace() {
            return at;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '[' | '{' => {
                depth += 1;
                ready = depth == 1 && n == 0;
            }
            ']' | '}' => depth -= 1,
            ',' if depth == 1 => {
                commas += 1;
                ready = commas == n;
            }
            _ => {}
        }
    }
    0
}
