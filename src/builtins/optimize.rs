//! `stdlib/optimize/`: what a search needs that dsp does not say.

use sha2::{Digest, Sha256};

use super::args::given;
use super::pure;
use crate::diag::{Fault, FaultKind};
use crate::value::{Program, Value, json};
use crate::vm::{Context, Native};

pub const NATIVES: &[Native] = &[pure("_stable_hash", stable_hash), pure("_improved", improved)];

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

/// What an optimizer made, if it is a program of the same module as the one that it was given.
fn improved(_: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (before, after) = (given(args, 0), given(args, 1).unwrap_or(&Value::None));
    let same = match (before, after) {
        (Some(Value::Program(before)), Value::Program(after)) => match (&**before, &**after) {
            (Program::Instance(before), Program::Instance(after)) => before.module == after.module,
            (Program::Predictor(_), Program::Predictor(_)) => true,
            _ => false,
        },
        // A function is a program without predictors: there is nothing in it that could change.
        (Some(Value::Function(_)), Value::Function(_)) => true,
        _ => false,
    };
    match same {
        true => Ok(after.clone()),
        false => {
            let message = format!(
                "the optimizer returned {}, not a program of the module that it was given",
                crate::value::show(after)
            );
            Err(Fault::new(FaultKind::Type, message)
                .help("an optimizer is `|program, trainset, metric| program`; change the program with `with_demos` and its kin"))
        }
    }
}
