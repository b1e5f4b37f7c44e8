//! Answers that are still on their way, and errors that were raised.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::diag::Fault;
use crate::source::Span;

use super::nested::let_go;
use super::{EcoString, Type, Value};

/// A value that comes later: the result of a model call or of a fiber, or what is made of one without looking at it.
/// Whoever looks at an unresolved one is parked by the machine.
///
/// A value that is no promise holds none inside: a list, record or program with a promise in it is itself one, with
/// `Source::Parts`. So to look at a value is to look at its tag.
#[derive(Clone, Debug)]
pub struct Promise(pub Arc<Pending>);

#[derive(Debug)]
pub struct Pending {
    /// The scheduler's key of this promise; 0 for those that are made of others.
    pub id: u64,
    /// Set once. The value may be another promise, whose outcome is then this one's.
    pub outcome: OnceLock<Result<Value, Arc<Raised>>>,
    pub source: Source,
    looked: AtomicU8,
    /// How many parts, from the first on, are known to be there: who waits for the next one looks at none of them again.
    there: AtomicUsize,
}

impl Drop for Pending {
    fn drop(&mut self) {
        let_go((std::mem::replace(&mut self.source, Source::Call), self.outcome.take()));
    }
}

/// Where a promise's value comes from.
#[derive(Debug)]
pub enum Source {
    /// `classify(body)`: resolved by the scheduler.
    Call,
    /// `[classify(a), classify(b)]`: a container that is known, with promises among its parts.
    Parts(Value),
    /// `classify(body).urgency`; `absent`: a field that is not there is `none`.
    Field {
        of: Promise,
        name: EcoString,
        absent: bool,
        span: Span,
    },
    /// The answer, held against a written type.
    Convert { of: Promise, ty: Arc<Type>, span: Span },
    /// A comprehension whose elements must be known before its length is.
    Gather { elements: Vec<Value>, flatten: bool },
}

/// How far a promise has been looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// At itself, for a field.
    Shallow = 1,
    /// At all that is in it.
    Deep = 2,
}

impl Promise {
    /// One that the scheduler resolves.
    pub fn call(id: u64) -> Promise {
        Promise::new(id, Source::Call)
    }

    /// One that is made of others.
    pub fn of(source: Source) -> Promise {
        Promise::new(0, source)
    }

    fn new(id: u64, source: Source) -> Promise {
        Promise(Arc::new(Pending {
            id,
            outcome: OnceLock::new(),
            source,
            looked: AtomicU8::new(0),
            there: AtomicUsize::new(0),
        }))
    }

    /// How many parts, from the first on, are known to be there.
    pub fn there(&self) -> usize {
        self.0.there.load(Ordering::Relaxed)
    }

    pub fn note_there(&self, parts: usize) {
        self.0.there.fetch_max(parts, Ordering::Relaxed);
    }

    /// Notes a look; whether it is news.
    pub fn note(&self, look: Look) -> bool {
        self.0.looked.fetch_max(look as u8, Ordering::Relaxed) < look as u8
    }

    pub fn looked(&self) -> Option<Look> {
        match self.0.looked.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(Look::Shallow),
            _ => Some(Look::Deep),
        }
    }
}

impl PartialEq for Promise {
    fn eq(&self, other: &Promise) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// An error on its way up: what, where, and through which calls.
#[derive(Clone, Debug)]
pub struct Raised {
    pub fault: Fault,
    pub span: Option<Span>,
    /// The chain of calls, innermost first.
    pub frames: Vec<Frame>,
    /// Whether `span` lies in the library: the first frame that does not is what to show.
    pub library: bool,
}

/// One call in the chain of an error.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// What was called: `classify`, `SupportRouter.forward`.
    pub name: EcoString,
    /// Where it was called.
    pub span: Span,
    /// Whether that place is in the library.
    pub library: bool,
}

impl Raised {
    /// Without a place: of the session itself.
    pub fn bare(fault: Fault) -> Raised {
        Raised {
            fault,
            span: None,
            frames: Vec::new(),
            library: false,
        }
    }

    /// The place to show: the innermost one that is not in the library, else the innermost.
    pub fn place(&self) -> Option<Span> {
        let user = self.frames.iter().find(|frame| !frame.library).map(|frame| frame.span);
        match self.library {
            true => user.or(self.span),
            false => self.span.or(user),
        }
    }
}
