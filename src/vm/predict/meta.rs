//! What is known of a call: rides on its prediction, and becomes a record where a script asks for it.

use std::any::Any;
use std::sync::Arc;

use crate::chat::{Scores, TokenLogprob, Usage};
use crate::trace::Try;
use crate::value::{EcoString, Opaque, Record, Value};

/// What `meta(prediction)` says. It is kept as long as the prediction, and there may be many: what few calls have stands
/// apart.
#[derive(Debug)]
pub struct Meta {
    /// Requests.
    pub(super) attempts: u32,
    pub(super) tries: Tries,
    pub(super) usage: Usage,
    pub(super) cached: bool,
    pub(super) model: EcoString,
    pub(super) id: Option<EcoString>,
    pub(super) more: Option<Box<More>>,
}

/// The requests that were sent, those in vain too.
#[derive(Debug)]
pub(super) enum Tries {
    /// The one that was answered; what it used is all that was used.
    One {
        model: EcoString,
        outcome: &'static str,
        seconds: f64,
    },
    Each(Box<[Try]>),
}

impl Tries {
    pub(super) fn of(tries: Vec<Try>, usage: &Usage) -> Tries {
        match tries.as_slice() {
            [one] if one.message.is_none() && one.usage == *usage => Tries::One {
                model: one.model.clone(),
                outcome: one.outcome,
                seconds: one.seconds,
            },
            _ => Tries::Each(tries.into()),
        }
    }

    fn value(&self, usage: Usage) -> Value {
        match self {
            Tries::Each(tries) => Value::list(tries.iter().map(tried)),
            Tries::One {
                model,
                outcome,
                seconds,
            } => {
                let one = Try {
                    outcome,
                    seconds: *seconds,
                    ..Try::answered(model, usage)
                };
                Value::list([tried(&one)])
            }
        }
    }
}

/// What few calls have.
#[derive(Debug, Default, PartialEq)]
pub(super) struct More {
    pub(super) repairs: Vec<String>,
    /// What the model thought before it answered, where its server tells.
    pub(super) thought: String,
    /// How likely the reply's tokens were, where that was wanted.
    pub(super) logprobs: Vec<TokenLogprob>,
    /// How likely the values of outputs were, where they were chosen by that.
    pub(super) scores: Scores,
    /// All answers, where several were wanted.
    pub(super) completions: Vec<Record>,
}

impl More {
    pub(super) fn kept(self) -> Option<Box<More>> {
        (self != More::default()).then(|| Box::new(self))
    }
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

    /// All answers to the question of a prediction: itself, then the others, where several were wanted. One call has
    /// brought them, so what is known of it is known of each.
    pub fn completions(prediction: &Value) -> Value {
        let Value::Record(record) = prediction else {
            return Value::list([prediction.clone()]);
        };
        let more = Meta::of(prediction).and_then(|meta| meta.more.as_ref());
        let others = more.map_or(&[][..], |more| more.completions.get(1..).unwrap_or_default());
        let others = others.iter().map(|other| {
            let mut other = other.clone();
            other.meta.clone_from(&record.meta);
            Value::Record(Arc::new(other))
        });
        Value::list([prediction.clone()].into_iter().chain(others))
    }

    /// The same as a part of what `meta` says, where several were wanted.
    fn all(&self) -> Option<Value> {
        let completions = &self.more.as_ref()?.completions;
        let all = completions.iter().map(|record| Value::Record(Arc::new(record.clone())));
        (!completions.is_empty()).then(|| Value::list(all))
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
        let scores = &self.more.as_ref()?.scores;
        let all = scores.iter().map(|(field, values)| (field.as_str(), of(values)));
        (!scores.is_empty()).then(|| Value::dict(all))
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
        let more = self.more.as_deref();
        let repairs = more.into_iter().flat_map(|more| &more.repairs);
        let logprobs = more.into_iter().flat_map(|more| &more.logprobs);
        let known = [
            (
                "repairs",
                Value::list(repairs.map(|repair| Value::str(repair.as_str()))),
            ),
            ("attempts", Value::Int(i64::from(self.attempts))),
            ("usage", usage),
            ("cached", Value::Bool(self.cached)),
            ("model", Value::Str(self.model.clone())),
            ("id", self.id.clone().map_or(Value::None, Value::Str)),
            ("tries", self.tries.value(self.usage)),
            ("thought", Value::str(more.map_or("", |more| more.thought.as_str()))),
            ("logprobs", Value::list(logprobs.map(logprob))),
        ];
        let completions = self.all().map(|all| ("completions", all));
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
