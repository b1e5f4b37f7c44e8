//! The responses that are kept on disk, as `dsp cache` sees them.

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::call::RESPONSES;
use crate::evaluate::search::FOLDER as SEARCHES;
use crate::host::{Access, Host, HostResult};

/// Where the responses are.
pub fn cache_path(host: &dyn Host) -> HostResult<PathBuf> {
    Ok(host.cache_dir()?.join(RESPONSES))
}

/// How many responses there are, and how many bytes they take.
pub fn cache_stats(host: &dyn Host) -> HostResult<(u64, u64)> {
    let path = cache_path(host)?;
    match host.exists(Access::Own, &path) {
        true => host.store(&path)?.stats(),
        false => Ok((0, 0)),
    }
}

/// Forgets all responses, and the journals of searches that were stopped; says how many responses there were.
pub fn cache_clear(host: &dyn Host) -> HostResult<u64> {
    let journals = host.cache_dir()?.join(SEARCHES);
    if host.exists(Access::Own, &journals) {
        for journal in host.list(Access::Own, &journals)? {
            host.remove(Access::Own, &journal)?;
        }
    }
    let path = cache_path(host)?;
    match host.exists(Access::Own, &path) {
        true => host.store(&path)?.clear(),
        false => Ok(0),
    }
}

/// All responses as JSON, one a line: the key of the request, and the reply.
pub fn cache_export(host: &dyn Host, write: &mut dyn FnMut(&str)) -> HostResult<()> {
    let path = cache_path(host)?;
    if !host.exists(Access::Own, &path) {
        return Ok(());
    }
    host.store(&path)?.each(&mut |key, reply| {
        if let Ok(reply) = serde_json::from_slice::<Json>(reply) {
            write(&format!("{}\n", json!({"key": key, "reply": reply})));
        }
    })
}
