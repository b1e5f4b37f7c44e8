//! `inspect_history` and `usage`.

use std::fs;
use std::path::Path;

use dsp::chat::{Message, Role, Usage};
use dsp::trace::{Call, History};

fn call(model: &str, cached: bool) -> Call {
    Call {
        calls: Vec::new(),
        model: model.into(),
        messages: [Message::new(Role::User, "hi")].into(),
        reply: "hello".to_owned(),
        others: 0,
        usage: Usage {
            prompt_tokens: 10,
            completion_tokens: 2,
            cost: Some(0.5),
            ..Usage::default()
        },
        cached,
        requests: 1,
        at: 1_704_067_200.25,
        path: None,
        seconds: 0.0,
        error: None,
        span: None,
        tries: Vec::new(),
    }
}

/// Takes DSPy's text apart into calls, so that the layout alone is compared.
fn calls_of(text: &str) -> Vec<Call> {
    let bodies = text.split("[2024-01-01T00:00:00.000000]").skip(1);
    bodies
        .map(|body| {
            let (prompt, reply) = body.split_once("Response:").unwrap();
            let (system, user) = prompt.split_once("User message:").unwrap();
            let system = system.split_once("System message:").unwrap().1;
            Call {
                messages: [Message::new(Role::System, system), Message::new(Role::User, user)].into(),
                reply: reply.to_owned(),
                at: 1_704_067_200.0,
                ..call("test", false)
            }
        })
        .collect()
}

fn plain(text: &str) -> String {
    [31, 32, 34].iter().fold(text.replace("\u{1b}[0m", ""), |text, code| {
        text.replace(&format!("\u{1b}[{code}m"), "")
    })
}

#[test]
fn the_layout_is_dspys_byte_for_byte() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/inspect_history.json");
    let Ok(text) = fs::read(&path) else {
        println!("skipped: 2 cases, `../shared/conformance` is not there");
        return;
    };
    let cases: serde_json::Value = serde_json::from_slice(&text).unwrap();
    for (name, color) in [("to_file_n2", false), ("to_stdout_n1_with_ansi", true)] {
        let expected = cases[name].as_str().unwrap();
        let calls = calls_of(&plain(expected));
        let history = History::default();
        calls.iter().for_each(|call| history.record(call.clone()));
        assert_eq!(history.render(calls.len(), color), expected, "{name}");
    }
    println!("2 cases of inspect_history.json");
}

#[test]
fn other_answers_are_counted_as_dspy_does_it() {
    let history = History::default();
    history.record(Call {
        others: 2,
        ..call("test", false)
    });
    let text = history.render(1, false);
    assert!(
        text.ends_with("\nResponse:\n\nhello\n\n \t (and 2 other completions)\n\n\n\n\n"),
        "{text:?}"
    );
}

#[test]
fn only_the_last_calls_are_shown_with_their_time() {
    let history = History::default();
    history.record(call("first", false));
    history.record(call("second", false));
    assert_eq!(history.last(1)[0].model, "second");
    let text = history.render(1, false);
    assert_eq!(text.matches("Response:").count(), 1);
    assert!(text.contains("[2024-01-01T00:00:00.250000]"));
}

#[test]
fn usage_adds_up_by_model_and_the_cache_uses_nothing() {
    let history = History::default();
    for (model, cached) in [("a", false), ("b", false), ("a", true)] {
        history.record(call(model, cached));
    }
    let usage = history.usage();
    assert_eq!(
        (usage.total.calls, usage.total.cached, usage.total.prompt_tokens),
        (3, 1, 20)
    );
    assert_eq!((usage.total.completion_tokens, usage.total.cost), (4, 1.0));
    assert_eq!(usage.by_model.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(
        (
            usage.by_model["a"].calls,
            usage.by_model["a"].cached,
            usage.by_model["a"].prompt_tokens
        ),
        (2, 1, 10)
    );
}
