//! `stdlib/signatures.dsp`: changed copies of signatures.

use std::sync::Arc;

use super::args::{bad_value, flag, given, misfit, opt_text, text};
use super::pure;
use crate::check::{field_of_text, signature_of_text};
use crate::diag::{Fault, FaultKind, nearest};
use crate::value::{EcoString, Field, Signature, Value};
use crate::vm::{Memory, Native};

pub const NATIVES: &[Native] = &[
    pure("with_input", with_input),
    pure("with_output", with_output),
    pure("without", without),
];

type Outcome = Result<Value, Fault>;

/// A signature, or the text of one.
pub fn signature(value: &Value) -> Result<Arc<Signature>, Fault> {
    match value {
        Value::Signature(signature) => Ok(signature.clone()),
        Value::Str(text) => Ok(Arc::new(signature_of_text(text).map_err(bad_value)?)),
        other => Err(misfit("signature", other)),
    }
}

/// `with_instructions(signature, text)`
pub fn with_instructions(old: &Value, instructions: &EcoString) -> Outcome {
    let mut changed = (*signature(old)?).clone();
    changed.instructions = instructions.clone();
    Ok(Value::Signature(Arc::new(changed)))
}

/// `with_input(signature, "hint: str", desc, first)`
fn added(args: &[Value], side: fn(&mut Signature) -> &mut Vec<Field>) -> Outcome {
    let old = signature(args.first().unwrap_or(&Value::None))?;
    let mut field = match args.get(1) {
        // A text that was written there: the checker has read it, with the types of its file.
        Some(Value::Signature(alone)) if alone.outputs.len() == 1 => alone.outputs[0].clone(),
        _ => field_of_text(text(args, 1)?).map_err(bad_value)?,
    };
    if old.fields().any(|known| known.name == field.name) {
        return Err(bad_value(format!("the signature has a field `{}` already", field.name)));
    }
    field.desc = opt_text(args, 2)?.cloned();
    field.default = field.default.or_else(|| given(args, 4).cloned());
    // The instructions stay, also those that were made from the fields, as in DSPy.
    let mut changed = (*old).clone();
    let fields = side(&mut changed);
    let place = if flag(args, 3)? { 0 } else { fields.len() };
    fields.insert(place, field);
    Ok(Value::Signature(Arc::new(changed)))
}

fn with_input(_: &mut Memory, args: &[Value]) -> Outcome {
    added(args, |signature| &mut signature.inputs)
}

fn with_output(_: &mut Memory, args: &[Value]) -> Outcome {
    added(args, |signature| &mut signature.outputs)
}

fn without(_: &mut Memory, args: &[Value]) -> Outcome {
    let old = signature(args.first().unwrap_or(&Value::None))?;
    let name = text(args, 1)?;
    if !old.fields().any(|field| field.name == *name) {
        return Err(no_field(&old, name));
    }
    let mut changed = (*old).clone();
    changed.inputs.retain(|field| field.name != *name);
    changed.outputs.retain(|field| field.name != *name);
    Ok(Value::Signature(Arc::new(changed)))
}

fn no_field(signature: &Signature, name: &EcoString) -> Fault {
    let fault = Fault::new(FaultKind::Key, format!("the signature has no field `{name}`"));
    match nearest(name, signature.fields().map(|field| field.name.as_str())) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault,
    }
}
