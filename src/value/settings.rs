//! What `configure` and `with` set: immutable, shared, looked up by name.

use std::sync::Arc;

use super::{EcoString, Value};

/// The names that `configure(…)` and `with (…)` take.
pub const SETTING_NAMES: [&str; 18] = [
    "lm",
    "rm",
    "embedder",
    "adapter",
    "temperature",
    "max_tokens",
    "timeout",
    "first_byte_timeout",
    "max_retries",
    "lm_retries",
    "max_concurrency",
    "max_cost",
    "max_calls",
    "cache",
    "strict",
    "structured",
    "seed",
    "rollout",
];

/// An immutable chain of settings; the innermost `with` wins.
#[derive(Clone, Debug, Default)]
pub struct Settings(Option<Arc<Layer>>);

#[derive(Debug)]
struct Layer {
    entries: Vec<(EcoString, Value)>,
    outer: Settings,
}

impl Settings {
    /// These settings inside the ones so far.
    pub fn with(&self, entries: Vec<(EcoString, Value)>) -> Settings {
        Settings(Some(Arc::new(Layer {
            entries,
            outer: self.clone(),
        })))
    }

    /// The innermost value of a setting.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let layer = self.0.as_deref()?;
        let own = layer.entries.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v);
        own.or_else(|| layer.outer.get(name))
    }
}
