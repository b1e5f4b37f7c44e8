//! Providers beside OpenAI: one exchange each, as their documentation gives it, and what stands in their errors.

use std::time::Duration;

use dsp::chat::{Finish, Message, Mode, Role};
use dsp::diag::FaultKind;
use dsp::host::fake::{FakeHost, json_response};
use dsp::lm::{self, Answer};
use dsp::value::{LmSpec, Value};
use serde_json::{Value as Json, json};

use super::setup::{client, model, once};

/// What a provider is sent: url, headers and body; and what is made of its answer.
struct Exchange {
    url: String,
    headers: Vec<dsp::host::Header>,
    body: Json,
    answer: Result<Answer, dsp::diag::Fault>,
}

impl Exchange {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_ref())
    }
}

fn exchange(lm: &LmSpec, key: Option<&str>, status: u16, reply: &Json) -> Exchange {
    let host = FakeHost::new();
    if let Some(name) = key {
        host.set_env(name, "sk-secret");
    }
    let response = json_response(status, reply);
    host.answer(move |_| (Duration::ZERO, response.clone()));
    let messages = vec![
        Message::new(Role::System, "be brief"),
        Message::new(Role::User, "2 + 2?"),
        Message::new(Role::Assistant, "4"),
        Message::new(Role::User, "3 + 3?"),
    ];
    let request = lm::request(lm, messages, Mode::Chat, []).unwrap();
    let answer = host.block_on(client(&host).call(lm, request, once()));
    let sent = host.requests().remove(0);
    Exchange {
        url: sent.url.clone(),
        headers: sent.headers.clone(),
        body: serde_json::from_slice(&sent.body).unwrap(),
        answer,
    }
}

fn options() -> Vec<(&'static str, Value)> {
    vec![
        ("temperature", Value::Float(0.5)),
        ("max_tokens", Value::Int(100)),
        ("stop", Value::str("END")),
        ("top_p", Value::Float(0.9)),
    ]
}

#[test]
fn anthropic_takes_the_system_text_apart_and_counts_its_cache() {
    let reply = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
        "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "6"}],
        "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 10, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 7, "output_tokens": 2},
    });
    let ran = exchange(
        &model("anthropic/claude-x", &options()),
        Some("ANTHROPIC_API_KEY"),
        200,
        &reply,
    );
    assert_eq!(ran.url, "https://api.anthropic.com/v1/messages");
    assert_eq!(ran.header("x-api-key"), Some("sk-secret"));
    assert_eq!(ran.header("anthropic-version"), Some("2023-06-01"));
    let expected = json!({
        "model": "claude-x", "system": "be brief", "max_tokens": 100, "temperature": 0.5, "top_p": 0.9,
        "stop_sequences": ["END"],
        "messages": [
            {"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"},
            {"role": "user", "content": "3 + 3?"},
        ],
    });
    assert_eq!(ran.body, expected);
    let reply = ran.answer.unwrap().reply;
    assert_eq!((reply.text.as_str(), reply.finish), ("6", Finish::Stop));
    assert_eq!((reply.usage.prompt_tokens, reply.usage.completion_tokens), (20, 2));
    assert_eq!(
        (reply.id.as_deref(), reply.model.as_deref()),
        (Some("msg_1"), Some("claude-x"))
    );
}

#[test]
fn anthropic_is_given_the_limit_that_it_demands() {
    let reply = json!({"content": [{"type": "text", "text": "cut"}], "stop_reason": "max_tokens"});
    let ran = exchange(
        &model("anthropic/claude-x", &[]),
        Some("ANTHROPIC_API_KEY"),
        200,
        &reply,
    );
    assert_eq!(ran.body["max_tokens"], 4096);
    assert_eq!(ran.answer.unwrap().reply.finish, Finish::Length);
}

#[test]
fn gemini_has_its_own_names_for_everything() {
    let reply = json!({
        "candidates": [{
            "content": {"role": "model", "parts": [{"text": "hm", "thought": true}, {"text": "6"}]},
            "finishReason": "STOP", "index": 0,
        }],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 2, "thoughtsTokenCount": 5, "totalTokenCount": 17},
        "modelVersion": "gemini-x-001", "responseId": "r1",
    });
    let ran = exchange(
        &model("gemini/gemini-x", &options()),
        Some("GEMINI_API_KEY"),
        200,
        &reply,
    );
    assert_eq!(
        ran.url,
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-x:generateContent"
    );
    assert_eq!(ran.header("x-goog-api-key"), Some("sk-secret"));
    let expected = json!({
        "systemInstruction": {"parts": [{"text": "be brief"}]},
        "contents": [
            {"role": "user", "parts": [{"text": "2 + 2?"}]}, {"role": "model", "parts": [{"text": "4"}]},
            {"role": "user", "parts": [{"text": "3 + 3?"}]},
        ],
        "generationConfig": {"temperature": 0.5, "maxOutputTokens": 100, "stopSequences": ["END"], "topP": 0.9},
    });
    assert_eq!(ran.body, expected);
    let reply = ran.answer.unwrap().reply;
    assert_eq!((reply.text.as_str(), reply.usage.completion_tokens), ("6", 7));
    assert_eq!(reply.model.as_deref(), Some("gemini-x-001"));
}

#[test]
fn a_prompt_that_gemini_blocks_is_filtered_content() {
    let reply = json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4}});
    let ran = exchange(&model("gemini/gemini-x", &[]), Some("GEMINI_API_KEY"), 200, &reply);
    assert_eq!(ran.answer.unwrap().reply.finish, Finish::ContentFilter);
}

#[test]
fn a_wrong_key_is_one_whatever_the_status() {
    let said = "API key not valid. Please pass a valid API key.";
    let reply = json!({"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}});
    let ran = exchange(&model("gemini/gemini-x", &[]), Some("GEMINI_API_KEY"), 400, &reply);
    let fault = ran.answer.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Auth);
    assert!(fault.help.unwrap().contains("`GEMINI_API_KEY`"));
}

#[test]
fn ollama_needs_no_key_and_has_its_options_apart() {
    let reply = json!({
        "model": "llama3", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": "6"},
        "done": true, "done_reason": "length", "prompt_eval_count": 11, "eval_count": 3,
    });
    let mut given = options();
    given.push(("keep_alive", Value::str("5m")));
    let ran = exchange(&model("ollama/llama3", &given), None, 200, &reply);
    assert_eq!(ran.url, "http://localhost:11434/api/chat");
    assert_eq!(ran.header("authorization"), None);
    assert_eq!(ran.body["stream"], false);
    assert_eq!(ran.body["keep_alive"], "5m");
    assert_eq!(ran.body["messages"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        ran.body["options"],
        json!({"temperature": 0.5, "num_predict": 100, "stop": ["END"], "top_p": 0.9})
    );
    let reply = ran.answer.unwrap().reply;
    assert_eq!((reply.text.as_str(), reply.finish), ("6", Finish::Length));
    assert_eq!((reply.usage.prompt_tokens, reply.usage.completion_tokens), (11, 3));
}

#[test]
fn azure_names_the_deployment_in_the_path() {
    let reply = json!({"choices": [{"message": {"content": "6"}, "finish_reason": "stop"}]});
    let base = ("api_base", Value::str("https://mine.openai.azure.com/"));
    let ran = exchange(&model("azure/my-gpt", &[base]), None, 200, &reply);
    assert_eq!(
        ran.url,
        "https://mine.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21"
    );
    assert_eq!(ran.answer.unwrap().reply.text, "6");
    let host = FakeHost::new();
    let lm = model("azure/my-gpt", &[]);
    let request = lm::request(&lm, vec![Message::new(Role::User, "hi")], Mode::Chat, []).unwrap();
    let fault = host.block_on(client(&host).call(&lm, request, once())).unwrap_err();
    assert!(fault.message.contains("needs the address of your server"), "{fault:?}");
}

#[test]
fn servers_that_speak_openais_language_have_their_own_address_and_key() {
    let reply = json!({"choices": [{"message": {"content": "6"}, "finish_reason": "stop"}]});
    for (name, key, host) in [
        ("mistral/m", "MISTRAL_API_KEY", "api.mistral.ai"),
        ("groq/m", "GROQ_API_KEY", "api.groq.com"),
        ("together/org/m", "TOGETHER_API_KEY", "api.together.xyz"),
        ("openrouter/org/m", "OPENROUTER_API_KEY", "openrouter.ai"),
        ("deepseek/m", "DEEPSEEK_API_KEY", "api.deepseek.com"),
        ("xai/m", "XAI_API_KEY", "api.x.ai"),
        ("fireworks/m", "FIREWORKS_API_KEY", "api.fireworks.ai"),
    ] {
        let ran = exchange(&model(name, &[]), Some(key), 200, &reply);
        assert!(ran.url.starts_with(&format!("https://{host}/")), "{}", ran.url);
        assert!(ran.url.ends_with("/chat/completions"));
        assert_eq!(ran.header("authorization"), Some("Bearer sk-secret"));
        assert_eq!(ran.body["model"], name.split_once('/').unwrap().1);
    }
}
