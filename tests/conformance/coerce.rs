//! Replies and values: what DSPy reads, dsp reads too.

use dsp::adapter::{Adapter, Chat, Json as JsonAdapter, Xml};
use dsp::value::{Value, coerce, python_str};
use serde_json::Value as Json;

use crate::data::{read_signature, shared, text, value};

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

/// The replies to an adapter: how many ran.
fn replies(adapter: &dyn Adapter) -> Option<usize> {
    let file = shared("parse_cases.json")?;
    let own = format!("{}/", adapter.name());
    let all = file["cases"].as_array().unwrap().iter();
    let cases: Vec<&Json> = all.filter(|case| text(case, "id").starts_with(&own)).collect();
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
        let read = adapter.parse(&signature, text(case, "completion"), false);
        let Some(parsed) = case.get("parsed").filter(|parsed| !has_no_number(parsed)) else {
            continue;
        };
        match &read {
            Ok(read) if is_marked_bug(id) || same(&Value::Record(read.values.clone().into()), &value(parsed)) => {}
            _ => wrong.push(format!("{id}: {:?} -> {read:?}, not {parsed}", case["completion"])),
        }
    }
    println!("parse_cases, {own}: {ran} of {} ran", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Some(ran)
}

#[test]
fn chat_replies_are_read_as_dspy_reads_them() {
    let ran = replies(&Chat);
    assert!(ran.is_none_or(|ran| ran >= 109), "{ran:?} cases ran");
}

#[test]
fn json_replies_are_read_as_dspy_reads_them() {
    let ran = replies(&JsonAdapter);
    assert!(ran.is_none_or(|ran| ran >= 38), "{ran:?} cases ran");
}

#[test]
fn xml_replies_are_read_as_dspy_reads_them() {
    let ran = replies(&Xml);
    assert!(ran.is_none_or(|ran| ran >= 26), "{ran:?} cases ran");
}

/// The same data, and nothing beside it. A non-string in a text is its JSON where DSPy has its Python text, and of a
/// doubled tag the first counts, which DSPy makes the text of a list (a marked bug).
fn same(read: &Value, expected: &Value) -> bool {
    let (Json::Object(read), Json::Object(expected)) = (read.to_json(), expected.to_json()) else {
        return false;
    };
    let same = |(name, read): (&String, &Json)| {
        let (read, expected) = (Value::from_json(read), expected.get(name).map(Value::from_json));
        let python = read.as_str().and_then(|text| serde_json::from_str(text).ok());
        let python = python.map(|json| Value::str(python_str(&Value::from_json(&json))));
        let first = python_str(&Value::list([read.clone()]));
        let of_list = expected.as_ref().and_then(Value::as_str).is_some_and(|text| {
            let first = first.trim_end_matches(']');
            text.starts_with(&format!("{first}, "))
        });
        expected.as_ref() == Some(&read) || (expected.is_some() && expected == python) || of_list
    };
    read.len() == expected.len() && read.iter().all(same)
}
