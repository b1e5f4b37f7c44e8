//! Calls: what is called, and what comes out.

use std::sync::Arc;

use crate::hir::{self, Callee, Reach};
use crate::source::Span;
use crate::syntax::ast::{self, Arg, ExprKind};
use crate::value::{EcoString, FnId, FnType, ModuleId, ParamType, ProgramType, Type};

use super::args::{Callable, Given, Matched, givens};
use super::checker::{Checker, Typed};
use super::codes;
use super::decl::{ParamKind, ParamSig};
use super::generics::substitute_program;
use super::open::OpenLambda;
use super::scope::{BodyKind, Captured, Entry};

impl Checker<'_> {
    /// `f(a, k: 5)`; `first` is what `|>` put before the arguments.
    pub fn call(
        &mut self,
        callee: &ast::Expr,
        args: &[Arg],
        first: Option<Given<'_>>,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        let given = givens(first, args);
        let ExprKind::Name(name) = &callee.kind else {
            let typed = self.expr(callee, None);
            let name = self.text(callee.span);
            return self.call_value(typed, &name, callee, given, span);
        };
        if self.peek(name).is_some() {
            return self.call_named(name, callee, given, span);
        }
        if let Some(helper) = self.own_helper(name) {
            let object = self.whole(callee.span, Captured::Instance);
            let callee = Callee::Helper {
                object,
                function: helper,
            };
            return self.call_function(helper, callee, name, given, span);
        }
        match self.entry(name) {
            Some(entry) => self.call_entry(entry, name, callee, given, span, expected),
            None => {
                self.unknown_function(name, callee.span);
                self.check_anyway(given);
                self.broken(span)
            }
        }
    }

    /// A call of what a name in scope holds.
    pub fn call_named(
        &mut self,
        name: &EcoString,
        place: &ast::Expr,
        given: Vec<Option<Given<'_>>>,
        span: Span,
    ) -> Typed {
        let typed = self.name(place.span, name, None);
        match (self.named_lambda(name), typed.ty.clone()) {
            (Some(open), Type::Function(function)) => {
                self.call_closure(typed.expr, &function, Some(&open), name, given, span)
            }
            _ => self.call_value(typed, name, place, given, span),
        }
    }

    fn unknown_function(&mut self, name: &EcoString, span: Span) {
        if name == "configure" {
            let help = "inside functions and blocks, `with (lm: …) { … }` sets what its calls use";
            return self.advise(
                codes::CONFIGURE_PLACE,
                "`configure` is a statement of the top level",
                span,
                "not here",
                help,
            );
        }
        self.unknown_name(name, span);
    }

    /// The helper of the present module by this name, where it can be called.
    pub fn own_helper(&self, name: &str) -> Option<FnId> {
        let module = self
            .cx
            .module
            .filter(|_| self.cx.bodies[0].kind != BodyKind::Constructor)?;
        self.helper(module, name)
    }

    pub fn call_entry(
        &mut self,
        entry: Entry,
        name: &EcoString,
        place: &ast::Expr,
        given: Vec<Option<Given<'_>>>,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        match entry {
            Entry::Function(id) => self.call_function(id, Callee::Function(id), name, given, span),
            Entry::Overloaded(ids) => self.call_overloaded(&ids, name, given, span),
            Entry::Module(id) => self.construct(id, name, given, span),
            entry => {
                let typed = self.entry_value(entry, name, place.span, expected);
                self.call_value(typed, name, place, given, span)
            }
        }
    }

    /// A call of a function that is known by name.
    pub fn call_function(
        &mut self,
        id: FnId,
        callee: Callee,
        name: &EcoString,
        given: Vec<Option<Given<'_>>>,
        span: Span,
    ) -> Typed {
        let sig = self.sig(id);
        self.calls(id);
        let callable = Callable {
            name: name.clone(),
            type_params: sig.type_params.clone(),
            params: sig.params.clone(),
            named: true,
            place: Some(sig.span),
        };
        let literals = super::algebra::literal_arguments(&given);
        let matched = self.arguments(&callable, given, span);
        let Matched {
            mut args,
            bindings,
            types,
        } = matched;
        let first = types.first().cloned().flatten();
        let result = self.instance(id, types, span);
        let ty = bindings.settle(&result);
        let ty = self.known_result(id, ty, first.as_ref(), &literals, &mut args);
        let call = hir::Call {
            callee,
            args,
            name: name.clone(),
        };
        Typed::new(hir::ExprKind::Call(Box::new(call)), ty, span)
    }

    /// `Name(…)`: an instance of a module.
    fn construct(&mut self, id: ModuleId, name: &EcoString, given: Vec<Option<Given<'_>>>, span: Span) -> Typed {
        let constructor = self.env.program.module(id).constructor;
        let sig = self.sig(constructor);
        self.calls(constructor);
        let callable = Callable {
            name: name.clone(),
            type_params: sig.type_params.clone(),
            params: sig.params.clone(),
            named: true,
            place: Some(sig.span),
        };
        let Matched { args, bindings, .. } = self.arguments(&callable, given, span);
        if self.is_library(self.env.program.module(id).file) {
            let result = self.sig(self.env.program.module(id).forward).result.clone();
            self.signature_given(name, result.as_ref(), &bindings);
        }
        let program = self.module_type(id, span);
        let value = |name: &str| Some(bindings.value(name).cloned().unwrap_or(Type::Any));
        let ty = Type::Program(Some(Arc::new(substitute_program(&program, &value))));
        let call = hir::Call {
            callee: Callee::Function(constructor),
            args,
            name: name.clone(),
        };
        Typed::new(hir::ExprKind::Call(Box::new(call)), ty, span)
    }

    /// A call of a value: a closure, a program.
    pub fn call_value(
        &mut self,
        typed: Typed,
        name: &EcoString,
        place: &ast::Expr,
        given: Vec<Option<Given<'_>>>,
        span: Span,
    ) -> Typed {
        let declared = typed.ty.clone();
        let base = self.base(&declared);
        if base.members().len() > 1 && base.members().contains(&Type::None) {
            self.may_be_none(place, "a call");
        }
        let base = base.without_none();
        match &base {
            Type::Program(Some(program)) => {
                let program = program.clone();
                self.call_program(typed.expr, &program, name, given, span)
            }
            Type::Function(function) => self.call_closure(typed.expr, &function.clone(), None, name, given, span),
            Type::Union(members) if members.iter().all(is_callable) => {
                let takes = members.iter().find_map(|member| match member {
                    Type::Function(function) if function.takes(given.len()) => Some(function.clone()),
                    _ => None,
                });
                let program = members.iter().any(|member| matches!(member, Type::Program(_)));
                match takes {
                    Some(function) if !program => self.call_closure(typed.expr, &function, None, name, given, span),
                    _ => self.call_unknown(typed.expr, program, name, given, Type::Any, span),
                }
            }
            Type::Program(None) => {
                let result = match &declared {
                    // What a program of an open type returns is settled with it.
                    Type::Param(param) => Type::OutputsOf(param.clone()),
                    _ => Type::Any,
                };
                self.call_unknown(typed.expr, true, name, given, result, span)
            }
            Type::Any | Type::Optimizer | Type::Never => {
                self.call_unknown(typed.expr, false, name, given, Type::Any, span)
            }
            other => {
                self.not_callable(other, name, place);
                self.check_anyway(given);
                self.broken(span)
            }
        }
    }

    fn not_callable(&mut self, ty: &Type, name: &EcoString, place: &ast::Expr) {
        let shown = if name.len() <= 40 && !name.contains('\n') {
            format!("`{name}`")
        } else {
            "this".to_owned()
        };
        let help = match ty {
            Type::Signature(_) => format!("make a program of it first: `Predict({name})`, or a module that does more"),
            Type::Lm => "a model is used by `configure(lm: …)` or `with (lm: …) { … }`".to_owned(),
            _ => "only functions and programs can be called".to_owned(),
        };
        let message = match ty {
            Type::Signature(_) => format!("{shown} is a signature, which cannot be called"),
            _ => format!("{shown} is `{ty}`, which cannot be called"),
        };
        self.advise(codes::NOT_CALLABLE, message, place.span, "this is no function", help);
    }

    fn call_closure(
        &mut self,
        object: hir::Expr,
        function: &FnType,
        open: Option<&OpenLambda>,
        name: &EcoString,
        given: Vec<Option<Given<'_>>>,
        span: Span,
    ) -> Typed {
        let last = function.params.len().saturating_sub(1);
        let param = |(place, ty): (usize, &Type)| ParamSig {
            name: EcoString::from(format!("argument {}", place + 1)),
            ty: Some(ty.clone()),
            has_default: place >= function.needed,
            kind: match function.rest && place == last {
                true => ParamKind::Rest,
                false => ParamKind::Plain,
            },
        };
        let callable = Callable {
            name: name.clone(),
            type_params: Vec::new(),
            params: function.params.iter().enumerate().map(param).collect(),
            named: false,
            place: None,
        };
        self.reaches(Reach::ALL);
        let Matched { args, types, .. } = self.arguments(&callable, given, span);
        let result = open.and_then(|open| self.lambda_result(open, types, span));
        let result = result.unwrap_or_else(|| function.result.clone());
        value_call(Callee::Value(object), name, args, result, span)
    }

    /// A call of something that is known only when it runs; as a program, a function takes names too.
    fn call_unknown(
        &mut self,
        object: hir::Expr,
        program: bool,
        name: &EcoString,
        given: Vec<Option<Given<'_>>>,
        result: Type,
        span: Span,
    ) -> Typed {
        self.reaches(Reach::ALL);
        let args = self.check_anyway(given);
        let callee = match program {
            true => Callee::Program(object),
            false => Callee::Value(object),
        };
        value_call(callee, name, args, result, span)
    }

    fn call_program(
        &mut self,
        object: hir::Expr,
        program: &ProgramType,
        name: &EcoString,
        given: Vec<Option<Given<'_>>>,
        span: Span,
    ) -> Typed {
        let callable = Callable {
            name: name.clone(),
            type_params: Vec::new(),
            params: program.inputs.iter().map(input_param).collect(),
            named: true,
            place: program.module.map(|m| self.env.program.module(m).span),
        };
        let matched = self.arguments(&callable, given, span);
        let result = match program.module {
            Some(module) => {
                let forward = self.env.program.module(module).forward;
                self.calls(forward);
                let open = self.sig(forward);
                match open.is_open() && open.params.len() == matched.types.len() {
                    true => self.instance(forward, matched.types, span),
                    false => program.output.clone(),
                }
            }
            None => {
                self.reaches(Reach::ALL);
                program.output.clone()
            }
        };
        value_call(Callee::Program(object), name, matched.args, result, span)
    }

    /// Checks arguments of which nothing is wanted.
    pub fn check_anyway(&mut self, given: Vec<Option<Given<'_>>>) -> Vec<hir::Arg> {
        let mut args = Vec::new();
        for given in given.into_iter().flatten() {
            args.push(match given {
                Given::Checked(typed, _) => hir::Arg::Positional(typed.expr),
                Given::Positional(e) => hir::Arg::Positional(self.expr(e, None).expr),
                Given::CheckedNamed(name, typed, _) => hir::Arg::Named(name.node.clone(), typed.expr),
                Given::Named(name, e) => hir::Arg::Named(name.node.clone(), self.expr(e, None).expr),
                Given::Spread(e) => hir::Arg::Spread(self.expr(e, None).expr),
            });
        }
        args
    }
}

fn is_callable(ty: &Type) -> bool {
    matches!(ty, Type::Function(_) | Type::Program(_) | Type::Optimizer | Type::Any)
}

fn input_param(input: &ParamType) -> ParamSig {
    ParamSig {
        name: input.name.clone(),
        ty: Some(input.ty.clone()),
        has_default: input.has_default,
        kind: if input.name == "..." {
            ParamKind::Fields
        } else {
            ParamKind::Plain
        },
    }
}

fn value_call(callee: Callee, name: &EcoString, args: Vec<hir::Arg>, ty: Type, span: Span) -> Typed {
    let call = hir::Call {
        callee,
        args,
        name: name.clone(),
    };
    Typed::new(hir::ExprKind::Call(Box::new(call)), ty, span)
}
