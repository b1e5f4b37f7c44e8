//! The requests of one call so far.

use std::sync::{Arc, Mutex, PoisonError};

use crate::call::Trouble;
use crate::chat::Usage;
use crate::host::Host;
use crate::trace::Try;

/// Shared between who asks and who is asked: a call that fails tells of its requests, too.
#[derive(Clone, Debug, Default)]
pub struct Tries(Arc<Mutex<Vec<Try>>>);

impl Tries {
    pub(super) fn add(&self, one: Try) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }

    /// Waits for what comes of a request, and adds it. The request is made here, so that it has its room once.
    pub(super) async fn noted<A, Sent: Future<Output = Result<A, Trouble>>>(
        &self,
        host: &dyn Host,
        model: &str,
        send: impl FnOnce() -> Sent,
        usage: impl Fn(&A) -> Usage,
    ) -> Result<A, Trouble> {
        let began = host.elapsed();
        let outcome = send().await;
        let one = match &outcome {
            Ok(answer) => Try::answered(model, usage(answer)),
            Err(trouble) => Try::failed(model, &trouble.fault),
        };
        self.add(one.timed(host.elapsed().saturating_sub(began), host.now()));
        outcome
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub fn all(&self) -> Vec<Try> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
