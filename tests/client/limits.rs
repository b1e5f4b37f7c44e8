//! How fast servers are asked: by what the script says, by what they tell of themselves, and not at all for a while
//! where they fail all the time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dsp::diag::Fault;
use dsp::host::fake::{FakeHost, json_response, openai_reply};
use dsp::host::{HttpRequest, HttpResponse};
use dsp::lm::{Answer, CallSettings};
use dsp::value::{Settings, Value};
use futures_util::future::join_all;
use serde_json::json;

use super::setup::{ask, client, model};

/// Asks so many questions at once; what is answered, and the seconds after which all was.
fn asked(host: &FakeHost, options: &[(&str, Value)], questions: usize) -> (Vec<Result<Answer, Fault>>, u64) {
    let options = [&[("api_base", Value::str("http://model/v1"))], options].concat();
    let lm = model("openai/test", &options);
    let settings = CallSettings::of(&lm, &Settings::default()).unwrap();
    let client = client(host);
    let before = host.elapsed_seconds();
    let calls = (0..questions).map(|n| client.call(&lm, ask(&lm, &n.to_string()), settings));
    let answers = host.block_on(join_all(calls.collect::<Vec<_>>()));
    (answers, host.elapsed_seconds() - before)
}

trait Elapsed {
    fn elapsed_seconds(&self) -> u64;
}

impl Elapsed for FakeHost {
    fn elapsed_seconds(&self) -> u64 {
        dsp::host::Host::elapsed(self).as_secs()
    }
}

fn answering(answer: impl Fn(usize, &HttpRequest) -> HttpResponse + Send + Sync + 'static) -> FakeHost {
    let (host, count) = (FakeHost::new(), AtomicUsize::new(0));
    host.answer(move |request| (Duration::ZERO, answer(count.fetch_add(1, Ordering::Relaxed), request)));
    host
}

#[test]
fn no_more_requests_go_in_a_minute_than_the_script_says() {
    let host = answering(|_, _| openai_reply("fine"));
    let (answers, seconds) = asked(&host, &[("rpm", Value::Int(3))], 7);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((host.requests().len(), seconds), (7, 120));
    let body: serde_json::Value = serde_json::from_slice(&host.requests()[0].body).unwrap();
    assert!(body.get("rpm").is_none(), "{body}");
}

#[test]
fn no_more_tokens_are_used_in_a_minute_than_the_script_says() {
    // Each answer takes 11 tokens, as the server counts them.
    let host = answering(|_, _| openai_reply("fine"));
    let (answers, seconds) = asked(&host, &[("tpm", Value::Int(25)), ("max_concurrency", Value::Int(1))], 4);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(seconds, 60);
}

#[test]
fn a_server_that_has_nothing_left_is_asked_when_it_has_again() {
    let host = answering(|n, _| {
        let mut response = openai_reply("fine");
        let left = if n == 0 { "0" } else { "9" };
        response
            .headers
            .push(("x-ratelimit-remaining-requests".into(), left.into()));
        response
            .headers
            .push(("x-ratelimit-reset-requests".into(), "20s".into()));
        response
    });
    let (answers, seconds) = asked(&host, &[("max_concurrency", Value::Int(1))], 3);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((host.requests().len(), seconds), (3, 20));
}

#[test]
fn what_one_call_is_told_to_wait_all_wait() {
    let host = answering(|n, _| match n {
        0 => {
            let mut response = json_response(429, &json!({"error": {"message": "slow down"}}));
            response.headers.push(("retry-after".into(), "30".into()));
            response
        }
        _ => openai_reply("fine"),
    });
    let (answers, seconds) = asked(&host, &[("max_concurrency", Value::Int(1))], 5);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((host.requests().len(), seconds), (6, 30));
}

#[test]
fn a_server_that_fails_all_the_time_is_left_alone_and_then_tried_again() {
    let host = answering(|n, _| match n {
        0..10 => json_response(500, &json!({"error": {"message": "broken"}})),
        _ => openai_reply("fine"),
    });
    let options = [("lm_retries", Value::Int(0)), ("max_concurrency", Value::Int(1))];
    let lm = model(
        "openai/test",
        &[&[("api_base", Value::str("http://model/v1"))], &options[..]].concat(),
    );
    let settings = CallSettings::of(&lm, &Settings::default()).unwrap();
    let client = client(&host);
    let ask = |n: usize| host.block_on(client.call(&lm, ask(&lm, &n.to_string()), settings));
    for n in 0..10 {
        assert!(ask(n).unwrap_err().message.ends_with("failed (500): broken"));
    }
    let fault = ask(10).unwrap_err();
    assert_eq!(
        fault.message,
        "`http://model/v1` is left alone for a while: it failed 10 times in a row: `http://model/v1` failed (500): broken"
    );
    assert_eq!(host.requests().len(), 10);
    host.block_on(dsp::host::Host::sleep(&host, Duration::from_secs(31)));
    assert!(ask(11).is_ok());
    assert!(ask(12).is_ok());
}
