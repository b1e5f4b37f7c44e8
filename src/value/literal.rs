//! The values that a literal type can have.

use std::fmt;

use super::{EcoString, Value};

/// `"low"`, `1`, `true` as a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    /// `"high"`
    Str(EcoString),
    /// `1`
    Int(i64),
    /// `true`
    Bool(bool),
}

impl Literal {
    /// The value that it stands for.
    pub fn value(&self) -> Value {
        match self {
            Literal::Str(s) => Value::Str(s.clone()),
            Literal::Int(i) => Value::Int(*i),
            Literal::Bool(b) => Value::Bool(*b),
        }
    }

    /// Whether a value is this one.
    pub fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            (Literal::Str(a), Value::Str(b)) => a == b,
            (Literal::Int(a), Value::Int(b)) => a == b,
            (Literal::Bool(a), Value::Bool(b)) => a == b,
            _ => false,
        }
    }
}

/// As dsp source.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Str(s) => f.write_str(&super::source_text(s)),
            Literal::Int(i) => write!(f, "{i}"),
            Literal::Bool(b) => write!(f, "{b}"),
        }
    }
}
