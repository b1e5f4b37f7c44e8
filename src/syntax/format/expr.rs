//! Expressions: literals, what stands in brackets, lambdas.

use crate::syntax::ast::{
    Arg, BinaryOp, Comprehension, DictEntry, Expr, ExprKind, ListItem, Param, ParamKind, RecordEntry, UnaryOp,
};
use crate::syntax::token::Kind;

use super::brackets::Style;
use super::doc::{Op, width};
use super::stmt::{Shape, Use, is_simple};
use super::write::Writer;

/// How wide the items are that share a line.
const SHORT: u32 = 16;

impl Writer<'_> {
    pub fn expr(&mut self, expr: &Expr) {
        self.expr_for(expr, Use::Value);
    }

    pub fn expr_for(&mut self, expr: &Expr, used: Use) {
        match self.parentheses(expr.span) {
            0 => self.bare(expr, used),
            count => self.parenthesized(count, |w| w.bare(expr, Use::Value)),
        }
    }

    fn bare(&mut self, expr: &Expr, used: Use) {
        match &expr.kind {
            ExprKind::None | ExprKind::Bool(_) | ExprKind::Str(_) | ExprKind::Name(_) => self.tok(),
            ExprKind::Break | ExprKind::Continue | ExprKind::Float(_) => self.tok(),
            // `-9223372036854775808` is one literal of two tokens.
            ExprKind::Int(_) => {
                if self.kind() == Kind::Minus {
                    self.tok();
                }
                self.tok();
            }
            ExprKind::FString(parts) => self.fstring(parts),
            ExprKind::List(items) => self.list(items),
            ExprKind::Record(entries) => {
                self.bracketed(entries, Style::default(), |w, entry| w.record_entry(entry));
            }
            ExprKind::Dict(entries) => self.bracketed(entries, Style::default(), |w, entry| w.dict_entry(entry)),
            ExprKind::Comprehension(inner) => self.comprehension(inner),
            ExprKind::Unary { op, operand } => self.unary(*op, operand),
            ExprKind::Binary { .. } | ExprKind::Pipe { .. } => self.row(expr),
            ExprKind::Range { start, end } => {
                self.expr(start);
                self.tok();
                self.expr(end);
            }
            ExprKind::Call { .. }
            | ExprKind::Method { .. }
            | ExprKind::Field { .. }
            | ExprKind::Index { .. }
            | ExprKind::Slice { .. } => self.chain(expr),
            ExprKind::Lambda { params, body } => self.lambda(params, body),
            ExprKind::If { .. } => self.if_expr(expr, used),
            ExprKind::Match { subject, arms } => self.match_expr(subject, arms),
            ExprKind::Try { body, name, handler } => self.try_expr(body, name.is_some(), handler, used),
            ExprKind::With { settings, body } => self.with_expr(settings, body, used),
            ExprKind::Block(block) => {
                let one_line = used == Use::Value && is_simple(block);
                self.doc.begin();
                self.block(
                    block,
                    None,
                    Shape {
                        one_line,
                        last: used,
                        bare: true,
                    },
                );
                self.doc.end();
            }
            ExprKind::Return(value) => {
                self.tok();
                if let Some(value) = value {
                    self.space();
                    self.expr(value);
                }
            }
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr) {
        self.tok();
        if op == UnaryOp::Not || self.kind() == Kind::Minus {
            self.space();
        }
        self.expr(operand);
    }

    fn list(&mut self, items: &[ListItem]) {
        let short = |item: &ListItem| match item {
            ListItem::Item(item) => self.literal_width(item).is_some_and(|width| width <= SHORT),
            ListItem::Spread(_) => false,
        };
        let fill = items.len() > 4 && items.iter().all(short);
        let style = Style { fill, hug: false };
        self.bracketed(items, style, |w, item| match item {
            ListItem::Item(item) => w.expr(item),
            ListItem::Spread(inner) => w.spread(inner),
        });
    }

    /// How wide a literal is in its layout, however it was written; none of one that has lines, comments or parentheses.
    fn literal_width(&self, expr: &Expr) -> Option<u32> {
        if self.parentheses(expr.span) > 0 {
            return None;
        }
        match &expr.kind {
            ExprKind::None | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) => {
                let text = self.source.get(expr.span.range())?;
                (!text.contains('\n')).then(|| width(text))
            }
            ExprKind::Unary { op, operand } => {
                let between = expr.span.start as usize..operand.span.start as usize;
                let operator = match op {
                    UnaryOp::Neg => "-",
                    UnaryOp::Not => "not ",
                };
                let commented = self.source.get(between)?.contains('#');
                let operand = self.literal_width(operand).filter(|_| !commented)?;
                Some(width(operator) + operand)
            }
            _ => None,
        }
    }

    /// `...xs`
    fn spread(&mut self, inner: &Expr) {
        self.tok();
        self.expr(inner);
    }

    /// `name: value`, `"key": value`
    fn entry(&mut self, value: &Expr) {
        self.tok();
        self.word();
        self.expr(value);
    }

    fn record_entry(&mut self, entry: &RecordEntry) {
        match entry {
            RecordEntry::Field { value, .. } => self.entry(value),
            RecordEntry::Short(_) => self.tok(),
            RecordEntry::Spread(inner) => self.spread(inner),
        }
    }

    fn dict_entry(&mut self, entry: &DictEntry) {
        match entry {
            DictEntry::Entry { value, .. } => self.entry(value),
            DictEntry::Spread(inner) => self.spread(inner),
        }
    }

    pub fn args(&mut self, args: &[Arg]) {
        let hugging = args.iter().filter(|arg| self.arg_hugs(arg)).count();
        let hug = hugging == 1 && args.last().is_some_and(|arg| self.arg_hugs(arg));
        self.bracketed(args, Style { hug, fill: false }, |w, arg| match arg {
            Arg::Positional(value) => w.expr(value),
            Arg::Named { value, .. } => w.entry(value),
            Arg::Spread(inner) => w.spread(inner),
        });
    }

    fn arg_hugs(&self, arg: &Arg) -> bool {
        !matches!(arg, Arg::Spread(_)) && self.hugs(arg.value())
    }

    /// Whether an expression may go over several lines behind what stands before it on its line: `map(xs, |x| {`.
    pub fn hugs(&self, expr: &Expr) -> bool {
        if self.parentheses(expr.span) > 0 {
            return false;
        }
        match &expr.kind {
            ExprKind::List(items) => !items.is_empty(),
            ExprKind::Record(_) | ExprKind::Comprehension(_) => true,
            ExprKind::Dict(entries) => !entries.is_empty(),
            ExprKind::Block(_) | ExprKind::Match { .. } | ExprKind::Try { .. } | ExprKind::With { .. } => true,
            ExprKind::Lambda { body, .. } => self.hugs(body),
            ExprKind::Str(_) | ExprKind::FString(_) => {
                let text = self.source.get(expr.span.range()).unwrap_or("");
                text.contains('\n')
            }
            ExprKind::Call { args, .. } | ExprKind::Method { args, .. } => {
                matches!(args.as_slice(), [only] if self.arg_hugs(only))
            }
            _ => false,
        }
    }

    fn lambda(&mut self, params: &[Param], body: &Expr) {
        self.tok();
        for (i, param) in params.iter().enumerate() {
            self.tok();
            if let ParamKind::Named { ty, .. } = &param.kind {
                self.annotation(ty.as_ref());
            }
            match (i + 1 < params.len(), self.kind() == Kind::Comma) {
                (true, _) => self.word(),
                // Without the comma the comment's newline would count.
                (false, true) if self.commented() => self.tok(),
                (false, true) => self.drop_token(),
                (false, false) => {}
            }
        }
        self.word();
        self.expr(body);
    }

    fn comprehension(&mut self, inner: &Comprehension) {
        self.doc.begin();
        self.tok();
        self.doc.push(Op::Indent);
        self.doc.push(Op::Soft);
        self.expr(&inner.element);
        for clause in &inner.clauses {
            self.doc.push(Op::Line);
            self.lead();
            self.word();
            self.for_head(clause.names.len(), &clause.over);
            for condition in &clause.conditions {
                self.doc.push(Op::Line);
                self.word();
                self.expr(condition);
            }
        }
        self.comments_before_end();
        self.doc.push(Op::Dedent);
        self.doc.push(Op::Soft);
        self.tok();
        self.doc.end();
    }
}

/// Operators that one row holds, and whether they lead its lines.
pub(super) fn family(op: BinaryOp) -> (u8, bool) {
    match op {
        BinaryOp::Or => (1, true),
        BinaryOp::And => (2, true),
        BinaryOp::Coalesce => (3, true),
        BinaryOp::Add | BinaryOp::Sub => (4, false),
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Rem => (5, false),
        BinaryOp::Pow => (6, false),
        _ => (7, false),
    }
}
