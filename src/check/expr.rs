//! Expressions: each kind has its own place; literals are here.

use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, UnaryOp};
use crate::value::{EcoString, Literal, Type, Value, source_text};

use super::checker::{Checker, Typed};
use super::codes;

impl Checker<'_> {
    /// Resolves, lowers and types an expression. `expected` is the type that is wanted there: it gives literals,
    /// lambdas and inline signatures their type; whether the result fits is for the caller to say.
    pub fn expr(&mut self, e: &ast::Expr, expected: Option<&Type>) -> Typed {
        let span = e.span;
        let expected = expected.map(Type::unfolded);
        let expected = expected.as_deref();
        match &e.kind {
            ExprKind::None => Typed::new(hir::ExprKind::Constant(Value::None), Type::None, span),
            ExprKind::Bool(b) => self.bool_literal(*b, span, expected),
            ExprKind::Int(Some(n)) => self.int_literal(*n, span, expected),
            ExprKind::Int(None) => {
                let help = "integers have 64 bits; write a float: `1e20`";
                self.advise(
                    codes::INT_RANGE,
                    "this integer does not fit 64 bits",
                    span,
                    "too large",
                    help,
                );
                self.broken(span)
            }
            ExprKind::Float(n) => Typed::new(hir::ExprKind::Constant(Value::Float(*n)), Type::Float, span),
            ExprKind::Str(text) => self.text_literal(text, span, expected),
            ExprKind::FString(parts) => self.fstring(parts, span),
            ExprKind::Name(name) => self.name(span, name, expected),
            ExprKind::List(items) => self.list(items, span, expected),
            ExprKind::Record(entries) => self.record(entries, span, expected),
            ExprKind::Dict(entries) => self.dict(entries, span, expected),
            ExprKind::Comprehension(c) => self.comprehension(c, span, expected),
            ExprKind::Unary { op, operand } => self.unary(*op, operand, span, expected),
            ExprKind::Binary { op, left, right } => self.binary(op, left, right, span, expected),
            ExprKind::Range { start, end } => {
                let start = Box::new(self.want(start, &Type::Int, "the start of a range is"));
                let end = Box::new(self.want(end, &Type::Int, "the end of a range is"));
                Typed::new(hir::ExprKind::Range { start, end }, Type::list(Type::Int), span)
            }
            ExprKind::Pipe { left, right } => self.pipe(left, right, span, expected),
            ExprKind::Call { callee, args } => self.call(callee, args, None, span, expected),
            ExprKind::Method {
                object,
                name,
                args,
                optional,
            } => self.method((object, name, args, *optional), None, span, expected),
            ExprKind::Field { object, name, optional } => self.field(e, object, name, *optional),
            ExprKind::Index { object, index } => self.index(e, object, index),
            ExprKind::Slice { object, slice } => self.slice(e, object, slice),
            ExprKind::Lambda { params, body } => self.lambda(params, body, span, expected),
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.if_expr(condition, then, otherwise.as_deref(), span, expected),
            ExprKind::Match { subject, arms } => self.match_expr(subject, arms, span, expected),
            ExprKind::Try { body, name, handler } => self.try_expr(body, name.as_ref(), handler, span, expected),
            ExprKind::With { settings, body } => {
                let settings = self.settings(settings);
                let (body, ty) = self.block(body, expected);
                self.made_of(span, expected, [(body.span, ty.clone())]);
                Typed::new(hir::ExprKind::With { settings, body }, ty, span)
            }
            ExprKind::Block(block) => {
                let (block, ty) = self.block(block, expected);
                Typed::new(hir::ExprKind::Block(block), ty, span)
            }
            ExprKind::Return(value) => self.return_expr(value.as_deref(), span),
            ExprKind::Break => self.loop_exit(hir::ExprKind::Break, "break", span),
            ExprKind::Continue => self.loop_exit(hir::ExprKind::Continue, "continue", span),
        }
    }

    fn bool_literal(&mut self, b: bool, span: Span, expected: Option<&Type>) -> Typed {
        let kind = hir::ExprKind::Constant(Value::Bool(b));
        let ty = self.literal_type(Literal::Bool(b), Type::Bool, span, expected);
        Typed::new(kind, ty, span)
    }

    fn int_literal(&mut self, n: i64, span: Span, expected: Option<&Type>) -> Typed {
        let members = expected.map(|ty| self.base(ty)).unwrap_or(Type::Any);
        let wants_float = members.members().contains(&Type::Float);
        let takes_int = members
            .members()
            .iter()
            .any(|m| matches!(m, Type::Int | Type::Any | Type::Literal(_)));
        if wants_float && !takes_int {
            return Typed::new(hir::ExprKind::Constant(Value::Float(n as f64)), Type::Float, span);
        }
        let ty = self.literal_type(Literal::Int(n), Type::Int, span, expected);
        Typed::new(hir::ExprKind::Constant(Value::Int(n)), ty, span)
    }

    fn text_literal(&mut self, text: &EcoString, span: Span, expected: Option<&Type>) -> Typed {
        let base = expected.map(|ty| self.base(ty)).unwrap_or(Type::Any);
        if wants_signature(&base) {
            return self.inline_signature(text, span);
        }
        let ty = self.literal_type(Literal::Str(text.clone()), Type::Str, span, expected);
        Typed::new(hir::ExprKind::Constant(Value::Str(text.clone())), ty, span)
    }

    /// The type of a literal: itself where such a literal is wanted, else the wide one.
    fn literal_type(&mut self, literal: Literal, wide: Type, span: Span, expected: Option<&Type>) -> Type {
        let Some(expected) = expected else { return wide };
        let base = self.base(expected);
        let exact = Type::Literal(literal.clone());
        if base.members().contains(&exact) {
            return exact;
        }
        let same_kind = |l: &Literal| std::mem::discriminant(l) == std::mem::discriminant(&literal);
        let is_wide = |m: &Type| *m == wide || *m == Type::Any || matches!((m, &wide), (Type::Float, Type::Int));
        let literals: Vec<EcoString> = base
            .members()
            .iter()
            .filter_map(|m| match m {
                Type::Literal(l) if same_kind(l) => Some(EcoString::from(l.to_string())),
                _ => None,
            })
            .collect();
        if literals.is_empty() || base.members().iter().any(is_wide) {
            return wide;
        }
        self.wrong_literal(&literal.to_string(), &literals, span, &format!("`{base}`"));
        Type::Any
    }

    fn unary(&mut self, op: UnaryOp, operand: &ast::Expr, span: Span, expected: Option<&Type>) -> Typed {
        if let (UnaryOp::Neg, ExprKind::Int(Some(n))) = (op, &operand.kind)
            && let Some(n) = n.checked_neg()
        {
            return self.int_literal(n, span, expected);
        }
        match op {
            UnaryOp::Not => {
                let operand = Box::new(self.condition(operand, "`not`"));
                Typed::new(hir::ExprKind::Unary { op, operand }, Type::Bool, span)
            }
            UnaryOp::Neg => {
                let typed = self.expr(operand, None);
                let base = self.without_none(&typed.ty, operand, "`-`");
                let ty = match super::operator::numbers(&base) {
                    Some(ty) => ty,
                    None => {
                        let message = format!("`-` takes a number, not `{base}`");
                        self.error(codes::OPERATOR, message, operand.span, format!("this is `{base}`"));
                        Type::Any
                    }
                };
                Typed::new(
                    hir::ExprKind::Unary {
                        op,
                        operand: Box::new(typed.expr),
                    },
                    ty,
                    span,
                )
            }
        }
    }

    /// `f"{x:.2f} units"`
    fn fstring(&mut self, parts: &[ast::FStringPart], span: Span) -> Typed {
        let mut checked = Vec::new();
        for part in parts {
            checked.push(match part {
                ast::FStringPart::Text(text) => hir::FStringPart::Text(text.clone()),
                ast::FStringPart::Value { value, format } => {
                    let typed = self.expr(value, None);
                    if let Some(format) = format {
                        self.check_format(&format.node, format.span, &typed.ty, value);
                    }
                    let format = format.as_ref().map(|f| f.node.clone());
                    hir::FStringPart::Value {
                        value: typed.expr,
                        format,
                    }
                }
            });
        }
        Typed::new(hir::ExprKind::FString(checked), Type::Str, span)
    }

    /// Whether a format can show a value of this type.
    fn check_format(&mut self, format: &ast::FormatSpec, span: Span, ty: &Type, value: &ast::Expr) {
        let base = self.base(ty);
        let is = |wanted: &[Type]| {
            let fits = |m: &Type| wanted.iter().any(|w| super::fit::fit(m, w) != super::fit::Fit::No);
            base.members().iter().all(fits)
        };
        let numeric = is(&[Type::Int, Type::Float]);
        let problem = match format.kind {
            Some('d' | 'x') if !is(&[Type::Int]) => Some("an `int`"),
            Some('f' | 'e' | 'g' | '%') if !numeric => Some("a number"),
            Some('s') if !is(&[Type::Str]) => Some("a `str`"),
            None if (format.comma || format.sign.is_some() || format.align == Some('=')) && !numeric => {
                Some("a number")
            }
            None if format.precision.is_some() && !numeric && !is(&[Type::Str]) => Some("a number or a `str`"),
            _ => None,
        };
        let Some(wanted) = problem else { return };
        let text = self.text(value.span);
        let help = match base.allows_none() {
            true => format!("give a value for `none` first: `{text} ?? 0`"),
            false => format!("leave the format out to show it as `print` does: `{{{text}}}`"),
        };
        let message = format!("this format shows {wanted}, and `{text}` is `{ty}`");
        self.advise(codes::FORMAT, message, span, "does not fit the value", help);
    }

    /// The text of a literal as source, for comparing with the literals of a type.
    pub fn literal_of(e: &ast::Expr) -> Option<(Literal, String)> {
        let literal = match &e.kind {
            ExprKind::Str(text) => Literal::Str(text.clone()),
            ExprKind::Int(Some(n)) => Literal::Int(*n),
            ExprKind::Bool(b) => Literal::Bool(*b),
            _ => return None,
        };
        let shown = match &literal {
            Literal::Str(text) => source_text(text),
            other => other.to_string(),
        };
        Some((literal, shown))
    }
}

/// Whether a text literal that is written where this type is wanted is an inline signature.
pub(super) fn wants_signature(ty: &Type) -> bool {
    let takes_text = |m: &Type| matches!(m, Type::Any | Type::Str | Type::Literal(Literal::Str(_)));
    let signature = |m: &Type| matches!(m, Type::Signature(_));
    ty.members().iter().any(signature) && !ty.members().iter().any(takes_text)
}
