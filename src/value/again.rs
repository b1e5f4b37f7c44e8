//! Types that contain themselves: `type Tree = {label: str, children: list[Tree]}`. Inside, the type is referred to by
//! name; whoever computes with such a place unfolds it, one level at a time.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock, Weak};

use super::{EcoString, Type};

/// A declared type that contains itself. The program that declares it owns it, the places inside refer back to it.
#[derive(Debug)]
pub struct Declared {
    name: EcoString,
    ty: OnceLock<Type>,
}

/// A place inside a declared type where that type stands again.
#[derive(Clone, Debug)]
pub struct Again {
    name: EcoString,
    declared: Weak<Declared>,
}

impl Declared {
    /// A type of this name whose definition is still being read.
    pub fn new(name: impl Into<EcoString>) -> Arc<Declared> {
        Arc::new(Declared {
            name: name.into(),
            ty: OnceLock::new(),
        })
    }

    /// The type where it stands inside itself.
    pub fn again(self: &Arc<Self>) -> Type {
        Type::Again(Again {
            name: self.name.clone(),
            declared: Arc::downgrade(self),
        })
    }

    /// Says what the type is. What was said first counts.
    pub fn settle(&self, ty: Type) {
        let _ = self.ty.set(ty);
    }
}

impl Again {
    /// The name of the type.
    pub fn name(&self) -> &EcoString {
        &self.name
    }

    /// What tells the type from others.
    pub fn address(&self) -> usize {
        self.declared.as_ptr() as usize
    }

    /// What the type is; nothing while its definition is being read.
    pub fn definition(&self) -> Option<Type> {
        self.declared.upgrade()?.ty.get().cloned()
    }
}

/// The same declaration.
impl PartialEq for Again {
    fn eq(&self, other: &Again) -> bool {
        Weak::ptr_eq(&self.declared, &other.declared)
    }
}

impl Type {
    /// The type with its definition in place of its name, where it or a member of it is one that stands inside itself.
    pub fn unfolded(&self) -> Cow<'_, Type> {
        let again = |ty: &Type| matches!(ty, Type::Again(_));
        match self {
            Type::Again(again) => match again.definition() {
                Some(ty) => Cow::Owned(ty.unfolded().into_owned()),
                None => Cow::Borrowed(self),
            },
            Type::Union(members) if members.iter().any(again) => {
                Cow::Owned(Type::union(members.iter().map(|member| member.unfolded().into_owned())))
            }
            other => Cow::Borrowed(other),
        }
    }
}

/// A type that stands inside itself equals its definition.
impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Again(a), Type::Again(b)) => a == b,
            (Type::Again(again), ty) | (ty, Type::Again(again)) => again.definition().is_some_and(|own| own == *ty),
            (Type::Text(a), Type::Text(b)) => a == b,
            (Type::Literal(a), Type::Literal(b)) => a == b,
            (Type::Union(a), Type::Union(b)) => a == b,
            (Type::List(a), Type::List(b)) | (Type::Dict(a), Type::Dict(b)) => Arc::ptr_eq(a, b) || a == b,
            (Type::Record(a), Type::Record(b)) => Arc::ptr_eq(a, b) || a == b,
            (Type::Function(a), Type::Function(b)) => Arc::ptr_eq(a, b) || a == b,
            (Type::Signature(a), Type::Signature(b)) => a == b,
            (Type::Program(a), Type::Program(b)) => a == b,
            (Type::Opaque(a), Type::Opaque(b)) => a == b,
            (Type::Param(a), Type::Param(b))
            | (Type::InputsOf(a), Type::InputsOf(b))
            | (Type::OutputsOf(a), Type::OutputsOf(b)) => a == b,
            // The others say all by what they are.
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }
}
