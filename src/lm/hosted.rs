//! Models that a program around dsp brings along. Scripts name them as they were registered: `LM("house")`.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::chat::{Reply, Request};
use crate::diag::Fault;
use crate::host::BoxFuture;

/// A model of the host's own: an async function from request to reply is one. Its answers are recorded, but never
/// cached: dsp cannot know what they depend on.
pub trait Model: Send + Sync + 'static {
    /// Answers one request. Dropping the future cancels it.
    fn complete(&self, request: Request) -> BoxFuture<'static, Result<Reply, Fault>>;
}

impl<F, R> Model for F
where
    F: Fn(Request) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Reply, Fault>> + Send + 'static,
{
    fn complete(&self, request: Request) -> BoxFuture<'static, Result<Reply, Fault>> {
        Box::pin(self(request))
    }
}

/// The host's models by name.
#[derive(Clone, Default)]
pub struct Models(HashMap<String, Arc<dyn Model>>);

impl Models {
    /// A further model; the last of a name counts.
    pub fn add(&mut self, name: impl Into<String>, model: impl Model) {
        self.0.insert(name.into(), Arc::new(model));
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<dyn Model>> {
        self.0.get(name)
    }
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
