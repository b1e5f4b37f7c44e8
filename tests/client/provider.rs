//! What is sent to OpenAI's API, and what is read from it.

use std::time::Duration;

use dsp::chat::{Finish, Message, Mode, Role};
use dsp::host::HttpResponse;
use dsp::host::fake::{FakeHost, json_response};
use dsp::lm::{self, Answer, CallSettings};
use dsp::value::{LmSpec, Settings, Value};
use serde_json::{Value as Json, json};

use super::setup::{ask, at, client, echo, model, once};

/// The body that is sent.
fn sent(lm: &LmSpec, settings: &[(&str, Value)]) -> Json {
    let host = echo();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    let messages = vec![Message::new(Role::System, "be brief"), Message::new(Role::User, "hi")];
    let settings = settings.iter().map(|(name, value)| (*name, value));
    let request = lm::request(lm, messages, Mode::Chat, settings).unwrap();
    host.block_on(client(&host).call(lm, request, once())).unwrap();
    serde_json::from_slice(&host.requests()[0].body).unwrap()
}

fn answered(body: &Json) -> Answer {
    let host = FakeHost::new();
    let response = json_response(200, body);
    host.answer(move |_| (Duration::ZERO, response.clone()));
    let lm = at("http://model/v1");
    host.block_on(client(&host).call(&lm, ask(&lm, "hi"), once())).unwrap()
}

#[test]
fn half_a_character_costs_no_answer() {
    let bodies: [(&[u8], &str); 4] = [
        (
            br#"{"choices": [{"message": {"content": "a\ud83d b \ud83d\ude00 \\ud83d"}}]}"#,
            "a\u{fffd} b 😀 \\ud83d",
        ),
        (
            br#"{"choices": [{"message": {"content": "\ude00\ud83d"}}]}"#,
            "\u{fffd}\u{fffd}",
        ),
        (
            b"{\"choices\": [{\"message\": {\"content\": \"a\xe5\x8c b\"}}]}",
            "a\u{fffd} b",
        ),
        (b"\xef\xbb\xbf{\"choices\": [{\"message\": {\"content\": \"a\"}}]}", "a"),
    ];
    for (body, text) in bodies {
        let host = FakeHost::new();
        let response = HttpResponse {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
        };
        host.answer(move |_| (Duration::ZERO, response.clone()));
        let lm = at("http://model/v1");
        let answer = host.block_on(client(&host).call(&lm, ask(&lm, "hi"), once())).unwrap();
        assert_eq!(answer.reply.text, text);
    }
}

#[test]
fn options_then_settings_make_the_body() {
    let lm = model(
        "openai/gpt-4o-mini",
        &[
            ("temperature", Value::Float(0.5)),
            ("seed", Value::Int(7)),
            ("max_tokens", Value::Int(100)),
        ],
    );
    let body = sent(
        &lm,
        &[
            ("temperature", Value::Int(0)),
            ("stop", Value::str("END")),
            ("top_p", Value::None),
        ],
    );
    assert_eq!(
        body,
        json!({
            "model": "gpt-4o-mini",
            "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}],
            "temperature": 0.0, "max_tokens": 100, "stop": ["END"], "seed": 7,
        })
    );
}

#[test]
fn reasoning_models_get_max_completion_tokens_and_no_temperature() {
    let options = [("temperature", Value::Float(0.5)), ("max_tokens", Value::Int(100))];
    for name in [
        "openai/o1",
        "openai/o3-mini",
        "openai/o4-mini-2025-04-16",
        "openai/gpt-5",
        "openai/gpt-5-nano",
    ] {
        let body = sent(&model(name, &options), &[]);
        assert_eq!(body["max_completion_tokens"], 100, "{name}");
        assert!(
            body.get("temperature").is_none() && body.get("max_tokens").is_none(),
            "{name}"
        );
    }
    for name in [
        "openai/gpt-4o",
        "openai/gpt-5-chat-latest",
        "openai/olmo-7b",
        "openai/org/opt-1b",
    ] {
        assert_eq!(sent(&model(name, &options), &[])["temperature"], 0.5, "{name}");
    }
}

#[test]
fn the_rollout_makes_another_question_and_is_not_sent() {
    let host = echo();
    let (client, lm) = (client(&host), at("http://model/v1"));
    for rollout in [1, 1, 2] {
        let settings = [("rollout_id", Value::Int(rollout))];
        let settings = settings.iter().map(|(name, value)| (*name, value));
        let request = lm::request(&lm, vec![Message::new(Role::User, "hi")], Mode::Chat, settings).unwrap();
        host.block_on(client.call(&lm, request, CallSettings::default()))
            .unwrap();
    }
    assert_eq!(host.requests().len(), 2);
    assert!(!String::from_utf8_lossy(&host.requests()[1].body).contains("rollout"));
}

#[test]
fn text_usage_id_and_model_are_read() {
    let answer = answered(&json!({
        "id": "x-1", "model": "test-2024",
        "choices": [{"message": {"content": "hello"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3, "cost": 0.002},
    }));
    let reply = answer.reply;
    assert_eq!((reply.text.as_str(), reply.finish), ("hello", Finish::Length));
    assert_eq!(
        (
            reply.usage.prompt_tokens,
            reply.usage.completion_tokens,
            reply.usage.cost
        ),
        (12, 3, Some(0.002))
    );
    assert_eq!(
        (reply.id.as_deref(), reply.model.as_deref()),
        (Some("x-1"), Some("test-2024"))
    );
}

#[test]
fn content_may_be_parts_or_missing() {
    let parts = json!({"choices": [{"message": {"content": [{"type": "text", "text": "a"}, {"text": "b"}]}}]});
    assert_eq!(answered(&parts).reply.text, "ab");
    assert_eq!(
        answered(&json!({"choices": [{"message": {"content": null}}]}))
            .reply
            .text,
        ""
    );
    let refused = json!({"choices": [{"message": {"content": null, "refusal": "I will not"}}]});
    assert_eq!(answered(&refused).reply.text, "I will not");
}

#[test]
fn a_choice_that_is_an_error_is_one_with_the_words_of_the_server_behind() {
    let host = FakeHost::new();
    let error = json!({"code": 502, "message": "the provider is gone"});
    let body = json!({"choices": [{"finish_reason": "error", "error": error, "message": {"content": ""}}]});
    host.answer(move |_| (Duration::ZERO, json_response(200, &body)));
    let lm = at("http://model/v1");
    let fault = host.block_on(client(&host).call(&lm, ask(&lm, "hi"), CallSettings::default()));
    let fault = fault.unwrap_err();
    assert!(
        fault.message.contains("failed (502): the provider is gone"),
        "{fault:?}"
    );
    assert_eq!(host.requests().len(), 4);
}

#[test]
fn the_key_goes_into_a_header_and_nowhere_else() {
    let host = echo();
    host.set_env("OPENAI_API_KEY", " sk-secret\n");
    let lm = model("openai/gpt-4o-mini", &[]);
    let request = ask(&lm, "hi");
    assert!(!serde_json::to_string(&request).unwrap().contains("secret"));
    host.block_on(client(&host).call(&lm, request, once())).unwrap();
    let sent = &host.requests()[0];
    assert_eq!(sent.url, "https://api.openai.com/v1/chat/completions");
    let header = sent.headers.iter().find(|(name, _)| name == "authorization");
    assert_eq!(header.unwrap().1, "Bearer sk-secret");
    assert!(!String::from_utf8_lossy(&sent.body).contains("secret"));
}

#[test]
fn without_a_key_the_message_names_the_variable_and_nothing_is_sent() {
    let host = echo();
    let lm = model("openai/gpt-4o-mini", &[]);
    let fault = host
        .block_on(client(&host).call(&lm, ask(&lm, "hi"), once()))
        .unwrap_err();
    assert_eq!(fault.kind.name(), "auth");
    assert_eq!(
        fault.message,
        "the model `openai/gpt-4o-mini` needs a key: the environment variable `OPENAI_API_KEY` is not set"
    );
    let own = model(
        "openai/m",
        &[
            ("api_base", Value::str("http://m/v1")),
            ("api_key_env", Value::str("MY_KEY")),
        ],
    );
    let fault = host
        .block_on(client(&host).call(&own, ask(&own, "hi"), once()))
        .unwrap_err();
    assert!(fault.message.ends_with("`MY_KEY` is not set"), "{fault}");
    assert!(host.requests().is_empty());
    host.set_env("MY_KEY", "k");
    host.block_on(client(&host).call(&own, ask(&own, "hi"), once()))
        .unwrap();
}

#[test]
fn keys_in_scripts_are_refused() {
    for (name, value) in [("api_key", "sk-1"), ("api_base", "https://me:pa55@host/v1")] {
        let lm = model("openai/m", &[(name, Value::str(value))]);
        let fault = lm::request(&lm, Vec::new(), Mode::Chat, []).unwrap_err();
        assert_eq!(fault.kind.name(), "auth");
        assert!(fault.message.contains("do not stand in scripts"), "{fault}");
        assert!(!fault.message.contains("pa55") && !fault.message.contains("sk-1"));
    }
}

#[test]
fn an_address_ends_where_the_api_begins() {
    for base in ["https://host/v1?key=pa55", "https://host/v1#a"] {
        let lm = model("openai/m", &[("api_base", Value::str(base))]);
        let fault = lm::check(&lm).unwrap_err();
        assert_eq!(fault.kind.name(), "value");
        let help = fault.help.unwrap_or_default();
        assert!(help.contains("api_version") && help.contains("api_key_env"), "{help}");
        assert!(!fault.message.contains("pa55"), "{}", fault.message);
    }
}

#[test]
fn a_key_in_place_of_the_name_of_its_variable_is_not_shown() {
    let host = echo();
    let lm = model("openai/m", &[("api_key_env", Value::str("sk-planted-123"))]);
    let fault = host
        .block_on(client(&host).call(&lm, ask(&lm, "hi"), once()))
        .unwrap_err();
    assert_eq!(fault.kind.name(), "auth");
    assert!(
        fault.message.contains("not the name of an environment variable"),
        "{fault}"
    );
    assert!(!format!("{fault:?}").contains("planted"), "{fault:?}");
}

#[test]
fn a_header_that_none_can_be_is_refused_before_it_is_sent() {
    for (name, value) in [("bad header", "x"), ("x-line", "a\nb"), ("", "x")] {
        let headers = Value::dict([(name, Value::str(value))]);
        let lm = model("openai/m", &[("headers", headers)]);
        let fault = lm::request(&lm, Vec::new(), Mode::Chat, []).unwrap_err();
        assert!(fault.message.contains("characters that none may have"), "{fault}");
    }
}

#[test]
fn an_unknown_provider_is_named_with_the_nearest() {
    let host = echo();
    let ask_model = |name: &str| {
        let lm = model(name, &[]);
        host.block_on(client(&host).call(&lm, ask(&lm, "hi"), once()))
            .unwrap_err()
    };
    let fault = ask_model("opnai/gpt-4o");
    assert_eq!(fault.kind.name(), "lm");
    assert!(
        fault
            .message
            .starts_with("the model `opnai/gpt-4o` has an unknown provider; there are `openai`"),
        "{fault}"
    );
    assert_eq!(fault.help.as_deref(), Some("did you mean `openai/gpt-4o`?"));
    for (name, meant) in [
        ("gpt-4o-mini", "openai/gpt-4o-mini"),
        ("openai:gpt-4o", "openai/gpt-4o"),
        ("google/gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        ("together_ai/m", "together/m"),
    ] {
        assert_eq!(ask_model(name).help, Some(format!("did you mean `{meant}`?")));
    }
    assert_eq!(
        ask_model("openai").message,
        "the model `openai` has no name after its provider"
    );
}

#[test]
fn a_wrong_option_says_what_it_should_be() {
    let fault = |name: &str, value: Value| {
        lm::request(&model("openai/m", &[(name, value)]), Vec::new(), Mode::Chat, [])
            .unwrap_err()
            .message
    };
    assert_eq!(
        fault("temperature", Value::str("hot")),
        "`temperature` of a model must be a number, not a `str`"
    );
    assert_eq!(
        fault("max_tokens", Value::Int(-1)),
        "`max_tokens` of a model cannot be -1"
    );
}

#[test]
fn settings_of_a_call_are_the_models_own_then_those_in_force_then_the_defaults() {
    let settings = Settings::default().with(vec![
        ("timeout".into(), Value::Int(5)),
        ("max_concurrency".into(), Value::Int(2)),
        ("cache".into(), Value::Bool(false)),
    ]);
    let lm = model("openai/m", &[("timeout", Value::Float(0.5)), ("cache", Value::None)]);
    let read = CallSettings::of(&lm, &settings).unwrap();
    let expected = CallSettings {
        timeout: Duration::from_millis(500),
        max_concurrency: 2,
        cache: false,
        ..CallSettings::default()
    };
    assert_eq!(read, expected);
    // They are not sent.
    assert!(ask(&lm, "hi").extra.is_empty());
    let fault = |name: &str, value: Value| {
        CallSettings::of(
            &model("openai/m", &[]),
            &Settings::default().with(vec![(name.into(), value)]),
        )
        .unwrap_err()
    };
    assert_eq!(
        fault("timeout", Value::Int(0)).message,
        "the setting `timeout` cannot be 0"
    );
    assert_eq!(
        fault("max_concurrency", Value::Int(0)).message,
        "the setting `max_concurrency` cannot be 0"
    );
    assert_eq!(
        fault("cache", Value::Int(1)).message,
        "the setting `cache` must be a `bool` or the address of a Redis, not an `int`"
    );
}

#[test]
fn a_wrong_key_is_one_whatever_the_status() {
    let host = FakeHost::new();
    host.set_env("GEMINI_API_KEY", "sk-secret");
    let said = "API key not valid. Please pass a valid API key.";
    let reply = json!({"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}});
    host.answer(move |_| (Duration::ZERO, json_response(400, &reply)));
    let lm = model("gemini/gemini-x", &[]);
    let fault = host
        .block_on(client(&host).call(&lm, ask(&lm, "hi"), once()))
        .unwrap_err();
    assert_eq!(fault.kind.name(), "auth");
    assert!(fault.help.unwrap().contains("`GEMINI_API_KEY`"));
}

#[test]
fn a_server_that_every_user_has_of_their_own_needs_an_address() {
    let host = FakeHost::new();
    let lm = model("azure/my-gpt", &[]);
    let fault = host
        .block_on(client(&host).call(&lm, ask(&lm, "hi"), once()))
        .unwrap_err();
    assert!(fault.message.contains("needs the address of your server"), "{fault:?}");
}
