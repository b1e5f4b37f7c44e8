//! Replies and values: what DSPy reads, dsp reads too.

use dsp::adapter::{Adapter, Chat};
use dsp::value::{Value, coerce};
use serde_json::Value as Json;

use crate::data::{read_signature, shared, text, untagged};

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
        let signature = match read_signature(&case["signature"]) {
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
            let expected = Value::records_from_json(&untagged(parsed));
            match &read {
                Ok(read) if plain(&Value::Record(read.values.clone().into())) == plain(&expected) => {}
                _ => wrong.push(format!("{id}: {:?} -> {read:?}, not {parsed}", case["completion"])),
            }
        }
    }
    println!("parse_cases, chat: {} of {} ran", ran, cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As JSON: the cases do not tell dicts from records.
fn plain(value: &Value) -> Json {
    value.to_json()
}
