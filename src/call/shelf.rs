//! The response cache: answers by key, the last of them in memory, all in a store that the processes of this machine
//! share. Trouble with it is said once and costs nothing but the cache.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use super::Key;
use super::recent::Recent;
use crate::host::{Held, Host, HostError, HostResult, Store, Stream};

/// The store's file in the cache folder.
pub const FILE: &str = "responses.sqlite3";

/// Bytes of it that are kept, unless the environment says otherwise.
const MOST: u64 = 2_000_000_000;

/// After how many new answers it is looked whether there are too many.
const TRIMMED: u64 = 256;

pub(super) struct Shelf {
    host: Arc<dyn Host>,
    recent: Recent,
    /// Opened at the first call; `None` if it cannot be.
    opened: OnceLock<Option<Opened>>,
    complained: AtomicBool,
    /// How many answers were put there.
    put: AtomicU64,
}

struct Opened {
    store: Arc<dyn Store>,
    bounds: Bounds,
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
            recent: Recent::default(),
            opened: OnceLock::new(),
            complained: AtomicBool::new(false),
            put: AtomicU64::new(0),
        }
    }

    fn opened(&self) -> Option<&Opened> {
        self.opened
            .get_or_init(|| {
                let store = self.kept(self.open())?;
                let bounds = Bounds::of(self.host.as_ref());
                bounds.wrong.iter().for_each(|wrong| self.warn(wrong));
                self.kept(store.trim(bounds.oldest, bounds.most));
                Some(Opened { store, bounds })
            })
            .as_ref()
    }

    fn open(&self) -> HostResult<Arc<dyn Store>> {
        self.host.store(&self.host.cache_dir()?.join(FILE))
    }

    fn warn(&self, wrong: &str) {
        if !self.complained.swap(true, Ordering::Relaxed) {
            // Where even this cannot be said, there is nobody to hear it.
            let _unheard = self.host.print(Stream::Err, &format!("warning: {wrong}\n"));
        }
    }

    /// How old an answer may be.
    pub(super) fn oldest(&self) -> Option<Duration> {
        self.opened().and_then(|opened| opened.bounds.oldest)
    }

    /// An answer that is kept; the first that is looked for in the store goes into memory.
    pub(super) fn get<A: DeserializeOwned>(&self, key: &Key) -> Option<A> {
        let opened = self.opened();
        let since = |oldest: Duration| self.host.elapsed().saturating_sub(oldest);
        let oldest = opened.and_then(|opened| opened.bounds.oldest).map(since);
        if let Some(bytes) = self.recent.get(key, oldest) {
            return serde_json::from_slice(&bytes).ok();
        }
        let bytes = self.kept(opened?.store.get(key.as_str()))??;
        let answer = serde_json::from_slice(&bytes).ok()?;
        self.recent.put(key, bytes.into(), self.host.elapsed());
        Some(answer)
    }

    /// Waits until what was put is kept.
    pub(super) fn flush(&self) {
        if let Some(Some(opened)) = self.opened.get() {
            self.kept(opened.store.flush());
        }
    }

    /// Keeps an answer; what is held is let go when it is in the store.
    pub(super) fn put(&self, key: &Key, answer: &impl Serialize, held: Option<Held>) {
        let Ok(bytes) = serde_json::to_vec(answer) else {
            return;
        };
        let bytes: Arc<[u8]> = bytes.into();
        if let Some(Opened { store, bounds }) = self.opened() {
            self.kept(match held {
                Some(held) => store.put_held(key.as_str(), bytes.clone(), held),
                None => store.put(key.as_str(), bytes.clone()),
            });
            if (self.put.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(TRIMMED) {
                let (store, oldest, most) = (store.clone(), bounds.oldest, bounds.most);
                // What cannot be trimmed now is trimmed by the next process.
                self.host.work(Box::new(move || drop(store.trim(oldest, most))));
            }
        }
        self.recent.put(key, bytes, self.host.elapsed());
    }

    fn kept<T>(&self, result: HostResult<T>) -> Option<T> {
        result.map_err(|error| self.complain(&error)).ok()
    }

    fn complain(&self, error: &HostError) {
        self.warn(&format!("the response cache is left aside: {error}"));
    }
}

impl Drop for Shelf {
    /// The store writes behind: what it could not write at the end is said, too.
    fn drop(&mut self) {
        self.flush();
    }
}
