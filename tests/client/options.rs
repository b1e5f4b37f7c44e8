//! What goes to a provider beside texts, and what does not: parts that it cannot be sent, headers with secrets.

use std::time::Duration;

use dsp::chat::{Attachment, Message, Mode, Part, Role};
use dsp::diag::Fault;
use dsp::host::HttpRequest;
use dsp::host::fake::{FakeHost, json_response};
use dsp::lm::{self, Answer};
use dsp::value::Value;
use serde_json::{Value as Json, json};

use super::setup::{client, model, once};

/// What is sent for a question with a part, and what is made of the answer.
fn exchange(
    name: &str,
    options: &[(&str, Value)],
    part: Option<Part>,
) -> (Result<Answer, Fault>, Option<(HttpRequest, Json)>) {
    let host = FakeHost::new();
    let reply = json!({"content": [{"type": "text", "text": "yes"}], "stop_reason": "end_turn"});
    host.answer(move |_| (Duration::ZERO, json_response(200, &reply)));
    let lm = model(name, &[&[("api_base", Value::str("http://model"))], options].concat());
    let mut message = Message::new(Role::User, "seen?");
    message.attachments = part.into_iter().map(|part| Attachment { at: 4, part }).collect();
    let request = match lm::request(&lm, vec![message], Mode::Chat, []) {
        Ok(request) => request,
        Err(fault) => return (Err(fault), None),
    };
    let answer = host.block_on(client(&host).call(&lm, request, once()));
    let sent = host.requests().pop();
    (
        answer,
        sent.map(|sent| (sent.clone(), serde_json::from_slice(&sent.body).unwrap())),
    )
}

#[test]
fn a_part_that_a_provider_cannot_be_sent_is_an_error_and_nothing_is_sent() {
    let sound = || Part::Audio {
        data: "d2F2".into(),
        format: "wav".into(),
    };
    let responses = [("model_type", Value::str("responses"))];
    let refused = [
        ("anthropic/m", &[][..], sound(), "sound"),
        ("openai/m", &responses, sound(), "sound"),
        (
            "ollama/m",
            &[],
            Part::Image("https://example.org/cat.png".into()),
            "image",
        ),
        (
            "anthropic/m",
            &[],
            Part::File("https://example.org/cat.pdf".into()),
            "file",
        ),
    ];
    for (name, options, part, what) in refused {
        let (refused, sent) = exchange(name, options, Some(part));
        let message = format!("the model `{name}` cannot be sent the {what} in this prompt");
        assert_eq!(refused.unwrap_err().message, message);
        assert!(sent.is_none());
    }
}

#[test]
fn headers_go_along_and_those_with_secrets_do_not_stand_in_scripts() {
    let header = |name: &str| [("headers", Value::dict([(name, Value::str("b1"))]))];
    let sent = exchange("anthropic/m", &header("Anthropic-Beta"), None).1.unwrap();
    let found: Vec<&str> = sent.0.headers.iter().map(|(name, _)| name.as_ref()).collect();
    assert!(
        found.contains(&"anthropic-beta") && sent.1.get("headers").is_none(),
        "{found:?}"
    );
    let sent = exchange("anthropic/m", &header("anthropic-version"), None).1.unwrap();
    let versions = sent.0.headers.iter().filter(|(name, _)| name == "anthropic-version");
    assert_eq!(versions.map(|(_, value)| value.as_ref()).collect::<Vec<_>>(), ["b1"]);
    for secret in [
        "Authorization",
        "X-Api-Key",
        "Cookie",
        "X-Auth-Token",
        "Ocp-Apim-Subscription-Key",
    ] {
        let (refused, sent) = exchange("anthropic/m", &header(secret), None);
        assert_eq!(refused.unwrap_err().kind.name(), "auth", "{secret}");
        assert!(sent.is_none());
    }
}
