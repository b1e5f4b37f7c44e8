//! Operators: what they take, what they yield, and comparisons that can never hold.

use crate::diag::a;
use crate::hir;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, BinaryOp, ExprKind};
use crate::value::{EcoString, Literal, Type};

use super::checker::{Checker, Typed};
use super::codes;
use super::fit::{Fit, fit, overlap};

/// An operand with its type.
type Operand<'a> = (&'a Type, &'a ast::Expr);

impl Checker<'_> {
    pub fn binary(
        &mut self,
        op: &Spanned<BinaryOp>,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        match op.node {
            BinaryOp::And | BinaryOp::Or => self.logical(op.node, left, right, span),
            BinaryOp::Coalesce => self.coalesce(left, right, span, expected),
            _ => {
                let hint = expected.filter(|_| op.node == BinaryOp::Add);
                let hint = hint.filter(|ty| matches!(ty, Type::List(_)));
                let left_typed = self.expr(left, hint);
                let right_typed = self.expr(right, hint);
                let ty = self.binary_type(op.node, (&left_typed.ty, left), (&right_typed.ty, right), op.span);
                let Some(op) = computing(op.node) else {
                    return self.broken(span);
                };
                let (left, right) = (Box::new(left_typed.expr), Box::new(right_typed.expr));
                Typed::new(hir::ExprKind::Binary { op, left, right }, ty, span)
            }
        }
    }

    /// `a and b`: the right side is read knowing what the left one said.
    fn logical(&mut self, op: BinaryOp, left: &ast::Expr, right: &ast::Expr, span: Span) -> Typed {
        let what = if op == BinaryOp::And { "`and`" } else { "`or`" };
        let left_checked = Box::new(self.condition(left, what));
        let known = self.knowledge(left);
        let mark = self.cx.facts.mark();
        self.cx
            .facts
            .learn(if op == BinaryOp::And { known.holds } else { known.fails });
        let right_checked = Box::new(self.condition(right, what));
        self.cx.facts.leave(mark);
        let kind = match op {
            BinaryOp::And => hir::ExprKind::And(left_checked, right_checked),
            _ => hir::ExprKind::Or(left_checked, right_checked),
        };
        Typed::new(kind, Type::Bool, span)
    }

    /// `a ?? b`
    fn coalesce(&mut self, left: &ast::Expr, right: &ast::Expr, span: Span, expected: Option<&Type>) -> Typed {
        let hint = expected.map(|ty| ty.clone().optional());
        let left_typed = self.expr(left, hint.as_ref());
        let rest = self.base(&left_typed.ty).without_none();
        let hint = expected
            .cloned()
            .or_else(|| Some(rest.clone()).filter(|ty| matches!(ty, Type::List(_) | Type::Dict(_))));
        let right_typed = self.expr(right, hint.as_ref());
        let ty = Type::union([rest, right_typed.ty]);
        let kind = hir::ExprKind::Coalesce(Box::new(left_typed.expr), Box::new(right_typed.expr));
        Typed::new(kind, ty, span)
    }

    /// What an operator yields for operands of these types.
    pub fn binary_type(&mut self, op: BinaryOp, left: Operand<'_>, right: Operand<'_>, span: Span) -> Type {
        match op {
            BinaryOp::Eq | BinaryOp::Ne => {
                self.check_comparable(left, right, span);
                Type::Bool
            }
            BinaryOp::In | BinaryOp::NotIn => {
                self.check_member(left, right);
                Type::Bool
            }
            _ => {
                let what = format!("`{}`", op.text());
                let l = self.without_none(left.0, left.1, &what);
                let r = self.without_none(right.0, right.1, &what);
                self.compute_type(op, (&l, left.1), (&r, right.1), span)
            }
        }
    }

    fn compute_type(&mut self, op: BinaryOp, left: Operand<'_>, right: Operand<'_>, span: Span) -> Type {
        let (l, r) = (left.0, right.0);
        let ordered = matches!(op, BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge);
        if let (Some(a), Some(b)) = (numbers(l), numbers(r)) {
            return if ordered { Type::Bool } else { number_result(op, &a, &b) };
        }
        if is_text(l) && is_text(r) && (ordered || op == BinaryOp::Add) {
            return if ordered { Type::Bool } else { text_result(l, r) };
        }
        if let (BinaryOp::Add, Some(a), Some(b)) = (op, list_item(l), list_item(r)) {
            return joined(&a, &b);
        }
        if *l == Type::Never || *r == Type::Never {
            return Type::Never;
        }
        let takes = match op {
            BinaryOp::Add => "two numbers, two strings or two lists",
            _ if ordered => "two numbers or two strings",
            _ => "two numbers",
        };
        let message = format!("`{}` takes {takes}, not `{l}` and `{r}`", op.text());
        let help = match (op, is_text(l) || is_text(r)) {
            (BinaryOp::Add, _) if matches!((l, r), (Type::List(_), _) | (_, Type::List(_))) => {
                "a list is joined with a list: `xs + [x]`"
            }
            (BinaryOp::Mul, false) if matches!((l, r), (Type::List(_), _) | (_, Type::List(_))) => {
                "`[x for _ in 0..n]` repeats an element"
            }
            (BinaryOp::Add, true) => "put it into a text with an f-string: `f\"{x} …\"`",
            (BinaryOp::Mul, true) => "`repeat(text, n)` repeats a text",
            (BinaryOp::Rem, true) => "format with an f-string: `f\"{x:.2f}\"`",
            _ => "convert one of them first: `int(x)`, `float(x)`, `str(x)`",
        };
        self.advise(codes::OPERATOR, message, span, format!("`{l}` and `{r}`"), help);
        if ordered { Type::Bool } else { Type::Any }
    }

    fn check_comparable(&mut self, left: Operand<'_>, right: Operand<'_>, span: Span) {
        if self.wrong_side(left, right) || self.wrong_side(right, left) {
            return;
        }
        let (l, r) = (self.base(left.0), self.base(right.0));
        if overlap(&l, &r) || r == Type::None && self.is_of_use(left.1) || l == Type::None && self.is_of_use(right.1) {
            return;
        }
        let message = format!("`{l}` and `{r}` can never be equal");
        let help = match (&l, &r) {
            (Type::None, other) | (other, Type::None) => {
                format!("`{other}` has no `none` in it: remove the comparison")
            }
            (Type::Dict(_), Type::Record(_)) | (Type::Record(_), Type::Dict(_)) => {
                "a dict and a record are never equal: `{a: 1}` is a record, `{\"a\": 1}` a dict".to_owned()
            }
            (Type::Str, Type::Int | Type::Float) | (Type::Int | Type::Float, Type::Str) => {
                "convert one of them first: `int(x)`, `float(x)` or `str(x)`".to_owned()
            }
            (Type::Str, Type::Function(_)) if self.text(left.1.span).starts_with("type_of") => {
                format!("`type_of` gives a text: write `\"{}\"`", self.short_text(right.1.span))
            }
            _ => "compare values of the same type".to_owned(),
        };
        self.advise(codes::NEVER_EQUAL, message, span, "never holds", help);
    }

    /// A literal beside a value whose literal type does not have it.
    fn wrong_side(&mut self, typed: Operand<'_>, literal: Operand<'_>) -> bool {
        let Some((value, shown)) = Self::literal_of(literal.1) else {
            return false;
        };
        let base = self.base(typed.0);
        let literals = literals_of(&base, &value);
        let open = base
            .members()
            .iter()
            .any(|m| !matches!(m, Type::Literal(_)) && overlap(m, literal.0));
        if literals.is_empty() || open || base.members().contains(&Type::Literal(value)) {
            return false;
        }
        let text = self.text(typed.1.span);
        self.wrong_literal(&shown, &literals, literal.1.span, &format!("the values of `{text}`"));
        true
    }

    /// `x in xs`
    fn check_member(&mut self, left: Operand<'_>, right: Operand<'_>) {
        let container = self.without_none(right.0, right.1, "`in`");
        let element = self.base(left.0);
        for member in container.members() {
            let wanted = match member {
                Type::Any | Type::Never => continue,
                Type::List(item) => (**item).clone(),
                Type::Dict(_) => Type::Str,
                text if is_text(text) => Type::Str,
                other => {
                    let help = match other {
                        Type::Record(_) => "`has(r, \"name\")` asks a record for a field",
                        _ => "`in` looks into lists, strings and dicts",
                    };
                    let message = format!("`in` cannot look into `{other}`");
                    self.advise(
                        codes::OPERATOR,
                        message,
                        right.1.span,
                        format!("this is `{other}`"),
                        help,
                    );
                    continue;
                }
            };
            if self.wrong_items(left, right.1) || self.wrong_side((&wanted, right.1), left) {
                continue;
            }
            if !overlap(&element, &wanted) {
                let message = format!("{} is never in `{container}`", a(&element.to_string()));
                let help = format!("its elements are `{wanted}`");
                self.advise(codes::NEVER_EQUAL, message, left.1.span, "never found there", help);
            }
        }
    }

    /// `x in ["low", "hihg"]`
    fn wrong_items(&mut self, left: Operand<'_>, list: &ast::Expr) -> bool {
        let ExprKind::List(items) = &list.kind else {
            return false;
        };
        let mut wrong = false;
        for item in items {
            if let ast::ListItem::Item(item) = item {
                let ty = match Self::literal_of(item) {
                    Some((Literal::Str(_), _)) => Type::Str,
                    Some((Literal::Int(_), _)) => Type::Int,
                    Some((Literal::Bool(_), _)) => Type::Bool,
                    None => continue,
                };
                wrong |= self.wrong_side(left, (&ty, item));
            }
        }
        wrong
    }
}

/// The literals of a type that are of the same kind as one.
fn literals_of(ty: &Type, like: &Literal) -> Vec<EcoString> {
    let same_kind = |l: &&Literal| std::mem::discriminant(*l) == std::mem::discriminant(like);
    let literal = |m: &Type| match m {
        Type::Literal(l) => Some(l).filter(same_kind).map(|l| EcoString::from(l.to_string())),
        _ => None,
    };
    ty.members().iter().filter_map(literal).collect()
}

/// The number type that a type is, if it is one in all cases; `any` may be.
pub(super) fn numbers(ty: &Type) -> Option<Type> {
    let number = |m: &Type| match m {
        Type::Int | Type::Literal(Literal::Int(_)) => Some(Type::Int),
        Type::Float => Some(Type::Float),
        Type::Any => Some(Type::Any),
        _ => None,
    };
    let all: Option<Vec<Type>> = ty.members().iter().map(number).collect();
    all.map(Type::union)
}

fn number_result(op: BinaryOp, a: &Type, b: &Type) -> Type {
    match op {
        BinaryOp::Div => Type::Float,
        _ if *a == Type::Float || *b == Type::Float => Type::Float,
        _ if *a == Type::Int && *b == Type::Int => Type::Int,
        _ if *a == Type::Any || *b == Type::Any => Type::Any,
        _ => Type::union([Type::Int, Type::Float]),
    }
}

fn is_text(ty: &Type) -> bool {
    ty.members()
        .iter()
        .all(|m| *m == Type::Any || fit(m, &Type::Str) == Fit::Yes)
}

fn text_result(a: &Type, b: &Type) -> Type {
    match (a, b) {
        (Type::Any, Type::Any) => Type::Any,
        _ => Type::Str,
    }
}

fn list_item(ty: &Type) -> Option<Type> {
    let items: Option<Vec<Type>> = ty
        .members()
        .iter()
        .map(|m| match m {
            Type::List(item) => Some((**item).clone()),
            Type::Any => Some(Type::Any),
            _ => None,
        })
        .collect();
    items.map(Type::union)
}

/// The list that two lists make; an empty literal says nothing.
fn joined(a: &Type, b: &Type) -> Type {
    match (a, b) {
        _ if a == b => Type::list(a.clone()),
        _ if fit(b, a) == Fit::Yes => Type::list(a.clone()),
        _ => Type::list(Type::union([a.clone(), b.clone()])),
    }
}

/// The operator of the checked program; those that decide what is evaluated are expressions of their own.
pub(super) fn computing(op: BinaryOp) -> Option<hir::BinaryOp> {
    Some(match op {
        BinaryOp::Or | BinaryOp::And | BinaryOp::Coalesce => return None,
        BinaryOp::Eq => hir::BinaryOp::Eq,
        BinaryOp::Ne => hir::BinaryOp::Ne,
        BinaryOp::Lt => hir::BinaryOp::Lt,
        BinaryOp::Le => hir::BinaryOp::Le,
        BinaryOp::Gt => hir::BinaryOp::Gt,
        BinaryOp::Ge => hir::BinaryOp::Ge,
        BinaryOp::In => hir::BinaryOp::In,
        BinaryOp::NotIn => hir::BinaryOp::NotIn,
        BinaryOp::Add => hir::BinaryOp::Add,
        BinaryOp::Sub => hir::BinaryOp::Sub,
        BinaryOp::Mul => hir::BinaryOp::Mul,
        BinaryOp::Div => hir::BinaryOp::Div,
        BinaryOp::FloorDiv => hir::BinaryOp::FloorDiv,
        BinaryOp::Rem => hir::BinaryOp::Rem,
        BinaryOp::Pow => hir::BinaryOp::Pow,
    })
}
