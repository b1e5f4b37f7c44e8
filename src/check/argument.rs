//! One argument, read for its parameter, and a spread record for the parameters that are left.

use crate::hir;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Type;

use super::args::{Given, Matching};
use super::checker::{Checker, Typed};
use super::codes;
use super::fit::{Fit, could_fit};
use super::generics::mentions;

/// An argument of a type that its parameter does not take, which was said.
pub(super) struct Misfit {
    param: Option<usize>,
    ty: Type,
    wanted: Type,
    /// How many problems were known before.
    before: usize,
}

impl Checker<'_> {
    pub(super) fn argument(&mut self, m: &mut Matching<'_>, given: Given<'_>, target: Option<usize>) -> hir::Arg {
        match given {
            Given::Spread(e) => self.spread_argument(m, e),
            Given::Checked(typed, span) => hir::Arg::Positional(self.fill(m, target, span, |_, _| typed)),
            Given::Positional(e) => hir::Arg::Positional(self.fill(m, target, e.span, |c, hint| c.expr(e, hint))),
            Given::CheckedNamed(name, typed, span) => {
                hir::Arg::Named(name.node.clone(), self.fill(m, target, span, |_, _| typed))
            }
            Given::Named(name, e) => {
                let value = self.fill(m, target, e.span, |c, hint| c.expr(e, hint));
                hir::Arg::Named(name.node.clone(), value)
            }
        }
    }

    /// Reads an argument for its parameter.
    fn fill(
        &mut self,
        m: &mut Matching<'_>,
        target: Option<usize>,
        span: Span,
        read: impl FnOnce(&mut Self, Option<&Type>) -> Typed,
    ) -> hir::Expr {
        let Some(param) = target.map(|place| m.params[place].clone()) else {
            return read(self, None).expr;
        };
        let Some(wanted) = &param.ty else {
            let typed = read(self, None);
            if let Some(place) = target {
                m.types[place] = Some(typed.ty);
            }
            return typed.expr;
        };
        let hint = m.bindings.resolve(wanted);
        let typed = read(self, Some(&hint));
        if mentions(wanted) {
            m.bindings.unify(wanted, &typed.ty, span);
        }
        if let Some(place) = target {
            m.types[place] = Some(typed.ty.clone());
        }
        let settled = m.bindings.resolve(wanted);
        let what = match m.callable.named {
            true => format!("`{}` of `{}` is", param.name, m.callable.name),
            false => format!("{} of `{}` is", param.name, m.callable.name),
        };
        let (ty, before) = (typed.ty.clone(), self.reported());
        let expr = self.coerce(typed, &settled, span, &what);
        if self.reported() > before {
            self.swapped(
                m,
                Misfit {
                    param: target,
                    ty,
                    wanted: settled,
                    before,
                },
            );
        }
        expr
    }

    /// Two arguments that would fit in each other's place: one mistake, not two.
    fn swapped(&mut self, m: &mut Matching<'_>, second: Misfit) {
        let Some(first) = m.misfit.take() else {
            m.misfit = Some(second);
            return;
        };
        let fits = self.fit(&first.ty, &second.wanted) != Fit::No && self.fit(&second.ty, &first.wanted) != Fit::No;
        let (Some(one), Some(two)) = (first.param, second.param) else {
            return;
        };
        if !fits || first.before + 1 != second.before || !m.callable.named {
            return;
        }
        let place = self.forget_reported(first.before);
        let (one, two) = (one.min(two), one.max(two));
        let (one, two) = (&m.params[one].name, &m.params[two].name);
        let name = &m.callable.name;
        let message = format!("`{name}` takes `{one}` first, then `{two}`");
        let help = format!("swap the two: `{name}({one}, {two})`, or `{one}.{name}({two})`");
        if let Some(place) = place {
            self.advise(codes::WRONG_TYPE, message, place, format!("this is not `{one}`"), help);
        }
    }

    /// `f(...record)`: the fields that `f` takes and that were not written out.
    fn spread_argument(&mut self, m: &mut Matching<'_>, e: &ast::Expr) -> hir::Arg {
        let typed = self.expr(e, None);
        if !m.callable.named {
            let message = format!("`{}` is a function held in a value: it takes no names", m.callable.name);
            let help = "give its arguments by position: a record's fields are spread by their names";
            self.advise(codes::UNKNOWN_ARGUMENT, message, e.span, "names here", help);
            m.filled.fill(true);
            return hir::Arg::Spread(typed.expr);
        }
        match self.without_none(&typed.ty, e, "`...`") {
            Type::Record(record) => {
                for place in 0..m.params.len() {
                    let param = m.params[place].clone();
                    let Some(field) = record.fields.iter().find(|f| f.name == param.name) else {
                        continue;
                    };
                    if m.filled[place] {
                        continue;
                    }
                    m.filled[place] = true;
                    m.types[place] = Some(field.ty.clone());
                    if let Some(wanted) = &param.ty {
                        m.bindings.unify(wanted, &field.ty, e.span);
                        let settled = m.bindings.resolve(wanted);
                        let given = if field.optional && param.has_default {
                            field.ty.without_none()
                        } else {
                            field.ty.clone()
                        };
                        // A text of a dataset may turn out to be one of a type's literals.
                        if self.fit(&given, &settled) == Fit::No && !could_fit(&given, &settled) {
                            let what = format!("`{}` of `{}` is", param.name, m.callable.name);
                            self.check_fit(&given, &settled, e.span, &what);
                        }
                    }
                }
                if !record.spreads.is_empty() {
                    m.filled.fill(true);
                }
            }
            Type::Any | Type::Never | Type::Dict(_) | Type::Union(_) => m.filled.fill(true),
            other => {
                let message = format!("`...` takes a record here, not `{other}`");
                let help = "only a record's fields can be spread into arguments";
                self.advise(codes::WRONG_TYPE, message, e.span, format!("this is `{other}`"), help);
                m.filled.fill(true);
            }
        }
        hir::Arg::Spread(typed.expr)
    }
}
