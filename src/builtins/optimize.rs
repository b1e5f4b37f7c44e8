//! `stdlib/optimize/`: what a search needs that dsp does not say.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::args::{bad_value, float, given, list, misfit, opaque, opt_int, text};
use super::files::ready;
use super::{effect, immediate, report};
use crate::call::{BUDGET, Budget, Caps, Forecast};
use crate::diag::{Fault, FaultKind};
use crate::evaluate::identity::{Identity, data_hash};
use crate::evaluate::search::{Candidate, FOLDER, Search};
use crate::host::BoxFuture;
use crate::value::{Program, Record, Value, json};
use crate::vm::{Context, Native, programs};

pub const NATIVES: &[Native] = &[
    immediate("_stable_hash", stable_hash),
    immediate("_search", search),
    immediate("_budget", |_, args| Ok(under(of(args)?.budget().clone()))),
    immediate("_part_budget", |_, args| {
        Ok(under(Arc::new(Budget::inside(of(args)?.budget()))))
    }),
    immediate("_recall", recall),
    immediate("_evaluation_failed", |cx, _| {
        if let Some(part) = Budget::of(cx.settings) {
            part.fail();
        }
        Ok(Value::None)
    }),
    effect("_conclude", conclude),
    immediate("_is_spent", |_, args| {
        Ok(Value::Bool(of(args)?.budget().refusal().is_some()))
    }),
    immediate("_close", close),
    immediate("_made", made),
];

type Cx<'a, 'b> = &'a mut Context<'b>;
type Outcome = Result<Value, Fault>;
type Later = BoxFuture<'static, Outcome>;

/// A number that depends on nothing but the value: the same on every machine and in every version.
fn stable_hash(_: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    let text = json(given(args, 0).unwrap_or(&Value::None), None);
    let digest = Sha256::digest(text.as_bytes());
    let head = digest
        .iter()
        .take(8)
        .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    Ok(Value::Int(i64::try_from(head >> 1).unwrap_or(i64::MAX)))
}

fn of(args: &[Value]) -> Result<&Search, Fault> {
    opaque::<Search>(args, 0, "Search")
}

/// Settings under which calls are counted in a budget.
fn under(budget: Arc<Budget>) -> Value {
    Value::record([(BUDGET, Value::Opaque(budget))])
}

/// `_search({program, trainset, valset, metric, optimizer, seed}, max_calls, max_cost)`
fn search(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let caps = Caps {
        calls: match opt_int(args, 1)? {
            Some(n) => Some(u64::try_from(n).map_err(|_| bad_value("`max_calls` must not be negative"))?),
            None => None,
        },
        cost: given(args, 2).map(|_| float(args, 2)).transpose()?,
    };
    if caps.cost.is_some_and(|cost| cost.is_nan() || cost < 0.0) {
        return Err(bad_value("`max_cost` must not be negative"));
    }
    let mut identity = Identity::default();
    identity.sources(&cx.program.sources);
    identity.settings(cx.settings);
    identity.value(cx.default_lm);
    identity.value(given(args, 0).unwrap_or(&Value::None));
    // Where there is no cache folder, there is no journal.
    let foretold = Forecast::covers(cx.settings);
    let keeps = cx.client.keeps() && !foretold;
    let folder = cx.host.cache_dir().ok().filter(|_| keeps);
    let file = folder.zip(identity.hash());
    let file = file.map(|(folder, hash)| folder.join(FOLDER).join(format!("{hash}.jsonl")));
    let budget = Budget::within(cx.settings, caps);
    let search = Search::open(cx.host.clone(), file, budget, foretold);
    Ok(Value::Opaque(Arc::new(search)))
}

/// `_recall(search, name, program)`
fn recall(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let program = given(args, 2).unwrap_or(&Value::None);
    let known = of(args)?.recall(text(args, 1)?, program)?;
    Ok(known.map_or(Value::None, |Candidate { program, score }| {
        Value::record([("program", program), ("score", Value::Float(score))])
    }))
}

/// `_conclude(search, budget, name, program, score)`: an effect, so that trials that overlap end in their order. The
/// answers of a trial that is journalled are kept, so that a run that goes on does not pay for them again.
fn conclude(cx: Context<'_>, args: Vec<Value>) -> Later {
    cx.client.flush_cache();
    ready(concluded(&args))
}

fn concluded(args: &[Value]) -> Outcome {
    let budget = match given(args, 1) {
        Some(Value::Record(settings)) => settings.get(BUDGET).cloned(),
        _ => None,
    };
    let budget = [budget.unwrap_or_default()];
    let candidate = Candidate {
        program: given(args, 3).cloned().unwrap_or_default(),
        score: float(args, 4)?,
    };
    of(args)?.conclude(text(args, 2)?, opaque::<Budget>(&budget, 0, "Budget")?, &candidate)?;
    Ok(Value::None)
}

/// `_close(search, found, before)`: what was found; where the search was cut off, the best so far, else the program as
/// it was.
fn close(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let search = of(args)?;
    search.close();
    let found = given(args, 1).cloned();
    let best = || search.best().map(|best| best.program);
    let before = || given(args, 2).cloned().unwrap_or_default();
    Ok(found.or_else(best).unwrap_or_else(before))
}

/// `_made({program, …}, search, found)`: what an optimizer made, if it is a program of the same module as the one that
/// it was given; it knows how it was made.
fn made(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let Some(Value::Record(task)) = given(args, 0) else {
        return Err(misfit("record", given(args, 0).unwrap_or(&Value::None)));
    };
    let fact = |name: &str| task.get(name).cloned().unwrap_or_default();
    let found = given(args, 2).unwrap_or(&Value::None);
    improved(&fact("program"), found)?;
    let search = opaque::<Search>(args, 1, "Search")?;
    let lm = cx
        .settings
        .get("lm")
        .filter(|lm| !lm.is_none())
        .unwrap_or(cx.default_lm);
    let facts = [
        ("metric", callable_name(&fact("metric"))),
        ("data", data(&fact("trainset"))),
        ("valset", data(&fact("valset"))),
        ("model", model_name(lm)),
        ("seed", fact("seed")),
        (
            "score",
            search.best().map_or(Value::None, |best| Value::Float(best.score)),
        ),
    ];
    let more = report::facts(search, found, &fact("trainset"));
    let facts = facts.into_iter().chain(more).filter(|(_, fact)| !fact.is_none());
    let facts: Record = facts.map(|(name, fact)| (name.into(), fact)).collect();
    Ok(programs::with_made(found, Some(Arc::new(facts))))
}

fn callable_name(callable: &Value) -> Value {
    match callable {
        Value::Function(function) if function.name.is_empty() => Value::str("lambda"),
        Value::Function(function) => Value::Str(function.name.clone()),
        Value::None | Value::Absent => Value::None,
        other => Value::str(crate::value::show(other)),
    }
}

fn model_name(lm: &Value) -> Value {
    match lm {
        Value::Lm(lm) => Value::Str(lm.name.clone()),
        other => other.clone(),
    }
}

/// `{count, hash}`
fn data(rows: &Value) -> Value {
    match list(std::slice::from_ref(rows), 0) {
        Ok(rows) => Value::record([
            ("count", Value::Int(i64::try_from(rows.len()).unwrap_or(i64::MAX))),
            ("hash", Value::str(data_hash(rows))),
        ]),
        Err(_) => Value::None,
    }
}

/// An optimizer returns a program of the module that it was given.
fn improved(before: &Value, after: &Value) -> Result<(), Fault> {
    if is_same(before, after) || inside(after).is_some_and(|inner| is_same(before, inner)) {
        return Ok(());
    }
    let message = format!(
        "the optimizer returned {}, not a program of the module that it was given",
        crate::value::show(after)
    );
    Err(Fault::new(FaultKind::Type, message).help(
        "an optimizer is `|program, trainset, metric| program`; change the program with `with_demos` and its kin",
    ))
}

fn is_same(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Program(before), Value::Program(after)) => match (&**before, &**after) {
            (Program::Instance(before), Program::Instance(after)) => before.module == after.module,
            (Program::Predictor(_), Program::Predictor(_)) => true,
            _ => false,
        },
        // A function is a program without predictors: there is nothing in it that could change.
        (Value::Function(_), Value::Function(_)) => true,
        _ => false,
    }
}

/// The program that another one stands for.
fn inside(around: &Value) -> Option<&Value> {
    match around {
        Value::Program(program) => match &**program {
            Program::Instance(instance) => instance.inner(),
            Program::Predictor(_) => None,
        },
        _ => None,
    }
}
