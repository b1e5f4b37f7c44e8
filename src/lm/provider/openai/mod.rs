//! OpenAI's chat completions, which most servers speak: a provider that does is a constant here.

mod completion;
mod responses;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value as Json, json};

use self::completion::{Chunk, Completion};
use super::super::stream::{Odd, Partial};
use super::{Outgoing, Provider, event_of, of_json, written_stops};
use crate::chat::{self, EmbeddingRequest, Embeddings, Part, Reply, Request, ToolCall, ToolResult, ToolTurn, Usage};

pub use completion::logprob;
pub use responses::Responses;

pub struct OpenAi {
    name: &'static str,
    base: &'static str,
    key_env: &'static str,
    /// Whether some of its models refuse `temperature`, `max_tokens` and `stop`.
    reasons: bool,
    /// Whether some of its models refuse a `stop`, and their names do not tell which.
    may_refuse_stops: bool,
    /// Whether it refuses fields that it does not have itself, and calls a seed `random_seed`.
    strict: bool,
}

pub static OPENAI: OpenAi = OpenAi {
    reasons: true,
    ..provider("openai", "https://api.openai.com/v1", "OPENAI_API_KEY")
};
pub static MISTRAL: OpenAi = OpenAi {
    strict: true,
    ..provider("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY")
};
pub static GROQ: OpenAi = provider("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY");
pub static TOGETHER: OpenAi = provider("together", "https://api.together.xyz/v1", "TOGETHER_API_KEY");
pub static OPENROUTER: OpenAi = provider("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY");
pub static DEEPSEEK: OpenAi = provider("deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY");
pub static XAI: OpenAi = OpenAi {
    may_refuse_stops: true,
    ..provider("xai", "https://api.x.ai/v1", "XAI_API_KEY")
};
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
        may_refuse_stops: false,
        strict: false,
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
        let mut outgoing = Outgoing::bytes("/chat/completions", self.body(model, request, stream));
        outgoing.bearer(key);
        outgoing
    }

    fn reply(&self, body: &[u8], _: &Request) -> Result<Reply, String> {
        of_json::<Completion>(body)?.reply()
    }

    fn event(&self, event: &[u8], partial: &mut Partial) -> Result<(), Odd> {
        if event == b"[DONE]" {
            partial.done = true;
            return Ok(());
        }
        event_of::<Chunk>(event)?.add_to(partial)
    }

    fn embed(&self, model: &str, request: &EmbeddingRequest, key: Option<&str>) -> Option<Outgoing> {
        let mut outgoing = Outgoing::json("/embeddings", &embed_body(model, request));
        outgoing.bearer(key);
        Some(outgoing)
    }

    fn vectors(&self, body: &[u8]) -> Result<Embeddings, String> {
        let body: Placed = of_json(body)?;
        let mut data = body.data;
        data.sort_by_key(|one| one.index);
        let prompt_tokens = body.usage.and_then(|usage| usage["prompt_tokens"].as_u64());
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
    usage: Option<Json>,
}

#[derive(Deserialize)]
struct One {
    #[serde(default)]
    index: usize,
    embedding: Vec<f64>,
}

/// What asks for embeddings.
pub fn embed_body(model: &str, request: &EmbeddingRequest) -> Json {
    let mut body = json!({"model": model, "input": request.texts});
    if let Some(map) = body.as_object_mut() {
        map.extend(request.extra.clone());
    }
    body
}

impl OpenAi {
    /// A request's body.
    pub fn body(&self, model: &str, request: &Request, stream: bool) -> Vec<u8> {
        let reasons = self.reasons && is_reasoning(model);
        let strict = self.strict;
        let stops = match reasons || self.may_refuse_stops {
            true => written_stops(request),
            false => request.stop.iter().map(String::as_str).collect(),
        };
        serde_json::to_vec(&Body {
            model,
            request,
            stops,
            reasons,
            strict,
            stream,
        })
        .unwrap_or_default()
    }
}

/// What the script gives through wins over what stands here under the same name.
struct Body<'a> {
    model: &'a str,
    request: &'a Request,
    stops: Vec<&'a str>,
    reasons: bool,
    strict: bool,
    stream: bool,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Body {
            model,
            request,
            stops,
            reasons,
            strict,
            stream,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        let own = |name: &str| !request.extra.contains_key(name);
        if own("model") {
            map.serialize_entry("model", model)?;
        }
        if own("messages") {
            let plain = |message: &chat::Message| message.attachments.is_empty() && message.tools.is_none();
            match request.messages.iter().all(plain) {
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
        if !stops.is_empty() && own("stop") {
            map.serialize_entry("stop", stops)?;
        }
        if let Some(shape) = request.shape.as_ref().filter(|_| own("response_format")) {
            map.serialize_entry("response_format", &shape.to_json())?;
        }
        for (name, value) in &request.extra {
            let name = if *strict && name == "seed" { "random_seed" } else { name };
            map.serialize_entry(name, value)?;
        }
        if *stream {
            map.serialize_entry("stream", &true)?;
            if own("stream_options") && !*strict {
                map.serialize_entry("stream_options", &json!({"include_usage": true}))?;
            }
        }
        map.end()
    }
}

fn in_parts(messages: &[chat::Message]) -> Vec<Json> {
    let message = |m: &chat::Message| match m.tools.as_deref() {
        None => vec![json!({"role": m.role.name(), "content": content(m)})],
        Some(ToolTurn::Calls { text, calls }) => {
            let calls: Vec<Json> = calls.iter().map(wanted).collect();
            let text = if text.is_empty() { Json::Null } else { json!(text) };
            vec![json!({"role": "assistant", "content": text, "tool_calls": calls})]
        }
        Some(ToolTurn::Results(results)) => {
            let result = |one: &ToolResult| json!({"role": "tool", "tool_call_id": one.id, "content": one.text});
            results.iter().map(result).collect()
        }
    };
    messages.iter().flat_map(message).collect()
}

/// As the conversation has it in OpenAI's way, but for what OpenAI itself wants more exactly: a file has a name, and a sound
/// is an `mp3` or a `wav`.
fn content(message: &chat::Message) -> Json {
    if message.attachments.is_empty() {
        return json!(message.content);
    }
    let part = |part: &Part| match part {
        Part::File(data) => json!({"type": "file", "file": {"filename": part.file_name(), "file_data": data}}),
        Part::Audio { data, format } if matches!(format.as_str(), "mpeg" | "mpga") => {
            json!({"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}})
        }
        other => other.to_json(),
    };
    Json::Array(message.parts(|text| json!({"type": "text", "text": text}), part))
}

fn wanted(call: &ToolCall) -> Json {
    let arguments = call.args.to_string();
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

/// What is a text, where a server puts anything there.
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
