//! Type parameters: what they are bound to at a use, and types with them settled.

use std::sync::Arc;

use crate::source::Span;
use crate::value::{EcoString, FieldType, FnType, ParamType, ProgramType, RecordType, Signature, Type};

use super::fit::{Fit, fit};

/// `T`, `S: signature`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypeParam {
    pub name: EcoString,
    pub bound: Option<Type>,
}

/// A type parameter whose bound depends on another: `R: inputs(P)`.
pub(super) struct Dependent {
    /// What it was bound to.
    pub ty: Type,
    /// Its bound, with what the others were bound to.
    pub bound: Type,
    /// The `P` of `inputs(P)`.
    pub program: Option<Type>,
    /// Where it was bound.
    pub span: Span,
}

/// The type parameters of one use.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    params: Vec<(TypeParam, Option<(Type, Span)>)>,
}

impl Bindings {
    pub fn new(params: &[TypeParam]) -> Bindings {
        Bindings {
            params: params.iter().map(|p| (p.clone(), None)).collect(),
        }
    }

    /// What is known so far; an unsettled parameter reads as its bound, or as `any`.
    pub fn resolve(&self, ty: &Type) -> Type {
        if self.params.is_empty() {
            return ty.clone();
        }
        substitute(ty, &|name| {
            let (param, value) = self.params.iter().find(|(p, _)| p.name == name)?;
            let value = value.as_ref().map(|(ty, _)| ty.clone());
            Some(
                value
                    .or_else(|| param.bound.as_ref().filter(|b| !mentions(b)).cloned())
                    .unwrap_or(Type::Any),
            )
        })
    }

    /// As `resolve`, but an unsettled parameter is `any` whatever its bound: the type of a result.
    pub fn settle(&self, ty: &Type) -> Type {
        if self.params.is_empty() {
            return ty.clone();
        }
        substitute(ty, &|name| {
            let (_, value) = self.params.iter().find(|(p, _)| p.name == name)?;
            Some(value.as_ref().map_or(Type::Any, |(ty, _)| ty.clone()))
        })
    }

    pub fn value(&self, name: &str) -> Option<&Type> {
        self.params
            .iter()
            .find(|(p, _)| p.name == name)?
            .1
            .as_ref()
            .map(|(ty, _)| ty)
    }

    /// The parameters that were bound to signatures whose fields are known.
    pub fn signatures(&self) -> Vec<(EcoString, Arc<Signature>, Span)> {
        let signature = |(param, value): &(TypeParam, Option<(Type, Span)>)| match value {
            Some((Type::Signature(Some(signature)), span)) => Some((param.name.clone(), signature.clone(), *span)),
            _ => None,
        };
        self.params.iter().filter_map(signature).collect()
    }

    /// The parameters whose bound depends on others.
    pub fn dependent(&self) -> Vec<Dependent> {
        let bound = |(param, value): &(TypeParam, Option<(Type, Span)>)| {
            let (ty, span) = value.as_ref()?;
            let bound = param.bound.as_ref().filter(|b| mentions(b))?;
            let program = match bound {
                Type::InputsOf(program) => self.value(program).cloned(),
                _ => None,
            };
            Some(Dependent {
                ty: ty.clone(),
                bound: self.settle(bound),
                program,
                span: *span,
            })
        };
        self.params.iter().filter_map(bound).collect()
    }

    /// Learns from an argument of type `given` where `wanted` is declared.
    pub fn unify(&mut self, wanted: &Type, given: &Type, span: Span) {
        match (wanted, given) {
            (Type::Param(name), _) => self.bind(name, given, span),
            (Type::List(w), Type::List(g)) | (Type::Dict(w), Type::Dict(g)) => self.unify(w, g, span),
            (Type::Record(w), Type::Record(g)) => {
                for field in &w.fields {
                    if let Some(other) = g.fields.iter().find(|f| f.name == field.name) {
                        self.unify(&field.ty, &other.ty, span);
                    }
                }
            }
            (Type::Function(w), Type::Function(g)) => {
                for (w, g) in w.params.iter().zip(&g.params) {
                    // What a function can take says nothing where it is known what it will get.
                    if !matches!(w, Type::Param(name) if self.value(name).is_some()) {
                        self.unify(w, g, span);
                    }
                }
                self.unify(&w.result, &g.result, span);
            }
            (Type::Function(w), Type::Program(Some(g))) => self.unify(&w.result, &g.output, span),
            (Type::Union(members), _) => self.unify_union(members, given, span),
            (w, Type::Again(again)) if mentions(w) => {
                if let Some(ty) = again.definition() {
                    self.unify(w, &ty, span);
                }
            }
            (w, Type::Any) => self.bind_all_any(w, span),
            _ => {}
        }
    }

    /// The members of a union take what fits them as they are; a lone parameter takes the rest.
    fn unify_union(&mut self, wanted: &[Type], given: &Type, span: Span) {
        let mut rest = Vec::new();
        for member in given.unfolded().members() {
            let plain = wanted
                .iter()
                .any(|w| !mentions(w) && fit(member, w) == Fit::Yes && *member != Type::Any);
            if plain {
                continue;
            }
            match wanted.iter().find(|w| mentions(w) && same_shape(w, member)) {
                Some(w) => self.unify(w, member, span),
                None => rest.push(member.clone()),
            }
        }
        let lone = wanted.iter().find(|w| matches!(w, Type::Param(_)));
        if let (Some(w), false) = (lone, rest.is_empty()) {
            self.unify(w, &Type::union(rest), span);
        }
    }

    fn bind_all_any(&mut self, wanted: &Type, span: Span) {
        match wanted {
            Type::Param(name) => self.bind(name, &Type::Any, span),
            Type::List(inner) | Type::Dict(inner) => self.bind_all_any(inner, span),
            Type::Function(f) => self.bind_all_any(&f.result, span),
            _ => {}
        }
    }

    fn bind(&mut self, name: &str, given: &Type, span: Span) {
        let Some((param, value)) = self.params.iter_mut().find(|(p, _)| p.name == name) else {
            return;
        };
        let given = match &param.bound {
            // A text that is no literal becomes a signature when it runs.
            Some(Type::Signature(None)) if !matches!(given, Type::Signature(_) | Type::Param(_)) => {
                Type::Signature(None)
            }
            Some(bound) if !mentions(bound) && fit(given, bound) == Fit::No => bound.clone(),
            _ => given.clone(),
        };
        *value = Some(match value.take() {
            None => (given, span),
            Some((known, place)) => (joint(known, given), place),
        });
    }
}

/// What a parameter is when two arguments speak of it. Nothing was converted for it, so an int stays an int.
fn joint(known: Type, given: Type) -> Type {
    // An empty literal among others says nothing.
    let vague = matches!(given, Type::List(_) | Type::Dict(_)) && fit(&given, &known) == Fit::Convert;
    if vague || fit(&given, &known) == Fit::Yes {
        known
    } else if fit(&known, &given) == Fit::Yes {
        given
    } else {
        Type::union([known, given])
    }
}

/// Whether a list meets a list, a function a function.
fn same_shape(wanted: &Type, given: &Type) -> bool {
    matches!(
        (wanted, given),
        (Type::List(_), Type::List(_))
            | (Type::Dict(_), Type::Dict(_))
            | (Type::Record(_), Type::Record(_))
            | (Type::Function(_), Type::Function(_) | Type::Program(Some(_)))
    )
}

/// Whether a type mentions a type parameter.
pub(super) fn mentions(ty: &Type) -> bool {
    match ty {
        Type::Param(_) | Type::InputsOf(_) | Type::OutputsOf(_) => true,
        Type::Union(members) => members.iter().any(mentions),
        Type::List(inner) | Type::Dict(inner) => mentions(inner),
        // A declaration has no type parameters.
        Type::Record(record) if record.name.is_some() => false,
        Type::Record(record) => !record.spreads.is_empty() || record.fields.iter().any(|f| mentions(&f.ty)),
        Type::Function(f) => f.params.iter().any(mentions) || mentions(&f.result),
        Type::Program(Some(p)) => {
            mentions(&p.output)
                || p.inputs.iter().any(|i| mentions(&i.ty))
                || p.members.iter().any(|(_, ty)| mentions(ty))
        }
        _ => false,
    }
}

/// The type with parameters replaced; `None` leaves one as it is.
pub(super) fn substitute(ty: &Type, value: &dyn Fn(&str) -> Option<Type>) -> Type {
    if !mentions(ty) {
        return ty.clone();
    }
    match ty {
        Type::Param(name) => value(name).unwrap_or_else(|| ty.clone()),
        Type::InputsOf(name) => value(name).map_or_else(|| ty.clone(), |v| inputs_of(&v)),
        Type::OutputsOf(name) => value(name).map_or_else(|| ty.clone(), |v| outputs_of(&v)),
        Type::Union(members) => Type::union(members.iter().map(|m| substitute(m, value))),
        Type::List(inner) => Type::list(substitute(inner, value)),
        Type::Dict(inner) => Type::dict(substitute(inner, value)),
        Type::Record(record) => substitute_record(record, value),
        Type::Function(f) => Type::Function(Arc::new(substitute_function(f, value))),
        Type::Program(Some(program)) => Type::Program(Some(Arc::new(substitute_program(program, value)))),
        other => other.clone(),
    }
}

/// A later field of a record over the earlier ones: it takes the place of one of its name, unless it is absent.
pub(super) fn lay_over(fields: &mut Vec<FieldType>, field: FieldType) {
    match fields.iter_mut().find(|known| known.name == field.name) {
        Some(known) if field.optional && !known.optional => {
            known.ty = Type::union([known.ty.clone(), field.ty]);
        }
        Some(known) => *known = field,
        None => fields.push(field),
    }
}

/// `{...A, ...B}` where both are dicts.
fn spread_dicts(record: &RecordType, value: &dyn Fn(&str) -> Option<Type>) -> Option<Type> {
    let entry = |(_, spread): &(usize, Type)| match substitute(spread, value) {
        Type::Dict(entry) => Some((*entry).clone()),
        _ => None,
    };
    let entries = record.spreads.iter().map(entry).collect::<Option<Vec<Type>>>()?;
    (record.fields.is_empty() && !entries.is_empty()).then(|| Type::dict(Type::union(entries)))
}

fn substitute_record(record: &RecordType, value: &dyn Fn(&str) -> Option<Type>) -> Type {
    if let Some(dict) = spread_dicts(record, value) {
        return dict;
    }
    let mut fields: Vec<FieldType> = Vec::new();
    let mut spreads = Vec::new();
    for place in 0..=record.fields.len() {
        for (_, spread) in record.spreads.iter().filter(|(at, _)| *at == place) {
            match substitute(spread, value) {
                Type::Record(inner) => {
                    inner.fields.iter().for_each(|f| lay_over(&mut fields, f.clone()));
                    spreads.extend(inner.spreads.iter().map(|(_, ty)| (fields.len(), ty.clone())));
                }
                // Nothing is known of it: nothing can be said of the whole.
                Type::Any | Type::Dict(_) | Type::Union(_) => return Type::Any,
                other => spreads.push((fields.len(), other)),
            }
        }
        if let Some(field) = record.fields.get(place) {
            lay_over(
                &mut fields,
                FieldType {
                    ty: substitute(&field.ty, value),
                    ..field.clone()
                },
            );
        }
    }
    Type::Record(Arc::new(RecordType {
        name: record.name.clone(),
        about: record.about.clone(),
        fields,
        spreads,
    }))
}

pub(super) fn substitute_program(program: &ProgramType, value: &dyn Fn(&str) -> Option<Type>) -> ProgramType {
    let mut inputs = Vec::new();
    for input in &program.inputs {
        match substitute(&input.ty, value) {
            Type::Record(record) if input.name == "..." && record.spreads.is_empty() => {
                inputs.extend(record.fields.iter().map(|field| ParamType {
                    name: field.name.clone(),
                    ty: field.ty.clone(),
                    has_default: field.optional,
                }));
            }
            ty => inputs.push(ParamType { ty, ..input.clone() }),
        }
    }
    let members: Vec<_> = program
        .members
        .iter()
        .map(|(n, ty)| (n.clone(), substitute(ty, value)))
        .collect();
    let signature = members.iter().find_map(|(_, ty)| match ty {
        Type::Signature(Some(signature)) => Some(signature.clone()),
        _ => None,
    });
    ProgramType {
        name: program.name.clone(),
        module: program.module,
        runs: program.runs,
        inputs,
        output: substitute(&program.output, value),
        members,
        helpers: program
            .helpers
            .iter()
            .map(|(n, f)| (n.clone(), substitute_function(f, value)))
            .collect(),
        signature: program.signature.clone().or(signature),
    }
}

fn substitute_function(f: &FnType, value: &dyn Fn(&str) -> Option<Type>) -> FnType {
    FnType {
        params: f.params.iter().map(|p| substitute(p, value)).collect(),
        result: substitute(&f.result, value),
        ..*f
    }
}

/// `inputs(S)`: a signature's input fields, or what a program takes, as a record.
pub(super) fn inputs_of(ty: &Type) -> Type {
    let record = |fields: Vec<FieldType>| {
        Type::Record(Arc::new(RecordType {
            fields,
            ..RecordType::default()
        }))
    };
    match ty {
        Type::Signature(Some(signature)) => record(signature_fields(&signature.inputs)),
        Type::Program(Some(program)) if program.inputs.iter().any(|i| i.name == "...") => Type::Any,
        Type::Program(Some(program)) => {
            let field = |i: &ParamType| FieldType {
                optional: i.has_default,
                ..FieldType::new(i.name.clone(), i.ty.clone())
            };
            record(program.inputs.iter().map(field).collect())
        }
        Type::Param(name) => Type::InputsOf(name.clone()),
        _ => Type::Any,
    }
}

/// `outputs(S)`, `output(P)`
pub(super) fn outputs_of(ty: &Type) -> Type {
    match ty {
        Type::Signature(Some(signature)) => outputs_record(signature),
        Type::Program(Some(program)) => program.output.clone(),
        Type::Function(function) => function.result.clone(),
        Type::Param(name) => Type::OutputsOf(name.clone()),
        _ => Type::Any,
    }
}

/// The record that a signature's name means as a type.
pub(super) fn outputs_record(signature: &Signature) -> Type {
    let mut fields = signature_fields(&signature.outputs);
    for field in &mut fields {
        field.optional = field.ty != Type::Any && field.ty.allows_none();
    }
    Type::Record(Arc::new(RecordType {
        fields,
        ..RecordType::default()
    }))
}

fn signature_fields(fields: &[crate::value::Field]) -> Vec<FieldType> {
    let field = |f: &crate::value::Field| FieldType {
        optional: f.default.is_some(),
        default: f.default.clone(),
        ..FieldType::new(f.name.clone(), f.ty.clone())
    };
    fields.iter().map(field).collect()
}
