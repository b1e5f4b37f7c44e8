//! The Rust bodies of the library's natives, one file for each file of `stdlib/` that has some, and the texts of the
//! library. What a native takes and returns is said by its declaration there, not here.

mod args;
mod callable;
mod choices;
mod code;
mod dicts;
mod embedding;
mod evaluate;
mod files;
mod finetune;
mod json;
mod lists;
mod mcp;
mod media;
pub mod metrics;
pub mod models;
mod numbers;
mod numerals;
mod optimize;
pub mod plan;
mod programs;
mod random;
mod reflection;
mod report;
mod retrieval;
mod signatures;
mod system;
mod text;

use std::borrow::Cow;

use crate::diag::Fault;
use crate::host::BoxFuture;
use crate::value::Value;
use crate::vm::{Body, Called, Context, Dry, Intrinsic, Looks, Memory, Native, Registry};

/// The library's files: name and text. `import "std/text"` names the first.
pub const LIBRARY: &[(&str, &str)] = &[
    ("std/text.dsp", include_str!("../../stdlib/text.dsp")),
    ("std/numbers.dsp", include_str!("../../stdlib/numbers.dsp")),
    ("std/lists.dsp", include_str!("../../stdlib/lists.dsp")),
    ("std/dicts.dsp", include_str!("../../stdlib/dicts.dsp")),
    ("std/json.dsp", include_str!("../../stdlib/json.dsp")),
    ("std/files.dsp", include_str!("../../stdlib/files.dsp")),
    ("std/system.dsp", include_str!("../../stdlib/system.dsp")),
    ("std/random.dsp", include_str!("../../stdlib/random.dsp")),
    ("std/models.dsp", include_str!("../../stdlib/models.dsp")),
    ("std/embedding.dsp", include_str!("../../stdlib/embedding.dsp")),
    ("std/retrieval.dsp", include_str!("../../stdlib/retrieval.dsp")),
    ("std/signatures.dsp", include_str!("../../stdlib/signatures.dsp")),
    ("std/programs.dsp", include_str!("../../stdlib/programs.dsp")),
    ("std/code.dsp", include_str!("../../stdlib/code.dsp")),
    ("std/mcp.dsp", include_str!("../../stdlib/mcp.dsp")),
    ("std/reflection.dsp", include_str!("../../stdlib/reflection.dsp")),
    (
        "std/predict/several.dsp",
        include_str!("../../stdlib/predict/several.dsp"),
    ),
    (
        "std/predict/advice.dsp",
        include_str!("../../stdlib/predict/advice.dsp"),
    ),
    ("std/predict/agent.dsp", include_str!("../../stdlib/predict/agent.dsp")),
    ("std/predict/code.dsp", include_str!("../../stdlib/predict/code.dsp")),
    (
        "std/predict/nearest.dsp",
        include_str!("../../stdlib/predict/nearest.dsp"),
    ),
    ("std/plan.dsp", include_str!("../../stdlib/plan.dsp")),
    ("std/metrics.dsp", include_str!("../../stdlib/metrics.dsp")),
    ("std/evaluate.dsp", include_str!("../../stdlib/evaluate.dsp")),
    (
        "std/optimize/compile.dsp",
        include_str!("../../stdlib/optimize/compile.dsp"),
    ),
    (
        "std/optimize/report.dsp",
        include_str!("../../stdlib/optimize/report.dsp"),
    ),
    (
        "std/optimize/few_shot.dsp",
        include_str!("../../stdlib/optimize/few_shot.dsp"),
    ),
    (
        "std/optimize/random_search.dsp",
        include_str!("../../stdlib/optimize/random_search.dsp"),
    ),
    (
        "std/optimize/proposals.dsp",
        include_str!("../../stdlib/optimize/proposals.dsp"),
    ),
    (
        "std/optimize/ascent.dsp",
        include_str!("../../stdlib/optimize/ascent.dsp"),
    ),
    (
        "std/optimize/rules.dsp",
        include_str!("../../stdlib/optimize/rules.dsp"),
    ),
    (
        "std/optimize/batches.dsp",
        include_str!("../../stdlib/optimize/batches.dsp"),
    ),
    (
        "std/optimize/variations.dsp",
        include_str!("../../stdlib/optimize/variations.dsp"),
    ),
    (
        "std/optimize/evolution.dsp",
        include_str!("../../stdlib/optimize/evolution.dsp"),
    ),
    (
        "std/optimize/survival.dsp",
        include_str!("../../stdlib/optimize/survival.dsp"),
    ),
    (
        "std/optimize/together.dsp",
        include_str!("../../stdlib/optimize/together.dsp"),
    ),
    (
        "std/optimize/finetune.dsp",
        include_str!("../../stdlib/optimize/finetune.dsp"),
    ),
    (
        "std/optimize/calibration.dsp",
        include_str!("../../stdlib/optimize/calibration.dsp"),
    ),
    (
        "std/optimize/combinations.dsp",
        include_str!("../../stdlib/optimize/combinations.dsp"),
    ),
];

/// The types that only natives make.
pub const TYPES: &[&str] = &["Adapter", "Random", "Gate", "Tally", "Search", "Server"];

/// All bodies.
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    for natives in [
        text::NATIVES,
        numbers::NATIVES,
        lists::NATIVES,
        dicts::NATIVES,
        json::NATIVES,
        files::NATIVES,
        system::NATIVES,
        random::NATIVES,
        embedding::NATIVES,
        retrieval::NATIVES,
        models::NATIVES,
        metrics::NATIVES,
        signatures::NATIVES,
        programs::NATIVES,
        reflection::NATIVES,
        evaluate::NATIVES,
        plan::NATIVES,
        optimize::NATIVES,
        report::NATIVES,
        choices::NATIVES,
        code::NATIVES,
        mcp::NATIVES,
        finetune::NATIVES,
    ] {
        registry.extend(natives);
    }
    registry
}

type Plain = fn(&mut Memory, &[Value]) -> Result<Value, Fault>;
type Immediate = fn(&mut Context<'_>, &[Value]) -> Result<Value, Fault>;
type Eventual = fn(Context<'_>, Vec<Value>) -> BoxFuture<'static, Result<Value, Fault>>;
type Outside = fn(Context<'_>, Vec<Value>) -> BoxFuture<'static, Called>;

/// Computes with all that is in its arguments, and with what the machine knows.
const fn immediate(name: &'static str, body: Immediate) -> Native {
    Native {
        name: Cow::Borrowed(name),
        looks: Looks::Deep,
        body: Body::Immediate(body),
        dry: Dry::Runs,
    }
}

/// Computes with all that is in its arguments.
const fn pure(name: &'static str, body: Plain) -> Native {
    Native {
        name: Cow::Borrowed(name),
        looks: Looks::Deep,
        body: Body::Pure(body),
        dry: Dry::Runs,
    }
}

/// Moves elements about without looking at them.
const fn stores(name: &'static str, body: Plain) -> Native {
    Native {
        name: Cow::Borrowed(name),
        looks: Looks::Shallow,
        body: Body::Pure(body),
        dry: Dry::Runs,
    }
}

/// As `effect`, but those of different elements of a comprehension overlap.
const fn overlapping(name: &'static str, body: Eventual) -> Native {
    Native {
        name: Cow::Borrowed(name),
        looks: Looks::Deep,
        body: Body::Overlapping(body),
        dry: Dry::Unanswered,
    }
}

/// As `effect`, and waits for every model call before it.
const fn settled(name: &'static str, body: Eventual) -> Native {
    Native {
        name: Cow::Borrowed(name),
        looks: Looks::Deep,
        body: Body::Settled(body),
        dry: Dry::Runs,
    }
}

/// Starts at once and yields its value later.
const fn call(name: &'static str, body: Outside) -> Native {
    Native {
        name: Cow::Borrowed(name),
        looks: Looks::Deep,
        body: Body::Call(body),
        dry: Dry::Runs,
    }
}

/// Waits its turn among the effects.
const fn effect(name: &'static str, body: Eventual) -> Native {
    Native {
        name: Cow::Borrowed(name),
        looks: Looks::Deep,
        body: Body::Effect(body),
        dry: Dry::Runs,
    }
}

/// The machine does it. What is said is looked at whole; what is stored is not.
const fn machine(name: &'static str, intrinsic: Intrinsic) -> Native {
    let looks = match intrinsic {
        Intrinsic::Print | Intrinsic::Debug | Intrinsic::Fail => Looks::Deep,
        _ => Looks::Shallow,
    };
    Native {
        name: Cow::Borrowed(name),
        looks,
        body: Body::Machine(intrinsic),
        dry: Dry::Runs,
    }
}
