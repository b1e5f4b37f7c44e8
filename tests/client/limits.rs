//! How fast servers are asked: by what the script says, by what they tell of themselves, and not at all for a while
//! where they fail all the time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dsp::call::Watcher;
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
    let calls = (0..questions).map(|n| client.call(&lm, ask(&lm, &n.to_string()), settings.clone()));
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
    let ask = |n: usize| host.block_on(client.call(&lm, ask(&lm, &n.to_string()), settings.clone()));
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

#[test]
fn a_short_trouble_of_many_at_once_is_no_reason_to_leave_a_server_alone() {
    let host = FakeHost::new();
    let clock = host.clone();
    // It is out of order for two seconds.
    host.answer(move |_| {
        let response = match dsp::host::Host::elapsed(&clock) < Duration::from_secs(2) {
            true => json_response(503, &json!({"error": {"message": "restarting"}})),
            false => openai_reply("fine"),
        };
        (Duration::from_millis(10), response)
    });
    let (answers, _) = asked(&host, &[("max_concurrency", Value::Int(64))], 200);
    let failed: Vec<&Fault> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(failed.is_empty(), "{} failed: {}", failed.len(), failed[0]);
}

/// A server that has a place for so many requests at a time, and refuses the others.
fn narrow(places: usize) -> FakeHost {
    let (host, under_way) = (FakeHost::new(), Arc::new(AtomicUsize::new(0)));
    let clock = host.clone();
    // Requests that came within the last second are under way.
    let came: Arc<Mutex<Vec<Duration>>> = Arc::default();
    host.answer(move |_| {
        let now = dsp::host::Host::elapsed(&clock);
        let mut came = came.lock().unwrap();
        came.retain(|at| now < *at + Duration::from_secs(1));
        if came.len() >= places {
            return (
                Duration::ZERO,
                json_response(429, &json!({"error": {"message": "too many"}})),
            );
        }
        came.push(now);
        under_way.fetch_max(came.len(), Ordering::Relaxed);
        (Duration::from_secs(1), openai_reply("fine"))
    });
    host
}

#[test]
fn as_many_are_asked_at_a_time_as_the_server_takes() {
    let host = narrow(8);
    let options = [("max_concurrency", Value::Int(64)), ("lm_retries", Value::Int(20))];
    let (answers, _) = asked(&host, &options, 400);
    assert!(answers.iter().all(Result::is_ok));
    let refused = host.requests().len() - 400;
    // Without learning, 64 at a time would be refused 56 times each second.
    println!("{refused} of {} requests were refused", host.requests().len());
    assert!(refused < 250, "{refused} requests were refused");
}

#[test]
fn what_a_server_says_it_has_left_is_not_exceeded() {
    let times: Arc<Mutex<Vec<u64>>> = Arc::default();
    let (host, sent) = (FakeHost::new(), times.clone());
    let clock = host.clone();
    host.answer(move |_| {
        let now = dsp::host::Host::elapsed(&clock).as_secs();
        let mut times = sent.lock().unwrap();
        times.push(now);
        let used = times.iter().filter(|at| **at / 30 == now / 30).count();
        let mut response = openai_reply("fine");
        let mut header = |name: &str, value: String| response.headers.push((name.to_owned(), value));
        header(
            "x-ratelimit-remaining-requests",
            5usize.saturating_sub(used).to_string(),
        );
        header("x-ratelimit-reset-requests", format!("{}s", 30 - now % 30));
        (Duration::from_millis(100), response)
    });
    let (answers, _) = asked(&host, &[("max_concurrency", Value::Int(2))], 12);
    assert!(answers.iter().all(Result::is_ok));
    let times = times.lock().unwrap();
    let in_window = |window: u64| times.iter().filter(|at| **at / 30 == window).count();
    assert!([0, 1, 2].iter().all(|window| in_window(*window) <= 6), "{times:?}");
    assert_eq!(times.len(), 12);
}

#[test]
fn an_answer_that_does_not_begin_in_time_is_asked_for_again() {
    let host = FakeHost::new();
    let count = AtomicUsize::new(0);
    host.answer(move |_| {
        let late = count.fetch_add(1, Ordering::Relaxed) == 0;
        (Duration::from_secs(if late { 30 } else { 1 }), openai_reply("fine"))
    });
    let (answers, seconds) = asked(&host, &[("first_byte_timeout", Value::Float(5.0))], 1);
    assert_eq!(answers[0].as_ref().unwrap().requests, 2);
    assert_eq!(seconds, 6);
    let body: serde_json::Value = serde_json::from_slice(&host.requests()[0].body).unwrap();
    assert!(body.get("first_byte_timeout").is_none(), "{body}");
}

#[test]
fn waits_are_told_to_who_shows_them() {
    #[derive(Default)]
    struct Shown(Mutex<Vec<String>>);
    impl Watcher for Shown {
        fn waits(&self, what: &str) {
            self.0.lock().unwrap().push(what.to_owned());
        }
    }
    let host = answering(|n, _| match n {
        0 => {
            let mut response = json_response(429, &json!({"error": {"message": "slow down"}}));
            response.headers.push(("retry-after".into(), "30".into()));
            response
        }
        _ => openai_reply("fine"),
    });
    let (client, shown) = (client(&host), Arc::new(Shown::default()));
    client.waits().watch(&shown);
    let lm = model("openai/test", &[("api_base", Value::str("http://model/v1"))]);
    host.block_on(client.call(&lm, ask(&lm, "hi"), CallSettings::default()))
        .unwrap();
    let told = "1 call waits 30 s: `http://model/v1` takes no more requests for now (429): slow down";
    assert_eq!(*shown.0.lock().unwrap(), [told, ""]);
}
