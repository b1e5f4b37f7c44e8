//! The chat adapter against DSPy's own messages.

use dsp::adapter::{Adapter, Chat};
use dsp::value::{Record, Value};
use serde_json::{Value as Json, json};

use crate::data::{read_signature, shared, text, untagged};
use crate::python_types::Purpose;

#[test]
fn the_chat_adapter_sends_what_dspy_sends() {
    let Some(file) = shared("chat_adapter_cases.json") else {
        return;
    };
    let cases = file["cases"].as_array().unwrap();
    let mut ran = 0;
    for case in cases {
        let id = text(case, "id");
        let signature = match read_signature(&case["signature"], Purpose::Prompt) {
            Ok(signature) => signature,
            Err(rule) => {
                println!("{id}: left out, {rule}");
                continue;
            }
        };
        let demos: Vec<Value> = case["demos"]
            .as_array()
            .unwrap()
            .iter()
            .map(Value::records_from_json)
            .collect();
        let prompt = Chat.format(&signature, &demos, &record(&untagged(&case["inputs"])));
        let sent: Vec<Json> = prompt
            .messages
            .iter()
            .map(|m| json!({"role": m.role.name(), "content": m.content}))
            .collect();
        let expected = case["messages"].as_array().unwrap();
        for (sent, expected) in sent.iter().zip(expected) {
            assert_eq!(text(sent, "content"), text(expected, "content"), "{id}");
            assert_eq!(text(sent, "role"), text(expected, "role"), "{id}");
        }
        assert_eq!(sent.len(), expected.len(), "{id}");
        ran += 1;
    }
    println!("chat_adapter_cases: {ran} of {} ran", cases.len());
    assert!(ran >= 24, "{ran} cases ran");
}

fn record(json: &Json) -> Record {
    match Value::records_from_json(json) {
        Value::Record(record) => (*record).clone(),
        other => panic!("not a record: {other:?}"),
    }
}
