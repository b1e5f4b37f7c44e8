//! What each provider tells of its limits and of what went wrong: how long is waited, how often it is asked, and the kind of
//! the error with what can be done.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dsp::diag::Fault;
use dsp::host::fake::{FakeHost, json_response, openai_reply};
use dsp::host::{Host, HttpResponse};
use dsp::lm::{Answer, CallSettings};
use dsp::value::Value;
use serde_json::{Value as Json, json};

use super::setup::{ask, client, model};

/// One question after another to a server that answers the first request as it is told, and every other well: what comes of
/// the first question, the milliseconds until all are answered, and how many requests that takes.
fn asked(name: &str, first: HttpResponse, questions: usize) -> (Result<Answer, Fault>, u128, usize) {
    let (host, count) = (FakeHost::new(), AtomicUsize::new(0));
    [
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "MISTRAL_API_KEY",
    ]
    .iter()
    .for_each(|key| host.set_env(*key, "k"));
    let good = good(name);
    host.answer(move |_| {
        let is_first = count.fetch_add(1, Ordering::Relaxed) == 0;
        (Duration::ZERO, if is_first { first.clone() } else { good.clone() })
    });
    let lm = model(name, &[("api_base", Value::str("http://model/v1"))]);
    let (client, began) = (client(&host), host.elapsed());
    let mut answers =
        (0..questions).map(|n| host.block_on(client.call(&lm, ask(&lm, &n.to_string()), CallSettings::default())));
    let answer = answers.next().unwrap();
    answers.for_each(|answer| drop(answer.unwrap()));
    (answer, (host.elapsed() - began).as_millis(), host.requests().len())
}

fn good(name: &str) -> HttpResponse {
    let body = match name.split('/').next().unwrap() {
        "anthropic" => json!({"content": [{"type": "text", "text": "fine"}], "stop_reason": "end_turn"}),
        "gemini" => json!({"candidates": [{"content": {"parts": [{"text": "fine"}]}, "finishReason": "STOP"}]}),
        "ollama" => json!({"message": {"content": "fine"}, "done": true}),
        _ => return openai_reply("fine"),
    };
    json_response(200, &body)
}

fn with(mut response: HttpResponse, headers: &[(&str, &str)]) -> HttpResponse {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    response.headers.extend(headers);
    response
}

fn refuses(status: u16, body: &Json) -> HttpResponse {
    json_response(status, body)
}

/// 14 November 2023, 22:13:20 is when the fake host's clock begins.
const IN_9_S: [&str; 4] = ["2023-11-14T22:13:29Z", "1700000009", "1700000009000", "9s"];

#[test]
fn what_is_left_is_read_in_the_words_of_each_provider() {
    let rows: [(&str, &[(&str, &str)]); 10] = [
        (
            "openai/m",
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "9s"),
            ],
        ),
        (
            "openai/m",
            &[
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "0m9s"),
            ],
        ),
        // Azure: seconds alone.
        (
            "openai/m",
            &[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "9")],
        ),
        // Groq: its requests are those of a day.
        (
            "groq/m",
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "0m9.0s"),
            ],
        ),
        (
            "anthropic/m",
            &[
                ("anthropic-ratelimit-requests-remaining", "0"),
                ("anthropic-ratelimit-requests-reset", IN_9_S[0]),
            ],
        ),
        (
            "anthropic/m",
            &[
                ("anthropic-ratelimit-input-tokens-remaining", "0"),
                ("anthropic-ratelimit-input-tokens-reset", IN_9_S[0]),
            ],
        ),
        (
            "openrouter/m",
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", IN_9_S[2])],
        ),
        (
            "together/m",
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")],
        ),
        (
            "mistral/m",
            &[("ratelimitbysize-remaining", "0"), ("ratelimitbysize-reset", "9")],
        ),
        ("openai/m", &[("ratelimit-remaining", "0"), ("ratelimit-reset", "9")]),
    ];
    for (name, headers) in rows {
        let (answer, millis, requests) = asked(name, with(good(name), headers), 2);
        assert!(answer.is_ok(), "{headers:?}");
        assert_eq!((millis, requests), (9000, 2), "{headers:?}");
    }
    // What is not used up, and what nobody understands, holds up nobody.
    let more: [&[(&str, &str)]; 4] = [
        &[
            ("x-ratelimit-remaining-tokens", "5"),
            ("x-ratelimit-reset-tokens", "9s"),
        ],
        &[
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "soon"),
        ],
        &[("x-ratelimit-remaining-tokens", "0")],
        &[("x-ratelimit-remaining-req-minute", "0")],
    ];
    for headers in more {
        assert_eq!(
            asked("openai/m", with(good("openai/m"), headers), 2).1,
            0,
            "{headers:?}"
        );
    }
}

#[test]
fn how_long_a_refusal_asks_to_wait_is_read_however_it_says_so() {
    let none = json!({});
    let retry_info = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED",
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "9s"}]}});
    let of_openrouter = json!({"error": {"code": 429, "message": "Rate limit exceeded", "metadata": {"headers":
        {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": IN_9_S[2]}}}});
    let in_words = json!({"error": {"message": "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 1500. Please try again in 9s. Visit https://platform.openai.com/account/rate-limits to learn more.", "type": "tokens", "code": "rate_limit_exceeded"}});
    let rows: [(&str, HttpResponse); 13] = [
        ("openai/m", with(refuses(429, &none), &[("retry-after", "9")])),
        (
            "openai/m",
            with(refuses(429, &none), &[("retry-after", "Tue, 14 Nov 2023 22:13:29 GMT")]),
        ),
        (
            "openai/m",
            with(
                refuses(429, &none),
                &[("retry-after-ms", "9000"), ("retry-after", "30")],
            ),
        ),
        ("openai/m", with(refuses(503, &none), &[("retry-after", "9")])),
        (
            "anthropic/m",
            with(
                refuses(
                    529,
                    &json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
                ),
                &[("retry-after", "9")],
            ),
        ),
        (
            "anthropic/m",
            with(
                refuses(429, &none),
                &[
                    ("anthropic-ratelimit-tokens-remaining", "0"),
                    ("anthropic-ratelimit-tokens-reset", IN_9_S[0]),
                ],
            ),
        ),
        (
            "openai/m",
            with(
                refuses(429, &none),
                &[
                    ("x-ratelimit-remaining-tokens", "0"),
                    ("x-ratelimit-reset-tokens", "9s"),
                    ("x-ratelimit-remaining-requests", "5"),
                    ("x-ratelimit-reset-requests", "40s"),
                ],
            ),
        ),
        ("gemini/m", refuses(429, &retry_info)),
        ("gemini/m", refuses(429, &json!([retry_info]))),
        ("openai/m", refuses(429, &of_openrouter)),
        ("openai/m", refuses(429, &in_words)),
        // As an answer that says it failed.
        ("openai/m", refuses(200, &of_openrouter)),
        (
            "openai/m",
            with(refuses(429, &none), &[("retry-after", "9"), ("x-should-retry", "true")]),
        ),
    ];
    for (i, (name, refusal)) in rows.into_iter().enumerate() {
        let (answer, millis, requests) = asked(name, refusal, 1);
        assert_eq!(answer.unwrap().reply.text, "fine", "row {i}");
        assert_eq!((millis, requests), (9000, 2), "row {i}");
    }
    // Mistral says that the minute is used up, but not when it ends.
    let minute = with(
        refuses(429, &json!({"message": "Requests rate limit exceeded"})),
        &[("x-ratelimit-remaining-req-minute", "0")],
    );
    assert_eq!(asked("mistral/m", minute, 1).1, 20_000);
}

#[test]
fn what_cannot_pass_is_not_asked_again() {
    let quota = json!({"error": {"message": "You exceeded your current quota, please check your plan and billing details.", "type": "insufficient_quota", "code": "insufficient_quota"}});
    let day = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "You exceeded your current quota", "details": [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "31s"}]}});
    let error = |message: &str| json!({"error": {"message": message}});
    let of_claude =
        |message: &str| json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}});
    let filtered = json!({"error": {"code": "content_filter", "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", "innererror": {"code": "ResponsibleAIPolicyViolation"}}});
    let rows: Vec<(&str, HttpResponse, &str, &str, &str)> = vec![
        (
            "openai/m",
            refuses(429, &quota),
            "rate_limit",
            "the quota at `http://model/v1` is used up (429): You exceeded",
            "your account",
        ),
        (
            "gemini/m",
            refuses(429, &day),
            "rate_limit",
            "is used up",
            "your account",
        ),
        (
            "openai/m",
            with(refuses(429, &error("later")), &[("retry-after", "7200")]),
            "rate_limit",
            "later",
            "120 minutes",
        ),
        (
            "openai/m",
            with(refuses(500, &error("no")), &[("x-should-retry", "false")]),
            "lm",
            "failed (500): no",
            "",
        ),
        (
            "openai/m",
            refuses(501, &error("no")),
            "lm",
            "cannot do what it was asked",
            "",
        ),
        (
            "openai/m",
            refuses(402, &error("Insufficient Balance")),
            "lm",
            "wants to be paid first (402): Insufficient",
            "",
        ),
        (
            "anthropic/m",
            refuses(
                400,
                &of_claude("Your credit balance is too low to access the Anthropic API."),
            ),
            "lm",
            "wants to be paid first (400)",
            "",
        ),
        (
            "openai/m",
            refuses(
                400,
                &json!({"error": {"message": "too many", "code": "context_length_exceeded"}}),
            ),
            "context_length",
            "too long for `m`",
            "fewer demos",
        ),
        (
            "anthropic/m",
            refuses(400, &of_claude("prompt is too long: 210000 tokens > 200000 maximum")),
            "context_length",
            "too long",
            "fewer demos",
        ),
        (
            "anthropic/m",
            refuses(
                400,
                &of_claude("input length and `max_tokens` exceed context limit: 199000 + 4096 > 200000"),
            ),
            "context_length",
            "too long",
            "fewer demos",
        ),
        (
            "anthropic/m",
            refuses(
                413,
                &json!({"type": "error", "error": {"type": "request_too_large", "message": "Request exceeds the maximum size"}}),
            ),
            "context_length",
            "too long",
            "fewer demos",
        ),
        (
            "gemini/m",
            refuses(
                400,
                &error("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
            ),
            "context_length",
            "too long",
            "fewer demos",
        ),
        (
            "xai/m",
            refuses(
                400,
                &json!({"code": "Client specified an invalid argument", "error": "This model's maximum prompt length is 131072 but the request contains 200000 tokens."}),
            ),
            "context_length",
            "too long",
            "fewer demos",
        ),
        (
            "openai/m",
            refuses(400, &filtered),
            "lm",
            "does not let this be asked (content filter) (400)",
            "another model",
        ),
        (
            "ollama/llama9",
            refuses(404, &json!({"error": "model 'llama9' not found"})),
            "lm",
            "has no model `llama9` (404)",
            "`ollama pull llama9`",
        ),
        (
            "openai/llama9",
            refuses(404, &error("model \"llama9\" not found, try pulling it first")),
            "lm",
            "has no model `llama9`",
            "`ollama pull llama9`",
        ),
        (
            "openai/m",
            refuses(403, &error("Country, region, or territory not supported")),
            "auth",
            "refused access (403): Country",
            "`OPENAI_API_KEY`",
        ),
        (
            "openai/m",
            refuses(200, &json!({"error": {"code": 400, "message": "no such thing"}})),
            "lm",
            "refused the request (400): no such thing",
            "",
        ),
    ];
    for (name, refusal, kind, message, help) in rows {
        let (answer, millis, requests) = asked(name, refusal, 1);
        let fault = answer.unwrap_err();
        assert_eq!((millis, requests), (0, 1), "{fault}");
        assert_eq!(fault.kind.name(), kind, "{fault}");
        assert!(fault.message.contains(message), "{fault}");
        assert!(
            fault.help.as_deref().unwrap_or_default().contains(help),
            "{:?}",
            fault.help
        );
    }
}

#[test]
fn an_overloaded_server_is_asked_again_where_it_names_no_time() {
    let overloaded = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let unavailable = json!({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}});
    for (name, refusal) in [
        ("anthropic/m", refuses(529, &overloaded)),
        ("gemini/m", refuses(503, &unavailable)),
        (
            "openai/m",
            refuses(
                200,
                &json!({"error": {"code": "server_error", "message": "The server had an error"}}),
            ),
        ),
    ] {
        let (answer, _, requests) = asked(name, refusal, 1);
        assert_eq!((answer.unwrap().reply.text.as_str(), requests), ("fine", 2), "{name}");
    }
}
