//! Functions: what callers must know of them, and their bodies, checked once for the code and anew for the types of
//! arguments whose parameters have none.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diag::{Diagnostic, Problems, Severity};
use crate::hir;
use crate::source::{FileId, Span};
use crate::syntax::ast;
use crate::value::{EcoString, FnId, FnType, ModuleId, ParamType, ProgramType, Type};

use super::checker::{Checker, Context};
use super::codes;
use super::decl::{FnSig, FnSource, ParamKind, ParamSig, State};
use super::environment::index;
use super::generics::{Bindings, TypeParam, mentions};
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
            let body = c.function_block(block, sig.result.as_ref(), function);
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
        let module = self.env.function(id).module.map(|m| self.env.program.module(m).name.clone());
        // Calls of a native module's instances are calls of a model.
        let (name, reach) = match module {
            Some(module) if (self.env.natives.reach)(&module).is_some() => {
                (EcoString::from(format!("{module}.{name}")), Some(hir::Reach { model: true, effect: false }))
            }
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
        let info = self.env.function_mut(id);
        info.reach = info.reach.or(reach.unwrap_or(hir::Reach::ALL));
        info.model = reach.is_some_and(|r| r.model && !r.effect);
        info.result = Some(sig.result.clone().unwrap_or(Type::None));
    }

    fn in_library_file(&self, id: FnId) -> bool {
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
    fn function_context(&self, id: FnId, sig: &FnSig) -> Context {
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
                param.inputs = inputs;
            }
        }
        params
    }

    fn bind_param(&mut self, param: &ast::Param, known: &ParamSig, given: Option<Type>) -> hir::Param {
        let mut hir_default = None;
        let mut ty = known.ty.clone().or(given);
        if let ast::ParamKind::Named { default: Some(default), .. } = &param.kind {
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
            _ => ty.unwrap_or(Type::Any),
        };
        self.bind(&known.name, ty, Mutability::Param, param.span);
        hir::Param {
            name: known.name.clone(),
            ty: known.ty.as_ref().filter(|ty| !mentions(ty) && **ty != Type::Any).cloned(),
            default: hir_default,
            rest: known.kind == ParamKind::Rest,
            inputs: None,
        }
    }

    /// Where `...inputs(S)` finds its `S`: in a parameter of the function or of its module.
    fn inputs_from(&self, sig: &FnSig) -> Option<hir::InputsFrom> {
        let fields = sig.params.iter().find(|p| p.kind == ParamKind::Fields)?;
        let Some(Type::InputsOf(wanted)) = &fields.ty else { return None };
        let settles = |p: &ParamSig| p.ty.as_ref() == Some(&Type::Param(wanted.clone()));
        if let Some(place) = sig.params.iter().position(settles) {
            return Some(hir::InputsFrom::Param(index(place)));
        }
        let module = self.cx.module?;
        let sig = self.env.function(self.env.program.module(module).constructor).sig.clone()?;
        sig.params.iter().position(settles).map(|place| hir::InputsFrom::Field(index(place)))
    }

    fn function_block(
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
                self.read_sig(file, module, &function.name, &function.type_params, &function.params, &function.result)
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
            let params = params.iter().map(|p| c.read_param(p)).collect::<Vec<_>>();
            c.double_params(&params, name.span);
            let result = result.as_ref().map(|ty| c.type_expr(ty));
            FnSig { name: name.node.clone(), type_params, params, result, span: name.span }
        })
    }

    fn read_type_params(&mut self, declared: &[ast::TypeParam]) -> Vec<TypeParam> {
        let first = self.cx.type_params.len();
        for param in declared {
            self.cx.type_params.push(TypeParam { name: param.name.node.clone(), bound: None });
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

    fn double_params(&mut self, params: &[ParamSig], span: Span) {
        let mut seen = HashSet::new();
        for param in params {
            if !seen.insert(param.name.clone()) {
                let message = format!("the parameter `{}` is declared twice", param.name);
                self.advise(codes::DOUBLE_FIELD, message, span, "in this declaration", "give one of them another name");
            }
        }
    }

    /// What a function yields whatever its arguments are.
    pub fn result(&mut self, id: FnId, span: Span) -> Type {
        let sig = self.sig(id);
        if let Some(result) = &sig.result {
            return result.clone();
        }
        match self.env.function(id).state {
            State::Waiting if self.may_descend() => self.check_function(id),
            State::Running => self.warn_recursion(id, span),
            _ => {}
        }
        self.env.function(id).result.clone().unwrap_or(Type::Any)
    }

    fn warn_recursion(&mut self, id: FnId, span: Span) {
        let name = self.env.program.function(id).name.clone();
        if !matches!(self.env.function(id).source, FnSource::Declared(_)) || self.env.function(id).warned {
            return;
        }
        self.env.function_mut(id).warned = true;
        let message = format!("`{name}` calls itself, so its result counts as `any`");
        let place = self.sig(id).span;
        self.report(
            Diagnostic::warning(codes::UNTYPED_RECURSION, message, place, "its result has no type")
                .label(span, "called again here")
                .help("write its result type: `fn name(…) -> type { … }`"),
        );
    }

    /// Checks an open body anew for the types of a use; what is wrong only then is shown in the body, with a note at
    /// the use.
    pub fn instance(&mut self, id: FnId, types: Vec<Option<Type>>, use_span: Span) -> Type {
        let generic = self.result(id, use_span);
        let sig = self.sig(id);
        let FnSource::Declared(function) = self.env.function(id).source.clone() else { return generic };
        let ast::FnBody::Block(block) = &function.body else { return generic };
        let says_nothing = |(param, ty): (&ParamSig, &Option<Type>)| {
            param.ty.is_some() || matches!(ty, Some(Type::Any)) || (ty.is_none() && !param.has_default)
        };
        if !sig.is_open() || sig.params.iter().zip(&types).all(says_nothing) || !self.may_descend() {
            return generic;
        }
        let types: Vec<Option<Type>> =
            sig.params.iter().zip(types).map(|(param, ty)| ty.filter(|_| param.ty.is_none())).collect();
        if let Some((_, known)) = self.env.function(id).instances.iter().find(|(t, _)| *t == types) {
            return known.clone().unwrap_or(generic);
        }
        // A recursion with ever larger types ends here.
        if self.env.function(id).instances.iter().filter(|(_, result)| result.is_none()).count() >= 3 {
            return generic;
        }
        self.check_function(id);
        let place = self.env.function(id).instances.len();
        self.env.function_mut(id).instances.push((types.clone(), None));
        let outer = std::mem::take(&mut self.trial);
        let mut context = self.function_context(id, &sig);
        context.dry = true;
        let result = self.elsewhere(context, |c| {
            c.bind_params(&function, &sig, Some(&types));
            let (_, ty) = c.function_block(block, sig.result.as_ref(), &function);
            c.finish_result(sig.result.as_ref(), ty)
        });
        let found = std::mem::replace(&mut self.trial, outer);
        if !self.in_library_file(id) {
            self.show_with_use(found, use_span);
        }
        self.env.function_mut(id).instances[place].1 = Some(result.clone());
        result
    }

    /// Errors that a use brought to light, each once.
    pub fn show_with_use(&mut self, found: Problems, use_span: Span) {
        if self.cx.dry {
            return self.trial.extend(found);
        }
        let known: HashSet<_> = self.problems.iter().map(|d| (d.code, d.span())).collect();
        for mut diagnostic in found.sorted() {
            let key = (diagnostic.code, diagnostic.span());
            if diagnostic.severity == Severity::Warning || known.contains(&key) || !self.shown.insert(key) {
                continue;
            }
            diagnostic.labels.truncate(1);
            self.report(diagnostic.label(use_span, "for the types of this use"));
        }
    }

    /// The type of a function's name as a value. Where a function of known types is wanted it is checked for them; where
    /// a program is wanted it is one.
    pub fn function_value_type(&mut self, id: FnId, span: Span, expected: Option<&Type>) -> Type {
        let sig = self.sig(id);
        if expected.is_some_and(|ty| matches!(ty, Type::Program(_))) {
            return self.function_as_program(id, &sig, span);
        }
        let plain: Vec<&ParamSig> = sig.params.iter().filter(|p| p.kind != ParamKind::Fields).collect();
        match expected.and_then(|ty| pick_function(ty, sig.arity())) {
            Some(wanted) => {
                let mut bindings = Bindings::new(&sig.type_params);
                let mut params = Vec::new();
                let mut types = vec![None; sig.params.len()];
                for (place, given) in wanted.params.iter().enumerate() {
                    let param = plain.get(place).or(plain.last());
                    match param.and_then(|p| p.ty.as_ref()) {
                        Some(ty) => {
                            bindings.unify(ty, given, span);
                            params.push(bindings.resolve(ty));
                        }
                        None => {
                            params.push(given.clone());
                            if let Some(ty) = types.get_mut(place) {
                                *ty = Some(given.clone());
                            }
                        }
                    }
                }
                let result = self.instance(id, types, span);
                Type::Function(Arc::new(FnType { params, result: bindings.settle(&result) }))
            }
            None => {
                let bindings = Bindings::new(&sig.type_params);
                let params = plain.iter().map(|p| p.ty.as_ref().map_or(Type::Any, |ty| bindings.resolve(ty))).collect();
                let result = self.result(id, span);
                Type::Function(Arc::new(FnType { params, result: bindings.settle(&result) }))
            }
        }
    }

    fn function_as_program(&mut self, id: FnId, sig: &FnSig, span: Span) -> Type {
        let output = self.result(id, span);
        let input = |p: &ParamSig| ParamType {
            name: p.name.clone(),
            ty: p.ty.clone().unwrap_or(Type::Any),
            has_default: p.has_default,
        };
        Type::Program(Some(Arc::new(ProgramType {
            name: EcoString::from(format!("fn {}", sig.name)),
            module: None,
            inputs: sig.params.iter().map(input).collect(),
            output: Bindings::new(&sig.type_params).settle(&output),
            members: Vec::new(),
            helpers: Vec::new(),
            signature: None,
        })))
    }
}

/// The function type that is wanted, if one of this arity is.
pub(super) fn pick_function(expected: &Type, (needed, total): (usize, usize)) -> Option<Arc<FnType>> {
    expected.members().iter().find_map(|member| match member {
        Type::Function(f) if needed <= f.params.len() && f.params.len() <= total => Some(f.clone()),
        _ => None,
    })
}
