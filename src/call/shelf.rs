//! The response cache: answers by key in a store that all processes share. Trouble with it is said once and costs
//! nothing but the cache.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use serde::{Serialize, de::DeserializeOwned};

use super::Key;
use crate::host::{Host, HostError, HostResult, Store, Stream};

/// The store's file in the cache folder.
pub const FILE: &str = "responses.sqlite3";

pub(super) struct Shelf {
    host: Arc<dyn Host>,
    /// Opened at the first call; `None` if it cannot be.
    store: OnceLock<Option<Arc<dyn Store>>>,
    complained: AtomicBool,
}

impl Shelf {
    pub(super) fn new(host: Arc<dyn Host>) -> Shelf {
        Shelf {
            host,
            store: OnceLock::new(),
            complained: AtomicBool::new(false),
        }
    }

    fn store(&self) -> Option<&Arc<dyn Store>> {
        let open = || self.host.store(&self.host.cache_dir()?.join(FILE));
        self.store.get_or_init(|| self.kept(open())).as_ref()
    }

    pub(super) fn get<A: DeserializeOwned>(&self, key: &Key) -> Option<A> {
        let bytes = self.kept(self.store()?.get(key.as_str()))??;
        serde_json::from_slice(&bytes).ok()
    }

    pub(super) fn put(&self, key: &Key, answer: &impl Serialize) {
        let Some(store) = self.store() else { return };
        if let Ok(bytes) = serde_json::to_vec(answer) {
            self.kept(store.put(key.as_str(), &bytes));
        }
    }

    fn kept<T>(&self, result: HostResult<T>) -> Option<T> {
        result.map_err(|error| self.complain(&error)).ok()
    }

    fn complain(&self, error: &HostError) {
        if !self.complained.swap(true, Ordering::Relaxed) {
            let text = format!("warning: the response cache is left aside: {error}\n");
            // Where even this cannot be said, there is nobody to hear it.
            let _unheard = self.host.print(Stream::Err, &text);
        }
    }
}
