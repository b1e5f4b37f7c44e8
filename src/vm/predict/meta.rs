//! What is known of a call: rides on its prediction, and becomes a record where a script asks for it.

use std::any::Any;
use std::sync::Arc;

use crate::chat::{Scores, TokenLogprob, Usage};
use crate::trace::Try;
use crate::value::{EcoString, Opaque, Record, Value};

/// What `meta(prediction)` says.
#[derive(Debug)]
pub struct Meta {
    pub(super) repairs: Vec<String>,
    /// Requests.
    pub(super) attempts: u32,
    /// The requests that were sent, those in vain too.
    pub(super) tries: Vec<Try>,
    pub(super) usage: Usage,
    pub(super) cached: bool,
    pub(super) model: EcoString,
    pub(super) id: Option<String>,
    /// What the model thought before it answered, where its server tells.
    pub(super) thought: String,
    /// How likely the reply's tokens were, where that was wanted.
    pub(super) logprobs: Vec<TokenLogprob>,
    /// How likely the values of outputs were, where they were chosen by that.
    pub(super) scores: Scores,
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

    /// For each output that was chosen by how likely its values are, each value's score.
    fn scores(&self) -> Option<Value> {
        let of = |values: &Vec<(String, f64)>| {
            Value::dict(
                values
                    .iter()
                    .map(|(value, score)| (value.as_str(), Value::Float(*score))),
            )
        };
        let all = self.scores.iter().map(|(field, values)| (field.as_str(), of(values)));
        (!self.scores.is_empty()).then(|| Value::dict(all))
    }

    /// `{repairs, attempts, usage, cached, model, id, tries, thought, logprobs}`, and `scores` where there are any.
    pub fn record(&self) -> Value {
        let used = [
            ("prompt_tokens", count(self.usage.prompt_tokens)),
            ("completion_tokens", count(self.usage.completion_tokens)),
            ("cost", self.usage.cost.map_or(Value::None, Value::Float)),
        ];
        // Only where it says something, as any optional field.
        let estimated = self.usage.estimated.then_some(("estimated", Value::Bool(true)));
        let usage = Value::record(used.into_iter().chain(estimated));
        let repairs = self.repairs.iter().map(|repair| Value::str(repair.as_str()));
        let known = [
            ("repairs", Value::list(repairs)),
            ("attempts", Value::Int(i64::from(self.attempts))),
            ("usage", usage),
            ("cached", Value::Bool(self.cached)),
            ("model", Value::Str(self.model.clone())),
            ("id", self.id.as_deref().map_or(Value::None, Value::str)),
            ("tries", Value::list(self.tries.iter().map(tried))),
            ("thought", Value::str(self.thought.as_str())),
            ("logprobs", Value::list(self.logprobs.iter().map(logprob))),
        ];
        let completions = self.completions().map(|all| ("completions", all));
        let scores = self.scores().map(|all| ("scores", all));
        Value::record(known.into_iter().chain(completions).chain(scores))
    }
}

/// `{model, outcome, message, seconds, prompt_tokens, completion_tokens}`
fn tried(one: &Try) -> Value {
    Value::record([
        ("model", Value::Str(one.model.clone())),
        ("outcome", Value::str(one.outcome)),
        ("message", one.message.as_deref().map_or(Value::None, Value::str)),
        ("seconds", Value::Float(one.seconds)),
        ("prompt_tokens", count(one.usage.prompt_tokens)),
        ("completion_tokens", count(one.usage.completion_tokens)),
    ])
}

fn logprob(one: &TokenLogprob) -> Value {
    let entries = [
        ("token", Value::str(one.token.as_str())),
        ("logprob", Value::Float(one.logprob)),
    ];
    Value::record(entries)
}

fn count(n: u64) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}
