//! Declarations.

use crate::source::{Span, Spanned};
use crate::value::EcoString;

use super::{Block, Expr, Name, Stmt, TypeExpr};

#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `import "rag.dsp" as rag`, `import "metrics.dsp" (f1, exact)`
    Import(Import),
    /// `type Person = {name: str}`
    Type(TypeDecl),
    /// `signature Name { … }`
    Signature(SignatureDecl),
    /// `fn name(…) { … }`, and without a body in library files
    Function(Function),
    /// `module Name(…) { … }`
    Module(Module),
    /// `test "name" { … }`
    Test(Test),
    /// Any statement of the top level.
    Statement(Stmt),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub path: Spanned<EcoString>,
    pub names: ImportNames,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ImportNames {
    /// `as rag`
    As(Name),
    /// `(f1, exact)`
    Some(Vec<Name>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct TypeDecl {
    pub name: Name,
    pub ty: TypeExpr,
    pub span: Span,
}

/// `signature ClassifyEmail { "…" body: str -> urgency: "low" | "high" }`
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureDecl {
    pub name: Name,
    pub body: SignatureBody,
    pub span: Span,
}

/// The inside of a block signature, and the whole of an inline one (which has no instructions, descriptions,
/// defaults or conditions).
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureBody {
    pub instructions: Option<Spanned<EcoString>>,
    pub inputs: Vec<Field>,
    pub outputs: Vec<Field>,
}

/// `query: str = "none" "search query" where len(words(query)) <= 15 "at most 15 words"`
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: Name,
    pub ty: Option<TypeExpr>,
    pub default: Option<Expr>,
    pub desc: Option<Spanned<EcoString>>,
    pub conditions: Vec<Where>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Where {
    pub condition: Expr,
    pub advice: Option<Spanned<EcoString>>,
}

/// `[S: signature]`
#[derive(Clone, Debug, PartialEq)]
pub struct TypeParam {
    pub name: Name,
    pub bound: Option<TypeExpr>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// `forward` for a module's forward.
    pub name: Name,
    pub type_params: Vec<TypeParam>,
    pub params: Vec<Param>,
    pub result: Option<TypeExpr>,
    /// The leading string of the body.
    pub description: Option<Spanned<EcoString>>,
    pub body: FnBody,
    /// The head: `fn name(…) -> type`.
    pub head: Span,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FnBody {
    Block(Block),
    /// A native: only in library files.
    Native,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    pub kind: ParamKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ParamKind {
    /// `name: type = default`
    Named {
        name: Name,
        ty: Option<TypeExpr>,
        default: Option<Expr>,
    },
    /// `...values: any`: takes all further positional arguments as a list; natives only.
    Rest { name: Name, ty: TypeExpr },
    /// `...inputs(S)`: the fields of a record type as parameters.
    Fields(TypeExpr),
}

/// `module Name(…) { "description" member = expr … forward(…) { … } fn helper(…) { … } }`
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    pub name: Name,
    pub type_params: Vec<TypeParam>,
    pub params: Vec<Param>,
    pub description: Option<Spanned<EcoString>>,
    pub members: Vec<Member>,
    /// More than one is a check error, as is none.
    pub forwards: Vec<Function>,
    pub helpers: Vec<Function>,
    pub head: Span,
    pub span: Span,
}

/// `classify = Predict(ClassifyEmail)`
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub name: Name,
    pub value: Expr,
    pub span: Span,
}

/// `test "name" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub name: Spanned<EcoString>,
    pub body: Block,
    pub span: Span,
}
