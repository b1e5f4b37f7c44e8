//! Operands: literals, names, and the control forms that have a value.

use crate::syntax::ast::{Expr, ExprKind, MatchArm, Param, ParamKind};
use crate::value::EcoString;

use super::build::{Builder, Node};
use super::grammar::Rule;

impl Builder<'_> {
    pub fn primary(&mut self, node: Node) -> Option<Expr> {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::name => ExprKind::Name(EcoString::from(node.as_str())),
            Rule::string => ExprKind::Str(self.string(&node).node),
            Rule::fstring => self.fstring(node)?,
            Rule::int => ExprKind::Int(node.as_str().replace('_', "").parse().ok()),
            Rule::float => ExprKind::Float(node.as_str().replace('_', "").parse().ok()?),
            // The parentheses belong to the place, so that a condition's text is whole.
            Rule::parenthesized => return self.only_expr(node).map(|inner| Expr { kind: inner.kind, span }),
            Rule::list => self.list(node)?,
            Rule::braced => self.braced(node)?,
            Rule::block => ExprKind::Block(self.block(node)?),
            Rule::lambda => self.lambda(node)?,
            Rule::if_expr => self.if_expr(node)?,
            Rule::match_expr => self.match_expr(node)?,
            Rule::try_expr => self.try_expr(node)?,
            Rule::with_expr => self.with_expr(node)?,
            Rule::return_expr => {
                let value = node.into_inner().find(|n| n.as_rule() == Rule::expr);
                ExprKind::Return(match value {
                    Some(value) => Some(Box::new(self.expr(value)?)),
                    None => None,
                })
            }
            Rule::kw_none => ExprKind::None,
            Rule::kw_true => ExprKind::Bool(true),
            Rule::kw_false => ExprKind::Bool(false),
            Rule::kw_break => ExprKind::Break,
            Rule::kw_continue => ExprKind::Continue,
            _ => return None,
        };
        Some(Expr { kind, span })
    }

    fn lambda(&mut self, node: Node) -> Option<ExprKind> {
        let mut params = Vec::new();
        for part in node.into_inner() {
            if part.as_rule() == Rule::expr {
                return Some(ExprKind::Lambda {
                    params,
                    body: Box::new(self.expr(part)?),
                });
            }
            let span = self.span(&part);
            let mut parts = part.into_inner();
            let name = self.name(&parts.next()?);
            let ty = match parts.next() {
                Some(ty) => Some(self.type_part(ty)?),
                None => None,
            };
            params.push(Param {
                kind: ParamKind::Named {
                    name,
                    ty,
                    default: None,
                },
                span,
            });
        }
        None
    }

    fn if_expr(&mut self, node: Node) -> Option<ExprKind> {
        let mut parts = node
            .into_inner()
            .filter(|n| !matches!(n.as_rule(), Rule::kw_if | Rule::kw_else));
        let condition = Box::new(self.expr(parts.next()?)?);
        let then = self.block(parts.next()?)?;
        let otherwise = match parts.next() {
            Some(part) => Some(Box::new(self.primary(part)?)),
            None => None,
        };
        Some(ExprKind::If {
            condition,
            then,
            otherwise,
        })
    }

    fn match_expr(&mut self, node: Node) -> Option<ExprKind> {
        let mut parts = node.into_inner().skip(1);
        let subject = Box::new(self.expr(parts.next()?)?);
        let arms = parts.map(|arm| self.match_arm(arm)).collect::<Option<_>>()?;
        Some(ExprKind::Match { subject, arms })
    }

    fn match_arm(&mut self, node: Node) -> Option<MatchArm> {
        let span = self.span(&node);
        let mut parts = node.into_inner().peekable();
        let pattern = self.pattern(parts.next()?)?;
        let guard = match parts.next_if(|n| n.as_rule() == Rule::match_guard) {
            Some(guard) => Some(self.condition(guard)?),
            None => None,
        };
        let body = self.expr(parts.next()?)?;
        Some(MatchArm {
            pattern,
            guard,
            body,
            span,
        })
    }

    fn try_expr(&mut self, node: Node) -> Option<ExprKind> {
        let mut parts = node
            .into_inner()
            .filter(|n| !matches!(n.as_rule(), Rule::kw_try | Rule::kw_catch))
            .peekable();
        let body = self.block(parts.next()?)?;
        let name = parts.next_if(|n| n.as_rule() == Rule::name).map(|n| self.name(&n));
        let handler = self.block(parts.next()?)?;
        Some(ExprKind::Try { body, name, handler })
    }

    fn with_expr(&mut self, node: Node) -> Option<ExprKind> {
        let mut parts = node.into_inner().skip(1);
        let settings = self.arguments(parts.next()?)?;
        Some(ExprKind::With {
            settings,
            body: self.block(parts.next()?)?,
        })
    }
}
