//! `stdlib/programs.dsp`: programs as values, and their state in files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::{list, misfit, text};
use super::files::{file_fault, read_file, ready};
use super::{effect, immediate, machine, report, signatures};
use crate::artifact::{PredictorState, State};
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, BoxFuture};
use crate::value::{EcoString, Predictor, Record, Value};
use crate::vm::{Context, Dry, Intrinsic, Native, programs};

pub const NATIVES: &[Native] = &[
    immediate("predictors", predictors),
    immediate("with_demos", with_demos),
    immediate("with_instructions", with_instructions),
    immediate("with_lm", with_lm),
    immediate("calibration", calibration),
    immediate("with_calibration", with_calibration),
    immediate("_labelled", labelled),
    machine("collect", Intrinsic::Collect),
    machine("with_settings", Intrinsic::WithSettings),
    effect("save", save).dry(Dry::Skipped),
    effect("load", load),
];

type Cx<'a, 'b> = &'a mut Context<'b>;
type Outcome = Result<Value, Fault>;
type Later = BoxFuture<'static, Outcome>;

fn program(args: &[Value]) -> Result<&Value, Fault> {
    match args.first() {
        // A function is a program without predictors.
        Some(program @ (Value::Program(_) | Value::Function(_))) => Ok(program),
        other => Err(misfit("program", other.unwrap_or(&Value::None))),
    }
}

fn predictors(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let all = programs::predictors(program(args)?).into_iter();
    Ok(Value::list(all.map(|(path, predictor)| {
        Value::record([
            ("path", Value::Str(path)),
            ("signature", Value::Signature(predictor.signature)),
            ("demos", Value::List(predictor.demos)),
            ("lm", predictor.lm.unwrap_or_default()),
        ])
    })))
}

fn with_demos(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    programs::with_demos(program(args)?, text(args, 1)?, list(args, 2)?.clone())
}

/// Of a program (with a path) or of a signature.
fn with_instructions(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    match args {
        [signature, Value::Str(instructions)] => signatures::with_instructions(signature, instructions),
        _ => programs::with_instructions(program(args)?, text(args, 1)?, text(args, 2)?),
    }
}

fn with_lm(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    programs::with_lm(program(args)?, text(args, 1)?, args.get(2).unwrap_or(&Value::None))
}

/// For each predictor that has one, its calibration.
fn calibration(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let scores =
        |scores: &BTreeMap<EcoString, f64>| Value::dict(scores.iter().map(|(n, s)| (n.as_str(), Value::Float(*s))));
    let all = programs::predictors(program(args)?)
        .into_iter()
        .filter_map(|(path, predictor)| {
            let known = predictor.calibration?;
            Some((
                path,
                Value::dict(known.iter().map(|(field, of)| (field.as_str(), scores(of)))),
            ))
        });
    Ok(Value::dict(all.collect::<Vec<_>>()))
}

fn with_calibration(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let wrong = || {
        Fault::new(
            FaultKind::Type,
            "a calibration has a number for each literal of an output",
        )
    };
    let Some(Value::Dict(fields)) = args.get(2) else {
        return Err(wrong());
    };
    let mut known = BTreeMap::new();
    for (field, scores) in fields.iter() {
        let Value::Dict(scores) = scores else {
            return Err(wrong());
        };
        let scores = scores.iter().map(|(literal, score)| match score {
            Value::Float(score) => Ok((literal.clone(), *score)),
            Value::Int(score) => Ok((literal.clone(), *score as f64)),
            _ => Err(wrong()),
        });
        known.insert(field.clone(), scores.collect::<Result<_, _>>()?);
    }
    let known = Some(Arc::new(known)).filter(|known| !known.is_empty());
    programs::with_calibration(program(args)?, text(args, 1)?, &known)
}

fn labelled(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    Ok(programs::labelled(program(args)?))
}

fn save(cx: Context<'_>, args: Vec<Value>) -> Later {
    ready(text(&args, 1).and_then(|path| {
        let program = program(&args)?;
        let facts = report::kept(&programs::made(program).unwrap_or_default());
        let state = State {
            predictors: programs::predictors(program)
                .iter()
                .map(|(path, predictor)| (path.clone(), PredictorState::of(predictor)))
                .collect(),
            facts: facts
                .iter()
                .map(|(name, fact)| (name.to_string(), fact.to_json()))
                .collect(),
        };
        cx.host
            .write(
                Access::Script,
                &cx.folder.join(path.as_str()),
                state.to_text().as_bytes(),
            )
            .map_err(|e| file_fault(e, path))?;
        Ok(Value::None)
    }))
}

fn load(cx: Context<'_>, args: Vec<Value>) -> Later {
    ready(text(&args, 1).and_then(|path| {
        let bytes = read_file(cx.host, cx.folder, path)?;
        let content = String::from_utf8(bytes).map_err(|_| {
            Fault::new(
                FaultKind::State,
                format!("`{path}` is no saved state: it is no UTF-8 text"),
            )
        })?;
        let state = State::parse(&content).map_err(|fault| of_file(fault, path))?;
        let program = program(&args)?;
        let own = programs::predictors(program);
        state
            .check(own.iter().map(|(path, p)| (path.as_str(), &*p.signature)))
            .map_err(|fault| of_file(fault, path))?;
        let loaded = programs::map(program, &mut |path, predictor: &Predictor| {
            state
                .get(path)
                .map_or_else(|| predictor.clone(), |saved| saved.apply(predictor))
        });
        let facts = state.facts.iter();
        let facts: Record = facts
            .map(|(name, fact)| (name.as_str().into(), Value::records_from_json(fact)))
            .collect();
        let made = (!facts.is_empty()).then(|| Arc::new(facts));
        Ok(programs::with_made(&loaded, made))
    }))
}

fn of_file(fault: Fault, path: &str) -> Fault {
    Fault {
        message: format!("`{path}`: {}", fault.message),
        ..fault
    }
}
