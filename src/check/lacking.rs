//! Fields that a record may lack by its type: they read as `none`, and are added where they are assigned.

use crate::hir::{self, BindTarget, ExprKind, PlaceRoot, PlaceStep, Var};
use crate::source::Span;
use crate::value::{EcoString, Type, Value};

use super::checker::Checker;

/// Whether a record of this type may be without the field.
pub(super) fn may_lack(ty: &Type, name: &str) -> bool {
    ty.members().iter().any(|member| match member {
        Type::Record(record) => record.fields.iter().any(|f| f.name == name && f.optional),
        _ => false,
    })
}

fn expr(kind: ExprKind, span: Span) -> hir::Expr {
    hir::Expr { kind, span }
}

impl Checker<'_> {
    /// `x.f`, `none` where there is no `f`: as a pattern reads it.
    pub fn lacking_field(&mut self, object: hir::Expr, name: &EcoString, optional: bool, span: Span) -> hir::Expr {
        let slot = self.hidden_slot();
        let mut arms = Vec::new();
        if optional {
            let body = expr(ExprKind::Constant(Value::None), span);
            let pattern = hir::Pattern::Value(Value::None);
            arms.push(hir::MatchArm {
                pattern,
                guard: None,
                body,
            });
        }
        let pattern = hir::Pattern::Record(vec![(name.clone(), hir::Pattern::Bind(slot))]);
        let body = expr(ExprKind::Var(Var::Local(slot)), span);
        arms.push(hir::MatchArm {
            pattern,
            guard: None,
            body,
        });
        let subject = Box::new(object);
        expr(ExprKind::Match { subject, arms }, span)
    }

    /// A record with all the fields that a `let {a, b}` takes.
    pub fn with_all_fields(&mut self, value: hir::Expr, ty: &Type, names: &[EcoString]) -> hir::Expr {
        if !names.iter().any(|name| may_lack(ty, name)) {
            return value;
        }
        let span = value.span;
        let slot = self.hidden_slot();
        let target = BindTarget::Local(slot);
        let whole = || Box::new(expr(ExprKind::Var(Var::Local(slot)), span));
        let entries = names
            .iter()
            .map(|name| {
                let field = match may_lack(ty, name) {
                    true => self.lacking_field(*whole(), name, false, span),
                    false => {
                        let (object, name) = (whole(), name.clone());
                        expr(
                            ExprKind::Field {
                                object,
                                name,
                                optional: false,
                            },
                            span,
                        )
                    }
                };
                hir::RecordEntry::Field(name.clone(), field)
            })
            .collect();
        let stmts = vec![
            hir::Stmt {
                kind: hir::StmtKind::Bind { target, value },
                span,
            },
            hir::Stmt {
                kind: hir::StmtKind::Expr(expr(ExprKind::Record(entries), span)),
                span,
            },
        ];
        expr(ExprKind::Block(hir::Block { stmts, span }), span)
    }

    /// `p.age = 3` where `p` may have no `age`: its record with the field.
    pub fn added_field(&self, place: &mut hir::Place, value: hir::Expr) -> hir::Expr {
        let only_fields = place.steps.iter().all(|step| matches!(step, PlaceStep::Field(_)));
        let (true, Some(PlaceStep::Field(last))) = (only_fields, place.steps.last().cloned()) else {
            return value;
        };
        place.steps.pop();
        let root = match place.root {
            PlaceRoot::Local(slot) => Var::Local(slot),
            PlaceRoot::Global(id) => Var::Global(id),
        };
        let mut old = expr(ExprKind::Var(root), place.span);
        for step in &place.steps {
            if let PlaceStep::Field(name) = step {
                let (object, name) = (Box::new(old), name.clone());
                old = expr(
                    ExprKind::Field {
                        object,
                        name,
                        optional: false,
                    },
                    place.span,
                );
            }
        }
        let entries = vec![hir::RecordEntry::Spread(old), hir::RecordEntry::Field(last, value)];
        expr(ExprKind::Record(entries), place.span)
    }
}
