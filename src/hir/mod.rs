//! The checked program: names resolved to slots and ids, calls to their callees, sugar gone, every node with its span.
//! The checker writes it, the emitter reads it; the machine sees neither text nor syntax.

mod expr;
mod pattern;
mod stmt;

pub use expr::{
    Arg, BinaryOp, Call, Callee, Comprehension, DictEntry, Expr, ExprKind, FStringPart, FormatSpec, ListItem, MatchArm,
    RecordEntry, UnaryOp, Var,
};
pub use pattern::{BindTarget, FieldPattern, Pattern};
pub use stmt::{Block, Place, PlaceRoot, PlaceStep, Stmt, StmtKind};

use std::sync::Arc;

use crate::source::{FileId, SourceMap, Span};
use crate::value::{Declared, EcoString, FnId, ModuleId, RecordType, Type, Value};

/// A place in a function's frame. Parameters come first, in order; a module's `forward` and helpers have the instance
/// in slot 0 and their parameters behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

/// A top-level `let` or `var` of some file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GlobalId(pub u32);

/// Everything that a session has checked so far: library, scripts, REPL lines. Arenas only grow, so ids stay valid; a
/// line that fails is cut off again.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub functions: Vec<Function>,
    pub modules: Vec<Module>,
    pub globals: Vec<Global>,
    /// The declared types that contain themselves.
    pub types: Vec<Arc<Declared>>,
    /// The texts that spans point into, for what shows or names code.
    pub sources: SourceMap,
}

impl Program {
    pub fn function(&self, id: FnId) -> &Function {
        &self.functions[id.0 as usize]
    }

    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    pub fn global(&self, id: GlobalId) -> &Global {
        &self.globals[id.0 as usize]
    }
}

/// What one file (or REPL line) runs: its statements, and what can be called in it by name.
#[derive(Clone, Debug)]
pub struct Unit {
    pub file: FileId,
    pub stmts: Vec<Stmt>,
    /// Frame size of the top level: block variables, loop variables, pattern names.
    pub slots: u32,
    pub main: Option<FnId>,
    pub tests: Vec<Test>,
    /// The names of the file's top level that `dsp prompt`, `eval` and an embedder can ask for.
    pub names: Vec<(EcoString, Definition)>,
}

/// What a top-level name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    Function(FnId),
    Module(ModuleId),
    Global(GlobalId),
    /// Signatures are constants: a global that is always set would do, so they are one.
    Signature(GlobalId),
}

/// `test "name" { … }`: a function without parameters.
#[derive(Clone, Debug)]
pub struct Test {
    pub name: EcoString,
    pub function: FnId,
}

/// `let x = …` of a file's top level.
#[derive(Clone, Debug)]
pub struct Global {
    pub name: EcoString,
    pub file: FileId,
    pub span: Span,
    pub ty: Type,
    /// A signature, known before anything runs.
    pub constant: Option<Value>,
    /// The statement of its unit that sets it.
    pub statement: Option<u32>,
}

/// `fn`, lambda, `forward`, helper, a module's constructor, a `where` condition, the element of a comprehension.
#[derive(Clone, Debug)]
pub struct Function {
    /// `f1`, `SupportRouter.forward`; empty for a lambda.
    pub name: EcoString,
    pub kind: FunctionKind,
    pub file: FileId,
    /// Whether its file is one of the library's: its frames are not shown in a chain of calls.
    pub library: bool,
    pub span: Span,
    pub description: Option<EcoString>,
    /// Without the instance of a `forward` or helper.
    pub params: Vec<Param>,
    /// Of the type in `result`, if one was written; what does not fit is an error where the value arrives.
    pub result: Option<Type>,
    /// How many values a closure of it captures.
    pub captures: u32,
    /// Frame size, parameters and instance included.
    pub slots: u32,
    pub body: Body,
    pub reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    Plain,
    Lambda,
    /// Makes an instance; its parameters are the module's.
    Constructor(ModuleId),
    Forward(ModuleId),
    Helper(ModuleId),
    /// One element of a comprehension; yields `Absent` for one that a condition drops.
    Element,
    /// A `where`: takes the record of inputs and of outputs so far.
    Condition,
}

#[derive(Clone, Debug)]
pub enum Body {
    Block(Block),
    /// The Rust body of this name, in the registry.
    Native(EcoString),
}

#[derive(Clone, Debug)]
pub struct Param {
    pub name: EcoString,
    /// As written; held against the argument where the caller's type did not say enough, and in calls through a value.
    pub ty: Option<Type>,
    /// Evaluated in the callee's frame when the argument is left out.
    pub default: Option<Expr>,
    /// `...values: any`: the list of all further positional arguments. Further parameters can only be named.
    pub rest: bool,
    /// `...inputs(S)`: this one parameter (its name is `inputs`) is a record that takes one argument for each input of
    /// the signature or program that settles `S`, by position in their order or by name; defaults as there.
    pub inputs: Option<InputsFrom>,
}

/// Where a function with `...inputs(S)` finds the signature (or program) `S`, or the fields themselves.
#[derive(Clone, Debug)]
pub enum InputsFrom {
    /// `...Row`: the fields of this type; optional ones may be left out.
    Type(Arc<RecordType>),
    /// In this parameter of the function itself.
    Param(u32),
    /// In this field of the instance: the parameter of the module.
    Field(u32),
}

/// What a call of a function may come to; unknown callees count as everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// May wait for a model: a call gets a fiber of its own.
    pub model: bool,
    /// May have an effect other than `print`: later effects wait for it.
    pub effect: bool,
}

impl Reach {
    pub const NOTHING: Reach = Reach {
        model: false,
        effect: false,
    };
    pub const ALL: Reach = Reach {
        model: true,
        effect: true,
    };

    pub fn or(self, other: Reach) -> Reach {
        Reach {
            model: self.model || other.model,
            effect: self.effect || other.effect,
        }
    }
}

/// `module SupportRouter(…) { … }`
#[derive(Clone, Debug)]
pub struct Module {
    pub name: EcoString,
    pub file: FileId,
    pub span: Span,
    pub description: Option<EcoString>,
    /// Parameters, then members: the fields of an instance.
    pub fields: Vec<EcoString>,
    /// How many of the fields are parameters.
    pub params: u32,
    pub constructor: FnId,
    pub forward: FnId,
    pub helpers: Vec<(EcoString, FnId)>,
    /// The source of the declaration, for optimizers that show programs to a model.
    pub source: Span,
}
