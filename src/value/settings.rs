//! What `configure` and `with` set: immutable, shared, looked up by name.

use std::sync::Arc;

use crate::diag::{Fault, FaultKind, nearest};

use super::{EcoString, Value};

/// The names of the adapters that take no arguments.
pub const ADAPTER_NAMES: [&str; 4] = ["chat", "compact", "json", "xml"];

/// The names that `configure(…)` and `with (…)` take.
pub const SETTING_NAMES: [&str; 19] = [
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
    "use_native_function_calling",
    "seed",
    "rollout",
];

/// Refuses a value that no call could be made with, for a setting or an option of a model or predictor. What has another
/// type is not looked at.
pub fn check_setting(name: &str, value: &Value) -> Result<(), Fault> {
    let (number, least, help) = match (name, value) {
        ("adapter", Value::Str(adapter)) => return known_adapter(adapter),
        ("cache", Value::Str(address)) => return shared_cache(address),
        ("max_tokens" | "max_concurrency" | "n" | "rpm" | "tpm", Value::Int(n)) => (*n as f64, 1.0, "it is 1 or more"),
        ("max_retries" | "lm_retries" | "max_calls" | "rollout", Value::Int(n)) => (*n as f64, 0.0, "it is 0 or more"),
        ("temperature" | "max_cost", Value::Int(n)) => (*n as f64, 0.0, "it is 0 or more"),
        ("temperature" | "max_cost", Value::Float(n)) => (*n, 0.0, "it is 0 or more"),
        ("timeout" | "first_byte_timeout", Value::Int(n)) => (*n as f64, f64::MIN_POSITIVE, SECONDS),
        ("timeout" | "first_byte_timeout", Value::Float(n)) => (*n, f64::MIN_POSITIVE, SECONDS),
        _ => return Ok(()),
    };
    let most = match value {
        Value::Int(_) => f64::from(u32::MAX),
        _ => f64::INFINITY,
    };
    match number >= least && number <= most {
        true => Ok(()),
        false => {
            let help = if number > most { "it is not that big" } else { help };
            Err(Fault::new(FaultKind::Value, format!("the setting `{name}` cannot be {number}")).help(help))
        }
    }
}

const SECONDS: &str = "it is a number of seconds, more than 0";

/// The address is not shown: a password may stand in it.
fn shared_cache(address: &str) -> Result<(), Fault> {
    if address.starts_with("redis://") || address.starts_with("rediss://") {
        return Ok(());
    }
    let fault = Fault::new(FaultKind::Value, "the setting `cache` is no address of a Redis");
    Err(fault.help("it is `true`, `false`, or an address such as `\"redis://host:6379\"`"))
}

fn known_adapter(name: &str) -> Result<(), Fault> {
    if ADAPTER_NAMES.contains(&name) {
        return Ok(());
    }
    let fault = Fault::new(FaultKind::Value, format!("there is no adapter `{name}`"));
    Err(match nearest(name, ADAPTER_NAMES) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault.help(format!("there are `{}`", ADAPTER_NAMES.join("`, `"))),
    })
}

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

    /// Whether these are the same, not only such as say the same.
    pub fn is(&self, other: &Settings) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }

    /// The innermost value of a setting.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let layer = self.0.as_deref()?;
        let own = layer.entries.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v);
        own.or_else(|| layer.outer.get(name))
    }
}
