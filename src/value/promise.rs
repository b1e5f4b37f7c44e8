//! Answers that are still on their way, and errors that were raised.

use std::sync::{Arc, OnceLock};

use crate::diag::Fault;
use crate::source::Span;

use super::{EcoString, Value};

/// A value that comes later: the result of a model call or of a fiber. Resolved once, by the machine's scheduler.
/// Whoever looks at an unresolved one is parked by the machine.
#[derive(Clone, Debug)]
pub struct Promise(pub Arc<Pending>);

#[derive(Debug)]
pub struct Pending {
    /// The scheduler's key of this promise.
    pub id: u64,
    pub outcome: OnceLock<Result<Value, Arc<Raised>>>,
}

impl PartialEq for Promise {
    fn eq(&self, other: &Promise) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// An error on its way up: what, where, and through which calls.
#[derive(Debug)]
pub struct Raised {
    pub fault: Fault,
    pub span: Option<Span>,
    /// The chain of calls, innermost first.
    pub frames: Vec<Frame>,
}

/// One call in the chain of an error.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What was called: `classify`, `SupportRouter.forward`.
    pub name: EcoString,
    /// Where it was called.
    pub span: Span,
}
