//! Statements and blocks.

use crate::source::Span;

use super::{Arg, BinaryOp, Binding, Expr, Name};

/// `{ … }`: the value is that of the last statement, if it is an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub stmts: Vec<Stmt>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    pub kind: StmtKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// `let x: T = e`, `let {a, b: c} = record`
    Let { binding: Binding, value: Expr },
    /// `var x: T = e`
    Var { binding: Binding, value: Expr },
    /// `x.a[0] += e`; the place is a name with fields and indexes
    Assign { place: Expr, op: AssignOp, value: Expr },
    /// `for x in xs { … }`, `for i, x in xs { … }`
    For { names: Vec<Name>, over: Expr, body: Block },
    /// `while c { … }`
    While { condition: Expr, body: Block },
    /// `assert c, "message"`
    Assert { condition: Expr, message: Option<Expr> },
    /// `configure(lm: …)`
    Configure(Vec<Arg>),
    /// A function that is declared inside a block is refused by the checker with advice (`let f = |x| …`).
    Function(Box<super::Function>),
    /// Any expression: a call, a control form, the block's value.
    Expr(Expr),
}

/// `=`, `+=`, …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignOp {
    Set,
    /// `+=` is `Update(BinaryOp::Add)`
    Update(BinaryOp),
}
