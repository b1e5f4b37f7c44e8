//! `stdlib/numbers.dsp`.

use std::cmp::Ordering;

use super::args::{bad_value, float, given, int, list, misfit, number};
use super::numerals::ascii_digit;
use super::pure;
use crate::diag::Fault;
use crate::evaluate::exact;
use crate::evaluate::rounding::round_to;
use crate::value::{Value, python_strip, source_text};
use crate::vm::{Memory, Native};

pub const NATIVES: &[Native] = &[
    pure("abs", abs),
    pure("round", round),
    pure("floor", floor),
    pure("ceil", ceil),
    pure("min", min),
    pure("max", max),
    pure("sum", sum),
    pure("mean", mean),
    pure("median", median),
    pure("stdev", stdev),
    pure("sqrt", sqrt),
    pure("int", to_int),
    pure("float", to_float),
    pure("_min_index", min_index),
    pure("_max_index", max_index),
];

type Outcome = Result<Value, Fault>;

fn overflow() -> Fault {
    bad_value("the result does not fit in 64 bits")
}

fn abs(_: &mut Memory, args: &[Value]) -> Outcome {
    match args.first() {
        Some(Value::Int(i)) => i.checked_abs().map(Value::Int).ok_or_else(overflow),
        _ => Ok(Value::Float(float(args, 0)?.abs())),
    }
}

/// A whole float as an int.
fn whole(x: f64) -> Outcome {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    match (-LIMIT..LIMIT).contains(&x) {
        true => Ok(Value::Int(x as i64)),
        false => Err(overflow()),
    }
}

/// To the nearest, ties to even. `round(x)` is an int, `round(x, n)` a float.
fn round(_: &mut Memory, args: &[Value]) -> Outcome {
    let Some(digits) = given(args, 1) else {
        return match args.first() {
            Some(Value::Int(i)) => Ok(Value::Int(*i)),
            _ => whole(float(args, 0)?.round_ties_even()),
        };
    };
    let Value::Int(digits) = digits else {
        return Err(misfit("int", digits));
    };
    Ok(Value::Float(round_to(float(args, 0)?, *digits)))
}

fn floor(_: &mut Memory, args: &[Value]) -> Outcome {
    match args.first() {
        Some(Value::Int(i)) => Ok(Value::Int(*i)),
        _ => whole(float(args, 0)?.floor()),
    }
}

fn ceil(_: &mut Memory, args: &[Value]) -> Outcome {
    match args.first() {
        Some(Value::Int(i)) => Ok(Value::Int(*i)),
        _ => whole(float(args, 0)?.ceil()),
    }
}

/// The order of numbers, texts, bools, and lists of them. Lists may be nested as deep as there is memory.
pub fn compare(a: &Value, b: &Value) -> Result<Ordering, Fault> {
    if !matches!((a, b), (Value::List(_), Value::List(_))) {
        return compare_leaves(a, b);
    }
    let mut rest = vec![(a, b)];
    // Of two lists whose shared part is equal the shorter comes first.
    let mut lengths: Vec<(usize, Ordering)> = Vec::new();
    loop {
        while let Some((_, order)) = lengths.pop_if(|(left, _)| *left == rest.len()) {
            if order != Ordering::Equal {
                return Ok(order);
            }
        }
        let Some((a, b)) = rest.pop() else {
            return Ok(Ordering::Equal);
        };
        if let (Value::List(a), Value::List(b)) = (a, b) {
            lengths.push((rest.len(), a.len().cmp(&b.len())));
            rest.extend(a.iter().zip(b).rev());
            continue;
        }
        let order = compare_leaves(a, b)?;
        if order != Ordering::Equal {
            return Ok(order);
        }
    }
}

fn compare_leaves(a: &Value, b: &Value) -> Result<Ordering, Fault> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Str(a), Value::Str(b)) => Ok(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Ok(a.cmp(b)),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            Ok(number(a)?.partial_cmp(&number(b)?).unwrap_or(Ordering::Equal))
        }
        _ => Err(Fault::new(
            crate::diag::FaultKind::Type,
            format!("{} and {} have no order", a.type_name(), b.type_name()),
        )
        .help("only numbers, texts, bools and lists of them are ordered; use `by:` to say what counts")),
    }
}

/// The place of the first value that no other is `wanted` than.
fn extreme<'a>(mut values: impl Iterator<Item = &'a Value>, wanted: Ordering) -> Result<(usize, &'a Value), Fault> {
    let first = values
        .next()
        .ok_or_else(|| bad_value("an empty list has neither `max` nor `min`"))?;
    let mut best = (0, first);
    for (i, value) in values.enumerate() {
        if compare(value, best.1)? == wanted {
            best = (i + 1, value);
        }
    }
    Ok(best)
}

/// Of one list, or of several arguments, the further ones in a list.
fn extreme_of(args: &[Value], wanted: Ordering) -> Outcome {
    let best = match args {
        [Value::List(items)] => extreme(items.iter(), wanted)?.1,
        [a, b, Value::List(rest)] => extreme([a, b].into_iter().chain(rest), wanted)?.1,
        several => extreme(several.iter(), wanted)?.1,
    };
    Ok(best.clone())
}

fn min(_: &mut Memory, args: &[Value]) -> Outcome {
    extreme_of(args, Ordering::Less)
}

fn max(_: &mut Memory, args: &[Value]) -> Outcome {
    extreme_of(args, Ordering::Greater)
}

fn extreme_index(args: &[Value], wanted: Ordering) -> Outcome {
    let (place, _) = extreme(list(args, 0)?.iter(), wanted)?;
    Ok(Value::Int(i64::try_from(place).unwrap_or(i64::MAX)))
}

fn min_index(_: &mut Memory, args: &[Value]) -> Outcome {
    extreme_index(args, Ordering::Less)
}

fn max_index(_: &mut Memory, args: &[Value]) -> Outcome {
    extreme_index(args, Ordering::Greater)
}

fn sum(_: &mut Memory, args: &[Value]) -> Outcome {
    let items = list(args, 0)?;
    let mut total = Value::Int(0);
    for item in items {
        total = match (&total, item) {
            (Value::Int(a), Value::Int(b)) => Value::Int(a.checked_add(*b).ok_or_else(overflow)?),
            (a, b) => Value::Float(number(a)? + number(b)?),
        };
    }
    Ok(total)
}

/// The numbers of a list, at least `least` of them.
fn numbers(args: &[Value], least: usize, name: &str) -> Result<Vec<f64>, Fault> {
    let items = list(args, 0)?;
    if items.len() < least {
        let found = items.len();
        return Err(bad_value(format!(
            "`{name}` needs at least {least} numbers, the list has {found}"
        )));
    }
    items.iter().map(number).collect()
}

fn mean(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(Value::Float(exact::mean(&numbers(args, 1, "mean")?)))
}

fn median(_: &mut Memory, args: &[Value]) -> Outcome {
    let mut sorted = numbers(args, 1, "median")?;
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    Ok(Value::Float(match sorted.len() % 2 {
        1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }))
}

fn stdev(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(Value::Float(exact::deviation(&numbers(args, 2, "stdev")?)))
}

fn sqrt(_: &mut Memory, args: &[Value]) -> Outcome {
    let x = float(args, 0)?;
    match x < 0.0 {
        true => Err(bad_value(format!("`sqrt` of the negative number {x}"))),
        false => Ok(Value::Float(x.sqrt())),
    }
}

fn unreadable(s: &str, ty: &str) -> Fault {
    bad_value(format!("{} is no {ty}", source_text(s)))
}

/// The digits of a number as Python reads it: white space around, underscores between digits, digits of any script.
fn digits(s: &str) -> Option<String> {
    let trimmed = python_strip(s);
    let trimmed: String = trimmed.chars().map(ascii_digit).collect();
    let joined = |at: usize| {
        let digit = |c: Option<&u8>| c.is_some_and(u8::is_ascii_digit);
        let bytes = trimmed.as_bytes();
        at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1))
    };
    match trimmed.match_indices('_').all(|(at, _)| joined(at)) {
        true => Some(trimmed.replace('_', "")),
        false => None,
    }
}

fn to_int(_: &mut Memory, args: &[Value]) -> Outcome {
    match args.first() {
        Some(Value::Bool(b)) => Ok(Value::Int(i64::from(*b))),
        Some(Value::Str(s)) => {
            let int = digits(s).and_then(|digits| digits.parse().ok());
            int.map(Value::Int).ok_or_else(|| unreadable(s, "int"))
        }
        Some(Value::Float(x)) => whole(x.trunc()),
        _ => Ok(Value::Int(int(args, 0)?)),
    }
}

fn to_float(_: &mut Memory, args: &[Value]) -> Outcome {
    match args.first() {
        Some(Value::Bool(b)) => Ok(Value::Float(f64::from(u8::from(*b)))),
        Some(Value::Str(s)) => {
            let float = digits(s).and_then(|digits| digits.parse().ok());
            float.map(Value::Float).ok_or_else(|| unreadable(s, "float"))
        }
        _ => Ok(Value::Float(float(args, 0)?)),
    }
}
