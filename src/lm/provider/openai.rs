//! OpenAI's chat completions, which most servers speak.

use serde_json::{Map, Value as Json, json};

use super::{Outgoing, Provider};
use crate::chat::{Finish, Reply, Request, Usage};

pub struct OpenAi;

impl Provider for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn default_base(&self) -> &'static str {
        "https://api.openai.com/v1"
    }

    fn key_env(&self) -> &'static str {
        "OPENAI_API_KEY"
    }

    fn request(&self, model: &str, request: &Request, key: Option<&str>) -> Outgoing {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(key.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))));
        let body = Json::Object(body(model, request)).to_string().into_bytes();
        Outgoing {
            path: "/chat/completions".to_owned(),
            headers,
            body,
        }
    }

    fn reply(&self, body: &Json) -> Result<Reply, String> {
        let choice = body.pointer("/choices/0").ok_or("it has no `choices`")?;
        let message = choice.get("message").ok_or("its choice has no `message`")?;
        let refused = message.get("refusal").and_then(Json::as_str);
        let text = match message.get("content") {
            Some(Json::String(text)) => text.clone(),
            Some(Json::Array(parts)) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
            None | Some(Json::Null) => refused.unwrap_or_default().to_owned(),
            Some(_) => return Err("its `content` is no text".to_owned()),
        };
        let finish = match choice["finish_reason"].as_str() {
            Some("length" | "max_tokens") => Finish::Length,
            Some("content_filter") => Finish::ContentFilter,
            _ => Finish::Stop,
        };
        let count = |name: &str| body["usage"][name].as_u64().unwrap_or_default();
        Ok(Reply {
            text,
            finish,
            usage: Usage {
                prompt_tokens: count("prompt_tokens"),
                completion_tokens: count("completion_tokens"),
                cost: body["usage"]["cost"].as_f64(),
            },
            id: body["id"].as_str().map(str::to_owned),
            model: body["model"].as_str().map(str::to_owned),
        })
    }
}

fn body(model: &str, request: &Request) -> Map<String, Json> {
    let mut body = Map::new();
    body.insert("model".to_owned(), Json::from(model));
    body.insert("messages".to_owned(), json!(request.messages));
    let reasons = reasons(model);
    if let Some(temperature) = request.temperature.filter(|_| !reasons) {
        body.insert("temperature".to_owned(), Json::from(temperature));
    }
    if let Some(max_tokens) = request.max_tokens {
        let name = if reasons { "max_completion_tokens" } else { "max_tokens" };
        body.insert(name.to_owned(), Json::from(max_tokens));
    }
    if !request.stop.is_empty() {
        body.insert("stop".to_owned(), json!(request.stop));
    }
    for (name, value) in &request.extra {
        body.insert(name.clone(), value.clone());
    }
    body
}

/// Whether OpenAI refuses `temperature` and `max_tokens` for this model: `o3-mini`, `gpt-5`, but not `gpt-5-chat-latest`.
fn reasons(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let series = name.split('-').next().unwrap_or(name);
    let is_o = series
        .strip_prefix('o')
        .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
    is_o || (name.starts_with("gpt-5") && !name.contains("chat"))
}
