//! Anthropic's messages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::super::stream::{Odd, Partial};
use super::tools::{self, Choice};
use super::{
    Effort, Failure, Outgoing, Provider, event_of, knows_effort, lacks, of_json, spoken, system_text, written_stops,
};
use crate::chat::{self, Finish, Part, Reply, Request, Shape, ToolCall, ToolResult, ToolTurn, Usage};

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

    fn takes_shape_beside_tools(&self) -> bool {
        false
    }

    fn admits(&self, request: &Request) -> Result<(), String> {
        knows_effort(&request.extra)?;
        lacks(
            &request.extra,
            &[
                "logprobs",
                "top_logprobs",
                "frequency_penalty",
                "presence_penalty",
                "logit_bias",
            ],
        )
    }

    fn takes(&self, part: &Part) -> bool {
        match part {
            Part::Image(_) => true,
            Part::Audio { .. } => false,
            // Of documents, PDF and plain texts.
            Part::File(_) => part
                .data()
                .is_some_and(|(kind, _)| kind == "application/pdf" || kind.starts_with("text/")),
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
        let form = form(request);
        let mut extra = request.extra.clone();
        // It has none, and refuses what it does not know.
        extra.shift_remove("seed");
        extra.shift_remove("logprobs");
        let budget = Effort::take(&mut extra).map_or(0, Effort::budget);
        body.insert(
            "max_tokens".to_owned(),
            json!(request.max_tokens.unwrap_or(MAX_TOKENS) + budget),
        );
        if budget > 0 {
            body.insert(
                "thinking".to_owned(),
                json!({"type": "enabled", "budget_tokens": budget}),
            );
        }
        // A model that thinks first takes no other temperature.
        if let Some(temperature) = request.temperature.filter(|_| !thinks(request)) {
            body.insert("temperature".to_owned(), json!(temperature));
        }
        if let Some(Shape::Schema { name, schema }) = form {
            body.insert("tools".to_owned(), json!([{"name": name, "input_schema": schema}]));
            body.insert("tool_choice".to_owned(), json!({"type": "tool", "name": name}));
        }
        if let Some(tools) = tools::take(&mut extra, |tool| Json::Object(tool.flat("input_schema"))) {
            body.insert("tools".to_owned(), tools);
        }
        if let Some(choice) = tools::choice(&mut extra) {
            let choice = match choice {
                Choice::Auto => json!({"type": "auto"}),
                Choice::None => json!({"type": "none"}),
                Choice::Any => json!({"type": "any"}),
                Choice::One(name) => json!({"type": "tool", "name": name}),
                Choice::Own(own) => own,
            };
            body.insert("tool_choice".to_owned(), choice);
        }
        let stops = written_stops(request);
        if !stops.is_empty() {
            body.insert("stop_sequences".to_owned(), json!(stops));
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

    fn reply(&self, body: &[u8], request: &Request) -> Result<Reply, String> {
        let body: Message = of_json(body)?;
        let parts = body.content.ok_or("it has no `content`")?;
        let usage = body.usage.unwrap_or_default();
        let form = form(request).and_then(Shape::name);
        let mut reply = Reply {
            finish: finish(body.stop_reason.as_deref()),
            usage: Usage {
                prompt_tokens: usage.of_prompt(),
                completion_tokens: usage.output_tokens,
                cost: None,
                ..Usage::default()
            },
            id: body.id,
            model: body.model,
            ..Reply::default()
        };
        parts.into_iter().for_each(|part| part.add_to(&mut reply, form));
        Ok(reply)
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
            "content_block_start" => {
                if let Some(block) = event.content_block.filter(|block| block.kind == "tool_use") {
                    partial.call(event.index, block.id.as_deref(), &block.name, "");
                }
            }
            "content_block_delta" => {
                let delta = event.delta.unwrap_or_default();
                partial.text += delta.text.as_deref().unwrap_or_default();
                partial.thought += delta.thinking.as_deref().unwrap_or_default();
                if let Some(more) = delta.partial_json {
                    partial.call(event.index, None, "", &more);
                }
            }
            "message_delta" => {
                if let Some(reason) = event.delta.and_then(|delta| delta.stop_reason) {
                    partial.finish = Some(finish(Some(&reason)));
                }
                if let Some(usage) = event.usage {
                    // Some servers count the question only now.
                    let known = partial.usage.prompt_tokens;
                    partial.usage.prompt_tokens = known.max(usage.of_prompt());
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
    /// Which part of the answer it belongs to.
    #[serde(default)]
    index: u64,
    content_block: Option<Block>,
}

#[derive(Default, Deserialize)]
struct Delta {
    text: Option<String>,
    thinking: Option<String>,
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

/// A part of an answer: a text, a thought, a tool that is to be used.
#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    thinking: String,
    id: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    input: Json,
}

impl Block {
    /// The tool that stands for a form is called with the reply itself.
    fn add_to(self, reply: &mut Reply, form: Option<&str>) {
        match self.kind.as_str() {
            "text" => reply.text += &self.text,
            "thinking" => reply.thought += &self.thinking,
            "tool_use" => {
                let call = tools::called(self.id, self.name, self.input);
                match form == Some(&call.name) {
                    true => reply.text = call.args.as_str().map_or_else(|| call.args.to_string(), str::to_owned),
                    false => reply.calls.push(call),
                }
            }
            _ => {}
        }
    }
}

/// The form that a reply is held to by a tool that the model must use. None can be forced on one that thinks first, nor on
/// one that has tools of its own.
fn form(request: &Request) -> Option<&Shape> {
    let free = !thinks(request) && !request.extra.contains_key("tools");
    request.shape.as_ref().filter(|shape| free && shape.name().is_some())
}

fn thinks(request: &Request) -> bool {
    let effort = Effort::take(&mut request.extra.clone());
    effort.is_some_and(|effort| effort != Effort::No) || request.extra.contains_key("thinking")
}

/// Calls of tools, or what came of them.
fn used(tools: &ToolTurn) -> Json {
    match tools {
        ToolTurn::Calls { text, calls } => {
            let said = (!text.is_empty()).then(|| json!({"type": "text", "text": text}));
            let call =
                |call: &ToolCall| json!({"type": "tool_use", "id": call.id, "name": call.name, "input": call.args});
            said.into_iter().chain(calls.iter().map(call)).collect()
        }
        ToolTurn::Results(results) => {
            let result = |one: &ToolResult| {
                let mut result = json!({"type": "tool_result", "tool_use_id": one.id, "content": one.text});
                if one.is_error {
                    result["is_error"] = json!(true);
                }
                result
            };
            results.iter().map(result).collect()
        }
    }
}

/// A text, or parts where not all is text.
fn content(message: &chat::Message) -> Json {
    if let Some(tools) = message.tools.as_deref() {
        return used(tools);
    }
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
            (Some((media, data)), Part::File(_)) if media.starts_with("text/") => {
                let text = STANDARD.decode(data).unwrap_or_default();
                json!({"type": "text", "media_type": "text/plain", "data": String::from_utf8_lossy(&text)})
            }
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
