//! `stdlib/embedding.dsp`: places of texts.

use std::sync::Arc;

use super::args::texts;
use super::files::ready;
use super::{call, immediate};
use crate::diag::{Fault, FaultKind, a};
use crate::host::BoxFuture;
use crate::lm::CallSettings;
use crate::value::{LmKind, LmSpec, Record, Value};
use crate::vm::{Context, Native};

pub const NATIVES: &[Native] = &[
    immediate("_embedder", |cx, _| {
        Ok(cx.settings.get("embedder").cloned().unwrap_or_default())
    }),
    call("_embed", embed),
];

/// `embed(["a", "b"])`
fn embed(cx: Context<'_>, args: Vec<Value>) -> BoxFuture<'static, Result<Value, Fault>> {
    let asked = || {
        let lm = embedder(cx.settings.get("embedder"))?;
        let texts = texts(&args, 0)?.into_iter().map(ToString::to_string).collect();
        let settings = CallSettings::of(&lm, cx.settings)?;
        Ok((cx.client.embed(&lm, texts, settings), lm))
    };
    let (placing, lm) = match asked() {
        Ok(asked) => asked,
        Err(fault) => return ready(Err(fault)),
    };
    let history = cx.history.clone();
    Box::pin(async move {
        let placed = placing.await?;
        for (cached, usage) in &placed.requests {
            history.count(&lm.name, *cached, usage);
        }
        let vector = |vector: Vec<f64>| Value::list(vector.into_iter().map(Value::Float));
        Ok(Value::list(placed.vectors.into_iter().map(vector)))
    })
}

fn embedder(value: Option<&Value>) -> Result<Arc<LmSpec>, Fault> {
    match value.filter(|value| !value.is_none()) {
        Some(Value::Lm(lm)) => Ok(lm.clone()),
        Some(Value::Str(name)) => Ok(Arc::new(LmSpec {
            name: name.clone(),
            options: Record::default(),
            kind: LmKind::Provider,
        })),
        None => Err(Fault::new(FaultKind::State, "no model is configured that embeds texts").help(
            "name one: `configure(embedder: \"openai/text-embedding-3-small\")`, `\"ollama/all-minilm\"`, or a function \
             from texts to vectors",
        )),
        Some(other) => {
            let message = format!(
                "`embedder` must be a model, its name or a function, not {}",
                a(other.type_name())
            );
            Err(Fault::new(FaultKind::Type, message))
        }
    }
}
