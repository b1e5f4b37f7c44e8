//! `stdlib/optimize/combinations.dsp`: what to try next.

use super::args::{bad_value, list, misfit, number};
use super::pure;
use super::random::drawn;
use crate::diag::Fault;
use crate::evaluate::tpe::{Trial, next_choice};
use crate::value::Value;
use crate::vm::{Memory, Native};

pub const NATIVES: &[Native] = &[pure("_next_choice", next)];

fn next(_: &mut Memory, args: &[Value]) -> Result<Value, Fault> {
    let sizes = numbers(list(args, 1)?)?;
    let seen = list(args, 2)?.iter().map(trial).collect::<Result<Vec<_>, _>>()?;
    drawn(args, |rng| {
        let choice = next_choice(rng, &sizes, &seen);
        Ok(Value::list(choice.into_iter().map(|at| Value::Int(at as i64))))
    })
}

fn trial(value: &Value) -> Result<Trial, Fault> {
    let Value::Record(record) = value else {
        return Err(misfit("record", value));
    };
    let choice = match record.get("choice") {
        Some(Value::List(items)) => numbers(items)?,
        other => return Err(misfit("list", other.unwrap_or(&Value::None))),
    };
    let score = number(record.get("score").unwrap_or(&Value::None))?;
    Ok(Trial { choice, score })
}

fn numbers(items: &[Value]) -> Result<Vec<usize>, Fault> {
    let number = |item: &Value| match item {
        Value::Int(n) => usize::try_from(*n).map_err(|_| bad_value("a choice must not be negative")),
        other => Err(misfit("int", other)),
    };
    items.iter().map(number).collect()
}
