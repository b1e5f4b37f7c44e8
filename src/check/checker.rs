//! One check: the environment it adds to, the problems it collects, and where it stands.

use std::collections::{HashMap, HashSet};

use crate::diag::{Code, Diagnostic, Problems};
use crate::hir::{self, Reach};
use crate::source::{FileId, SourceMap, Span};
use crate::value::{EcoString, FnId, ModuleId, Type};

use super::environment::{Environment, Files, Kind};
use super::generics::TypeParam;
use super::narrow::Facts;
use super::scope::{Body, BodyKind};

/// How many bodies may be checked inside each other before a result counts as `any`: deeper chains are checked from
/// their ends first, and no chain can exhaust the stack.
const MAX_DEPTH: u32 = 1000;

/// An expression with its type.
#[derive(Debug)]
pub(super) struct Typed {
    pub expr: hir::Expr,
    pub ty: Type,
}

impl Typed {
    pub fn new(kind: hir::ExprKind, ty: Type, span: Span) -> Typed {
        Typed {
            expr: hir::Expr { kind, span },
            ty: ty.unfolded().into_owned(),
        }
    }
}

/// Where the check stands; each declaration that is checked on demand gets its own.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub file: FileId,
    /// The body being checked, behind those that it lies in.
    pub bodies: Vec<Body>,
    pub facts: Facts,
    pub type_params: Vec<TypeParam>,
    /// The module whose `forward`, helper or constructor this is.
    pub module: Option<ModuleId>,
    /// The code is thrown away, only types and problems count.
    pub dry: bool,
    /// The statement of the top level.
    pub statement: u32,
}

impl Context {
    pub fn new(file: FileId, kind: BodyKind) -> Context {
        Context {
            file,
            bodies: vec![Body::new(kind)],
            facts: Facts::default(),
            type_params: Vec::new(),
            module: None,
            dry: false,
            statement: 0,
        }
    }
}

pub(super) struct Checker<'a> {
    pub env: &'a mut Environment,
    pub sources: &'a mut SourceMap,
    pub files: &'a mut dyn Files,
    pub problems: Problems,
    /// Problems of what is checked dry: whoever asked for it decides what becomes of them.
    pub trial: Problems,
    pub cx: Context,
    /// Functions that are used and not checked yet.
    pub queue: Vec<FnId>,
    /// Files whose imports are being followed.
    pub importing: Vec<FileId>,
    /// The statements of the files that were checked, with their frame sizes.
    pub lowered: Vec<(FileId, Vec<hir::Stmt>, u32)>,
    /// Problems that uses of open functions brought to light: each is shown once.
    pub shown: HashSet<(Code, Span)>,
    /// What open lambdas yield for the types of their uses.
    pub lambda_results: HashMap<Span, Vec<(Vec<Type>, Type)>>,
    /// What the value of a block or control form comes from, where a type was wanted of it.
    pub parts: HashMap<Span, Vec<(Span, Type)>>,
    /// Whether the patterns of the present `match` tell the types of several uses apart.
    pub dispatches: bool,
    /// How many bodies may still be checked anew for the present use.
    pub anew: u32,
    depth: u32,
    locals: u32,
}

impl<'a> Checker<'a> {
    pub fn new(env: &'a mut Environment, sources: &'a mut SourceMap, files: &'a mut dyn Files) -> Self {
        Checker {
            env,
            sources,
            files,
            problems: Problems::default(),
            trial: Problems::default(),
            cx: Context::new(FileId(0), BodyKind::Top),
            queue: Vec::new(),
            importing: Vec::new(),
            lowered: Vec::new(),
            shown: HashSet::new(),
            lambda_results: HashMap::new(),
            parts: HashMap::new(),
            dispatches: false,
            anew: 0,
            depth: 0,
            locals: 0,
        }
    }

    /// Checks a file with all that it imports and uses.
    pub fn run(mut self, file: FileId, kind: Kind) -> Problems {
        let known = self.env.program.functions.len();
        self.load(file, kind);
        while let Some(id) = self.queue.pop() {
            self.check_function(id);
        }
        if kind == Kind::Script {
            self.unused_globals(file);
        }
        self.settle_reach(known);
        self.make_units();
        self.problems
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        match self.cx.dry {
            true => self.trial.push(diagnostic),
            false => self.problems.push(diagnostic),
        }
    }

    /// How many problems are known where this check puts its own.
    pub fn reported(&self) -> usize {
        match self.cx.dry {
            true => self.trial.len(),
            false => self.problems.len(),
        }
    }

    /// Takes back the problems after the first `len`; the place of the first of them.
    pub fn forget_reported(&mut self, len: usize) -> Option<Span> {
        let problems = match self.cx.dry {
            true => &mut self.trial,
            false => &mut self.problems,
        };
        let place = problems.iter().nth(len).map(Diagnostic::span);
        problems.truncate(len);
        place
    }

    pub fn error(&mut self, code: &'static str, message: impl Into<String>, span: Span, label: impl Into<String>) {
        self.report(Diagnostic::error(code, message, span, label));
    }

    /// An error with its help.
    pub fn advise(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Diagnostic::error(code, message, span, label).help(help));
    }

    /// Runs `f` as in a place of its own: another declaration, another file.
    pub fn elsewhere<T>(&mut self, context: Context, f: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.cx, context);
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        self.cx = outer;
        result
    }

    /// Whether one more declaration may be checked before the present one is done.
    pub fn may_descend(&self) -> bool {
        self.depth < MAX_DEPTH
    }

    pub fn body(&mut self) -> &mut Body {
        let last = self.cx.bodies.len() - 1;
        &mut self.cx.bodies[last]
    }

    pub fn fresh_local(&mut self) -> u32 {
        self.locals += 1;
        self.locals
    }

    /// Whether the present file is one of the library's.
    pub fn in_library(&self) -> bool {
        self.is_library(self.cx.file)
    }

    pub fn is_library(&self, file: FileId) -> bool {
        self.env.scopes.get(&file).is_some_and(|scope| scope.library)
    }

    /// The present body may come to this.
    pub fn reaches(&mut self, reach: Reach) {
        let body = self.body();
        body.reach = body.reach.or(reach);
    }

    /// The present body calls this function, which therefore must be checked.
    pub fn calls(&mut self, id: FnId) {
        self.need(id);
        let body = self.body();
        if !body.calls.contains(&id) {
            body.calls.push(id);
        }
    }

    /// The function is used: it must be checked before the program runs.
    pub fn need(&mut self, id: FnId) {
        let info = self.env.function_mut(id);
        if !info.queued {
            info.queued = true;
            self.queue.push(id);
        }
    }

    /// The bound of a type parameter in scope.
    pub fn bound(&self, name: &str) -> Option<&Type> {
        self.cx
            .type_params
            .iter()
            .rev()
            .find(|p| p.name == name)?
            .bound
            .as_ref()
    }

    /// What a type can be used as: a type parameter as its bound, or as anything.
    pub fn base(&self, ty: &Type) -> Type {
        match ty {
            Type::Param(name) => self.bound(name).cloned().unwrap_or(Type::Any),
            Type::InputsOf(_) | Type::OutputsOf(_) => Type::Any,
            other => other.unfolded().into_owned(),
        }
    }

    /// The name of a place's text, for messages.
    pub fn text(&self, span: Span) -> EcoString {
        self.sources.text(span).into()
    }

    /// The text of a place where it is short enough to be repeated in a help.
    pub fn short_text(&self, span: Span) -> EcoString {
        let text = self.sources.text(span);
        match text.len() <= 40 && !text.contains('\n') {
            true => text.into(),
            false => "x".into(),
        }
    }

    /// What stands where an expression is wrong: its type is unknown, so nothing more is said about it.
    pub fn broken(&self, span: Span) -> Typed {
        Typed::new(hir::ExprKind::Constant(crate::value::Value::None), Type::Any, span)
    }
}
