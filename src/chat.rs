//! What is said to a model and what comes back, provider-neutral: messages, requests, replies, usage, cost.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::value::EcoString;

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Says what is to be done.
    System,
    /// Asks.
    User,
    /// Answers.
    Assistant,
}

impl Role {
    /// `user`
    pub fn name(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        }
    }
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// Shared: the same system text and demos stand in many requests.
    pub content: EcoString,
}

impl Message {
    /// A message of this text.
    pub fn new(role: Role, content: impl Into<EcoString>) -> Self {
        Message {
            role,
            content: content.into(),
        }
    }
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

/// One question to a model, whole: it is the key of the cache and of recordings, so it holds no secret and nothing
/// that does not change the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// `openai/gpt-4o-mini`
    pub model: String,
    /// The server, where it is not the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_base: Option<String>,
    /// The conversation so far, which ends with the question.
    pub messages: Vec<Message>,
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
    /// DSPy's `rollout_id`: another number is another answer. Part of the key, never sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<u64>,
    /// Whatever else goes through to the provider (`seed`, `top_p`, `response_format`, …), sorted by name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Json>,
}

impl Request {
    /// A question with the defaults of the model.
    pub fn new(model: impl Into<String>, messages: Vec<Message>) -> Self {
        Request {
            model: model.into(),
            api_base: None,
            messages,
            mode: Mode::Chat,
            temperature: None,
            max_tokens: None,
            n: None,
            stop: Vec::new(),
            rollout: None,
            extra: Map::new(),
        }
    }
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It was done.
    #[default]
    Stop,
    /// Cut off at `max_tokens`.
    Length,
    /// The provider does not let it be said.
    ContentFilter,
}

/// Tokens of one request as the provider counted them, and what they cost in US dollars where the price is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the question.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
    /// In US dollars, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What was said.
    pub text: String,
    /// Further answers to the same question, where several were wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// Why it ends.
    #[serde(default)]
    pub finish: Finish,
    /// What it took.
    #[serde(default)]
    pub usage: Usage,
    /// The provider's id of the answer, for support questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which model really answered, where the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl Reply {
    /// A text of which nothing else is known.
    pub fn text(text: impl Into<String>) -> Reply {
        Reply {
            text: text.into(),
            ..Reply::default()
        }
    }
}
