//! The adapters against DSPy's own messages.

use dsp::adapter::{self, Adapter, Chat, Json as JsonAdapter, Prompt, TwoStep, Xml};
use dsp::value::{About, Record, Signature, Value};
use serde_json::{Value as Json, json};

use crate::data::{read_signature, shared, text, value};

/// The cases of a file that dsp has the types for: how many ran, of how many.
fn cases(name: &str, mut run: impl FnMut(&str, &Json, &Signature, &Prompt)) -> Option<usize> {
    let file = shared(name)?;
    let cases = file["cases"].as_array().unwrap();
    let mut ran = 0;
    for case in cases {
        let id = text(case, "id");
        let adapter: &dyn Adapter = match text(case, "adapter") {
            "chat" => &Chat,
            "json" => &JsonAdapter,
            "xml" => &Xml,
            _ => &TwoStep,
        };
        match read_case(case) {
            Ok((signature, demos, inputs)) => {
                let prompt = adapter.format(&signature, &demos, &inputs);
                run(id, case, &signature, &prompt);
                ran += 1;
            }
            Err(rule) => println!("{id}: left out, {rule}"),
        }
    }
    println!("{name}: {ran} of {} ran", cases.len());
    Some(ran)
}

fn read_case(case: &Json) -> Result<(Signature, Vec<Value>, Record), String> {
    let signature = read_signature(&case["signature"])?;
    let prose = text(case, "adapter").contains("two");
    if prose
        && ["$tuple", "$set"]
            .iter()
            .any(|tag| case["inputs"].to_string().contains(tag))
    {
        return Err("the Python text of a tuple or a set".to_owned());
    }
    let row = |json: &Json| -> Record {
        let entries = json.as_object().unwrap().iter();
        entries
            .map(|(name, json)| (name.as_str().into(), value(json)))
            .collect()
    };
    let demos = case["demos"].as_array().unwrap().iter();
    let demos = demos.map(|demo| Value::Record(row(demo).into())).collect();
    Ok((signature, demos, row(&case["inputs"])))
}

fn assert_sent(id: &str, prompt: &Prompt, expected: &Json) {
    let expected = expected.as_array().unwrap();
    for (sent, expected) in prompt.messages.iter().zip(expected) {
        match expected["content"].as_str() {
            Some(content) => assert_eq!(sent.content, content, "{id}"),
            None => assert_eq!(sent.content_json(), expected["content"], "{id}"),
        }
        assert_eq!(sent.role.name(), text(expected, "role"), "{id}");
    }
    assert_eq!(prompt.messages.len(), expected.len(), "{id}");
}

#[test]
fn the_chat_adapter_sends_what_dspy_sends() {
    let ran = cases("chat_adapter_cases.json", |id, case, _, prompt| {
        assert_sent(id, prompt, &case["messages"]);
        assert_eq!(prompt.shape, None, "{id}");
    });
    assert!(ran.is_none_or(|ran| ran >= 32), "{ran:?} cases ran");
}

#[test]
fn the_json_adapter_sends_what_dspy_sends() {
    let ran = cases("json_adapter_cases.json", |id, case, signature, prompt| {
        assert_sent(id, prompt, &case["messages"]);
        let shape = prompt.shape.as_ref().unwrap().to_json();
        let expected = &case["response_format"];
        // DSPy takes calls of tools out of the text; dsp asks for them in it.
        if signature
            .outputs
            .iter()
            .any(|field| *field.ty.about() == About::ToolCalls)
        {
            assert_eq!(shape, json!({"type": "json_object"}), "{id}");
            return;
        }
        match expected.get("schema") {
            Some(schema) => {
                let own = &shape["json_schema"];
                assert_eq!(
                    (&own["name"], &own["strict"]),
                    (&expected["json_schema_model"], &json!(true)),
                    "{id}"
                );
                assert_eq!(own["schema"].to_string(), schema.to_string(), "{id}");
            }
            None => assert_eq!(shape, *expected, "{id}"),
        }
    });
    assert!(ran.is_none_or(|ran| ran >= 32), "{ran:?} cases ran");
}

#[test]
fn the_xml_adapter_sends_what_dspy_sends() {
    let ran = cases("xml_adapter_cases.json", |id, case, _, prompt| {
        assert_sent(id, prompt, &case["messages"]);
    });
    assert!(ran.is_none_or(|ran| ran >= 32), "{ran:?} cases ran");
}

#[test]
fn the_two_step_adapter_sends_what_dspy_sends() {
    let ran = cases("two_step_adapter_cases.json", |id, case, signature, prompt| {
        assert_sent(id, prompt, &case["messages"]);
        let (extraction, inputs) = adapter::extraction(signature, "Free text answer from the main LM.");
        let second = Chat.format(&extraction, &[], &inputs);
        assert_sent(id, &second, &case["extraction_messages"]);
    });
    assert!(ran.is_none_or(|ran| ran >= 31), "{ran:?} cases ran");
}
