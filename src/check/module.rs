//! Modules: their constructor, their members, and the type of their instances.

use std::sync::Arc;

use crate::hir;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{EcoString, FnId, FnType, ModuleId, ParamType, ProgramType, Type};

use super::checker::{Checker, Context};
use super::codes;
use super::decl::{FnSig, ParamKind, ParamSig, State};
use super::environment::index;
use super::generics::TypeParam;
use super::habits;
use super::scope::{BodyKind, Mutability};

impl Checker<'_> {
    pub fn module_type_params(&self, module: ModuleId) -> Vec<TypeParam> {
        let constructor = self.env.program.module(module).constructor;
        match &self.env.function(constructor).sig {
            Some(sig) => sig.type_params.clone(),
            None => Vec::new(),
        }
    }

    pub fn constructor_sig(&mut self, module: ModuleId) -> FnSig {
        let ast = self.env.module(module).ast.clone();
        let file = self.env.program.module(module).file;
        self.read_sig(file, None, &ast.name, &ast.type_params, &ast.params, &None)
    }

    /// The type of a parameter or member.
    pub fn member_type(&mut self, module: ModuleId, place: usize) -> Type {
        self.check_members(module);
        self.env.module(module).fields.get(place).cloned().unwrap_or(Type::Any)
    }

    /// Types the members, through the constructor, if that was not done yet.
    fn check_members(&mut self, module: ModuleId) {
        if self.env.module(module).state == State::Waiting && self.may_descend() {
            let constructor = self.env.program.module(module).constructor;
            self.check_function(constructor);
        }
    }

    pub fn check_constructor(&mut self, id: FnId) {
        let Some(module) = self.env.function(id).module else {
            return;
        };
        self.env.module_mut(module).state = State::Running;
        let sig = self.sig(id);
        let ast = self.env.module(module).ast.clone();
        let mut context = Context::new(self.env.program.module(module).file, BodyKind::Constructor);
        context.type_params.clone_from(&sig.type_params);
        context.module = Some(module);
        let native = self.env.module(module).is_native();
        let params: Vec<Type> = sig.params.iter().map(|p| p.ty.clone().unwrap_or(Type::Any)).collect();
        self.env.module_mut(module).fields = params;
        let (params, block, frame) = self.elsewhere(context, |c| {
            let params = c.bind_module_params(&ast, &sig);
            let block = c.member_block(module, &ast, params.len());
            (params, block, c.leave_body())
        });
        let body = match native {
            true => hir::Body::Native(ast.name.node.clone()),
            false => hir::Body::Block(block),
        };
        self.store(id, body, params, &frame);
        self.env.module_mut(module).state = State::Done;
        let forward = self.env.program.module(module).forward;
        let helpers: Vec<FnId> = self
            .env
            .program
            .module(module)
            .helpers
            .iter()
            .map(|(_, id)| *id)
            .collect();
        self.need(forward);
        helpers.into_iter().for_each(|helper| self.need(helper));
    }

    /// As a function's, since a constructor is one.
    fn bind_module_params(&mut self, ast: &ast::Module, sig: &FnSig) -> Vec<hir::Param> {
        let function = ast::Function {
            name: ast.name.clone(),
            type_params: Vec::new(),
            params: ast.params.clone(),
            result: None,
            description: None,
            body: ast::FnBody::Native,
            head: ast.head,
            span: ast.span,
        };
        self.bind_params(&function, sig, None)
    }

    /// Members one after the other, then the instance.
    fn member_block(&mut self, module: ModuleId, ast: &ast::Module, params: usize) -> hir::Block {
        let mut stmts = Vec::new();
        for member in &ast.members {
            let typed = self.expr(&member.value, None);
            let slot = self.bind(&member.name.node, typed.ty.clone(), Mutability::Bound, member.name.span);
            self.env.module_mut(module).fields.push(typed.ty);
            let target = hir::BindTarget::Local(slot);
            stmts.push(hir::Stmt {
                kind: hir::StmtKind::Bind {
                    target,
                    value: typed.expr,
                },
                span: member.span,
            });
        }
        let slots = (0..params + ast.members.len()).map(index);
        let field = |slot: u32, span: Span| {
            let local = self.cx.bodies[0].scopes[0]
                .get(slot as usize)
                .map_or(hir::Slot(slot), |local| local.slot);
            hir::Expr {
                kind: hir::ExprKind::Var(hir::Var::Local(local)),
                span,
            }
        };
        let fields = slots.map(|slot| field(slot, ast.name.span)).collect();
        let instance = hir::Expr {
            kind: hir::ExprKind::Instance { module, fields },
            span: ast.name.span,
        };
        stmts.push(hir::Stmt {
            kind: hir::StmtKind::Expr(instance),
            span: ast.name.span,
        });
        hir::Block { stmts, span: ast.span }
    }

    /// The type of an instance, with its type parameters as they are declared.
    pub fn module_type(&mut self, module: ModuleId, span: Span) -> Arc<ProgramType> {
        self.check_members(module);
        let forward = self.env.program.module(module).forward;
        let sig = self.sig(forward);
        let output = self.result(forward, span);
        let fields = self.env.program.module(module).fields.clone();
        let types = self.env.module(module).fields.clone();
        let members = fields
            .into_iter()
            .zip(types.into_iter().chain(std::iter::repeat(Type::Any)))
            .collect();
        let helpers = self.env.program.module(module).helpers.clone();
        let helpers = helpers
            .into_iter()
            .map(|(name, id)| (name, self.helper_type(id)))
            .collect();
        Arc::new(ProgramType {
            name: self.env.program.module(module).name.clone(),
            module: Some(module),
            runs: Some(forward),
            inputs: sig.params.iter().map(input_of).collect(),
            output,
            members,
            helpers,
            signature: None,
        })
    }

    /// What a helper takes and returns as far as it is written: bodies are not asked, since they may need the module.
    fn helper_type(&mut self, id: FnId) -> FnType {
        let sig = self.sig(id);
        let params = sig.params.iter().map(|p| p.ty.clone().unwrap_or(Type::Any)).collect();
        let inferred = self.env.function(id).result.clone();
        FnType {
            needed: sig.arity().0,
            ..FnType::new(params, sig.result.clone().or(inferred).unwrap_or(Type::Any))
        }
    }

    /// What is wrong with a module as a whole.
    pub fn check_module_shape(&mut self, ast: &ast::Module) {
        let name = &ast.name.node;
        match ast.forwards.as_slice() {
            [] => {
                let message = format!("the module `{name}` has no `forward`");
                let help = "add `forward(…) { … }`: it is what a call of an instance runs";
                self.advise(codes::FORWARD, message, ast.name.span, "no `forward` in here", help);
            }
            [_] => {}
            [_, second, ..] => {
                let message = format!("the module `{name}` has more than one `forward`");
                let help = "make one of them a helper: `fn name(…) { … }`";
                self.advise(codes::FORWARD, message, second.name.span, "a second `forward`", help);
            }
        }
        for helper in &ast.helpers {
            if let Some(help) = habits::of_helper(&helper.name.node) {
                let message = format!("nothing calls a helper named `{}` by itself", helper.name.node);
                self.advise(codes::PYTHON_METHOD, message, helper.name.span, "Python's name", help);
            }
        }
        let mut seen: Vec<(EcoString, Span)> = Vec::new();
        let params = ast.params.iter().filter_map(|p| match &p.kind {
            ast::ParamKind::Named { name, .. } | ast::ParamKind::Rest { name, .. } => Some(name),
            ast::ParamKind::Fields(_) => None,
        });
        let names = params
            .chain(ast.members.iter().map(|m| &m.name))
            .chain(ast.helpers.iter().map(|h| &h.name));
        for name in names {
            if seen.iter().any(|(n, _)| *n == name.node) {
                let message = format!("`{}` is declared twice in the module `{}`", name.node, ast.name.node);
                let help = "parameters, members and helpers of a module need names of their own";
                self.advise(codes::DOUBLE_DECLARATION, message, name.span, "declared again", help);
            }
            seen.push((name.node.clone(), name.span));
        }
    }
}

fn input_of(param: &ParamSig) -> ParamType {
    ParamType {
        name: if param.kind == ParamKind::Fields {
            "...".into()
        } else {
            param.name.clone()
        },
        ty: param.ty.clone().unwrap_or(Type::Any),
        has_default: param.has_default,
    }
}
