//! A store that is lost with the test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::Clock;

use crate::host::{BoxFuture, HostResult, Shared, Store};

pub(super) struct MemoryStore {
    clock: Arc<Clock>,
    entries: Mutex<BTreeMap<String, Entry>>,
}

/// A value, and when it was put here.
type Entry = (Vec<u8>, Duration);

impl MemoryStore {
    pub(super) fn new(clock: Arc<Clock>) -> MemoryStore {
        MemoryStore {
            clock,
            entries: Mutex::default(),
        }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever shares it finds what the others put there.
impl Shared for MemoryStore {
    fn get(&self, key: &str) -> BoxFuture<'static, HostResult<Option<Vec<u8>>>> {
        Box::pin(std::future::ready(Store::get(self, key)))
    }

    fn put(&self, key: &str, value: Vec<u8>, _: Option<Duration>) -> BoxFuture<'static, HostResult<()>> {
        Box::pin(std::future::ready(Store::put(self, key, value.into())))
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &str) -> HostResult<Option<Vec<u8>>> {
        Ok(self.entries().get(key).map(|(value, _)| value.clone()))
    }

    fn put(&self, key: &str, value: Arc<[u8]>) -> HostResult<()> {
        self.entries()
            .insert(key.to_owned(), (value.to_vec(), self.clock.now()));
        Ok(())
    }

    fn append(&self, values: &[Vec<u8>], keep: usize) -> HostResult<()> {
        let mut entries = self.entries();
        for value in values {
            let next = entries
                .last_key_value()
                .map_or(0, |(last, _)| last.parse::<u64>().unwrap_or(0) + 1);
            entries.insert(format!("{next:020}"), (value.clone(), self.clock.now()));
        }
        while entries.len() > keep {
            entries.pop_first();
        }
        Ok(())
    }

    fn last(&self, n: usize) -> HostResult<Vec<Vec<u8>>> {
        let entries = self.entries();
        Ok(entries
            .values()
            .skip(entries.len().saturating_sub(n))
            .map(|(value, _)| value.clone())
            .collect())
    }

    fn trim(&self, oldest: Option<Duration>, most: u64) -> HostResult<()> {
        let now = self.clock.now();
        let mut entries = self.entries();
        entries.retain(|_, (_, at)| oldest.is_none_or(|oldest| now.saturating_sub(*at) <= oldest));
        while entries
            .iter()
            .map(|(key, (value, _))| (key.len() + value.len()) as u64)
            .sum::<u64>()
            > most
        {
            let first = entries
                .iter()
                .min_by_key(|(_, (_, at))| *at)
                .map(|(key, _)| key.clone());
            let Some(first) = first else { break };
            entries.remove(&first);
        }
        Ok(())
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &[u8])) -> HostResult<()> {
        self.entries().iter().for_each(|(key, (value, _))| visit(key, value));
        Ok(())
    }

    fn clear(&self) -> HostResult<u64> {
        let mut entries = self.entries();
        let count = entries.len() as u64;
        entries.clear();
        Ok(count)
    }

    fn stats(&self) -> HostResult<(u64, u64)> {
        let entries = self.entries();
        Ok((
            entries.len() as u64,
            entries.iter().map(|(k, (v, _))| (k.len() + v.len()) as u64).sum(),
        ))
    }
}
