//! The one writer of a store: what is put is written in groups, a transaction each, on a thread of its own. A process that
//! is killed loses what was put in its last `GROUP` and the time of a commit; one that ends writes everything. A value that
//! something is held for is written as soon as the thread is free, with all that came until then.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use indexmap::IndexMap;

use crate::host::{Held, HostError, HostResult};

/// How long a group is waited for after its first entry.
const GROUP: Duration = Duration::from_millis(5);

/// Values by key, in the order in which they came, each with the second when it did.
pub(super) type Entries = IndexMap<String, (Arc<[u8]>, i64)>;

/// Writes a group.
pub(super) type Commit = dyn Fn(&Entries) -> HostResult<()> + Send + Sync;

pub(super) struct Writer {
    shared: Arc<Shared>,
    commit: Arc<Commit>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Entries,
    /// What is let go when that is written.
    held: Vec<Held>,
    /// What is being written just now.
    under_way: Arc<Entries>,
    /// Somebody waits for what waits to be written.
    hurry: bool,
    over: bool,
    /// Why a group could not be written, until somebody was told.
    failure: Option<HostError>,
    /// A group could not be written: nothing more is.
    given_up: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    pub(super) fn new(commit: Arc<Commit>) -> Writer {
        Writer {
            shared: Arc::default(),
            commit,
            thread: Mutex::default(),
        }
    }

    /// What was put and is perhaps not written yet.
    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let state = self.shared.state();
        let entry = state.waiting.get(key).or_else(|| state.under_way.get(key));
        entry.map(|(value, _)| value.to_vec())
    }

    /// Takes an entry; the error is that of an earlier one.
    pub(super) fn put(&self, key: &str, value: Arc<[u8]>, at: i64, held: Option<Held>) -> HostResult<()> {
        let mut state = self.shared.state();
        if let Some(failure) = state.failure.take() {
            return Err(failure);
        }
        if state.given_up {
            return Ok(());
        }
        let first = state.waiting.is_empty();
        let hurries = held.is_some() && !state.hurry;
        state.waiting.insert(key.to_owned(), (value, at));
        state.hurry |= hurries;
        state.held.extend(held);
        drop(state);
        if !first {
            if hurries {
                self.shared.changed.notify_all();
            }
            return Ok(());
        }
        match self.start() {
            true => self.shared.changed.notify_all(),
            // A system that gives no thread: it is done here.
            false => write_group(&self.shared, self.commit.as_ref()),
        }
        Ok(())
    }

    /// Waits until everything that was put is written.
    pub(super) fn flush(&self) -> HostResult<()> {
        let mut state = self.shared.state();
        while !(state.waiting.is_empty() && state.under_way.is_empty()) {
            state.hurry = true;
            self.shared.changed.notify_all();
            state = self.shared.wait(state);
        }
        state.failure.take().map_or(Ok(()), Err)
    }

    /// Whether the thread is there.
    fn start(&self) -> bool {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let (shared, commit) = (self.shared.clone(), self.commit.clone());
            let named = std::thread::Builder::new().name("dsp-cache".to_owned());
            *thread = named.spawn(move || write_groups(&shared, commit.as_ref())).ok();
        }
        thread.is_some()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.state().over = true;
        self.shared.changed.notify_all();
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A writer that panicked has nothing more to write.
            let _ended = thread.join();
        }
    }
}

fn write_groups(shared: &Shared, commit: &Commit) {
    loop {
        let mut state = shared.state();
        while state.waiting.is_empty() {
            if state.over {
                return;
            }
            state = shared.wait(state);
        }
        if !state.over && !state.hurry {
            let waited = shared
                .changed
                .wait_timeout_while(state, GROUP, |state| !state.over && !state.hurry);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        write_group(shared, commit);
    }
}

fn write_group(shared: &Shared, commit: &Commit) {
    let (group, held) = {
        let mut state = shared.state();
        state.hurry = false;
        state.under_way = Arc::new(std::mem::take(&mut state.waiting));
        (state.under_way.clone(), std::mem::take(&mut state.held))
    };
    let outcome = commit(&group);
    let mut state = shared.state();
    state.under_way = Arc::default();
    if let Err(failure) = outcome {
        state.failure = Some(failure);
        state.given_up = true;
        state.waiting.clear();
    }
    drop(state);
    drop(held);
    shared.changed.notify_all();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostErrorKind;

    /// A writer, and what it wrote: the keys of each group.
    fn recording(failing: bool) -> (Writer, Arc<Mutex<Vec<Vec<String>>>>) {
        let groups: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let written = groups.clone();
        let commit = move |group: &Entries| {
            written.lock().unwrap().push(group.keys().cloned().collect());
            match failing {
                true => Err(HostError::new(HostErrorKind::DiskFull, "no room")),
                false => Ok(()),
            }
        };
        (Writer::new(Arc::new(commit)), groups)
    }

    #[test]
    fn what_is_put_is_there_at_once_and_is_written_before_the_end() {
        let (writer, groups) = recording(false);
        for n in 0..1000 {
            writer.put(&format!("{n}"), Arc::from(*b"v"), 0, None).unwrap();
            assert_eq!(writer.get(&format!("{n}")).as_deref(), Some(&b"v"[..]));
        }
        drop(writer);
        let groups = groups.lock().unwrap();
        let keys: Vec<&String> = groups.iter().flatten().collect();
        assert_eq!(keys.len(), 1000);
        assert!(keys.iter().enumerate().all(|(n, key)| **key == n.to_string()));
        assert!(groups.len() < 1000, "each entry was written by itself");
    }

    #[test]
    fn a_group_that_cannot_be_written_is_told_of_once_and_nothing_more_is_tried() {
        let (writer, groups) = recording(true);
        writer.put("a", Arc::from(*b"v"), 0, None).unwrap();
        assert_eq!(writer.flush().unwrap_err().message, "no room");
        let held = Arc::new(());
        writer
            .put("b", Arc::from(*b"v"), 0, Some(Box::new(held.clone())))
            .unwrap();
        assert_eq!(Arc::strong_count(&held), 1);
        writer.flush().unwrap();
        drop(writer);
        assert_eq!(groups.lock().unwrap().len(), 1);
    }

    #[test]
    fn what_is_held_is_let_go_behind_the_write() {
        struct Place(Arc<Mutex<Vec<Vec<String>>>>, std::sync::mpsc::Sender<Vec<String>>);
        impl Drop for Place {
            fn drop(&mut self) {
                self.1.send(self.0.lock().unwrap().concat()).unwrap();
            }
        }
        let (writer, groups) = recording(false);
        let (sender, written) = std::sync::mpsc::channel();
        for n in 0..100 {
            let (key, place) = (format!("{n}"), Place(groups.clone(), sender.clone()));
            writer.put(&key, Arc::from(*b"v"), 0, Some(Box::new(place))).unwrap();
            assert!(written.recv().unwrap().contains(&key));
        }
    }
}
