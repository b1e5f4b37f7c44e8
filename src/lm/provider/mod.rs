//! Providers: pure translations of a request to HTTP and of HTTP to a reply. A provider is one file and one line here.

mod anthropic;
mod azure;
mod gemini;
mod ollama;
mod openai;
mod tools;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use self::openai::Responses;
pub use self::tools::called;
use super::stream::{Odd, Partial};
use crate::chat::{EmbeddingRequest, Embeddings, Interface, Message, Part, Reply, Request, Role};
use crate::diag::{Fault, FaultKind, nearest};
use crate::host::Header;

/// All providers that are reached over HTTP.
static PROVIDERS: &[&dyn Provider] = &[
    &openai::OPENAI,
    &anthropic::Anthropic,
    &gemini::Gemini,
    &ollama::Ollama,
    &azure::Azure,
    &openai::MISTRAL,
    &openai::GROQ,
    &openai::TOGETHER,
    &openai::OPENROUTER,
    &openai::DEEPSEEK,
    &openai::XAI,
    &openai::FIREWORKS,
];

/// Those that also have OpenAI's second interface, and so has every server that speaks as OpenAI does.
static RESPONSES: &[&dyn Provider] = &[
    &Responses(&openai::OPENAI),
    &Responses(&openai::GROQ),
    &Responses(&openai::OPENROUTER),
    &Responses(&openai::XAI),
    &Responses(&openai::FIREWORKS),
];

/// What is sent: a path below the provider's base, headers and a JSON body.
pub struct Outgoing {
    pub path: Cow<'static, str>,
    pub headers: Vec<Header>,
    pub body: Vec<u8>,
}

impl Outgoing {
    fn bytes(path: impl Into<Cow<'static, str>>, body: Vec<u8>) -> Outgoing {
        Outgoing {
            path: path.into(),
            headers: vec![("content-type".into(), "application/json".into())],
            body,
        }
    }

    fn json(path: impl Into<Cow<'static, str>>, body: &Json) -> Outgoing {
        Outgoing::bytes(path, serde_json::to_vec(body).unwrap_or_default())
    }

    fn header(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        self.headers.push((name.into(), value.into()));
    }

    fn header_if(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.header(name, value.to_owned());
        }
    }

    fn bearer(&mut self, key: Option<&str>) {
        if let Some(key) = key {
            self.header("authorization", format!("Bearer {key}"));
        }
    }
}

/// The system messages as one text, for providers that take it apart from the turns.
fn system_text(messages: &[Message]) -> Option<String> {
    let texts: Vec<&str> = messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(|message| message.content.as_str())
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// The turns, without the system messages.
fn spoken(messages: &[Message]) -> impl Iterator<Item = &Message> {
    messages.iter().filter(|message| message.role != Role::System)
}

/// How long the model is to think first: `reasoning_effort: "low"`
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// Not at all.
    No,
    Low,
    Medium,
    High,
}

impl Effort {
    /// As scripts name it; OpenAI's own names change with its models, so it is sent what the script says.
    fn named(name: &str) -> Option<Effort> {
        Some(match name {
            "none" | "disable" => Effort::No,
            "minimal" | "low" => Effort::Low,
            "medium" => Effort::Medium,
            "high" | "xhigh" | "max" => Effort::High,
            _ => return None,
        })
    }

    /// What the options say of it, taken out of them.
    fn take(extra: &mut Map<String, Json>) -> Option<Effort> {
        Effort::named(extra.shift_remove("reasoning_effort")?.as_str()?)
    }

    /// In tokens.
    fn budget(self) -> u32 {
        match self {
            Effort::No => 0,
            Effort::Low => 1024,
            Effort::Medium => 2048,
            Effort::High => 4096,
        }
    }
}

/// Where a provider has to be told in numbers how long a model is to think, the words for it are known.
fn knows_effort(extra: &Map<String, Json>) -> Result<(), String> {
    match extra.get("reasoning_effort") {
        None => Ok(()),
        Some(Json::String(name)) if Effort::named(name).is_some() => Ok(()),
        Some(other) => Err(format!(
            "is not told `reasoning_effort: {other}`: it is \"none\", \"minimal\", \"low\", \"medium\" or \"high\""
        )),
    }
}

/// The first of these options that is wanted. `seed`, which some do not have either, is not among them: who sets it
/// wants answers to stay the same, and a provider that has none is then sent none.
fn lacks(extra: &Map<String, Json>, names: &[&str]) -> Result<(), String> {
    let wanted = |name: &&&str| extra.get(**name).is_some_and(|value| *value != Json::Bool(false));
    match names.iter().find(wanted) {
        Some(name) => Err(format!("has no `{name}`")),
        None => Ok(()),
    }
}

/// Why a response could not be read.
fn not_read(error: serde_json::Error) -> String {
    match error.is_data() {
        true => error.to_string(),
        false => "it is not JSON".to_owned(),
    }
}

/// An event as JSON.
fn event_of<'a, E: Deserialize<'a>>(event: &'a [u8]) -> Result<E, Odd> {
    serde_json::from_slice(event).map_err(|error| Odd::Unreadable(not_read(error)))
}

/// What a server says of its own failure in the middle of an answer.
#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: Option<String>,
    #[serde(rename = "type", default)]
    kind: Option<String>,
}

impl From<Failure> for Odd {
    fn from(failure: Failure) -> Odd {
        let kind = failure.kind.unwrap_or_default();
        let busy = ["overloaded", "rate_limit", "server_error", "api_error", "timeout"];
        Odd::Failed {
            busy: busy.iter().any(|word| kind.contains(word)),
            message: failure.message.unwrap_or(kind),
        }
    }
}

/// One provider's way of speaking.
pub trait Provider: Sync {
    /// As it stands before the `/` of a model's name.
    fn name(&self) -> &'static str;
    /// Where requests go unless `api_base` says otherwise; `None` if every user has a server of their own.
    fn default_base(&self) -> Option<&'static str>;
    /// Whether it holds a reply to a form that the request wants.
    fn takes_shape(&self) -> bool {
        false
    }
    /// Whether it still does so where the request has tools, which the model would else never use.
    fn takes_shape_beside_tools(&self) -> bool {
        self.takes_shape()
    }
    /// Whether one request may bring several answers.
    fn gives_several(&self) -> bool {
        false
    }
    /// What a request wants that the provider cannot do: `has no `logprobs``
    fn admits(&self, _request: &Request) -> Result<(), String> {
        Ok(())
    }
    /// Whether such an image, sound or file can be a part of a message.
    fn takes(&self, _part: &Part) -> bool {
        false
    }
    /// The environment variable that holds the key; `None` if it needs none.
    fn key_env(&self) -> Option<&'static str>;
    /// `model` is the request's model without the provider's name; `stream`: the answer is to come as it is said.
    fn request(&self, model: &str, request: &Request, key: Option<&str>, stream: bool) -> Outgoing;
    /// The reply in a successful response, or what is odd about it.
    fn reply(&self, body: &[u8], request: &Request) -> Result<Reply, String>;
    /// Whether each line of a streamed answer is an event; else events are as a browser's `EventSource` has them.
    fn streams_lines(&self) -> bool {
        false
    }
    /// Adds an event of a streamed answer to what has come so far.
    fn event(&self, event: &[u8], partial: &mut Partial) -> Result<(), Odd>;
    /// Asks where texts stand among all texts; `None` if it does not tell.
    fn embed(&self, _model: &str, _request: &EmbeddingRequest, _key: Option<&str>) -> Option<Outgoing> {
        None
    }
    /// The places in a successful response, or what is odd about it.
    fn vectors(&self, _body: &[u8]) -> Result<Embeddings, String> {
        Err("it has no embeddings".to_owned())
    }
}

/// The provider and the model of `openai/gpt-4o-mini`.
pub fn find(name: &str, interface: Interface) -> Result<(&'static dyn Provider, &str), Fault> {
    let (wanted, model) = name.split_once('/').unwrap_or((name, ""));
    let of = |all: &'static [&'static dyn Provider]| all.iter().find(|provider| provider.name() == wanted).copied();
    let provider = of(PROVIDERS).ok_or_else(|| unknown(name, wanted))?;
    if model.is_empty() {
        let fault = Fault::new(
            FaultKind::Lm,
            format!("the model `{name}` has no name after its provider"),
        );
        return Err(fault.help(format!("write `LM(\"{wanted}/NAME\")`")));
    }
    let found = match interface {
        Interface::Chat => Some(provider),
        Interface::Responses => of(RESPONSES),
    };
    let found = found.ok_or_else(|| {
        let message =
            format!("`{wanted}` has no responses, only a chat: `{name}` takes no `model_type: \"responses\"`");
        Fault::new(FaultKind::Value, message).help(
            "any server that has them is `LM(\"openai/NAME\", api_base: \"https://…/v1\", model_type: \"responses\")`",
        )
    })?;
    Ok((found, model))
}

fn unknown(name: &str, wanted: &str) -> Fault {
    let names = || PROVIDERS.iter().map(|provider| provider.name()).chain([super::LOCAL]);
    let list = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let fault = Fault::new(
        FaultKind::Lm,
        format!("the model `{name}` has an unknown provider; there are {list}"),
    );
    let alias = |(alias, _): &&(&str, &str)| alias.eq_ignore_ascii_case(wanted);
    let maker = |(start, _): &&(&str, &str)| name.to_lowercase().starts_with(start);
    let parted = name
        .split_once(':')
        .filter(|(provider, _)| names().any(|known| known == *provider));
    let meant = match (nearest(wanted, names()), parted) {
        (Some(near), _) => Some(name.replacen(wanted, near, 1)),
        (None, Some((provider, model))) => Some(format!("{provider}/{model}")),
        (None, None) if name.contains('/') => {
            let known = ALIASES.iter().find(alias);
            known.map(|(_, provider)| name.replacen(wanted, provider, 1))
        }
        (None, None) => MAKERS
            .iter()
            .find(maker)
            .map(|(_, provider)| format!("{provider}/{name}")),
    };
    match meant {
        Some(meant) => fault.help(format!("did you mean `{meant}`?")),
        None => fault.help(
            "a model is named `provider/model`; any server that speaks OpenAI's chat API is \
             `LM(\"openai/NAME\", api_base: \"http://…/v1\")`",
        ),
    }
}

/// What other libraries call a provider.
const ALIASES: [(&str, &str); 7] = [
    ("google", "gemini"),
    ("vertex_ai", "gemini"),
    ("claude", "anthropic"),
    ("ollama_chat", "ollama"),
    ("together_ai", "together"),
    ("fireworks_ai", "fireworks"),
    ("azure_ai", "azure"),
];

/// How models that are named without a provider begin, and whose they are.
const MAKERS: [(&str, &str); 9] = [
    ("gpt", "openai"),
    ("chatgpt", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("claude", "anthropic"),
    ("gemini", "gemini"),
    ("mistral", "mistral"),
    ("deepseek", "deepseek"),
];
