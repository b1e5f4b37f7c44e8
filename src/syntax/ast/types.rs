//! Types as they are written.

use crate::source::Span;
use crate::value::{EcoString, Literal};

use super::Name;

#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    pub kind: TypeExprKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypeExprKind {
    /// `str`, `Person`, `rag.Passage`, `signature`, `any`, `T`
    Name { qualifier: Option<Name>, name: Name },
    /// `none`
    None,
    /// `"low"`, `3`, `-1`, `true`
    Literal(Literal),
    /// `list[T]`, `dict[str, T]`: any name with arguments
    Generic { name: Name, args: Vec<TypeExpr> },
    /// `A | B`
    Union(Vec<TypeExpr>),
    /// `T?`
    Optional(Box<TypeExpr>),
    /// `{name: str "full name", age: int?, ...outputs(S)}`
    Record(Vec<TypeRecordEntry>),
    /// `fn(A, B) -> C`
    Function {
        params: Vec<TypeExpr>,
        result: Box<TypeExpr>,
    },
    /// `inputs(S)`, `outputs(S)`
    Of { what: EcoString, name: Name },
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypeRecordEntry {
    Field(TypeField),
    /// `...outputs(S)`, `...Person`
    Spread(TypeExpr),
}

/// `age: int? "in years"`
#[derive(Clone, Debug, PartialEq)]
pub struct TypeField {
    pub name: Name,
    pub ty: TypeExpr,
    pub desc: Option<EcoString>,
}
