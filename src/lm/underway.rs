//! Texts whose places are being asked for: who wants one of them meanwhile waits for that answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{Shared, WeakShared};

use crate::call::Key;
use crate::chat::Embeddings;
use crate::diag::Fault;
use crate::host::BoxFuture;
use crate::trace::Query;

/// What came of a request, and what is known of how.
pub(super) type Placing = BoxFuture<'static, (Result<Embeddings, Fault>, Query)>;

/// One text of a request.
#[derive(Clone)]
pub(super) struct One {
    pub request: Shared<Placing>,
    /// Its place among the texts of the request.
    pub at: usize,
}

type Board = HashMap<Key, (WeakShared<Placing>, usize)>;

/// All of them, by the keys under which they will be kept. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Underway(Arc<Mutex<Board>>);

impl Underway {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, key: &Key) -> Option<One> {
        let board = self.board();
        let (request, at) = board.get(key)?;
        let request = request.upgrade()?;
        Some(One { request, at: *at })
    }

    /// The texts of a request set out, in their order; they are under way for as long as what is returned lives.
    pub(super) fn set_out(&self, keys: Vec<Key>, request: &Shared<Placing>) -> Way {
        if let Some(request) = request.downgrade() {
            let each = keys.iter().cloned().enumerate();
            self.board().extend(each.map(|(at, key)| (key, (request.clone(), at))));
        }
        Way {
            underway: self.clone(),
            keys,
        }
    }
}

/// Of the texts of one request.
pub(super) struct Way {
    underway: Underway,
    keys: Vec<Key>,
}

impl Drop for Way {
    fn drop(&mut self) {
        let mut board = self.underway.board();
        for key in &self.keys {
            board.remove(key);
        }
    }
}
