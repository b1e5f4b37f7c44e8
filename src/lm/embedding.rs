//! Where texts stand among all texts: many go in one request, and each is kept in the cache by itself, so that a text is
//! paid for once in whatever company it comes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{join, join_all};

use super::endpoint::Endpoint;
use super::local::Local;
use super::underway::{One, Placing};
use super::{CallSettings, Client, Lanes, Tries, Way, refusal, request, terms};
use crate::call::{Key, Source, Terms, Trouble};
use crate::chat::{EmbeddingRequest, Embeddings, Interface, Mode, Usage};
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, BoxFuture, Host};
use crate::trace::{Asked, Query, Try};
use crate::value::{LmKind, LmSpec};

/// Texts in one request.
const BATCH: usize = 128;

/// The places of texts, and what was asked for them.
#[derive(Debug)]
pub struct Placed {
    /// One for each text, in their order.
    pub vectors: Result<Vec<Vec<f64>>, Fault>,
    pub queries: Vec<Query>,
}

/// How many requests these texts take where none is known.
pub fn batches(texts: &[String]) -> usize {
    let different: HashSet<&String> = texts.iter().collect();
    different.len().div_ceil(BATCH)
}

/// The refusal of a provider that has no such models.
pub(super) fn gives_none(provider: &str) -> Fault {
    let message = format!("`{provider}` has no models that embed texts");
    Fault::new(FaultKind::Lm, message).help(ADVICE)
}

const ADVICE: &str = "name another: `configure(embedder: \"local\")`, `\"openai/text-embedding-3-small\"`, \
     `\"ollama/all-minilm\"`, or a function from texts to vectors";

type Later<T> = BoxFuture<'static, T>;

impl Client {
    /// Places texts. The calls take their places in the queue now; nothing is sent before the future is polled.
    pub fn embed(&self, lm: &LmSpec, texts: Vec<String>, settings: CallSettings) -> Later<Placed> {
        self.begin_embedding(lm, texts, settings).unwrap_or_else(|fault| {
            Box::pin(std::future::ready(Placed {
                vectors: Err(fault),
                queries: Vec::new(),
            }))
        })
    }

    fn begin_embedding(&self, lm: &LmSpec, texts: Vec<String>, settings: CallSettings) -> Result<Later<Placed>, Fault> {
        if Local::answers(&lm.name) && !Local::embeds(&lm.name) {
            let message = format!("`{}` writes texts and does not embed them", lm.name);
            return Err(Fault::new(FaultKind::Lm, message).help(ADVICE));
        }
        if !matches!(lm.kind, LmKind::Provider) {
            let message = format!("the model `{}` does not embed texts", lm.name);
            return Err(Fault::new(FaultKind::Lm, message).help(ADVICE));
        }
        let options = request(lm, Vec::new(), Mode::Chat, [])?;
        let asking = |texts: Vec<String>| EmbeddingRequest {
            model: options.model.clone(),
            api_base: options.api_base.clone(),
            texts,
            extra: options.extra.clone(),
        };
        let key_of = |text: &str| Key::of(&asking(vec![text.to_owned()]));
        let keep = settings.cache && self.inner.cache && matches!(self.source(), Source::Live);
        let mut known: HashMap<String, Vec<f64>> = HashMap::new();
        let mut open: Vec<(String, Key)> = Vec::new();
        let mut others: Vec<((String, Key), One)> = Vec::new();
        let mut seen: HashSet<&String> = HashSet::new();
        for text in texts.iter().filter(|text| seen.insert(*text)) {
            let key = key_of(text)?;
            let kept: Option<Embeddings> = keep.then(|| self.inner.placings.kept(&key)).flatten();
            if let Some(vector) = kept.and_then(|kept| kept.vectors.into_iter().next()) {
                known.insert(text.clone(), vector);
            } else if let Some(other) = keep.then(|| self.inner.underway.get(&key)).flatten() {
                others.push(((text.clone(), key), other));
            } else {
                open.push((text.clone(), key));
            }
        }
        let (mut batches, mut ways) = (Vec::new(), Vec::new());
        for batch in open.chunks(BATCH) {
            let (texts, keys): (Vec<String>, Vec<Key>) = batch.iter().cloned().unzip();
            let request = self.place(lm, Arc::new(asking(texts)), &settings)?.shared();
            ways.extend(keep.then(|| self.inner.underway.set_out(keys, &request)));
            batches.push(request);
        }
        let whole = Arc::new(asking(texts));
        let client = self.clone();
        Ok(Box::pin(async move {
            let others = others
                .into_iter()
                .map(|(text, other)| async move { (text, other.at, other.request.await.0) });
            // Each text is under way until it is kept.
            let _ways = ways;
            let (placed, others) = join(join_all(batches), join_all(others)).await;
            let (placed, mut queries): (Vec<_>, Vec<_>) = placed.into_iter().unzip();
            if queries.is_empty() && !whole.texts.is_empty() {
                queries.push(Query {
                    cached: true,
                    ..query(client.inner.host.as_ref(), whole.clone())
                });
            }
            let mut failed = None;
            for (placed, batch) in placed.into_iter().zip(open.chunks(BATCH)) {
                match placed {
                    Ok(placed) => client.take(batch, placed.vectors, keep, &mut known),
                    Err(fault) => drop(failed.get_or_insert(fault)),
                }
            }
            for (text, at, placed) in others {
                match placed {
                    // Who asked for it may have given up.
                    Ok(placed) => client.take(&[text], placed.vectors.into_iter().skip(at), keep, &mut known),
                    Err(fault) => drop(failed.get_or_insert(fault)),
                }
            }
            let vectors = || {
                whole
                    .texts
                    .iter()
                    .map(|text| known.get(text).cloned().unwrap_or_default())
            };
            Placed {
                vectors: failed.map_or_else(|| Ok(vectors().collect()), Err),
                queries,
            }
        }))
    }

    /// The places that one request has brought.
    fn take(
        &self,
        texts: &[(String, Key)],
        vectors: impl IntoIterator<Item = Vec<f64>>,
        keep: bool,
        known: &mut HashMap<String, Vec<f64>>,
    ) {
        for ((text, key), vector) in texts.iter().zip(vectors) {
            if keep && self.inner.placings.kept(key).is_none() {
                let (vectors, usage) = (vec![vector.clone()], Usage::default());
                self.inner.placings.keep(key, &Embeddings { vectors, usage });
            }
            known.insert(text.clone(), vector);
        }
    }

    /// One request.
    fn place(&self, lm: &LmSpec, asked: Arc<EmbeddingRequest>, settings: &CallSettings) -> Result<Placing, Fault> {
        // The texts are kept one by one.
        let terms = Terms {
            cache: false,
            ..terms(settings)
        };
        if Local::embeds(&lm.name) {
            return Ok(self.place_here(asked, terms));
        }
        let key_env = lm.options.get("api_key_env").and_then(|name| name.as_str()).cloned();
        let endpoint = reached(&asked, key_env.as_deref())?;
        let lanes = Lanes::of(&self.inner.paces, endpoint.base, &asked.model);
        let price = self.prices().find(lm)?;
        let way = Arc::new(self.way(lanes, key_env, settings));
        let (allowance, request) = (settings.allowance.clone(), asked.clone());
        Ok(self.placed(asked, terms, move || {
            let (way, allowance, request) = (way.clone(), allowance.clone(), request.clone());
            Box::pin(async move {
                allowance.affords()?;
                let mut endpoint = reached(&request, way.key_env.as_deref())?;
                let base = endpoint.base;
                let asked = async {
                    let placed = way.vectors(&mut endpoint, &request).await?;
                    let used = placed.usage.prompt_tokens;
                    Ok((placed, used))
                };
                let mut placed = way.send(base, request.tokens(), asked).await?;
                let usage = &mut placed.usage;
                usage.cost = usage.cost.or_else(|| price.map(|price| price.cost(usage)));
                allowance.pay(placed.usage.cost.unwrap_or_default());
                Ok(placed)
            })
        }))
    }

    /// One request to the embedder that is built in: no connection can break, and nothing is paid.
    fn place_here(&self, asked: Arc<EmbeddingRequest>, terms: Terms) -> Placing {
        let terms = Terms {
            retries: 0,
            limit: None,
            ..terms
        };
        let (local, request) = (self.inner.local.clone(), asked.clone());
        self.placed(asked, terms, move || {
            let (local, texts) = (local.clone(), request.texts.clone());
            Box::pin(async move { Ok(local.embed(texts).await?) })
        })
    }

    fn placed(
        &self,
        asked: Arc<EmbeddingRequest>,
        terms: Terms,
        send: impl Fn() -> Later<Result<Embeddings, Trouble>> + Send + Sync + 'static,
    ) -> Placing {
        let (host, tries) = (self.inner.host.clone(), Tries::default());
        let (clock, request, noting) = (host.clone(), asked.clone(), tries.clone());
        let answered = self.inner.placings.call(asked.as_ref(), terms, move || {
            let (host, request, tries) = (clock.clone(), request.clone(), noting.clone());
            let sent = send();
            Box::pin(async move {
                tries
                    .noted(host.as_ref(), &request.model, || sent, |placed| placed.usage)
                    .await
            })
        });
        let began = host.elapsed();
        Box::pin(async move {
            let answered = answered.await;
            let mut query = Query {
                seconds: host.elapsed().saturating_sub(began).as_secs_f64(),
                tries: tries.all(),
                ..query(host.as_ref(), asked)
            };
            match answered {
                Ok(answered) => {
                    (query.cached, query.usage) = (answered.cached, answered.answer.usage);
                    (Ok(answered.answer), query)
                }
                Err(fault) => {
                    query.error = Try::failed(&query.name, &fault).error();
                    (Err(fault), query)
                }
            }
        })
    }
}

impl Way {
    /// Asks a server where texts stand.
    async fn vectors(&self, endpoint: &mut Endpoint<'_>, request: &EmbeddingRequest) -> Result<Embeddings, Trouble> {
        let mut http = endpoint.http_for_vectors(self.host.as_ref(), request, self.timeout)?;
        http.first_byte = self.first_byte;
        let response = self.host.http(Access::Own, http).await;
        let response = response.map_err(|error| refusal::unreachable_server(endpoint, error))?;
        if let Some(refused) = self.refusal(endpoint, &response) {
            return Err(refused);
        }
        let placed = endpoint.provider.vectors(&response.body);
        let placed = placed.and_then(|placed| match placed.vectors.len() == request.texts.len() {
            true => Ok(placed),
            false => Err(format!(
                "{} embeddings for {} texts",
                placed.vectors.len(),
                request.texts.len()
            )),
        });
        let mut placed =
            placed.map_err(|why| refusal::not_an_answer(endpoint, &response.body, &why, self.host.now()))?;
        if placed.usage.prompt_tokens == 0 {
            placed.usage.prompt_tokens = request.tokens();
            placed.usage.estimated = true;
        }
        Ok(placed)
    }
}

/// A query of which nothing more is known.
fn query(host: &dyn Host, asked: Arc<EmbeddingRequest>) -> Query {
    Query {
        name: asked.model.as_str().into(),
        asked: Asked::Embedding(asked),
        cached: false,
        usage: Usage::default(),
        at: host.now(),
        seconds: 0.0,
        tries: Vec::new(),
        error: None,
        span: None,
    }
}

fn reached<'a>(request: &'a EmbeddingRequest, key_env: Option<&'a str>) -> Result<Endpoint<'a>, Fault> {
    Endpoint::find(&request.model, Interface::Chat, request.api_base.as_deref(), key_env)
}
