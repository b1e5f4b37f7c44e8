//! Statements and blocks.

use crate::source::Spanned;
use crate::syntax::ast::{Block, Expr, ExprKind, Stmt, StmtKind};
use crate::syntax::token::{Bracket, Kind};
use crate::value::EcoString;

use super::doc::Op;
use super::item::is_open_native;
use super::write::Writer;

/// Whether someone uses what a control form says; one that nobody uses has its parts on lines of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Value,
    Statement,
}

/// How a block stands.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// On one line if the group around it is.
    pub one_line: bool,
    /// What its last statement is for.
    pub last: Use,
    /// An expression rather than the body of something: `{ x }` would be a record, `{}` a dict.
    pub bare: bool,
}

impl Shape {
    /// The body of a function: on lines of its own, with a value.
    pub const FUNCTION: Shape = Shape {
        one_line: false,
        last: Use::Value,
        bare: false,
    };
    /// The body of a loop or test.
    pub const BODY: Shape = Shape {
        last: Use::Statement,
        ..Shape::FUNCTION
    };
}

/// Whether a block may stand on one line.
pub(super) fn is_simple(block: &Block) -> bool {
    match block.stmts.as_slice() {
        [] => true,
        [only] => match &only.kind {
            StmtKind::Expr(value) => !matches!(value.kind, ExprKind::If { .. }),
            kind => matches!(kind, StmtKind::Assign { .. } | StmtKind::Assert { .. }),
        },
        _ => false,
    }
}

impl Writer<'_> {
    pub fn block(&mut self, block: &Block, description: Option<&Spanned<EcoString>>, shape: Shape) {
        self.tok();
        let is_empty = block.stmts.is_empty() && description.is_none();
        // `{;}` is no dict, `{; x}` and `{x;}` are no records.
        let lone_name = matches!(block.stmts.as_slice(), [only] if self.is_bare_name(only));
        let marked = shape.bare && self.semicolon_ahead();
        if marked && is_empty {
            self.doc.text(";");
        }
        self.doc.push(Op::Indent);
        if is_empty && !self.comment_ahead() {
            self.doc.push(Op::Dedent);
            return self.tok();
        }
        let edge = match shape.one_line || self.flat {
            true => Op::Line,
            false => Op::Hard,
        };
        self.doc.push(edge);
        if let Some(description) = description {
            self.glued(description.span.end);
            self.between(false);
        }
        for (i, stmt) in block.stmts.iter().enumerate() {
            if i > 0 {
                self.between(false);
            }
            let last = i + 1 == block.stmts.len();
            self.stmt(stmt, if last { shape.last } else { Use::Statement });
            let closes = match &stmt.kind {
                StmtKind::Function(function) => is_open_native(function) && self.semicolon_ahead(),
                _ => lone_name && (marked || (shape.bare && self.semicolon_ahead())),
            };
            if closes {
                self.doc.text(";");
            }
        }
        self.comments_before_end();
        self.doc.push(Op::Dedent);
        self.doc.push(edge);
        self.tok();
    }

    fn is_bare_name(&self, stmt: &Stmt) -> bool {
        match &stmt.kind {
            StmtKind::Expr(value) => matches!(value.kind, ExprKind::Name(_)) && self.parentheses(value.span) == 0,
            _ => false,
        }
    }

    /// What parts two statements; `apart`: by an empty line.
    pub fn between(&mut self, apart: bool) {
        if self.flat {
            self.doc.text(";");
            return self.space();
        }
        match apart {
            true => self.doc.push(Op::Blank),
            false => self.keep_blank(),
        }
        self.doc.push(Op::Hard);
    }

    pub fn stmt(&mut self, stmt: &Stmt, used: Use) {
        self.lead();
        match &stmt.kind {
            StmtKind::Let { binding, value } | StmtKind::Var { binding, value } => {
                self.word();
                self.binding(binding);
                self.space();
                self.word();
                self.expr(value);
            }
            StmtKind::Assign { place, value, .. } => {
                self.expr(place);
                self.space();
                self.word();
                self.expr(value);
            }
            StmtKind::For { names, over, body } => {
                self.word();
                self.for_head(names.len(), over);
                self.space();
                self.block(body, None, Shape::BODY);
            }
            StmtKind::While { condition, body } => {
                self.word();
                self.head(condition);
                self.space();
                self.block(body, None, Shape::BODY);
            }
            StmtKind::Assert { condition, message } => self.assert(condition, message.as_ref()),
            StmtKind::Configure(args) => {
                // `((configure)(lm: x))` says the same. Comments go before the word, or the `(` behind it would not
                // stand on its line.
                let mut open = 0;
                while self.opens(Bracket::Round) {
                    self.lead();
                    self.drop_token();
                    open += 1;
                }
                self.lead();
                self.drop_token();
                while self.kind() == Kind::Close(Bracket::Round) {
                    self.lead();
                    self.drop_token();
                    open -= 1;
                }
                self.lead();
                self.doc.text("configure");
                self.args(args);
                (0..open).for_each(|_| self.drop_token());
            }
            StmtKind::Function(function) => self.function(function),
            StmtKind::Expr(value) => self.expr_for(value, used),
        }
    }

    fn assert(&mut self, condition: &Expr, message: Option<&Expr>) {
        self.word();
        self.doc.begin();
        self.expr(condition);
        if let Some(message) = message {
            self.tok();
            self.doc.push(Op::Indent);
            self.doc.push(Op::Line);
            self.expr(message);
            self.doc.push(Op::Dedent);
        }
        self.doc.end();
    }

    /// `i, x in xs`, behind the `for`.
    pub fn for_head(&mut self, names: usize, over: &Expr) {
        for i in 0..names {
            self.tok();
            if i + 1 < names {
                self.word();
            }
        }
        self.space();
        self.word();
        self.head(over);
    }
}
