//! Caps of a session, and models that a host brings.

use dsp::call::{Allowance, Recording, Source};
use dsp::chat::{Reply, Request};
use dsp::diag::Fault;
use dsp::host::BoxFuture;
use dsp::host::fake::{FakeHost, json_response};
use dsp::lm::{CallSettings, Client, ClientOptions, Model, Models};
use dsp::value::{LmKind, LmSpec, Record, Settings, Value};
use futures_util::future::join_all;
use serde_json::json;

use super::setup::{ask, at, capped, client, echo, model, once};

/// The settings of calls under a cap.
fn under(cap: &str, most: f64) -> CallSettings {
    let settings = Settings::default().with(capped(cap, most));
    CallSettings::of(&at("http://model/v1"), &settings).unwrap()
}

#[test]
fn a_call_that_a_cap_inside_refuses_costs_the_one_around_it_nothing() {
    let host = echo();
    let (client, lm) = (client(&host), at("http://model/v1"));
    let around = Settings::default().with(capped("max_calls", 3.0));
    let inside = |most: i64| {
        let caps = Allowance::beside(vec![("max_calls".into(), Value::Int(most))], &around);
        CallSettings::of(&lm, &around.with(caps)).unwrap()
    };
    let asked = |text: &str, settings: &CallSettings| {
        let outcome = host.block_on(client.call(&lm, ask(&lm, text), settings.clone()));
        outcome.map_err(|fault| fault.message)
    };
    let (one, many) = (inside(1), inside(100));
    assert!(asked("a", &one).is_ok());
    for text in ["b", "c", "d"] {
        assert_eq!(
            asked(text, &one).unwrap_err(),
            "the budget of 1 call is used up (`max_calls`)"
        );
    }
    assert!(asked("b", &many).is_ok() && asked("c", &many).is_ok());
    assert_eq!(
        asked("d", &many).unwrap_err(),
        "the budget of 3 calls is used up (`max_calls`)"
    );
    assert_eq!(host.requests().len(), 3);
}

#[test]
fn max_calls_refuses_the_call_that_is_too_many_and_the_cache_is_free() {
    let host = echo();
    let (client, lm) = (client(&host), at("http://model/v1"));
    let settings = under("max_calls", 2.0);
    let calls: Vec<_> = ["a", "b", "a", "c"]
        .map(|text| client.call(&lm, ask(&lm, text), settings.clone()))
        .into();
    let mut outcomes = host.block_on(join_all(calls));
    let fault = outcomes.pop().unwrap().unwrap_err();
    assert_eq!(fault.kind.name(), "budget");
    assert_eq!(fault.message, "the budget of 2 calls is used up (`max_calls`)");
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(host.requests().len(), 2);
}

#[test]
fn max_cost_refuses_what_comes_after_it_is_spent() {
    let host = FakeHost::new();
    let body = json!({"choices": [{"message": {"content": "x"}}], "usage": {"cost": 0.6}});
    host.answer(move |_| (std::time::Duration::ZERO, json_response(200, &body)));
    let (client, lm) = (client(&host), at("http://model/v1"));
    let settings = under("max_cost", 1.0);
    let outcomes: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|text| host.block_on(client.call(&lm, ask(&lm, text), settings.clone())))
        .collect();
    assert!(outcomes[0].is_ok() && outcomes[1].is_ok());
    assert_eq!(
        outcomes[2].as_ref().unwrap_err().message,
        "the budget of 1 dollars is used up (`max_cost`)"
    );
}

struct Shouting;

impl Model for Shouting {
    fn complete(&self, request: Request) -> BoxFuture<'static, Result<Reply, Fault>> {
        let text = request
            .messages
            .last()
            .map(|message| message.content.to_uppercase())
            .unwrap_or_default();
        Box::pin(async move {
            Ok(Reply {
                text: text.to_string(),
                ..Reply::default()
            })
        })
    }
}

#[test]
fn a_hosts_own_model_answers_and_is_recorded() {
    let host = FakeHost::new();
    let recording = Recording::default();
    let source = Source::Record(recording.clone());
    let mut models = Models::default();
    models.add("shouting", Shouting);
    let client = Client::new(
        host.host(),
        ClientOptions {
            source,
            models,
            ..ClientOptions::default()
        },
    );
    let lm = LmSpec {
        name: "shouting".into(),
        options: Record::default(),
        kind: LmKind::Provider,
    };
    let answer = host.block_on(client.call(&lm, ask(&lm, "hello"), once())).unwrap();
    assert_eq!(answer.reply.text, "HELLO");
    assert_eq!(recording.len(), 1);
}

/// What a call of a model cost.
fn cost(lm: &LmSpec) -> Option<f64> {
    let host = echo();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    let answer = host.block_on(client(&host).call(lm, ask(lm, "hi"), once())).unwrap();
    let usage = answer.reply.usage;
    assert!(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
    usage.cost
}

#[test]
fn a_cost_is_that_of_the_table_or_of_the_script_and_else_unknown() {
    let own = Value::record([("prompt", Value::Int(1_000_000)), ("completion", Value::Float(0.0))]);
    let known = cost(&model("openai/gpt-4o-mini", &[])).unwrap();
    assert!(known > 0.0 && known < 0.001, "{known}");
    let base = ("api_base", Value::str("http://mine/v1"));
    assert_eq!(cost(&model("openai/gpt-4o-mini", std::slice::from_ref(&base))), None);
    let dear = cost(&model("openai/gpt-4o-mini", &[base, ("price", own)])).unwrap();
    assert!(dear >= 1.0 && dear.fract() == 0.0, "{dear}");
    assert_eq!(cost(&model("openai/my-own", &[])), None);
}

#[test]
fn tokens_that_a_server_does_not_count_are_guessed_and_said_to_be() {
    let host = FakeHost::new();
    let body = json!({"choices": [{"message": {"content": "twelve bytes"}}]});
    host.answer(move |_| (std::time::Duration::ZERO, json_response(200, &body)));
    let lm = at("http://model/v1");
    let usage = host
        .block_on(client(&host).call(&lm, ask(&lm, "hello"), once()))
        .unwrap()
        .reply
        .usage;
    assert_eq!(
        (usage.prompt_tokens, usage.completion_tokens, usage.estimated),
        (2, 3, true)
    );
    let host = echo();
    let usage = host
        .block_on(client(&host).call(&lm, ask(&lm, "hello"), once()))
        .unwrap()
        .reply
        .usage;
    assert!(!usage.estimated);
}

#[test]
fn past_a_cap_what_is_in_flight_is_finished_and_kept() {
    let host = echo();
    let (client, lm) = (client(&host), at("http://model/v1"));
    let settings = under("max_calls", 3.0);
    let ask = |text: &str| client.call(&lm, ask(&lm, text), settings.clone());
    let calls: Vec<_> = ["a", "b", "c", "d", "e"].map(ask).into();
    let outcomes = host.block_on(join_all(calls));
    let kinds: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().err().map(|fault| fault.kind.name()))
        .collect();
    assert_eq!(kinds, [None, None, None, Some("budget"), Some("budget")]);
    let again: Vec<_> = ["a", "b", "c"].map(ask).into();
    assert!(
        host.block_on(join_all(again))
            .iter()
            .all(|answer| answer.as_ref().unwrap().cached)
    );
    assert_eq!(host.requests().len(), 3);
}

#[test]
fn a_table_of_the_users_comes_before_the_one_that_is_built_in() {
    let lm = model("openai/gpt-4o-mini", &[("api_base", Value::str("http://mine/v1"))]);
    let cost = |prices: &str| {
        let host = echo();
        host.put("/work/prices.csv", prices);
        host.set_env("DSP_PRICES", "prices.csv");
        let answer = host.block_on(client(&host).call(&lm, ask(&lm, "hi"), once())).unwrap();
        (answer.reply.usage.cost, host.stderr())
    };
    let (known, said) = cost("model,prompt,completion\nopenai/gpt-4o-mini,1000000,0\n");
    assert_eq!((known, said.as_str()), (Some(10.0), ""));
    let (unknown, said) = cost("openai/gpt-4o-mini;1;2");
    assert_eq!(unknown, None);
    assert!(
        said.starts_with("warning: `DSP_PRICES` is left aside: `openai/gpt-4o-mini;1;2` is no line of prices"),
        "{said}"
    );
}
