//! Checked statements.

use crate::source::Span;
use crate::value::EcoString;

use super::{BinaryOp, BindTarget, Expr, GlobalId, Slot};

/// The value is that of the last statement if it is an expression, else `none`.
#[derive(Clone, Debug)]
pub struct Block {
    pub stmts: Vec<Stmt>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Stmt {
    pub kind: StmtKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `let x = e`, `var x = e`
    Bind {
        target: BindTarget,
        value: Expr,
    },
    /// `let {a, b: c} = e`: does not look. The fields in `absent` may be absent by their type, and then read as `none`.
    Destructure {
        fields: Vec<(EcoString, BindTarget)>,
        absent: Vec<EcoString>,
        value: Expr,
    },
    /// `x.a[0] = e`; with an operator `x.a[0] += e`
    Assign {
        place: Place,
        op: Option<BinaryOp>,
        value: Expr,
    },
    /// `for x in xs`, `for i, x in xs`, `for key, value in dict`
    For {
        first: Slot,
        second: Option<Slot>,
        over: Expr,
        body: Block,
    },
    While {
        condition: Expr,
        body: Block,
    },
    /// `source` is the condition's text, for the message.
    Assert {
        condition: Expr,
        message: Option<Expr>,
        source: EcoString,
    },
    Configure(Vec<(EcoString, Expr)>),
    Expr(Expr),
}

/// `x`, `x.a[0].b`
#[derive(Clone, Debug)]
pub struct Place {
    pub root: PlaceRoot,
    pub steps: Vec<PlaceStep>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceRoot {
    Local(Slot),
    Global(GlobalId),
}

#[derive(Clone, Debug)]
pub enum PlaceStep {
    Field(EcoString),
    Index(Expr),
}
