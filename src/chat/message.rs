//! What is said: messages, and what stands in them that is no text.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::reply::ToolCall;
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
    /// What it does with tools, which a server that knows tools is told in its own way and not in the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Box<ToolTurn>>,
}

/// What a message does with tools.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolTurn {
    /// The assistant wants these used.
    Calls {
        /// What it says besides.
        text: EcoString,
        /// Each with an id.
        calls: Vec<ToolCall>,
    },
    /// What came of them.
    Results(Vec<ToolResult>),
}

/// What came of the use of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ToolResult {
    /// That of its call.
    pub id: String,
    /// `search`
    pub name: String,
    /// What the tool said.
    pub text: String,
    /// Whether it failed.
    #[serde(default)]
    pub is_error: bool,
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

    /// A name for a file that has none: providers know by its ending what it is.
    pub fn file_name(&self) -> String {
        let kind = self.data().map(|(kind, _)| kind).unwrap_or_default();
        let ending = match kind.rsplit('/').next().unwrap_or_default() {
            "plain" => "txt",
            "markdown" => "md",
            "x-python" => "py",
            "vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
            "vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
            "" | "octet-stream" => return "file".to_owned(),
            other => other,
        };
        format!("file.{ending}")
    }

    /// In a printed history, as DSPy has it: data itself is not shown.
    fn shown(&self) -> String {
        match self {
            Part::Image(url) => match url.split_once("base64,") {
                Some((head, data)) => format!("<{head}base64,<IMAGE BASE 64 ENCODED({})>", data.len()),
                None => format!("<image_url: {url}>"),
            },
            Part::Audio { data, format } => format!("<audio format='{format}' base64-encoded, length={}>", data.len()),
            Part::File(data) => format!("<file: name:, id:, data_length:{}>", data.len()),
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
            tools: None,
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
