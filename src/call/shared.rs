//! The cache that several machines share: `cache: "redis://…"`. One that cannot be used is said so once, is left alone for a
//! while, and costs nothing but itself.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::Key;
use crate::host::{Access, Host, HostResult, Shared, Stream};

/// What stands before the keys, so that others can use the same server.
const PREFIX: &str = "dsp:";

const LEFT_ALONE: Duration = Duration::from_secs(30);

/// One of the shared caches of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedId(usize);

/// The shared caches that a session uses, by address.
#[derive(Default)]
pub(super) struct SharedCaches(Mutex<Opened>);

#[derive(Default)]
struct Opened {
    ids: HashMap<String, SharedId>,
    caches: Vec<Arc<SharedCache>>,
}

pub(super) struct SharedCache {
    host: Arc<dyn Host>,
    server: Arc<dyn Shared>,
    /// It is not asked before.
    rests: Mutex<Duration>,
    complained: AtomicBool,
}

impl SharedCaches {
    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cache at an address, if the script may use it.
    pub(super) fn at(&self, host: &Arc<dyn Host>, url: &str) -> HostResult<SharedId> {
        let mut opened = self.opened();
        if let Some(id) = opened.ids.get(url) {
            return Ok(*id);
        }
        let server = host.shared(Access::Script, url)?;
        let id = SharedId(opened.caches.len());
        opened.caches.push(Arc::new(SharedCache {
            host: host.clone(),
            server,
            rests: Mutex::default(),
            complained: AtomicBool::new(false),
        }));
        opened.ids.insert(url.to_owned(), id);
        Ok(id)
    }

    pub(super) fn get(&self, id: SharedId) -> Option<Arc<SharedCache>> {
        self.opened().caches.get(id.0).cloned()
    }
}

impl SharedCache {
    fn rests(&self) -> MutexGuard<'_, Duration> {
        self.rests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_left_alone(&self) -> bool {
        self.host.elapsed() < *self.rests()
    }

    pub(super) async fn get<A: DeserializeOwned>(&self, key: &Key) -> Option<A> {
        if self.is_left_alone() {
            return None;
        }
        let found = self.server.get(&format!("{PREFIX}{}", key.as_str())).await;
        serde_json::from_slice(&self.kept(found)??).ok()
    }

    pub(super) async fn put(&self, key: &Key, bytes: Vec<u8>, lasting: Option<Duration>) {
        if !self.is_left_alone() {
            let key = format!("{PREFIX}{}", key.as_str());
            self.kept(self.server.put(&key, bytes, lasting).await);
        }
    }

    fn kept<T>(&self, result: HostResult<T>) -> Option<T> {
        let failed = |error| {
            *self.rests() = self.host.elapsed() + LEFT_ALONE;
            if !self.complained.swap(true, Ordering::Relaxed) {
                let text = format!("warning: the shared cache is left aside: {error}\n");
                // Where even this cannot be said, there is nobody to hear it.
                let _unheard = self.host.print(Stream::Err, &text);
            }
        };
        result.map_err(failed).ok()
    }
}
