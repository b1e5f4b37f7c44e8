//! Anthropic's messages.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{Outgoing, Provider, not_read, spoken, system_text};
use crate::chat::{Finish, Reply, Request, Usage};

pub struct Anthropic;

/// The version of the API that this file speaks.
const VERSION: &str = "2023-06-01";

/// Anthropic demands a limit; as much as its smallest models can say.
const MAX_TOKENS: u32 = 4096;

impl Provider for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn default_base(&self) -> Option<&'static str> {
        Some("https://api.anthropic.com/v1")
    }

    fn key_env(&self) -> Option<&'static str> {
        Some("ANTHROPIC_API_KEY")
    }

    fn request(&self, model: &str, request: &Request, key: Option<&str>) -> Outgoing {
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(model));
        if let Some(system) = system_text(&request.messages) {
            body.insert("system".to_owned(), json!(system));
        }
        let turns: Vec<Json> = spoken(&request.messages)
            .map(|message| json!({"role": message.role.name(), "content": message.content}))
            .collect();
        body.insert("messages".to_owned(), json!(turns));
        body.insert("max_tokens".to_owned(), json!(request.max_tokens.unwrap_or(MAX_TOKENS)));
        if let Some(temperature) = request.temperature {
            body.insert("temperature".to_owned(), json!(temperature));
        }
        if !request.stop.is_empty() {
            body.insert("stop_sequences".to_owned(), json!(request.stop));
        }
        body.extend(request.extra.clone());
        let mut outgoing = Outgoing::json("/messages", &Json::Object(body));
        outgoing.header("anthropic-version", VERSION);
        outgoing.header_if("x-api-key", key);
        outgoing
    }

    fn reply(&self, body: &[u8]) -> Result<Reply, String> {
        let body: Message = serde_json::from_slice(body).map_err(not_read)?;
        let parts = body.content.ok_or("it has no `content`")?;
        let usage = body.usage.unwrap_or_default();
        Ok(Reply {
            others: Vec::new(),
            text: parts
                .into_iter()
                .filter(|part| part.kind == "text")
                .map(|part| part.text)
                .collect(),
            finish: match body.stop_reason.as_deref() {
                Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
                Some("refusal") => Finish::ContentFilter,
                _ => Finish::Stop,
            },
            usage: Usage {
                // What was written to and read from Anthropic's cache is counted apart from the rest.
                prompt_tokens: usage.input_tokens
                    + usage.cache_creation_input_tokens.unwrap_or_default()
                    + usage.cache_read_input_tokens.unwrap_or_default(),
                completion_tokens: usage.output_tokens,
                cost: None,
            },
            id: body.id,
            model: body.model,
        })
    }
}

#[derive(Deserialize)]
struct Message {
    content: Option<Vec<Part>>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
    id: Option<String>,
    model: Option<String>,
}

/// A part of another kind, such as the model's thinking, has no `text`.
#[derive(Deserialize)]
struct Part {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    text: String,
}

#[derive(Default, Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
}
