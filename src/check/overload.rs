//! Library functions that are declared for several kinds of arguments: `round(x)` and `round(x, digits)`.

use crate::hir::Callee;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{EcoString, FnId, Type};

use super::args::Given;
use super::checker::{Checker, Typed};
use super::decl::{FnSig, ParamKind};
use super::expr::wants_signature;
use super::fit::{Fit, fit};
use super::generics::Bindings;
use super::instance::pick_function;

impl Checker<'_> {
    /// Calls the first declaration that takes the arguments; if none does, the one that comes nearest says why.
    pub fn call_overloaded(
        &mut self,
        ids: &[FnId],
        name: &EcoString,
        mut given: Vec<Option<Given<'_>>>,
        span: Span,
    ) -> Typed {
        let id = match ids {
            [only] => *only,
            _ => {
                if let Some(Some(Given::Positional(e))) = given.first()
                    && let ast::ExprKind::Str(text) = &e.kind
                    && self.one_wants_signature(ids)
                {
                    given[0] = Some(Given::Checked(self.inline_signature(text, e.span), e.span));
                }
                self.read_early(&mut given);
                self.choose(ids, &given)
            }
        };
        self.call_function(id, Callee::Function(id), name, given, span)
    }

    /// Whether a text literal that is their first argument is a signature: one of them takes that, and none a text.
    pub fn one_wants_signature(&mut self, ids: &[FnId]) -> bool {
        let mut wanted = false;
        for id in ids {
            let sig = self.sig(*id);
            let Some(ty) = sig.params.first().and_then(|param| param.ty.as_ref()) else {
                return false;
            };
            let ty = Bindings::new(&sig.type_params).resolve(ty);
            wanted |= wants_signature(&ty);
            if fit(&Type::Str, &ty) == Fit::Yes {
                return false;
            }
        }
        wanted
    }

    /// Types the arguments that need no hint, once for all declarations.
    fn read_early(&mut self, given: &mut [Option<Given<'_>>]) {
        for slot in given {
            if slot.as_ref().is_some_and(|given| self.is_late(given)) {
                continue;
            }
            *slot = match slot.take() {
                Some(Given::Positional(e)) => Some(Given::Checked(self.expr(e, None), e.span)),
                Some(Given::Named(name, e)) => Some(Given::CheckedNamed(name, self.expr(e, None), e.span)),
                other => other,
            };
        }
    }

    fn choose(&mut self, ids: &[FnId], given: &[Option<Given<'_>>]) -> FnId {
        let mut by_count = None;
        for &id in ids {
            let sig = self.sig(id);
            if takes_count(&sig, given) {
                if self.takes_types(&sig, given) {
                    return id;
                }
                by_count = by_count.or(Some(id));
            }
        }
        by_count.unwrap_or(ids[ids.len() - 1])
    }

    fn takes_types(&self, sig: &FnSig, given: &[Option<Given<'_>>]) -> bool {
        let bindings = Bindings::new(&sig.type_params);
        let mut position = 0;
        given.iter().flatten().all(|given| {
            let param = match given {
                Given::Named(name, _) | Given::CheckedNamed(name, ..) => {
                    sig.params.iter().find(|p| p.name == name.node)
                }
                Given::Spread(_) => return true,
                _ => {
                    let param = sig.params.get(position);
                    if param.is_some_and(|p| p.kind == ParamKind::Plain) {
                        position += 1;
                    }
                    param
                }
            };
            let Some(wanted) = param.and_then(|p| p.ty.as_ref()) else {
                return true;
            };
            let wanted = bindings.resolve(wanted);
            match given {
                Given::Checked(typed, _) | Given::CheckedNamed(_, typed, _) => {
                    fit(&self.base(&typed.ty), &wanted) != Fit::No
                }
                // A lambda, or a function's name.
                _ => wanted
                    .members()
                    .iter()
                    .any(|m| matches!(m, Type::Function(_) | Type::Program(_) | Type::Optimizer | Type::Any)),
            }
        })
    }

    /// Which declaration is meant where only the number of arguments is known.
    pub fn overload_by_count(&mut self, ids: &[FnId], count: usize) -> Option<FnId> {
        let fits = ids.iter().copied().find(|id| {
            let (needed, total) = self.sig(*id).arity();
            needed <= count && count <= total
        });
        fits.or(ids.last().copied())
    }

    /// Which declaration a name means as a value.
    pub fn overload_as_value(&mut self, ids: &[FnId], expected: Option<&Type>) -> FnId {
        let fits = ids.iter().copied().find(|id| {
            let arity = self.sig(*id).arity();
            expected.is_some_and(|ty| pick_function(ty, arity).is_some())
        });
        fits.unwrap_or(ids[0])
    }
}

/// Whether a declaration takes so many arguments of these names.
fn takes_count(sig: &FnSig, given: &[Option<Given<'_>>]) -> bool {
    if given.iter().flatten().any(|g| matches!(g, Given::Spread(_))) {
        return true;
    }
    let names: Vec<&EcoString> = given
        .iter()
        .flatten()
        .filter_map(|g| match g {
            Given::Named(name, _) | Given::CheckedNamed(name, ..) => Some(&name.node),
            _ => None,
        })
        .collect();
    let positional = given.len() - names.len();
    let (_, total) = sig.arity();
    let known = names
        .iter()
        .all(|name| sig.params.iter().skip(positional).any(|p| p.name == **name));
    let missing = sig
        .params
        .iter()
        .skip(positional)
        .any(|p| p.kind == ParamKind::Plain && !p.has_default && !names.contains(&&p.name));
    positional <= total && known && !missing
}
