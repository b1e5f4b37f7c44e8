//! The tree of a file, as it was written: every node with its span, nothing resolved, nothing desugared that a reader
//! would miss. Comments are not here; they come from the token pass.

mod expr;
mod item;
mod pattern;
mod stmt;
mod types;

pub use expr::{
    Arg, BinaryOp, Comprehension, DictEntry, Expr, ExprKind, FStringPart, ForClause, FormatSpec, ListItem, MatchArm,
    RecordEntry, Slice, UnaryOp,
};
pub use item::{
    Field, FnBody, Function, Import, ImportNames, Item, Member, Module, Param, ParamKind, SignatureBody, SignatureDecl,
    Test, TypeDecl, TypeParam, Where,
};
pub use pattern::{BindField, Binding, Pattern, PatternField, PatternKind};
pub use stmt::{AssignOp, Block, Stmt, StmtKind};
pub use types::{TypeExpr, TypeExprKind, TypeField, TypeRecordEntry};

use crate::source::{Span, Spanned};
use crate::value::EcoString;

/// A name with its place.
pub type Name = Spanned<EcoString>;

/// A whole file. Items and statements stand in the order they were written.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    pub items: Vec<Item>,
    /// What the declarations with mistakes, which are not among the items, declare: of any type.
    pub broken: Vec<Name>,
    /// Where the statements and declarations with mistakes stand.
    pub unread: Vec<Span>,
    pub span: Span,
}
