//! `stdlib/optimize/report.dsp`: what a search had to go by, and what it did.

use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;

use super::args::{given, list, misfit, opaque, size};
use super::callable::parameters;
use super::immediate;
use crate::call::{Budget, Forecast};
use crate::diag::{Fault, FaultKind};
use crate::evaluate::bars;
use crate::evaluate::identity::data_hash;
use crate::evaluate::search::{Ended, Search};
use crate::value::{EcoString, List, Opaque, Record, Value, json};
use crate::vm::{Context, Native, programs};

pub const NATIVES: &[Native] = &[
    immediate("_expect", |_, args| {
        opaque::<Search>(args, 0, "Search")?.expect(size(args, 1, "trials")? as u64);
        Ok(Value::None)
    }),
    immediate("_saw", saw),
    immediate("_sourced", sourced),
    immediate("_warn_of_data", warn_of_data),
    immediate("_warn_of_devset", warn_of_devset),
    immediate("_report", report),
];

type Cx<'a, 'b> = &'a mut Context<'b>;
type Outcome = Result<Value, Fault>;

/// The rows that a program was compiled on, among the facts of how it was made; they are not saved.
const TRAINSET: &str = "_trainset";
/// Below so many labelled rows luck decides.
const FEW: usize = 10;

/// `_saw(search, scores)`
fn saw(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let scores = list(args, 1)?.iter().map(super::args::number);
    opaque::<Search>(args, 0, "Search")?.saw(&scores.collect::<Result<Vec<f64>, _>>()?);
    Ok(Value::None)
}

/// `_sourced(demo, row)`: the demo, which knows the row that it came from.
fn sourced(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let Some(Value::Record(demo)) = given(args, 0) else {
        return Ok(given(args, 0).cloned().unwrap_or_default());
    };
    let mut demo = Record::clone(demo);
    demo.meta = Some(Arc::new(Row(given(args, 1).cloned().unwrap_or_default())));
    Ok(Value::Record(Arc::new(demo)))
}

/// Rides on a demo: the row that it came from.
#[derive(Debug)]
struct Row(Value);

impl Opaque for Row {
    fn type_name(&self) -> &'static str {
        "row"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `_warn_of_data(program, trainset, valset)`: what makes a search say less than it seems to.
fn warn_of_data(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    // A search inside another one has its data from there.
    if Budget::of(cx.settings).is_some() || Forecast::covers(cx.settings) {
        return Ok(Value::None);
    }
    let trainset = list(args, 1)?;
    let takes = parameters(cx.program, given(args, 0).unwrap_or(&Value::None)).unwrap_or_default();
    let is_label = |name: &EcoString, value: &Value| !value.is_none() && !takes.iter().any(|p| p.name == *name);
    let labelled = trainset.iter().filter(|row| match row {
        Value::Record(record) => record.iter().any(|(name, value)| is_label(name, value)),
        Value::Dict(dict) => dict.iter().any(|(name, value)| is_label(name, value)),
        _ => false,
    });
    let labelled = labelled.count();
    if labelled < FEW {
        let rows = if labelled == 1 { "row" } else { "rows" };
        warn(
            cx,
            &format!(
                "the trainset has {labelled} labelled {rows}; with fewer than {FEW}, luck decides more than the search"
            ),
        );
    }
    if let Some(Value::List(valset)) = given(args, 2) {
        let shared = shared(trainset, valset);
        if shared > 0 {
            warn(
                cx,
                &format!(
                    "{shared} of the {} rows of the valset are in the trainset too, so their scores say little about new rows",
                    valset.len()
                ),
            );
        }
    }
    Ok(Value::None)
}

/// `_warn_of_devset(program, devset)`: no rows, and rows that the program was compiled on, are no test of it.
fn warn_of_devset(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    if Budget::of(cx.settings).is_some() || Forecast::covers(cx.settings) {
        return Ok(Value::None);
    }
    let devset = list(args, 1)?;
    if devset.is_empty() {
        warn(cx, "the devset has no rows: its score is 0 whatever the program does");
    }
    let made = given(args, 0).and_then(programs::made);
    let Some(made) = made.filter(|_| !devset.is_empty()) else {
        return Ok(Value::None);
    };
    let shared = match made.get(TRAINSET) {
        Some(Value::List(trainset)) => shared(trainset, devset),
        // A state keeps no rows, but tells these from others.
        _ if hash_of(made.get("data")).is_some_and(|hash| *hash == *data_hash(devset)) => devset.len(),
        _ => 0,
    };
    if shared > 0 {
        warn(
            cx,
            &format!(
                "the program was compiled on {shared} of these {} rows, so the score says little about new rows",
                devset.len()
            ),
        );
    }
    Ok(Value::None)
}

/// That of the `{count, hash}` of a saved state.
fn hash_of(data: Option<&Value>) -> Option<EcoString> {
    let hash = match data? {
        Value::Record(data) => data.get("hash").cloned(),
        Value::Dict(data) => data.get("hash").cloned(),
        _ => None,
    };
    match hash? {
        Value::Str(hash) => Some(hash),
        _ => None,
    }
}

/// How many of `rows` are among the known ones.
fn shared(known: &List, rows: &List) -> usize {
    let known: HashSet<String> = known.iter().map(|row| json(row, None)).collect();
    rows.iter().filter(|row| known.contains(&json(row, None))).count()
}

fn warn(cx: Cx<'_, '_>, message: &str) {
    // A stderr that is gone stops nothing.
    let _ = bars::say(cx.host.as_ref(), &format!("warning: {message}"));
}

/// What is known of a search beside what a saved state tells of it.
pub fn facts(search: &Search, found: &Value, trainset: &Value) -> Vec<(&'static str, Value)> {
    let trials = search.trials();
    let rows = match trainset {
        Value::List(rows) => rows.clone(),
        _ => List::default(),
    };
    vec![
        ("trials", Value::list(trials.iter().map(trial))),
        ("demos", Value::list(demos(found, &rows))),
        (TRAINSET, Value::List(rows)),
    ]
}

fn trial(ended: &Ended) -> Value {
    Value::record([
        ("name", Value::Str(ended.name.clone())),
        ("score", Value::Float(ended.candidate.score)),
        (
            "calls",
            Value::Int(i64::try_from(ended.spent.calls).unwrap_or(i64::MAX)),
        ),
        ("cost", Value::Float(ended.spent.cost)),
        ("program", ended.candidate.program.clone()),
    ])
}

/// Each demo of each predictor, with the row of the trainset that it came from.
fn demos(program: &Value, rows: &List) -> Vec<Value> {
    let mut all = Vec::new();
    for (path, predictor) in programs::predictors(program) {
        for (i, demo) in predictor.demos.iter().enumerate() {
            let Value::Record(record) = demo else { continue };
            let known = record.meta.as_ref().and_then(|meta| meta.as_any().downcast_ref());
            // A demo that came out of a journal is known by its inputs.
            let inputs = predictor.signature.inputs.iter();
            let names: Vec<&EcoString> = inputs.map(|field| &field.name).collect();
            let is_source = |row: &Value| match (known, row) {
                (Some(Row(known)), row) => known == row,
                (None, Value::Record(row)) => {
                    let column = |name: &EcoString| row.get(name).is_some() && row.get(name) == record.get(name);
                    *row == *record || (!names.is_empty() && names.iter().all(|name| column(name)))
                }
                _ => false,
            };
            let row = rows.iter().position(is_source);
            all.push(Value::record([
                ("path", Value::Str(path.clone())),
                ("demo", number(i)),
                ("row", row.map_or(Value::None, number)),
                ("augmented", Value::Bool(record.get("augmented").is_some())),
            ]));
        }
    }
    all
}

fn number(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// What of the facts a file can hold: no programs, no rows.
pub fn kept(facts: &Record) -> Record {
    let own = facts.iter().filter(|(name, _)| !name.starts_with('_'));
    own.map(|(name, fact)| (name.clone(), without_programs(fact))).collect()
}

fn without_programs(fact: &Value) -> Value {
    match fact {
        Value::List(items) => Value::list(items.iter().map(without_programs)),
        Value::Record(record) => {
            let plain = record.iter().filter(|(_, value)| !matches!(value, Value::Program(_)));
            Value::record(plain.map(|(name, value)| (name.clone(), value.clone())))
        }
        other => other.clone(),
    }
}

/// `_report(program)`
fn report(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let program = match given(args, 0) {
        Some(program @ (Value::Program(_) | Value::Function(_))) => program,
        other => return Err(misfit("program", other.unwrap_or(&Value::None))),
    };
    let Some(made) = programs::made(program) else {
        let message = "the program is not what `compile` returned, so there is no search to report";
        return Err(Fault::new(FaultKind::State, message));
    };
    let fact = |name: &str| made.get(name).cloned().unwrap_or_default();
    let or_none = |value: Value| match value {
        Value::None => Value::list([]),
        list => list,
    };
    let trials = match fact("trials") {
        Value::List(trials) => Value::list(trials.iter().map(with_program)),
        other => or_none(other),
    };
    Ok(Value::record([
        ("score", fact("score")),
        ("seed", fact("seed")),
        ("metric", fact("metric")),
        ("model", fact("model")),
        ("trainset", fact("data")),
        ("valset", fact("valset")),
        ("trials", trials),
        ("demos", or_none(fact("demos"))),
    ]))
}

/// A trial that was loaded has no program any more.
fn with_program(trial: &Value) -> Value {
    let Value::Record(trial) = trial else {
        return trial.clone();
    };
    let mut trial = Record::clone(trial);
    if trial.get("program").is_none() {
        trial.set("program", Value::None);
    }
    Value::Record(Arc::new(trial))
}
