//! What comes back of a chat completion, in one piece or in chunks. The leaves are any JSON, for servers differ in what
//! they put there.

use serde::Deserialize;
use serde_json::Value as Json;

use super::super::super::stream::{Odd, Partial};
use super::super::{Failure, tools};
use super::text_of;
use crate::chat::{Finish, Reply, TokenLogprob, ToolCall, Usage};

#[derive(Deserialize)]
pub struct Completion {
    choices: Option<Vec<Choice>>,
    usage: Option<Tokens>,
    id: Option<Json>,
    model: Option<Json>,
}

#[derive(Deserialize)]
struct Choice {
    message: Option<Message>,
    finish_reason: Option<Json>,
    logprobs: Option<Json>,
    /// Where the server behind the server failed.
    error: Option<Json>,
}

#[derive(Default, Deserialize)]
struct Message {
    content: Option<Json>,
    refusal: Option<Json>,
    tool_calls: Option<Vec<Json>>,
    /// What some servers call the model's thoughts.
    reasoning_content: Option<Json>,
    /// What others call them.
    reasoning: Option<Json>,
}

#[derive(Default, Deserialize)]
struct Tokens {
    prompt_tokens: Option<Json>,
    completion_tokens: Option<Json>,
    total_tokens: Option<Json>,
    cost: Option<Json>,
}

impl Completion {
    pub fn reply(self) -> Result<Reply, String> {
        let mut choices = self.choices.unwrap_or_default().into_iter();
        let choice = choices.next().ok_or("it has no `choices`")?;
        if choice.error.is_some() {
            return Err("its choice is an `error`".to_owned());
        }
        let finish = finish(choice.finish_reason.as_ref().and_then(Json::as_str));
        let mut message = choice.message.ok_or("its choice has no `message`")?;
        Ok(Reply {
            calls: message.calls(),
            thought: message.thought(),
            text: message.said()?,
            logprobs: choice.logprobs.as_ref().map(logprobs).unwrap_or_default(),
            scores: Vec::new(),
            // One that cannot be read is as one that was not given.
            others: choices.filter_map(|choice| choice.message?.said().ok()).collect(),
            finish,
            usage: self.usage.unwrap_or_default().used(),
            id: self.id.and_then(text_of),
            model: self.model.and_then(text_of),
        })
    }
}

impl Message {
    fn said(self) -> Result<String, String> {
        match self.content {
            Some(Json::String(text)) => Ok(text),
            Some(Json::Array(parts)) => Ok(texts(&parts)),
            None | Some(Json::Null) => Ok(self.refusal.and_then(text_of).unwrap_or_default()),
            Some(_) => Err("its `content` is no text".to_owned()),
        }
    }

    fn thought(&mut self) -> String {
        let thought = self.reasoning_content.take().and_then(text_of);
        let thought = thought.or(self.reasoning.take().and_then(text_of));
        thought.unwrap_or_else(|| {
            // As Mistral has them: parts of the content, which have parts.
            let parts = self.content.iter().flat_map(|content| content.as_array()).flatten();
            parts
                .filter_map(|part| Some(texts(part["thinking"].as_array()?)))
                .collect()
        })
    }

    fn calls(&mut self) -> Vec<ToolCall> {
        let calls = self.tool_calls.iter_mut().flatten();
        let calls = calls.filter_map(|call| {
            let name = call["function"]["name"].as_str()?.to_owned();
            let id = call["id"].as_str().map(str::to_owned);
            Some(tools::called(id, name, call["function"]["arguments"].take()))
        });
        calls.collect()
    }
}

/// What is said in the parts of a content.
fn texts(parts: &[Json]) -> String {
    parts.iter().filter_map(|part| part["text"].as_str()).collect()
}

/// `{content: [{token, logprob}]}`
fn logprobs(json: &Json) -> Vec<TokenLogprob> {
    let tokens = json["content"].as_array().into_iter().flatten();
    tokens.filter_map(logprob).collect()
}

/// `{token, logprob}`
pub fn logprob(json: &Json) -> Option<TokenLogprob> {
    Some(TokenLogprob {
        token: json["token"].as_str()?.to_owned(),
        logprob: json["logprob"].as_f64()?,
    })
}

impl Tokens {
    fn used(&self) -> Usage {
        let count = |tokens: &Option<Json>| tokens.as_ref().and_then(Json::as_u64).unwrap_or_default();
        let (prompt_tokens, said) = (count(&self.prompt_tokens), count(&self.completion_tokens));
        // Some servers count what the model thought in the sum alone.
        let beside = count(&self.total_tokens).saturating_sub(prompt_tokens);
        Usage {
            prompt_tokens,
            completion_tokens: said.max(beside),
            cost: self.cost.as_ref().and_then(Json::as_f64),
            ..Usage::default()
        }
    }
}

fn finish(reason: Option<&str>) -> Finish {
    match reason {
        Some("length" | "max_tokens") => Finish::Length,
        Some("content_filter") => Finish::ContentFilter,
        _ => Finish::Stop,
    }
}

/// A piece of a streamed answer.
#[derive(Deserialize)]
pub struct Chunk {
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
    logprobs: Option<Json>,
}

impl Chunk {
    pub fn add_to(self, partial: &mut Partial) -> Result<(), Odd> {
        if let Some(failure) = self.error {
            return Err(failure.into());
        }
        for choice in self.choices.unwrap_or_default() {
            // The others of several answers are asked for in one piece.
            if choice.index.is_none_or(|index| index == 0) {
                choice.add_to(partial);
            }
        }
        if let Some(usage) = self.usage {
            partial.usage = usage.used();
        }
        partial.id = partial.id.take().or(self.id.and_then(text_of));
        partial.model = partial.model.take().or(self.model.and_then(text_of));
        Ok(())
    }
}

impl ChunkChoice {
    fn add_to(self, partial: &mut Partial) {
        // Some servers say their last chunk twice.
        if partial.finish.is_none() {
            let mut delta = self.delta.unwrap_or_default();
            partial.thought += &delta.thought();
            for (place, call) in delta.tool_calls.iter().flatten().enumerate() {
                let index = call["index"].as_u64().unwrap_or(place as u64);
                let text = |json: &Json| match json {
                    Json::String(text) => text.clone(),
                    Json::Null => String::new(),
                    // As some servers have arguments.
                    object => object.to_string(),
                };
                let function = &call["function"];
                partial.call(
                    index,
                    call["id"].as_str(),
                    &text(&function["name"]),
                    &text(&function["arguments"]),
                );
            }
            partial.text += &delta.said().unwrap_or_default();
            partial.logprobs.extend(self.logprobs.iter().flat_map(logprobs));
        }
        let reason = self.finish_reason.as_ref().and_then(Json::as_str);
        if partial.finish.is_none() && reason.is_some() {
            partial.finish = Some(finish(reason));
        }
    }
}
