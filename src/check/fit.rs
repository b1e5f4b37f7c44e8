//! Whether a value of one type can stand where another is wanted, and whether two types have a value in common.

use crate::value::{FnType, Literal, ProgramType, RecordType, Type};

/// How a value of one type meets another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// As it is.
    Yes,
    /// Held against the type and converted when it runs: an `any`, an `int` where a `float` is wanted.
    Convert,
    No,
}

impl Fit {
    fn and(self, other: Fit) -> Fit {
        self.max(other)
    }

    fn or(self, other: Fit) -> Fit {
        self.min(other)
    }

    fn when(holds: bool) -> Fit {
        if holds { Fit::Yes } else { Fit::No }
    }
}

pub(super) fn fit(from: &Type, to: &Type) -> Fit {
    Meeting::default().fit(from, to)
}

/// Whether some value could be equal to one of the other type. Texts and literals have values in common.
pub(super) fn overlap(a: &Type, b: &Type) -> bool {
    Meeting::default().overlap(a, b)
}

/// Whether a value could fit: as `fit`, but a text may turn out to be one of a type's literals.
pub(super) fn could_fit(from: &Type, to: &Type) -> bool {
    Meeting::default().could_fit(from, to)
}

/// Two types held against each other. Types that contain themselves come to the same pair again further in; there the
/// answer is taken to be yes.
#[derive(Default)]
struct Meeting {
    open: Vec<(Type, Type)>,
}

impl Meeting {
    /// The answer where a type stands inside itself; nothing where neither does.
    fn again<T>(&mut self, a: &Type, b: &Type, yes: T, answer: fn(&mut Self, &Type, &Type) -> T) -> Option<T> {
        if !matches!((a, b), (Type::Again(_), _) | (_, Type::Again(_))) {
            return None;
        }
        let (inner_a, inner_b) = (a.unfolded(), b.unfolded());
        let being_read = |ty: &Type| matches!(ty, Type::Again(_));
        if being_read(&inner_a) || being_read(&inner_b) || self.open.iter().any(|(x, y)| x == a && y == b) {
            return Some(yes);
        }
        self.open.push((a.clone(), b.clone()));
        let answer = answer(self, &inner_a, &inner_b);
        self.open.pop();
        Some(answer)
    }

    fn fit(&mut self, from: &Type, to: &Type) -> Fit {
        match (from, to) {
            _ if from == to => return Fit::Yes,
            (_, Type::Any | Type::InputsOf(_) | Type::OutputsOf(_)) | (Type::Never, _) => return Fit::Yes,
            (Type::Any, Type::Param(_)) => return Fit::Yes,
            // What is not settled yet is held against the type when it runs.
            (Type::Any | Type::Param(_) | Type::InputsOf(_) | Type::OutputsOf(_), _) => return Fit::Convert,
            _ => {}
        }
        if let Some(fit) = self.again(from, to, Fit::Yes, Self::fit) {
            return fit;
        }
        match (from, to) {
            (Type::Union(members), _) => members.iter().fold(Fit::Yes, |all, m| all.and(self.fit(m, to))),
            (_, Type::Union(members)) => members.iter().fold(Fit::No, |any, m| any.or(self.fit(from, m))),
            (Type::Int, Type::Float) => Fit::Convert,
            // A text with a form is a text; a text is held against the form when it runs.
            (Type::Text(_), Type::Str) => Fit::Yes,
            (Type::Str, Type::Text(_)) => Fit::Convert,
            (Type::Literal(literal), _) => fit_literal(literal, to),
            (Type::List(a), Type::List(b)) | (Type::Dict(a), Type::Dict(b)) => self.fit(a, b),
            (Type::Record(a), Type::Record(b)) => self.fit_record(a, b),
            (Type::Function(a), Type::Function(b)) => self.fit_function(a, b),
            (Type::Program(Some(a)), Type::Function(b)) => self.fit_program_call(a, b),
            (Type::Program(Some(a)), Type::Program(Some(b))) => Fit::when(a.module == b.module && a.name == b.name),
            (Type::Program(_) | Type::Function(_), Type::Program(None)) => Fit::Yes,
            (Type::Program(None), Type::Program(Some(_)) | Type::Function(_)) => Fit::Convert,
            (Type::Signature(_), Type::Signature(_)) => Fit::Yes,
            // A text that is no literal is read as a signature when it runs.
            (Type::Str, Type::Signature(_)) => Fit::Convert,
            // An optimizer is a function, or a module whose instances are called as one.
            (Type::Function(_) | Type::Program(_), Type::Optimizer) => Fit::Yes,
            (Type::Optimizer, Type::Function(_)) => Fit::Yes,
            _ => Fit::No,
        }
    }

    fn fit_record(&mut self, from: &RecordType, to: &RecordType) -> Fit {
        to.fields.iter().fold(Fit::Yes, |all, wanted| {
            let one = match from.fields.iter().find(|f| f.name == wanted.name) {
                Some(given) if given.optional && !wanted.ty.allows_none() && !wanted.optional => Fit::No,
                Some(given) => self.fit(&given.ty, &wanted.ty),
                None if wanted.optional || !from.spreads.is_empty() => Fit::Yes,
                None => Fit::No,
            };
            all.and(one)
        })
    }

    /// Parameters the other way round; a parameter or result that is `any` is held against its type inside.
    fn fit_function(&mut self, from: &FnType, to: &FnType) -> Fit {
        if from.needed > to.needed || !from.takes(to.params.len()) || to.rest && !from.rest {
            return Fit::No;
        }
        let mut params = to.params.iter().enumerate();
        let params = params.all(|(place, t)| from.param(place).is_none_or(|f| self.fit(t, f) != Fit::No));
        Fit::when(params && self.fit(&from.result, &to.result) != Fit::No)
    }

    fn fit_program_call(&mut self, program: &ProgramType, to: &FnType) -> Fit {
        if program.inputs.iter().any(|i| i.name == "...") {
            return Fit::Yes;
        }
        let needed = program.inputs.iter().filter(|i| !i.has_default).count();
        let takes = needed <= to.params.len() && to.params.len() <= program.inputs.len();
        let mut params = program.inputs.iter().zip(&to.params);
        let params = params.all(|(f, t)| self.fit(t, &f.ty) != Fit::No);
        Fit::when(takes && params && self.fit(&program.output, &to.result) != Fit::No)
    }

    fn overlap(&mut self, a: &Type, b: &Type) -> bool {
        if let Some(overlap) = self.again(a, b, true, Self::overlap) {
            return overlap;
        }
        match (a, b) {
            _ if a == b => true,
            (Type::Union(members), other) | (other, Type::Union(members)) => {
                members.iter().any(|m| self.overlap(m, other))
            }
            (Type::Any | Type::Never | Type::Param(_) | Type::InputsOf(_) | Type::OutputsOf(_), _)
            | (_, Type::Any | Type::Never | Type::Param(_) | Type::InputsOf(_) | Type::OutputsOf(_)) => true,
            (Type::Int | Type::Float, Type::Int | Type::Float)
            | (Type::Str | Type::Text(_), Type::Str | Type::Text(_)) => true,
            (Type::Literal(a), Type::Literal(b)) => a == b,
            (Type::Literal(l), other) | (other, Type::Literal(l)) => fit_literal(l, other) != Fit::No,
            (Type::List(_), Type::List(_)) | (Type::Dict(_), Type::Dict(_)) => true,
            (Type::Record(a), Type::Record(b)) => self.overlap_records(a, b),
            (Type::Signature(_), Type::Signature(_)) | (Type::Function(_), Type::Function(_)) => true,
            (
                Type::Program(_) | Type::Function(_) | Type::Optimizer,
                Type::Program(_) | Type::Function(_) | Type::Optimizer,
            ) => true,
            _ => a == b,
        }
    }

    /// A field that one lacks reads as `none`.
    fn overlap_records(&mut self, a: &RecordType, b: &RecordType) -> bool {
        a.fields
            .iter()
            .all(|field| match b.fields.iter().find(|f| f.name == field.name) {
                Some(other) => field.optional || other.optional || self.overlap(&field.ty, &other.ty),
                None => true,
            })
    }

    fn could_fit(&mut self, from: &Type, to: &Type) -> bool {
        if let Some(could) = self.again(from, to, true, Self::could_fit) {
            return could;
        }
        match (from, to) {
            (Type::Union(members), _) => members.iter().any(|m| self.could_fit(m, to)),
            (_, Type::Union(members)) => members.iter().any(|m| self.could_fit(from, m)),
            (Type::Str, Type::Literal(Literal::Str(_))) | (Type::Int, Type::Literal(Literal::Int(_))) => true,
            (Type::List(a), Type::List(b)) | (Type::Dict(a), Type::Dict(b)) => self.could_fit(a, b),
            (Type::Record(a), Type::Record(b)) => {
                b.fields
                    .iter()
                    .all(|wanted| match a.fields.iter().find(|f| f.name == wanted.name) {
                        Some(given) => self.could_fit(&given.ty, &wanted.ty),
                        None => wanted.optional || !a.spreads.is_empty(),
                    })
            }
            _ => fit(from, to) != Fit::No,
        }
    }
}

fn fit_literal(literal: &Literal, to: &Type) -> Fit {
    match (literal, to) {
        (Literal::Str(_), Type::Str) | (Literal::Int(_), Type::Int) | (Literal::Bool(_), Type::Bool) => Fit::Yes,
        (Literal::Int(_), Type::Float) | (Literal::Str(_), Type::Signature(_)) => Fit::Convert,
        (Literal::Str(text), Type::Text(form)) if form.canonical(text).is_some() => Fit::Convert,
        _ => Fit::No,
    }
}
