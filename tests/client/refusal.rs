//! A real server over a real connection, in all its moods.

use std::time::{Duration, Instant};

use dsp::lm::CallSettings;
use futures_util::future::join_all;

use super::server::{Deed, Server};
use super::setup::{ask, at, once, real, really};

fn fails(deed: Deed) -> (Server, dsp::diag::Fault) {
    let server = Server::always(deed);
    let fault = really(&at(&server.base), once()).unwrap_err();
    (server, fault)
}

#[test]
fn connections_are_reused() {
    let server = Server::start(|n, _| Deed::says(&n.to_string()).after(Duration::from_millis(5)));
    let (client, runtime) = real();
    let lm = at(&server.base);
    let settings = CallSettings {
        max_concurrency: 4,
        ..CallSettings::default()
    };
    let calls: Vec<_> = (0..40)
        .map(|n| client.call(&lm, ask(&lm, &n.to_string()), settings.clone()))
        .collect();
    assert!(runtime.block_on(join_all(calls)).iter().all(Result::is_ok));
    for n in 0..10 {
        runtime
            .block_on(client.call(&lm, ask(&lm, &n.to_string()), settings.clone()))
            .unwrap();
    }
    assert_eq!(server.requests().len(), 50);
    assert!(server.connections() <= 4, "{} connections", server.connections());
    assert!(server.most_in_flight() <= 4);
}

#[test]
fn a_request_is_plain_openai() {
    let server = Server::always(Deed::says("hi"));
    let answer = really(&at(&server.base), once()).unwrap();
    assert_eq!(
        (answer.reply.text.as_str(), answer.cached, answer.requests),
        ("hi", false, 1)
    );
    let seen = &server.requests()[0];
    assert_eq!(seen.path, "/v1/chat/completions");
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.body["messages"][0]["content"], "hello");
}

#[test]
fn a_refused_key_is_an_auth_error_that_names_the_variable() {
    let (server, fault) = fails(Deed::error(401, "Incorrect API key provided"));
    assert_eq!(fault.kind.name(), "auth");
    assert_eq!(
        fault.message,
        format!("`{}` refused the key (401): Incorrect API key provided", server.base)
    );
    assert!(fault.help.unwrap().contains("`OPENAI_API_KEY`"));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_unknown_model_is_named_and_not_asked_for_again() {
    let server = Server::always(Deed::error(404, "The model does not exist"));
    let fault = really(&at(&server.base), CallSettings::default()).unwrap_err();
    assert_eq!(fault.kind.name(), "lm");
    let message = format!(
        "model not found: `{}` has no model `test` (404): The model does not exist",
        server.base
    );
    assert_eq!(fault.message, message);
    assert!(fault.help.unwrap().starts_with("is the name right?"));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_busy_server_gets_its_pause_and_then_answers() {
    let server = Server::start(|n, _| match n {
        0 => Deed::error(429, "slow down").header("Retry-After", "0.2"),
        _ => Deed::says("ok"),
    });
    let before = Instant::now();
    let answer = really(&at(&server.base), CallSettings::default()).unwrap();
    assert_eq!((answer.reply.text.as_str(), answer.requests), ("ok", 2));
    assert!(before.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_server_that_stays_busy_ends_in_a_rate_limit_error() {
    let server = Server::always(Deed::error(429, "slow down").header("retry-after", "0"));
    let fault = really(
        &at(&server.base),
        CallSettings {
            lm_retries: 2,
            ..CallSettings::default()
        },
    )
    .unwrap_err();
    assert_eq!(fault.kind.name(), "rate_limit");
    assert!(
        fault
            .message
            .ends_with("takes no more requests for now (429): slow down (tried 3 times)"),
        "{fault}"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_failing_server_is_asked_again() {
    let server = Server::start(|n, _| match n {
        0 => Deed::status(502, "<html><body><h1>502 Bad Gateway</h1></body></html>").header("retry-after", "0"),
        1 => Deed::breaks(),
        _ => Deed::says("ok"),
    });
    assert_eq!(really(&at(&server.base), CallSettings::default()).unwrap().requests, 3);
    let (server, fault) = fails(Deed::status(502, "<html><body><h1>502 Bad Gateway</h1></body></html>"));
    assert_eq!(
        fault.message,
        format!("`{}` failed (502): 502 Bad Gateway", server.base)
    );
}

#[test]
fn a_broken_connection_is_an_lm_error_once_the_tries_are_used_up() {
    let (_server, fault) = fails(Deed::breaks());
    assert_eq!(fault.kind.name(), "lm");
    assert!(
        fault.message.starts_with("the connection to `http://127.0.0.1:"),
        "{fault}"
    );
}

#[test]
fn a_server_that_is_down_is_said_to_be() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let fault = really(&at(&base), once()).unwrap_err();
    assert_eq!(fault.kind.name(), "lm");
    let message = format!("could not connect to `{base}/chat/completions`: connection refused; is the server running?");
    assert_eq!(fault.message, message);
}

#[test]
fn a_slow_answer_is_a_time_out() {
    let server = Server::always(Deed::says("late").after(Duration::from_secs(20)));
    let settings = CallSettings {
        timeout: Duration::from_millis(100),
        ..once()
    };
    let before = Instant::now();
    let fault = really(&at(&server.base), settings).unwrap_err();
    assert_eq!(fault.kind.name(), "timeout");
    assert!(fault.message.ends_with("within 0.1 s"), "{fault}");
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_page_instead_of_a_reply_is_shown_in_a_line() {
    let (_server, fault) = fails(Deed::status(
        200,
        "<!DOCTYPE html><html><body>\n<p>Welcome to nginx!</p></body></html>",
    ));
    assert_eq!(fault.kind.name(), "lm");
    assert!(
        fault.message.ends_with("it is not JSON: `Welcome to nginx!`"),
        "{fault}"
    );
}

#[test]
fn an_empty_body_is_said_to_be_empty() {
    let (server, fault) = fails(Deed::status(200, ""));
    assert_eq!(fault.message, format!("`{}` sent an empty answer", server.base));
}

#[test]
fn a_body_of_another_shape_is_shown() {
    let (_server, fault) = fails(Deed::status(200, r#"{"answer": 42}"#));
    assert!(
        fault.message.ends_with(r#"it has no `choices`: `{"answer": 42}`"#),
        "{fault}"
    );
}

#[test]
fn a_prompt_that_is_too_long_has_its_own_kind() {
    let (_server, fault) = fails(Deed::error(
        400,
        "This model's maximum context length is 8192 tokens. However, you requested 9000",
    ));
    assert_eq!(fault.kind.name(), "context_length");
    assert!(
        fault.message.contains("the prompt is too long for `test` (400)"),
        "{fault}"
    );
}

#[test]
fn other_refusals_are_not_tried_again() {
    let server = Server::always(Deed::error(422, "temperature must be at most 2"));
    let fault = really(&at(&server.base), CallSettings::default()).unwrap_err();
    assert_eq!(
        fault.message,
        format!(
            "`{}` refused the request (422): temperature must be at most 2",
            server.base
        )
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_a_server_says_is_shown_without_the_key_and_without_control_characters() {
    let host = dsp::host::fake::FakeHost::new();
    host.set_env("OPENAI_API_KEY", "sk-secret-1");
    let body = serde_json::json!({"error": {"message": "bad key sk-secret-1 \u{1b}[2J!"}});
    host.answer(move |_| (Duration::ZERO, dsp::host::fake::json_response(401, &body)));
    let lm = at("http://model/v1");
    let fault = host
        .block_on(super::setup::client(&host).call(&lm, ask(&lm, "hi"), once()))
        .unwrap_err();
    assert_eq!(fault.message, "`http://model/v1` refused the key (401): bad key … [2J!");
}
