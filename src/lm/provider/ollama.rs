//! Ollama's own chat API.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::super::stream::{Odd, Partial};
use super::openai::embed_body;
use super::openai::logprob;
use super::{Outgoing, Provider, event_of, lacks, of_json, tools};
use crate::chat::{
    self, EmbeddingRequest, Embeddings, Finish, Part, Reply, Request, Shape, ToolCall, ToolResult, ToolTurn, Usage,
};

pub struct Ollama;

/// What stands in the body itself; every other option of a model stands in `options`.
const BODY: [&str; 8] = [
    "format",
    "keep_alive",
    "think",
    "tools",
    "options",
    "template",
    "logprobs",
    "top_logprobs",
];

impl Provider for Ollama {
    fn name(&self) -> &'static str {
        "ollama"
    }

    fn takes_shape(&self) -> bool {
        true
    }

    fn takes_shape_beside_tools(&self) -> bool {
        false
    }

    fn admits(&self, request: &Request) -> Result<(), String> {
        lacks(&request.extra, &["tool_choice", "logit_bias"])
    }

    fn takes(&self, part: &Part) -> bool {
        matches!(part, Part::Image(_)) && part.data().is_some()
    }

    fn default_base(&self) -> Option<&'static str> {
        Some("http://localhost:11434")
    }

    fn key_env(&self) -> Option<&'static str> {
        None
    }

    fn request(&self, model: &str, request: &Request, key: Option<&str>, stream: bool) -> Outgoing {
        let mut options = Map::new();
        if let Some(temperature) = request.temperature {
            options.insert("temperature".to_owned(), json!(temperature));
        }
        if let Some(max_tokens) = request.max_tokens {
            options.insert("num_predict".to_owned(), json!(max_tokens));
        }
        if !request.stop.is_empty() {
            options.insert("stop".to_owned(), json!(request.stop));
        }
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(model));
        body.insert(
            "messages".to_owned(),
            json!(request.messages.iter().flat_map(turns).collect::<Vec<_>>()),
        );
        body.insert("stream".to_owned(), json!(stream));
        match &request.shape {
            Some(Shape::Schema { schema, .. }) => body.insert("format".to_owned(), schema.clone()),
            Some(Shape::Object) => body.insert("format".to_owned(), json!("json")),
            None => None,
        };
        let mut extra = request.extra.clone();
        if let Some(effort) = extra.shift_remove("reasoning_effort") {
            body.insert("think".to_owned(), think(effort));
        }
        for (name, value) in &extra {
            match BODY.contains(&name.as_str()) {
                true => body.insert(name.clone(), value.clone()),
                false => options.insert(name.clone(), value.clone()),
            };
        }
        if let Some(Json::Object(given)) = body.remove("options") {
            options.extend(given);
        }
        if !options.is_empty() {
            body.insert("options".to_owned(), Json::Object(options));
        }
        let mut outgoing = Outgoing::json("/api/chat", &Json::Object(body));
        outgoing.bearer(key);
        outgoing
    }

    fn reply(&self, body: &[u8], _: &Request) -> Result<Reply, String> {
        let body: Answer = of_json(body)?;
        let message = body.message.ok_or("it has no `message`")?;
        Ok(Reply {
            text: message.content.unwrap_or_default(),
            thought: message.thinking.unwrap_or_default(),
            calls: message
                .tool_calls
                .unwrap_or_default()
                .into_iter()
                .map(|call| call.function.into())
                .collect(),
            logprobs: body.logprobs.iter().flatten().filter_map(logprob).collect(),
            scores: Vec::new(),
            finish: finish(body.done_reason.as_deref()),
            usage: Usage {
                prompt_tokens: body.prompt_eval_count,
                completion_tokens: body.eval_count,
                cost: None,
                ..Usage::default()
            },
            model: body.model,
            ..Reply::default()
        })
    }

    fn streams_lines(&self) -> bool {
        true
    }

    fn event(&self, event: &[u8], partial: &mut Partial) -> Result<(), Odd> {
        let event: Answer = event_of(event)?;
        if let Some(message) = event.error {
            return Err(Odd::Failed { message, busy: false });
        }
        if let Some(message) = event.message {
            partial.text += message.content.as_deref().unwrap_or_default();
            partial.thought += message.thinking.as_deref().unwrap_or_default();
            let calls = message.tool_calls.unwrap_or_default().into_iter();
            partial
                .whole_calls
                .extend(calls.map(|call| ToolCall::from(call.function)));
        }
        partial
            .logprobs
            .extend(event.logprobs.iter().flatten().filter_map(logprob));
        if event.done {
            partial.done = true;
            partial.finish = Some(finish(event.done_reason.as_deref()));
            partial.usage.prompt_tokens = event.prompt_eval_count;
            partial.usage.completion_tokens = event.eval_count;
        }
        partial.model = partial.model.take().or(event.model);
        Ok(())
    }

    fn embed(&self, model: &str, request: &EmbeddingRequest, key: Option<&str>) -> Option<Outgoing> {
        let mut outgoing = Outgoing::json("/api/embed", &embed_body(model, request));
        outgoing.bearer(key);
        Some(outgoing)
    }

    fn vectors(&self, body: &[u8]) -> Result<Embeddings, String> {
        let body: Placed = of_json(body)?;
        Ok(Embeddings {
            vectors: body.embeddings,
            usage: Usage {
                prompt_tokens: body.prompt_eval_count,
                ..Usage::default()
            },
        })
    }
}

/// It knows three words, and whether at all.
fn think(effort: Json) -> Json {
    match effort.as_str() {
        Some("none" | "disable") => json!(false),
        Some("minimal") => json!("low"),
        Some("xhigh" | "max") => json!("high"),
        _ => effort,
    }
}

/// A message, or one for each result of a tool.
fn turns(message: &chat::Message) -> Vec<Json> {
    match message.tools.as_deref() {
        None => vec![own(message)],
        Some(ToolTurn::Calls { text, calls }) => {
            let call = |call: &ToolCall| json!({"function": {"name": call.name, "arguments": call.args}});
            let calls: Vec<Json> = calls.iter().map(call).collect();
            vec![json!({"role": "assistant", "content": text, "tool_calls": calls})]
        }
        Some(ToolTurn::Results(results)) => {
            let result = |one: &ToolResult| json!({"role": "tool", "tool_name": one.name, "content": one.text});
            results.iter().map(result).collect()
        }
    }
}

/// Images stand beside the text.
fn own(message: &chat::Message) -> Json {
    let mut json = json!({"role": message.role.name(), "content": message.content});
    let images = message
        .attachments
        .iter()
        .filter_map(|attachment| attachment.part.data());
    let images: Vec<&str> = images.map(|(_, data)| data).collect();
    if !images.is_empty() {
        json["images"] = json!(images);
    }
    json
}

#[derive(Deserialize)]
struct Placed {
    embeddings: Vec<Vec<f64>>,
    #[serde(default)]
    prompt_eval_count: u64,
}

#[derive(Deserialize)]
struct Answer {
    message: Option<Message>,
    done_reason: Option<String>,
    #[serde(default)]
    prompt_eval_count: u64,
    #[serde(default)]
    eval_count: u64,
    model: Option<String>,
    #[serde(default)]
    done: bool,
    error: Option<String>,
    logprobs: Option<Vec<Json>>,
}

fn finish(reason: Option<&str>) -> Finish {
    match reason {
        Some("length") => Finish::Length,
        _ => Finish::Stop,
    }
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    thinking: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    function: Called,
}

#[derive(Deserialize)]
struct Called {
    name: String,
    #[serde(default)]
    arguments: Json,
}

impl From<Called> for ToolCall {
    fn from(called: Called) -> ToolCall {
        tools::called(None, called.name, called.arguments)
    }
}
