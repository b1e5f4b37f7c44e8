//! OpenAI's chat completions, which most servers speak: a provider that does is a constant here.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::super::stream::{Odd, Partial};
use super::{Failure, Outgoing, Provider, event_of, not_read};
use crate::chat::{self, EmbeddingRequest, Embeddings, Finish, Part, Reply, Request, Usage};

pub struct OpenAi {
    name: &'static str,
    base: &'static str,
    key_env: &'static str,
    /// Whether some of its models refuse `temperature` and `max_tokens`.
    reasons: bool,
}

pub static OPENAI: OpenAi = OpenAi {
    reasons: true,
    ..provider("openai", "https://api.openai.com/v1", "OPENAI_API_KEY")
};
pub static MISTRAL: OpenAi = provider("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY");
pub static GROQ: OpenAi = provider("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY");
pub static TOGETHER: OpenAi = provider("together", "https://api.together.xyz/v1", "TOGETHER_API_KEY");
pub static OPENROUTER: OpenAi = provider("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY");
pub static DEEPSEEK: OpenAi = provider("deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY");
pub static XAI: OpenAi = provider("xai", "https://api.x.ai/v1", "XAI_API_KEY");
pub static FIREWORKS: OpenAi = provider(
    "fireworks",
    "https://api.fireworks.ai/inference/v1",
    "FIREWORKS_API_KEY",
);

const fn provider(name: &'static str, base: &'static str, key_env: &'static str) -> OpenAi {
    OpenAi {
        name,
        base,
        key_env,
        reasons: false,
    }
}

impl Provider for OpenAi {
    fn name(&self) -> &'static str {
        self.name
    }

    fn takes_shape(&self) -> bool {
        true
    }

    fn gives_several(&self) -> bool {
        true
    }

    fn takes(&self, _: &Part) -> bool {
        true
    }

    fn default_base(&self) -> Option<&'static str> {
        Some(self.base)
    }

    fn key_env(&self) -> Option<&'static str> {
        Some(self.key_env)
    }

    fn request(&self, model: &str, request: &Request, key: Option<&str>, stream: bool) -> Outgoing {
        let mut outgoing = Outgoing::bytes("/chat/completions", body(model, request, self.reasons, stream));
        outgoing.bearer(key);
        outgoing
    }

    fn reply(&self, body: &[u8]) -> Result<Reply, String> {
        let body: Completion = serde_json::from_slice(body).map_err(not_read)?;
        let mut choices = body.choices.unwrap_or_default().into_iter();
        let choice = choices.next().ok_or("it has no `choices`")?;
        let text = said(choice.message)?;
        let finish = finish(choice.finish_reason.as_ref().and_then(Json::as_str));
        Ok(Reply {
            text,
            // One that cannot be read is as one that was not given.
            others: choices.filter_map(|choice| said(choice.message).ok()).collect(),
            finish,
            usage: body.usage.unwrap_or_default().used(),
            id: body.id.and_then(text_of),
            model: body.model.and_then(text_of),
        })
    }

    fn event(&self, event: &[u8], partial: &mut Partial) -> Result<(), Odd> {
        if event == b"[DONE]" {
            partial.done = true;
            return Ok(());
        }
        let chunk: Chunk = event_of(event)?;
        if let Some(failure) = chunk.error {
            return Err(failure.into());
        }
        for choice in chunk.choices.unwrap_or_default() {
            // The others of several answers are asked for in one piece.
            if choice.index.is_some_and(|index| index > 0) {
                continue;
            }
            let content = choice.delta.and_then(|delta| delta.content.or(delta.refusal));
            match content {
                // Some servers say their last chunk twice.
                Some(Json::String(text)) if partial.finish.is_none() => partial.text.push_str(&text),
                _ => {}
            }
            let reason = choice.finish_reason.as_ref().and_then(Json::as_str);
            if partial.finish.is_none() && reason.is_some() {
                partial.finish = Some(finish(reason));
            }
        }
        if let Some(usage) = chunk.usage {
            partial.usage = usage.used();
        }
        partial.id = partial.id.take().or(chunk.id.and_then(text_of));
        partial.model = partial.model.take().or(chunk.model.and_then(text_of));
        Ok(())
    }

    fn embed(&self, model: &str, request: &EmbeddingRequest, key: Option<&str>) -> Option<Outgoing> {
        let mut outgoing = Outgoing::json("/embeddings", &embed_body(model, request));
        outgoing.bearer(key);
        Some(outgoing)
    }

    fn vectors(&self, body: &[u8]) -> Result<Embeddings, String> {
        let body: Placed = serde_json::from_slice(body).map_err(not_read)?;
        let mut data = body.data;
        data.sort_by_key(|one| one.index);
        let prompt_tokens = body.usage.and_then(|usage| usage.prompt_tokens?.as_u64());
        Ok(Embeddings {
            vectors: data.into_iter().map(|one| one.embedding).collect(),
            usage: Usage {
                prompt_tokens: prompt_tokens.unwrap_or_default(),
                ..Usage::default()
            },
        })
    }
}

/// A response with embeddings.
#[derive(Deserialize)]
struct Placed {
    data: Vec<One>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct One {
    #[serde(default)]
    index: usize,
    embedding: Vec<f64>,
}

fn finish(reason: Option<&str>) -> Finish {
    match reason {
        Some("length" | "max_tokens") => Finish::Length,
        Some("content_filter") => Finish::ContentFilter,
        _ => Finish::Stop,
    }
}

/// What asks for embeddings.
pub fn embed_body(model: &str, request: &EmbeddingRequest) -> Json {
    let mut body = json!({"model": model, "input": request.texts});
    if let Some(map) = body.as_object_mut() {
        map.extend(request.extra.clone());
    }
    body
}

/// The text of a choice.
fn said(message: Option<Message>) -> Result<String, String> {
    let message = message.ok_or("its choice has no `message`")?;
    match message.content {
        Some(Json::String(text)) => Ok(text),
        Some(Json::Array(parts)) => Ok(parts.iter().filter_map(|part| part["text"].as_str()).collect()),
        None | Some(Json::Null) => Ok(message.refusal.and_then(text_of).unwrap_or_default()),
        Some(_) => Err("its `content` is no text".to_owned()),
    }
}

/// A request's body; `reasons` where the models that think first are known by their names.
pub fn body(model: &str, request: &Request, reasons: bool, stream: bool) -> Vec<u8> {
    let reasons = reasons && is_reasoning(model);
    serde_json::to_vec(&Body {
        model,
        request,
        reasons,
        stream,
    })
    .unwrap_or_default()
}

/// What the script gives through wins over what stands here under the same name.
struct Body<'a> {
    model: &'a str,
    request: &'a Request,
    reasons: bool,
    stream: bool,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Body {
            model,
            request,
            reasons,
            stream,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        let own = |name: &str| !request.extra.contains_key(name);
        if own("model") {
            map.serialize_entry("model", model)?;
        }
        if own("messages") {
            match request.messages.iter().all(|message| message.attachments.is_empty()) {
                true => map.serialize_entry("messages", &request.messages)?,
                false => map.serialize_entry("messages", &in_parts(&request.messages))?,
            }
        }
        if let Some(temperature) = request.temperature.filter(|_| !*reasons && own("temperature")) {
            map.serialize_entry("temperature", &temperature)?;
        }
        let limit = if *reasons {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        if let Some(max_tokens) = request.max_tokens.filter(|_| own(limit)) {
            map.serialize_entry(limit, &max_tokens)?;
        }
        if let Some(n) = request.n {
            map.serialize_entry("n", &n)?;
        }
        if !request.stop.is_empty() && own("stop") {
            map.serialize_entry("stop", &request.stop)?;
        }
        if let Some(shape) = request.shape.as_ref().filter(|_| own("response_format")) {
            map.serialize_entry("response_format", &shape.to_json())?;
        }
        for (name, value) in &request.extra {
            map.serialize_entry(name, value)?;
        }
        if *stream {
            map.serialize_entry("stream", &true)?;
            if own("stream_options") {
                map.serialize_entry("stream_options", &json!({"include_usage": true}))?;
            }
        }
        map.end()
    }
}

fn in_parts(messages: &[chat::Message]) -> Vec<Json> {
    let message = |m: &chat::Message| json!({"role": m.role.name(), "content": m.content_json()});
    messages.iter().map(message).collect()
}

/// A response, as far as it is read. The leaves are any JSON, for servers differ in what they put there.
#[derive(Deserialize)]
struct Completion {
    choices: Option<Vec<Choice>>,
    usage: Option<Tokens>,
    id: Option<Json>,
    model: Option<Json>,
}

#[derive(Deserialize)]
struct Choice {
    message: Option<Message>,
    finish_reason: Option<Json>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<Json>,
    refusal: Option<Json>,
}

#[derive(Default, Deserialize)]
struct Tokens {
    prompt_tokens: Option<Json>,
    completion_tokens: Option<Json>,
    cost: Option<Json>,
}

impl Tokens {
    fn used(&self) -> Usage {
        let count = |tokens: &Option<Json>| tokens.as_ref().and_then(Json::as_u64).unwrap_or_default();
        Usage {
            prompt_tokens: count(&self.prompt_tokens),
            completion_tokens: count(&self.completion_tokens),
            cost: self.cost.as_ref().and_then(Json::as_f64),
        }
    }
}

/// A piece of a streamed answer.
#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<ChunkChoice>>,
    usage: Option<Tokens>,
    id: Option<Json>,
    model: Option<Json>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct ChunkChoice {
    index: Option<u64>,
    delta: Option<Message>,
    finish_reason: Option<Json>,
}

fn text_of(json: Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text),
        _ => None,
    }
}

/// Whether OpenAI refuses `temperature` and `max_tokens` for this model: `o3-mini`, `gpt-5`, but not `gpt-5-chat-latest`.
fn is_reasoning(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let series = name.split('-').next().unwrap_or(name);
    let is_o = series
        .strip_prefix('o')
        .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
    is_o || (name.starts_with("gpt-5") && !name.contains("chat"))
}
