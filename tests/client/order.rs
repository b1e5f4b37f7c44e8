//! Limits, order, single flight and retries, on the simulated clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dsp::host::fake::{FakeHost, json_response, last_user_message, openai_reply};
use dsp::host::{Host, HttpRequest, HttpResponse};
use dsp::lm::CallSettings;
use futures_util::future::join_all;
use serde_json::json;

use super::server::{Deed, Server};
use super::setup::{ask, at, client, echo, once, real};

const BASE: &str = "http://model/v1";

fn fresh(max_concurrency: usize) -> CallSettings {
    CallSettings {
        max_concurrency,
        cache: false,
        ..CallSettings::default()
    }
}

/// A host whose nth request (from 0) gets what the script says, at once.
fn scripted(script: impl Fn(usize) -> HttpResponse + Send + Sync + 'static) -> FakeHost {
    let host = FakeHost::new();
    let count = AtomicUsize::new(0);
    host.answer(move |_: &HttpRequest| (Duration::ZERO, script(count.fetch_add(1, Ordering::Relaxed))));
    host
}

fn refusal(status: u16) -> HttpResponse {
    json_response(status, &json!({"error": {"message": "not now"}}))
}

#[test]
fn no_more_than_max_concurrency_are_in_flight() {
    let host = echo();
    let (client, lm) = (client(&host), at(BASE));
    let calls: Vec<_> = (0..10)
        .map(|n| client.call(&lm, ask(&lm, &n.to_string()), fresh(3)))
        .collect();
    host.block_on(join_all(calls));
    assert_eq!(host.most_in_flight(), 3);
    assert_eq!(host.elapsed(), Duration::from_millis(400));
}

#[test]
fn requests_go_out_in_the_order_of_their_calls_even_if_polled_backwards() {
    let host = echo();
    let (client, lm) = (client(&host), at(BASE));
    let mut calls: Vec<_> = (0..6)
        .map(|n| client.call(&lm, ask(&lm, &n.to_string()), fresh(1)))
        .collect();
    calls.reverse();
    host.block_on(join_all(calls));
    let sent: Vec<String> = host.requests().iter().map(last_user_message).collect();
    assert_eq!(sent, ["0", "1", "2", "3", "4", "5"]);
}

#[test]
fn a_call_that_is_dropped_gives_its_place_to_the_next() {
    let host = echo();
    let (client, lm) = (client(&host), at(BASE));
    let first = client.call(&lm, ask(&lm, "first"), fresh(1));
    let second = client.call(&lm, ask(&lm, "second"), fresh(1));
    drop(first);
    assert_eq!(host.block_on(second).unwrap().reply.text, "re: second");
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn a_narrower_limit_holds_for_the_calls_that_have_it() {
    let host = echo();
    let (client, lm) = (client(&host), at(BASE));
    let limits = [4, 4, 1, 4];
    let calls: Vec<_> = limits
        .iter()
        .enumerate()
        .map(|(n, limit)| client.call(&lm, ask(&lm, &n.to_string()), fresh(*limit)))
        .collect();
    host.block_on(join_all(calls));
    // Two overlap; the third waits until it is alone; the fourth does not overtake it but may join it.
    assert_eq!(host.elapsed(), Duration::from_millis(200));
}

#[test]
fn the_same_question_in_flight_is_sent_once_and_all_get_its_answer() {
    let host = echo();
    let (client, lm) = (client(&host), at(BASE));
    let calls: Vec<_> = (0..5)
        .map(|_| client.call(&lm, ask(&lm, "same"), CallSettings::default()))
        .collect();
    let answers = host.block_on(join_all(calls));
    assert_eq!(host.requests().len(), 1);
    let cached: Vec<bool> = answers.iter().map(|answer| answer.as_ref().unwrap().cached).collect();
    assert_eq!(cached, [false, true, true, true, true]);
    let later = host
        .block_on(client.call(&lm, ask(&lm, "same"), CallSettings::default()))
        .unwrap();
    assert!(later.cached && later.requests == 0);
}

#[test]
fn when_the_first_of_them_is_dropped_the_others_still_get_the_answer() {
    let host = echo();
    let (client, lm) = (client(&host), at(BASE));
    let first = client.call(&lm, ask(&lm, "same"), CallSettings::default());
    let second = client.call(&lm, ask(&lm, "same"), CallSettings::default());
    drop(first);
    assert_eq!(host.block_on(second).unwrap().reply.text, "re: same");
}

#[test]
fn a_failure_in_flight_reaches_all_who_wait_and_is_not_kept() {
    let host = scripted(|n| if n == 0 { refusal(400) } else { openai_reply("better") });
    let (client, lm) = (client(&host), at(BASE));
    let calls: Vec<_> = (0..3)
        .map(|_| client.call(&lm, ask(&lm, "same"), CallSettings::default()))
        .collect();
    for answer in host.block_on(join_all(calls)) {
        assert_eq!(
            answer.unwrap_err().message,
            "`http://model/v1` refused the request (400): not now"
        );
    }
    let later = host
        .block_on(client.call(&lm, ask(&lm, "same"), CallSettings::default()))
        .unwrap();
    assert_eq!(later.reply.text, "better");
}

#[test]
fn with_the_cache_off_each_call_is_a_request() {
    let host = echo();
    let (client, lm) = (client(&host), at(BASE));
    let calls: Vec<_> = (0..3).map(|_| client.call(&lm, ask(&lm, "same"), fresh(16))).collect();
    host.block_on(join_all(calls));
    assert_eq!(host.requests().len(), 3);
}

#[test]
fn a_busy_server_is_asked_again_after_the_time_it_names() {
    let host = scripted(|n| match n {
        0 => HttpResponse {
            headers: vec![("retry-after".into(), "7".into())],
            ..refusal(429)
        },
        // 14 November 2023, 22:13:20 is when the fake host's clock begins.
        1 => HttpResponse {
            headers: vec![("retry-after".into(), "Tue, 14 Nov 2023 22:13:40 GMT".into())],
            ..refusal(503)
        },
        _ => openai_reply("at last"),
    });
    let lm = at(BASE);
    let answer = host
        .block_on(client(&host).call(&lm, ask(&lm, "a"), CallSettings::default()))
        .unwrap();
    assert_eq!((answer.reply.text.as_str(), answer.requests), ("at last", 3));
    assert_eq!(host.elapsed(), Duration::from_secs(20));
}

#[test]
fn no_server_can_make_dsp_wait_for_a_day() {
    let busy = HttpResponse {
        headers: vec![("retry-after".into(), "86400".into())],
        ..refusal(429)
    };
    let host = scripted(move |_| busy.clone());
    let lm = at(BASE);
    let settings = CallSettings {
        lm_retries: 1,
        ..CallSettings::default()
    };
    let fault = host
        .block_on(client(&host).call(&lm, ask(&lm, "a"), settings))
        .unwrap_err();
    assert_eq!(fault.kind.name(), "rate_limit");
    assert!(
        fault
            .help
            .unwrap()
            .starts_with("it asks to be left alone for 1440 minutes")
    );
    assert_eq!((host.elapsed(), host.requests().len()), (Duration::ZERO, 1));
}

#[test]
fn pauses_grow_and_the_same_run_has_the_same_pauses() {
    let run = || {
        let host = scripted(|_| refusal(500));
        let lm = at(BASE);
        let fault = host
            .block_on(client(&host).call(&lm, ask(&lm, "a"), CallSettings::default()))
            .unwrap_err();
        assert_eq!(fault.message, "`http://model/v1` failed (500): not now (tried 4 times)");
        host.elapsed()
    };
    // 0.5, 1 and 2 seconds, each a quarter more or less.
    assert!((2.6..4.4).contains(&run().as_secs_f64()), "{:?}", run());
    assert_eq!(run(), run());
}

#[test]
fn lm_retries_0_tries_once() {
    let host = scripted(|_| refusal(429));
    let lm = at(BASE);
    let fault = host
        .block_on(client(&host).call(&lm, ask(&lm, "a"), once()))
        .unwrap_err();
    assert_eq!(
        fault.message,
        "`http://model/v1` takes no more requests for now (429): not now"
    );
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn a_quota_that_is_used_up_is_not_asked_again() {
    let host = scripted(|_| json_response(429, &json!({"error": {"message": "no", "code": "insufficient_quota"}})));
    let lm = at(BASE);
    let fault = host
        .block_on(client(&host).call(&lm, ask(&lm, "a"), CallSettings::default()))
        .unwrap_err();
    assert_eq!(fault.message, "the quota at `http://model/v1` is used up (429): no");
    assert_eq!(host.requests().len(), 1);
}

/// One call each, answered over real connections after a moment.
#[test]
fn a_thousand_calls_at_64_in_flight_open_no_more_than_64_connections() {
    let server = Server::always(Deed::says("fine").after(Duration::from_millis(5)));
    let (client, runtime) = real();
    let lm = at(&server.base);
    let calls: Vec<_> = (0..1000)
        .map(|n| client.call(&lm, ask(&lm, &n.to_string()), fresh(64)))
        .collect();
    let answers = runtime.block_on(join_all(calls));
    assert!(answers.iter().all(Result::is_ok));
    println!(
        "{} connections, {} at most in flight",
        server.connections(),
        server.most_in_flight()
    );
    assert_eq!(server.requests().len(), 1000);
    assert!(server.connections() <= 64, "{} connections", server.connections());
}
