//! Single flight: the same request, while it is on its way, is sent once; all who asked get its answer or its failure.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use rustc_hash::FxBuildHasher;

use super::{Answered, Key, Storable};
use crate::diag::Fault;
use crate::host::BoxFuture;

/// What comes of a flight is kept beside it: the room for it would be taken as long as it is under way.
type Sent<A> = BoxFuture<'static, Arc<Result<Answered<A>, Fault>>>;

/// What is on its way.
pub(super) struct Flights<A: Storable> {
    board: Mutex<Board<A>>,
}

struct Board<A: Storable> {
    started: u64,
    /// Each with its number, so that a flight takes off the board only itself.
    under_way: HashMap<Key, (u64, WeakShared<Sent<A>>), FxBuildHasher>,
}

/// A part in a flight. When all who have one let go, it is cancelled.
pub(super) struct Flight<A: Storable> {
    shared: Shared<Sent<A>>,
    /// Another had started it.
    pub joined: bool,
}

impl<A: Storable> Flight<A> {
    /// What came of it, as if each had sent it.
    pub(super) async fn landed(self) -> Result<Answered<A>, Fault> {
        Arc::unwrap_or_clone(self.shared.await)
    }

    /// What came of it; who joined did not pay for it.
    pub(super) async fn shared_out(self) -> Result<Answered<A>, Fault> {
        let joined = self.joined;
        let sent = self.landed().await?;
        Ok(match joined {
            true => Answered {
                cached: true,
                requests: 0,
                ..sent
            },
            false => sent,
        })
    }
}

impl<A: Storable> Default for Flights<A> {
    fn default() -> Self {
        Flights {
            board: Mutex::new(Board {
                started: 0,
                under_way: HashMap::default(),
            }),
        }
    }
}

impl<A: Storable> Flights<A> {
    fn board(&self) -> MutexGuard<'_, Board<A>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the flight of this key, or starts it.
    pub(super) fn join(
        self: &Arc<Self>,
        key: &Key,
        start: impl FnOnce() -> BoxFuture<'static, Result<Answered<A>, Fault>>,
    ) -> Flight<A> {
        let mut board = self.board();
        if let Some(shared) = board.under_way.get(key).and_then(|(_, weak)| weak.upgrade()) {
            return Flight { shared, joined: true };
        }
        board.started += 1;
        let number = board.started;
        let landing = Landing {
            flights: self.clone(),
            key: key.clone(),
            number,
        };
        let sent = start();
        let sent: Sent<A> = Box::pin(async move {
            let _landing = landing;
            Arc::new(sent.await)
        });
        let shared = sent.shared();
        if let Some(weak) = shared.downgrade() {
            board.under_way.insert(key.clone(), (number, weak));
        }
        Flight { shared, joined: false }
    }
}

/// Takes the flight off the board when it is over or given up.
struct Landing<A: Storable> {
    flights: Arc<Flights<A>>,
    key: Key,
    number: u64,
}

impl<A: Storable> Drop for Landing<A> {
    fn drop(&mut self) {
        let mut board = self.flights.board();
        if board
            .under_way
            .get(&self.key)
            .is_some_and(|(number, _)| *number == self.number)
        {
            board.under_way.remove(&self.key);
        }
    }
}
