//! Expressions.

use crate::source::{Span, Spanned};
use crate::value::EcoString;

use super::{Block, Name, Param, Pattern};

#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `none`
    None,
    /// `true`
    Bool(bool),
    /// `1_000`; `None` where it does not fit 64 bits (a check error). `-` is a unary operator, but
    /// `-9223372036854775808` is one literal.
    Int(Option<i64>),
    /// `2e-3`
    Float(f64),
    /// `"text"`, `"""…"""`, `r"…"`: escapes decoded, dedented
    Str(EcoString),
    /// `f"{x:.2f} units"`
    FString(Vec<FStringPart>),
    /// `x`
    Name(EcoString),
    /// `[1, 2, ...xs]`
    List(Vec<ListItem>),
    /// `{a: 1, b, ...r}`
    Record(Vec<RecordEntry>),
    /// `{"a": 1, ...d}`; `{}` is the empty one
    Dict(Vec<DictEntry>),
    /// `[f(x) for x in xs if c]`
    Comprehension(Box<Comprehension>),
    /// `-x`, `not x`
    Unary { op: UnaryOp, operand: Box<Expr> },
    /// `a + b`, `a and b`, `a ?? b`, `a in b`
    Binary {
        op: Spanned<BinaryOp>,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `0..n`
    Range { start: Box<Expr>, end: Box<Expr> },
    /// `x |> f(a)`: the right side as written
    Pipe { left: Box<Expr>, right: Box<Expr> },
    /// `f(a, k: 5, ...r)`
    Call { callee: Box<Expr>, args: Vec<Arg> },
    /// `x.f(a)`, `x?.f(a)`
    Method {
        object: Box<Expr>,
        name: Name,
        args: Vec<Arg>,
        optional: bool,
    },
    /// `x.f`, `x?.f`
    Field {
        object: Box<Expr>,
        name: Name,
        optional: bool,
    },
    /// `xs[0]`
    Index { object: Box<Expr>, index: Box<Expr> },
    /// `xs[1..3]`
    Slice { object: Box<Expr>, slice: Box<Slice> },
    /// `|x| x + 1`; parameters may be annotated
    Lambda { params: Vec<Param>, body: Box<Expr> },
    /// `if c {…} else if … else {…}`; the `else` is a block or another `if`
    If {
        condition: Box<Expr>,
        then: Block,
        otherwise: Option<Box<Expr>>,
    },
    /// `match e { … }`
    Match { subject: Box<Expr>, arms: Vec<MatchArm> },
    /// `try {…} catch e {…}`
    Try {
        body: Block,
        name: Option<Name>,
        handler: Block,
    },
    /// `with (lm: cheap) {…}`
    With { settings: Vec<Arg>, body: Block },
    /// `{ … }`
    Block(Block),
    /// `return e`, also as the right side of `??` or a match arm
    Return(Option<Box<Expr>>),
    /// `break`
    Break,
    /// `continue`
    Continue,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FStringPart {
    /// Text between the braces, escapes decoded.
    Text(EcoString),
    Value {
        value: Expr,
        format: Option<Spanned<FormatSpec>>,
    },
}

/// `[[fill]align][sign][0][width][,][.precision][type]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormatSpec {
    pub fill: Option<char>,
    /// `<`, `>`, `^`, `=`
    pub align: Option<char>,
    /// `+`, `-`, ` `
    pub sign: Option<char>,
    pub zero: bool,
    pub width: Option<u32>,
    pub comma: bool,
    pub precision: Option<u32>,
    /// `d f e g % s x`
    pub kind: Option<char>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ListItem {
    Item(Expr),
    Spread(Expr),
}

#[derive(Clone, Debug, PartialEq)]
pub enum RecordEntry {
    /// `a: 1`
    Field { name: Name, value: Expr },
    /// `a`, which is `a: a`
    Short(Name),
    /// `...r`
    Spread(Expr),
}

#[derive(Clone, Debug, PartialEq)]
pub enum DictEntry {
    /// `"a": 1`
    Entry { key: Name, value: Expr },
    /// `...d`
    Spread(Expr),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Comprehension {
    pub element: Expr,
    /// At least one `for`; conditions belong to the clause before them.
    pub clauses: Vec<ForClause>,
}

/// `for x in xs if c if d`
#[derive(Clone, Debug, PartialEq)]
pub struct ForClause {
    pub names: Vec<Name>,
    pub over: Expr,
    pub conditions: Vec<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Neg,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
    /// `??`
    Coalesce,
    Add,
    Sub,
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Rem,
    /// `**`
    Pow,
}

impl BinaryOp {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            BinaryOp::Or => "or",
            BinaryOp::And => "and",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::In => "in",
            BinaryOp::NotIn => "not in",
            BinaryOp::Coalesce => "??",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Rem => "%",
            BinaryOp::Pow => "**",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// `x`
    Positional(Expr),
    /// `k: 5`
    Named { name: Name, value: Expr },
    /// `...record`
    Spread(Expr),
}

impl Arg {
    pub fn value(&self) -> &Expr {
        match self {
            Arg::Positional(value) | Arg::Named { value, .. } | Arg::Spread(value) => value,
        }
    }
}

/// `1..3`, `..100`, `100..`
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    pub start: Option<Expr>,
    pub end: Option<Expr>,
}

/// `"b" | "c" if guard => e`
#[derive(Clone, Debug, PartialEq)]
pub struct MatchArm {
    pub pattern: Pattern,
    pub guard: Option<Expr>,
    pub body: Expr,
    pub span: Span,
}
