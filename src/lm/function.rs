//! `LM(fn)`: a function from the messages to a text, or to a text with what it took, is a model. The machine runs it; it
//! is never cached, merged or recorded.

use std::sync::Arc;

use super::price::Prices;
use crate::chat::{Finish, Reply, Usage};
use crate::diag::{Fault, FaultKind, a};
use crate::value::{Function, LmKind, LmSpec, Record, Value};

/// As `LmSpec::name` has it.
const NAME: &str = "fn";

/// The model that `LM(fn)` is.
pub fn model(function: Arc<Function>, options: Record) -> LmSpec {
    LmSpec {
        name: NAME.into(),
        options,
        kind: LmKind::Function(function),
    }
}

/// Whether it was made by `LM`; the functions of a `DummyLM` may say records too.
pub fn is_model(lm: &LmSpec) -> bool {
    lm.name == NAME
}

/// What the function said, as a reply: a text, or `{text, usage, finish}`.
pub fn reply(lm: &LmSpec, value: &Value) -> Result<Reply, Fault> {
    let part = |name: &str| match value {
        Value::Record(record) => record.get(name),
        Value::Dict(dict) => dict.get(name),
        _ => None,
    };
    if let Value::Str(text) = value {
        return Ok(Reply::text(text.as_str()));
    }
    let Some(Value::Str(text)) = part("text") else {
        let message = format!(
            "the function of an `LM` returns a text or `{{text, usage}}`, not {}",
            a(value.type_name())
        );
        return Err(Fault::new(FaultKind::Type, message).help("a function that returns outputs is for `DummyLM`"));
    };
    let mut reply = Reply::text(text.as_str());
    if let Some(usage) = part("usage").filter(|usage| !usage.is_none()) {
        reply.usage = used(usage)?;
        let price = Prices::default().find(lm)?;
        let usage = &mut reply.usage;
        usage.cost = usage.cost.or_else(|| price.map(|price| price.cost(usage)));
    }
    if matches!(part("finish"), Some(Value::Str(finish)) if finish == "length") {
        reply.finish = Finish::Length;
    }
    Ok(reply)
}

fn used(usage: &Value) -> Result<Usage, Fault> {
    let part = |name: &str| match usage {
        Value::Record(record) => record.get(name),
        Value::Dict(dict) => dict.get(name),
        _ => None,
    };
    let wrong = |name: &str| {
        let message = format!("`{name}` in the `usage` that the function of an `LM` returns is no number above 0");
        Fault::new(FaultKind::Type, message).help("return `{text, usage: {prompt_tokens: 10, completion_tokens: 5}}`")
    };
    let count = |name: &str| match part(name) {
        None | Some(Value::None | Value::Absent) => Ok(0),
        Some(Value::Int(n)) => u64::try_from(*n).map_err(|_| wrong(name)),
        Some(_) => Err(wrong(name)),
    };
    let cost = match part("cost") {
        None | Some(Value::None | Value::Absent) => None,
        Some(Value::Int(n)) if *n >= 0 => Some(*n as f64),
        Some(Value::Float(x)) if *x >= 0.0 => Some(*x),
        Some(_) => return Err(wrong("cost")),
    };
    Ok(Usage {
        prompt_tokens: count("prompt_tokens")?,
        completion_tokens: count("completion_tokens")?,
        cost,
        ..Usage::default()
    })
}
