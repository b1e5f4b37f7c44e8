//! `x.f(a)`: a field, member or helper of `x`, else a function with `x` as its first argument.

use crate::diag::nearest;
use crate::hir::{self, Callee, Reach};
use crate::source::Span;
use crate::syntax::ast::{self, Arg, Name};
use crate::value::{EcoString, FnId, Type, Value};

use super::access::{FieldOf, field_names, field_of};
use super::args::{Given, givens};
use super::checker::{Checker, Typed};
use super::codes;
use super::habits;
use super::narrow::type_name;
use super::scope::{Captured, Entry};

/// `object.name(args)`, with `?.` or without.
type MethodCall<'e> = (&'e ast::Expr, &'e Name, &'e [Arg], bool);

/// A function in scope.
enum InScope {
    Functions(Vec<FnId>),
    Helper(FnId),
    /// A local that holds a function.
    Value,
    Module(Entry),
}

impl Checker<'_> {
    pub fn method(
        &mut self,
        (object, name, args, optional): MethodCall<'_>,
        first: Option<Given<'_>>,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        let place = ast::Expr {
            kind: ast::ExprKind::Name(name.node.clone()),
            span: name.span,
        };
        if let Some(file) = self.namespace(object) {
            let given = givens(first, args);
            return match self.foreign_entry(file, name) {
                Some(entry) => self.call_entry(entry, &name.node, &place, given, span, expected),
                None => {
                    self.check_anyway(given);
                    self.broken(span)
                }
            };
        }
        if first.is_none()
            && self.names_function(object)
            && self.names_function(&place)
            && let Some(entry) = self.entry(&name.node)
        {
            // A function has no fields; as an argument, what it must fit decides which of its types it has.
            let given = givens(Some(Given::Positional(object)), args);
            return self.call_entry(entry, &name.node, &place, given, span, expected);
        }
        if first.is_none()
            && matches!(object.kind, ast::ExprKind::Str(_))
            && let Some(entry) = self.takes_signature(&name.node)
        {
            // An inline signature, which is read for the parameter.
            let given = givens(Some(Given::Positional(object)), args);
            return self.call_entry(entry, &name.node, &place, given, span, expected);
        }
        let mut typed = self.expr(object, None);
        if typed.ty == Type::Any && self.names_function(object) {
            typed.ty = Type::function(Vec::new(), Type::Any);
        }
        let given = givens(first, args);
        if optional && self.base(&typed.ty) != Type::Any {
            return self.optional_method(typed, object, name, given, span);
        }
        self.method_of(typed, object, name, given, span, optional)
    }

    /// `x?.f(a)`: `none` for `none`.
    fn optional_method(
        &mut self,
        typed: Typed,
        object: &ast::Expr,
        name: &Name,
        given: Vec<Option<Given<'_>>>,
        span: Span,
    ) -> Typed {
        let slot = self.hidden_slot();
        let inner = self.base(&typed.ty).without_none();
        let value = Typed::new(hir::ExprKind::Var(hir::Var::Local(slot)), inner, object.span);
        let call = self.method_of(value, object, name, given, span, false);
        let constant = hir::Expr {
            kind: hir::ExprKind::Constant(Value::None),
            span,
        };
        let arms = vec![
            hir::MatchArm {
                pattern: hir::Pattern::Value(Value::None),
                guard: None,
                body: constant,
            },
            hir::MatchArm {
                pattern: hir::Pattern::Bind(slot),
                guard: None,
                body: call.expr,
            },
        ];
        let kind = hir::ExprKind::Match {
            subject: Box::new(typed.expr),
            arms,
        };
        Typed::new(kind, call.ty.optional(), span)
    }

    fn method_of(
        &mut self,
        typed: Typed,
        object: &ast::Expr,
        name: &Name,
        given: Vec<Option<Given<'_>>>,
        span: Span,
        optional: bool,
    ) -> Typed {
        let base = self.base(&typed.ty);
        if let Type::Program(Some(program)) = &base
            && let Some(helper) = program.module.and_then(|module| self.helper(module, &name.node))
        {
            let callee = Callee::Helper {
                object: typed.expr,
                function: helper,
            };
            return self.call_function(helper, callee, &name.node, given, span);
        }
        if matches!(base, Type::Opaque(_)) {
            return self.function_method(typed, &base, object, name, given, span);
        }
        match field_of(&base, &name.node) {
            FieldOf::Found(ty) => self.field_call(typed.expr, ty, name, given, span),
            FieldOf::MaybeNone(ty) => {
                self.may_be_none(object, &format!("`.{}`", name.node));
                self.field_call(typed.expr, ty, name, given, span)
            }
            FieldOf::Unknown => self.dynamic_method(typed, name, given, span, optional),
            FieldOf::Missing => self.function_method(typed, &base, object, name, given, span),
        }
    }

    fn field_call(
        &mut self,
        object: hir::Expr,
        ty: Type,
        name: &Name,
        given: Vec<Option<Given<'_>>>,
        span: Span,
    ) -> Typed {
        let place = ast::Expr {
            kind: ast::ExprKind::Name(name.node.clone()),
            span: name.span,
        };
        let kind = hir::ExprKind::Field {
            object: Box::new(object),
            name: name.node.clone(),
            optional: false,
            absent: false,
        };
        let field = Typed::new(kind, ty, name.span);
        self.call_value(field, &name.node, &place, given, span)
    }

    /// What is called is decided when it runs.
    fn dynamic_method(
        &mut self,
        typed: Typed,
        name: &Name,
        given: Vec<Option<Given<'_>>>,
        span: Span,
        optional: bool,
    ) -> Typed {
        let function = match self.in_scope(&name.node) {
            Some(InScope::Functions(ids)) => {
                ids.iter().for_each(|id| self.calls(*id));
                self.overload_by_count(&ids, given.len() + 1)
                    .map(|id| Box::new(Callee::Function(id)))
            }
            Some(InScope::Helper(id)) => {
                self.calls(id);
                let object = self.whole(name.span, Captured::Instance);
                Some(Box::new(Callee::Helper { object, function: id }))
            }
            Some(InScope::Value) => Some(Box::new(Callee::Value(self.name(name.span, &name.node, None).expr))),
            Some(InScope::Module(Entry::Module(id))) => {
                let constructor = self.env.program.module(id).constructor;
                self.calls(constructor);
                Some(Box::new(Callee::Function(constructor)))
            }
            _ => None,
        };
        self.need_library_methods(&name.node);
        self.reaches(Reach::ALL);
        let args = self.check_anyway(given);
        let callee = Callee::Method {
            object: typed.expr,
            method: name.node.clone(),
            function,
            optional,
        };
        let call = hir::Call {
            callee,
            args,
            name: name.node.clone(),
        };
        Typed::new(hir::ExprKind::Call(Box::new(call)), Type::Any, span)
    }

    /// The machine may look for `random_sample` where it finds a `Random`: such functions must be there.
    fn need_library_methods(&mut self, method: &str) {
        for ty in self.env.natives.types.clone() {
            let full = format!("{}_{method}", ty.to_lowercase());
            if let Some(Entry::Function(id)) = self.library_entry(&full) {
                self.calls(id);
            }
        }
    }

    /// A function with the object as its first argument.
    fn function_method(
        &mut self,
        typed: Typed,
        base: &Type,
        object: &ast::Expr,
        name: &Name,
        given: Vec<Option<Given<'_>>>,
        span: Span,
    ) -> Typed {
        let place = ast::Expr {
            kind: ast::ExprKind::Name(name.node.clone()),
            span: name.span,
        };
        let of_type = format!("{}_{}", type_name(base).to_lowercase(), name.node);
        if let Some(Entry::Function(id)) = self.library_entry(&of_type) {
            return self.call_function(
                id,
                Callee::Function(id),
                &name.node,
                with_object(typed, object.span, given),
                span,
            );
        }
        match self.in_scope(&name.node) {
            Some(InScope::Functions(ids)) => {
                self.call_overloaded(&ids, &name.node, with_object(typed, object.span, given), span)
            }
            Some(InScope::Helper(id)) => {
                let instance = self.whole(name.span, Captured::Instance);
                let callee = Callee::Helper {
                    object: instance,
                    function: id,
                };
                self.call_function(id, callee, &name.node, with_object(typed, object.span, given), span)
            }
            Some(InScope::Value) => self.call_named(&name.node, &place, with_object(typed, object.span, given), span),
            Some(InScope::Module(entry)) => self.call_entry(
                entry,
                &name.node,
                &place,
                with_object(typed, object.span, given),
                span,
                None,
            ),
            None => {
                self.no_method(base, object, name);
                self.check_anyway(given);
                self.broken(span)
            }
        }
    }

    fn no_method(&mut self, base: &Type, object: &ast::Expr, name: &Name) {
        let shown = self.short_text(object.span);
        let mut names = field_names(base);
        names.extend(self.env.library.names().map(EcoString::from));
        names.extend(self.functions_of_file());
        names.sort();
        let near = nearest(&name.node, names.iter().map(EcoString::as_str));
        let help = match (habits::of_method(&base.without_none(), &name.node, &shown), near) {
            (Some(habit), _) => habit,
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => format!("`x.{0}(a)` is `{0}(x, a)` where there is a function `{0}`", name.node),
        };
        let message = match base {
            Type::Program(Some(program)) => format!("`{}` has no member or helper `{}`", program.name, name.node),
            Type::Record(record) if record.name.is_none() => {
                format!("this record has no `{}`, and there is no such function", name.node)
            }
            Type::Function(_) => format!("`{shown}` is a function, and has no `{}`", name.node),
            _ => format!("`{base}` has no `{}`, and there is no such function", name.node),
        };
        self.advise(codes::UNKNOWN_FIELD, message, name.span, "nothing to call", help);
    }

    fn functions_of_file(&self) -> Vec<EcoString> {
        let Some(scope) = self.env.scopes.get(&self.cx.file) else {
            return Vec::new();
        };
        let functions = scope
            .names
            .iter()
            .filter(|(_, (entry, _))| matches!(entry, Entry::Function(_)));
        functions.map(|(name, _)| name.clone()).collect()
    }

    /// The function or module of this name, if a text literal before `.name(…)` is a signature to it.
    fn takes_signature(&mut self, name: &str) -> Option<Entry> {
        let entry = match self.in_scope(name)? {
            InScope::Functions(ids) if ids.len() == 1 => Entry::Function(ids[0]),
            InScope::Functions(ids) => Entry::Overloaded(ids),
            InScope::Module(entry) => entry,
            InScope::Helper(_) | InScope::Value => return None,
        };
        let ids = match &entry {
            Entry::Module(id) => vec![self.env.program.module(*id).constructor],
            entry => entry.functions()?,
        };
        self.one_wants_signature(&ids).then_some(entry)
    }

    /// The function of this name; names that are no functions are passed over.
    fn in_scope(&mut self, name: &str) -> Option<InScope> {
        if let Some((_, ty, _)) = self.peek(name)
            && matches!(self.base(&ty), Type::Function(_))
        {
            return Some(InScope::Value);
        }
        if let Some(helper) = self.own_helper(name) {
            return Some(InScope::Helper(helper));
        }
        let function = |entry: Entry| match entry {
            Entry::Module(_) => Some(InScope::Module(entry)),
            entry => entry.functions().map(InScope::Functions),
        };
        let own = self.entry(name).and_then(function);
        own.or_else(|| self.library_entry(name).and_then(function))
    }
}

/// The arguments with what stands before the dot in front.
fn with_object<'e>(typed: Typed, span: Span, given: Vec<Option<Given<'e>>>) -> Vec<Option<Given<'e>>> {
    std::iter::once(Some(Given::Checked(typed, span)))
        .chain(given)
        .collect()
}
