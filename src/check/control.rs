//! Control forms: `if`, `try`, `return`, `break`, and the settings of `with` and `configure`.

use std::sync::Arc;

use crate::diag::{FaultKind, nearest};
use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, Arg, ExprKind, Name, UnaryOp};
use crate::value::{EcoString, FieldType, Literal, RecordType, SETTING_NAMES, Type, Value, check_setting};

use super::args::{Callable, Given};
use super::checker::{Checker, Typed};
use super::scope::{BodyKind, Mutability};
use super::{codes, habits};

impl Checker<'_> {
    pub fn if_expr(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Block,
        otherwise: Option<&ast::Expr>,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        let checked = Box::new(self.condition(condition, "an `if`"));
        let known = self.knowledge(condition);
        let mark = self.cx.facts.mark();
        self.cx.facts.learn(known.holds);
        let (then, then_type) = self.block(then, expected);
        let after_then = self.cx.facts.branch(mark);
        let mark = self.cx.facts.mark();
        self.cx.facts.learn(known.fails);
        let otherwise = otherwise.map(|e| self.expr(e, expected));
        let after_otherwise = self.cx.facts.branch(mark);
        if then_type == Type::Never {
            self.cx.facts.join(&after_otherwise, &after_otherwise);
        } else if otherwise.as_ref().is_some_and(|typed| typed.ty == Type::Never) {
            self.cx.facts.join(&after_then, &after_then);
        } else {
            self.cx.facts.join(&after_then, &after_otherwise);
        }
        let (otherwise, other_type) = match otherwise {
            Some(typed) => (Some(Box::new(typed.expr)), typed.ty),
            None => (None, Type::None),
        };
        let parts = otherwise.as_ref().map(|e| (e.span, other_type.clone()));
        self.made_of(
            span,
            expected,
            [(then.span, then_type.clone())].into_iter().chain(parts),
        );
        let ty = Type::union([then_type, other_type]);
        Typed::new(
            hir::ExprKind::If {
                condition: checked,
                then,
                otherwise,
            },
            ty,
            span,
        )
    }

    /// `try {…} catch e {…}`
    pub fn try_expr(
        &mut self,
        body: &ast::Block,
        name: Option<&Name>,
        handler: &ast::Block,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        let (body, body_type) = self.block(body, expected);
        self.enter_scope();
        let name = name.map(|name| self.bind(&name.node, error_type(), Mutability::Bound, name.span));
        let (handler, handler_type) = self.block(handler, expected);
        self.leave_scope();
        let parts = [(body.span, body_type.clone()), (handler.span, handler_type.clone())];
        self.made_of(span, expected, parts);
        let ty = Type::union([body_type, handler_type]);
        Typed::new(hir::ExprKind::Try { body, name, handler }, ty, span)
    }

    pub fn return_expr(&mut self, value: Option<&ast::Expr>, span: Span) -> Typed {
        let body = self.cx.bodies.last();
        let kind = body.map_or(BodyKind::Top, |body| body.kind);
        let wanted = body.and_then(|body| body.result.clone());
        if !matches!(kind, BodyKind::Function | BodyKind::Lambda) {
            let (message, help) = match kind {
                BodyKind::Element => (
                    "`return` cannot leave a comprehension",
                    "write the loop out: `for x in xs { … return … }`",
                ),
                _ => (
                    "`return` stands outside a function",
                    "put the code into `fn main() { … }`, or use `if`",
                ),
            };
            self.advise(codes::OUTSIDE, message, span, "nothing to return from", help);
        }
        let value = match (value, wanted) {
            (Some(value), Some(wanted)) => Some(Box::new(self.want(value, &wanted, "the result is"))),
            (Some(value), None) => {
                let typed = self.expr(value, None);
                self.body().returns.push(typed.ty);
                Some(Box::new(typed.expr))
            }
            (None, Some(wanted)) => {
                self.check_fit(&Type::None, &wanted, span, "the result is");
                None
            }
            (None, None) => {
                self.body().returns.push(Type::None);
                None
            }
        };
        Typed::new(hir::ExprKind::Return(value), Type::Never, span)
    }

    pub fn loop_exit(&mut self, kind: hir::ExprKind, word: &str, span: Span) -> Typed {
        let leaves = matches!(kind, hir::ExprKind::Break);
        let innermost = self.body().loops.last_mut();
        let inside = innermost.is_some();
        if let Some(innermost) = innermost {
            innermost.left |= leaves;
        }
        if !inside {
            let help = "it leaves or continues the innermost `for` or `while` of the same function";
            self.advise(
                codes::OUTSIDE,
                format!("`{word}` stands outside a loop"),
                span,
                "no loop around this",
                help,
            );
        }
        Typed::new(kind, Type::Never, span)
    }

    /// What `configure(…)` and `with (…)` set.
    pub fn settings(&mut self, args: &[Arg]) -> Vec<(EcoString, hir::Expr)> {
        let mut settings: Vec<(EcoString, hir::Expr)> = Vec::new();
        for arg in args {
            let Arg::Named { name, value } = arg else {
                let value = arg.value();
                let help = "name each setting: `lm: LM(\"openai/gpt-4o-mini\")`";
                self.advise(
                    codes::SETTING,
                    "a setting without a name",
                    value.span,
                    "which setting?",
                    help,
                );
                self.expr(value, None);
                continue;
            };
            let Some(ty) = setting_type(&name.node) else {
                let help = match nearest(&name.node, SETTING_NAMES) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if let Some(instead) = habits::of_setting(&name.node) => instead,
                    None => format!("there are {}", SETTING_NAMES.map(|n| format!("`{n}`")).join(", ")),
                };
                self.advise(
                    codes::SETTING,
                    format!("there is no setting `{}`", name.node),
                    name.span,
                    "unknown",
                    help,
                );
                self.expr(value, None);
                continue;
            };
            if settings.iter().any(|(known, _)| *known == name.node) {
                let message = format!("the setting `{}` is given twice", name.node);
                self.advise(
                    codes::DOUBLE_ARGUMENT,
                    message,
                    name.span,
                    "given again",
                    "remove one of the two",
                );
            }
            self.in_bounds(name, value);
            let value = self.want(value, &ty.optional(), &format!("the setting `{}` is", name.node));
            settings.push((name.node.clone(), value));
        }
        settings
    }

    /// `LM("…", temperature: -1.0)`: what is set there has the bounds that it has in `with`.
    pub(super) fn options(&mut self, callable: &Callable, given: &[Option<Given<'_>>]) {
        let is_library = callable.place.is_some_and(|place| self.is_library(place.file));
        if !is_library || !SETTABLE.contains(&callable.name.as_str()) {
            return;
        }
        for given in given.iter().flatten() {
            if let Given::Named(name, value) = given {
                self.in_bounds(name, value);
            }
        }
    }

    fn in_bounds(&mut self, name: &Name, value: &ast::Expr) {
        let refused = constant(value).and_then(|value| check_setting(&name.node, &value).err());
        if let Some(fault) = refused {
            let help = fault.help.unwrap_or_default();
            self.advise(codes::SETTING, fault.message, value.span, "no such value", help);
        }
    }
}

/// What takes settings as arguments.
const SETTABLE: [&str; 4] = ["LM", "round_robin", "Predict", "ChainOfThought"];

/// The value of a literal.
fn constant(e: &ast::Expr) -> Option<Value> {
    Some(match &e.kind {
        ExprKind::Str(text) => Value::Str(text.clone()),
        ExprKind::Int(Some(n)) => Value::Int(*n),
        ExprKind::Float(n) => Value::Float(*n),
        ExprKind::Unary {
            op: UnaryOp::Neg,
            operand,
        } => match constant(operand)? {
            Value::Int(n) => Value::Int(n.checked_neg()?),
            Value::Float(n) => Value::Float(-n),
            _ => return None,
        },
        _ => return None,
    })
}

/// The type of a setting; each may also be `none`, which is the default.
fn setting_type(name: &str) -> Option<Type> {
    if !SETTING_NAMES.contains(&name) {
        return None;
    }
    Some(match name {
        "lm" => Type::Lm,
        "rm" => Type::Retriever,
        "temperature" | "timeout" | "first_byte_timeout" | "max_cost" => Type::Float,
        "max_tokens" | "max_retries" | "lm_retries" | "max_concurrency" | "max_calls" | "seed" | "rollout" => Type::Int,
        "strict" | "use_native_function_calling" => Type::Bool,
        "cache" => Type::union([Type::Bool, Type::Str]),
        "structured" => Type::union(["auto", "on", "off"].map(|mode| Type::Literal(Literal::Str(mode.into())))),
        _ => Type::Any,
    })
}

/// The record that `catch e` binds: the type `Error`.
pub(super) fn error_type() -> Type {
    let kinds = FaultKind::ALL
        .iter()
        .map(|kind| Type::Literal(Literal::Str(kind.name().into())));
    let optional = |name: &str| FieldType {
        optional: true,
        ..FieldType::new(name, Type::Str.optional())
    };
    Type::Record(Arc::new(RecordType {
        name: Some("Error".into()),
        fields: vec![
            FieldType::new("kind", Type::union(kinds)),
            FieldType::new("message", Type::Str),
            optional("reply"),
            optional("field"),
        ],
        ..RecordType::default()
    }))
}
