//! Results of functions: of a body as it stands, of one that is checked anew for the types of a use, of a function that
//! is used as a value.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diag::{Diagnostic, Problems, Severity};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{EcoString, FnId, FnType, ParamType, ProgramType, Type};

use super::checker::Checker;
use super::codes;
use super::decl::{FnSig, FnSource, ParamKind, ParamSig, State};
use super::generics::Bindings;

/// How many bodies are checked anew for one use; what is beyond counts as `any`.
const MOST_ANEW: u32 = 100;

impl Checker<'_> {
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
        let FnSource::Declared(function) = self.env.function(id).source.clone() else {
            return generic;
        };
        let ast::FnBody::Block(block) = &function.body else {
            return generic;
        };
        let says_nothing = |(param, ty): (&ParamSig, &Option<Type>)| {
            param.ty.is_some() || matches!(ty, Some(Type::Any)) || (ty.is_none() && !param.has_default)
        };
        if !sig.is_open() || sig.params.iter().zip(&types).all(says_nothing) || !self.may_descend() {
            return generic;
        }
        let types: Vec<Option<Type>> = sig
            .params
            .iter()
            .zip(types)
            .map(|(param, ty)| ty.filter(|_| param.ty.is_none()))
            .collect();
        if let Some((_, known)) = self.env.function(id).instances.iter().find(|(t, _)| *t == types) {
            return known.clone().unwrap_or(generic);
        }
        if !self.may_check_anew() {
            return generic;
        }
        // A recursion with ever larger types ends here.
        if self
            .env
            .function(id)
            .instances
            .iter()
            .filter(|(_, result)| result.is_none())
            .count()
            >= 3
        {
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
            c.bind_fields(&sig);
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

    /// Whether a body may be checked for one more use: those that one use brings about may double at each call within.
    pub fn may_check_anew(&mut self) -> bool {
        self.anew = if self.cx.dry {
            self.anew.saturating_sub(1)
        } else {
            MOST_ANEW
        };
        self.anew > 0
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
        let Some(places) = sig.positional() else {
            // What it takes is known when its `S` is.
            return Type::Any;
        };
        match expected.and_then(|ty| pick_function(ty, sig.arity())) {
            Some(wanted) => {
                let mut bindings = Bindings::new(&sig.type_params);
                let mut params = Vec::new();
                let mut types = vec![None; sig.params.len()];
                for (place, given) in wanted.params.iter().enumerate() {
                    let param = places.get(place).or(places.last());
                    match param.map(|p| (p, p.ty.as_ref())) {
                        Some((_, Some(ty))) => {
                            bindings.unify(ty, given, span);
                            params.push(bindings.resolve(ty));
                        }
                        Some((param, None)) => {
                            params.push(given.clone());
                            if let Some(at) = sig.params.iter().position(|p| p.name == param.name) {
                                types[at] = Some(given.clone());
                            }
                        }
                        None => params.push(given.clone()),
                    }
                }
                let result = self.instance(id, types, span);
                Type::Function(Arc::new(FnType {
                    needed: wanted.needed,
                    ..FnType::new(params, bindings.settle(&result))
                }))
            }
            None => {
                let bindings = Bindings::new(&sig.type_params);
                let resolved = |p: &ParamSig| p.ty.as_ref().map_or(Type::Any, |ty| bindings.resolve(ty));
                let params = places.iter().map(resolved).collect();
                let result = self.result(id, span);
                Type::Function(Arc::new(FnType {
                    needed: sig.arity().0,
                    rest: places.iter().any(|p| p.kind == ParamKind::Rest),
                    ..FnType::new(params, bindings.settle(&result))
                }))
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
            runs: Some(id),
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
        Type::Function(f) if needed <= f.needed && f.params.len() <= total && (!f.rest || total == usize::MAX) => {
            Some(f.clone())
        }
        _ => None,
    })
}
