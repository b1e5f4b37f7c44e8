//! Lambdas: typed by what is wanted of them.

use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind};
use crate::value::Type;

use super::checker::{Checker, Typed};
use super::generics::mentions;
use super::instance::pick_function;
use super::scope::{Body, BodyKind, Mutability};

impl Checker<'_> {
    /// `|x, y| …`
    pub fn lambda(&mut self, params: &[ast::Param], body: &ast::Expr, span: Span, expected: Option<&Type>) -> Typed {
        let optional = |p: &&ast::Param| matches!(&p.kind, ast::ParamKind::Named { default: Some(_), .. });
        let needed = params.len() - params.iter().filter(optional).count();
        let base = expected.map(|ty| self.base(ty));
        let wanted = base.as_ref().and_then(|ty| pick_function(ty, (needed, params.len())));
        let written: Vec<Option<Type>> = params.iter().map(|p| self.lambda_param_type(p)).collect();
        self.cx.bodies.push(Body::new(BodyKind::Lambda));
        let mark = self.cx.facts.mark();
        let mut types = Vec::new();
        let mut checked = Vec::new();
        for (place, (param, written)) in params.iter().zip(written).enumerate() {
            let given = wanted.as_ref().and_then(|f| f.params.get(place).cloned());
            let (param, ty) = self.lambda_param(param, written, given);
            checked.push(param);
            types.push(ty);
        }
        let result = wanted
            .as_ref()
            .map(|f| f.result.clone())
            .filter(|ty| *ty != Type::Any && !mentions(ty));
        let (block, ty) = self.lambda_body(body, result.as_ref());
        self.cx.facts.leave(mark);
        let ty = self.finish_result(result.as_ref(), ty);
        if let Some(wanted) = &wanted {
            types.truncate(wanted.params.len());
        }
        let (function, captures) = self.close_body(hir::FunctionKind::Lambda, checked, None, block, span);
        let ty = Type::function(types, ty);
        Typed::new(hir::ExprKind::Closure { function, captures }, ty, span)
    }

    fn lambda_param_type(&mut self, param: &ast::Param) -> Option<Type> {
        match &param.kind {
            ast::ParamKind::Named { ty, .. } => ty.as_ref().map(|ty| self.type_expr(ty)),
            ast::ParamKind::Rest { ty, .. } | ast::ParamKind::Fields(ty) => Some(self.type_expr(ty)),
        }
    }

    fn lambda_param(&mut self, param: &ast::Param, written: Option<Type>, given: Option<Type>) -> (hir::Param, Type) {
        let (name, default) = match &param.kind {
            ast::ParamKind::Named { name, default, .. } => (name.node.clone(), default.as_ref()),
            ast::ParamKind::Rest { name, .. } => (name.node.clone(), None),
            ast::ParamKind::Fields(_) => ("inputs".into(), None),
        };
        let default = default.map(|default| match &written {
            Some(ty) => self.want(default, ty, "this parameter is"),
            None => self.expr(default, None).expr,
        });
        let ty = written.clone().or(given).unwrap_or(Type::Any);
        self.bind(&name, ty.clone(), Mutability::Param, param.span);
        let rest = matches!(param.kind, ast::ParamKind::Rest { .. });
        let written = written.filter(|ty| *ty != Type::Any && !mentions(ty));
        (
            hir::Param {
                name,
                ty: written,
                default,
                rest,
                inputs: None,
            },
            ty,
        )
    }

    fn lambda_body(&mut self, body: &ast::Expr, result: Option<&Type>) -> (hir::Block, Type) {
        self.body().result = result.cloned();
        let what = "this lambda returns";
        match (&body.kind, result) {
            (ExprKind::Block(block), Some(result)) => (self.block_wanting(block, result, what), result.clone()),
            (ExprKind::Block(block), None) => self.block(block, None),
            (_, result) => {
                let typed = self.expr(body, result);
                let ty = typed.ty.clone();
                let expr = match result {
                    Some(result) => self.coerce(typed, result, body.span, what),
                    None => typed.expr,
                };
                let span = expr.span;
                let stmts = vec![hir::Stmt {
                    kind: hir::StmtKind::Expr(expr),
                    span,
                }];
                (hir::Block { stmts, span }, ty)
            }
        }
    }
}
