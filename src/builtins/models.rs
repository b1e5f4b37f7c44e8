//! `stdlib/models.dsp`: models, and what is known of calls to them.

use std::sync::Arc;

use super::args::{given, list, misfit, size, text};
use super::files::ready;
use super::{immediate, machine, settled};
use crate::adapter::TwoStepValue;
use crate::diag::{Fault, FaultKind};
use crate::host::BoxFuture;
use crate::lm::local::Local;
use crate::lm::{self, Member, dummy, function, several};
use crate::trace::{ModelUsage, Usage};
use crate::value::{LmKind, LmSpec, Record, Value};
use crate::vm::{Context, Intrinsic, Meta, Native};

pub const NATIVES: &[Native] = &[
    machine("Predict", Intrinsic::Predict),
    immediate("LM", language_model),
    immediate("round_robin", round_robin),
    immediate("DummyLM", dummy_model),
    immediate("TwoStep", two_step),
    machine("stream", Intrinsic::Stream),
    immediate("meta", meta),
    immediate("completions", completions),
    settled("_history", history),
    settled("usage", usage),
];

type Later = BoxFuture<'static, Result<Value, Fault>>;

/// The parameters of `LM` behind its name, in their order; `extra` holds further ones.
pub const OPTIONS: [&str; 18] = [
    "temperature",
    "max_tokens",
    "top_p",
    "stop",
    "seed",
    "timeout",
    "first_byte_timeout",
    "cache",
    "api_base",
    "api_key_env",
    "model_type",
    "price",
    "reasoning_effort",
    "logprobs",
    "headers",
    "rpm",
    "tpm",
    "extra",
];

/// The options of a model, the first of them at a place among the arguments.
fn options(args: &[Value], first: usize) -> Record {
    let mut options = Record::default();
    for (i, name) in OPTIONS.iter().enumerate() {
        match given(args, i + first) {
            Some(Value::Dict(extra)) if *name == "extra" => {
                extra
                    .iter()
                    .for_each(|(name, value)| options.set(name.clone(), value.clone()));
            }
            Some(value) => options.set(*name, value.clone()),
            None => {}
        }
    }
    options
}

/// `LM("openai/gpt-4o-mini", temperature: 0.5)`
fn language_model(cx: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    let options = options(args, 1);
    let spec = match args.first() {
        Some(Value::Function(function)) => function::model(function.clone(), options),
        Some(Value::List(_)) => several(members(cx, args, 0)?, options, false)?,
        _ => LmSpec {
            name: Local::placed(text(args, 0)?, cx.folder).into(),
            options,
            kind: LmKind::Provider,
        },
    };
    lm::check(&spec)?;
    Ok(Value::Lm(Arc::new(spec)))
}

/// `LM.round_robin(["openai/a", "openai/b"])`
fn round_robin(cx: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    let spec = several(members(cx, args, 1)?, options(args, 2), true)?;
    Ok(Value::Lm(Arc::new(spec)))
}

/// `["openai/a", LM("openai/b", api_base: "http://…")]`
fn members(cx: &Context<'_>, args: &[Value], at: usize) -> Result<Vec<Member>, Fault> {
    let member = |member: &Value| match member {
        Value::Lm(spec) => Ok(Member::Own(spec.clone())),
        Value::Str(name) => Ok(Member::Name(Local::placed(name, cx.folder).into())),
        other => Err(misfit("str | LM", other)),
    };
    list(args, at)?.iter().map(member).collect()
}

fn dummy_model(_: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    let answers = args.first().unwrap_or(&Value::None);
    Ok(Value::Lm(Arc::new(dummy::model(answers)?)))
}

/// `TwoStep(LM("openai/gpt-4o-mini"))`
fn two_step(_: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    match args.first() {
        Some(Value::Lm(extractor)) => Ok(Value::Opaque(Arc::new(TwoStepValue {
            extractor: extractor.clone(),
        }))),
        _ => Err(Fault::new(FaultKind::Type, "`TwoStep` takes a model")),
    }
}

fn meta(_: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    let known = args.first().and_then(Meta::of).map(Meta::record);
    known.ok_or_else(|| {
        Fault::new(
            FaultKind::Type,
            "this value is no prediction, so nothing is known of its call",
        )
        .help("`meta` takes what a predictor returned, before it was copied into another record")
    })
}

fn completions(_: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    let prediction = args.first().unwrap_or(&Value::None);
    Ok(Meta::completions(prediction))
}

/// What `inspect_history` prints, without the newline that `print` adds.
fn history(cx: Context<'_>, args: Vec<Value>) -> Later {
    ready(size(&args, 0, "n").map(|n| {
        // Without colours: on a terminal nothing that a script prints steers it. `dsp history` has them.
        let text = cx.history.render(n, false);
        Value::str(text.strip_suffix('\n').unwrap_or(&text))
    }))
}

fn usage(cx: Context<'_>, _: Vec<Value>) -> Later {
    ready(Ok(usage_record(&cx.history.usage())))
}

/// `{calls, cached, prompt_tokens, completion_tokens, cost, by_model}`
pub fn usage_record(usage: &Usage) -> Value {
    let by_model = usage
        .by_model
        .iter()
        .map(|(name, of_model)| (name.as_str(), Value::record(counts(of_model))));
    let by_model = Value::dict(by_model);
    Value::record(counts(&usage.total).into_iter().chain([("by_model", by_model)]))
}

fn counts(usage: &ModelUsage) -> [(&'static str, Value); 5] {
    let count = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    [
        ("calls", count(usage.calls)),
        ("cached", count(usage.cached)),
        ("prompt_tokens", count(usage.prompt_tokens)),
        ("completion_tokens", count(usage.completion_tokens)),
        ("cost", Value::Float(usage.cost)),
    ]
}
