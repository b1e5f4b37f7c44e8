//! `match`: patterns, what they bind, and what they leave.

use crate::diag::Diagnostic;
use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, MatchArm, Pattern, PatternField, PatternKind};
use crate::value::{EcoString, FieldType, Literal, Type, Value};

use super::access::{FieldOf, field_of};
use super::checker::{Checker, Typed};
use super::codes;
use super::exhaustive::{collapse, expand, missing_cases};
use super::fit::overlap;
use super::scope::Mutability;

impl Checker<'_> {
    pub fn match_expr(&mut self, subject: &ast::Expr, arms: &[MatchArm], span: Span, expected: Option<&Type>) -> Typed {
        let subject_typed = self.expr(subject, None);
        let path = self.path_type(subject).map(|(path, _)| path);
        let dispatches = self.is_of_use(subject);
        let whole = expand(&self.base(&subject_typed.ty));
        let mut rest = whole.clone();
        let mut checked = Vec::new();
        let mut types = Vec::new();
        for arm in arms {
            // Of no value whatsoever: what the arms above took does not matter.
            let impossible = !dispatches && whole != Type::Never && self.split(&arm.pattern, &whole).0 == Type::Never;
            if rest == Type::Never && subject_typed.ty != Type::Never && !impossible {
                let help = "remove it, or move it above the arm that takes its values";
                let message = "no value reaches this arm";
                let problem = Diagnostic::warning(codes::UNREACHABLE_ARM, message, arm.pattern.span, "never matches");
                self.report(problem.help(help));
            }
            self.enter_scope();
            let mark = self.cx.facts.mark();
            let seen = match () {
                () if impossible => whole.clone(),
                () if rest == Type::Never => Type::Any,
                () => rest.clone(),
            };
            let outer = std::mem::replace(&mut self.dispatches, dispatches);
            let pattern = self.pattern(&arm.pattern, &seen);
            self.dispatches = outer;
            let (matched, left) = self.split(&arm.pattern, &rest);
            if let Some(path) = &path {
                self.cx.facts.learn(vec![(path.clone(), collapse(&matched))]);
            }
            let guard = arm.guard.as_ref().map(|guard| {
                let checked = self.condition(guard, "a guard");
                let known = self.knowledge(guard);
                self.cx.facts.learn(known.holds);
                checked
            });
            let body = self.expr(&arm.body, expected);
            self.cx.facts.leave(mark);
            self.leave_scope();
            if guard.is_none() {
                rest = left;
            }
            let reached = !dispatches || matched != Type::Never || subject_typed.ty == Type::Never;
            types.push(if reached { body.ty } else { Type::Never });
            checked.push(hir::MatchArm {
                pattern,
                guard,
                body: body.expr,
            });
        }
        if rest != Type::Never {
            self.not_exhaustive(&rest, &whole, subject, span);
        }
        let parts = arms.iter().map(|arm| arm.body.span).zip(types.iter().cloned());
        self.made_of(span, expected, parts);
        let kind = hir::ExprKind::Match {
            subject: Box::new(subject_typed.expr),
            arms: checked,
        };
        Typed::new(kind, Type::union(types), span)
    }

    fn not_exhaustive(&mut self, rest: &Type, whole: &Type, subject: &ast::Expr, span: Span) {
        let place = Span {
            end: subject.span.end,
            ..span
        };
        let (message, help) = match missing_cases(rest, whole) {
            Some(cases) => {
                let help = format!(
                    "add an arm for {}, or `_ => …` for all the rest",
                    if cases.contains(',') || cases.contains(" and ") {
                        "each"
                    } else {
                        "it"
                    }
                );
                (format!("this `match` misses {cases}"), help)
            }
            None => {
                let text = self.text(subject.span);
                let help = "add `_ => …`, or a name that takes the rest".to_owned();
                (format!("this `match` does not cover all values of `{text}`"), help)
            }
        };
        self.advise(
            codes::NOT_EXHAUSTIVE,
            message,
            place,
            "not all values have an arm",
            help,
        );
    }

    /// Lowers a pattern for values of a type, and binds its names.
    fn pattern(&mut self, p: &Pattern, ty: &Type) -> hir::Pattern {
        match &p.kind {
            PatternKind::Literal(literal) => {
                self.check_literal_pattern(literal, ty, p.span);
                hir::Pattern::Value(literal.value())
            }
            PatternKind::Float(n) => {
                if !overlap(&Type::Float, ty) {
                    self.never_matches(&Type::Float, ty, p.span);
                }
                hir::Pattern::Value(Value::Float(*n))
            }
            PatternKind::None => {
                if !overlap(&Type::None, ty) {
                    self.never_matches(&Type::None, ty, p.span);
                }
                hir::Pattern::Value(Value::None)
            }
            PatternKind::Or(alternatives) => {
                if let Some(name) = alternatives.iter().find_map(first_name) {
                    let help = "write an arm for each alternative";
                    let message = "an alternative of a pattern cannot bind a name";
                    self.advise(codes::PATTERN, message, name, "bound in one alternative only", help);
                }
                hir::Pattern::Or(alternatives.iter().map(|p| self.pattern(p, ty)).collect())
            }
            PatternKind::Wildcard => hir::Pattern::Wildcard,
            PatternKind::Name(name) => {
                hir::Pattern::Bind(self.bind(&name.node, collapse(ty), Mutability::Bound, name.span))
            }
            PatternKind::Typed { name, ty: written } => {
                let wanted = self.type_expr(written);
                let (matched, _) = super::exhaustive::split_type(&wanted, ty);
                if matched == Type::Never && wanted != Type::Never {
                    self.never_matches(&wanted, ty, p.span);
                }
                let slot = name
                    .as_ref()
                    .map(|name| self.bind(&name.node, collapse(&matched), Mutability::Bound, name.span));
                let erased = super::generics::substitute(&wanted, &|_| Some(Type::Any));
                hir::Pattern::Typed { ty: erased, slot }
            }
            PatternKind::Record(fields) => self.record_pattern(fields, ty, p.span),
        }
    }

    fn record_pattern(&mut self, fields: &[PatternField], ty: &Type, span: Span) -> hir::Pattern {
        let members: Vec<Type> = ty.members().iter().filter(|m| takes_fields(m)).cloned().collect();
        if members.is_empty() {
            self.never_matches_text("a record", ty, span);
        }
        let mut lowered = Vec::new();
        for field in fields {
            let name = &field.field;
            let found: Vec<Type> = members.iter().filter_map(|m| found_field(m, &name.node)).collect();
            if found.is_empty() && !members.is_empty() {
                self.missing_field(&Type::union(members.clone()), name, None);
            }
            let ty = if found.is_empty() {
                Type::Any
            } else {
                Type::union(found)
            };
            let pattern = match &field.pattern {
                Some(pattern) => self.pattern(pattern, &expand(&ty)),
                None => hir::Pattern::Bind(self.bind(&name.node, ty, Mutability::Bound, name.span)),
            };
            lowered.push(hir::FieldPattern {
                field: name.node.clone(),
                pattern,
                optional: members.iter().any(|m| may_lack(m, &name.node)),
            });
        }
        hir::Pattern::Record(lowered)
    }

    fn check_literal_pattern(&mut self, literal: &Literal, ty: &Type, span: Span) {
        let exact = Type::Literal(literal.clone());
        if overlap(&exact, ty) {
            return;
        }
        let same_kind = |m: &Type| match m {
            Type::Literal(l) if std::mem::discriminant(l) == std::mem::discriminant(literal) => {
                Some(EcoString::from(l.to_string()))
            }
            _ => None,
        };
        let literals: Vec<EcoString> = ty.members().iter().filter_map(same_kind).collect();
        match literals.is_empty() {
            true => self.never_matches(&exact, ty, span),
            false => self.wrong_literal(&literal.to_string(), &literals, span, "the values that can be here"),
        }
    }

    /// Whether a name has its type from a use of the function that is being checked: other uses have other types, and
    /// what tells them apart is no mistake.
    pub fn is_of_use(&self, subject: &ast::Expr) -> bool {
        self.cx.dry && matches!(subject.kind, ast::ExprKind::Name(_))
    }

    fn never_matches(&mut self, pattern: &Type, ty: &Type, span: Span) {
        self.never_matches_text(&format!("`{pattern}`"), ty, span);
    }

    fn never_matches_text(&mut self, pattern: &str, ty: &Type, span: Span) {
        if self.dispatches {
            return;
        }
        let message = format!("the value here is `{}`, which {pattern} never matches", collapse(ty));
        self.advise(
            codes::NEVER_EQUAL,
            message,
            span,
            "never matches",
            "remove this arm, or match another value",
        );
    }

    /// The values of a type that a pattern takes, and those that it leaves.
    fn split(&mut self, p: &Pattern, ty: &Type) -> (Type, Type) {
        match &p.kind {
            PatternKind::Wildcard | PatternKind::Name(_) => (ty.clone(), Type::Never),
            PatternKind::Float(_) => (Type::Float, ty.clone()),
            PatternKind::Literal(literal) => super::exhaustive::split_exact(&Type::Literal(literal.clone()), ty),
            PatternKind::None => super::exhaustive::split_exact(&Type::None, ty),
            PatternKind::Or(alternatives) => {
                let mut matched = Vec::new();
                let mut rest = ty.clone();
                for alternative in alternatives {
                    let (taken, left) = self.split(alternative, &rest);
                    matched.push(taken);
                    rest = left;
                }
                (Type::union(matched), rest)
            }
            PatternKind::Typed { ty: written, .. } => {
                let wanted = self.type_expr(written);
                super::exhaustive::split_type(&wanted, ty)
            }
            PatternKind::Record(fields) => {
                let mut matched = Vec::new();
                let mut left = Vec::new();
                for member in ty.members() {
                    let (taken, rest) = self.split_record(fields, member);
                    matched.push(taken);
                    left.push(rest);
                }
                (Type::union(matched), Type::union(left))
            }
        }
    }

    /// What a record pattern takes of one record type: a value is left if some field is the first not to match.
    fn split_record(&mut self, fields: &[PatternField], member: &Type) -> (Type, Type) {
        let Type::Record(record) = member else {
            return if takes_fields(member) {
                (member.clone(), member.clone())
            } else {
                (Type::Never, member.clone())
            };
        };
        let mut taken = (**record).clone();
        let mut left = Vec::new();
        for field in fields {
            let Some(place) = taken.fields.iter().position(|f| f.name == field.field.node) else {
                return (Type::Never, member.clone());
            };
            let Some(pattern) = &field.pattern else { continue };
            let known = &taken.fields[place];
            let ty = if known.optional {
                known.ty.clone().optional()
            } else {
                known.ty.clone()
            };
            let (matched, rest) = self.split(pattern, &expand(&ty));
            if rest != Type::Never {
                let mut other = taken.clone();
                narrow_field(&mut other.fields[place], rest);
                left.push(Type::Record(other.into()));
            }
            if matched == Type::Never {
                return (Type::Never, member.clone());
            }
            narrow_field(&mut taken.fields[place], matched);
        }
        (Type::Record(taken.into()), Type::union(left))
    }
}

/// A field of which a pattern took some values: without `none` among the others it is there.
fn narrow_field(field: &mut FieldType, ty: Type) {
    field.optional &= ty.allows_none();
    field.ty = ty;
}

fn may_lack(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Record(record) => record.fields.iter().any(|field| field.name == name && field.optional),
        _ => false,
    }
}

fn takes_fields(ty: &Type) -> bool {
    matches!(ty, Type::Record(_) | Type::Any | Type::Dict(_))
}

fn found_field(ty: &Type, name: &str) -> Option<Type> {
    match (ty, field_of(ty, name)) {
        (Type::Dict(value), _) => Some((**value).clone()),
        (_, FieldOf::Found(ty) | FieldOf::MaybeNone(ty)) => Some(ty),
        (_, FieldOf::Unknown) => Some(Type::Any),
        (_, FieldOf::Missing) => None,
    }
}

/// A name that a pattern binds.
fn first_name(p: &Pattern) -> Option<Span> {
    match &p.kind {
        PatternKind::Name(name) => Some(name.span),
        PatternKind::Typed { name, .. } => name.as_ref().map(|n| n.span),
        PatternKind::Or(alternatives) => alternatives.iter().find_map(first_name),
        PatternKind::Record(fields) => fields.iter().find_map(|field| match &field.pattern {
            Some(pattern) => first_name(pattern),
            None => Some(field.field.span),
        }),
        _ => None,
    }
}
