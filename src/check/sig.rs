//! What a caller must know of a function, read from its declaration.

use std::collections::HashSet;
use std::sync::Arc;

use crate::source::{FileId, Span};
use crate::syntax::ast;
use crate::value::{FnId, ModuleId};

use super::checker::{Checker, Context};
use super::codes;
use super::decl::{FnSig, FnSource, ParamKind, ParamSig};
use super::generics::TypeParam;
use super::scope::BodyKind;

impl Checker<'_> {
    /// What a caller must know: read from the declaration when first asked for.
    pub fn sig(&mut self, id: FnId) -> Arc<FnSig> {
        if let Some(sig) = &self.env.function(id).sig {
            return sig.clone();
        }
        let source = self.env.function(id).source.clone();
        let sig = match source {
            FnSource::Declared(function) => {
                let file = self.env.program.function(id).file;
                let module = self.env.function(id).module;
                if let Some(module) = module {
                    // Its type parameters are the module's too.
                    self.sig(self.env.program.module(module).constructor);
                }
                self.read_sig(
                    file,
                    module,
                    &function.name,
                    &function.type_params,
                    &function.params,
                    &function.result,
                )
            }
            FnSource::Constructor => match self.env.function(id).module {
                Some(module) => self.constructor_sig(module),
                None => self.empty_sig(id),
            },
            _ => self.empty_sig(id),
        };
        let sig = Arc::new(sig);
        self.env.function_mut(id).sig = Some(sig.clone());
        sig
    }

    fn empty_sig(&self, id: FnId) -> FnSig {
        let function = self.env.program.function(id);
        FnSig {
            name: function.name.clone(),
            type_params: Vec::new(),
            params: Vec::new(),
            result: None,
            span: function.span,
        }
    }

    /// Reads types of parameters and result in their file.
    pub fn read_sig(
        &mut self,
        file: FileId,
        module: Option<ModuleId>,
        name: &ast::Name,
        type_params: &[ast::TypeParam],
        params: &[ast::Param],
        result: &Option<ast::TypeExpr>,
    ) -> FnSig {
        let mut context = Context::new(file, BodyKind::Function);
        context.type_params = module.map(|m| self.module_type_params(m)).unwrap_or_default();
        self.elsewhere(context, |c| {
            let type_params = c.read_type_params(type_params);
            let places = params.iter().map(|p| p.span);
            let params = params.iter().map(|p| c.read_param(p)).collect::<Vec<_>>();
            c.double_params(&params, places);
            let result = result.as_ref().map(|ty| c.type_expr(ty));
            FnSig {
                name: name.node.clone(),
                type_params,
                params,
                result,
                span: name.span,
            }
        })
    }

    fn read_type_params(&mut self, declared: &[ast::TypeParam]) -> Vec<TypeParam> {
        let first = self.cx.type_params.len();
        for param in declared {
            self.cx.type_params.push(TypeParam {
                name: param.name.node.clone(),
                bound: None,
            });
        }
        for (place, param) in declared.iter().enumerate() {
            let bound = param.bound.as_ref().map(|bound| self.type_expr(bound));
            self.cx.type_params[first + place].bound = bound;
        }
        self.cx.type_params[first..].to_vec()
    }

    fn read_param(&mut self, param: &ast::Param) -> ParamSig {
        match &param.kind {
            ast::ParamKind::Named { name, ty, default } => ParamSig {
                name: name.node.clone(),
                ty: ty.as_ref().map(|ty| self.type_expr(ty)),
                has_default: default.is_some(),
                kind: ParamKind::Plain,
            },
            ast::ParamKind::Rest { name, ty } => ParamSig {
                name: name.node.clone(),
                ty: Some(self.type_expr(ty)),
                has_default: true,
                kind: ParamKind::Rest,
            },
            ast::ParamKind::Fields(ty) => ParamSig {
                name: "inputs".into(),
                ty: Some(self.type_expr(ty)),
                has_default: false,
                kind: ParamKind::Fields,
            },
        }
    }

    fn double_params(&mut self, params: &[ParamSig], places: impl Iterator<Item = Span>) {
        let mut seen = HashSet::new();
        for (param, span) in params.iter().zip(places) {
            if !seen.insert(param.name.clone()) {
                let message = format!("the parameter `{}` is declared twice", param.name);
                self.advise(
                    codes::DOUBLE_FIELD,
                    message,
                    span,
                    "declared again",
                    "give one of them another name",
                );
            }
        }
    }
}
