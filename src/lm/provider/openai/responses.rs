//! OpenAI's responses, its second interface: `LM("openai/gpt-5", model_type: "responses")`.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::super::super::stream::{Odd, Partial};
use super::super::tools::{self, Choice};
use super::super::{Outgoing, Provider, event_of, lacks, of_json};
use super::completion::logprob;
use super::{OpenAi, is_reasoning};
use crate::chat::{Finish, Message, Part, Reply, Request, Role, Shape, ToolCall, ToolResult, ToolTurn};

pub struct Responses(pub &'static OpenAi);

impl Provider for Responses {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn takes_shape(&self) -> bool {
        true
    }

    fn admits(&self, request: &Request) -> Result<(), String> {
        if !request.stop.is_empty() {
            return Err("has no `stop` in its responses".to_owned());
        }
        lacks(&request.extra, &["frequency_penalty", "presence_penalty", "logit_bias"])
    }

    fn takes(&self, part: &Part) -> bool {
        !matches!(part, Part::Audio { .. })
    }

    fn default_base(&self) -> Option<&'static str> {
        self.0.default_base()
    }

    fn key_env(&self) -> Option<&'static str> {
        self.0.key_env()
    }

    /// It has no `stop`, with which an adapter may end a reply, and no `seed`.
    fn request(&self, model: &str, request: &Request, key: Option<&str>, stream: bool) -> Outgoing {
        let mut body = Map::new();
        let mut add = |name: &str, value: Json| drop(body.insert(name.to_owned(), value));
        let reasons = self.0.reasons && is_reasoning(model);
        let mut extra = request.extra.clone();
        extra.shift_remove("seed");
        add("model", json!(model));
        add("input", request.messages.iter().flat_map(items).collect());
        if let Some(temperature) = request.temperature.filter(|_| !reasons) {
            add("temperature", json!(temperature));
        }
        if let Some(max_tokens) = request.max_tokens {
            add("max_output_tokens", json!(max_tokens));
        }
        if let Some(effort) = extra.shift_remove("reasoning_effort") {
            add("reasoning", json!({"effort": effort, "summary": "auto"}));
        }
        let format = request
            .shape
            .as_ref()
            .map(format)
            .or(extra.shift_remove("response_format"));
        if let Some(format) = format {
            add("text", json!({"format": format}));
        }
        if extra.shift_remove("logprobs") == Some(Json::Bool(true)) {
            add("include", json!(["message.output_text.logprobs"]));
        }
        if let Some(tools) = tools::take(&mut extra, |tool| {
            let mut tool = tool.flat("parameters");
            tool.insert("type".to_owned(), json!("function"));
            Json::Object(tool)
        }) {
            add("tools", tools);
        }
        if let Some(choice) = tools::choice(&mut extra) {
            add(
                "tool_choice",
                match choice {
                    Choice::Auto => json!("auto"),
                    Choice::None => json!("none"),
                    Choice::Any => json!("required"),
                    Choice::One(name) => json!({"type": "function", "name": name}),
                    Choice::Own(own) => own,
                },
            );
        }
        body.extend(extra);
        if stream {
            body.insert("stream".to_owned(), json!(true));
        }
        let mut outgoing = Outgoing::json("/responses", &Json::Object(body));
        outgoing.bearer(key);
        outgoing
    }

    fn reply(&self, body: &[u8], _: &Request) -> Result<Reply, String> {
        of_json::<Response>(body)?.reply()
    }

    fn event(&self, event: &[u8], partial: &mut Partial) -> Result<(), Odd> {
        let event: Event = event_of(event)?;
        match event.kind.as_str() {
            "response.output_text.delta" | "response.refusal.delta" => {
                partial.text += event.delta.as_deref().unwrap_or_default();
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                partial.thought += event.delta.as_deref().unwrap_or_default();
            }
            // The last event has all of it again; nothing is known of the answer's end before.
            "response.completed" | "response.incomplete" => {
                let response = event
                    .response
                    .ok_or_else(|| Odd::Unreadable("it has no `response`".to_owned()))?;
                partial.end(response.reply().map_err(Odd::Unreadable)?);
            }
            "response.failed" => return Err(failed(event.response.and_then(|response| response.error))),
            "error" => {
                let (code, message) = (event.code, event.message);
                return Err(failed(event.error.or(Some(Failure { code, message }))));
            }
            _ => {}
        }
        Ok(())
    }
}

/// A message as items: calls of tools and what came of them are some of their own.
fn items(message: &Message) -> Vec<Json> {
    match message.tools.as_deref() {
        None => vec![input(message)],
        Some(ToolTurn::Calls { text, calls }) => {
            let said = (!text.is_empty()).then(|| json!({"role": "assistant", "content": text}));
            let call = |call: &ToolCall| {
                let arguments = call.args.to_string();
                json!({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments})
            };
            said.into_iter().chain(calls.iter().map(call)).collect()
        }
        Some(ToolTurn::Results(results)) => {
            let result =
                |one: &ToolResult| json!({"type": "function_call_output", "call_id": one.id, "output": one.text});
            results.iter().map(result).collect()
        }
    }
}

fn input(message: &Message) -> Json {
    let said = if message.role == Role::Assistant {
        "output_text"
    } else {
        "input_text"
    };
    if message.attachments.is_empty() {
        return json!({"role": message.role.name(), "content": message.content});
    }
    let part = |part: &Part| match part {
        Part::Image(address) => json!({"type": "input_image", "image_url": address}),
        Part::File(address) if part.data().is_none() => json!({"type": "input_file", "file_url": address}),
        Part::File(data) => json!({"type": "input_file", "filename": part.file_name(), "file_data": data}),
        Part::Audio { .. } => Json::Null,
    };
    let content = message.parts(|text| json!({"type": said, "text": text}), part);
    json!({"role": message.role.name(), "content": content})
}

fn format(shape: &Shape) -> Json {
    match shape {
        Shape::Object => json!({"type": "json_object"}),
        Shape::Schema { name, schema } => {
            json!({"type": "json_schema", "name": name, "schema": schema, "strict": true})
        }
    }
}

/// A response, as far as it is read.
#[derive(Deserialize)]
struct Response {
    id: Option<String>,
    model: Option<String>,
    status: Option<String>,
    error: Option<Failure>,
    incomplete_details: Option<Incomplete>,
    output: Option<Vec<Item>>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Incomplete {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    code: Option<Json>,
    message: Option<String>,
}

/// A thing that the model put out: what it said, what it thought, a tool that it wants used.
#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: String,
    content: Option<Vec<Json>>,
    summary: Option<Vec<Json>>,
    call_id: Option<String>,
    name: Option<String>,
    arguments: Option<Json>,
}

#[derive(Default, Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
}

impl Response {
    fn reply(self) -> Result<Reply, String> {
        if let Some(failure) = self.error {
            return Err(failure.message.unwrap_or_else(|| "it failed".to_owned()));
        }
        let items = self.output.ok_or("it has no `output`")?;
        let mut reply = Reply {
            finish: match self.incomplete_details.and_then(|details| details.reason).as_deref() {
                Some("max_output_tokens") => Finish::Length,
                Some("content_filter") => Finish::ContentFilter,
                _ => Finish::Stop,
            },
            id: self.id,
            model: self.model,
            ..Reply::default()
        };
        match self.status.as_deref() {
            None | Some("completed" | "incomplete") => {}
            Some(status) => return Err(format!("its status is `{status}`")),
        }
        if let Some(usage) = self.usage {
            (reply.usage.prompt_tokens, reply.usage.completion_tokens) = (usage.input_tokens, usage.output_tokens);
        }
        items.into_iter().for_each(|item| item.add_to(&mut reply));
        Ok(reply)
    }
}

impl Item {
    fn add_to(self, reply: &mut Reply) {
        let texts = |parts: &Option<Vec<Json>>, name: &str| -> String {
            let parts = parts.iter().flatten();
            parts.filter_map(|part| part[name].as_str()).collect()
        };
        match self.kind.as_str() {
            "message" => {
                reply.text += &texts(&self.content, "text");
                reply.text += &texts(&self.content, "refusal");
                let tokens = self
                    .content
                    .iter()
                    .flatten()
                    .filter_map(|part| part["logprobs"].as_array());
                reply.logprobs.extend(tokens.flatten().filter_map(logprob));
            }
            "reasoning" => {
                reply.thought += &texts(&self.summary, "text");
                reply.thought += &texts(&self.content, "text");
            }
            "function_call" => {
                let (name, arguments) = (self.name.unwrap_or_default(), self.arguments.unwrap_or_default());
                reply.calls.push(tools::called(self.call_id, name, arguments));
            }
            _ => {}
        }
    }
}

/// A piece of a streamed answer.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type", default)]
    kind: String,
    delta: Option<String>,
    response: Option<Response>,
    error: Option<Failure>,
    code: Option<Json>,
    message: Option<String>,
}

fn failed(failure: Option<Failure>) -> Odd {
    let code = failure.as_ref().and_then(|failure| failure.code.as_ref()?.as_str());
    Odd::Failed {
        busy: matches!(code, Some("server_error" | "rate_limit_exceeded")),
        message: failure
            .and_then(|failure| failure.message)
            .unwrap_or_else(|| "no reason given".to_owned()),
    }
}
