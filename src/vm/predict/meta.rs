//! What is known of a call: rides on its prediction, and becomes a record where a script asks for it.

use std::any::Any;
use std::sync::Arc;

use crate::chat::Usage;
use crate::value::{EcoString, Opaque, Record, Value};

/// What `meta(prediction)` says.
#[derive(Debug)]
pub struct Meta {
    pub(super) repairs: Vec<String>,
    /// Requests.
    pub(super) attempts: u32,
    pub(super) usage: Usage,
    pub(super) cached: bool,
    pub(super) model: EcoString,
    pub(super) id: Option<String>,
    /// All answers, where several were wanted.
    pub(super) completions: Vec<Record>,
}

impl Opaque for Meta {
    fn type_name(&self) -> &'static str {
        "meta"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Meta {
    /// What is known of how a value came to be, if a model answered it.
    pub fn of(value: &Value) -> Option<&Meta> {
        match value {
            Value::Record(record) => record.meta.as_ref()?.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// All answers to the question, where several were wanted.
    pub fn completions(&self) -> Option<Value> {
        let records = self.completions.iter().cloned();
        let all = records.map(|record| Value::Record(Arc::new(record)));
        (!self.completions.is_empty()).then(|| Value::list(all))
    }

    /// `{repairs, attempts, usage, cached, model, id}`
    pub fn record(&self) -> Value {
        let usage = Value::record([
            ("prompt_tokens", count(self.usage.prompt_tokens)),
            ("completion_tokens", count(self.usage.completion_tokens)),
            ("cost", self.usage.cost.map_or(Value::None, Value::Float)),
        ]);
        let repairs = self.repairs.iter().map(|repair| Value::str(repair.as_str()));
        let known = [
            ("repairs", Value::list(repairs)),
            ("attempts", Value::Int(i64::from(self.attempts))),
            ("usage", usage),
            ("cached", Value::Bool(self.cached)),
            ("model", Value::Str(self.model.clone())),
            ("id", self.id.as_deref().map_or(Value::None, Value::str)),
        ];
        let completions = self.completions().map(|all| ("completions", all));
        Value::record(known.into_iter().chain(completions))
    }
}

fn count(n: u64) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}
