//! `let` and `var`: what a name is bound to.

use crate::hir::{BindTarget, StmtKind as H};
use crate::source::Span;
use crate::syntax::ast::{self, Binding, Name};
use crate::value::Type;

use super::access::{FieldOf, field_of};
use super::checker::Checker;
use super::codes;
use super::scope::Mutability;

impl Checker<'_> {
    pub fn let_statement(&mut self, binding: &Binding, value: &ast::Expr, mutability: Mutability) -> (H, Type) {
        match binding {
            Binding::Name { name, ty } => {
                let open = self.open_lambda(value, mutability).filter(|_| ty.is_none());
                let annotated = ty.as_ref().map(|ty| self.type_expr(ty));
                let (value, ty) = match annotated {
                    Some(ty) => (self.want(value, &ty, &format!("`{}` is", name.node)), ty),
                    None => {
                        let typed = self.expr(value, None);
                        let untyped = mutability == Mutability::Var && typed.ty == Type::None;
                        (
                            typed.expr,
                            if untyped {
                                self.untyped_none(name, value.span)
                            } else {
                                typed.ty
                            },
                        )
                    }
                };
                let never = ty == Type::Never;
                let target = self.bind_target(name, ty, mutability);
                match target {
                    BindTarget::Global(id) => self.env.global_mut(id).lambda = open,
                    BindTarget::Local(_) => {
                        if let Some(local) = self.body().find_mut(&name.node) {
                            local.lambda = open;
                        }
                    }
                }
                (H::Bind { target, value }, if never { Type::Never } else { Type::None })
            }
            Binding::Record { fields, .. } => {
                let typed = self.expr(value, None);
                let base = self.without_none(&typed.ty, value, "taking its fields");
                let (mut targets, mut absent) = (Vec::new(), Vec::new());
                for field in fields {
                    let found = field_of(&base, &field.field.node);
                    if found.may_be_absent() {
                        absent.push(field.field.node.clone());
                    }
                    let ty = match found {
                        FieldOf::Found(ty) | FieldOf::MaybeNone(ty) => ty,
                        FieldOf::Unknown => Type::Any,
                        FieldOf::Missing => {
                            self.missing_field(&base, &field.field, None);
                            Type::Any
                        }
                    };
                    targets.push((field.field.node.clone(), self.bind_target(&field.name, ty, mutability)));
                }
                (
                    H::Destructure {
                        fields: targets,
                        absent,
                        value: typed.expr,
                    },
                    Type::None,
                )
            }
        }
    }

    /// `var best = none`: nothing but `none` could be assigned to it.
    fn untyped_none(&mut self, name: &Name, span: Span) -> Type {
        let name = &name.node;
        let message = format!("the variable `{name}` starts as `none`, so its type must be written");
        let help = format!("say what else it can be: `var {name}: int? = none`");
        self.advise(codes::WRONG_TYPE, message, span, "only `none` is known of it", help);
        Type::Any
    }

    fn bind_target(&mut self, name: &Name, ty: Type, mutability: Mutability) -> BindTarget {
        if self.is_top_level()
            && let Some(id) = self.global_at(name)
        {
            self.settle_global(id, ty);
            return BindTarget::Global(id);
        }
        BindTarget::Local(self.bind(&name.node, ty, mutability, name.span))
    }
}
