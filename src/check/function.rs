//! Functions: what callers must know of them, and their bodies, checked once for the code and anew for the types of
//! arguments whose parameters have none.

use std::sync::Arc;

use crate::hir;
use crate::syntax::ast;
use crate::value::{EcoString, FnId, RecordType, Type};

use super::checker::{Checker, Context};
use super::codes;
use super::decl::{FnSig, FnSource, ParamKind, ParamSig, State};
use super::environment::index;
use super::generics::mentions;
use super::scope::{Body, BodyKind, Mutability};

impl Checker<'_> {
    /// Checks a function's body if that was not done yet.
    pub fn check_function(&mut self, id: FnId) {
        if self.env.function(id).state != State::Waiting {
            return;
        }
        self.env.function_mut(id).state = State::Running;
        match self.env.function(id).source.clone() {
            FnSource::Inner => {}
            FnSource::Declared(function) => self.check_declared(id, &function),
            FnSource::Constructor => self.check_constructor(id),
            FnSource::Condition(source) => self.check_condition(id, &source),
            FnSource::Test(test) => self.check_test(id, &test),
        }
        self.env.function_mut(id).state = State::Done;
    }

    fn check_declared(&mut self, id: FnId, function: &Arc<ast::Function>) {
        let sig = self.sig(id);
        let ast::FnBody::Block(block) = &function.body else {
            return self.check_native(id, function, &sig);
        };
        let context = self.function_context(id, &sig);
        let file = context.file;
        let (params, body, result, frame) = self.elsewhere(context, |c| {
            let params = c.bind_params(function, &sig, None);
            let fields = c.bind_fields(&sig);
            let mut body = c.function_block(block, sig.result.as_ref(), function);
            body.0.stmts.splice(0..0, fields);
            let result = c.finish_result(sig.result.as_ref(), body.1);
            (params, body.0, result, c.leave_body())
        });
        self.store(id, hir::Body::Block(body), params, &frame);
        let declared = self.env.program.functions[id.0 as usize].file;
        debug_assert_eq!(declared, file);
        self.env.program.functions[id.0 as usize].result = sig.result.as_ref().filter(|ty| !mentions(ty)).cloned();
        self.env.function_mut(id).result = Some(result);
    }

    /// Writes what was checked of a body into the program.
    pub fn store(&mut self, id: FnId, body: hir::Body, params: Vec<hir::Param>, frame: &Body) {
        let function = &mut self.env.program.functions[id.0 as usize];
        function.body = body;
        function.params = params;
        function.slots = frame.slots;
        function.captures = index(frame.captures.len());
        let info = self.env.function_mut(id);
        info.reach = frame.reach;
        info.calls.clone_from(&frame.calls);
        info.model = frame.model;
    }

    fn check_native(&mut self, id: FnId, function: &ast::Function, sig: &FnSig) {
        let name = function.name.node.clone();
        let module = self
            .env
            .function(id)
            .module
            .map(|m| self.env.program.module(m).name.clone());
        // Calls of a native module's instances are calls of a model.
        let (name, reach) = match module {
            Some(module) if (self.env.natives.reach)(&module).is_some() => (
                EcoString::from(format!("{module}.{name}")),
                Some(hir::Reach {
                    model: true,
                    effect: false,
                }),
            ),
            Some(_) => (name, None),
            None => (name.clone(), (self.env.natives.reach)(&name)),
        };
        let reach = reach.filter(|_| self.in_library_file(id));
        if reach.is_none() {
            let message = format!("`{name}` has no body");
            let help = "write the body in braces: `fn name(…) { … }`; only the library has functions without one";
            self.advise(codes::NO_BODY, message, function.head, "a body is missing", help);
        }
        let context = self.function_context(id, sig);
        let (params, frame) = self.elsewhere(context, |c| (c.bind_params(function, sig, None), c.leave_body()));
        self.store(id, hir::Body::Native(name), params, &frame);
        self.env.program.functions[id.0 as usize].result = sig.result.as_ref().filter(|ty| !mentions(ty)).cloned();
        let info = self.env.function_mut(id);
        info.reach = info.reach.or(reach.unwrap_or(hir::Reach::ALL));
        info.model = reach.is_some_and(|r| r.model && !r.effect);
        info.result = Some(sig.result.clone().unwrap_or(Type::None));
    }

    pub fn in_library_file(&self, id: FnId) -> bool {
        self.is_library(self.env.program.function(id).file)
    }

    fn check_test(&mut self, id: FnId, test: &ast::Test) {
        let file = self.env.program.function(id).file;
        let (block, frame) = self.elsewhere(Context::new(file, BodyKind::Function), |c| {
            let (block, _) = c.block(&test.body, None);
            (block, c.leave_body())
        });
        self.store(id, hir::Body::Block(block), Vec::new(), &frame);
        self.env.function_mut(id).result = Some(Type::None);
    }

    /// The place in which a declared function is checked.
    pub fn function_context(&self, id: FnId, sig: &FnSig) -> Context {
        let function = self.env.program.function(id);
        let mut context = Context::new(function.file, BodyKind::Function);
        context.module = self.env.function(id).module;
        if let Some(module) = context.module {
            context.bodies[0].fresh_slot();
            context.type_params = self.module_type_params(module);
        }
        context.type_params.extend(sig.type_params.iter().cloned());
        context
    }

    /// Gives the parameters their slots; `types` are those of a use, for parameters without one.
    pub fn bind_params(
        &mut self,
        function: &ast::Function,
        sig: &FnSig,
        types: Option<&[Option<Type>]>,
    ) -> Vec<hir::Param> {
        let mut params = Vec::new();
        for (place, (param, known)) in function.params.iter().zip(&sig.params).enumerate() {
            let given = types.and_then(|types| types.get(place).cloned().flatten());
            params.push(self.bind_param(param, known, given));
        }
        let inputs = self.inputs_from(sig);
        for (param, known) in params.iter_mut().zip(&sig.params) {
            if known.kind == ParamKind::Fields {
                param.inputs.clone_from(&inputs);
            }
        }
        params
    }

    fn bind_param(&mut self, param: &ast::Param, known: &ParamSig, given: Option<Type>) -> hir::Param {
        let mut hir_default = None;
        let mut ty = known.ty.clone().or(given);
        if let ast::ParamKind::Named {
            default: Some(default), ..
        } = &param.kind
        {
            let checked = match &known.ty {
                Some(ty) => (self.want(default, ty, "this parameter is"), Type::Any),
                None => {
                    let typed = self.expr(default, None);
                    (typed.expr, typed.ty)
                }
            };
            // Checked for a use that leaves it out: it has the default's type.
            if ty.is_none() && self.cx.dry {
                ty = Some(checked.1);
            }
            hir_default = Some(checked.0);
        }
        let ty = match known.kind {
            ParamKind::Rest => Type::list(ty.unwrap_or(Type::Any)),
            ParamKind::Fields => filled(ty.unwrap_or(Type::Any)),
            _ => ty.unwrap_or(Type::Any),
        };
        self.bind(&known.name, ty, Mutability::Param, param.span);
        hir::Param {
            name: known.name.clone(),
            ty: known
                .ty
                .as_ref()
                .filter(|ty| !mentions(ty) && **ty != Type::Any)
                .cloned(),
            default: hir_default,
            rest: known.kind == ParamKind::Rest,
            inputs: None,
        }
    }

    pub fn function_block(
        &mut self,
        block: &ast::Block,
        wanted: Option<&Type>,
        function: &ast::Function,
    ) -> (hir::Block, Type) {
        self.body().result = wanted.cloned();
        match wanted {
            Some(wanted) => {
                let what = format!("`{}` returns", function.name.node);
                (self.block_wanting(block, wanted, &what), wanted.clone())
            }
            None => self.block(block, None),
        }
    }

    /// The type of a body: what its block and its `return`s yield.
    pub fn finish_result(&mut self, wanted: Option<&Type>, block: Type) -> Type {
        match wanted {
            Some(wanted) => wanted.clone(),
            None => {
                let returns = std::mem::take(&mut self.body().returns);
                Type::union(returns.into_iter().chain([block]))
            }
        }
    }

    /// The frame of a body that was checked to its end.
    pub fn leave_body(&mut self) -> Body {
        std::mem::replace(self.body(), Body::new(BodyKind::Function))
    }
}

/// The record that `...Row` takes: a field that was left out has its default, where it has one.
fn filled(ty: Type) -> Type {
    let Type::Record(record) = &ty else { return ty };
    let mut record = RecordType::clone(record);
    for field in &mut record.fields {
        field.optional &= field.default.is_none();
    }
    Type::Record(Arc::new(record))
}
