//! Types, as the checker computes with them, as `coerce` aims at them and as prompts show them.

use std::sync::Arc;

use super::{Again, EcoString, FnId, Form, Literal, ModuleId, Signature, Value};

/// A static type. `Union` members are flat, distinct and never `Any`; `none` stands last.
#[derive(Clone, Debug)]
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
    /// `date`, `code["python"]`: a text with a form of its own
    Text(Form),
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
    /// A declared type where it stands inside itself: `Tree` in `type Tree = {children: list[Tree]}`
    Again(Again),
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordType {
    /// The name it was declared by.
    pub name: Option<EcoString>,
    /// What prompts say of it beside its fields.
    pub about: About,
    /// In the order they were written.
    pub fields: Vec<FieldType>,
    /// `...outputs(S)` of a type parameter, in its own declaration: the parameter's record to splice in, by position.
    pub spreads: Vec<(usize, Type)>,
}

/// What prompts say of a record type beside its fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum About {
    /// A plain record.
    #[default]
    Nothing,
    /// The type's description.
    Doc(EcoString),
    /// `tool`
    Tool,
    /// `tool_calls`
    ToolCalls,
    /// An item of `history`: a record of a signature's fields
    Turn,
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
    /// What data that lacks the field gets.
    pub default: Option<Value>,
    /// What the prompt says of it.
    pub desc: Option<EcoString>,
}

impl FieldType {
    /// A field that must be there, without a description.
    pub fn new(name: impl Into<EcoString>, ty: Type) -> FieldType {
        FieldType {
            name: name.into(),
            ty,
            optional: false,
            default: None,
            desc: None,
        }
    }
}

/// `fn(str) -> int`
#[derive(Clone, Debug, PartialEq)]
pub struct FnType {
    /// What it takes.
    pub params: Vec<Type>,
    /// How many of them it must be given; the others have defaults.
    pub needed: usize,
    /// Whether the last of them may come any number of times.
    pub rest: bool,
    /// What it returns.
    pub result: Type,
}

impl FnType {
    /// A function that needs all that it takes, as it is written: `fn(str) -> int`
    pub fn new(params: Vec<Type>, result: Type) -> FnType {
        let (needed, rest) = (params.len(), false);
        FnType {
            params,
            needed,
            rest,
            result,
        }
    }

    /// Whether it can be called with this many arguments.
    pub fn takes(&self, count: usize) -> bool {
        self.needed <= count && (self.rest || count <= self.params.len())
    }

    /// What its argument in this place is.
    pub fn param(&self, place: usize) -> Option<&Type> {
        self.params
            .get(place)
            .or_else(|| self.params.last().filter(|_| self.rest))
    }
}

/// What the checker knows of a program value.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramType {
    /// The module's name; `Predict` for a predictor.
    pub name: EcoString,
    /// The module, where it is known.
    pub module: Option<ModuleId>,
    /// What a call runs, where it is known: the module's `forward`, or a function that stands for a program.
    pub runs: Option<FnId>,
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
        Type::Function(Arc::new(FnType::new(params, result)))
    }

    /// An anonymous record without optional fields.
    pub fn record<N: Into<EcoString>>(fields: impl IntoIterator<Item = (N, Type)>) -> Type {
        let fields = fields.into_iter().map(|(name, ty)| FieldType::new(name, ty)).collect();
        Type::Record(Arc::new(RecordType {
            fields,
            ..RecordType::default()
        }))
    }

    /// The built-in types that are records of a certain kind: `tool`, `tool_calls`, and `history`, a list of them.
    pub fn named(name: &str) -> Option<Type> {
        let record = |name: &str, about: About, fields: Vec<FieldType>| {
            let name = Some(name.into());
            Type::Record(Arc::new(RecordType {
                name,
                about,
                fields,
                ..RecordType::default()
            }))
        };
        let text = |name: &str| FieldType::new(name, Type::Str);
        let args = || FieldType::new("args", Type::dict(Type::Any));
        Some(match name {
            "history" => Type::list(record("Turn", About::Turn, Vec::new())),
            "tool" => {
                let desc = FieldType {
                    optional: true,
                    ..FieldType::new("desc", Type::Str.optional())
                };
                record("Tool", About::Tool, vec![text("name"), desc, args()])
            }
            "tool_calls" => {
                let call = record("ToolCall", About::Nothing, vec![text("name"), args()]);
                let calls = FieldType::new("tool_calls", Type::list(call));
                record("ToolCalls", About::ToolCalls, vec![calls])
            }
            other => Type::Text(Form::named(other)?),
        })
    }

    /// The names that `named` knows, with those of forms.
    pub const NAMED: [&str; 9] = [
        "date",
        "datetime",
        "image",
        "audio",
        "file",
        "code",
        "history",
        "tool",
        "tool_calls",
    ];

    /// What prompts say of a record type, where this is one.
    pub fn about(&self) -> &About {
        match self {
            Type::Record(record) => &record.about,
            _ => &About::Nothing,
        }
    }

    /// Whether this is `history`.
    pub fn is_history(&self) -> bool {
        matches!(self, Type::List(item) if *item.about() == About::Turn)
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

    /// Whether it is optional: `T?`, which a record may lack.
    pub fn is_optional(&self) -> bool {
        *self != Type::Any && self.allows_none()
    }

    /// The type without `none`.
    pub fn without_none(&self) -> Type {
        Type::union(self.members().iter().filter(|m| **m != Type::None).cloned())
    }
}
