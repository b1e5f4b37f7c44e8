//! What calls wait for just now, for whoever shows it: a server that wants nothing for a while, a pause before another try.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// A shorter wait is nothing to speak of.
const SHORTEST: Duration = Duration::from_secs(1);

/// The waits of a session. Clones share them.
#[derive(Clone, Default)]
pub struct Waits(Arc<Mutex<Board>>);

#[derive(Default)]
struct Board {
    begun: u64,
    /// Each until when, and for what.
    under_way: BTreeMap<u64, (Duration, String)>,
    watchers: Vec<Weak<dyn Watcher>>,
}

/// Who shows what is waited for.
pub trait Watcher: Send + Sync {
    /// What is waited for now; empty if for nothing.
    fn waits(&self, what: &str);
}

/// A wait that is under way while this lives.
pub struct Wait {
    waits: Waits,
    number: u64,
}

impl Waits {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the watcher is told of every wait, for as long as it lives.
    pub fn watch(&self, watcher: &Arc<impl Watcher + 'static>) {
        let watcher: Arc<dyn Watcher> = watcher.clone();
        self.board().watchers.push(Arc::downgrade(&watcher));
    }

    /// A wait begins, from now for so long; nothing if that is not worth telling.
    pub fn begin(&self, now: Duration, pause: Duration, what: &str) -> Option<Wait> {
        if pause < SHORTEST {
            return None;
        }
        let number = {
            let mut board = self.board();
            board.begun += 1;
            let number = board.begun;
            board.under_way.insert(
                number,
                (now + pause, format!("{} s: {what}", pause.as_secs_f64().round())),
            );
            number
        };
        self.tell();
        Some(Wait {
            waits: self.clone(),
            number,
        })
    }

    /// Tells the watchers of the wait that ends last.
    fn tell(&self) {
        let (text, watchers) = {
            let mut board = self.board();
            board.watchers.retain(|watcher| watcher.strong_count() > 0);
            let text = match board.under_way.values().max_by_key(|(until, _)| *until) {
                Some((_, longest)) => match board.under_way.len() {
                    1 => format!("1 call waits {longest}"),
                    n => format!("{n} calls wait {longest}"),
                },
                None => String::new(),
            };
            (text, board.watchers.clone())
        };
        for watcher in watchers.iter().filter_map(Weak::upgrade) {
            watcher.waits(&text);
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.waits.board().under_way.remove(&self.number);
        self.waits.tell();
    }
}
