//! A value meets the type that is wanted: as it is, converted when it runs, or refused.

use std::sync::Arc;

use crate::diag::nearest;
use crate::hir;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{EcoString, FnType, RecordType, Type};

use super::access::list_names;
use super::checker::{Checker, Typed};
use super::codes;
use super::fit::{Fit, fit};
use super::generics::substitute;

/// Longer than this a message that names two types says less than one that does not.
const LONG: usize = 160;

impl Checker<'_> {
    /// An expression that must be of a type. `what` begins the message: "`x` is".
    pub fn want(&mut self, e: &ast::Expr, ty: &Type, what: &str) -> hir::Expr {
        let typed = self.expr(e, Some(ty));
        self.coerce(typed, ty, e.span, what)
    }

    pub fn coerce(&mut self, typed: Typed, ty: &Type, span: Span, what: &str) -> hir::Expr {
        match self.check_fit(&typed.ty, ty, span, what) {
            Fit::Convert => convert(typed.expr, ty),
            Fit::Yes | Fit::No => typed.expr,
        }
    }

    /// How a type meets another inside the present declaration, where type parameters have bounds.
    pub fn fit(&self, from: &Type, to: &Type) -> Fit {
        match from {
            Type::Param(_) if from != to => match fit(&self.base(from), to) {
                // A parameter with the bound `int` is an int, but an int is not the parameter.
                Fit::Yes if matches!(to, Type::Param(_)) => Fit::No,
                other => other,
            },
            _ => fit(from, to),
        }
    }

    /// Says what is wrong if a value of one type cannot stand where another is wanted.
    pub fn check_fit(&mut self, from: &Type, to: &Type, span: Span, what: &str) -> Fit {
        let fits = self.fit(from, to);
        if fits == Fit::No {
            self.wrong_type(from, to, span, what);
        }
        fits
    }

    fn wrong_type(&mut self, from: &Type, to: &Type, span: Span, what: &str) {
        if self.wrong_part(to, span, what) {
            return;
        }
        if from.allows_none() && self.fit(&from.without_none(), to) != Fit::No && *from != Type::None {
            let text = self.text(span);
            let subject = if text.len() <= 40 && !text.contains('\n') {
                format!("`{text}`")
            } else {
                "this".to_owned()
            };
            let message = format!("{what} `{to}`, but {subject} may be `none`");
            let help = "test it with `!= none` first, or give a value for `none` with `??`";
            return self.advise(codes::MAYBE_NONE, message, span, format!("this is `{from}`"), help);
        }
        let message = format!("{what} `{to}`, not `{from}`");
        let message = match from {
            Type::Function(_) if message.len() > LONG => format!("{what} called with other arguments than this takes"),
            _ => message,
        };
        let label = format!("this is `{from}`");
        let help = match to.without_none() {
            Type::Lm => model_help(&self.text(span)),
            _ => self.mismatch_help(from, to),
        };
        match help {
            Some(help) => self.advise(codes::WRONG_TYPE, message, span, label, help),
            None => self.error(codes::WRONG_TYPE, message, span, label),
        }
    }

    /// Says it of the branches that do not fit rather than of the whole form.
    fn wrong_part(&mut self, to: &Type, span: Span, what: &str) -> bool {
        let Some(parts) = self.parts.remove(&span) else {
            return false;
        };
        let mut found = false;
        for (place, ty) in parts.iter().filter(|(place, _)| *place != span) {
            if self.fit(ty, to) == Fit::No {
                self.wrong_type(ty, to, *place, what);
                found = true;
            }
        }
        self.parts.insert(span, parts);
        found
    }

    /// Keeps what the value of a form comes from.
    pub fn made_of(&mut self, span: Span, expected: Option<&Type>, parts: impl IntoIterator<Item = (Span, Type)>) {
        if expected.is_some_and(|ty| *ty != Type::Any) {
            self.parts.insert(span, parts.into_iter().collect());
        }
    }

    fn mismatch_help(&self, from: &Type, to: &Type) -> Option<String> {
        match (from, to.without_none()) {
            (Type::Record(from), Type::Record(to)) => self.record_help(from, &to),
            (Type::None, _) => Some(format!("if it may be `none`, write its type as `{}?`", short(to))),
            (Type::Int | Type::Float | Type::Bool, Type::Str) => Some("`str(x)` makes a text of it".to_owned()),
            (Type::Lm, Type::Str) => Some("a model is named here by its text: `\"openai/gpt-4o-mini\"`".to_owned()),
            (Type::Str, Type::Int) => Some("`int(x)` reads a number from a text".to_owned()),
            (Type::Str, Type::Float) => Some("`float(x)` reads a number from a text".to_owned()),
            (Type::Float, Type::Int) => Some(
                "`round(x)` or `int(x)` make an `int` of it; a variable that starts as `0.0` takes floats".to_owned(),
            ),
            (Type::Str, Type::Union(members)) if members.iter().all(|m| matches!(m, Type::Literal(_))) => {
                Some("only these texts fit: compare it with them, or give it this type where it comes from".to_owned())
            }
            (Type::Dict(_), Type::Record(_)) => Some("a record is written without quotes: `{name: value}`".to_owned()),
            (Type::Record(_), Type::Dict(_)) => Some("a dict is written with quotes: `{\"name\": value}`".to_owned()),
            (Type::Signature(_), Type::Program(_)) => Some("a signature becomes a program by `Predict(…)`".to_owned()),
            (Type::Function(from), Type::Function(to)) if !from.takes(to.params.len()) => {
                let takes = match (from.needed, from.params.len()) {
                    (1, 1) => "1 parameter".to_owned(),
                    (needed, _) if from.rest => format!("{needed} parameters or more"),
                    (needed, most) if needed < most => format!("{needed} to {most} parameters"),
                    (_, most) => format!("{most} parameters"),
                };
                Some(format!("it takes {takes}, and {} are passed", to.params.len()))
            }
            (Type::Function(from), to) => {
                let alike = |ty: &Type| match ty {
                    Type::Function(to) if from.takes(to.params.len()) => Some(to.clone()),
                    _ => None,
                };
                let to = to.members().iter().find_map(alike)?;
                self.parameter_help(from, &to)
            }
            _ => None,
        }
    }

    /// Which parameter of a function does not take what it would be given.
    fn parameter_help(&self, from: &FnType, to: &FnType) -> Option<String> {
        let pairs = to.params.iter().zip(&from.params).enumerate();
        let (place, (given, wanted)) = pairs
            .into_iter()
            .find(|(_, (given, wanted))| self.fit(given, wanted) == Fit::No)?;
        let nth = ["first", "second", "third"].get(place).copied().unwrap_or("last");
        let why = self.mismatch_help(given, wanted).map(|why| format!(": {why}"));
        Some(format!("its {nth} argument is `{given}`{}", why.unwrap_or_default()))
    }

    fn record_help(&self, from: &Arc<RecordType>, to: &Arc<RecordType>) -> Option<String> {
        let has = |name: &EcoString| from.fields.iter().find(|f| f.name == *name);
        let missing = to.fields.iter().find(|f| !f.optional && has(&f.name).is_none());
        if let Some(missing) = missing {
            let extra = from
                .fields
                .iter()
                .filter(|f| !to.fields.iter().any(|t| t.name == f.name));
            return Some(match nearest(&missing.name, extra.map(|f| f.name.as_str())) {
                Some(near) => format!("the field `{}` is missing: is it `{near}`?", missing.name),
                None => format!("the field `{}` is missing", missing.name),
            });
        }
        let wrong = to.fields.iter().find_map(|wanted| {
            let given = has(&wanted.name)?;
            (self.fit(&given.ty, &wanted.ty) == Fit::No).then_some((wanted, given))
        });
        wrong.map(|(wanted, given)| format!("the field `{}` is `{}`, not `{}`", wanted.name, wanted.ty, given.ty))
    }

    /// A literal that none of the wanted literals is.
    pub fn wrong_literal(&mut self, shown: &str, literals: &[EcoString], span: Span, what: &str) {
        let bare = shown.trim_matches('"');
        let near = nearest(bare, literals.iter().map(|l| l.trim_matches('"')));
        let help = match near {
            Some(near) => match literals.iter().find(|l| l.trim_matches('"') == near) {
                Some(literal) => format!("did you mean `{literal}`?"),
                None => format!("did you mean `{near}`?"),
            },
            None => format!("it can be {}", list_names(literals).replace(" and ", " or ")),
        };
        self.advise(
            codes::WRONG_LITERAL,
            format!("`{shown}` is not one of {what}"),
            span,
            "no such value",
            help,
        );
    }
}

/// A conversion when it runs, unless nothing is known of the type.
pub(super) fn convert(expr: hir::Expr, ty: &Type) -> hir::Expr {
    let ty = substitute(ty, &|_| Some(Type::Any));
    if ty == Type::Any {
        return expr;
    }
    let span = expr.span;
    hir::Expr {
        kind: hir::ExprKind::Convert {
            value: Box::new(expr),
            ty: Arc::new(ty),
        },
        span,
    }
}

/// `lm: "gpt-4o"`: a model's name where a model is wanted.
fn model_help(text: &str) -> Option<String> {
    let name = text.trim_matches('"');
    let provider = match name {
        _ if !text.starts_with('"') || name.is_empty() || name.contains(char::is_whitespace) => {
            return Some("a model is made by `LM(\"provider/model\")`".to_owned());
        }
        _ if name.contains('/') || name == "local" => "",
        _ if name.starts_with("claude") => "anthropic/",
        _ if name.starts_with("gemini") => "gemini/",
        _ if name.starts_with("gpt") || name.starts_with('o') => "openai/",
        _ => "ollama/",
    };
    Some(format!("a model is made by `LM`: `LM(\"{provider}{name}\")`"))
}

/// A type that can stand before `?`.
fn short(ty: &Type) -> String {
    match ty {
        Type::Union(_) | Type::Function(_) => format!("({ty})"),
        _ => ty.to_string(),
    }
}
