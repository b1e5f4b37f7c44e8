//! Finding and reading the shared cases.

use std::path::Path;

use dsp::value::{Constraint, EcoString, Field, Function, Signature, Value};
use serde_json::Value as Json;

use crate::python_types::{Types, read_type};

/// A file of shared cases, or a notice that it is not there.
pub fn shared(name: &str) -> Option<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/conformance")
        .join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("{name}: skipped, ../shared/conformance is not there");
        return None;
    };
    // Python writes what JSON does not have; elsewhere in the lines these words are parts of texts.
    let text: String = text
        .lines()
        .map(|line| match line.trim_end_matches(',') {
            value if value.ends_with(": NaN") => line.replace(": NaN", ": \"<nan>\""),
            value if value.ends_with(": Infinity") => line.replace(": Infinity", ": \"<inf>\""),
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n");
    Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}")))
}

pub fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text `{key}` in {json}"))
}

/// A case's signature, or the rule on types that leaves it out.
pub fn read_signature(json: &Json) -> Result<Signature, String> {
    let types = Types::new(&json["types"]);
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for field in json["fields"].as_array().unwrap() {
        let read = read_field(field, &types)?;
        match text(field, "io") {
            "input" => inputs.push(read),
            _ => outputs.push(read),
        }
    }
    let instructions = text(json, "effective_instructions").into();
    Ok(Signature {
        name: text(json, "name").into(),
        instructions,
        inputs,
        outputs,
    })
}

fn read_field(json: &Json, types: &Types) -> Result<Field, String> {
    let mut field = Field::new(text(json, "name"), read_type(text(json, "type"), types)?);
    field.desc = json["desc"].as_str().map(EcoString::from);
    if text(json, "io") == "input" {
        field.default = json.get("default").map(Value::from_json);
    } else if json.get("default").is_some() {
        return Err("an output with a default".to_owned());
    }
    if let Some(constraints) = json["constraints"].as_object() {
        let constraints = constraints.iter().map(|(kind, bound)| constraint(kind, bound));
        field.constraints = constraints.collect::<Result<_, String>>()?;
    }
    Ok(field)
}

/// What dsp would have as the advice of a `where`, in DSPy's words.
fn constraint(kind: &str, bound: &Json) -> Result<Constraint, String> {
    let words = match kind {
        "gt" => "greater than",
        "ge" => "greater than or equal to",
        "lt" => "less than",
        "le" => "less than or equal to",
        "min_length" => "minimum length",
        "max_length" => "maximum length",
        "multiple_of" => "a multiple of the given number",
        "allow_inf_nan" => "allow 'inf', '-inf', 'nan' values",
        other => return Err(format!("the constraint {other}")),
    };
    let check = Function {
        id: dsp::value::FnId(0),
        name: "check".into(),
        captures: Box::new([]),
    };
    Ok(Constraint {
        check: check.into(),
        advice: format!("{words}: {}", dsp::value::python_str(&Value::from_json(bound))).into(),
    })
}

/// A case's value: an object of a class is a record, a plain one a dict. dsp has no tuples: a script hands one on as
/// its JSON text, which is what DSPy prints.
pub fn value(json: &Json) -> Value {
    match json {
        Json::Object(map) => match map.iter().next().map(|(tag, inner)| (tag.as_str(), inner)) {
            Some(("$tuple" | "$set", items)) => Value::str(dsp::value::json(&Value::from_json(items), None)),
            Some(("$model", _)) => record(&map["value"]),
            Some(("$enum", _)) => value(&map["value"]),
            Some(("$tool", tool)) => record(tool),
            Some(("$image" | "$audio" | "$file", Json::Object(parts))) => {
                parts.values().next().map_or(Value::None, value)
            }
            Some((tag, inner)) if tag.starts_with('$') => value(inner),
            _ => Value::dict(map.iter().map(|(key, json)| (key.as_str(), value(json)))),
        },
        Json::Array(items) => Value::list(items.iter().map(value)),
        other => Value::from_json(other),
    }
}

fn record(json: &Json) -> Value {
    match json {
        Json::Object(map) => {
            let parts = map.iter().map(|(key, json)| match json {
                Json::Object(inner) if !inner.keys().any(|key| key.starts_with('$')) && key != "args" => {
                    (key.as_str(), record(json))
                }
                other => (key.as_str(), value(other)),
            });
            Value::record(parts)
        }
        other => value(other),
    }
}
