//! What instructions compute, as functions of values that were looked at. No machine, no waiting.

mod access;
mod arith;
mod assign;
mod build;
mod compare;
mod format;

pub use access::{char_value, field, index, part, slice};
pub use arith::{binary, negate, not, update};
pub use assign::{At, assign, big_ones, part_at};
pub use build::{spread_dict, spread_list, spread_record};
pub use compare::{compare, compare_known, truth};
pub use format::format_value;

use crate::diag::{self, Fault, FaultKind};
use crate::value::Value;

/// A value's kind in a message: ``a `str` ``, ``an `int` ``, `none`.
pub fn a(value: &Value) -> String {
    diag::a(value.type_name())
}

/// An error of kind `type`.
pub fn wrong_type(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Type, message)
}
