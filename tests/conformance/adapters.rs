//! The adapters against DSPy's own messages.

use dsp::adapter::{self, Adapter, Chat, Json as JsonAdapter, Prompt, TwoStep, Xml};
use dsp::value::{About, Record, Signature, Value};
use serde_json::{Value as Json, json};

use crate::data::{read_signature, shared, text, value};

/// What became of some cases: how many ran, and what those sent that sent something else than DSPy.
#[derive(Default)]
pub struct Outcome {
    pub ran: usize,
    pub wrong: Vec<String>,
}

/// Runs the cases that dsp has the types for, and says by which rule the others are left out.
pub fn run(cases: &[Json]) -> Outcome {
    let mut outcome = Outcome::default();
    for case in cases {
        let id = text(case, "id");
        match read_case(case) {
            Ok((signature, demos, inputs)) => {
                outcome.ran += 1;
                if let Err(difference) = sends_the_same(case, &signature, &demos, &inputs) {
                    outcome.wrong.push(format!("{id}: {difference}"));
                }
            }
            Err(rule) => println!("{id}: left out, {rule}"),
        }
    }
    outcome
}

fn sends_the_same(case: &Json, signature: &Signature, demos: &[Value], inputs: &Record) -> Result<(), String> {
    let name = text(case, "adapter");
    let adapter: &dyn Adapter = match name {
        "chat" => &Chat,
        "json" => &JsonAdapter,
        "xml" => &Xml,
        _ => &TwoStep,
    };
    let prompt = adapter.format(signature, demos, inputs);
    same_messages(&prompt, &taken_apart(&case["messages"]))?;
    match name {
        "json" => same_shape(&prompt, signature, &case["response_format"]),
        "two_step" => {
            let (extraction, inputs) = adapter::extraction(signature, "Free text answer from the main LM.");
            same_messages(&Chat.format(&extraction, &[], &inputs), &case["extraction_messages"])
        }
        _ => same(&prompt.shape.is_none(), &true),
    }
}

/// Prose has marks around images, which DSPy takes apart on the way to a model.
fn taken_apart(messages: &Json) -> Json {
    let part = |text: &str| json!({"type": "text", "text": text});
    let content = |text: &str| -> Option<Json> {
        let mut pieces = text.split("<<CUSTOM-TYPE-START-IDENTIFIER>>");
        let mut parts = vec![part(pieces.next()?)];
        for piece in pieces {
            let (marked, behind) = piece.split_once("<<CUSTOM-TYPE-END-IDENTIFIER>>")?;
            parts.extend(serde_json::from_str::<Vec<Json>>(marked).ok()?);
            parts.push(part(behind));
        }
        parts.retain(|part| part["text"] != "");
        (parts.len() > 1).then(|| Json::Array(parts))
    };
    let mut messages = messages.clone();
    for message in messages.as_array_mut().into_iter().flatten() {
        if let Some(parts) = message["content"].as_str().and_then(content) {
            message["content"] = parts;
        }
    }
    messages
}

/// What DSPy's prose shows of a value by Python's text of the object, and dsp does not have: tuples and sets; images
/// inside of lists and objects, where no model can see them; objects in the turns of a history, which are data to dsp.
fn python_only(case: &Json) -> Option<&'static str> {
    let given = [&case["inputs"], &case["demos"]].map(Json::to_string).concat();
    if given.contains("$tuple") || given.contains("$set") {
        return Some("the Python text of a tuple or a set");
    }
    let media = ["dspy.Image", "dspy.Audio", "dspy.File"];
    let fields = case["signature"]["fields"].as_array().into_iter().flatten();
    let inside = |ty: &str| {
        let bare = ty
            .strip_prefix("Optional[")
            .and_then(|ty| ty.strip_suffix(']'))
            .unwrap_or(ty);
        !media.contains(&bare) && media.iter().any(|name| ty.contains(name))
    };
    let classes = case["signature"]["types"].to_string();
    if fields.clone().any(|field| inside(text(field, "type"))) || media.iter().any(|name| classes.contains(name)) {
        return Some("the Python text of an image inside of another value");
    }
    let turns = case["inputs"]
        .as_object()?
        .values()
        .filter_map(|value| value.get("$history"));
    let objects = turns.map(Json::to_string).any(|turns| turns.contains("{\"$"));
    objects.then_some("the Python text of an object in a history")
}

fn read_case(case: &Json) -> Result<(Signature, Vec<Value>, Record), String> {
    let signature = read_signature(&case["signature"])?;
    let prose = text(case, "adapter").contains("two");
    if let Some(rule) = python_only(case).filter(|_| prose) {
        return Err(rule.to_owned());
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

fn same<T: PartialEq + std::fmt::Debug>(own: &T, expected: &T) -> Result<(), String> {
    match own == expected {
        true => Ok(()),
        false => Err(difference(&format!("{own:?}"), &format!("{expected:?}"))),
    }
}

/// Two texts from shortly before the place on where they part.
pub fn difference(own: &str, expected: &str) -> String {
    let same = own.chars().zip(expected.chars()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.chars().skip(same.saturating_sub(80)).take(240).collect::<String>();
    format!("\n   dsp: {}\n  DSPy: {}", part(own), part(expected))
}

fn same_messages(prompt: &Prompt, expected: &Json) -> Result<(), String> {
    let expected = expected.as_array().unwrap();
    for (sent, expected) in prompt.messages.iter().zip(expected) {
        match expected["content"].as_str() {
            Some(content) => same(&sent.content.as_str(), &content)?,
            None => same(&sent.content_json(), &expected["content"])?,
        }
        same(&sent.role.name(), &text(expected, "role"))?;
    }
    same(&prompt.messages.len(), &expected.len())
}

fn same_shape(prompt: &Prompt, signature: &Signature, expected: &Json) -> Result<(), String> {
    let shape = prompt.shape.as_ref().ok_or("no shape")?.to_json();
    // DSPy takes calls of tools out of the text; dsp asks for them in it.
    let calls = signature
        .outputs
        .iter()
        .any(|field| *field.ty.about() == About::ToolCalls);
    match expected.get("schema") {
        _ if calls => same(&shape, &json!({"type": "json_object"})),
        Some(schema) => {
            let own = &shape["json_schema"];
            let form = json!([expected["json_schema_model"], true]);
            same(&json!([own["name"], own["strict"]]), &form)?;
            same(&own["schema"].to_string(), &schema.to_string())
        }
        None => same(&shape, expected),
    }
}

fn assert_cases(name: &str, least: usize) {
    let Some(file) = shared(name) else { return };
    let cases = file["cases"].as_array().unwrap();
    let Outcome { ran, wrong } = run(cases);
    println!("{name}: {ran} of {} ran", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran >= least, "{ran} cases ran");
}

#[test]
fn the_chat_adapter_sends_what_dspy_sends() {
    assert_cases("chat_adapter_cases.json", 33);
}

#[test]
fn the_json_adapter_sends_what_dspy_sends() {
    assert_cases("json_adapter_cases.json", 33);
}

#[test]
fn the_xml_adapter_sends_what_dspy_sends() {
    assert_cases("xml_adapter_cases.json", 33);
}

#[test]
fn the_two_step_adapter_sends_what_dspy_sends() {
    assert_cases("two_step_adapter_cases.json", 32);
}
