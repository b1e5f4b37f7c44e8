//! A store that is lost with the test.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::host::{HostResult, Store};

#[derive(Default)]
pub(super) struct MemoryStore {
    entries: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl MemoryStore {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &str) -> HostResult<Option<Vec<u8>>> {
        Ok(self.entries().get(key).cloned())
    }

    fn put(&self, key: &str, value: &[u8]) -> HostResult<()> {
        self.entries().insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    fn append(&self, values: &[Vec<u8>], keep: usize) -> HostResult<()> {
        let mut entries = self.entries();
        for value in values {
            let next = entries
                .last_key_value()
                .map_or(0, |(last, _)| last.parse::<u64>().unwrap_or(0) + 1);
            entries.insert(format!("{next:020}"), value.clone());
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
            .cloned()
            .collect())
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
            entries.iter().map(|(k, v)| (k.len() + v.len()) as u64).sum(),
        ))
    }
}
