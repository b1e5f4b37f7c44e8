//! `stdlib/evaluate.dsp`: what the loop over rows cannot say in dsp – which columns a program takes, how many parameters
//! a metric has, and the gate with its bar.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::args::{bad_value, flag, float, int, list, misfit, number, opaque, size, text};
use super::callable::parameters;
use super::immediate;
use super::models::usage_record;
use crate::call::Forecast;
use crate::diag::{Fault, FaultKind, nearest};
use crate::evaluate::bars;
use crate::evaluate::gate::{Ending, Gate};
use crate::evaluate::progress::Progress;
use crate::evaluate::rounding::round_to;
use crate::evaluate::score::{percentage, score, weight};
use crate::evaluate::{export, interval, table};
use crate::trace::{Span, TALLY, Tally};
use crate::value::{EcoString, List, Value};
use crate::vm::{Context, Native, Paced};

pub const NATIVES: &[Native] = &[
    immediate("_check_columns", check_columns),
    immediate("_arity", arity),
    immediate("_score", metric_score),
    immediate("_gate", gate),
    immediate("_let_in", let_in),
    immediate("_weight", |_, args| weight(said(args)).map(Value::Float)),
    immediate("_percentage", weighted_percentage),
    immediate("_difference_interval", difference_interval),
    immediate("_results_table", results_table),
    immediate("_results_text", results_text),
    immediate("_leave", leave),
    immediate("_leave_failed", leave_failed),
    immediate("_close_gate", close),
    immediate("_is_shut", |_, args| {
        Ok(Value::Bool(opaque::<Gate>(args, 0, "Gate")?.is_shut()))
    }),
    immediate("_odd", odd),
    immediate("_scored", scored),
    immediate("_results", results),
    immediate("_tally", tally),
    immediate("_tally_usage", tally_usage),
    immediate("_span", span),
    immediate("_note", note),
];

type Cx<'a, 'b> = &'a mut Context<'b>;
type Outcome = Result<Value, Fault>;

/// Whether every row has the columns that the program takes, those aside that are optional and that other rows have; the
/// fault names the nearest column.
fn check_columns(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let program = args.first().unwrap_or(&Value::None);
    let Some(parameters) = parameters(cx.program, program) else {
        return Ok(Value::None);
    };
    let rows = list(args, 1)?;
    let mut anywhere = None;
    for (i, row) in rows.iter().enumerate() {
        let columns = columns(row)?;
        for parameter in &parameters {
            if parameter.has_default || columns.contains(&&parameter.name) {
                continue;
            }
            let anywhere: &FxHashSet<&EcoString> = anywhere.get_or_insert_with(|| all_columns(rows));
            if !(parameter.is_optional && anywhere.contains(&parameter.name)) {
                return Err(no_column(&parameter.name, i, &columns));
            }
        }
    }
    Ok(Value::None)
}

fn columns(row: &Value) -> Result<Vec<&EcoString>, Fault> {
    match row {
        Value::Record(record) => Ok(record.names().iter().collect()),
        Value::Dict(dict) => Ok(dict.keys().collect()),
        other => Err(misfit("a row, which is a record", other)),
    }
}

fn all_columns(rows: &List) -> FxHashSet<&EcoString> {
    rows.iter().filter_map(|row| columns(row).ok()).flatten().collect()
}

fn no_column(parameter: &str, row: usize, columns: &[&EcoString]) -> Fault {
    let names = columns.iter().map(|name| name.as_str());
    let help = match nearest(parameter, names.clone()) {
        Some(column) => format!("did you mean the column `{column}`?"),
        None => match columns {
            [] => "the row has no columns".to_owned(),
            _ => format!(
                "the columns are {}",
                names.map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
            ),
        },
    };
    let message = format!("row {row} has no column `{parameter}`, which the program takes ({help})");
    Fault::new(FaultKind::Key, message).help(help)
}

fn arity(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let callable = args.first().unwrap_or(&Value::None);
    let parameters = parameters(cx.program, callable).ok_or_else(|| misfit("a function or program", callable))?;
    Ok(Value::Int(i64::try_from(parameters.len()).unwrap_or(i64::MAX)))
}

fn said(args: &[Value]) -> &Value {
    args.first().unwrap_or(&Value::None)
}

fn metric_score(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    score(said(args)).map(Value::Float)
}

fn numbers(args: &[Value], at: usize) -> Result<Vec<f64>, Fault> {
    list(args, at)?.iter().map(number).collect()
}

/// `_percentage(scores, weights)`
fn weighted_percentage(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    Ok(weighted_mean(&numbers(args, 0)?, &numbers(args, 1)?))
}

fn weighted_mean(scores: &[f64], weights: &[f64]) -> Value {
    let sum = scores.iter().zip(weights).map(|(score, weight)| score * weight).sum();
    Value::Float(percentage(sum, weights.iter().sum()))
}

/// `_difference_interval(differences, weights)`
fn difference_interval(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let (differences, weights) = (numbers(args, 0)?, numbers(args, 1)?);
    Ok(percentages(interval::of_differences(&differences, &weights)))
}

/// `{low, high}`
fn percentages((low, high): interval::Interval) -> Value {
    let percent = |x: f64| Value::Float(round_to(100.0 * x, 2));
    Value::record([("low", percent(low)), ("high", percent(high))])
}

/// `_results_table(results, most)`: `print` ends the last line.
fn results_table(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let text = table::head(list(args, 0)?, size(args, 1, "display")?, cx.host.columns());
    Ok(Value::str(text.trim_end()))
}

/// `_results_text(results, as_csv)`
fn results_text(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let results = list(args, 0)?;
    match flag(args, 1)? {
        true => export::csv(results).map(Value::str).map_err(bad_value),
        false => Ok(Value::str(export::as_json(results))),
    }
}

/// `_gate(rows, max_errors, label, quiet, tally)`
fn gate(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    const WIDTH: usize = 16;
    let width = match cx.settings.get("max_concurrency") {
        Some(Value::Int(n)) => usize::try_from(*n).unwrap_or(WIDTH),
        _ => WIDTH,
    };
    let rows = size(args, 0, "rows")?;
    let max_errors = u64::try_from(int(args, 1)?).map_err(|_| bad_value("`max_errors` must not be negative"))?;
    let Some(Value::Opaque(carried)) = args.get(4) else {
        return Err(misfit("Tally", args.get(4).unwrap_or(&Value::None)));
    };
    let progress = Progress::new(cx.host.clone(), text(args, 2)?.to_string(), rows as u64, flag(args, 3)?);
    let progress = Arc::new(progress);
    cx.client.waits().watch(&progress);
    let gate = Gate::new(rows, max_errors, width, carried.clone(), progress);
    Ok(Value::Opaque(Arc::new(gate)))
}

/// `_let_in(gate, rows)`
fn let_in(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let gate = opaque::<Gate>(args, 0, "Gate")?;
    Ok(Paced::value(list(args, 1)?.clone(), gate.entrance()))
}

/// `_leave(gate, score, weight)`
fn leave(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let (score, weight) = (float(args, 1)?, float(args, 2)?);
    opaque::<Gate>(args, 0, "Gate")?.leave(Ending::Scored(score, weight));
    Ok(Value::None)
}

/// `_leave_failed(gate, kind, metric)`: whether the failure counts towards the most that are allowed.
fn leave_failed(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let is_reply = FaultKind::from_name(text(args, 1)?).is_some_and(FaultKind::is_reply);
    let of_metric = flag(args, 2)?;
    let ending = match of_metric {
        true => Ending::Unjudged,
        false => Ending::Failed { counts: !is_reply },
    };
    opaque::<Gate>(args, 0, "Gate")?.leave(ending);
    Ok(Value::Bool(of_metric || !is_reply))
}

/// `_close_gate(gate, rows)`: the rows, which have all been looked at.
fn close(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let (gate, rows) = (opaque::<Gate>(args, 0, "Gate")?, list(args, 1)?);
    gate.close(rows.iter().find_map(failure));
    Ok(Value::List(rows.clone()))
}

/// What is said of a row that is not like most.
const ODD: &str = "odd";

fn odd_of(row: &Value) -> Option<&Value> {
    match row {
        Value::Record(row) => row.get(ODD),
        _ => None,
    }
}

/// `_odd(row)`
fn odd(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let usual = || {
        Value::record([
            ("weight", Value::Float(1.0)),
            ("judged", Value::Bool(true)),
            ("counts", Value::Bool(false)),
        ])
    };
    Ok(odd_of(said(args)).cloned().unwrap_or_else(usual))
}

/// `_scored(rows)`: `{score, interval}`
fn scored(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let (mut scores, mut weights) = (Vec::new(), Vec::new());
    for row in list(args, 0)? {
        let Value::Record(known) = row else { continue };
        let weight = match odd_of(row) {
            Some(Value::Record(odd)) if matches!(odd.get("judged"), Some(Value::Bool(false))) => continue,
            Some(Value::Record(odd)) => odd.get("weight"),
            _ => None,
        };
        scores.push(number(known.get("score").unwrap_or(&Value::None))?);
        weights.push(weight.map_or(Ok(1.0), number)?);
    }
    Ok(Value::record([
        ("score", weighted_mean(&scores, &weights)),
        ("interval", percentages(interval::of_scores(&scores, &weights))),
    ]))
}

/// `_results(rows)`
fn results(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let rows = list(args, 0)?;
    if rows.iter().all(|row| odd_of(row).is_none()) {
        return Ok(Value::List(rows.clone()));
    }
    let plain = |row: &Value| match row {
        Value::Record(row) => {
            let fields = row.iter().filter(|(name, _)| *name != ODD);
            Value::Record(Arc::new(
                fields.map(|(name, value)| (name.clone(), value.clone())).collect(),
            ))
        }
        other => other.clone(),
    };
    Ok(Value::list(rows.iter().map(plain)))
}

/// What went wrong with a row.
fn failure(row: &Value) -> Option<&EcoString> {
    let Value::Record(row) = row else { return None };
    let Some(Value::Record(error)) = row.get("error") else {
        return None;
    };
    error.get("message")?.as_str()
}

/// A fresh tally, as settings that carry it.
fn tally(cx: Cx<'_, '_>, _: &[Value]) -> Outcome {
    let tally = Tally::within(cx.settings);
    Ok(Value::record([(TALLY, Value::Opaque(Arc::new(tally)))]))
}

/// A span that begins now, as settings that carry it; none where nothing is traced.
fn span(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    if !cx.history.is_observed() {
        return Ok(Value::Record(Arc::default()));
    }
    let (kind, name) = (text(args, 0)?, text(args, 1)?);
    let id = cx.history.next_span();
    let span = Span::within(cx.settings, id, kind, name.into(), None, cx.host.now());
    let (setting, value) = Arc::new(span).setting();
    Ok(Value::record([(setting, value)]))
}

fn tally_usage(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    Ok(usage_record(&opaque::<Tally>(args, 0, "Tally")?.usage()))
}

/// A line on stderr about the progress of a search.
fn note(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    if !Forecast::covers(cx.settings) {
        // Progress is a courtesy: a stderr that is gone stops nothing.
        let _ = bars::say(cx.host.as_ref(), text(args, 0)?);
    }
    Ok(Value::None)
}
