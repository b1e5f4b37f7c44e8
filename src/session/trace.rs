//! `--trace FILE`: every call of a model as one line of JSON, those that failed too, in program order.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value as Json, json};

use crate::host::{Access, Host, HostResult};
use crate::trace::Call;

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

    pub(super) fn add(&self, call: &Call) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        *lines += &line(call).to_string();
        lines.push('\n');
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

fn line(call: &Call) -> Json {
    json!({
        "timestamp": call.timestamp(),
        "seconds": (call.seconds * 1e6).round() / 1e6,
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
}
