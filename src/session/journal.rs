//! The calls of sessions in a store that outlives them, bounded: what `dsp history` shows. It holds what was said and
//! answered, never a key.

use std::path::PathBuf;
use std::sync::Arc;

use crate::host::{Access, Host, HostResult};
use crate::trace::{Call, History};

/// The store's file in the cache folder.
const FILE: &str = "history.sqlite3";
/// How many calls are kept.
const KEPT: usize = 200;

/// Writes what a session asked when it ends, whichever way it does.
pub(super) struct Journal {
    pub host: Arc<dyn Host>,
    pub history: Arc<History>,
}

impl Drop for Journal {
    fn drop(&mut self) {
        let calls = self.history.last(KEPT);
        let lines: Vec<Vec<u8>> = calls.iter().filter_map(|call| serde_json::to_vec(call).ok()).collect();
        if !lines.is_empty() {
            // A history that cannot be written costs nothing but itself.
            let _unkept = path(self.host.as_ref())
                .and_then(|path| self.host.store(&path))
                .and_then(|store| store.append(&lines, KEPT));
        }
    }
}

fn path(host: &dyn Host) -> HostResult<PathBuf> {
    Ok(host.cache_dir()?.join(FILE))
}

/// The last `n` calls of all sessions that kept a history, oldest first.
pub fn history(host: &dyn Host, n: usize) -> HostResult<Vec<Call>> {
    let path = path(host)?;
    if !host.exists(Access::Own, &path) {
        return Ok(Vec::new());
    }
    let lines = host.store(&path)?.last(n)?;
    Ok(lines
        .iter()
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect())
}
