//! Values of the language, their types, signatures, and the texts that they are written as. Data only: what computes
//! with values is in `vm::ops`, what a model's text becomes is in `coerce`.

mod again;
#[doc(hidden)]
pub mod coerce;
mod display;
mod form;
mod json;
mod literal;
mod nested;
mod program;
#[doc(hidden)]
mod promise;
mod python_text;
mod random;
mod record;
mod schema;
mod settings;
mod signature;
mod stand_in;
mod ty;
mod type_text;
mod walk;

pub use again::{Again, Declared};
pub use display::{float_text, python_str, show, source_text, text_size};
pub use form::Form;
pub use json::{json, json_margins, json_quoted};
pub use literal::Literal;
pub use program::{Calibration, INNER, Instance, LmKind, LmSpec, Made, Predictor, Program};
pub use promise::{Frame, Look, Pending, Promise, Raised, Source};
pub use python_text::{cleandoc, dedent, is_python_line_end, is_python_space, python_lines, python_strip};
pub use random::Random;
mod fingerprint;
pub use fingerprint::fingerprint;
pub use record::{Dict, List, Record};
pub use schema::{json_schema, literal_members, outputs_schema, prompt_schema};
pub use settings::{ADAPTER_NAMES, SETTING_NAMES, Settings, check_setting};
pub use signature::{Constraint, Field, Signature, infer_prefix};
pub use stand_in::{Bent, Chooser, usual_tokens};
pub use ty::{About, FieldType, FnType, ParamType, ProgramType, RecordType, Type};

use std::any::Any;
use std::fmt;
use std::sync::Arc;

pub use ecow::{EcoString, EcoVec};

/// A function of the checked program, by its place in `hir::Program::functions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FnId(pub u32);

/// A module declaration, by its place in `hir::Program::modules`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// A value. Cheap to clone; never changed where it is shared.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `none`
    #[default]
    None,
    /// `true`
    Bool(bool),
    /// `3`
    Int(i64),
    /// `0.5`
    Float(f64),
    /// `"text"`
    Str(EcoString),
    /// `[1, 2]`
    List(List),
    /// `{"a": 1}`
    Dict(Arc<Dict>),
    /// `{a: 1}`, and what a predictor returns
    Record(Arc<Record>),
    /// `|x| x + 1`, or the name of a function
    Function(Arc<Function>),
    /// `ClassifyEmail`
    Signature(Arc<Signature>),
    /// `SupportRouter()`, `Predict("a -> b")`
    Program(Arc<Program>),
    /// `LM("openai/gpt-4o-mini")`, `DummyLM([…])`
    Lm(Arc<LmSpec>),
    /// What a native hands out and only natives look into: `random(0)`, a retriever, an index.
    Opaque(Arc<dyn Opaque>),
    /// The answer of a call that is awaited where it is looked at.
    Promise(Promise),
    /// An argument that was left out. Never seen by a script.
    Absent,
}

/// A closure: code and the values it captured. Equality is identity.
#[derive(Debug)]
pub struct Function {
    /// Its code.
    pub id: FnId,
    /// For printing: `<fn name>`; a lambda is `<fn>`.
    pub name: EcoString,
    /// What it took from where it was written.
    pub captures: Box<[Value]>,
}

impl Drop for Function {
    fn drop(&mut self) {
        if !self.captures.is_empty() {
            nested::let_go(std::mem::take(&mut self.captures));
        }
    }
}

/// A native's own kind of value.
pub trait Opaque: Any + fmt::Debug + Send + Sync {
    /// As `type_of` and messages name it: `Retriever`.
    fn type_name(&self) -> &'static str;
    /// As `print` shows it: `<random>`.
    fn show(&self) -> String {
        format!("<{}>", self.type_name())
    }
    /// For the native that looks into it.
    fn as_any(&self) -> &dyn Any;
    /// Whether `==` holds.
    fn equals(&self, _other: &dyn Opaque) -> bool {
        false
    }
}

impl Value {
    /// `"text"`
    pub fn str(text: impl Into<EcoString>) -> Value {
        Value::Str(text.into())
    }

    /// `[1, 2]`
    pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
        Value::List(items.into_iter().collect())
    }

    /// `{a: 1}`
    pub fn record<N: Into<EcoString>>(fields: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::Record(Arc::new(fields.into_iter().map(|(n, v)| (n.into(), v)).collect()))
    }

    /// `{"a": 1}`
    pub fn dict<N: Into<EcoString>>(entries: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::Dict(Arc::new(entries.into_iter().map(|(n, v)| (n.into(), v)).collect()))
    }

    /// As `type_of` says it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::None => "none",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::List(_) => "list",
            Value::Dict(_) => "dict",
            Value::Record(_) => "record",
            Value::Function(_) => "fn",
            Value::Signature(_) => "signature",
            Value::Program(_) => "program",
            Value::Lm(_) => "LM",
            Value::Opaque(o) => o.type_name(),
            Value::Promise(_) => "promise",
            Value::Absent => "absent",
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&EcoString> {
        match self {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    /// Whether it is `none`, or an argument that was left out.
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }
}

/// Structural equality as `==` has it: `2 == 2.0`, records and dicts without regard to order (an absent field as
/// `none`), functions by identity, `meta` left out. Promises must have been looked at before.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        walk::equal(self, other, leaves_equal)
    }
}

/// Of values that hold no others.
fn leaves_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::None, Value::None) | (Value::Absent, Value::Absent) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Int(a), Value::Float(b)) | (Value::Float(b), Value::Int(a)) => int_equals_float(*a, *b),
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Function(a), Value::Function(b)) => {
            Arc::ptr_eq(a, b) || (a.id == b.id && a.captures.is_empty() && b.captures.is_empty())
        }
        (Value::Signature(a), Value::Signature(b)) => a == b,
        (Value::Program(a), Value::Program(b)) => a == b,
        (Value::Lm(a), Value::Lm(b)) => a == b,
        (Value::Opaque(a), Value::Opaque(b)) => a.equals(b.as_ref()),
        (Value::Promise(a), Value::Promise(b)) => a == b,
        _ => false,
    }
}

/// Exact: beyond 2^53 a float that rounds to the int is not equal to it.
fn int_equals_float(int: i64, float: f64) -> bool {
    float == int as f64 && (float as i128) == i128::from(int)
}
