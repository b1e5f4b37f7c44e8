//! The predictors of a program, by path: found, and replaced in a changed copy. Paths are DSPy's: members by name,
//! lists `[0]`, dicts `['key']`, a bare predictor `self`. Parameters and members are searched in order; a predictor
//! that stands in two places is two.

use std::sync::Arc;

use crate::diag::{Fault, FaultKind, nearest};
use crate::value::{Calibration, EcoString, INNER, Instance, List, Made, Predictor, Program, Signature, Value};

/// The path of a predictor that is the whole program.
pub const SELF: &str = "self";
/// Stands for all predictors.
pub const ALL: &str = "*";

/// All predictors with their paths, in order. What is no program has none.
pub fn predictors(program: &Value) -> Vec<(EcoString, Predictor)> {
    let mut found = Vec::new();
    // A walk that keeps every predictor as it is.
    let _ = rebuild(program, "", &mut |path, predictor| {
        found.push((path.into(), predictor.clone()));
        None
    });
    found
}

/// A copy with other demos at a path.
pub fn with_demos(program: &Value, path: &str, demos: List) -> Result<Value, Fault> {
    change(program, path, &|predictor| {
        predictor.demos = demos.clone();
        predictor.calibration = None;
    })
}

/// A copy with other instructions at a path.
pub fn with_instructions(program: &Value, path: &str, instructions: &EcoString) -> Result<Value, Fault> {
    change(program, path, &|predictor| {
        let changed = Signature {
            instructions: instructions.clone(),
            ..(*predictor.signature).clone()
        };
        predictor.signature = Arc::new(changed);
        predictor.calibration = None;
    })
}

/// A copy with another signature at a path.
pub fn with_signature(program: &Value, path: &str, signature: &Arc<Signature>) -> Result<Value, Fault> {
    change(program, path, &|predictor| {
        predictor.signature = signature.clone();
        predictor.calibration = None;
    })
}

/// A copy with another model at a path; `none` is the model in force again.
pub fn with_lm(program: &Value, path: &str, lm: &Value) -> Result<Value, Fault> {
    change(program, path, &|predictor| {
        predictor.lm = Some(lm.clone()).filter(|lm| !lm.is_none());
        predictor.calibration = None;
    })
}

/// A copy with another calibration at a path.
pub fn with_calibration(program: &Value, path: &str, calibration: &Calibration) -> Result<Value, Fault> {
    change(program, path, &|predictor| predictor.calibration = calibration.clone())
}

/// A copy whose predictors know their paths, so that a trace can name them.
pub fn labelled(program: &Value) -> Value {
    let label = |path: &str, predictor: &Predictor| {
        Some(Predictor {
            path: Some(path.into()),
            ..predictor.clone()
        })
    };
    rebuild(program, "", &mut { label }).unwrap_or_else(|| program.clone())
}

/// Gives the predictors of a program their paths, unless they are a part of one that has given them theirs.
pub fn label(program: &mut Value) {
    let mut known = false;
    map(program, &mut |_, predictor| {
        known |= predictor.path.is_some();
        predictor.clone()
    });
    if !known {
        *program = labelled(program);
    }
}

/// A copy in which every predictor is what `change` makes of it.
pub fn map(program: &Value, change: &mut dyn FnMut(&str, &Predictor) -> Predictor) -> Value {
    rebuild(program, "", &mut |path, predictor| Some(change(path, predictor))).unwrap_or_else(|| program.clone())
}

/// How `compile` made a program.
pub fn made(program: &Value) -> Made {
    let Value::Program(program) = program else { return None };
    match program.as_ref() {
        Program::Predictor(predictor) => predictor.made.clone(),
        Program::Instance(instance) => instance.made.clone(),
    }
}

/// A copy that says otherwise how it was made.
pub fn with_made(program: &Value, made: Made) -> Value {
    let Value::Program(old) = program else {
        return program.clone();
    };
    let new = match old.as_ref() {
        Program::Predictor(predictor) => Program::Predictor(Predictor {
            made,
            ..predictor.clone()
        }),
        Program::Instance(instance) => Program::Instance(Instance {
            made,
            ..instance.clone()
        }),
    };
    Value::Program(Arc::new(new))
}

fn change(program: &Value, path: &str, change: &dyn Fn(&mut Predictor)) -> Result<Value, Fault> {
    let mut met = false;
    let changed = rebuild(program, "", &mut |at, predictor| {
        let wanted = path == ALL || path == at;
        met |= wanted;
        wanted.then(|| {
            let mut copy = predictor.clone();
            change(&mut copy);
            copy
        })
    });
    match met || path == ALL {
        // What was changed by hand is no longer what `compile` made.
        true => Ok(with_made(&changed.unwrap_or_else(|| program.clone()), None)),
        false => Err(unknown_path(program, path)),
    }
}

/// There is no predictor at this path; the nearest one that there is.
pub fn unknown_path(program: &Value, path: &str) -> Fault {
    let paths: Vec<EcoString> = predictors(program).into_iter().map(|(path, _)| path).collect();
    let holds = |known: &&str| known.split('.').any(|step| step == path);
    let known = || paths.iter().map(EcoString::as_str);
    let near = nearest(path, known()).or_else(|| known().find(holds));
    // Part of the message, for a script that catches the error sees nothing else.
    let near = match (near, known().next()) {
        (Some(near), _) => format!(" (did you mean `{near}`?)"),
        (None, Some(only)) if paths.len() == 1 => format!(" (it has `{only}`)"),
        _ => String::new(),
    };
    let fault = Fault::new(FaultKind::Key, format!("the program has no predictor `{path}`{near}"));
    match paths.is_empty() {
        true => fault.help("it has no predictors"),
        false => fault.help(format!("it has `{}`", paths.join("`, `"))),
    }
}

type Visit<'a> = dyn FnMut(&str, &Predictor) -> Option<Predictor> + 'a;

/// Walks a value; where `visit` yields another predictor, what holds it is made anew. `None` if nothing changed.
fn rebuild(value: &Value, path: &str, visit: &mut Visit<'_>) -> Option<Value> {
    match value {
        Value::Program(program) => rebuild_program(program, path, visit),
        Value::List(items) => {
            let mut changed = items.clone();
            let mut any = false;
            for (i, item) in items.iter().enumerate() {
                if let Some(new) = rebuild(item, &format!("{path}[{i}]"), visit) {
                    changed.make_mut()[i] = new;
                    any = true;
                }
            }
            any.then_some(Value::List(changed))
        }
        Value::Dict(dict) => {
            let mut changed = (**dict).clone();
            let mut any = false;
            for (key, item) in dict.iter() {
                if let Some(new) = rebuild(item, &format!("{path}['{key}']"), visit) {
                    changed.insert(key.clone(), new);
                    any = true;
                }
            }
            any.then(|| Value::Dict(Arc::new(changed)))
        }
        Value::Record(record) => {
            let mut changed = (**record).clone();
            let mut any = false;
            for (i, (name, item)) in record.iter().enumerate() {
                if let Some(new) = rebuild(item, &join(path, name), visit) {
                    changed.values_mut()[i] = new;
                    any = true;
                }
            }
            any.then(|| Value::Record(Arc::new(changed)))
        }
        _ => None,
    }
}

fn rebuild_program(program: &Program, path: &str, visit: &mut Visit<'_>) -> Option<Value> {
    match program {
        Program::Predictor(predictor) => {
            let at = if path.is_empty() { SELF } else { path };
            visit(at, predictor).map(|new| Value::Program(Arc::new(Program::Predictor(new))))
        }
        Program::Instance(instance) => {
            let mut changed = instance.clone();
            let mut any = false;
            let stands_for = instance.inner().is_some();
            for (i, (name, item)) in instance.fields.iter().enumerate() {
                let at = match stands_for && name == INNER {
                    true => path.to_owned(),
                    false => join(path, name),
                };
                if let Some(new) = rebuild(item, &at, visit) {
                    changed.fields.values_mut()[i] = new;
                    any = true;
                }
            }
            any.then(|| Value::Program(Arc::new(Program::Instance(changed))))
        }
    }
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}
