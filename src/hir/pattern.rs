//! Patterns with their slots.

use crate::value::{EcoString, Type, Value};

use super::{GlobalId, Slot};

/// Where a name that is bound goes: a slot of the frame, or a global at the top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindTarget {
    Local(Slot),
    Global(GlobalId),
}

/// `"a" | "b"`, `{field, other: pattern}`, `n: int`
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Equal to the value; `none` included.
    Value(Value),
    Or(Vec<Pattern>),
    Wildcard,
    Bind(Slot),
    /// Fits the type, and is bound if it has a name.
    Typed {
        ty: Type,
        slot: Option<Slot>,
    },
    /// A record (or dict) with these fields.
    Record(Vec<FieldPattern>),
}

/// `field: pattern`
#[derive(Clone, Debug)]
pub struct FieldPattern {
    pub field: EcoString,
    pub pattern: Pattern,
    /// The type says that it may be absent, which reads as `none`; else what lacks it does not match.
    pub optional: bool,
}
