//! Fields that a record may lack by its type: they are added where they are assigned.

use crate::hir::{self, ExprKind, PlaceRoot, PlaceStep, Var};
use crate::source::Span;
use crate::value::Type;

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
                        absent: true,
                    },
                    place.span,
                );
            }
        }
        let entries = vec![hir::RecordEntry::Spread(old), hir::RecordEntry::Field(last, value)];
        expr(ExprKind::Record(entries), place.span)
    }
}
