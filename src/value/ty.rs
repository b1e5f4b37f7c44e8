//! Types, as the checker computes with them, as `coerce` aims at them and as prompts show them.

use std::fmt;
use std::sync::Arc;

use super::{EcoString, Literal, ModuleId, Signature};

/// A static type. `Union` members are flat, distinct and never `Any`; `none` stands last.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Unchecked; checked where it meets a written type.
    Any,
    /// The type of what never yields: `fail("…")`, `return`. Fits everywhere.
    Never,
    /// `none`
    None,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `str`
    Str,
    /// `"low"`
    Literal(Literal),
    /// `A | B`
    Union(Arc<[Type]>),
    /// `list[T]`
    List(Arc<Type>),
    /// `dict[str, T]`
    Dict(Arc<Type>),
    /// `{name: str, age: int?}`
    Record(Arc<RecordType>),
    /// `fn(A) -> B`
    Function(Arc<FnType>),
    /// `signature`, and one whose fields are known
    Signature(Option<Arc<Signature>>),
    /// `program`, and one whose inputs, output and members are known
    Program(Option<Arc<ProgramType>>),
    /// `LM`
    Lm,
    /// `Retriever`
    Retriever,
    /// `Optimizer`
    Optimizer,
    /// A native's own type: `Random`.
    Opaque(&'static str),
    /// A type parameter inside its own declaration: `T`.
    Param(EcoString),
    /// `inputs(S)`, `outputs(S)` of a type parameter inside its own declaration.
    InputsOf(EcoString),
    /// `outputs(S)`
    OutputsOf(EcoString),
}

/// A record type; `name` is the name of its `type` declaration (for prompts' JSON schemas and messages), if it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordType {
    /// The name it was declared by.
    pub name: Option<EcoString>,
    /// In the order they were written.
    pub fields: Vec<FieldType>,
    /// `...outputs(S)` of a type parameter, in its own declaration: the parameter's record to splice in, by position.
    pub spreads: Vec<(usize, Type)>,
}

/// `age: int?`
#[derive(Clone, Debug, PartialEq)]
pub struct FieldType {
    /// `age`
    pub name: EcoString,
    /// `int`
    pub ty: Type,
    /// May be absent; then it reads as `none`, and `ty` includes `none`.
    pub optional: bool,
    /// What the prompt says of it.
    pub desc: Option<EcoString>,
}

/// `fn(str) -> int`
#[derive(Clone, Debug, PartialEq)]
pub struct FnType {
    /// What it takes.
    pub params: Vec<Type>,
    /// What it returns.
    pub result: Type,
}

/// What the checker knows of a program value.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramType {
    /// The module's name; `Predict` for a predictor.
    pub name: EcoString,
    /// The module, where it is known.
    pub module: Option<ModuleId>,
    /// What `forward` takes. One named `...` stands for the fields of its type: the `...inputs(S)` of a module whose
    /// `S` is not settled.
    pub inputs: Vec<ParamType>,
    /// What it returns.
    pub output: Type,
    /// Parameters and members, readable as `m.member`.
    pub members: Vec<(EcoString, Type)>,
    /// Helper functions, callable as `m.helper(…)`.
    pub helpers: Vec<(EcoString, FnType)>,
    /// A predictor's signature.
    pub signature: Option<Arc<Signature>>,
}

/// One parameter of a function or program.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamType {
    /// `age`
    pub name: EcoString,
    /// `int`
    pub ty: Type,
    /// Whether it may be left out.
    pub has_default: bool,
}

impl Type {
    /// `list[T]`
    pub fn list(item: Type) -> Type {
        Type::List(Arc::new(item))
    }

    /// `dict[str, T]`
    pub fn dict(value: Type) -> Type {
        Type::Dict(Arc::new(value))
    }

    /// `fn(A, B) -> C`
    pub fn function(params: Vec<Type>, result: Type) -> Type {
        Type::Function(Arc::new(FnType { params, result }))
    }

    /// An anonymous record without optional fields.
    pub fn record<N: Into<EcoString>>(fields: impl IntoIterator<Item = (N, Type)>) -> Type {
        let fields = fields
            .into_iter()
            .map(|(name, ty)| FieldType {
                name: name.into(),
                ty,
                optional: false,
                desc: None,
            })
            .collect();
        Type::Record(Arc::new(RecordType {
            name: None,
            fields,
            spreads: Vec::new(),
        }))
    }

    /// The union of several types: flattened, without doubles, `Any` swallowing all, `Never` vanishing, `none` last.
    pub fn union(types: impl IntoIterator<Item = Type>) -> Type {
        let mut members: Vec<Type> = Vec::new();
        let mut nullable = false;
        let mut queue: Vec<Type> = types.into_iter().collect();
        queue.reverse();
        while let Some(ty) = queue.pop() {
            match ty {
                Type::Any => return Type::Any,
                Type::Never => {}
                Type::None => nullable = true,
                Type::Union(inner) => queue.extend(inner.iter().rev().cloned()),
                other if members.contains(&other) => {}
                other => members.push(other),
            }
        }
        if nullable {
            members.push(Type::None);
        }
        match members.len() {
            0 => Type::Never,
            1 => members.remove(0),
            _ => Type::Union(members.into()),
        }
    }

    /// `T?`
    pub fn optional(self) -> Type {
        Type::union([self, Type::None])
    }

    /// The members of a union; another type alone.
    pub fn members(&self) -> &[Type] {
        match self {
            Type::Union(members) => members,
            other => std::slice::from_ref(other),
        }
    }

    /// Whether `none` is one of its values.
    pub fn allows_none(&self) -> bool {
        self.members().iter().any(|m| matches!(m, Type::None | Type::Any))
    }

    /// The type without `none`.
    pub fn without_none(&self) -> Type {
        Type::union(self.members().iter().filter(|m| **m != Type::None).cloned())
    }
}

/// As dsp source.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Any => f.write_str("any"),
            Type::Never => f.write_str("never"),
            Type::None => f.write_str("none"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("float"),
            Type::Str => f.write_str("str"),
            Type::Literal(literal) => write!(f, "{literal}"),
            Type::Union(members) => write_union(f, members),
            Type::List(item) => write!(f, "list[{item}]"),
            Type::Dict(value) => write!(f, "dict[str, {value}]"),
            Type::Record(record) => write!(f, "{record}"),
            Type::Function(function) => write!(f, "{function}"),
            Type::Signature(None) => f.write_str("signature"),
            Type::Signature(Some(signature)) => f.write_str(&signature.name),
            Type::Program(None) => f.write_str("program"),
            Type::Program(Some(program)) => f.write_str(&program.name),
            Type::Lm => f.write_str("LM"),
            Type::Retriever => f.write_str("Retriever"),
            Type::Optimizer => f.write_str("Optimizer"),
            Type::Opaque(name) => f.write_str(name),
            Type::Param(name) => f.write_str(name),
            Type::InputsOf(name) => write!(f, "inputs({name})"),
            Type::OutputsOf(name) => write!(f, "outputs({name})"),
        }
    }
}

fn write_union(f: &mut fmt::Formatter<'_>, members: &[Type]) -> fmt::Result {
    if let [ty, Type::None] = members {
        return match ty {
            Type::Function(_) => write!(f, "({ty})?"),
            _ => write!(f, "{ty}?"),
        };
    }
    for (i, member) in members.iter().enumerate() {
        if i > 0 {
            f.write_str(" | ")?;
        }
        write!(f, "{member}")?;
    }
    Ok(())
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            return f.write_str(name);
        }
        f.write_str("{")?;
        for (i, field) in self.fields.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            match field.optional && !matches!(&field.ty, Type::Union(_)) {
                true => write!(f, "{}: {}?", field.name, field.ty)?,
                false => write!(f, "{}: {}", field.name, field.ty)?,
            }
        }
        f.write_str("}")
    }
}

impl fmt::Display for FnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fn(")?;
        for (i, param) in self.params.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{param}")?;
        }
        write!(f, ") -> {}", self.result)
    }
}
