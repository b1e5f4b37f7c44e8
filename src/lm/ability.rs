//! What a model can do, as far as is known before it is asked.

use super::local::Local;
use super::provider::{self, Provider};
use super::{request, several};
use crate::chat::{Interface, Mode, Part, Request};
use crate::diag::{Fault, FaultKind};
use crate::value::{LmKind, LmSpec, check_setting};

/// Whether the model's server may be asked to hold a reply to a form.
pub fn takes_shape(lm: &LmSpec) -> bool {
    several::each(lm, |lm| provider_of(lm).is_some_and(Provider::takes_shape))
}

/// Whether it may be asked so where it is told of tools, too.
pub fn takes_shape_beside_tools(lm: &LmSpec) -> bool {
    several::each(lm, |lm| provider_of(lm).is_some_and(Provider::takes_shape_beside_tools))
}

/// Whether the model's server may be told of tools.
pub fn takes_tools(lm: &LmSpec) -> bool {
    several::each(lm, |lm| provider_of(lm).is_some())
}

/// Whether the model fills in a form, and scores what a choice has.
pub fn fills_form(lm: &LmSpec) -> bool {
    matches!(lm.kind, LmKind::Provider) && Local::answers(&lm.name)
}

/// Whether one request may bring several answers.
pub fn gives_several(lm: &LmSpec) -> bool {
    match lm.kind {
        LmKind::Provider => provider_of(lm).is_some_and(Provider::gives_several),
        _ => true,
    }
}

/// Whether the model's options are such as a call can be made with, and the provider can do what they want, as far as dsp
/// knows: a model that it knows nothing of is found out when it is asked.
pub fn check(lm: &LmSpec) -> Result<(), Fault> {
    lm.options
        .iter()
        .try_for_each(|(name, value)| check_setting(name, value))?;
    let options = request(lm, Vec::new(), Mode::Chat, [])?;
    let Ok((provider, _)) = provider::find(&lm.name, Interface::Chat) else {
        return Ok(());
    };
    let refused = match options.interface {
        Interface::Chat => provider.admits(&options),
        interface => provider::find(&lm.name, interface)?.0.admits(&options),
    };
    refused.map_err(|why| Fault::new(FaultKind::Value, format!("the model `{}` {why}", lm.name)))
}

fn provider_of(lm: &LmSpec) -> Option<&'static dyn Provider> {
    let interface = lm.options.get("model_type").map(request::interface);
    let interface = interface.and_then(Result::ok).unwrap_or_default();
    let found = matches!(lm.kind, LmKind::Provider).then(|| provider::find(&lm.name, interface).ok());
    found.flatten().map(|(provider, _)| provider)
}

/// A model that reads text alone takes no images.
pub(super) fn takes_parts(lm: &LmSpec, request: &Request) -> Result<(), Fault> {
    let mut parts = request.messages.iter().flat_map(|message| &message.attachments);
    let provider = provider_of(lm);
    let taken = |part: &Part| provider.is_some_and(|provider| provider.takes(part));
    let Some(refused) = parts.find(|attachment| !taken(&attachment.part)) else {
        return Ok(());
    };
    let what = match refused.part {
        Part::Image(_) => "image",
        Part::Audio { .. } => "sound",
        Part::File(_) => "file",
    };
    let message = format!("the model `{}` cannot be sent the {what} in this prompt", lm.name);
    Err(Fault::new(FaultKind::Lm, message)
        .help("ask a model of `openai/…`, `gemini/…` or of a server that speaks OpenAI's chat API"))
}
