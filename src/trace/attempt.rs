//! What one request for an answer came to: who was asked, how it ended, how long it took, and what it used.

use std::time::Duration;

use crate::chat::Usage;
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
    /// When it ended, in seconds since 1970; where that is not known it is when its call did.
    pub at: Option<f64>,
    pub usage: Usage,
}

impl Try {
    /// One that ended well.
    pub fn answered(model: &str, usage: Usage) -> Try {
        Try {
            model: model.into(),
            outcome: "ok",
            message: None,
            seconds: 0.0,
            at: None,
            usage,
        }
    }

    /// One that was in vain.
    pub fn failed(model: &str, fault: &Fault) -> Try {
        Try {
            outcome: fault.kind.name(),
            message: Some(fault.message.clone()),
            ..Try::answered(model, Usage::default())
        }
    }

    /// That took so long, and ended then.
    pub fn timed(self, took: Duration, at: f64) -> Try {
        Try {
            seconds: (took.as_secs_f64() * 1e6).round() / 1e6,
            at: Some(at),
            ..self
        }
    }

    /// `rate_limit: slow down`
    pub fn error(&self) -> Option<String> {
        let message = self.message.as_ref()?;
        Some(format!("{}: {message}", self.outcome))
    }

    pub fn is_answered(&self) -> bool {
        matches!(self.outcome, "ok" | "cached")
    }
}
