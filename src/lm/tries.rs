//! What each request for an answer came to: who was asked, how it ended, how long it took, and what it used.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::call::Trouble;
use crate::chat::{Reply, Usage};
use crate::diag::Fault;
use crate::value::EcoString;

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Try {
    /// `openai/gpt-4o-mini`
    pub model: EcoString,
    /// `ok`, `cached`, or the kind of the error.
    pub outcome: &'static str,
    /// The error's message.
    pub message: Option<String>,
    pub seconds: f64,
    pub usage: Usage,
}

impl Try {
    /// One that ended well.
    pub fn answered(model: impl Into<EcoString>, usage: Usage) -> Try {
        Try {
            model: model.into(),
            outcome: "ok",
            message: None,
            seconds: 0.0,
            usage,
        }
    }

    /// One that was in vain.
    pub fn failed(model: impl Into<EcoString>, fault: &Fault, took: Duration) -> Try {
        Try {
            outcome: fault.kind.name(),
            message: Some(fault.message.clone()),
            seconds: seconds(took),
            ..Try::answered(model, Usage::default())
        }
    }
}

/// To the microsecond.
fn seconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e6
}

/// The requests of one call so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Tries(Arc<Mutex<Vec<Try>>>);

impl Tries {
    pub(super) fn note(&self, model: &EcoString, outcome: &Result<Reply, Trouble>, took: Duration) {
        self.add(match outcome {
            Ok(reply) => Try {
                seconds: seconds(took),
                ..Try::answered(model.clone(), reply.usage)
            },
            Err(trouble) => Try::failed(model.clone(), &trouble.fault, took),
        });
    }

    pub(super) fn add(&self, one: Try) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn all(&self) -> Vec<Try> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
