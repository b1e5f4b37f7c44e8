//! `stdlib/retrieval.dsp`: passages from the retrievers that the host brings along.

use serde_json::json;

use super::args::{given, misfit, size, text};
use super::{call, immediate};
use crate::chat::Usage;
use crate::diag::{Fault, FaultKind};
use crate::host::BoxFuture;
use crate::retrieve::{Named, Passage};
use crate::trace::{Asked, Query, Try, span};
use crate::value::Value;
use crate::vm::{Called, Context, Dry, Native};

pub const NATIVES: &[Native] = &[
    immediate("retriever", |cx, args| cx.retrievers.value(text(args, 0)?)),
    call("search", search).dry(Dry::Unanswered),
];

/// `search(query, k, rm)`
fn search(cx: Context<'_>, args: Vec<Value>) -> BoxFuture<'static, Called> {
    let (host, traced) = (cx.host.clone(), cx.history.is_observed());
    let span = span(cx.settings).map(|span| span.id);
    let begun = found(&cx, &args);
    Box::pin(async move {
        let (name, query, k, found) = match begun {
            Ok(begun) => begun,
            Err(fault) => return (Err(fault), Vec::new()),
        };
        let began = host.elapsed();
        let found = found.await;
        if !traced {
            return (found.map(passages), Vec::new());
        }
        let rows = found.iter().flatten();
        let rows = rows.map(|one| json!({"text": one.text, "score": one.score, "id": one.id}));
        let found_rows = rows.collect();
        let noted = Query {
            error: found.as_ref().err().and_then(|fault| Try::failed(&name, fault).error()),
            name: name.into(),
            asked: Asked::Search {
                query,
                k,
                found: found_rows,
            },
            cached: false,
            usage: Usage::default(),
            at: host.now(),
            seconds: host.elapsed().saturating_sub(began).as_secs_f64(),
            tries: Vec::new(),
            span,
        };
        (found.map(passages), vec![noted])
    })
}

/// The retriever's name, what it is asked, and what it will have found.
type Begun = (String, String, usize, BoxFuture<'static, Result<Vec<Passage>, Fault>>);

fn found(cx: &Context<'_>, args: &[Value]) -> Result<Begun, Fault> {
    let (query, k) = (text(args, 0)?.to_string(), size(args, 1, "k")?);
    let set = || cx.settings.get("rm").filter(|rm| !rm.is_none());
    let Some(rm) = given(args, 2).or_else(set) else {
        let fault = Fault::new(FaultKind::State, "no retriever is configured");
        return Err(fault.help("name one: `configure(rm: …)`, or `search(query, rm: …)`"));
    };
    let named = Named::of(rm).ok_or_else(|| misfit("Retriever", rm))?;
    let found = named.retriever.search(query.clone(), k);
    Ok((named.name.clone(), query, k, found))
}

fn passages(found: Vec<Passage>) -> Value {
    Value::list(found.into_iter().map(passage))
}

fn passage(found: Passage) -> Value {
    Value::record([
        ("text", Value::str(found.text)),
        ("score", Value::Float(found.score)),
        ("id", found.id.map_or(Value::None, Value::str)),
        ("meta", found.meta),
    ])
}
