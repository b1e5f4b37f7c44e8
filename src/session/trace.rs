//! `--trace FILE`: every request for an answer as a line of JSON, those in vain too, and every span behind all that was
//! done in it, in program order.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value as Json, json};

use crate::host::{Access, Host, HostResult};
use crate::trace::{Asked, Call, Event, Outcome, Query, Span};

/// Bytes that are written at once.
const BLOCK: usize = 64 << 10;

/// The lines that are not written yet.
pub(super) struct Trace {
    host: Arc<dyn Host>,
    path: PathBuf,
    lines: Mutex<String>,
}

impl Trace {
    /// Begins the file anew.
    pub(super) fn begin(host: Arc<dyn Host>, path: PathBuf) -> HostResult<Trace> {
        host.write(Access::Own, &path, b"")?;
        let lines = Mutex::default();
        Ok(Trace { host, path, lines })
    }

    pub(super) fn add(&self, event: Event<'_>) {
        let added = match event {
            Event::Call(call) => calls(call),
            Event::Query(query) => queries(query),
            Event::Span(span, outcome) => vec![over(span, outcome)],
        };
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        for line in added {
            *lines += &line.to_string();
            lines.push('\n');
        }
        if lines.len() >= BLOCK {
            self.write(&mut lines);
        }
    }

    fn write(&self, lines: &mut String) {
        // That the file can be written was seen when it was begun; a full disk costs the trace alone.
        let _lost = self.host.append(Access::Own, &self.path, lines.as_bytes());
        lines.clear();
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let mut lines = std::mem::take(self.lines.get_mut().unwrap_or_else(PoisonError::into_inner));
        if !lines.is_empty() {
            self.write(&mut lines);
        }
    }
}

/// A call as often as it was asked.
fn calls(call: &Call) -> Vec<Json> {
    let each = call.each();
    let line = |(i, call): (usize, &Call)| {
        json!({
            "type": "call",
            "span": call.span,
            "attempt": i + 1,
            "timestamp": call.timestamp(),
            "seconds": rounded(call.seconds),
            "path": call.path,
            "model": call.model,
            "messages": call.messages,
            "reply": call.reply,
            "calls": call.calls,
            "usage": {"prompt_tokens": call.usage.prompt_tokens, "completion_tokens": call.usage.completion_tokens},
            "cost": call.usage.cost,
            "estimated": call.usage.estimated,
            "cached": call.cached,
            "requests": call.requests,
            "error": call.error,
        })
    };
    each.iter().enumerate().map(line).collect()
}

/// Texts that were placed, or a search, as often as that was asked.
fn queries(query: &Query) -> Vec<Json> {
    let line = |(i, one): (usize, &Query)| match &one.asked {
        Asked::Embedding(asked) => json!({
            "type": "embedding",
            "span": one.span,
            "attempt": i + 1,
            "timestamp": one.timestamp(),
            "seconds": rounded(one.seconds),
            "model": one.name,
            "texts": asked.texts,
            "usage": {"prompt_tokens": one.usage.prompt_tokens},
            "cost": one.usage.cost,
            "estimated": one.usage.estimated,
            "cached": one.cached,
            "error": one.error,
        }),
        Asked::Search { query, k, found } => json!({
            "type": "retrieval",
            "span": one.span,
            "timestamp": one.timestamp(),
            "seconds": rounded(one.seconds),
            "retriever": one.name,
            "query": query,
            "k": k,
            "passages": found,
            "error": one.error,
        }),
    };
    query.each().iter().enumerate().map(line).collect()
}

fn over(span: &Span, outcome: Outcome<'_>) -> Json {
    let (start, end, seconds) = span.times();
    json!({
        "type": "span",
        "id": span.id,
        "parent": span.parent(),
        "kind": span.kind,
        "name": span.name,
        "path": span.path,
        "start": start,
        "end": end,
        "seconds": rounded(seconds),
        "outcome": outcome.name(),
        "error": outcome.error(),
    })
}

/// To the microsecond.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
