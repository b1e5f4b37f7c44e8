//! Metrics that ask a model, against what those of DSPy send.

use std::time::Duration;

use dsp::host::fake::{FakeHost, openai_reply};
use serde_json::Value as Json;

use super::run::{printed, script};

fn case(id: &str) -> Option<Json> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/conformance/module_transcripts.json"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("the shared transcripts are not here: `{id}` did not run");
        return None;
    };
    let file: Json = serde_json::from_str(&text).unwrap();
    file["cases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| case["id"] == id)
        .cloned()
}

#[test]
fn semantic_f1_asks_what_dspy_asks() {
    let Some(case) = case("semantic_f1") else { return };
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "k");
    let reply = case["scripted_answers"][0].as_str().unwrap().to_owned();
    host.answer(move |_| (Duration::ZERO, openai_reply(&reply)));
    let text = r#"
configure(lm: LM("openai/fake", api_base: "http://fake.test/v1"))
print(semantic_f1({question: "q", response: "gt"}, {response: "sys"}))
"#;
    let score = case["result"]["score"].as_f64().unwrap();
    assert_eq!(script(&host, text).unwrap(), format!("{score}\n"));
    let body: Json = serde_json::from_slice(&host.requests()[0].body).unwrap();
    assert_eq!(body["messages"], case["lm_calls"][0]["messages"]);
}

#[test]
fn semantic_f1_in_parts_asks_what_dspy_asks_and_is_a_program() {
    let Some(case) = case("semantic_f1_decompositional") else {
        return;
    };
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "k");
    let reply = case["scripted_answers"][0].as_str().unwrap().to_owned();
    host.answer(move |_| (Duration::ZERO, openai_reply(&reply)));
    let text = r#"
configure(lm: LM("openai/fake", api_base: "http://fake.test/v1"))
let row = {question: "q", response: "gt"}
print(semantic_f1(row, {response: "sys"}, decompositional: true))
let judge = SemanticF1(threshold: 0.7, decompositional: true)
print(judge(row, {response: "sys"}, []), [p.path for p in predictors(judge)])
print(evaluate(|question| {response: "sys"}, [row], metric: judge).score)
"#;
    assert_eq!(
        script(&host, text).unwrap(),
        "0.6666666666666666\n0.0 [\"module.predict\"]\n66.67\n"
    );
    let body: Json = serde_json::from_slice(&host.requests()[0].body).unwrap();
    assert_eq!(body["messages"], case["lm_calls"][0]["messages"]);
}

#[test]
fn semantic_f1_keeps_its_share_between_nothing_and_all_and_judges_runs_by_a_threshold() {
    let text = r#"
fn said(recall: float, precision: float) -> LM { DummyLM([{reasoning: "r", recall, precision}]) }
let row = {question: "q", response: "gt"}
let p = {response: "sys"}
with (lm: said(7.0, 1.5)) { print(semantic_f1(row, p)) }
with (lm: said(-1.0, 0.0)) { print(semantic_f1(row, p)) }
with (lm: said(0.5, 1.0)) { print(semantic_f1(row, p, [])) }
with (lm: said(0.4, 1.0)) { print(semantic_f1(row, p, [])) }
let rows = [row, {question: "q2", response: "x"}]
with (lm: DummyLM({"system_response": {reasoning: "r", recall: 1.0, precision: 1.0}, "q": {response: "y"}})) {
  print(evaluate(Predict("question -> response"), rows, semantic_f1).score)
}
"#;
    assert_eq!(printed(text), "1.0\n0.0\n1.0\n0.0\n100.0\n");
}
