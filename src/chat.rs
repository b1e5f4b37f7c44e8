//! What is said to a model and what comes back, provider-neutral: messages, requests, replies, usage, cost.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::value::{EcoString, EcoVec};

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
    /// Images and files, in the order of their places in the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// A conversation. Shared: a request, the history and the next request of a dialogue hold the same one.
pub type Messages = EcoVec<Message>;

/// Something that stands in a message and is no text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attachment {
    /// The byte of the text that it stands before.
    pub at: usize,
    /// What stands there.
    pub part: Part,
}

/// An image, a sound or a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The address of an image, or its data.
    Image(EcoString),
    /// A sound.
    Audio {
        /// In base 64.
        data: EcoString,
        /// `wav`
        format: EcoString,
    },
    /// A `data:` address.
    File(EcoString),
}

impl Part {
    /// As OpenAI's chat has it.
    pub fn to_json(&self) -> Json {
        match self {
            Part::Image(url) => json!({"type": "image_url", "image_url": {"url": url.as_str()}}),
            Part::Audio { data, format } => {
                json!({"type": "input_audio", "input_audio": {"data": data.as_str(), "format": format.as_str()}})
            }
            Part::File(data) => json!({"type": "file", "file": {"file_data": data.as_str()}}),
        }
    }

    /// The kind of the data and the data, in base 64, where it is not at some address: `image/png`.
    pub fn data(&self) -> Option<(String, &str)> {
        match self {
            Part::Image(address) | Part::File(address) => {
                let (kind, data) = address.strip_prefix("data:")?.split_once(";base64,")?;
                Some((kind.to_owned(), data))
            }
            Part::Audio { data, format } => Some((format!("audio/{format}"), data)),
        }
    }

    /// In a printed history, as DSPy has it: data itself is not shown.
    fn shown(&self) -> String {
        match self {
            Part::Image(url) => match url.split_once("base64,") {
                Some((head, data)) => format!("<{head}base64,<IMAGE BASE 64 ENCODED({})>", data.len()),
                None => format!("<image_url: {url}>"),
            },
            Part::Audio { data, format } => format!("<audio format='{format}' base64-encoded, length={}>", data.len()),
            Part::File(data) => format!("<file: data_length:{}>", data.len()),
        }
    }
}

/// A stretch of a message.
enum Stretch<'a> {
    Text(&'a str),
    Part(&'a Part),
}

impl Message {
    /// A message of this text.
    pub fn new(role: Role, content: impl Into<EcoString>) -> Self {
        Message {
            role,
            content: content.into(),
            attachments: Vec::new(),
        }
    }

    fn stretches(&self) -> Vec<Stretch<'_>> {
        let mut stretches = Vec::new();
        let mut start = 0;
        for attachment in &self.attachments {
            let text = self.content.get(start..attachment.at).unwrap_or_default();
            if !text.is_empty() {
                stretches.push(Stretch::Text(text));
            }
            stretches.push(Stretch::Part(&attachment.part));
            start = attachment.at.max(start);
        }
        let text = self.content.get(start..).unwrap_or_default();
        if !text.is_empty() {
            stretches.push(Stretch::Text(text));
        }
        stretches
    }

    /// The content as OpenAI's chat has it: a text, or parts where not all is text.
    pub fn content_json(&self) -> Json {
        if self.attachments.is_empty() {
            return json!(self.content.as_str());
        }
        Json::Array(self.parts(|text| json!({"type": "text", "text": text}), Part::to_json))
    }

    /// What stands in it, in order: texts, and what is none.
    pub fn parts<T>(&self, text: impl Fn(&str) -> T, part: impl Fn(&Part) -> T) -> Vec<T> {
        let stretches = self.stretches().into_iter();
        let stretches = stretches.map(|stretch| match stretch {
            Stretch::Text(own) => text(own),
            Stretch::Part(own) => part(own),
        });
        stretches.collect()
    }

    /// The content for people.
    pub fn shown(&self) -> Cow<'_, str> {
        if self.attachments.is_empty() {
            return Cow::Borrowed(&self.content);
        }
        Cow::Owned(self.parts(str::to_owned, Part::shown).concat())
    }
}

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
            messages: messages.into(),
            mode: Mode::Chat,
            temperature: None,
            max_tokens: None,
            n: None,
            stop: Vec::new(),
            shape: None,
            headers: BTreeMap::new(),
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

/// The places of texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Embeddings {
    /// One for each text, in their order.
    pub vectors: Vec<Vec<f64>>,
    /// What it took.
    #[serde(default)]
    pub usage: Usage,
}
