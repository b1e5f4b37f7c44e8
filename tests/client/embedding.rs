//! Places of texts: what is sent, in how many requests, and what the cache keeps.

use std::time::Duration;

use dsp::diag::Fault;
use dsp::host::fake::{FakeHost, json_response};
use dsp::lm::CallSettings;
use dsp::value::{LmSpec, Value};
use serde_json::{Value as Json, json};

use super::setup::{at, client, model};

/// A server that places a text at its length, in the reverse order of what was asked.
fn lengths() -> FakeHost {
    let host = FakeHost::new();
    host.answer(|request| {
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        let texts = body["input"].as_array().unwrap().iter().enumerate();
        let one = |(index, text): (usize, &Json)| json!({"index": index, "embedding": [text.as_str().unwrap().len()]});
        let data: Vec<Json> = texts.map(one).rev().collect();
        let body = json!({"data": data, "usage": {"prompt_tokens": data.len()}});
        (Duration::from_millis(10), json_response(200, &body))
    });
    host
}

fn placed(host: &FakeHost, lm: &LmSpec, texts: &[&str]) -> Result<Vec<Vec<f64>>, Fault> {
    let texts = texts.iter().map(ToString::to_string).collect();
    let placed = host.block_on(client(host).embed(lm, texts, CallSettings::default()))?;
    Ok(placed.vectors)
}

#[test]
fn texts_go_in_batches_and_come_back_in_their_order() {
    let host = lengths();
    let texts: Vec<String> = (0..300).map(|i| "x".repeat(i % 150)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let placed = placed(&host, &at("http://model/v1"), &texts).unwrap();
    let expected: Vec<Vec<f64>> = texts.iter().map(|text| vec![text.len() as f64]).collect();
    assert_eq!(placed, expected);
    // A text that stands there twice is sent once.
    assert_eq!(host.requests().len(), 2);
    assert_eq!(host.requests()[0].url, "http://model/v1/embeddings");
}

#[test]
fn a_text_is_paid_for_once_in_whatever_company_it_comes() {
    let host = lengths();
    let lm = at("http://model/v1");
    placed(&host, &lm, &["a", "bb"]).unwrap();
    assert_eq!(placed(&host, &lm, &["bb", "ccc"]).unwrap(), [[2.0], [3.0]]);
    assert_eq!(placed(&host, &lm, &["ccc", "a"]).unwrap(), [[3.0], [1.0]]);
    let sent: Vec<Json> = host
        .requests()
        .iter()
        .map(|request| serde_json::from_slice::<Json>(&request.body).unwrap()["input"].clone())
        .collect();
    assert_eq!(sent, [json!(["a", "bb"]), json!(["ccc"])]);
}

#[test]
fn each_protocol_has_its_own_words() {
    let host = FakeHost::new();
    host.set_env("GEMINI_API_KEY", "k");
    host.answer(|request| {
        let body = match request.url.contains("ollama") {
            true => json!({"embeddings": [[0.5], [1.5]], "prompt_eval_count": 3}),
            false => json!({"embeddings": [{"values": [0.5]}, {"values": [1.5]}]}),
        };
        (Duration::ZERO, json_response(200, &body))
    });
    let ollama = model(
        "ollama/all-minilm",
        &[("api_base", Value::str("http://ollama")), ("dimensions", Value::Int(1))],
    );
    assert_eq!(placed(&host, &ollama, &["a", "b"]).unwrap(), [[0.5], [1.5]]);
    let gemini = model("gemini/text-embedding-004", &[]);
    assert_eq!(placed(&host, &gemini, &["a", "b"]).unwrap(), [[0.5], [1.5]]);
    let sent: Vec<(String, Json)> = host
        .requests()
        .iter()
        .map(|request| (request.url.clone(), serde_json::from_slice(&request.body).unwrap()))
        .collect();
    let one = |text: &str| json!({"model": "models/text-embedding-004", "content": {"parts": [{"text": text}]}});
    assert_eq!(
        sent,
        [
            (
                "http://ollama/api/embed".to_owned(),
                json!({"model": "all-minilm", "input": ["a", "b"], "dimensions": 1})
            ),
            (
                "https://generativelanguage.googleapis.com/v1beta/models/text-embedding-004:batchEmbedContents"
                    .to_owned(),
                json!({"requests": [one("a"), one("b")]})
            ),
        ]
    );
}

#[test]
fn what_cannot_embed_says_what_can() {
    let host = lengths();
    for name in ["local/some.gguf", "anthropic/claude-sonnet-4"] {
        let fault = placed(&host, &model(name, &[]), &["a"]).unwrap_err();
        assert_eq!(fault.kind.name(), "lm", "{name}");
        assert!(fault.help.unwrap().contains("ollama/all-minilm"), "{name}");
    }
    assert_eq!(host.requests().len(), 0);
}

#[test]
fn an_answer_with_too_few_places_is_refused() {
    let host = FakeHost::new();
    let body = json!({"data": [{"index": 0, "embedding": [1.0]}]});
    host.answer(move |_| (Duration::ZERO, json_response(200, &body)));
    let fault = placed(&host, &at("http://model/v1"), &["a", "b"]).unwrap_err();
    assert!(fault.message.contains("1 embeddings for 2 texts"), "{}", fault.message);
}
