//! Language models: `Client` takes a question to the model that it names, through `call`, and brings the answer.

mod ability;
mod attempt;
pub mod dummy;
mod embedding;
mod endpoint;
mod finetune;
pub mod function;
mod hosted;
mod limits;
pub mod local;
mod price;
mod provider;
mod refusal;
mod request;
mod settings;
mod several;
mod stream;
mod tries;
mod underway;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

pub use ability::{check, fills_form, gives_several, takes_shape, takes_shape_beside_tools, takes_tools};
pub use embedding::{Placed, batches};
pub use finetune::Training;
pub use hosted::{Model, Models};
pub use price::Prices;
pub use refusal::{refuses_shape, refuses_tools};
pub use request::request;
pub use settings::{CallSettings, max_concurrency};
pub use several::{Member, members, several};
pub use stream::Listener;
pub use tries::Tries;

use self::ability::takes_parts;
use self::attempt::{Attempt, Lanes, Way};
use self::endpoint::Endpoint;
use self::local::Local;
use self::underway::Underway;
use crate::call::{Calls, Paces, Source, Terms, Trouble, Waits};
use crate::chat::{self, Embeddings, Reply, Request, Usage};
use crate::diag::{Fault, FaultKind};
use crate::host::{BoxFuture, Host};
use crate::trace::Try;
use crate::value::{EcoString, LmKind, LmSpec, Settings};

/// The model that is built in, and the provider's part of `local/path/to/model.gguf`.
pub const LOCAL: &str = "local";

/// How a client is set up, once for a session.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Whether the response cache may be used at all.
    pub cache: bool,
    pub source: Source,
    /// Models of the program around dsp.
    pub models: Models,
}

impl Default for ClientOptions {
    fn default() -> Self {
        ClientOptions {
            cache: true,
            source: Source::Live,
            models: Models::default(),
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
    /// Each of them, those to models that were asked in vain before too; or what stands for them in the cache.
    pub tries: Vec<Try>,
}

/// Who is told of a call while it is under way.
#[derive(Clone, Default)]
pub struct Watch {
    pub listener: Option<Listener>,
    pub tries: Tries,
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
    placings: Calls<Embeddings>,
    underway: Underway,
    prices: OnceLock<Prices>,
    paces: Paces,
    models: Models,
    local: Arc<Local>,
}

type Answering = BoxFuture<'static, Result<Answer, Fault>>;

impl Client {
    pub fn new(host: Arc<dyn Host>, options: ClientOptions) -> Client {
        let calls = Calls::new(host.clone(), options.source);
        Client {
            inner: Arc::new(Inner {
                local: Arc::new(Local::new(host.clone())),
                host,
                cache: options.cache,
                placings: calls.beside(),
                underway: Underway::default(),
                calls,
                prices: OnceLock::new(),
                paces: Paces::default(),
                models: options.models,
            }),
        }
    }

    /// Where answers come from; holds the recording that is being made.
    pub fn source(&self) -> &Source {
        self.inner.calls.source()
    }

    /// Whether what is answered and found may be kept in the cache folder: not in tests, nor where the user forbids it.
    pub fn keeps(&self) -> bool {
        self.inner.cache && matches!(self.source(), Source::Live)
    }

    /// The settings of a call of `lm`. The shared cache that they name must be one that the script may use.
    pub fn settings(&self, lm: &LmSpec, settings: &Settings) -> Result<CallSettings, Fault> {
        self.sharing(CallSettings::of(lm, settings)?, lm, settings)
    }

    /// These settings where the model has none of its own.
    fn settings_over(&self, settings: CallSettings, lm: &LmSpec) -> Result<CallSettings, Fault> {
        let own = Settings::default();
        self.sharing(settings.with(lm, &own)?, lm, &own)
    }

    fn sharing(&self, read: CallSettings, lm: &LmSpec, settings: &Settings) -> Result<CallSettings, Fault> {
        let url = settings::shared_cache(lm, settings).filter(|_| self.keeps());
        let shared = url.map(|url| self.inner.calls.share(&url)).transpose()?;
        Ok(CallSettings {
            shared: shared.or(read.shared),
            ..read
        })
    }

    fn prices(&self) -> &Prices {
        self.inner.prices.get_or_init(|| Prices::of(self.inner.host.as_ref()))
    }

    /// What so many tokens cost in US dollars; nothing where the price is not known.
    pub fn price_of(&self, lm: &LmSpec, usage: &Usage) -> f64 {
        let price = self.prices().find(lm).ok().flatten();
        price.map_or(0.0, |price| price.cost(usage))
    }

    /// What calls wait for.
    pub fn waits(&self) -> &Waits {
        self.inner.calls.waits()
    }

    /// Waits until the cache keeps all answers that there are.
    pub fn flush_cache(&self) {
        self.inner.calls.flush();
    }

    /// Asks a model. The call takes its place in the queue now, so calls must be made in program order; nothing is
    /// sent before the future is polled. Scripted models are not asked here (`dummy`).
    pub fn call(&self, lm: &LmSpec, request: Request, settings: CallSettings) -> Answering {
        self.ask(lm, request, settings, Watch::default())
    }

    /// The same, watched: a listener is told what is said as it is said, where the model's server does so, and every
    /// request is known, if all were in vain, too.
    pub fn ask(&self, lm: &LmSpec, request: Request, settings: CallSettings, watch: Watch) -> Answering {
        if let (LmKind::Provider, Some(model)) = (&lm.kind, self.inner.models.get(&lm.name)) {
            return self.ask_hosted(model, request, settings, watch);
        }
        let answering = match &lm.kind {
            LmKind::Provider if let Err(fault) = takes_parts(lm, &request) => Err(fault),
            LmKind::Provider if Local::answers(&request.model) => Ok(self.ask_local(request, settings, watch)),
            LmKind::Provider => self.ask_provider(lm, request, settings, watch),
            LmKind::Several(models) => self.ask_several(lm, models.as_ref(), request, settings, watch),
            LmKind::Function(_) | LmKind::Scripted(_) => Err(not_reached(lm)),
        };
        answering.unwrap_or_else(|fault| Box::pin(std::future::ready(Err(fault))))
    }

    fn ask_provider(
        &self,
        lm: &LmSpec,
        request: Request,
        settings: CallSettings,
        watch: Watch,
    ) -> Result<Answering, Fault> {
        let key_env = lm.options.get("api_key_env").and_then(|name| name.as_str()).cloned();
        let base = request.api_base.as_deref();
        let endpoint = Endpoint::find(&request.model, request.interface, base, key_env.as_deref())?;
        let lanes = Lanes::of(&self.inner.paces, endpoint.base, &request.model);
        let price = self.prices().find(lm)?;
        let terms = Terms {
            cache: settings.cache && self.inner.cache,
            ..terms(&settings)
        };
        let allowance = settings.allowance.clone();
        let attempt = Arc::new(Attempt {
            way: self.way(lanes, key_env, &settings),
            // Several answers come in one piece.
            listener: watch.listener.filter(|_| request.n.is_none()),
            request: Arc::new(request),
        });
        let asked = attempt.request.clone();
        let client = self.clone();
        Ok(self.answer(&asked, terms, watch.tries, move || {
            let (attempt, allowance, client) = (attempt.clone(), allowance.clone(), client.clone());
            async move {
                let asked = &attempt.request;
                allowance.affords()?;
                let mut reply = attempt.send().await?;
                // What the server itself says it cost is better known.
                let usage = &mut reply.usage;
                if usage.prompt_tokens == 0 && usage.completion_tokens == 0 {
                    usage.prompt_tokens = asked.tokens();
                    usage.completion_tokens = chat::tokens(&reply.text);
                    usage.estimated = true;
                }
                usage.cost = usage.cost.or_else(|| price.map(|price| price.cost(usage)));
                if usage.cost.is_none() && allowance.caps_cost() {
                    client.prices().tell_missing(client.inner.host.as_ref(), &asked.model);
                }
                allowance.pay(reply.usage.cost.unwrap_or_default());
                Ok(reply)
            }
        }))
    }

    /// How the requests of a call are sent.
    fn way(&self, lanes: Lanes, key_env: Option<EcoString>, settings: &CallSettings) -> Way {
        Way {
            host: self.inner.host.clone(),
            lanes,
            key_env: key_env.map(String::from),
            timeout: settings.timeout,
            first_byte: settings.first_byte,
            waits: self.inner.calls.waits().clone(),
            rate: settings.rate,
            tried: AtomicBool::new(false),
        }
    }

    /// No connection can break here and nothing is paid; a time-out would only punish a slow machine. The engine has a
    /// queue of its own and takes no place of a request's.
    fn ask_local(&self, request: Request, settings: CallSettings, watch: Watch) -> Answering {
        let terms = Terms {
            cache: settings.cache && self.inner.cache,
            retries: 0,
            limit: None,
            ..terms(&settings)
        };
        let local = self.inner.local.clone();
        let asked = request.clone();
        self.answer(&asked, terms, watch.tries, move || {
            let (local, request) = (local.clone(), request.clone());
            async move { Ok(local.complete(request).await?) }
        })
    }

    fn ask_hosted(&self, model: &Arc<dyn Model>, request: Request, settings: CallSettings, watch: Watch) -> Answering {
        let terms = Terms {
            cache: false,
            retries: 0,
            ..terms(&settings)
        };
        let (model, asked) = (model.clone(), request.clone());
        self.answer(&asked, terms, watch.tries, move || {
            let reply = model.complete(request.clone());
            async move { Ok(reply.await?) }
        })
    }

    fn answer<Sent>(
        &self,
        request: &Request,
        terms: Terms,
        tries: Tries,
        send: impl Fn() -> Sent + Send + Sync + 'static,
    ) -> Answering
    where
        Sent: Future<Output = Result<Reply, Trouble>> + Send + 'static,
    {
        let model = EcoString::from(request.model.as_str());
        let known = tries.count();
        let (host, asked, noting, send) = (self.inner.host.clone(), model.clone(), tries.clone(), Arc::new(send));
        let answered = self.inner.calls.call(request, terms, move || {
            let (host, model, tries, send) = (host.clone(), asked.clone(), noting.clone(), send.clone());
            Box::pin(async move { tries.noted(host.as_ref(), &model, || send(), |reply| reply.usage).await })
        });
        Box::pin(async move {
            let answered = answered.await?;
            if tries.count() == known {
                let outcome = if answered.cached { "cached" } else { "ok" };
                let usage = answered.answer.usage;
                tries.add(Try {
                    outcome,
                    ..Try::answered(&model, usage)
                });
            }
            let tries = tries.all();
            let sent = tries.iter().filter(|one| one.outcome != "cached").count();
            Ok(Answer {
                reply: answered.answer,
                cached: answered.cached,
                requests: u32::try_from(sent).unwrap_or(u32::MAX),
                tries,
            })
        })
    }
}

fn terms(settings: &CallSettings) -> Terms {
    Terms {
        retries: settings.lm_retries,
        limit: Some(settings.max_concurrency),
        cache: settings.cache,
        held: settings.held,
        shared: settings.shared,
        allowance: settings.allowance.clone(),
    }
}

fn not_reached(lm: &LmSpec) -> Fault {
    Fault::new(
        FaultKind::Lm,
        format!("the model `{}` is not one that is reached over a connection", lm.name),
    )
}
