//! What binds names: `let`, `var`, and the patterns of `match`.

use crate::source::Span;
use crate::value::Literal;

use super::{Name, TypeExpr};

/// The left side of `let` and `var`.
#[derive(Clone, Debug, PartialEq)]
pub enum Binding {
    /// `x`, `x: T`
    Name { name: Name, ty: Option<TypeExpr> },
    /// `{a, b: c}`
    Record { fields: Vec<BindField>, span: Span },
}

/// `b: c` binds the field `b` to the name `c`; `a` binds `a`.
#[derive(Clone, Debug, PartialEq)]
pub struct BindField {
    pub field: Name,
    pub name: Name,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub kind: PatternKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PatternKind {
    /// `"a"`, `-1`, `true`
    Literal(Literal),
    /// `1.5`
    Float(f64),
    /// `none`
    None,
    /// `a | b`
    Or(Vec<Pattern>),
    /// `_`
    Wildcard,
    /// `name`
    Name(Name),
    /// `name: Type`, `_: Type`
    Typed { name: Option<Name>, ty: TypeExpr },
    /// `{field, other: pattern}`
    Record(Vec<PatternField>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct PatternField {
    pub field: Name,
    /// Without one, the field's name is bound.
    pub pattern: Option<Pattern>,
}
