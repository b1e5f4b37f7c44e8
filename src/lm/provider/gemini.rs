//! Google's Gemini: `generateContent`.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::super::stream::{Odd, Partial};
use super::tools::{self, Choice};
use super::{Effort, Failure, Outgoing, Provider, event_of, knows_effort, lacks, of_json, spoken, system_text};
use crate::chat::{
    EmbeddingRequest, Embeddings, Finish, Message, Part, Reply, Request, Role, Shape, TokenLogprob, ToolCall,
    ToolResult, ToolTurn, Usage,
};

pub struct Gemini;

/// Options that have a name of their own here; they stand in `generationConfig`.
const RENAMED: [(&str, &str); 7] = [
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("seed", "seed"),
    ("logprobs", "responseLogprobs"),
    ("top_logprobs", "logprobs"),
    ("presence_penalty", "presencePenalty"),
    ("frequency_penalty", "frequencyPenalty"),
];

impl Provider for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn gives_several(&self) -> bool {
        true
    }

    fn default_base(&self) -> Option<&'static str> {
        Some("https://generativelanguage.googleapis.com/v1beta")
    }

    fn key_env(&self) -> Option<&'static str> {
        Some("GEMINI_API_KEY")
    }

    fn takes_shape(&self) -> bool {
        true
    }

    fn takes_shape_beside_tools(&self) -> bool {
        false
    }

    fn admits(&self, request: &Request) -> Result<(), String> {
        knows_effort(&request.extra)?;
        lacks(&request.extra, &["logit_bias"])
    }

    fn takes(&self, _: &Part) -> bool {
        true
    }

    fn request(&self, model: &str, request: &Request, key: Option<&str>, stream: bool) -> Outgoing {
        let mut body = Map::new();
        if let Some(system) = system_text(&request.messages) {
            body.insert("systemInstruction".to_owned(), json!({"parts": [{"text": system}]}));
        }
        let role = |role: Role| if role == Role::Assistant { "model" } else { "user" };
        let turns: Vec<Json> = spoken(&request.messages)
            .map(|message| json!({"role": role(message.role), "parts": parts(model, message)}))
            .collect();
        body.insert("contents".to_owned(), json!(turns));
        let mut config = Map::new();
        if let Some(temperature) = request.temperature {
            config.insert("temperature".to_owned(), json!(temperature));
        }
        if let Some(max_tokens) = request.max_tokens {
            config.insert("maxOutputTokens".to_owned(), json!(max_tokens));
        }
        if !request.stop.is_empty() {
            config.insert("stopSequences".to_owned(), json!(request.stop));
        }
        if let Some(n) = request.n {
            config.insert("candidateCount".to_owned(), json!(n));
        }
        if let Some(shape) = &request.shape {
            config.insert("responseMimeType".to_owned(), json!("application/json"));
            if let Shape::Schema { schema, .. } = shape {
                config.insert("responseJsonSchema".to_owned(), schema.clone());
            }
        }
        let mut extra = request.extra.clone();
        if let Some(effort) = Effort::take(&mut extra) {
            config.insert("thinkingConfig".to_owned(), thinking(model, effort));
        }
        if let Some(tools) = tools::take(&mut extra, |tool| Json::Object(tool.flat("parametersJsonSchema"))) {
            body.insert("tools".to_owned(), declared(tools));
        }
        if let Some(choice) = tools::choice(&mut extra) {
            let mode = |mode: &str| json!({"functionCallingConfig": {"mode": mode}});
            let choice = match choice {
                Choice::Auto => mode("AUTO"),
                Choice::None => mode("NONE"),
                Choice::Any => mode("ANY"),
                Choice::One(name) => json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [name]}}),
                Choice::Own(own) => own,
            };
            body.insert("toolConfig".to_owned(), choice);
        }
        for (name, value) in &extra {
            match RENAMED.iter().find(|(known, _)| known == name) {
                Some((_, here)) => config.insert((*here).to_owned(), value.clone()),
                None => body.insert(name.clone(), value.clone()),
            };
        }
        // What the script gives through as `generationConfig` is added to, not replaced.
        if let Some(Json::Object(given)) = body.remove("generationConfig") {
            config.extend(given);
        }
        if !config.is_empty() {
            body.insert("generationConfig".to_owned(), Json::Object(config));
        }
        let deed = if stream {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        let mut outgoing = Outgoing::json(format!("/models/{model}:{deed}"), &Json::Object(body));
        outgoing.header_if("x-goog-api-key", key);
        outgoing
    }

    fn reply(&self, body: &[u8], _: &Request) -> Result<Reply, String> {
        let body: Generated = of_json(body)?;
        let usage = body.usage.unwrap_or_default();
        let blocked = body.prompt_feedback.and_then(|feedback| feedback.block_reason);
        let mut candidates = body.candidates.unwrap_or_default().into_iter();
        let first = match (candidates.next(), blocked) {
            (Some(candidate), _) => candidate,
            (None, Some(_)) => Candidate {
                finish_reason: Some("SAFETY".to_owned()),
                ..Candidate::default()
            },
            (None, None) => return Err("it has no `candidates`".to_owned()),
        };
        Ok(Reply {
            others: candidates.map(|candidate| candidate.text(false)).collect(),
            thought: first.text(true),
            logprobs: first.logprobs(),
            scores: Vec::new(),
            calls: first.calls().collect(),
            text: first.text(false),
            finish: finish(first.finish_reason.as_deref().unwrap_or_default()),
            usage: usage.used(),
            id: body.response_id,
            model: body.model_version,
        })
    }

    fn event(&self, event: &[u8], partial: &mut Partial) -> Result<(), Odd> {
        let event: Generated = event_of(event)?;
        if let Some(failure) = event.error {
            return Err(failure.into());
        }
        if event
            .prompt_feedback
            .is_some_and(|feedback| feedback.block_reason.is_some())
        {
            partial.finish = Some(Finish::ContentFilter);
        }
        if let Some(candidate) = event.candidates.unwrap_or_default().into_iter().next() {
            partial.text += &candidate.text(false);
            partial.thought += &candidate.text(true);
            partial.whole_calls.extend(candidate.calls());
            partial.logprobs.extend(candidate.logprobs());
            if let Some(reason) = candidate.finish_reason {
                partial.finish = Some(finish(&reason));
            }
        }
        if let Some(usage) = event.usage {
            partial.usage = usage.used();
        }
        partial.id = partial.id.take().or(event.response_id);
        partial.model = partial.model.take().or(event.model_version);
        Ok(())
    }

    fn embed(&self, model: &str, request: &EmbeddingRequest, key: Option<&str>) -> Option<Outgoing> {
        let one = |text: &String| {
            let mut one = Map::new();
            one.insert("model".to_owned(), json!(format!("models/{model}")));
            one.insert("content".to_owned(), json!({"parts": [{"text": text}]}));
            one.extend(request.extra.clone());
            Json::Object(one)
        };
        let body = json!({"requests": request.texts.iter().map(one).collect::<Vec<_>>()});
        let mut outgoing = Outgoing::json(format!("/models/{model}:batchEmbedContents"), &body);
        outgoing.header_if("x-goog-api-key", key);
        Some(outgoing)
    }

    fn vectors(&self, body: &[u8]) -> Result<Embeddings, String> {
        let body: Placed = of_json(body)?;
        Ok(Embeddings {
            vectors: body.embeddings.into_iter().map(|one| one.values).collect(),
            usage: Usage::default(),
        })
    }
}

#[derive(Deserialize)]
struct Placed {
    embeddings: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    values: Vec<f64>,
}

/// Gemini 3 signs its calls of tools and refuses a conversation without the signatures, but for those that say this: a
/// history is a value of the script's, and has none.
const UNSIGNED: &str = "skip_thought_signature_validator";

fn is_third(model: &str) -> bool {
    model.starts_with("gemini-3")
}

/// Calls of tools, or what came of them, which is an object here.
fn used(model: &str, tools: &ToolTurn) -> Vec<Json> {
    match tools {
        ToolTurn::Calls { text, calls } => {
            let said = (!text.is_empty()).then(|| json!({"text": text}));
            let call = |call: &ToolCall| json!({"functionCall": {"name": call.name, "args": call.args}});
            let mut calls: Vec<Json> = calls.iter().map(call).collect();
            if let Some(first) = calls.first_mut().filter(|_| is_third(model)) {
                first["thoughtSignature"] = json!(UNSIGNED);
            }
            said.into_iter().chain(calls).collect()
        }
        ToolTurn::Results(results) => {
            let result = |one: &ToolResult| {
                let key = if one.is_error { "error" } else { "result" };
                json!({"functionResponse": {"name": one.name, "response": {key: one.text}}})
            };
            results.iter().map(result).collect()
        }
    }
}

/// Data stands in the message itself, everything else where its address says.
fn parts(model: &str, message: &Message) -> Vec<Json> {
    let text = |text: &str| json!({"text": text});
    if let Some(tools) = message.tools.as_deref() {
        return used(model, tools);
    }
    if message.attachments.is_empty() {
        return vec![text(&message.content)];
    }
    let part = |part: &Part| match (part.data(), part) {
        (Some((media, data)), _) => json!({"inlineData": {"mimeType": media, "data": data}}),
        (None, Part::Image(url) | Part::File(url)) => json!({"fileData": {"fileUri": url}}),
        (None, Part::Audio { .. }) => Json::Null,
    };
    message.parts(text, part)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Generated {
    candidates: Option<Vec<Candidate>>,
    prompt_feedback: Option<Feedback>,
    #[serde(rename = "usageMetadata")]
    usage: Option<Tokens>,
    response_id: Option<String>,
    model_version: Option<String>,
    error: Option<Failure>,
}

fn finish(reason: &str) -> Finish {
    match reason {
        "MAX_TOKENS" => Finish::Length,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => Finish::ContentFilter,
        _ => Finish::Stop,
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
    logprobs_result: Option<Chosen>,
}

impl Candidate {
    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.content.iter().flat_map(|content| &content.parts)
    }

    /// What is said, or what the model thought before.
    fn text(&self, thought: bool) -> String {
        let parts = self.pieces().filter(|part| part.thought == thought);
        parts.map(|part| part.text.as_str()).collect()
    }

    fn calls(&self) -> impl Iterator<Item = ToolCall> {
        let calls = self.pieces().filter_map(|part| part.function_call.as_ref());
        calls.map(|call| tools::called(call.id.clone(), call.name.clone(), call.args.clone()))
    }

    fn logprobs(&self) -> Vec<TokenLogprob> {
        let chosen = self.logprobs_result.iter().flat_map(|result| &result.chosen_candidates);
        let logprob = |json: &Json| {
            Some(TokenLogprob {
                token: json["token"].as_str()?.to_owned(),
                logprob: json["logProbability"].as_f64()?,
            })
        };
        chosen.filter_map(logprob).collect()
    }
}

/// `{chosenCandidates: [{token, logProbability}]}`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chosen {
    #[serde(default)]
    chosen_candidates: Vec<Json>,
}

/// Tools stand in a list of lists; those that are Google's own stand for themselves.
fn declared(tools: Json) -> Json {
    let Json::Array(tools) = tools else { return tools };
    let (functions, mut own): (Vec<Json>, Vec<Json>) = tools.into_iter().partition(|tool| tool.get("name").is_some());
    if !functions.is_empty() {
        own.push(json!({"functionDeclarations": functions}));
    }
    Json::Array(own)
}

/// Gemini 3 is told in words, the ones before it in tokens. What was thought is told only to who asks for it.
fn thinking(model: &str, effort: Effort) -> Json {
    let mut config = match (is_third(model), effort) {
        (true, Effort::No | Effort::Low) => json!({"thinkingLevel": "low"}),
        (true, Effort::Medium | Effort::High) => json!({"thinkingLevel": "high"}),
        (false, effort) => json!({"thinkingBudget": effort.budget()}),
    };
    if effort != Effort::No {
        config["includeThoughts"] = json!(true);
    }
    config
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    parts: Vec<Piece>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece {
    #[serde(default)]
    text: String,
    #[serde(default)]
    thought: bool,
    function_call: Option<FunctionCall>,
}

#[derive(Deserialize)]
struct FunctionCall {
    id: Option<String>,
    name: String,
    #[serde(default)]
    args: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Tokens {
    #[serde(rename = "promptTokenCount", default)]
    prompt: u64,
    #[serde(rename = "candidatesTokenCount", default)]
    answer: u64,
    #[serde(rename = "thoughtsTokenCount", default)]
    thoughts: u64,
}

impl Tokens {
    fn used(&self) -> Usage {
        Usage {
            prompt_tokens: self.prompt,
            completion_tokens: self.answer + self.thoughts,
            cost: None,
            ..Usage::default()
        }
    }
}
