//! What goes to each provider beside texts: images and files, forms that a reply is held to, thought, headers.

use std::time::Duration;

use dsp::chat::{Attachment, Message, Mode, Part, Role, Shape};
use dsp::diag::Fault;
use dsp::host::HttpRequest;
use dsp::host::fake::{FakeHost, json_response};
use dsp::lm::{self, Answer};
use dsp::value::Value;
use serde_json::{Value as Json, json};

use super::setup::{client, model, once};

/// What is sent for a question with parts, and what is made of the answer.
fn exchange(
    name: &str,
    options: &[(&str, Value)],
    parts: Vec<Part>,
    shape: Option<Shape>,
    reply: &Json,
) -> (Result<Answer, Fault>, Option<(HttpRequest, Json)>) {
    let host = FakeHost::new();
    let response = json_response(200, reply);
    host.answer(move |_| (Duration::ZERO, response.clone()));
    let lm = model(name, &[&[("api_base", Value::str("http://model"))], options].concat());
    let mut message = Message::new(Role::User, "seen?");
    message.attachments = parts.into_iter().map(|part| Attachment { at: 4, part }).collect();
    let request = lm::request(&lm, vec![message], Mode::Chat, []);
    let mut request = match request {
        Ok(request) => request,
        Err(fault) => return (Err(fault), None),
    };
    request.shape = shape;
    let answer = host.block_on(client(&host).call(&lm, request, once()));
    let sent = host.requests().pop();
    (
        answer,
        sent.map(|sent| (sent.clone(), serde_json::from_slice(&sent.body).unwrap())),
    )
}

fn schema() -> Option<Shape> {
    Some(Shape::Schema {
        name: "Outputs".to_owned(),
        schema: json!({"type": "object", "properties": {"answer": {"type": "string"}}}),
    })
}

fn anthropic(content: Json) -> Json {
    json!({"content": content, "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}})
}

fn gemini(texts: &[&str]) -> Json {
    let one = |text: &&str| json!({"content": {"parts": [{"text": text}]}, "finishReason": "STOP"});
    json!({"candidates": texts.iter().map(one).collect::<Vec<_>>()})
}

#[test]
fn images_and_files_stand_where_they_stand_in_the_text() {
    let image = || Part::Image("data:image/png;base64,aWs=".into());
    let file = || Part::File("data:application/pdf;base64,cGQ=".into());
    let reply = anthropic(json!([{"type": "text", "text": "yes"}]));
    let (_, sent) = exchange("anthropic/m", &[], vec![image(), file()], None, &reply);
    assert_eq!(
        sent.unwrap().1["messages"][0]["content"],
        json!([
            {"type": "text", "text": "seen"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aWs="}},
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "cGQ="}},
            {"type": "text", "text": "?"},
        ])
    );
    let elsewhere = Part::Image("https://example.org/cat.png".into());
    let sound = Part::Audio {
        data: "d2F2".into(),
        format: "wav".into(),
    };
    let (_, sent) = exchange(
        "gemini/m",
        &[],
        vec![image(), elsewhere, sound.clone()],
        None,
        &gemini(&["yes"]),
    );
    assert_eq!(
        sent.unwrap().1["contents"][0]["parts"],
        json!([
            {"text": "seen"},
            {"inlineData": {"mimeType": "image/png", "data": "aWs="}},
            {"fileData": {"fileUri": "https://example.org/cat.png"}},
            {"inlineData": {"mimeType": "audio/wav", "data": "d2F2"}},
            {"text": "?"},
        ])
    );
    let (_, sent) = exchange(
        "ollama/m",
        &[],
        vec![image()],
        None,
        &json!({"message": {"content": "yes"}}),
    );
    assert_eq!(
        sent.unwrap().1["messages"][0],
        json!({"role": "user", "content": "seen?", "images": ["aWs="]})
    );
    let (refused, sent) = exchange("anthropic/m", &[], vec![sound], None, &reply);
    assert_eq!(
        refused.unwrap_err().message,
        "the model `anthropic/m` cannot be sent the sound in this prompt"
    );
    assert!(sent.is_none());
}

#[test]
fn a_reply_is_held_to_a_form_in_each_providers_way() {
    let reply = anthropic(json!([{"type": "tool_use", "id": "t", "name": "Outputs", "input": {"answer": "yes"}}]));
    let (answer, sent) = exchange("anthropic/m", &[], vec![], schema(), &reply);
    assert_eq!(answer.unwrap().reply.text, "{\"answer\":\"yes\"}");
    let body = sent.unwrap().1;
    assert_eq!(body["tools"][0]["input_schema"]["type"], "object");
    assert_eq!(body["tool_choice"], json!({"type": "tool", "name": "Outputs"}));

    let (_, sent) = exchange("gemini/m", &[], vec![], schema(), &gemini(&["{}"]));
    let config = sent.unwrap().1["generationConfig"].clone();
    assert_eq!(config["responseMimeType"], "application/json");
    assert_eq!(config["responseJsonSchema"]["type"], "object");
    let (_, sent) = exchange("gemini/m", &[], vec![], Some(Shape::Object), &gemini(&["{}"]));
    assert_eq!(
        sent.unwrap().1["generationConfig"],
        json!({"responseMimeType": "application/json"})
    );
}

#[test]
fn an_effort_is_said_as_each_provider_has_it() {
    let options = [
        ("reasoning_effort", Value::str("low")),
        ("temperature", Value::Float(0.5)),
        ("max_tokens", Value::Int(100)),
        ("seed", Value::Int(7)),
    ];
    let reply = anthropic(json!([{"type": "text", "text": "yes"}]));
    let body = exchange("anthropic/m", &options, vec![], schema(), &reply).1.unwrap().1;
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 1024}));
    assert_eq!(body["max_tokens"], 1124);
    for none in ["temperature", "seed", "tools", "reasoning_effort"] {
        assert!(body.get(none).is_none(), "{none}: {body}");
    }
    let body = exchange("gemini/m", &options, vec![], None, &gemini(&["yes"]))
        .1
        .unwrap()
        .1;
    assert_eq!(
        body["generationConfig"]["thinkingConfig"],
        json!({"thinkingBudget": 1024})
    );
    assert_eq!(body["generationConfig"]["seed"], 7);
    let body = exchange("ollama/m", &options, vec![], None, &json!({"message": {"content": ""}}))
        .1
        .unwrap()
        .1;
    assert_eq!(body["think"], "low");
    let reply = json!({"choices": [{"message": {"content": ""}}]});
    let body = exchange("openai/o3", &options, vec![], None, &reply).1.unwrap().1;
    assert_eq!(
        (&body["reasoning_effort"], &body["max_completion_tokens"]),
        (&json!("low"), &json!(100))
    );
}

#[test]
fn several_answers_come_in_one_request_where_the_provider_has_them() {
    let (answer, sent) = exchange("gemini/m", &[("n", Value::Int(2))], vec![], None, &gemini(&["a", "b"]));
    let reply = answer.unwrap().reply;
    assert_eq!((reply.text.as_str(), reply.others), ("a", vec!["b".to_owned()]));
    assert_eq!(sent.unwrap().1["generationConfig"], json!({"candidateCount": 2}));
}

#[test]
fn headers_go_along_and_those_with_secrets_do_not_stand_in_scripts() {
    let header = |name: &str| [("headers", Value::dict([(name, Value::str("b1"))]))];
    let reply = anthropic(json!([{"type": "text", "text": "yes"}]));
    let sent = exchange("anthropic/m", &header("Anthropic-Beta"), vec![], None, &reply)
        .1
        .unwrap();
    let found: Vec<&str> = sent.0.headers.iter().map(|(name, _)| name.as_ref()).collect();
    assert!(
        found.contains(&"anthropic-beta") && sent.1.get("headers").is_none(),
        "{found:?}"
    );
    let sent = exchange("anthropic/m", &header("anthropic-version"), vec![], None, &reply)
        .1
        .unwrap();
    let versions = sent.0.headers.iter().filter(|(name, _)| name == "anthropic-version");
    assert_eq!(versions.map(|(_, value)| value.as_ref()).collect::<Vec<_>>(), ["b1"]);
    for secret in ["Authorization", "X-Api-Key", "Cookie"] {
        let (refused, sent) = exchange("anthropic/m", &header(secret), vec![], None, &reply);
        assert_eq!(refused.unwrap_err().kind.name(), "auth", "{secret}");
        assert!(sent.is_none());
    }
}
