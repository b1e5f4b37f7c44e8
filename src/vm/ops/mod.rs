//! What instructions compute, as functions of values that were looked at. No machine, no waiting.

pub mod arith;
pub mod field;
pub mod format;
pub mod index;
