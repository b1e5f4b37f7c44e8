//! `stdlib/code.dsp`: code that a model wrote, run apart.

use serde_json::{Value as Json, json};

use super::args::{entries, list, misfit, text, texts};
use super::effect;
use super::files::ready;
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, BoxFuture, HostErrorKind};
use crate::value::Value;
use crate::vm::{Context, Dry, Native, Ran, Snippet};

pub const NATIVES: &[Native] = &[
    effect("_run_apart", run_apart).dry(Dry::Unanswered),
    effect("_run_python", run_python).dry(Dry::Unanswered),
];

type Later = BoxFuture<'static, Result<Value, Fault>>;

/// The program that runs Python code in a worker of its own.
const PYTHON: &str = "python3";
const WORKER: &str = include_str!("worker.py");

/// `_run_apart(code, tools, known)`
fn run_apart(cx: Context<'_>, args: Vec<Value>) -> Later {
    let Some(sandbox) = cx.sandbox else {
        let message = "code that a model wrote is not run inside code that a model wrote";
        return ready(Err(Fault::new(FaultKind::Permission, message)));
    };
    match snippet(&args) {
        Ok(snippet) => {
            let ran = sandbox.run(snippet);
            Box::pin(async move { Ok(record(ran.await)) })
        }
        Err(fault) => ready(Err(fault)),
    }
}

fn snippet(args: &[Value]) -> Result<Snippet, Fault> {
    let known = list(args, 2)?.iter().map(|answer| {
        let of = |wanted: &str| -> Result<Value, Fault> {
            let entries = entries(answer)?;
            let found = entries.into_iter().find(|(name, _)| *name == wanted);
            Ok(found.map(|(_, value)| value.clone()).unwrap_or_default())
        };
        Ok(match of("error")? {
            Value::None => Ok(of("value")?),
            error => Err(error
                .as_str()
                .map_or_else(|| crate::value::show(&error), ToString::to_string)),
        })
    });
    Ok(Snippet {
        text: text(args, 0)?.to_string(),
        tools: texts(args, 1)?.into_iter().map(ToString::to_string).collect(),
        known: known.collect::<Result<_, Fault>>()?,
    })
}

fn record(ran: Ran) -> Value {
    let wants = ran
        .wants
        .map(|(name, args)| Value::record([("name", Value::Str(name)), ("args", Value::list(args))]));
    Value::record([
        ("printed", Value::str(ran.printed)),
        ("value", ran.value),
        ("error", ran.error.map_or(Value::None, Value::str)),
        ("wants", wants.unwrap_or_default()),
    ])
}

/// `_run_python(code)`: by `monty`, where the user has it.
fn run_python(cx: Context<'_>, args: Vec<Value>) -> Later {
    let code = match text(&args, 0) {
        Ok(code) => json!(code.as_str()).to_string(),
        Err(fault) => return ready(Err(fault)),
    };
    let arguments = ["-c".to_owned(), WORKER.to_owned(), code];
    let running = cx.host.run(Access::Script, PYTHON, &arguments);
    Box::pin(async move {
        let finished = running.await.map_err(|error| {
            let kind = match error.kind {
                HostErrorKind::Permission => FaultKind::Permission,
                _ => FaultKind::Io,
            };
            Fault::new(kind, error.message)
        })?;
        let said: Option<Json> = serde_json::from_slice(&finished.stdout).ok();
        match said.as_ref().map(Value::records_from_json) {
            Some(record @ Value::Record(_)) => Ok(record),
            Some(other) => Err(misfit("record", &other)),
            None => {
                let complaint = String::from_utf8_lossy(&finished.stderr);
                let last = complaint.lines().last().unwrap_or("it says nothing").to_owned();
                let fault = Fault::new(FaultKind::Io, format!("`{PYTHON}` could not run the code: {last}"));
                Err(fault.help("`pip install pydantic-monty` for the `python3` that is found first"))
            }
        }
    })
}
