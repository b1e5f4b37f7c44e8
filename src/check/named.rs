//! `type` declarations: each is read when it is first named, and may name itself.

use std::sync::Arc;

use crate::source::Span;
use crate::syntax::ast::Name;
use crate::value::{Again, Declared, EcoString, RecordType, Type};

use super::checker::{Checker, Context};
use super::codes;
use super::decl::{SignatureId, State, TypeId};
use super::generics::outputs_record;
use super::scope::BodyKind;

impl Checker<'_> {
    /// The type of a declaration that is named at `span`.
    pub(super) fn declared_type(&mut self, id: TypeId, span: Span) -> Type {
        let info = &mut self.env.types[id.0 as usize];
        match info.state {
            State::Done => return info.ty.unfolded().into_owned(),
            State::Running => {
                let name = &info.ast.name.node;
                let (declared, _) = info.again.get_or_insert_with(|| (Declared::new(name.clone()), span));
                return declared.again();
            }
            State::Waiting => {}
        }
        info.state = State::Running;
        let (ast, file) = (info.ast.clone(), info.file);
        let ty = self.elsewhere(Context::new(file, BodyKind::Function), |c| c.type_expr(&ast.ty));
        let ty = match ty {
            Type::Record(record) if record.name.is_none() => Type::Record(Arc::new(RecordType {
                name: Some(ast.name.node.clone()),
                ..(*record).clone()
            })),
            other => other,
        };
        let ty = self.closed(id, ty);
        let info = &mut self.env.types[id.0 as usize];
        info.state = State::Done;
        info.ty = ty.clone();
        ty
    }

    /// The definition, where the declaration named itself: it is what stands there, unless no value could be of it.
    fn closed(&mut self, id: TypeId, ty: Type) -> Type {
        let info = &self.env.types[id.0 as usize];
        let Some((declared, place)) = info.again.clone() else {
            return ty;
        };
        let Type::Again(own) = declared.again() else { return ty };
        let bare = ty
            .members()
            .iter()
            .any(|m| matches!(m, Type::Again(again) if *again == own));
        let ty = match bare || !has_value(&ty, &mut vec![own.clone()]) {
            true => {
                self.endless_type(own.name(), place);
                Type::Any
            }
            false => ty,
        };
        declared.settle(ty.clone());
        self.env.program.types.push(declared);
        ty
    }

    /// A type that contains itself with nothing between.
    pub(super) fn endless_type(&mut self, name: &EcoString, span: Span) {
        let message = format!("no value is a `{name}`: it would contain another one without end");
        let help = format!("let it end: `{name}?` and `list[{name}]` may hold none");
        self.advise(codes::ENDLESS_TYPE, message, span, "here it begins again", help);
    }

    /// What a signature's name means as a type; nothing where it is broken.
    pub(super) fn outputs_of_signature(&mut self, id: SignatureId, name: &Name) -> Option<Type> {
        if self.env.signatures[id.0 as usize].state == State::Running {
            let message = format!("the signature `{}` contains itself", name.node);
            let help = "a type can: `type Tree = {label: str, children: list[Tree]}`, and the signature names that";
            self.advise(codes::ENDLESS_TYPE, message, name.span, "here it begins again", help);
        }
        self.signature(id).map(|signature| outputs_record(&signature))
    }

    /// Reads a `type` declaration even if nothing uses it.
    pub fn check_type(&mut self, id: TypeId) {
        let span = self.env.types[id.0 as usize].ast.name.span;
        self.declared_type(id, span);
    }
}

/// Whether a type has a value of finite size. `open` are the types being asked, of which the value must not hold another.
fn has_value(ty: &Type, open: &mut Vec<Again>) -> bool {
    match ty {
        Type::Again(again) if open.contains(again) => false,
        Type::Again(again) => {
            open.push(again.clone());
            // One that is still being read is asked when it is known.
            let has = again.definition().is_none_or(|ty| has_value(&ty, open));
            open.pop();
            has
        }
        Type::Union(members) => members.iter().any(|member| has_value(member, open)),
        Type::Record(record) => record
            .fields
            .iter()
            .all(|field| field.optional || has_value(&field.ty, open)),
        _ => true,
    }
}
