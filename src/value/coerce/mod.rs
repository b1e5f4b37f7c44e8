//! A model's text as a value of a type. DSPy's reading comes first, the lenient one only where that refuses; each mend
//! has a name, and `strict` allows none.

use std::fmt;

use super::{Literal, Type, Value};

/// A value that was read, and what had to be mended: `case`, `fence`, `quotes`.
#[derive(Clone, Debug, PartialEq)]
pub struct Coerced {
    pub value: Value,
    pub mends: Vec<&'static str>,
}

/// Why a text is no value of the type, in words for the model and for a person: `expected int, found "many"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfit(pub String);

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the text of one field.
pub fn read(ty: &Type, text: &str, _strict: bool) -> Result<Coerced, Misfit> {
    if let Type::Str = ty {
        return Ok(Coerced {
            value: Value::str(text),
            mends: Vec::new(),
        });
    }
    let trimmed = text.trim().trim_matches(['"', '\'']);
    for member in ty.members() {
        let value = match member {
            Type::Literal(Literal::Str(s)) if s == trimmed => Some(Value::Str(s.clone())),
            Type::Bool => match trimmed.to_lowercase().as_str() {
                "true" | "yes" => Some(Value::Bool(true)),
                "false" | "no" => Some(Value::Bool(false)),
                _ => None,
            },
            Type::Int => trimmed.parse().ok().map(Value::Int),
            Type::Float => trimmed.parse().ok().map(Value::Float),
            Type::Str => Some(Value::str(text)),
            _ => serde_json::from_str(trimmed).ok().map(|json| Value::from_json(&json)),
        };
        if let Some(value) = value {
            return Ok(Coerced {
                value,
                mends: Vec::new(),
            });
        }
    }
    Err(Misfit(format!("expected {ty}, found {}", super::source_text(text))))
}
