//! The answers that were used last, in memory and bounded. Two generations: what is used moves to the young one, and when
//! that is full, the old one goes and the young one is old.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxBuildHasher;

use super::Key;

/// Bytes of one generation.
const MOST: usize = 8 << 20;

/// What an entry takes beside its bytes, about.
const ENTRY: usize = 200;

#[derive(Default)]
pub(super) struct Recent {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    young: Generation,
    old: Generation,
    /// Bytes of the young ones.
    size: usize,
}

type Generation = HashMap<Key, Entry, FxBuildHasher>;

#[derive(Clone)]
struct Entry {
    bytes: Arc<[u8]>,
    /// When it came here.
    at: Duration,
}

impl Recent {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept under a key, if it came after `oldest`.
    pub(super) fn get(&self, key: &Key, oldest: Option<Duration>) -> Option<Arc<[u8]>> {
        let mut state = self.state();
        if let Some(entry) = state.young.get(key) {
            let fresh = oldest.is_none_or(|oldest| entry.at >= oldest);
            return fresh.then(|| entry.bytes.clone());
        }
        let entry = state.old.remove(key)?;
        let fresh = oldest.is_none_or(|oldest| entry.at >= oldest);
        fresh.then(|| {
            let bytes = entry.bytes.clone();
            state.add(key, entry);
            bytes
        })
    }

    pub(super) fn put(&self, key: &Key, bytes: Arc<[u8]>, at: Duration) {
        let entry = Entry { bytes, at };
        self.state().add(key, entry);
    }
}

impl State {
    fn add(&mut self, key: &Key, entry: Entry) {
        let size = ENTRY + entry.bytes.len();
        if size > MOST {
            return;
        }
        if self.size + size > MOST {
            self.old = std::mem::take(&mut self.young);
            self.size = 0;
        }
        self.size += size;
        if let Some(before) = self.young.insert(key.clone(), entry) {
            self.size -= ENTRY + before.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: usize) -> Key {
        Key::of(&n).unwrap()
    }

    #[test]
    fn what_is_used_stays_and_what_is_not_goes() {
        let recent = Recent::default();
        let megabyte = || vec![0; 1 << 20];
        for n in 0..100 {
            recent.put(&key(n), megabyte().into(), Duration::ZERO);
            assert!(recent.get(&key(0), None).is_some(), "after {n}");
        }
        let kept = (0..100).filter(|n| recent.get(&key(*n), None).is_some()).count();
        assert!((7..17).contains(&kept), "{kept} are kept");
        assert!(recent.get(&key(99), None).is_some() && recent.get(&key(50), None).is_none());
    }

    #[test]
    fn what_is_too_old_is_not_given() {
        let (recent, second) = (Recent::default(), Duration::from_secs(1));
        recent.put(&key(1), Arc::new([1]), second);
        assert!(recent.get(&key(1), Some(second)).is_some());
        assert!(recent.get(&key(1), Some(second * 2)).is_none());
    }
}
