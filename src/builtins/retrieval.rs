//! `stdlib/retrieval.dsp`: passages from the retrievers that the host brings along.

use super::args::{given, misfit, size, text};
use super::files::ready;
use super::{call, immediate};
use crate::diag::{Fault, FaultKind};
use crate::host::BoxFuture;
use crate::retrieve::{Named, Passage};
use crate::value::Value;
use crate::vm::{Context, Dry, Native};

pub const NATIVES: &[Native] = &[
    immediate("retriever", |cx, args| cx.retrievers.value(text(args, 0)?)),
    call("search", search).dry(Dry::Unanswered),
];

/// `search(query, k, rm)`
fn search(cx: Context<'_>, args: Vec<Value>) -> BoxFuture<'static, Result<Value, Fault>> {
    match found(&cx, &args) {
        Ok(passages) => Box::pin(async move { Ok(Value::list(passages.await?.into_iter().map(passage))) }),
        Err(fault) => ready(Err(fault)),
    }
}

type Found = BoxFuture<'static, Result<Vec<Passage>, Fault>>;

fn found(cx: &Context<'_>, args: &[Value]) -> Result<Found, Fault> {
    let (query, k) = (text(args, 0)?.to_string(), size(args, 1, "k")?);
    let set = || cx.settings.get("rm").filter(|rm| !rm.is_none());
    let Some(rm) = given(args, 2).or_else(set) else {
        let fault = Fault::new(FaultKind::State, "no retriever is configured");
        return Err(fault.help("name one: `configure(rm: …)`, or `search(query, rm: …)`"));
    };
    let retriever = Named::of(rm).ok_or_else(|| misfit("Retriever", rm))?;
    Ok(retriever.search(query, k))
}

fn passage(found: Passage) -> Value {
    Value::record([
        ("text", Value::str(found.text)),
        ("score", Value::Float(found.score)),
        ("id", found.id.map_or(Value::None, Value::str)),
        ("meta", found.meta),
    ])
}
