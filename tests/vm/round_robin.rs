//! `LM.round_robin`: who is asked, with which options, and what comes of a model that fails or is too slow.

use std::time::Duration;

use dsp::host::fake::{FakeHost, json_response, openai_reply};
use dsp::host::{Host, HttpRequest};
use dsp::vm::Limits;
use serde_json::{Value as Json, json};

use super::world::run_on;

/// What a script prints where `slow` answers after 30 s, `busy` never, and the others after 100 ms with their names; and
/// the seconds that takes.
fn says(text: &str) -> (String, FakeHost, f64) {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "test");
    host.set_env("GROQ_API_KEY", "test");
    host.answer(|request| {
        let model = body(request)["model"].as_str().unwrap_or_default().to_owned();
        let latency = Duration::from_millis(if model == "slow" { 30_000 } else { 100 });
        let response = match model.as_str() {
            "busy" => json_response(503, &json!({"error": {"message": "overloaded"}})),
            _ => openai_reply(&format!("[[ ## answer ## ]]\n{model}")),
        };
        (latency, response)
    });
    let ran = run_on(host.clone(), text, Limits::default());
    if let Err(raised) = &ran.outcome {
        panic!("{} after {:?}", raised.fault.message, ran.out);
    }
    let seconds = host.elapsed().as_secs_f64();
    (ran.out, host, seconds)
}

fn body(request: &HttpRequest) -> Json {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

fn models(host: &FakeHost) -> Vec<String> {
    let requests = host.requests();
    requests
        .iter()
        .map(|request| body(request)["model"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn calls_begin_with_the_models_in_turn_in_program_order() {
    let (out, host, _) = says(
        "configure(lm: LM.round_robin([\"openai/a\", \"openai/b\", \"groq/c\"]))\nlet ask = Predict(\"question -> answer\")\n\
         print([ask(str(i)).answer for i in 0..5], ask(\"5\").answer)",
    );
    assert_eq!(out, "[\"a\", \"b\", \"c\", \"a\", \"b\"] c\n");
    assert_eq!(models(&host), ["a", "b", "c", "a", "b", "c"]);
    assert!(host.requests()[2].url.starts_with("https://api.groq.com"));
}

#[test]
fn every_option_goes_to_every_model_and_what_is_dsps_own_to_none() {
    let (_, host, _) = says(
        "configure(lm: LM.round_robin([\"openai/a\", \"openai/b\"], temperature: 0.5, max_tokens: 9, top_p: 0.9, \
         stop: [\"x\", \"y\"], seed: 7, timeout: 5.0, first_byte_timeout: 2.0, cache: false, api_base: \"http://model/v1\", \
         api_key_env: \"GROQ_API_KEY\", price: {prompt: 1.0, completion: 1.0}, reasoning_effort: \"low\", logprobs: true, \
         headers: {\"x-team\": \"blue\"}, rpm: 100, tpm: 100000, extra: {\"user\": \"u1\", \"metadata\": {\"a\": [1, [2]]}}))\n\
         let ask = Predict(\"question -> answer\")\nprint([with (rollout: i) { ask(\"q\").answer } for i in 0..2])\n\
         print(usage().cost > 0.0)",
    );
    let sent = json!({
        "temperature": 0.5, "max_tokens": 9, "top_p": 0.9, "stop": ["x", "y"], "seed": 7, "reasoning_effort": "low",
        "logprobs": true, "user": "u1", "metadata": {"a": [1, [2]]},
    });
    assert_eq!(models(&host), ["a", "b"]);
    for request in host.requests() {
        let mut body = body(&request);
        let map = body.as_object_mut().expect("an object");
        map.retain(|name, _| !["model", "messages"].contains(&name.as_str()));
        assert_eq!(body, sent);
        assert_eq!(request.url, "http://model/v1/chat/completions");
        let header = |name: &str| {
            request
                .headers
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, value)| value.to_string())
        };
        assert_eq!(header("x-team").as_deref(), Some("blue"));
        assert_eq!(header("authorization").as_deref(), Some("Bearer test"));
        assert_eq!(request.timeout, Duration::from_secs(5));
        assert_eq!(request.first_byte, Some(Duration::from_secs(2)));
    }
}

#[test]
fn one_that_is_too_slow_or_fails_gives_way_to_the_next() {
    let (out, host, seconds) = says(
        "configure(lm: LM.round_robin([\"openai/slow\", \"openai/busy\", \"openai/c\"], timeout: 5.0), lm_retries: 0)\n\
         let ask = Predict(\"question -> answer\")\nlet p = ask(\"q\")\n\
         print([[t.model, t.outcome, t.seconds] for t in meta(p).tries], p.answer)\nprint(ask(\"r\").answer)",
    );
    assert_eq!(
        out,
        "[[\"openai/slow\", \"timeout\", 5.0], [\"openai/busy\", \"lm\", 0.1], [\"openai/c\", \"ok\", 0.1]] c\nc\n"
    );
    assert_eq!(models(&host), ["slow", "busy", "c", "busy", "c"]);
    assert!((5.0..6.0).contains(&seconds), "{seconds}");
}

#[test]
fn what_is_set_around_a_call_holds_for_whoever_is_asked() {
    let (_, host, _) = says(
        "configure(lm: LM.round_robin([\"openai/busy\", \"openai/b\"]), lm_retries: 1, temperature: 0.3)\n\
         let ask = Predict(\"question -> answer\", max_tokens: 11)\nprint(with (timeout: 7.0) { ask(\"q\").answer })",
    );
    assert_eq!(models(&host), ["busy", "busy", "b"]);
    for request in host.requests() {
        assert_eq!(
            (&body(&request)["temperature"], &body(&request)["max_tokens"]),
            (&json!(0.3), &json!(11))
        );
        assert_eq!(request.timeout, Duration::from_secs(7));
    }
}

#[test]
fn models_with_options_of_their_own_stand_in_a_list_beside_names_and_other_lists() {
    let (out, host, _) = says(
        "let own = LM(\"openai/busy\", api_base: \"http://one/v1\", temperature: 0.2, top_p: 0.9, timeout: 5.0, headers: {\"x-team\": \"blue\"})\n\
         let round = LM.round_robin([LM(\"openai/a\", temperature: 0.7), \"groq/c\"])\n\
         configure(lm: LM([own, round]), max_tokens: 9, lm_retries: 0, cache: false)\nlet ask = Predict(\"question -> answer\")\n\
         print([ask(\"q\").answer for i in 0..2], with (temperature: 0.4) { ask(\"q\").answer })\nprint(LM([own, round]))",
    );
    assert_eq!(out, "[\"a\", \"c\"] a\n<LM openai/busy, openai/a, groq/c>\n");
    assert_eq!(models(&host), ["busy", "busy", "busy", "a", "c", "a"]);
    let requests = host.requests();
    let told = |n: usize| {
        let body = body(&requests[n]);
        [&body["temperature"], &body["top_p"], &body["max_tokens"]].map(Json::clone)
    };
    assert_eq!(told(0), [json!(0.2), json!(0.9), json!(9)]);
    assert_eq!(told(3), [json!(0.7), Json::Null, json!(9)]);
    assert_eq!(told(4), [Json::Null, Json::Null, json!(9)]);
    assert_eq!(
        told(2),
        [json!(0.4), json!(0.9), json!(9)],
        "what is set around the call goes before"
    );
    assert_eq!(requests[0].url, "http://one/v1/chat/completions");
    assert!(requests[0].headers.iter().any(|(name, _)| name == "x-team"));
    assert_eq!(requests[0].timeout, Duration::from_secs(5));
    assert_eq!(requests[3].timeout, Duration::from_secs(60));
    assert!(requests[3].url.starts_with("https://api.openai.com"));
}

#[test]
fn a_list_takes_no_options_beside_models_that_have_their_own_and_no_functions() {
    for (list, says_so) in [
        (
            "[LM(\"openai/a\"), \"openai/b\"], temperature: 0.5",
            "`temperature` stands beside models",
        ),
        (
            "[\"openai/b\", DummyLM([\"x\"])]",
            "`dummy` cannot stand among several models",
        ),
    ] {
        let (out, ..) = says(&format!(
            "try {{ print(LM({list})) }} catch e {{ print(e.kind, e.message) }}"
        ));
        assert!(out.starts_with("value ") && out.contains(says_so), "{out}");
    }
}

#[test]
fn where_all_fail_the_last_failure_is_the_error() {
    let (out, host, _) = says(
        "configure(lm: LM.round_robin([\"openai/busy\", \"openai/slow\"], timeout: 1.0), lm_retries: 0)\n\
         try { print(Predict(\"question -> answer\")(\"q\").answer) } catch e { print(e.kind) }",
    );
    assert_eq!(out, "timeout\n");
    assert_eq!(models(&host), ["busy", "slow"]);
}
