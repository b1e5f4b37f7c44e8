//! `stdlib/embedding.dsp`: places of texts.

use std::sync::Arc;

use super::args::texts;
use super::{call, immediate};
use crate::call::{Budget, Spent};
use crate::diag::{Fault, FaultKind, a};
use crate::host::BoxFuture;
use crate::lm::{self, CallSettings, Placed};
use crate::trace::{span, tally};
use crate::value::{LmKind, LmSpec, Record, Value};
use crate::vm::{Called, Context, Native};

pub const NATIVES: &[Native] = &[
    immediate("_embedder", |cx, _| {
        Ok(cx.settings.get("embedder").cloned().unwrap_or_default())
    }),
    call("_embed", embed),
];

/// `embed(["a", "b"])`
fn embed(cx: Context<'_>, args: Vec<Value>) -> BoxFuture<'static, Called> {
    let settings = cx.settings.clone();
    let asked = || {
        let lm = embedder(settings.get("embedder"))?;
        let texts: Vec<String> = texts(&args, 0)?.into_iter().map(ToString::to_string).collect();
        if let Some(budget) = Budget::of(&settings) {
            (0..lm::batches(&texts)).try_for_each(|_| budget.admit())?;
        }
        Ok(cx.client.embed(&lm, texts, CallSettings::of(&lm, &settings)?))
    };
    let placing = asked();
    Box::pin(async move {
        let Placed { vectors, mut queries } = match placing {
            Ok(placing) => placing.await,
            Err(fault) => return (Err(fault), Vec::new()),
        };
        for query in &mut queries {
            query.span = span(&settings).map(|span| span.id);
            if query.error.is_none() {
                tally(&settings, &query.name, query.cached, &query.usage);
            }
        }
        if let Some(budget) = Budget::of(&settings) {
            let cost = queries.iter().filter_map(|query| query.usage.cost).sum();
            budget.add(Spent { calls: 0, cost });
            if let Err(fault) = vectors.as_ref()
                && fault.kind == FaultKind::Budget
            {
                budget.refused(fault);
            }
        }
        let vector = |vector: Vec<f64>| Value::list(vector.into_iter().map(Value::Float));
        let vectors = vectors.map(|vectors| Value::list(vectors.into_iter().map(vector)));
        (vectors, queries)
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
