//! `stdlib/json.dsp`.

use super::args::{bad_value, given, opt_int, text};
use super::pure;
use crate::diag::Fault;
use crate::value::{self, Value};
use crate::vm::{Memory, Native};

pub const NATIVES: &[Native] = &[pure("json", json), pure("parse_json", parse_json)];

fn json(memory: &mut Memory, args: &[Value]) -> Result<Value, Fault> {
    let indent = match opt_int(args, 1)? {
        Some(n) => Some(usize::try_from(n).map_err(|_| bad_value("`indent` must not be negative"))?),
        None => None,
    };
    let data = given(args, 0).unwrap_or(&Value::None);
    memory.fits_text(data)?;
    let margins = indent.map_or(0, |width| value::json_margins(data, width as u64));
    memory.charge(margins)?;
    let text = value::json(data, indent);
    memory.charge((text.len() as u64).saturating_sub(margins))?;
    Ok(Value::str(text))
}

fn parse_json(memory: &mut Memory, args: &[Value]) -> Result<Value, Fault> {
    let source = text(args, 0)?;
    // A value takes more room than its text: `[1,1]` is two values of 24 bytes.
    memory.charge(source.len() as u64 * 8)?;
    let parsed: serde_json::Value = serde_json::from_str(source).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        bad_value(format!("no JSON: {} at line {line}, column {column}", reason(&e)))
    })?;
    Ok(Value::from_json(&parsed))
}

/// serde_json's reason without its own place.
pub fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}
