//! Control forms: `if`, `match`, `try`, `with`.

use crate::syntax::ast::{Arg, Block, Expr, ExprKind, MatchArm};
use crate::syntax::token::Kind;

use super::doc::Op;
use super::stmt::{Shape, Use, is_simple};
use super::write::Writer;

impl Writer<'_> {
    /// What stands before a body: where its operators break, they stand deeper than the body.
    pub fn head(&mut self, expr: &Expr) {
        let row = matches!(expr.kind, ExprKind::Binary { .. } | ExprKind::Pipe { .. });
        if row {
            self.doc.push(Op::Indent);
        }
        self.expr(expr);
        if row {
            self.doc.push(Op::Dedent);
        }
    }

    /// `if c { a } else { b }` stands on one line where its value is used; all others have lines for their blocks.
    pub fn if_expr(&mut self, expr: &Expr, used: Use) {
        let one_line = used == Use::Value && is_short_if(expr);
        self.doc.begin();
        self.branches(expr, used, one_line);
        self.doc.end();
    }

    fn branches(&mut self, expr: &Expr, used: Use, one_line: bool) {
        let shape = Shape {
            one_line,
            last: used,
            bare: false,
        };
        match &expr.kind {
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.word();
                self.head(condition);
                self.space();
                self.block(then, None, shape);
                if let Some(otherwise) = otherwise {
                    self.space();
                    self.word();
                    self.branches(otherwise, used, one_line);
                }
            }
            ExprKind::Block(block) => self.block(block, None, shape),
            _ => self.expr(expr),
        }
    }

    pub fn match_expr(&mut self, subject: &Expr, arms: &[MatchArm]) {
        self.word();
        self.head(subject);
        self.space();
        self.tok();
        if arms.is_empty() && !self.comment_ahead() {
            return self.tok();
        }
        self.doc.push(Op::Indent);
        self.doc.push(if self.flat { Op::Line } else { Op::Hard });
        for (i, arm) in arms.iter().enumerate() {
            self.arm(arm);
            let last = i + 1 == arms.len();
            if self.flat && !last {
                self.doc.text(",");
            }
            if self.kind() == Kind::Comma {
                self.drop_token();
            }
            if !last && !self.flat {
                self.keep_blank();
                self.doc.push(Op::Hard);
            } else if !last {
                self.space();
            }
        }
        self.comments_before_end();
        self.doc.push(Op::Dedent);
        self.doc.push(if self.flat { Op::Line } else { Op::Hard });
        self.tok();
    }

    fn arm(&mut self, arm: &MatchArm) {
        self.lead();
        self.pattern(&arm.pattern);
        self.space();
        if let Some(guard) = &arm.guard {
            self.word();
            self.expr(guard);
            self.space();
        }
        self.word();
        self.expr(&arm.body);
    }

    pub fn try_expr(&mut self, body: &Block, named: bool, handler: &Block, used: Use) {
        let shape = Shape {
            one_line: is_simple(body) && is_simple(handler),
            last: used,
            bare: false,
        };
        self.doc.begin();
        self.word();
        self.block(body, None, shape);
        self.space();
        self.word();
        if named {
            self.word();
        }
        self.block(handler, None, shape);
        self.doc.end();
    }

    pub fn with_expr(&mut self, settings: &[Arg], body: &Block, used: Use) {
        let shape = Shape {
            one_line: is_simple(body),
            last: used,
            bare: false,
        };
        self.doc.begin();
        self.word();
        self.args(settings);
        self.space();
        self.block(body, None, shape);
        self.doc.end();
    }
}

fn is_short_if(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::If {
            then,
            otherwise: Some(otherwise),
            ..
        } => is_simple(then) && matches!(&otherwise.kind, ExprKind::Block(block) if is_simple(block)),
        _ => false,
    }
}
