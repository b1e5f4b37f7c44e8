//! Replies and values: what DSPy reads, dsp reads too.

use dsp::adapter::{Adapter, Chat, Json as JsonAdapter, Xml};
use dsp::value::{Value, coerce, is_python_space, python_lines, python_str, python_strip};
use serde_json::Value as Json;

use crate::adapters::difference;
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
    let Outcome { ran, wrong } = repaired(cases);
    println!("json_repair_cases: {} of {} the same", ran - wrong.len(), cases.len());
    assert!(ran >= 64, "{ran} cases ran");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Repairs the texts that hold no NaN and no infinity, which dsp refuses everywhere.
pub fn repaired(cases: &[Json]) -> Outcome {
    let mut outcome = Outcome::default();
    for case in cases
        .iter()
        .filter(|case| case.get("out").is_some_and(|out| !has_no_number(out)))
    {
        let read = coerce::repaired(text(case, "in"));
        outcome.ran += 1;
        if read != Value::from_json(&case["out"]) {
            outcome.wrong.push(format!(
                "{}\n   dsp: {}\n  DSPy: {}",
                case["in"],
                read.to_json(),
                case["out"]
            ));
        }
    }
    outcome
}

/// A bug of DSPy that `dspy-formats.md` marks: what follows an indented header is cut at the wrong place.
fn is_marked_bug(id: &str, completion: &str) -> bool {
    let indented = |line: &str| line.starts_with(is_python_space) && python_strip(line).starts_with("[[ ## ");
    id.starts_with("chat/") && python_lines(completion).into_iter().any(indented)
}

/// What became of some replies: how many were read, and which were read otherwise than by DSPy.
#[derive(Default)]
pub struct Outcome {
    pub ran: usize,
    pub wrong: Vec<String>,
}

/// Reads the replies that dsp has the types for, and says by which rule the others are left out.
pub fn run(cases: &[&Json]) -> Outcome {
    let mut outcome = Outcome::default();
    for case in cases {
        let id = text(case, "id");
        let signature = match read_signature(&case["signature"]) {
            Ok(signature) => signature,
            Err(rule) => {
                println!("{id}: left out, {rule}");
                continue;
            }
        };
        let adapter: &dyn Adapter = match id.split('/').next() {
            Some("chat") => &Chat,
            Some("json") => &JsonAdapter,
            _ => &Xml,
        };
        outcome.ran += 1;
        let read = adapter.parse(&signature, text(case, "completion"), false);
        // Where DSPy fails, any value is one more.
        let Some(parsed) = case.get("parsed").filter(|parsed| !has_no_number(parsed)) else {
            continue;
        };
        match &read {
            Ok(read)
                if is_marked_bug(id, text(case, "completion"))
                    || same(&Value::Record(read.values.clone().into()), &value(parsed)) => {}
            Ok(read) => {
                let own = Value::Record(read.values.clone().into()).to_json().to_string();
                let parsed = value(parsed).to_json().to_string();
                let difference = difference(&own, &parsed);
                outcome.wrong.push(format!("{id}: {}{difference}", case["completion"]));
            }
            Err(fault) => outcome.wrong.push(format!(
                "{id}: {}\n   dsp: {fault}\n  DSPy: {parsed}",
                case["completion"]
            )),
        }
    }
    outcome
}

/// The shared replies to an adapter.
fn assert_replies(name: &str, least: usize) {
    let Some(file) = shared("parse_cases.json") else { return };
    let own = format!("{name}/");
    let all = file["cases"].as_array().unwrap().iter();
    let cases: Vec<&Json> = all.filter(|case| text(case, "id").starts_with(&own)).collect();
    let Outcome { ran, wrong } = run(&cases);
    println!("parse_cases, {own}: {ran} of {} ran", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran >= least, "{ran} cases ran");
}

#[test]
fn chat_replies_are_read_as_dspy_reads_them() {
    assert_replies("chat", 109);
}

#[test]
fn json_replies_are_read_as_dspy_reads_them() {
    assert_replies("json", 38);
}

#[test]
fn xml_replies_are_read_as_dspy_reads_them() {
    assert_replies("xml", 26);
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
