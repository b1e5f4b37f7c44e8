//! The response cache: answers by key in a store that all processes share. Trouble with it is said once and costs
//! nothing but the cache.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use super::Key;
use crate::host::{Host, HostError, HostResult, Store, Stream};

/// The store's file in the cache folder.
pub const FILE: &str = "responses.sqlite3";

/// Bytes of it that are kept, unless the environment says otherwise.
const MOST: u64 = 2_000_000_000;

/// After how many uses it is looked whether there is too much.
const TRIMMED: u64 = 256;

pub(super) struct Shelf {
    host: Arc<dyn Host>,
    /// Opened at the first call; `None` if it cannot be.
    store: OnceLock<Option<Arc<dyn Store>>>,
    complained: AtomicBool,
    /// How often it was asked for something.
    used: AtomicU64,
}

/// What is kept: `DSP_CACHE_TTL=7d`, `DSP_CACHE_SIZE=500MB`.
struct Bounds {
    oldest: Option<Duration>,
    most: u64,
    wrong: Vec<String>,
}

impl Bounds {
    fn of(host: &dyn Host) -> Bounds {
        let mut wrong = Vec::new();
        let mut read = |name: &str, units: &[(&str, u64)], example: &str| {
            let text = host.env(name).filter(|text| !text.trim().is_empty())?;
            let number = with_unit(&text, units);
            if number.is_none() {
                wrong.push(format!("`{name}` is `{}`, and should be as `{example}`", text.trim()));
            }
            number
        };
        let oldest = read(
            "DSP_CACHE_TTL",
            &[("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)],
            "7d",
        );
        let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("B", 1)];
        let most = read("DSP_CACHE_SIZE", &units, "500MB");
        Bounds {
            oldest: oldest.map(Duration::from_secs),
            most: most.unwrap_or(MOST),
            wrong,
        }
    }
}

/// `7d`, `500 MB`; a number alone is of the last unit.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let (number, unit) = units
        .iter()
        .find_map(|(unit, size)| Some((text.strip_suffix(unit)?, *size)))
        .unwrap_or((text, 1));
    number.trim().parse::<u64>().ok()?.checked_mul(unit)
}

impl Shelf {
    pub(super) fn new(host: Arc<dyn Host>) -> Shelf {
        Shelf {
            host,
            store: OnceLock::new(),
            complained: AtomicBool::new(false),
            used: AtomicU64::new(0),
        }
    }

    fn store(&self) -> Option<&Arc<dyn Store>> {
        let open = || self.host.store(&self.host.cache_dir()?.join(FILE));
        let store = self.store.get_or_init(|| self.kept(open())).as_ref()?;
        let used = self.used.fetch_add(1, Ordering::Relaxed);
        if used.is_multiple_of(TRIMMED) {
            let bounds = Bounds::of(self.host.as_ref());
            bounds.wrong.iter().for_each(|wrong| self.warn(wrong));
            self.kept(store.trim(bounds.oldest, bounds.most));
        }
        Some(store)
    }

    fn warn(&self, wrong: &str) {
        if !self.complained.swap(true, Ordering::Relaxed) {
            // Where even this cannot be said, there is nobody to hear it.
            let _unheard = self.host.print(Stream::Err, &format!("warning: {wrong}\n"));
        }
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
