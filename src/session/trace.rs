//! `--trace FILE`: every request for an answer as a line of JSON, those in vain too, and every span behind all that was
//! done in it, in program order.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value as Json, json};

use crate::host::{Access, Host, HostResult};
use crate::trace::{Call, Event, Span};

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
            Event::Span(span, error) => vec![over(span, error)],
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

fn over(span: &Span, error: Option<&str>) -> Json {
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
        "outcome": if error.is_some() { "failed" } else { "ok" },
        "error": error,
    })
}

/// To the microsecond.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
