//! A number that equal values share: for finding doubles without comparing all with all.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::{EcoString, Value};

/// Equal for values that `==` calls equal; order of fields and absent fields do not count, `2` is `2.0`.
pub fn fingerprint(value: &Value) -> u64 {
    let mut hasher = FxHasher::default();
    write(&mut hasher, value, DEEPEST);
    hasher.finish()
}

/// What lies deeper says nothing: equal values still share their number.
const DEEPEST: usize = 64;

fn write(hasher: &mut FxHasher, value: &Value, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Bool(b) => hasher.write_u8(u8::from(*b)),
        // An int equals the float of its value, so both are written as that float; `0.0` is `-0.0`.
        Value::Int(i) => hasher.write_u64((*i as f64 + 0.0).to_bits()),
        Value::Float(x) => hasher.write_u64((*x + 0.0).to_bits()),
        Value::Str(s) => hasher.write(s.as_bytes()),
        Value::List(items) => {
            hasher.write_usize(items.len());
            items.iter().for_each(|item| write(hasher, item, depth));
        }
        Value::Dict(dict) => write_fields(hasher, dict.iter(), depth, false),
        Value::Record(record) => write_fields(hasher, record.iter(), depth, true),
        _ => hasher.write_u8(0),
    }
}

/// A sum, so that order does not count.
fn write_fields<'a>(
    hasher: &mut FxHasher,
    fields: impl Iterator<Item = (&'a EcoString, &'a Value)>,
    depth: usize,
    absent_is_none: bool,
) {
    let mut sum = 0_u64;
    for (name, value) in fields {
        if absent_is_none && value.is_none() {
            continue;
        }
        let mut own = FxHasher::default();
        own.write(name.as_bytes());
        write(&mut own, value, depth);
        sum = sum.wrapping_add(own.finish());
    }
    hasher.write_u64(sum);
}
