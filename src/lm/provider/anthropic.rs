//! Anthropic's messages.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::super::stream::{Odd, Partial};
use super::{Failure, Outgoing, Provider, event_of, not_read, spoken, system_text, thinking};
use crate::chat::{self, Finish, Part, Reply, Request, Shape, Usage};

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

    /// By a tool that it must use.
    fn takes_shape(&self) -> bool {
        true
    }

    fn takes(&self, part: &Part) -> bool {
        match part {
            Part::Image(_) => true,
            Part::Audio { .. } => false,
            Part::File(_) => part.data().is_some(),
        }
    }

    fn request(&self, model: &str, request: &Request, key: Option<&str>, stream: bool) -> Outgoing {
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(model));
        if let Some(system) = system_text(&request.messages) {
            body.insert("system".to_owned(), json!(system));
        }
        let turns: Vec<Json> = spoken(&request.messages)
            .map(|message| json!({"role": message.role.name(), "content": content(message)}))
            .collect();
        body.insert("messages".to_owned(), json!(turns));
        let mut extra = request.extra.clone();
        // It has none, and refuses what it does not know.
        extra.shift_remove("seed");
        extra.shift_remove("logprobs");
        let budget = thinking(&mut extra);
        let most = request.max_tokens.unwrap_or(MAX_TOKENS) + budget.unwrap_or_default();
        body.insert("max_tokens".to_owned(), json!(most));
        if let Some(budget) = budget {
            body.insert(
                "thinking".to_owned(),
                json!({"type": "enabled", "budget_tokens": budget}),
            );
        }
        let thinks = budget.is_some() || extra.contains_key("thinking");
        // A model that thinks first takes no other temperature, and no tool can be forced on it.
        if let Some(temperature) = request.temperature.filter(|_| !thinks) {
            body.insert("temperature".to_owned(), json!(temperature));
        }
        if let Some(Shape::Schema { name, schema }) = request.shape.as_ref().filter(|_| !thinks) {
            body.insert("tools".to_owned(), json!([{"name": name, "input_schema": schema}]));
            body.insert("tool_choice".to_owned(), json!({"type": "tool", "name": name}));
        }
        if !request.stop.is_empty() {
            body.insert("stop_sequences".to_owned(), json!(request.stop));
        }
        body.extend(extra);
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
            text: said(parts),
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
                let text = event.delta.and_then(|delta| match delta.kind.as_deref() {
                    Some("text_delta") => delta.text,
                    Some("input_json_delta") => delta.partial_json,
                    _ => None,
                });
                partial.text += text.as_deref().unwrap_or_default();
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
    partial_json: Option<String>,
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<Vec<Block>>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
    id: Option<String>,
    model: Option<String>,
}

/// A part of another kind, such as the model's thinking, has no `text`.
#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    text: String,
    /// What the tool that it must use is called with: the reply itself.
    input: Option<Json>,
}

/// The text of the parts; where a tool was to be used, what it is called with.
fn said(parts: Vec<Block>) -> String {
    let called = parts.iter().find(|part| part.kind == "tool_use");
    if let Some(input) = called.and_then(|part| part.input.as_ref()) {
        return input.to_string();
    }
    let texts = parts.into_iter().filter(|part| part.kind == "text");
    texts.map(|part| part.text).collect()
}

/// A text, or parts where not all is text.
fn content(message: &chat::Message) -> Json {
    if message.attachments.is_empty() {
        return json!(message.content);
    }
    let text = |text: &str| json!({"type": "text", "text": text});
    let part = |part: &Part| {
        let kind = if matches!(part, Part::File(_)) {
            "document"
        } else {
            "image"
        };
        let source = match (part.data(), part) {
            (Some((media, data)), _) => json!({"type": "base64", "media_type": media, "data": data}),
            (None, Part::Image(url) | Part::File(url)) => json!({"type": "url", "url": url}),
            (None, Part::Audio { .. }) => Json::Null,
        };
        json!({"type": kind, "source": source})
    };
    Json::Array(message.parts(text, part))
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
