//! Stretches of a run that are traced: a module's call, a predictor's, an evaluation. One rides in the settings of what
//! runs inside it, so that every call made there, however late, knows where it belongs.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use super::stamp::stamp;
use crate::value::{EcoString, Opaque, Settings, Value};

/// The setting that carries it.
pub const SPAN: &str = "_span";

/// One stretch, while it is under way and after.
#[derive(Debug)]
pub struct Span {
    pub id: u64,
    outer: Option<Arc<Span>>,
    /// `module`, `predictor`, `evaluate`, `compile`, `trial`
    pub kind: EcoString,
    /// `SupportRouter`
    pub name: EcoString,
    /// `classify.predict`
    pub path: Option<EcoString>,
    /// In seconds since 1970.
    start: f64,
    /// When the last of what runs in it was done.
    end: Mutex<f64>,
}

/// How a span ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    Well,
    Failed(&'a str),
    /// The run was given up.
    Interrupted,
}

impl<'a> Outcome<'a> {
    /// `ok`, `failed`, `interrupted`
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Well => "ok",
            Outcome::Failed(_) => "failed",
            Outcome::Interrupted => "interrupted",
        }
    }

    /// Why it failed.
    pub fn error(self) -> Option<&'a str> {
        match self {
            Outcome::Failed(error) => Some(error),
            _ => None,
        }
    }
}

/// As settings carry it.
#[derive(Debug)]
struct Carried(Arc<Span>);

impl Opaque for Carried {
    fn type_name(&self) -> &'static str {
        "Span"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Span {
    /// One that begins at `start`, inside whatever span the settings carry.
    pub fn within(
        settings: &Settings,
        id: u64,
        kind: &str,
        name: EcoString,
        path: Option<EcoString>,
        start: f64,
    ) -> Span {
        Span {
            id,
            outer: span(settings).cloned(),
            kind: kind.into(),
            name,
            path,
            start,
            end: Mutex::new(start),
        }
    }

    /// What is to be set for what runs inside.
    pub fn setting(self: Arc<Self>) -> (EcoString, Value) {
        (SPAN.into(), Value::Opaque(Arc::new(Carried(self))))
    }

    /// Something in it was done at this time.
    pub fn goes_on(&self, until: f64) {
        let mut current = Some(self);
        while let Some(span) = current {
            let mut end = span.end.lock().unwrap_or_else(PoisonError::into_inner);
            *end = end.max(until);
            current = span.outer.as_deref();
        }
    }

    /// The span that it is in.
    pub fn parent(&self) -> Option<u64> {
        self.outer.as_ref().map(|outer| outer.id)
    }

    /// Its start and its end as ISO 8601 in UTC, and the seconds in between.
    pub fn times(&self) -> (String, String, f64) {
        let end = *self.end.lock().unwrap_or_else(PoisonError::into_inner);
        (stamp(self.start), stamp(end), end - self.start)
    }
}

/// The span that settings carry.
pub fn span(settings: &Settings) -> Option<&Arc<Span>> {
    match settings.get(SPAN) {
        Some(Value::Opaque(opaque)) => opaque.as_any().downcast_ref::<Carried>().map(|carried| &carried.0),
        _ => None,
    }
}
