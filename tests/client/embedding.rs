//! Places of texts: what is sent, in how many requests and when, and what the cache keeps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dsp::diag::Fault;
use dsp::host::fake::{FakeHost, json_response};
use dsp::host::{Host, HttpResponse};
use dsp::lm::CallSettings;
use dsp::value::{LmSpec, Settings, Value};
use futures_util::future::join3;
use serde_json::{Value as Json, json};

use super::setup::{ask, at, client, model, once};

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
    host.block_on(client(host).embed(lm, texts, CallSettings::default()))
        .vectors
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

/// A server that answers the request of this number (from 0) as it is told, and places every text at 1.
fn placing(answer: impl Fn(usize) -> Option<HttpResponse> + Send + Sync + 'static) -> FakeHost {
    let (host, count) = (FakeHost::new(), AtomicUsize::new(0));
    host.answer(move |request| {
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        let texts = body["input"].as_array().map_or(0, Vec::len);
        let data: Vec<Json> = (0..texts).map(|i| json!({"index": i, "embedding": [1.0]})).collect();
        let placed = json_response(200, &json!({"data": data, "usage": {"prompt_tokens": 30}}));
        let response = answer(count.fetch_add(1, Ordering::Relaxed)).unwrap_or(placed);
        (Duration::from_millis(10), response)
    });
    host
}

fn refusal(status: u16, headers: &[(&str, &str)]) -> HttpResponse {
    let mut response = json_response(status, &json!({"error": {"message": "not now"}}));
    let headers = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    response.headers.extend(headers);
    response
}

/// Places texts one after another, each with a request of its own: the seconds that takes, or the first failure.
fn seconds(host: &FakeHost, options: &[(&str, Value)], texts: usize) -> Result<u64, Fault> {
    let lm = model(
        "openai/e",
        &[&[("api_base", Value::str("http://model/v1"))], options].concat(),
    );
    let (client, settings) = (client(host), CallSettings::of(&lm, &Settings::default()).unwrap());
    let began = host.elapsed();
    for n in 0..texts {
        host.block_on(client.embed(&lm, vec![n.to_string()], settings.clone()))
            .vectors?;
    }
    Ok((host.elapsed() - began).as_secs())
}

#[test]
fn texts_are_placed_within_the_limits_of_the_script_and_of_the_server() {
    let host = placing(|_| None);
    assert_eq!(seconds(&host, &[("rpm", Value::Int(2))], 5).unwrap(), 120);
    let host = placing(|_| None);
    assert_eq!(seconds(&host, &[("tpm", Value::Int(60))], 5).unwrap(), 120);
    // Told once, obeyed by the next.
    let busy = |n| (n == 0).then(|| refusal(429, &[("retry-after", "7")]));
    let host = placing(busy);
    assert_eq!(seconds(&host, &[], 2).unwrap(), 7);
    assert_eq!(host.requests().len(), 3);
    let empty = |n| {
        (n == 0).then(|| {
            let body = json!({"data": [{"index": 0, "embedding": [1.0]}]});
            let mut response = json_response(200, &body);
            let headers = [
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "9s"),
            ];
            response
                .headers
                .extend(headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
            response
        })
    };
    assert_eq!(seconds(&placing(empty), &[], 2).unwrap(), 9);
}

#[test]
fn a_server_that_fails_all_the_time_is_left_alone_whatever_it_is_asked() {
    let host = placing(|_| Some(refusal(500, &[])));
    let (client, lm) = (client(&host), at("http://model/v1"));
    for n in 0..10 {
        let placed = host.block_on(client.embed(&lm, vec![n.to_string()], once()));
        assert!(placed.vectors.unwrap_err().message.contains("failed (500)"));
    }
    let fault = host.block_on(client.call(&lm, ask(&lm, "hi"), once())).unwrap_err();
    assert!(fault.message.contains("is left alone for a while"), "{fault}");
    let placed = host.block_on(client.embed(&lm, vec!["x".to_owned()], once()));
    assert!(
        placed
            .vectors
            .unwrap_err()
            .message
            .contains("is left alone for a while")
    );
    assert_eq!(host.requests().len(), 10);
}

#[test]
fn the_same_texts_on_their_way_are_sent_once() {
    let host = lengths();
    let (client, lm) = (client(&host), at("http://model/v1"));
    let embed = |texts: &[&str]| {
        let texts = texts.iter().map(ToString::to_string).collect();
        client.embed(&lm, texts, CallSettings::default())
    };
    let (first, second, third) = host.block_on(join3(embed(&["a", "b"]), embed(&["b", "a"]), embed(&["b", "ccc"])));
    assert_eq!(first.vectors.unwrap(), [[1.0], [1.0]]);
    assert_eq!(second.vectors.unwrap(), [[1.0], [1.0]]);
    assert_eq!(third.vectors.unwrap(), [[1.0], [3.0]]);
    let sent: Vec<Json> = host
        .requests()
        .iter()
        .map(|request| serde_json::from_slice::<Json>(&request.body).unwrap()["input"].clone())
        .collect();
    assert_eq!(sent, [json!(["a", "b"]), json!(["ccc"])]);
    assert_eq!([first.queries[0].cached, second.queries[0].cached], [false, true]);

    // Who asked first may give up.
    let mut first = Box::pin(embed(&["x", "y"]));
    let second = embed(&["y"]);
    assert!(host.block_on(async { futures_util::FutureExt::now_or_never(&mut first).is_none() }));
    drop(first);
    assert_eq!(host.block_on(second).vectors.unwrap(), [[1.0]]);
    assert_eq!(host.block_on(embed(&["y"])).vectors.unwrap(), [[1.0]]);
    assert_eq!(host.requests().len(), 3);
}

#[test]
fn what_was_placed_beside_a_failure_is_kept() {
    let host = placing(|n| (n == 1).then(|| refusal(400, &[])));
    let (client, lm) = (client(&host), at("http://model/v1"));
    let texts: Vec<String> = (0..256).map(|n| n.to_string()).collect();
    let placed = host.block_on(client.embed(&lm, texts.clone(), CallSettings::default()));
    assert!(placed.vectors.unwrap_err().message.contains("not now"));
    let again = host.block_on(client.embed(&lm, texts, CallSettings::default()));
    assert_eq!(again.vectors.unwrap().len(), 256);
    assert_eq!(host.requests().len(), 3);
}

#[test]
fn tokens_that_no_server_counts_are_guessed_and_marked() {
    let host = placing(|_| Some(json_response(200, &json!({"data": [{"index": 0, "embedding": [1.0]}]}))));
    let lm = at("http://model/v1");
    let placed = host.block_on(client(&host).embed(&lm, vec!["x".repeat(40)], once()));
    let usage = placed.queries[0].usage;
    assert_eq!((usage.prompt_tokens, usage.estimated), (10, true));
}
