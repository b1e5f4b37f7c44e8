//! What the checker keeps of each declaration, beside what it writes for the machine.

use std::sync::Arc;

use crate::hir::{GlobalId, Reach};
use crate::source::{FileId, Span};
use crate::syntax::ast;
use crate::value::{Declared, EcoString, FieldType, FnId, ModuleId, Signature, Type};

use super::generics::TypeParam;
use super::open::OpenLambda;

/// How far a declaration was checked: each is checked when it is first needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Waiting,
    Running,
    Done,
}

/// Where a function's code comes from.
#[derive(Clone, Debug, Default)]
pub(super) enum FnSource {
    /// A lambda, the element of a comprehension: checked where it stands.
    #[default]
    Inner,
    Declared(Arc<ast::Function>),
    Constructor,
    Condition(Arc<ConditionSource>),
    Test(Arc<ast::Test>),
}

/// A `where` with what its condition sees.
#[derive(Debug)]
pub(super) struct ConditionSource {
    pub condition: ast::Expr,
    /// The field itself first, then inputs and earlier outputs.
    pub fields: Vec<(EcoString, Type)>,
}

/// Beside `hir::Program::functions`, by the same index.
#[derive(Clone, Debug, Default)]
pub(super) struct FnInfo {
    pub source: FnSource,
    /// Of a `forward`, helper or constructor.
    pub module: Option<ModuleId>,
    pub state: State,
    pub sig: Option<Arc<FnSig>>,
    /// What it yields where no type is written, with `any` for parameters without one.
    pub result: Option<Type>,
    /// Results for argument types that were checked before; `None` while it runs.
    pub instances: Vec<(Vec<Option<Type>>, Option<Type>)>,
    /// What it reaches by itself, and through which functions.
    pub reach: Reach,
    pub calls: Vec<FnId>,
    /// Whether it certainly calls a model itself.
    pub model: bool,
    pub queued: bool,
    /// Whether the warning that a recursion needs a result type was given.
    pub warned: bool,
}

/// What a caller must know of a function.
#[derive(Clone, Debug)]
pub(super) struct FnSig {
    pub name: EcoString,
    pub type_params: Vec<TypeParam>,
    pub params: Vec<ParamSig>,
    /// As written.
    pub result: Option<Type>,
    /// The declared name.
    pub span: Span,
}

impl FnSig {
    /// Whether its body depends on the types of arguments.
    pub fn is_open(&self) -> bool {
        self.params.iter().any(|p| p.ty.is_none())
    }

    /// How many positional arguments it needs, and how many it takes.
    pub fn arity(&self) -> (usize, usize) {
        let Some(params) = self.positional() else {
            let first = self.params.iter().take_while(|p| p.kind == ParamKind::Plain);
            return (needed(first), usize::MAX);
        };
        match params.iter().any(|p| p.kind == ParamKind::Rest) {
            true => (needed(params.iter()), usize::MAX),
            false => (needed(params.iter()), params.len()),
        }
    }

    /// Its parameters as positions, a spread record type as its fields; nothing where these are not known.
    pub fn positional(&self) -> Option<Vec<ParamSig>> {
        let mut params = Vec::new();
        for param in &self.params {
            match (&param.kind, &param.ty) {
                (ParamKind::Fields, Some(Type::Record(record))) if record.spreads.is_empty() => {
                    params.extend(record.fields.iter().map(ParamSig::of_field));
                }
                (ParamKind::Fields, _) => return None,
                _ => params.push(param.clone()),
            }
        }
        Some(params)
    }
}

/// How many of these must be given where none is named: what stands before one without a default is needed too.
fn needed<'p>(params: impl Iterator<Item = &'p ParamSig>) -> usize {
    let needs = params.enumerate().filter(|(_, p)| !p.has_default);
    needs.last().map_or(0, |(place, _)| place + 1)
}

#[derive(Clone, Debug)]
pub(super) struct ParamSig {
    pub name: EcoString,
    /// `None` where no type is written.
    pub ty: Option<Type>,
    pub has_default: bool,
    pub kind: ParamKind,
}

impl ParamSig {
    /// The parameter that a field of a spread record type is.
    pub fn of_field(field: &FieldType) -> ParamSig {
        ParamSig {
            name: field.name.clone(),
            ty: Some(field.ty.clone()),
            has_default: field.optional,
            kind: ParamKind::Plain,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParamKind {
    Plain,
    /// `...values: any`
    Rest,
    /// `...inputs(S)`: its type is the record.
    Fields,
}

/// Beside `hir::Program::modules`, by the same index.
#[derive(Clone, Debug)]
pub(super) struct ModuleInfo {
    pub ast: Arc<ast::Module>,
    pub state: State,
    /// Types of parameters and members, in the order of `hir::Module::fields`.
    pub fields: Vec<Type>,
}

impl ModuleInfo {
    /// A module whose `forward` has no body: the machine makes its instances.
    pub fn is_native(&self) -> bool {
        self.ast.forwards.first().is_some_and(|f| f.body == ast::FnBody::Native)
    }
}

/// Beside `hir::Program::globals`, by the same index.
#[derive(Clone, Debug)]
pub(super) struct GlobalInfo {
    pub state: State,
    pub mutable: bool,
    /// The statement that sets it, in its file.
    pub statement: u32,
    pub ty: Option<Type>,
    pub lambda: Option<Arc<OpenLambda>>,
    /// Whether something reads it.
    pub used: bool,
}

#[derive(Clone, Debug)]
pub(super) struct SignatureInfo {
    pub ast: Arc<ast::SignatureDecl>,
    pub file: FileId,
    pub global: GlobalId,
    pub state: State,
    pub value: Option<Arc<Signature>>,
}

#[derive(Clone, Debug)]
pub(super) struct TypeInfo {
    pub ast: Arc<ast::TypeDecl>,
    pub file: FileId,
    pub state: State,
    pub ty: Type,
    /// Itself inside itself, and where it was first named there.
    pub again: Option<(Arc<Declared>, Span)>,
}

/// A signature, by its place in the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SignatureId(pub u32);

/// A `type` declaration, by its place in the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TypeId(pub u32);
