//! Anthropic's messages.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::super::stream::{Odd, Partial};
use super::{Failure, Outgoing, Provider, event_of, not_read, spoken, system_text};
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

    fn request(&self, model: &str, request: &Request, key: Option<&str>, stream: bool) -> Outgoing {
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
        if stream {
            body.insert("stream".to_owned(), json!(true));
        }
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
            finish: finish(body.stop_reason.as_deref()),
            usage: Usage {
                prompt_tokens: usage.of_prompt(),
                completion_tokens: usage.output_tokens,
                cost: None,
            },
            id: body.id,
            model: body.model,
        })
    }

    fn event(&self, event: &[u8], partial: &mut Partial) -> Result<(), Odd> {
        let event: Event = event_of(event)?;
        match event.kind.as_str() {
            "message_start" => {
                if let Some(message) = event.message {
                    let usage = message.usage.unwrap_or_default();
                    partial.usage.prompt_tokens = usage.of_prompt();
                    partial.usage.completion_tokens = usage.output_tokens;
                    (partial.id, partial.model) = (message.id, message.model);
                }
            }
            "content_block_delta" => {
                let delta = event.delta.filter(|delta| delta.kind.as_deref() == Some("text_delta"));
                partial.text += delta.and_then(|delta| delta.text).as_deref().unwrap_or_default();
            }
            "message_delta" => {
                if let Some(reason) = event.delta.and_then(|delta| delta.stop_reason) {
                    partial.finish = Some(finish(Some(&reason)));
                }
                if let Some(usage) = event.usage {
                    partial.usage.completion_tokens = usage.output_tokens;
                }
            }
            "message_stop" => partial.done = true,
            "error" => {
                return Err(event
                    .error
                    .map_or_else(|| Odd::Unreadable("it failed".to_owned()), Odd::from));
            }
            _ => {}
        }
        Ok(())
    }
}

fn finish(reason: Option<&str>) -> Finish {
    match reason {
        Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
        Some("refusal") => Finish::ContentFilter,
        _ => Finish::Stop,
    }
}

/// A piece of a streamed answer.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type", default)]
    kind: String,
    message: Option<Message>,
    delta: Option<Delta>,
    usage: Option<Tokens>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    stop_reason: Option<String>,
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

impl Tokens {
    /// What was written to and read from Anthropic's cache is counted apart from the rest.
    fn of_prompt(&self) -> u64 {
        self.input_tokens
            + self.cache_creation_input_tokens.unwrap_or_default()
            + self.cache_read_input_tokens.unwrap_or_default()
    }
}
