//! Where texts stand among all texts: many go in one request, and each is kept in the cache by itself, so that a text is
//! paid for once in whatever company it comes.

use std::collections::HashMap;

use futures_util::future::try_join_all;

use super::endpoint::Endpoint;
use super::local::Local;
use super::{CallSettings, Client, refusal, request, terms};
use crate::call::{Key, Source, Terms, Trouble};
use crate::chat::{EmbeddingRequest, Embeddings, Interface, Mode, Usage};
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, BoxFuture};
use crate::value::{LmKind, LmSpec};

/// Texts in one request.
const BATCH: usize = 128;

/// The places of texts, and what they took.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// One for each text, in their order.
    pub vectors: Vec<Vec<f64>>,
    /// Each request: whether the cache answered it, and what it took.
    pub requests: Vec<(bool, Usage)>,
}

/// The refusal of a provider that has no such models.
pub(super) fn gives_none(provider: &str) -> Fault {
    let message = format!("`{provider}` has no models that embed texts");
    Fault::new(FaultKind::Lm, message).help(ADVICE)
}

const ADVICE: &str = "name another: `configure(embedder: \"local\")`, `\"openai/text-embedding-3-small\"`, \
     `\"ollama/all-minilm\"`, or a function from texts to vectors";

type Later<T> = BoxFuture<'static, Result<T, Fault>>;

impl Client {
    /// Places texts. The calls take their places in the queue now; nothing is sent before the future is polled.
    pub fn embed(&self, lm: &LmSpec, texts: Vec<String>, settings: CallSettings) -> Later<Placed> {
        match self.begin_embedding(lm, texts, settings) {
            Ok(placing) => placing,
            Err(fault) => Box::pin(std::future::ready(Err(fault))),
        }
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
        let mut open: Vec<String> = Vec::new();
        let mut requests = Vec::new();
        for text in &texts {
            if known.contains_key(text) || open.contains(text) {
                continue;
            }
            let kept = match keep {
                true => self.inner.placings.kept(&key_of(text)?),
                false => None,
            };
            match kept.and_then(|kept| kept.vectors.into_iter().next()) {
                Some(vector) => drop(known.insert(text.clone(), vector)),
                None => open.push(text.clone()),
            }
        }
        if open.is_empty() && !texts.is_empty() {
            requests.push((true, Usage::default()));
        }
        let mut batches = Vec::new();
        for batch in open.chunks(BATCH) {
            batches.push(self.place(lm, asking(batch.to_vec()), settings)?);
        }
        let keys = open.iter().map(|text| key_of(text)).collect::<Result<Vec<_>, _>>()?;
        let client = self.clone();
        Ok(Box::pin(async move {
            let placed = try_join_all(batches).await?;
            requests.extend(placed.iter().map(|(cached, batch)| (*cached, batch.usage)));
            let vectors = placed.into_iter().flat_map(|(_, batch)| batch.vectors);
            for ((text, key), vector) in open.into_iter().zip(keys).zip(vectors) {
                if keep {
                    let vectors = vec![vector.clone()];
                    let usage = Usage::default();
                    client.inner.placings.keep(&key, &Embeddings { vectors, usage });
                }
                known.insert(text, vector);
            }
            let vectors = texts.iter().map(|text| known.get(text).cloned().unwrap_or_default());
            Ok(Placed {
                vectors: vectors.collect(),
                requests,
            })
        }))
    }

    /// One request.
    fn place(
        &self,
        lm: &LmSpec,
        request: EmbeddingRequest,
        settings: CallSettings,
    ) -> Result<Later<(bool, Embeddings)>, Fault> {
        if Local::embeds(&lm.name) {
            return Ok(self.place_here(request, settings));
        }
        let key_env = lm.options.get("api_key_env").and_then(|name| name.as_str()).cloned();
        reached(&request, key_env.as_deref())?;
        let price = self.prices().find(lm)?;
        // The texts are kept one by one.
        let terms = Terms {
            cache: false,
            ..terms(settings)
        };
        let (host, costs) = (self.inner.host.clone(), self.inner.costs.clone());
        let asked = request.clone();
        let answered = self.inner.placings.call(&asked, terms, move || {
            let (host, costs) = (host.clone(), costs.clone());
            let (request, key_env) = (request.clone(), key_env.clone());
            Box::pin(async move {
                costs.within(settings.max_cost)?;
                let mut endpoint = reached(&request, key_env.as_deref())?;
                let http = endpoint.http_for_vectors(host.as_ref(), &request, settings.timeout)?;
                let response = host
                    .http(Access::Own, http)
                    .await
                    .map_err(refusal::unreachable_server)?;
                if !(200..300).contains(&response.status) {
                    return Err(refusal::refused(&endpoint, &response, host.now()));
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
                    placed.map_err(|why| -> Trouble { refusal::unreadable(&endpoint, &response.body, &why) })?;
                let usage = &mut placed.usage;
                usage.cost = usage.cost.or_else(|| price.map(|price| price.cost(usage)));
                costs.add(placed.usage.cost.unwrap_or_default());
                Ok(placed)
            })
        });
        Ok(Box::pin(async move {
            let answered = answered.await?;
            Ok((answered.cached, answered.answer))
        }))
    }

    /// One request to the embedder that is built in: no connection can break, and nothing is paid.
    fn place_here(&self, request: EmbeddingRequest, settings: CallSettings) -> Later<(bool, Embeddings)> {
        let terms = Terms {
            cache: false,
            retries: 0,
            limit: None,
            ..terms(settings)
        };
        let (local, asked) = (self.inner.local.clone(), request.clone());
        let answered = self.inner.placings.call(&asked, terms, move || {
            let (local, texts) = (local.clone(), request.texts.clone());
            Box::pin(async move { Ok(local.embed(texts).await?) })
        });
        Box::pin(async move {
            let answered = answered.await?;
            Ok((answered.cached, answered.answer))
        })
    }
}

fn reached<'a>(request: &'a EmbeddingRequest, key_env: Option<&'a str>) -> Result<Endpoint<'a>, Fault> {
    Endpoint::find(&request.model, Interface::Chat, request.api_base.as_deref(), key_env)
}
