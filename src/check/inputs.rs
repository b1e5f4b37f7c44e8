//! `...inputs(S)` and `...Row` in a parameter list: one parameter, the record `inputs`, that takes an argument for each
//! field. Where the fields are known at the declaration they are names of their own too.

use std::sync::Arc;

use crate::hir::{self, BindTarget, InputsFrom};
use crate::value::{EcoString, RecordType, Type};

use super::checker::Checker;
use super::decl::{FnSig, ParamKind, ParamSig};
use super::environment::index;
use super::scope::Mutability;

impl Checker<'_> {
    /// Where a call finds which arguments there are: in the type, or in the `S` that a parameter of the function or of its
    /// module settles.
    pub(super) fn inputs_from(&self, sig: &FnSig) -> Option<InputsFrom> {
        if let Some(record) = known_fields(sig) {
            return Some(InputsFrom::Type(record.clone()));
        }
        let fields = sig.params.iter().find(|p| p.kind == ParamKind::Fields)?;
        let Some(Type::InputsOf(wanted)) = &fields.ty else {
            return None;
        };
        let wanted = Type::Param(wanted.clone());
        let settles = |p: &ParamSig| match &p.ty {
            Some(Type::List(item)) => **item == wanted,
            ty => ty.as_ref() == Some(&wanted),
        };
        if let Some(place) = sig.params.iter().position(settles) {
            return Some(InputsFrom::Param(index(place)));
        }
        let module = self.cx.module?;
        let sig = self
            .env
            .function(self.env.program.module(module).constructor)
            .sig
            .clone()?;
        sig.params
            .iter()
            .position(settles)
            .map(|place| InputsFrom::Field(index(place)))
    }

    /// Binds the fields of `...Row`, and says how they get their values: first thing in the body.
    pub(super) fn bind_fields(&mut self, sig: &FnSig) -> Option<hir::Stmt> {
        let record = known_fields(sig)?;
        let (inputs, span) = (self.body().find("inputs")?.slot, sig.span);
        let mut fields = Vec::new();
        for field in &record.fields {
            // Another parameter of this name hides it, and so does what the module has of its own.
            let hidden = self.body().find(&field.name).is_some()
                || self.is_member(&field.name)
                || self.own_helper(&field.name).is_some();
            if !hidden {
                let slot = self.bind(&field.name, field.ty.clone(), Mutability::Param, span);
                fields.push((field.name.clone(), BindTarget::Local(slot)));
            }
        }
        let optional = record.fields.iter().filter(|field| field.optional);
        let absent: Vec<EcoString> = optional.map(|field| field.name.clone()).collect();
        let value = hir::Expr {
            kind: hir::ExprKind::Var(hir::Var::Local(inputs)),
            span,
        };
        Some(hir::Stmt {
            kind: hir::StmtKind::Destructure { fields, absent, value },
            span,
        })
    }
}

/// The record type that a parameter list spreads, if all its fields are known at the declaration.
fn known_fields(sig: &FnSig) -> Option<&Arc<RecordType>> {
    let fields = sig.params.iter().find(|p| p.kind == ParamKind::Fields)?;
    match &fields.ty {
        Some(Type::Record(record)) if record.spreads.is_empty() => Some(record),
        _ => None,
    }
}
