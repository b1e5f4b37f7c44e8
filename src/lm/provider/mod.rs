//! Providers: pure translations of a request to HTTP and of HTTP to a reply. A provider is one file and one line here.

mod openai;

use crate::chat::{Reply, Request};
use crate::diag::{Fault, FaultKind, nearest};

/// All providers that are reached over HTTP.
const PROVIDERS: &[&dyn Provider] = &[&openai::OpenAi];

/// What is sent: a path below the provider's base, headers and a JSON body.
pub struct Outgoing {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// One provider's way of speaking.
pub trait Provider: Sync {
    /// As it stands before the `/` of a model's name.
    fn name(&self) -> &'static str;
    /// Where requests go unless `api_base` says otherwise.
    fn default_base(&self) -> &'static str;
    /// The environment variable that holds the key.
    fn key_env(&self) -> &'static str;
    /// `model` is the request's model without the provider's name.
    fn request(&self, model: &str, request: &Request, key: Option<&str>) -> Outgoing;
    /// The reply in a successful response, or what is odd about it.
    fn reply(&self, body: &[u8]) -> Result<Reply, String>;
}

/// The provider and the model of `openai/gpt-4o-mini`.
pub fn find(name: &str) -> Result<(&'static dyn Provider, &str), Fault> {
    let (wanted, model) = name.split_once('/').unwrap_or((name, ""));
    match PROVIDERS.iter().find(|provider| provider.name() == wanted) {
        Some(provider) if !model.is_empty() => Ok((*provider, model)),
        Some(provider) => Err(Fault::new(
            FaultKind::Lm,
            format!("the model `{name}` has no name after its provider"),
        )
        .help(format!("write `LM(\"{}/NAME\")`", provider.name()))),
        None => Err(unknown(name, wanted)),
    }
}

fn unknown(name: &str, wanted: &str) -> Fault {
    let names = || PROVIDERS.iter().map(|provider| provider.name()).chain([super::LOCAL]);
    let list = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let fault = Fault::new(
        FaultKind::Lm,
        format!("the model `{name}` has an unknown provider; there are {list}"),
    );
    match nearest(wanted, names()) {
        Some(near) => fault.help(format!("did you mean `{}`?", name.replacen(wanted, near, 1))),
        None => fault.help(
            "a model is named `provider/model`; any server that speaks OpenAI's chat API is \
             `LM(\"openai/NAME\", api_base: \"http://…/v1\")`",
        ),
    }
}
