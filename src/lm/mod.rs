//! Language models: `Client` takes a question to the model that it names, through `call`, and brings the answer.

pub mod dummy;
mod endpoint;
mod provider;
mod refusal;
mod request;

use std::sync::Arc;
use std::time::Duration;

pub use request::request;

use self::endpoint::Endpoint;
use crate::call::{Calls, Source, Terms, Trouble};
use crate::chat::{Reply, Request};
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, BoxFuture, Host};
use crate::value::{LmKind, LmSpec};

/// The model that is built in, and the provider's part of `local/path/to/model.gguf`.
pub const LOCAL: &str = "local";

/// How a client is set up, once for a session.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Whether the response cache may be used at all.
    pub cache: bool,
    pub source: Source,
}

impl Default for ClientOptions {
    fn default() -> Self {
        ClientOptions {
            cache: true,
            source: Source::Live,
        }
    }
}

/// How one call is made: the settings in force where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallSettings {
    /// For each attempt.
    pub timeout: Duration,
    /// Attempts after the first, on 429, 5xx, broken connections and time-outs.
    pub lm_retries: u32,
    /// The most requests in flight; the rest queue, in the order of their calls.
    pub max_concurrency: usize,
    pub cache: bool,
}

impl Default for CallSettings {
    fn default() -> Self {
        CallSettings {
            timeout: Duration::from_secs(60),
            lm_retries: 3,
            max_concurrency: 16,
            cache: true,
        }
    }
}

/// A reply and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub reply: Reply,
    /// It came from the cache, or from the same request that another call had sent.
    pub cached: bool,
    /// How many requests were sent for it, retries of the transport included; 0 if `cached`.
    pub requests: u32,
}

/// The way to all models of a session. Clones share connections, limits, cache and recording.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    host: Arc<dyn Host>,
    cache: bool,
    calls: Calls<Reply>,
}

impl Client {
    pub fn new(host: Arc<dyn Host>, options: ClientOptions) -> Client {
        let calls = Calls::new(host.clone(), options.source);
        Client {
            inner: Arc::new(Inner {
                host,
                cache: options.cache,
                calls,
            }),
        }
    }

    /// Where answers come from; holds the recording that is being made.
    pub fn source(&self) -> &Source {
        self.inner.calls.source()
    }

    /// Asks a model. The call takes its place in the queue now, so calls must be made in program order; nothing is
    /// sent before the future is polled. Scripted models are not asked here (`dummy`).
    pub fn call(
        &self,
        lm: &LmSpec,
        request: Request,
        settings: CallSettings,
    ) -> BoxFuture<'static, Result<Answer, Fault>> {
        let sent = match &lm.kind {
            LmKind::Provider => self.provider_call(lm, request, settings),
            LmKind::Function(_) | LmKind::Scripted(_) | LmKind::Hosted(_) => Err(Fault::new(
                FaultKind::Lm,
                format!("the model `{}` is not one that is reached over a connection", lm.name),
            )),
        };
        sent.unwrap_or_else(|fault| Box::pin(std::future::ready(Err(fault))))
    }

    fn provider_call(
        &self,
        lm: &LmSpec,
        request: Request,
        settings: CallSettings,
    ) -> Result<BoxFuture<'static, Result<Answer, Fault>>, Fault> {
        let key_env = lm.options.get("api_key_env").and_then(|name| name.as_str());
        Endpoint::find(&request, key_env.map(|name| name.as_str()))?;
        let key_env = key_env.cloned();
        let host = self.inner.host.clone();
        let terms = Terms {
            retries: settings.lm_retries,
            limit: Some(settings.max_concurrency),
            cache: settings.cache && self.inner.cache,
        };
        let request = Arc::new(request);
        let asked = request.clone();
        let answer = self.inner.calls.call(&*asked, terms, move || {
            let (host, request, key_env) = (host.clone(), request.clone(), key_env.clone());
            Box::pin(async move { attempt(host, &request, key_env.as_deref(), settings.timeout).await })
        });
        Ok(Box::pin(async move {
            let answered = answer.await?;
            Ok(Answer {
                reply: answered.answer,
                cached: answered.cached,
                requests: answered.requests,
            })
        }))
    }
}

/// One request over HTTP.
async fn attempt(
    host: Arc<dyn Host>,
    request: &Request,
    key_env: Option<&str>,
    timeout: Duration,
) -> Result<Reply, Trouble> {
    let mut endpoint = Endpoint::find(request, key_env)?;
    let http = endpoint.http(host.as_ref(), request, timeout)?;
    let response = host
        .http(Access::Own, http)
        .await
        .map_err(refusal::unreachable_server)?;
    if !(200..300).contains(&response.status) {
        return Err(refusal::refused(&endpoint, &response, host.now()));
    }
    let unreadable = |why: &str| refusal::unreadable(&endpoint, &response.body, why);
    let body = serde_json::from_slice(&response.body).map_err(|_| unreadable("it is not JSON"))?;
    endpoint.provider.reply(&body).map_err(|why| unreadable(&why))
}
