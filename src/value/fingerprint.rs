//! A number that equal values share: for finding doubles without comparing all with all.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::{EcoString, Value};

/// Equal for values that `==` calls equal; order of fields and absent fields do not count, `2` is `2.0`.
pub fn fingerprint(value: &Value) -> u64 {
    Prints::default().of(value, DEEPEST)
}

/// What lies deeper says nothing: equal values still share their number.
const DEEPEST: usize = 64;

/// After so many containers it pays to remember their numbers: a value may hold another one many times over.
const MANY: usize = 1000;

#[derive(Default)]
struct Prints {
    steps: usize,
    /// By address and depth.
    known: FxHashMap<(usize, usize), u64>,
}

impl Prints {
    fn of(&mut self, value: &Value, depth: usize) -> u64 {
        let Some(address) = value.address() else {
            return self.made(value, depth);
        };
        self.steps += 1;
        if self.steps <= MANY {
            return self.made(value, depth);
        }
        if let Some(known) = self.known.get(&(address, depth)) {
            return *known;
        }
        let made = self.made(value, depth);
        self.known.insert((address, depth), made);
        made
    }

    fn made(&mut self, value: &Value, depth: usize) -> u64 {
        let mut hasher = FxHasher::default();
        let Some(depth) = depth.checked_sub(1) else { return 0 };
        match value {
            Value::Bool(b) => hasher.write_u8(u8::from(*b)),
            // An int equals the float of its value, so both are written as that float; `0.0` is `-0.0`.
            Value::Int(i) => hasher.write_u64((*i as f64 + 0.0).to_bits()),
            Value::Float(x) => hasher.write_u64((*x + 0.0).to_bits()),
            Value::Str(s) => hasher.write(s.as_bytes()),
            Value::List(items) => {
                hasher.write_usize(items.len());
                items.iter().for_each(|item| hasher.write_u64(self.of(item, depth)));
            }
            Value::Dict(dict) => hasher.write_u64(self.of_fields(dict.iter(), depth, false)),
            Value::Record(record) => hasher.write_u64(self.of_fields(record.iter(), depth, true)),
            _ => hasher.write_u8(0),
        }
        hasher.finish()
    }

    /// A sum, so that order does not count.
    fn of_fields<'a>(
        &mut self,
        fields: impl Iterator<Item = (&'a EcoString, &'a Value)>,
        depth: usize,
        absent_is_none: bool,
    ) -> u64 {
        let mut sum = 0_u64;
        for (name, value) in fields {
            if absent_is_none && value.is_none() {
                continue;
            }
            let mut own = FxHasher::default();
            own.write(name.as_bytes());
            own.write_u64(self.of(value, depth));
            sum = sum.wrapping_add(own.finish());
        }
        sum
    }
}
