//! Where a model is reached and with what key. The key goes from the environment into a header and nowhere else.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;

use super::embedding;
use super::provider::{self, Outgoing, Provider};
use crate::chat::{EmbeddingRequest, Interface, Reply, Request, TokenLogprob};
use crate::diag::{Fault, FaultKind};
use crate::host::{Header, Host, HttpRequest};

/// Stands for a secret in whatever is said or kept.
pub(super) const HIDDEN: &str = "…";

const SHORTEST_KEY: usize = 16;

/// One model at one server.
pub(super) struct Endpoint<'a> {
    pub provider: &'static dyn Provider,
    /// The server's address, without a `/` at its end.
    pub base: &'a str,
    /// Without the provider's name.
    pub model: &'a str,
    /// `None` where no key is needed.
    pub key_env: Option<&'a str>,
    /// Once it was read. Never shown.
    key: Option<String>,
    /// Whether `api_base` was given.
    own_base: bool,
    /// Whether `api_key_env` was given.
    own_key_env: bool,
}

impl<'a> Endpoint<'a> {
    /// By the model's whole name, the server where it is not the provider's own, and the variable that holds the key.
    pub(super) fn find(
        name: &'a str,
        interface: Interface,
        api_base: Option<&'a str>,
        key_env: Option<&'a str>,
    ) -> Result<Endpoint<'a>, Fault> {
        let (provider, model) = provider::find(name, interface)?;
        let base = api_base.or(provider.default_base());
        let base = base.ok_or_else(|| no_base(name))?;
        Ok(Endpoint {
            provider,
            base: base.trim_end_matches('/'),
            model,
            key_env: key_env.or(provider.key_env()),
            key: None,
            own_base: api_base.is_some(),
            own_key_env: key_env.is_some(),
        })
    }

    /// The HTTP request, whole. Reads the key.
    pub(super) fn http(
        &mut self,
        host: &dyn Host,
        request: &Request,
        timeout: Duration,
        stream: bool,
    ) -> Result<HttpRequest, Fault> {
        self.key = self.read_key(host)?;
        let mut outgoing = self.provider.request(self.model, request, self.key.as_deref(), stream);
        let own = |name: &str| request.headers.contains_key(name);
        outgoing.headers.retain(|(name, _)| !own(name.as_ref()));
        let given = request
            .headers
            .iter()
            .map(|(name, value)| (Cow::from(name.clone()), Cow::from(value.clone())));
        outgoing.headers.extend(given);
        Ok(self.whole(outgoing, timeout))
    }

    /// The HTTP request for the places of texts, if the provider gives any. Reads the key.
    pub(super) fn http_for_vectors(
        &mut self,
        host: &dyn Host,
        request: &EmbeddingRequest,
        timeout: Duration,
    ) -> Result<HttpRequest, Fault> {
        let outgoing = |key: Option<&str>| {
            let outgoing = self.provider.embed(self.model, request, key);
            outgoing.ok_or_else(|| embedding::gives_none(self.provider.name()))
        };
        outgoing(None)?;
        let key = self.read_key(host)?;
        let http = self.whole(outgoing(key.as_deref())?, timeout);
        self.key = key;
        Ok(http)
    }

    /// A request to another part of the server, with a body of some type. Reads the key.
    pub(super) fn http_at(
        &mut self,
        host: &dyn Host,
        method: &'static str,
        path: &str,
        body: Option<(String, Vec<u8>)>,
        timeout: Duration,
    ) -> Result<HttpRequest, Fault> {
        self.key = self.read_key(host)?;
        let mut headers: Vec<Header> = Vec::new();
        headers.extend(
            self.key
                .iter()
                .map(|key| ("authorization".into(), format!("Bearer {key}").into())),
        );
        let (kind, body) = body.unzip();
        headers.extend(kind.map(|kind| ("content-type".into(), kind.into())));
        Ok(HttpRequest {
            method,
            url: format!("{}{path}", self.base),
            headers,
            body: body.unwrap_or_default().into(),
            timeout,
            first_byte: None,
        })
    }

    fn whole(&self, outgoing: Outgoing, timeout: Duration) -> HttpRequest {
        HttpRequest {
            method: "POST",
            url: format!("{}{}", self.base, outgoing.path),
            headers: outgoing.headers,
            // Exact: it is kept until the answer is there, and thousands may be under way.
            body: Bytes::copy_from_slice(&outgoing.body),
            timeout,
            first_byte: None,
        }
    }

    /// Whether somebody near has to start it: it stands in `api_base`, or on this machine.
    pub(super) fn is_of_ones_own(&self) -> bool {
        self.own_base || self.base.contains("://localhost")
    }

    pub(super) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// A server's words with the key blacked out, should it repeat it.
    pub(super) fn without_key(&self, words: &str) -> String {
        match &self.key {
            Some(key) => words.replace(key.as_str(), HIDDEN),
            None => words.to_owned(),
        }
    }

    /// The key, where it is a secret: what is no longer than a word is none, but the stand-in that a server of one's own
    /// wants for a key.
    pub(super) fn secret(&self) -> Option<&str> {
        self.key.as_deref().filter(|key| key.len() >= SHORTEST_KEY)
    }

    /// The reply likewise: it is kept in the cache, in recordings and in the history.
    pub(super) fn reply_without_key(&self, mut reply: Reply) -> Reply {
        let Some(key) = self.secret() else {
            return reply;
        };
        let own = [&mut reply.text, &mut reply.thought].into_iter();
        let known = [&mut reply.id, &mut reply.model].into_iter().flatten();
        for text in own.chain(known).chain(&mut reply.others) {
            if text.contains(key) {
                *text = text.replace(key, HIDDEN);
            }
        }
        hide_tokens(&mut reply.logprobs, key);
        for call in &mut reply.calls {
            for text in [&mut call.name].into_iter().chain(&mut call.id) {
                *text = text.replace(key, HIDDEN);
            }
            let args = serde_json::to_string(&call.args).unwrap_or_default();
            if args.contains(key) {
                call.args = serde_json::from_str(&args.replace(key, HIDDEN)).unwrap_or_default();
            }
        }
        reply
    }

    fn read_key(&self, host: &dyn Host) -> Result<Option<String>, Fault> {
        let Some(name) = self.key_env else {
            return Ok(None);
        };
        let key = host
            .env(name)
            .map(|key| key.trim().to_owned())
            .filter(|key| !key.is_empty());
        let fault = |message: String| Fault::new(FaultKind::Auth, message);
        match key {
            Some(key) if !key.chars().all(|c| c.is_ascii_graphic()) => Err(fault(format!(
                "the environment variable `{name}` holds characters that no key has"
            ))
            .help("copy the key anew, in one line")),
            Some(key) => Ok(Some(key)),
            None if self.own_base && !self.own_key_env => Ok(None),
            None if !is_variable(name) => Err(fault(
                "`api_key_env` is not the name of an environment variable that is set".to_owned(),
            )
            .help(
                "a key does not stand in a script: `export MY_KEY=…`, and name the variable: `api_key_env: \"MY_KEY\"`",
            )),
            None => {
                let model = format!("{}/{}", self.provider.name(), self.model);
                let help = format!(
                    "`export {name}=…`, or name another variable: `LM(\"{model}\", api_key_env: \"MY_KEY\")`; \
                     `LM(\"local\")` needs no key"
                );
                Err(fault(format!(
                    "the model `{model}` needs a key: the environment variable `{name}` is not set"
                ))
                .help(help))
            }
        }
    }
}

/// Whether this may be shown: the name of a variable is in capitals, and what is not may be the key itself.
fn is_variable(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn no_base(model: &str) -> Fault {
    Fault::new(
        FaultKind::Lm,
        format!("the model `{model}` needs the address of your server"),
    )
    .help(format!("write `LM(\"{model}\", api_base: \"https://…\")`"))
}

/// Hides the tokens that a secret is made of, in whatever pieces.
fn hide_tokens(tokens: &mut [TokenLogprob], secret: &str) {
    let text: String = tokens.iter().map(|one| one.token.as_str()).collect();
    let places: Vec<usize> = text.match_indices(secret).map(|(at, _)| at).collect();
    let mut start = 0;
    for one in tokens {
        let end = start + one.token.len();
        if places.iter().any(|at| start < at + secret.len() && *at < end) {
            HIDDEN.clone_into(&mut one.token);
        }
        start = end;
    }
}
