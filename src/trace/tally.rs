//! What one part of a program used: a tally rides in the settings of a call, so that every call made under it, however
//! late, is counted there, and in the tallies around it.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use super::Usage;
use crate::chat;
use crate::value::{Opaque, Settings, Value};

/// The setting that carries it.
pub const TALLY: &str = "_tally";

#[derive(Debug, Default)]
pub struct Tally {
    usage: Mutex<Usage>,
    outer: Option<Arc<dyn Opaque>>,
}

impl Opaque for Tally {
    fn type_name(&self) -> &'static str {
        "Tally"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Tally {
    /// A fresh one inside whatever tally the settings carry.
    pub fn within(settings: &Settings) -> Tally {
        Tally {
            usage: Mutex::default(),
            outer: carried(settings).cloned(),
        }
    }

    /// What was counted so far.
    pub fn usage(&self) -> Usage {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, model: &str, cached: bool, usage: &chat::Usage) {
        self.usage
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(model, cached, usage);
        if let Some(outer) = self.outer.as_ref().and_then(|o| o.as_any().downcast_ref::<Tally>()) {
            outer.add(model, cached, usage);
        }
    }
}

fn carried(settings: &Settings) -> Option<&Arc<dyn Opaque>> {
    match settings.get(TALLY) {
        Some(Value::Opaque(opaque)) => Some(opaque),
        _ => None,
    }
}

/// Counts what a model was asked in the tallies that the settings carry.
pub fn tally(settings: &Settings, model: &str, cached: bool, usage: &chat::Usage) {
    if let Some(tally) = carried(settings).and_then(|o| o.as_any().downcast_ref::<Tally>()) {
        tally.add(model, cached, usage);
    }
}
