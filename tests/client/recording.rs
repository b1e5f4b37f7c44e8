//! Recording once, replaying offline.

use std::time::Duration;

use dsp::call::{Recording, Source};
use dsp::chat::Reply;
use dsp::diag::Fault;
use dsp::host::fake::{FakeHost, openai_reply};
use dsp::lm::{Answer, Client, ClientOptions};
use futures_util::future::join_all;

use dsp::lm::CallSettings;

use super::setup::{ask, echo, model, once};

fn with(host: &FakeHost, source: Source) -> Client {
    Client::new(
        host.host(),
        ClientOptions {
            source,
            ..ClientOptions::default()
        },
    )
}

fn ask_all(host: &FakeHost, client: &Client, questions: &[&str]) -> Vec<Result<Answer, Fault>> {
    let lm = model("openai/gpt-4o-mini", &[]);
    let settings = CallSettings { cache: false, ..once() };
    host.block_on(join_all(
        questions.iter().map(|text| client.call(&lm, ask(&lm, text), settings)),
    ))
}

fn recorded(questions: &[&str]) -> String {
    let host = echo();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    let recording = Recording::default();
    let client = with(&host, Source::Record(recording.clone()));
    assert!(ask_all(&host, &client, questions).iter().all(Result::is_ok));
    recording.text()
}

#[test]
fn what_was_recorded_is_replayed_without_key_or_connection() {
    let text = recorded(&["a", "b", "a"]);
    assert_eq!(text.lines().count(), 2);
    let host = FakeHost::new();
    let client = with(&host, Source::Replay(Recording::read("x.lm.jsonl", &text).unwrap()));
    let answers = ask_all(&host, &client, &["b", "a", "a"]);
    let texts: Vec<_> = answers
        .iter()
        .map(|answer| answer.as_ref().unwrap().reply.text.as_str())
        .collect();
    assert_eq!(texts, ["re: b", "re: a", "re: a"]);
    assert!(answers.iter().all(|answer| !answer.as_ref().unwrap().cached));
    assert!(host.requests().is_empty());
}

#[test]
fn lines_stand_in_the_order_of_the_calls_whatever_order_answers_come_in() {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    host.answer(|request| {
        let text = dsp::host::fake::last_user_message(request);
        (
            Duration::from_millis(if text == "a" { 500 } else { 10 }),
            openai_reply(&text),
        )
    });
    let recording = Recording::default();
    ask_all(&host, &with(&host, Source::Record(recording.clone())), &["a", "b", "c"]);
    let lines = recording.text();
    let asked: Vec<_> = lines
        .lines()
        .map(|line| line.split("\"content\":\"").nth(1).unwrap()[..1].to_owned())
        .collect();
    assert_eq!(asked, ["a", "b", "c"]);
}

#[test]
fn no_secret_enters_a_recording() {
    assert!(!recorded(&["a"]).contains("secret"));
}

#[test]
fn a_question_that_was_not_recorded_shows_the_nearest_as_a_diff() {
    let text = recorded(&["the cat sat\non the mat", "something else"]);
    let host = FakeHost::new();
    let client = with(&host, Source::Replay(Recording::read("x.lm.jsonl", &text).unwrap()));
    let fault = ask_all(&host, &client, &["the dog sat\non the mat"])
        .remove(0)
        .unwrap_err();
    assert_eq!(fault.kind.name(), "lm");
    assert!(
        fault.message.contains("-the cat sat\n+the dog sat\n on the mat"),
        "{fault}"
    );
    assert!(!fault.message.contains("something else"), "{fault}");
    assert!(fault.help.unwrap().contains("dsp test --record"));
}

#[test]
fn a_local_model_is_replayed_without_its_weights() {
    let lm = model("local", &[]);
    let reply = Reply {
        text: "from the line".to_owned(),
        ..Reply::default()
    };
    let line = serde_json::json!({"request": ask(&lm, "hello"), "reply": reply}).to_string();
    let host = FakeHost::new();
    let client = with(&host, Source::Replay(Recording::read("x.lm.jsonl", &line).unwrap()));
    let answer = host.block_on(client.call(&lm, ask(&lm, "hello"), once())).unwrap();
    assert_eq!(answer.reply.text, "from the line");
}

#[test]
fn a_local_model_whose_file_is_missing_is_an_error_that_names_it() {
    let host = FakeHost::new();
    let lm = model("local/none.gguf", &[]);
    let client = with(&host, Source::Live);
    let fault = host.block_on(client.call(&lm, ask(&lm, "hello"), once())).unwrap_err();
    assert!(fault.message.contains("`none.gguf`"), "{fault}");
}

#[test]
fn an_empty_recording_says_so_with_the_question() {
    let host = FakeHost::new();
    let client = with(&host, Source::Replay(Recording::default()));
    let fault = ask_all(&host, &client, &["hello"]).remove(0).unwrap_err();
    assert!(
        fault.message.contains("which is empty") && fault.message.contains("hello"),
        "{fault}"
    );
}

#[test]
fn a_line_that_is_no_recording_is_named() {
    let text = recorded(&["a"]) + "{\"request\": 1}\n";
    let fault = Recording::read("x.lm.jsonl", &text).unwrap_err();
    assert!(
        fault.message.starts_with("`x.lm.jsonl` is not a recording: line 2:"),
        "{fault}"
    );
}

#[test]
fn a_failed_request_leaves_no_line() {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    let recording = Recording::default();
    let answers = ask_all(&host, &with(&host, Source::Record(recording.clone())), &["a"]);
    assert!(answers[0].is_err() && recording.is_empty());
}
