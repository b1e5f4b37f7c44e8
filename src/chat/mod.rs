//! What is said to a model and what comes back, provider-neutral: messages, requests, replies, usage, cost.

mod message;
mod reply;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

pub use message::{Attachment, Message, Messages, Part, Role, ToolResult, ToolTurn};
pub use reply::{Finish, Reply, Scores, TokenLogprob, ToolCall, Usage, tokens};

/// What a reply must be, for servers that can hold a model to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Some JSON object.
    Object,
    /// JSON of a schema.
    Schema {
        /// What the server calls it.
        name: String,
        /// JSON Schema.
        schema: Json,
    },
}

impl Shape {
    /// What the server calls it.
    pub fn name(&self) -> Option<&str> {
        match self {
            Shape::Object => None,
            Shape::Schema { name, .. } => Some(name),
        }
    }

    /// Any object, where DSPy's schema allows nothing in what was declared as a dict: it closes all objects, also those
    /// whose keys are their own, and a server would hold the model to it.
    #[must_use]
    pub fn fit_for_dicts(self) -> Shape {
        match self {
            Shape::Schema { schema, .. } if allows_nothing(&schema) => Shape::Object,
            other => other,
        }
    }

    /// As OpenAI's `response_format` has it.
    pub fn to_json(&self) -> Json {
        match self {
            Shape::Object => json!({"type": "json_object"}),
            Shape::Schema { name, schema } => json!({
                "type": "json_schema",
                "json_schema": {"name": name, "schema": schema, "strict": true},
            }),
        }
    }
}

/// Whether something in a schema is an object without any member.
fn allows_nothing(schema: &Json) -> bool {
    match schema {
        Json::Object(map) => {
            let closed =
                map.get("type") == Some(&json!("object")) && map.get("additionalProperties") == Some(&json!(false));
            closed && map.get("properties") == Some(&json!({})) || map.values().any(allows_nothing)
        }
        Json::Array(items) => items.iter().any(allows_nothing),
        _ => false,
    }
}

/// A stretch of a reply whose form is given. Only a local model writes such a reply: the gaps alone are its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// Stands there.
    Text(String),
    /// Written freely, up to this text.
    Open(String),
    /// One of several texts: the likeliest.
    Choice {
        /// The output that it is the value of.
        field: String,
        /// What may stand there.
        options: Vec<String>,
        /// What is taken off each one's score: how likely it is for no reason of this question's. None taken where
        /// it is empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        prior: Vec<f64>,
    },
}

/// How the messages become what the model reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Through the model's chat template.
    #[default]
    Chat,
    /// The one user message is text to be gone on with (the compact adapter). Only `local` completes it as it
    /// stands; a provider gets it as a chat of one user message.
    Completion,
}

/// Which of OpenAI's two interfaces is spoken, where a server has both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interface {
    /// Chat completions.
    #[default]
    Chat,
    /// Responses.
    Responses,
}

impl Interface {
    /// Whether it is the usual one.
    pub fn is_chat(&self) -> bool {
        *self == Interface::Chat
    }
}

/// One question to a model, whole: it is the key of the cache and of recordings, so it holds no secret and nothing
/// that does not change the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// `openai/gpt-4o-mini`
    pub model: String,
    /// The server, where it is not the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_base: Option<String>,
    /// Which of the server's interfaces is spoken.
    #[serde(default, skip_serializing_if = "Interface::is_chat")]
    pub interface: Interface,
    /// The conversation so far, which ends with the question.
    pub messages: Messages,
    /// Whether it is a chat, or a text to be gone on with.
    #[serde(default)]
    pub mode: Mode,
    /// How much chance there is in the answer; the model's own default where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The most tokens of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// How many answers are wanted, where more than one; a provider may give fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// Texts that end the reply; they are not part of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// What the server is to hold the reply to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// The form of the reply, where a local model fills one in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<Slot>,
    /// What is said to the server in headers of its own; no secret is among them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// DSPy's `rollout_id`: another number is another answer. Part of the key, never sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<u64>,
    /// Whatever else goes through to the provider (`seed`, `top_p`, `response_format`, …), sorted by name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Json>,
}

impl Request {
    /// A question with the defaults of the model.
    pub fn new(model: impl Into<String>, messages: impl Into<Messages>) -> Self {
        Request {
            model: model.into(),
            api_base: None,
            interface: Interface::Chat,
            messages: messages.into(),
            mode: Mode::Chat,
            temperature: None,
            max_tokens: None,
            n: None,
            stop: Vec::new(),
            shape: None,
            form: Vec::new(),
            headers: BTreeMap::new(),
            rollout: None,
            extra: Map::new(),
        }
    }

    /// About how many tokens the question takes, before the server counts them.
    pub fn tokens(&self) -> u64 {
        self.messages.iter().map(|message| tokens(&message.content)).sum()
    }
}

/// Texts whose places among all texts are wanted: the key of the cache and of recordings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingRequest {
    /// `openai/text-embedding-3-small`
    pub model: String,
    /// The server, where it is not the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_base: Option<String>,
    /// What is to be placed.
    pub texts: Vec<String>,
    /// Whatever else goes through to the provider (`dimensions`, …), sorted by name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Json>,
}

impl EmbeddingRequest {
    /// About how many tokens the texts are, before the server counts them.
    pub fn tokens(&self) -> u64 {
        self.texts.iter().map(|text| tokens(text)).sum()
    }
}

/// The places of texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Embeddings {
    /// One for each text, in their order.
    pub vectors: Vec<Vec<f64>>,
    /// What it took.
    #[serde(default)]
    pub usage: Usage,
}
