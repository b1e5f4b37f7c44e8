//! Replies and values: what DSPy reads, dsp reads too.

use dsp::adapter::{Adapter, Chat};
use dsp::value::{Value, coerce};
use serde_json::Value as Json;

use crate::data::{read_signature, shared, text, untagged};
use crate::python_types::Purpose;

/// NaN and infinity are refused everywhere.
fn has_no_number(json: &Json) -> bool {
    let text = json.to_string();
    text.contains("<nan>") || text.contains("<inf>")
}

#[test]
fn broken_json_is_read_as_json_repair_reads_it() {
    let Some(file) = shared("json_repair_cases.json") else {
        return;
    };
    let cases = file["cases"].as_array().unwrap();
    let (mut ran, mut wrong) = (0, Vec::new());
    for case in cases.iter().filter(|case| !has_no_number(&case["out"])) {
        let read = coerce::repaired(text(case, "in"));
        ran += 1;
        if read != Value::from_json(&case["out"]) {
            wrong.push(format!("{} -> {read:?}, not {}", case["in"], case["out"]));
        }
    }
    println!("json_repair_cases: {} of {} the same", ran - wrong.len(), cases.len());
    assert!(ran >= 64, "{ran} cases ran");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A bug of DSPy that `dspy-formats.md` marks: the value behind an indented header.
fn is_marked_bug(id: &str) -> bool {
    id.starts_with("chat/header_indented")
}

#[test]
fn chat_replies_are_read_as_dspy_reads_them() {
    let Some(file) = shared("parse_cases.json") else { return };
    let cases: Vec<&Json> = file["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| text(c, "id").starts_with("chat/"))
        .collect();
    let (mut ran, mut wrong) = (0, Vec::new());
    for case in &cases {
        let id = text(case, "id");
        let signature = match read_signature(&case["signature"], Purpose::Reply) {
            Ok(signature) => signature,
            Err(rule) => {
                println!("{id}: left out, {rule}");
                continue;
            }
        };
        ran += 1;
        let read = Chat.parse(&signature, text(case, "completion"), false);
        if let Some(parsed) = case
            .get("parsed")
            .filter(|parsed| !has_no_number(parsed) && !is_marked_bug(id))
        {
            match &read {
                Ok(read) if same(&Value::Record(read.values.clone().into()).to_json(), &untagged(parsed)) => {}
                _ => wrong.push(format!("{id}: {:?} -> {read:?}, not {parsed}", case["completion"])),
            }
        }
    }
    println!("parse_cases, chat: {} of {} ran", ran, cases.len());
    assert!(ran >= 102, "{ran} cases ran");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same JSON; where dsp has `none` for a field that was left out, pydantic has its default.
fn same(read: &Json, expected: &Json) -> bool {
    match (read, expected) {
        (Json::Object(a), Json::Object(b)) => {
            let fields = b.iter().all(|(key, expected)| match a.get(key) {
                None | Some(Json::Null) => expected.is_null() || is_default(key, expected),
                Some(read) => same(read, expected),
            });
            fields && a.keys().all(|key| b.contains_key(key))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

/// The defaults of the cases' one class with defaults.
fn is_default(key: &str, value: &Json) -> bool {
    matches!(key, "emails" | "children" if *value == Json::Array(Vec::new())) || (key == "role" && value == "user")
}
