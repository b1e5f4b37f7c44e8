//! The requests of one call so far.

use std::sync::{Arc, Mutex, PoisonError};

use crate::trace::Try;

/// Shared between who asks and who is asked: a call that fails tells of its requests, too.
#[derive(Clone, Debug, Default)]
pub struct Tries(Arc<Mutex<Vec<Try>>>);

impl Tries {
    pub(super) fn add(&self, one: Try) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub fn all(&self) -> Vec<Try> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
