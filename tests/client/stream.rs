//! Answers that are read while they come: the same reply as in one piece, told as it is said, and never taken for whole
//! when it was cut off.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dsp::chat::{Finish, Reply};
use dsp::diag::Fault;
use dsp::host::HttpResponse;
use dsp::host::fake::FakeHost;
use dsp::lm::{CallSettings, Listener};
use dsp::value::Value;
use serde_json::{Value as Json, json};

use super::setup::{ask, client, model, once, watch};

/// What is answered to a call that listens, and what was heard of it.
fn heard(host: &FakeHost, name: &str, settings: CallSettings) -> (Result<Reply, Fault>, Vec<String>) {
    let lm = model(name, &[("api_base", Value::str("http://model"))]);
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = told.clone();
    let listener = Listener::new(move |text| heard.lock().unwrap().push(text.to_owned()));
    let answer = host.block_on(client(host).ask(&lm, ask(&lm, "hi"), settings, watch(Some(listener))));
    let told = told.lock().unwrap().clone();
    (answer.map(|answer| answer.reply), told)
}

fn says(body: String) -> FakeHost {
    let host = FakeHost::new();
    host.answer(move |_| {
        let headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
        let response = HttpResponse {
            status: 200,
            headers,
            body: body.clone().into_bytes(),
        };
        (Duration::ZERO, response)
    });
    host
}

fn events(events: &[Json]) -> String {
    events.iter().map(|event| format!("data: {event}\r\n\r\n")).collect()
}

fn openai(text: &str) -> Json {
    json!({"id": "x", "model": "m-1", "choices": [{"index": 0, "delta": {"content": text}}]})
}

fn openai_end() -> Json {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})
}

/// A provider's name, what it sends, and the path that is asked.
fn protocols() -> Vec<(&'static str, String, &'static str)> {
    let openai = events(&[openai("Par"), openai("is"), openai_end()]) + "data: [DONE]\n\n";
    let anthropic = [
        json!({"type": "message_start", "message": {"id": "x", "model": "m-1", "content": [], "usage": {"input_tokens": 3, "output_tokens": 1}}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Par"}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "is"}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 2}}),
        json!({"type": "message_stop"}),
    ];
    let anthropic: String = anthropic
        .iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
        .collect();
    let part = |text: &str| json!({"responseId": "x", "modelVersion": "m-1", "candidates": [{"content": {"parts": [{"text": text}]}}]});
    let gemini = events(&[
        part("Par"),
        part("is"),
        json!({"candidates": [{"finishReason": "MAX_TOKENS"}], "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}}),
    ]);
    let line = |text: &str| json!({"model": "m-1", "message": {"content": text}, "done": false}).to_string() + "\n";
    let last = json!({"model": "m-1", "message": {"content": ""}, "done": true, "done_reason": "length", "prompt_eval_count": 3, "eval_count": 2});
    let ollama = line("Par") + &line("is") + &last.to_string();
    vec![
        ("openai/m", openai, "http://model/chat/completions"),
        ("anthropic/m", anthropic, "http://model/messages"),
        (
            "gemini/m",
            gemini,
            "http://model/models/m:streamGenerateContent?alt=sse",
        ),
        ("ollama/m", ollama, "http://model/api/chat"),
    ]
}

#[test]
fn each_protocol_is_told_as_it_is_said_and_makes_the_whole_reply() {
    for (name, body, url) in protocols() {
        let host = says(body);
        let (reply, told) = heard(&host, name, once());
        let reply = reply.unwrap();
        assert_eq!((reply.text.as_str(), reply.finish), ("Paris", Finish::Length), "{name}");
        assert_eq!(
            (reply.usage.prompt_tokens, reply.usage.completion_tokens),
            (3, 2),
            "{name}"
        );
        assert_eq!(reply.model.as_deref(), Some("m-1"), "{name}");
        assert_eq!(told, ["Par", "is"], "{name}");
        assert_eq!(host.requests()[0].url, url);
    }
}

#[test]
fn an_answer_that_is_cut_off_anywhere_is_an_error_at_once() {
    for (name, body, _) in protocols() {
        let text = body.find("Par").unwrap();
        let end = body.find(if name.starts_with("gemini") {
            "finishReason"
        } else {
            "length"
        });
        let end = end.or(body.find("max_tokens")).unwrap();
        for at in (0..end).filter(|at| body.is_char_boundary(*at)).step_by(7) {
            let host = says(body[..at].to_owned());
            let (reply, told) = heard(&host, name, CallSettings::default());
            let fault = reply.expect_err(name);
            assert_eq!(fault.kind.name(), "lm", "{name} at {at}");
            assert_eq!(host.requests().len(), 1, "{name} at {at}: {}", fault.message);
            assert_eq!(fault.reply.unwrap_or_default(), told.concat(), "{name} at {at}");
            assert!(at > text || told.is_empty());
        }
    }
}

#[test]
fn the_same_event_twice_counts_once() {
    let event = format!("id: 1\ndata: {}\n\n", openai("Par"));
    let other = format!("id: 2\ndata: {}\n\n", openai("is"));
    let end = events(&[openai_end(), openai_end()]) + "data: [DONE]\n\ndata: [DONE]\n\n";
    let (reply, _) = heard(&says(format!("{event}{event}{other}{other}{end}")), "openai/m", once());
    assert_eq!(reply.unwrap().text, "Paris");
}

#[test]
fn a_server_that_fails_is_asked_again_only_while_it_has_said_nothing() {
    let failure = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let said = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Par"}});
    let host = says(events(std::slice::from_ref(&failure)));
    let (reply, _) = heard(&host, "anthropic/m", CallSettings::default());
    assert_eq!(
        reply.unwrap_err().message,
        "`http://model` failed: Overloaded (tried 4 times)"
    );
    let host = says(events(&[said, failure]));
    let (reply, _) = heard(&host, "anthropic/m", CallSettings::default());
    let fault = reply.unwrap_err();
    assert_eq!(
        (fault.message.as_str(), fault.reply.as_deref()),
        ("`http://model` failed: Overloaded", Some("Par"))
    );
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn what_a_server_says_of_its_failure_is_heard_however_it_says_it() {
    let rows = [
        (
            "openai/m",
            json!({"error": "out of memory"}),
            "failed: out of memory",
            1,
        ),
        (
            "openai/m",
            json!({"error": {"code": 503, "message": "no room"}}),
            "failed: no room",
            4,
        ),
        (
            "gemini/m",
            json!({"error": {"code": 500, "status": "INTERNAL", "message": "oh"}}),
            "failed: oh",
            4,
        ),
        (
            "gemini/m",
            json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "oh"}}),
            "failed: oh",
            1,
        ),
        ("openai/m", json!({"choices": 3}), "is not what a model's should be", 1),
    ];
    for (name, event, words, requests) in rows {
        let host = says(events(std::slice::from_ref(&event)));
        let (reply, _) = heard(&host, name, CallSettings::default());
        let fault = reply.unwrap_err();
        assert!(
            fault.kind.name() == "lm" && fault.message.contains(words),
            "{event}: {fault:?}"
        );
        assert_eq!(host.requests().len(), requests, "{event}");
    }
    // What it thought is paid for, too.
    let thought = json!({"choices": [{"delta": {"reasoning_content": "hm"}}]});
    let host = says(events(&[
        thought,
        json!({"error": {"code": 503, "message": "no room"}}),
    ]));
    let (reply, _) = heard(&host, "openai/m", CallSettings::default());
    assert!(reply.unwrap_err().message.contains("failed: no room"));
    assert_eq!(host.requests().len(), 1);
    // It says that it is done, and nothing else.
    let host = says("data: {\"choices\": []}\n\ndata: [DONE]\n\n".to_owned());
    let (reply, _) = heard(&host, "openai/m", CallSettings::default());
    let fault = reply.unwrap_err();
    assert_eq!((fault.kind.name(), host.requests().len()), ("lm", 1), "{fault:?}");
    assert!(fault.message.contains("empty answer"), "{fault:?}");
}

#[test]
fn a_server_that_does_not_stream_answers_in_one_piece() {
    let host = super::setup::echo();
    let (reply, told) = heard(&host, "openai/m", once());
    assert_eq!(reply.unwrap().text, "re: hi");
    assert!(told.is_empty());
}

#[test]
fn what_was_heard_is_in_the_cache_for_whoever_does_not_listen() {
    let (name, body, _) = protocols().remove(0);
    let host = says(body);
    let (reply, _) = heard(&host, name, CallSettings::default());
    let lm = model(name, &[("api_base", Value::str("http://model"))]);
    let answer = host.block_on(client(&host).call(&lm, ask(&lm, "hi"), CallSettings::default()));
    let answer = answer.unwrap();
    assert!(answer.cached);
    assert_eq!(answer.reply, reply.unwrap());
    let (again, told) = heard(&host, name, CallSettings::default());
    assert_eq!((again.unwrap(), told.len()), (answer.reply, 0));
    assert_eq!(host.requests().len(), 1);
}
