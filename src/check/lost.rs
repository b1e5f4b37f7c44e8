//! Statements whose value is lost: they stand in the middle of a block and do nothing.

use crate::syntax::ast::{self, ExprKind, StmtKind};

use super::checker::Checker;
use super::codes;

impl Checker<'_> {
    /// A statement in the middle of a block whose value nobody takes.
    pub fn value_lost(&mut self, stmt: &ast::Stmt) {
        let StmtKind::Expr(e) = &stmt.kind else { return };
        if has_effect(e) {
            return;
        }
        let help = match &e.kind {
            ExprKind::Binary { op, left, right } if op.node == ast::BinaryOp::Eq => {
                let (left, right) = (self.text(left.span), self.text(right.span));
                format!("`==` compares; to assign write `{left} = {right}`")
            }
            ExprKind::Unary {
                op: ast::UnaryOp::Neg, ..
            } => "to go on with the line above, move the operator to its end".to_owned(),
            ExprKind::Str(_) => "what is for readers alone is a comment: `# …`".to_owned(),
            ExprKind::Name(_) | ExprKind::Field { .. } => {
                "call it with `(…)`, bind it with `let`, or remove it".to_owned()
            }
            _ => "bind it with `let`, use it, or remove it".to_owned(),
        };
        self.advise(
            codes::VALUE_LOST,
            "the value of this statement is lost",
            stmt.span,
            "nothing takes this value",
            help,
        );
    }
}

/// Whether an expression as a statement does something: a call, a control form.
fn has_effect(e: &ast::Expr) -> bool {
    match &e.kind {
        ExprKind::Call { .. } | ExprKind::Method { .. } | ExprKind::Pipe { .. } => true,
        ExprKind::If { .. } | ExprKind::Match { .. } | ExprKind::Try { .. } | ExprKind::With { .. } => true,
        ExprKind::Block(_) | ExprKind::Return(_) | ExprKind::Break | ExprKind::Continue => true,
        ExprKind::Comprehension(c) => has_effect(&c.element),
        ExprKind::Binary { op, right, .. } => {
            matches!(
                op.node,
                ast::BinaryOp::Coalesce | ast::BinaryOp::And | ast::BinaryOp::Or
            ) && has_effect(right)
        }
        _ => false,
    }
}
