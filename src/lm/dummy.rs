//! `DummyLM`: a model that says what it was told to. Never cached, merged or recorded; the machine asks it in program
//! order. The kind that is a function is run by the machine.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::diag::{Fault, FaultKind, a};
use crate::value::{EcoString, LmKind, LmSpec, Opaque, Record, Value};

/// As `LmSpec::name` has it.
pub const NAME: &str = "dummy";

/// The answers of a `DummyLM` that are known beforehand.
#[derive(Debug)]
pub struct Script {
    answers: Answers,
}

#[derive(Debug)]
enum Answers {
    /// `DummyLM(["yes", {answer: "no"}])`
    InOrder { all: Vec<Scripted>, given: AtomicUsize },
    /// `DummyLM({"refund": {urgency: "high"}})`
    ByText(Vec<(EcoString, Scripted)>),
}

/// What a scripted model answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Scripted {
    /// The reply as it stands.
    Text(EcoString),
    /// To be rendered by the adapter; absent fields are left out.
    Record(Arc<Record>),
}

impl Scripted {
    /// What a function or a script's answer stands for.
    pub fn from_value(value: &Value) -> Result<Scripted, Fault> {
        match value {
            Value::Str(text) => Ok(Scripted::Text(text.clone())),
            Value::Record(record) => Ok(Scripted::Record(record.clone())),
            Value::Dict(dict) => Ok(Scripted::Record(Arc::new(
                dict.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            ))),
            other => Err(Fault::new(
                FaultKind::Type,
                format!(
                    "an answer of a `DummyLM` is a text or a record, not {}",
                    a(other.type_name())
                ),
            )),
        }
    }
}

/// The model that `DummyLM(answers)` is.
pub fn model(answers: &Value) -> Result<LmSpec, Fault> {
    let kind = match answers {
        Value::Function(function) => LmKind::Function(function.clone()),
        Value::List(items) => {
            let all = items.iter().map(Scripted::from_value).collect::<Result<_, _>>()?;
            scripted(Answers::InOrder {
                all,
                given: AtomicUsize::new(0),
            })
        }
        Value::Dict(dict) => {
            let pair = |(key, value): (&EcoString, &Value)| Ok((key.clone(), Scripted::from_value(value)?));
            scripted(Answers::ByText(dict.iter().map(pair).collect::<Result<_, Fault>>()?))
        }
        other => {
            return Err(Fault::new(
                FaultKind::Type,
                format!(
                    "`DummyLM` takes a list, a dict or a function, not {}",
                    a(other.type_name())
                ),
            )
            .help("a list of answers in order, a dict from a part of the prompt to the answer, or a function"));
        }
    };
    Ok(LmSpec {
        name: NAME.into(),
        options: Record::default(),
        kind,
    })
}

fn scripted(answers: Answers) -> LmKind {
    LmKind::Scripted(Arc::new(Script { answers }))
}

impl Script {
    /// The script of a scripted model.
    pub fn of(kind: &LmKind) -> Option<&Script> {
        match kind {
            LmKind::Scripted(opaque) => opaque.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// Whether an answer depends on how many were given before.
    pub fn is_in_order(&self) -> bool {
        matches!(self.answers, Answers::InOrder { .. })
    }

    /// The next answer. `question` is the user message that carries the call's inputs: not a demo, not a re-ask.
    pub fn next(&self, question: &str) -> Result<Scripted, Fault> {
        match &self.answers {
            Answers::InOrder { all, given } => {
                let number = given.fetch_add(1, Ordering::Relaxed);
                all.get(number).cloned().ok_or_else(|| exhausted(all.len()))
            }
            Answers::ByText(pairs) => {
                let found = pairs.iter().find(|(key, _)| question.contains(key.as_str()));
                found
                    .map(|(_, answer)| answer.clone())
                    .ok_or_else(|| unmatched(pairs, question))
            }
        }
    }
}

fn exhausted(count: usize) -> Fault {
    let answers = if count == 1 { "answer has" } else { "answers have" };
    Fault::new(
        FaultKind::Lm,
        format!("the `DummyLM` has no answer left: its {count} {answers} been given"),
    )
    .help("each request takes one answer, re-asks too")
}

fn unmatched(pairs: &[(EcoString, Scripted)], question: &str) -> Fault {
    let keys: Vec<String> = pairs.iter().map(|(key, _)| format!("`{key}`")).collect();
    Fault::new(
        FaultKind::Lm,
        format!(
            "the `DummyLM` has no answer for this prompt: none of its keys ({}) is in it",
            keys.join(", ")
        ),
    )
    .help(format!(
        "the inputs were: {}",
        question.split_whitespace().collect::<Vec<_>>().join(" ")
    ))
}

impl Opaque for Script {
    fn type_name(&self) -> &'static str {
        "LM"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
