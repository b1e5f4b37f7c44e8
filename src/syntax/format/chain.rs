//! Operators in a row, and what stands behind an operand: calls, fields, indexes.

use crate::syntax::ast::{Arg, BinaryOp, Expr, ExprKind, Slice};
use crate::syntax::token::Kind;

use super::doc::Op;
use super::expr::family;
use super::write::Writer;

/// An operator and what stands on its right.
struct Step<'a> {
    /// `None`: `|>`
    op: Option<BinaryOp>,
    right: &'a Expr,
}

/// The row that an operator belongs to, and its two sides.
fn sides(expr: &Expr) -> Option<(u8, &Expr, Step<'_>)> {
    match &expr.kind {
        ExprKind::Binary { op, left, right } => {
            let op = op.node;
            Some((family(op).0, left, Step { op: Some(op), right }))
        }
        ExprKind::Pipe { left, right } => Some((0, left, Step { op: None, right })),
        _ => None,
    }
}

/// What stands before a postfix.
fn object(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Call { callee: object, .. }
        | ExprKind::Method { object, .. }
        | ExprKind::Field { object, .. }
        | ExprKind::Index { object, .. }
        | ExprKind::Slice { object, .. } => Some(object),
        _ => None,
    }
}

impl Writer<'_> {
    /// `a and b and c`: all on one line, or each operator at the end or the beginning of a line of its own.
    pub fn row(&mut self, expr: &Expr) {
        let mut steps = Vec::new();
        let mut first = expr;
        let mut kind = None;
        while let Some((family, left, step)) = sides(first) {
            let belongs =
                kind.is_none_or(|kind| kind == family) && (kind.is_none() || self.parentheses(first.span) == 0);
            if !belongs {
                break;
            }
            kind = Some(family);
            steps.push(step);
            first = left;
        }
        self.doc.begin();
        self.expr(first);
        self.doc.push(Op::Indent);
        let last = steps.len() - 1;
        for (i, step) in steps.iter().rev().enumerate() {
            let leads = step.op.is_none_or(|op| family(op).1);
            self.doc.push(if leads { Op::Line } else { Op::Spaces(1) });
            self.lead();
            self.tok();
            if step.op == Some(BinaryOp::NotIn) {
                self.space();
                self.tok();
            }
            self.doc.push(if leads { Op::Spaces(1) } else { Op::Line });
            if i == last && self.last_call_hugs(step.right) {
                self.doc.hug();
            }
            self.expr(step.right);
        }
        self.doc.push(Op::Dedent);
        self.doc.end();
    }

    /// `f(x).g(y)[0].h`: where two methods and more do not fit, each begins a line.
    pub fn chain(&mut self, expr: &Expr) {
        let mut links = Vec::new();
        let mut first = expr;
        while let Some(next) = object(first).filter(|_| links.is_empty() || self.parentheses(first.span) == 0) {
            links.push(first);
            first = next;
        }
        let is_method = |link: &&&Expr| matches!(link.kind, ExprKind::Method { .. });
        let breaks = links.iter().filter(is_method).count() > 1 && !self.is_long(first);
        if breaks {
            self.doc.begin();
        }
        self.expr(first);
        if breaks {
            self.doc.push(Op::Indent);
        }
        for (i, link) in links.iter().rev().enumerate() {
            if breaks && is_method(&link) {
                self.doc.push(Op::Soft);
            }
            if breaks && i + 1 == links.len() && self.last_call_hugs(link) {
                self.doc.hug();
            }
            self.link(link);
        }
        if breaks {
            self.doc.push(Op::Dedent);
            self.doc.end();
        }
    }

    fn link(&mut self, link: &Expr) {
        match &link.kind {
            ExprKind::Call { args, .. } => self.args(args),
            ExprKind::Method { args, .. } => {
                self.tok();
                self.tok();
                self.args(args);
            }
            ExprKind::Field { .. } => {
                self.tok();
                self.tok();
            }
            ExprKind::Index { index, .. } => {
                self.doc.begin();
                self.tok();
                self.doc.push(Op::Indent);
                self.doc.push(Op::Soft);
                self.expr(index);
                self.comments_before_end();
                self.doc.push(Op::Dedent);
                self.doc.push(Op::Soft);
                self.tok();
                self.doc.end();
            }
            ExprKind::Slice { slice, .. } => self.slice(slice),
            _ => {}
        }
    }

    fn slice(&mut self, slice: &Slice) {
        self.tok();
        if let Some(start) = &slice.start {
            self.expr(start);
        }
        if self.kind() == Kind::Range {
            self.tok();
        }
        if let Some(end) = &slice.end {
            self.expr(end);
        }
        self.tok();
    }

    /// `map(xs, |x| { … })`: a call that goes on over the lines of its last argument.
    fn last_call_hugs(&self, expr: &Expr) -> bool {
        let args: &[Arg] = match &expr.kind {
            ExprKind::Call { args, .. } | ExprKind::Method { args, .. } => args,
            _ => return false,
        };
        args.last()
            .is_some_and(|arg| !matches!(arg, Arg::Spread(_)) && self.hugs(arg.value()))
    }

    fn is_long(&self, expr: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Str(_) | ExprKind::FString(_)) && self.hugs(expr)
    }
}
