//! Which names a block assigns, and the places that are assigned.

use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, AssignOp, ExprKind, Name, StmtKind};
use crate::value::{EcoString, Type};

use super::access::{FieldOf, field_of};
use super::checker::Checker;
use super::codes;
use super::fit::{Fit, fit};
use super::lacking::may_lack;
use super::narrow::{Path, Root};
use super::scope::{BodyKind, Entry, Mutability};

impl Checker<'_> {
    /// `x.a[0] += e`
    pub fn assign(&mut self, place: &ast::Expr, op: AssignOp, value: &ast::Expr) -> hir::StmtKind {
        let Some((root, path, declared)) = self.assigned_root(place) else {
            let value = self.expr(value, None);
            let ty = if op == AssignOp::Set { value.ty } else { Type::Any };
            self.bind_unknown(place, ty);
            return hir::StmtKind::Expr(value.expr);
        };
        let mut steps = Vec::new();
        let mut lacks = false;
        let target = self.assigned_steps(place, &declared, &mut steps, &mut lacks);
        let op = match op {
            AssignOp::Set => None,
            AssignOp::Update(op) => Some(op),
        };
        let value_span = value.span;
        let present;
        let value = match op {
            None => {
                let typed = self.expr(value, Some(&target));
                present = !self.base(&typed.ty).allows_none();
                let what = format!("`{}` is", self.text(place.span));
                self.coerce(typed, &target, value_span, &what)
            }
            Some(op) => {
                // At the root the present type counts: `x += 1` after `x != none`.
                let old = match steps.is_empty() {
                    true => self.narrowed(&path).unwrap_or_else(|| target.clone()),
                    false => target.clone(),
                };
                let hint = Some(&old).filter(|ty| matches!(ty, Type::List(_)));
                let typed = self.expr(value, hint);
                let span = place.span.to(value_span);
                present = true;
                let result = self.binary_type(op, (&old, place), (&typed.ty, value), span);
                self.check_fit(&result, &target, span, &format!("`{}` is", self.text(place.span)));
                typed.expr
            }
        };
        self.cx.facts.reset(path.root);
        // What was just assigned is known not to be `none`.
        if present && steps.is_empty() && target.members().len() > 1 && target.allows_none() {
            self.cx.facts.learn(vec![(path, target.without_none())]);
        }
        let op = op.and_then(super::operator::computing);
        let mut place = hir::Place {
            root,
            steps,
            span: place.span,
        };
        let value = if op.is_none() && lacks {
            self.added_field(&mut place, value)
        } else {
            value
        };
        hir::StmtKind::Assign { place, op, value }
    }

    /// The variable that is assigned, or what is wrong with it.
    fn assigned_root(&mut self, place: &ast::Expr) -> Option<(hir::PlaceRoot, Path, Type)> {
        let (name, span) = root_name(place)?;
        let depth = self.cx.bodies.len() - 1;
        if let Some(local) = self.cx.bodies[depth].find_mut(&name) {
            // Only reading makes a name used; an element of it is read to be changed.
            let (slot, id, ty, mutability) = (local.slot, local.id, local.ty.clone(), local.mutability);
            if mutability != Mutability::Var {
                self.cannot_assign(&name, span, mutability);
                return None;
            }
            return Some((
                hir::PlaceRoot::Local(slot),
                Path {
                    root: Root::Local(id),
                    fields: Vec::new(),
                },
                ty,
            ));
        }
        let outer = self.cx.bodies[..depth].iter().any(|body| body.find(&name).is_some());
        if outer && self.cx.bodies[depth].is_closure() {
            let message = format!("`{name}` is captured, and cannot be assigned here");
            let help = "a lambda captures values, not variables: return the new value instead";
            self.advise(codes::CANNOT_ASSIGN, message, span, "a captured name", help);
            return None;
        }
        if self.is_member(&name) {
            let message = format!("`{name}` is a member of the module, and cannot be assigned");
            let help = "programs are immutable values: bind a `var` in `forward` instead";
            self.advise(codes::CANNOT_ASSIGN, message, span, "a member", help);
            return None;
        }
        match self.entry(&name) {
            Some(Entry::Globals(ids)) => {
                let id = self.present_global(&ids)?;
                let at_top = self.cx.bodies.len() == 1 && self.cx.bodies[0].kind == BodyKind::Top;
                match (at_top, self.env.global(id).mutable) {
                    (true, true) => {
                        let path = Path {
                            root: Root::Global(id),
                            fields: Vec::new(),
                        };
                        let ty = self.global_type(id);
                        return Some((hir::PlaceRoot::Global(id), path, ty));
                    }
                    (true, false) => self.cannot_assign(&name, span, Mutability::Let),
                    (false, _) => {
                        let message = format!("a function cannot assign `{name}` of the top level");
                        let help = "return the new value, and assign it where the function is called";
                        self.advise(codes::CANNOT_ASSIGN, message, span, "declared outside", help);
                    }
                }
            }
            Some(Entry::Broken) => {}
            Some(entry) => {
                let message = format!("`{name}` is {}, and cannot be assigned", entry.describe());
                let help = format!("bind a new name: `let {name}2 = …`");
                self.advise(codes::CANNOT_ASSIGN, message, span, "cannot be assigned", help);
            }
            // What did not parse may have declared it.
            None if self.may_be_unread(&name) => {}
            None => {
                let message = format!("`{name}` is not declared");
                let help = format!("bind it first: `var {name} = …`, or `let {name} = …` if it never changes");
                self.advise(codes::UNKNOWN_NAME, message, span, "unknown name", help);
            }
        }
        None
    }

    /// A name that is assigned and nowhere bound was told of: what reads it afterwards is right once it is bound.
    fn bind_unknown(&mut self, place: &ast::Expr, value: Type) {
        let Some((name, span)) = root_name(place) else { return };
        let local = self.cx.bodies.iter().any(|body| body.find(&name).is_some());
        if local || self.is_member(&name) || self.entry(&name).is_some() {
            return;
        }
        let ty = match place.kind {
            ExprKind::Name(_) if value != Type::Never => value,
            _ => Type::Any,
        };
        self.bind(&name, ty, Mutability::Var, span);
    }

    pub(super) fn is_member(&self, name: &str) -> bool {
        self.cx
            .module
            .is_some_and(|module| self.env.program.module(module).fields.iter().any(|f| f == name))
    }

    fn cannot_assign(&mut self, name: &str, span: Span, mutability: Mutability) {
        let (what, help) = match mutability {
            Mutability::Param => ("a parameter", format!("bind a variable: `var my_{name} = {name}`")),
            Mutability::Bound => ("bound here", format!("bind a variable: `var my_{name} = {name}`")),
            _ => (
                "a `let`",
                format!("declare it with `var {name} = …` to change it later"),
            ),
        };
        let message = format!("`{name}` cannot be assigned: it is {what}");
        self.advise(codes::CANNOT_ASSIGN, message, span, "this never changes", help);
    }

    /// `router.classify = …`
    fn part_of_program(&mut self, ty: &Type, name: &Name) -> Type {
        let name = (&name.node, name.span);
        let help = match ty {
            Type::Signature(_) => "`S.with_instructions(text)` and its kin return changed copies",
            _ => "programs are values: make another instance, or use `with_instructions`, `with_demos`, `with_lm`",
        };
        let message = format!("`{}` is part of {ty}, and cannot be assigned", name.0);
        self.advise(codes::CANNOT_ASSIGN, message, name.1, "this never changes", help);
        Type::Any
    }

    /// Adds the fields and indexes behind the root, and gives the type of the whole place.
    fn assigned_steps(
        &mut self,
        place: &ast::Expr,
        declared: &Type,
        steps: &mut Vec<hir::PlaceStep>,
        lacks: &mut bool,
    ) -> Type {
        match &place.kind {
            ExprKind::Field { object, name, .. } => {
                let inner = self.assigned_steps(object, declared, steps, lacks);
                steps.push(hir::PlaceStep::Field(name.node.clone()));
                if matches!(
                    inner,
                    Type::Program(_) | Type::Signature(_) | Type::Optimizer | Type::Lm
                ) {
                    return self.part_of_program(&inner, name);
                }
                *lacks = may_lack(&inner, &name.node);
                match field_of(&inner, &name.node) {
                    FieldOf::Found(ty) => ty,
                    FieldOf::MaybeNone(ty) => {
                        self.may_be_none(object, "assigning a field of it");
                        ty
                    }
                    FieldOf::Unknown => Type::Any,
                    FieldOf::Missing => {
                        self.missing_field(&inner, name, None);
                        Type::Any
                    }
                }
            }
            ExprKind::Index { object, index } => {
                let inner = self.assigned_steps(object, declared, steps, lacks);
                let (wanted, ty) = match &inner {
                    Type::List(item) => (Some(Type::Int), (**item).clone()),
                    Type::Dict(value) => (Some(Type::Str), (**value).clone()),
                    Type::Any => (None, Type::Any),
                    other => {
                        let help = match fit(other, &Type::Str) {
                            Fit::Yes => "strings do not change: build a new one",
                            _ => "only places of lists and entries of dicts are assigned by index",
                        };
                        let message = format!("`{other}` cannot be assigned by index");
                        self.advise(
                            codes::CANNOT_ASSIGN,
                            message,
                            object.span,
                            format!("this is `{other}`"),
                            help,
                        );
                        (None, Type::Any)
                    }
                };
                let index = match wanted {
                    Some(wanted) => self.want(index, &wanted, &format!("an index of `{inner}` is")),
                    None => self.expr(index, None).expr,
                };
                steps.push(hir::PlaceStep::Index(index));
                *lacks = false;
                ty
            }
            _ => declared.clone(),
        }
    }
}

fn root_name(place: &ast::Expr) -> Option<(EcoString, Span)> {
    match &place.kind {
        ExprKind::Name(name) => Some((name.clone(), place.span)),
        ExprKind::Field { object, .. } | ExprKind::Index { object, .. } => root_name(object),
        _ => None,
    }
}

/// The names whose variables a block assigns, in inner blocks too. Lambdas cannot assign.
pub(super) fn assigned_names(block: &ast::Block) -> Vec<EcoString> {
    let mut names = Vec::new();
    in_block(block, &mut names);
    names
}

fn in_block(block: &ast::Block, names: &mut Vec<EcoString>) {
    for stmt in &block.stmts {
        match &stmt.kind {
            StmtKind::Assign { place, value, .. } => {
                names.extend(root_name(place).map(|(name, _)| name));
                in_expr(value, names);
            }
            StmtKind::Let { value, .. } | StmtKind::Var { value, .. } => in_expr(value, names),
            StmtKind::For { body, .. } | StmtKind::While { body, .. } => in_block(body, names),
            StmtKind::Expr(e) => in_expr(e, names),
            _ => {}
        }
    }
}

/// Blocks stand in control forms; where one hides deeper in an expression, its assignments are few and local.
fn in_expr(e: &ast::Expr, names: &mut Vec<EcoString>) {
    match &e.kind {
        ExprKind::If { then, otherwise, .. } => {
            in_block(then, names);
            otherwise.iter().for_each(|e| in_expr(e, names));
        }
        ExprKind::Match { arms, .. } => arms.iter().for_each(|arm| in_expr(&arm.body, names)),
        ExprKind::Try { body, handler, .. } => {
            in_block(body, names);
            in_block(handler, names);
        }
        ExprKind::With { body, .. } | ExprKind::Block(body) => in_block(body, names),
        ExprKind::Binary { left, right, .. } => {
            in_expr(left, names);
            in_expr(right, names);
        }
        ExprKind::Call { args, .. } | ExprKind::Method { args, .. } => {
            args.iter().for_each(|arg| in_expr(arg.value(), names));
        }
        _ => {}
    }
}
