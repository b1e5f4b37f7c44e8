//! What a metric's result counts.

use crate::diag::{Fault, FaultKind};
use crate::value::{Value, show};

/// A metric's result as a number: `true` is 1.0, a record counts by its `score`.
pub fn score(value: &Value) -> Result<f64, Fault> {
    match value {
        Value::Bool(b) => Ok(f64::from(u8::from(*b))),
        Value::Int(i) => Ok(*i as f64),
        Value::Float(x) => Ok(*x),
        Value::Record(record) if record.get("score").is_some_and(is_plain) => {
            score(record.get("score").unwrap_or(&Value::None))
        }
        Value::Dict(dict) if dict.get("score").is_some_and(is_plain) => score(&dict["score"]),
        other => Err(Fault::new(
            FaultKind::Type,
            format!("the metric returned {}, which is no score", kind(other)),
        )
        .help("a metric returns a bool, a number or `{score, feedback}`")),
    }
}

fn is_plain(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_))
}

fn kind(value: &Value) -> String {
    match value {
        Value::None => "`none`".to_owned(),
        Value::Record(_) | Value::Dict(_) => format!("a {} without a `score`", value.type_name()),
        other => format!("a value of type `{}`", other.type_name()),
    }
}

/// How much a row counts: the `weight` beside a score, else 1.
pub fn weight(value: &Value) -> Result<f64, Fault> {
    let given = match value {
        Value::Record(record) => record.get("weight"),
        Value::Dict(dict) => dict.get("weight"),
        _ => None,
    };
    match given {
        None | Some(Value::None | Value::Absent) => Ok(1.0),
        Some(Value::Int(n)) if *n >= 0 => Ok(*n as f64),
        Some(Value::Float(x)) if *x >= 0.0 && x.is_finite() => Ok(*x),
        Some(other) => Err(Fault::new(
            FaultKind::Value,
            format!(
                "the metric's `weight` must be a number of at least 0, it is {}",
                show(other)
            ),
        )),
    }
}

/// A sum of weighted scores as a percentage of what the weights allow, rounded to two places.
pub fn percentage(sum: f64, weights: f64) -> f64 {
    match weights > 0.0 {
        true => super::rounding::round_to(100.0 * sum / weights, 2),
        false => 0.0,
    }
}
