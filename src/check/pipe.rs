//! Pipes: `x |> f(a)`, `x |> f`, `x |> |y| …`.

use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, Name};
use crate::value::{EcoString, Type};

use super::args::{Given, givens};
use super::checker::{Checker, Typed};

impl Checker<'_> {
    /// `x |> f(a)`, `x |> f`, `x |> |y| …`
    pub fn pipe(&mut self, left: &ast::Expr, right: &ast::Expr, span: Span, expected: Option<&Type>) -> Typed {
        let first = Some(Given::Positional(left));
        match &right.kind {
            ExprKind::Call { callee, args } => self.call(callee, args, first, span, expected),
            ExprKind::Method {
                object,
                name,
                args,
                optional,
            } => self.method((object, name, args, *optional), first, span, expected),
            ExprKind::Lambda { params, body } => {
                let typed = self.expr(left, None);
                let wanted = Type::function(vec![typed.ty.clone()], Type::Any);
                let lambda = self.lambda(params, body, right.span, Some(&wanted));
                let given = vec![Some(Given::Checked(typed, left.span))];
                self.call_value(lambda, &EcoString::new(), right, given, span)
            }
            ExprKind::Field { object, name, .. } => self.pipe_into_field(object, name, right, first, span, expected),
            _ => self.call(right, &[], first, span, expected),
        }
    }

    /// `x |> rag.clean`
    fn pipe_into_field(
        &mut self,
        object: &ast::Expr,
        name: &Name,
        right: &ast::Expr,
        first: Option<Given<'_>>,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        match self.namespace(object) {
            Some(file) => match self.foreign_entry(file, name) {
                Some(entry) => self.call_entry(entry, &name.node, right, givens(first, &[]), span, expected),
                None => self.broken(span),
            },
            None => self.call(right, &[], first, span, expected),
        }
    }
}
