//! Checked expressions.

use std::sync::Arc;

use crate::source::Span;
use crate::value::{EcoString, FnId, ModuleId, Type, Value};

use super::{Block, GlobalId, Pattern, Slot};

pub use crate::syntax::ast::{FormatSpec, UnaryOp};

#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

/// A variable that can be read, and captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Var {
    Local(Slot),
    /// A value that the running closure captured.
    Capture(u32),
    Global(GlobalId),
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Any constant: `none`, `3`, `"text"`, a signature.
    Constant(Value),
    /// `f"{x:.2f} units"`
    FString(Vec<FStringPart>),
    Var(Var),
    /// A member or parameter inside its module: the instance, and the field's index in `Module::fields`.
    Member {
        object: Box<Expr>,
        index: u32,
    },
    /// A function's or module's name as a value (a module's is its constructor).
    Function(FnId),
    /// A closure: `|x| x + k`, and a helper as a value (it captures the instance).
    Closure {
        function: FnId,
        captures: Vec<Var>,
    },
    /// The instance that a constructor yields, fields in the module's order.
    Instance {
        module: ModuleId,
        fields: Vec<Expr>,
    },
    List(Vec<ListItem>),
    Record(Vec<RecordEntry>),
    Dict(Vec<DictEntry>),
    Comprehension(Box<Comprehension>),
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    /// Both sides are looked at.
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// `a ?? b`
    Coalesce(Box<Expr>, Box<Expr>),
    /// `0..n`
    Range {
        start: Box<Expr>,
        end: Box<Expr>,
    },
    Call(Box<Call>),
    /// `x.f`; of a promise, the promise of the field. `optional`: `none` for `none`, and it looks. `absent`: by its type
    /// it may be absent, and then reads as `none`.
    Field {
        object: Box<Expr>,
        name: EcoString,
        optional: bool,
        absent: bool,
    },
    Index {
        object: Box<Expr>,
        index: Box<Expr>,
    },
    Slice {
        object: Box<Expr>,
        start: Option<Box<Expr>>,
        end: Option<Box<Expr>>,
    },
    If {
        condition: Box<Expr>,
        then: Block,
        otherwise: Option<Box<Expr>>,
    },
    /// Exhaustive by the check, but an `any` may still match nothing: error of kind `type`.
    Match {
        subject: Box<Expr>,
        arms: Vec<MatchArm>,
    },
    /// `name` is the slot of `e`.
    Try {
        body: Block,
        name: Option<Slot>,
        handler: Block,
    },
    /// `with (lm: cheap) {…}`
    With {
        settings: Vec<(EcoString, Expr)>,
        body: Block,
    },
    Block(Block),
    /// An `any` (or what may be one) meets a written type: held against it and converted (dict → record, int →
    /// float); an error of kind `type` if it does not fit. Does not look at a promise: the check is promised too.
    Convert {
        value: Box<Expr>,
        ty: Arc<Type>,
    },
    /// The element that a comprehension's condition dropped.
    Skip,
    Return(Option<Box<Expr>>),
    Break,
    Continue,
}

#[derive(Clone, Debug)]
pub enum FStringPart {
    Text(EcoString),
    Value { value: Expr, format: Option<FormatSpec> },
}

#[derive(Clone, Debug)]
pub enum ListItem {
    Item(Expr),
    Spread(Expr),
}

#[derive(Clone, Debug)]
pub enum RecordEntry {
    Field(EcoString, Expr),
    Spread(Expr),
}

#[derive(Clone, Debug)]
pub enum DictEntry {
    Entry(EcoString, Expr),
    Spread(Expr),
}

/// `[element for x in over if c]`. The element (conditions inside, as `Skip`) is a function of kind `Element` that
/// takes `x`, or index and element, or key and value. Where it cannot reach a model the emitter may run it in line.
/// Several `for`s nest: the element of the outer is the inner comprehension, `flatten`ed.
#[derive(Clone, Debug)]
pub struct Comprehension {
    pub over: Expr,
    pub function: FnId,
    pub captures: Vec<Var>,
    /// Some elements may be `Absent`.
    pub filtered: bool,
    pub flatten: bool,
}

/// The operators that compute with both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Rem,
    Pow,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
}

#[derive(Clone, Debug)]
pub struct Call {
    pub callee: Callee,
    /// In the order they were written, which is the order they are evaluated in.
    pub args: Vec<Arg>,
    /// The callee's name or expression, for messages and the chain of calls.
    pub name: EcoString,
}

#[derive(Clone, Debug)]
pub enum Callee {
    /// A known function, native or constructor. `x.f(a)` with the function `f` has `x` as its first argument.
    Function(FnId),
    /// A helper or `forward` of the instance.
    Helper { object: Expr, function: FnId },
    /// A value: closure, program, constructor. A function takes positional arguments only.
    Value(Expr),
    /// A program: what it takes has names, also where a function stands for it.
    Program(Expr),
    /// `x.f(a)` that is decided when it runs: the field, member or helper `f` of `x`, else a library method of
    /// its type (`random_sample` for `rng.sample`), else this function with `x` as first argument.
    Method {
        object: Expr,
        method: EcoString,
        function: Option<Box<Callee>>,
        optional: bool,
    },
}

#[derive(Clone, Debug)]
pub enum Arg {
    Positional(Expr),
    Named(EcoString, Expr),
    /// A record's fields (or an `any` dict's entries): those that the callee takes.
    Spread(Expr),
}

#[derive(Clone, Debug)]
pub struct MatchArm {
    pub pattern: Pattern,
    pub guard: Option<Expr>,
    pub body: Expr,
}
