//! Several models as one: who is asked, and when the next one is.

use std::time::Duration;

use dsp::call::{Recording, Source};
use dsp::host::fake::{FakeHost, json_response, openai_reply};
use dsp::lm::{self, CallSettings, Client, ClientOptions, Member};
use dsp::value::{LmSpec, Record, Value};
use serde_json::{Value as Json, json};

use super::setup::client;

fn names(names: &[&str]) -> Vec<Member> {
    names.iter().map(|name| Member::Name((*name).into())).collect()
}

fn several(members: Vec<Member>, options: Record, round_robin: bool) -> LmSpec {
    lm::several(members, options, round_robin).unwrap()
}

fn options() -> Record {
    Record::from_iter([
        ("api_base".into(), Value::str("http://model/v1")),
        ("temperature".into(), Value::Float(0.5)),
    ])
}

/// A server that fails for the models whose names say so.
fn server() -> FakeHost {
    let host = FakeHost::new();
    host.answer(|request| {
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        let name = body["model"].as_str().unwrap().to_owned();
        let response = match name.as_str() {
            "busy" => json_response(503, &json!({"error": {"message": "overloaded"}})),
            "wrong" => json_response(400, &json!({"error": {"message": "no such field"}})),
            _ => openai_reply(&format!("{name} says {}", body["temperature"])),
        };
        (Duration::ZERO, response)
    });
    host
}

fn settings() -> CallSettings {
    CallSettings {
        cache: false,
        lm_retries: 0,
        ..CallSettings::default()
    }
}

#[test]
fn the_next_model_is_asked_where_one_fails_with_the_same_options() {
    let host = server();
    let lm = several(names(&["openai/busy", "openai/b"]), options(), false);
    let request = lm::request(&lm, Vec::new(), dsp::chat::Mode::Chat, []).unwrap();
    let answer = host.block_on(client(&host).call(&lm, request, settings())).unwrap();
    assert!(answer.reply.text.starts_with("b says 0.5"), "{}", answer.reply.text);
    assert_eq!(answer.requests, 2);
}

#[test]
fn the_last_failure_is_the_one_that_is_said() {
    let host = server();
    let lm = several(names(&["openai/busy", "openai/wrong"]), options(), false);
    let request = lm::request(&lm, Vec::new(), dsp::chat::Mode::Chat, []).unwrap();
    let fault = host.block_on(client(&host).call(&lm, request, settings())).unwrap_err();
    assert!(fault.message.contains("no such field"), "{fault:?}");
    assert_eq!(host.requests().len(), 2);
}

#[test]
fn what_the_next_model_said_is_replayed_without_the_one_that_failed() {
    let lm = several(names(&["openai/busy", "openai/b"]), options(), false);
    let recording = Recording::default();
    let asked = |host: &FakeHost, source: Source| {
        let client = Client::new(
            host.host(),
            ClientOptions {
                source,
                ..ClientOptions::default()
            },
        );
        let request = lm::request(&lm, Vec::new(), dsp::chat::Mode::Chat, []).unwrap();
        host.block_on(client.call(&lm, request, settings())).unwrap().reply.text
    };
    let said = asked(&server(), Source::Record(recording.clone()));
    let replayed = Recording::read("x.lm.jsonl", &recording.text()).unwrap();
    assert_eq!(asked(&FakeHost::new(), Source::Replay(replayed.clone())), said);
    assert!(replayed.take_missed().is_empty());
}

#[test]
fn in_a_round_each_call_begins_with_the_next() {
    let host = server();
    let lm = several(names(&["openai/a", "openai/b"]), options(), true);
    let client = client(&host);
    let said: Vec<String> = (0..3)
        .map(|_| {
            let request = lm::request(&lm, Vec::new(), dsp::chat::Mode::Chat, []).unwrap();
            host.block_on(client.call(&lm, request, settings())).unwrap().reply.text
        })
        .collect();
    assert_eq!(said, ["a says 0.5", "b says 0.5", "a says 0.5"]);
}

#[test]
fn a_list_needs_a_name() {
    assert_eq!(
        lm::several(Vec::new(), Record::default(), false)
            .unwrap_err()
            .kind
            .name(),
        "value"
    );
}
