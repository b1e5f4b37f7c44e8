//! Lambdas without parameter types that a `let` binds: `let add = |a, b| a + b`. Like a function's body, theirs is
//! checked anew for the argument types of each use.

use std::sync::Arc;

use crate::source::Span;
use crate::syntax::ast::{self, ExprKind};
use crate::value::{EcoString, Type};

use super::checker::{Checker, Context};
use super::instance::pick_function;
use super::scope::{Entry, Mutability};

/// A lambda with all that is needed to check it again.
#[derive(Debug)]
pub(super) struct OpenLambda {
    params: Vec<ast::Param>,
    body: ast::Expr,
    span: Span,
    /// Where it stands.
    context: Context,
}

impl OpenLambda {
    fn arity(&self) -> (usize, usize) {
        let optional = |p: &&ast::Param| matches!(&p.kind, ast::ParamKind::Named { default: Some(_), .. });
        let count = self.params.len();
        (count - self.params.iter().filter(optional).count(), count)
    }
}

impl Checker<'_> {
    /// The lambda that a `let` is about to bind, if its parameters lack types.
    pub fn open_lambda(&self, value: &ast::Expr, mutability: Mutability) -> Option<Arc<OpenLambda>> {
        let ExprKind::Lambda { params, body } = &value.kind else {
            return None;
        };
        let open = |p: &ast::Param| matches!(&p.kind, ast::ParamKind::Named { ty: None, .. });
        if mutability != Mutability::Let || !params.iter().any(open) {
            return None;
        }
        let mut context = self.cx.clone();
        context.dry = true;
        Some(Arc::new(OpenLambda {
            params: params.clone(),
            body: (**body).clone(),
            span: value.span,
            context,
        }))
    }

    /// The open lambda that a name stands for.
    pub fn named_lambda(&mut self, name: &EcoString) -> Option<Arc<OpenLambda>> {
        for body in self.cx.bodies.iter().rev() {
            if let Some(local) = body.find(name) {
                return local.lambda.clone();
            }
            if !body.is_closure() {
                break;
            }
        }
        if self.own_value(name) {
            return None;
        }
        match self.entry(name)? {
            Entry::Globals(ids) => {
                let id = self.present_global(&ids)?;
                self.global_type(id);
                self.env.global(id).lambda.clone()
            }
            _ => None,
        }
    }

    /// What an open lambda yields for arguments of these types; nothing where they say nothing.
    pub fn lambda_result(&mut self, open: &OpenLambda, types: Vec<Option<Type>>, use_span: Span) -> Option<Type> {
        let types: Vec<Type> = types.into_iter().map(|ty| ty.unwrap_or(Type::Any)).collect();
        if types.iter().all(|ty| *ty == Type::Any) || !self.may_descend() {
            return None;
        }
        let known = self.lambda_results.entry(open.span).or_default();
        if let Some((_, result)) = known.iter().find(|(t, _)| *t == types) {
            return Some(result.clone());
        }
        if !self.may_check_anew() {
            return None;
        }
        let wanted = Type::function(types.clone(), Type::Any);
        let outer = std::mem::take(&mut self.trial);
        let checked = self.elsewhere(open.context.clone(), |c| {
            c.lambda(&open.params, &open.body, open.span, Some(&wanted)).ty
        });
        let found = std::mem::replace(&mut self.trial, outer);
        self.show_with_use(found, use_span);
        let result = match checked {
            Type::Function(function) => function.result.clone(),
            _ => Type::Any,
        };
        let known = self.lambda_results.entry(open.span).or_default();
        known.push((types, result.clone()));
        Some(result)
    }

    /// The type of an open lambda's name where a function of known types is wanted.
    pub fn lambda_as_value(&mut self, name: &EcoString, expected: &Type, span: Span) -> Option<Type> {
        let open = self.named_lambda(name)?;
        let wanted = pick_function(expected, open.arity())?;
        let types = wanted.params.iter().cloned().map(Some).collect();
        let result = self.lambda_result(&open, types, span)?;
        Some(Type::function(wanted.params.clone(), result))
    }
}
