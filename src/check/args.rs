//! Arguments meet parameters: positional, then named, spreads for what is left; type parameters are settled on the way,
//! lambdas last, so that they know what they are given.

use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, Arg, ExprKind, Name};
use crate::value::{EcoString, Type};

use super::argument::Misfit;
use super::checker::{Checker, Typed};
use super::decl::{ParamKind, ParamSig};
use super::generics::{Bindings, TypeParam};
use super::scope::Entry;

/// Something that takes arguments.
pub(super) struct Callable {
    pub name: EcoString,
    pub type_params: Vec<TypeParam>,
    pub params: Vec<ParamSig>,
    /// Whether its parameters have names that a caller may use.
    pub named: bool,
    /// Where it is declared.
    pub place: Option<Span>,
}

/// One argument, checked before (what stands before a dot) or not.
pub(super) enum Given<'e> {
    Checked(Typed, Span),
    Positional(&'e ast::Expr),
    Named(&'e Name, &'e ast::Expr),
    CheckedNamed(&'e Name, Typed, Span),
    Spread(&'e ast::Expr),
}

/// The arguments in the order they were written, and what was learned.
pub(super) struct Matched {
    pub args: Vec<hir::Arg>,
    pub bindings: Bindings,
    /// The type of each parameter's argument; none for one that was left out.
    pub types: Vec<Option<Type>>,
}

pub(super) fn givens<'e>(first: Option<Given<'e>>, args: &'e [Arg]) -> Vec<Option<Given<'e>>> {
    let rest = args.iter().map(|arg| match arg {
        Arg::Positional(e) => Given::Positional(e),
        Arg::Named { name, value } => Given::Named(name, value),
        Arg::Spread(e) => Given::Spread(e),
    });
    first.into_iter().chain(rest).map(Some).collect()
}

/// Arguments on their way to parameters.
pub(super) struct Matching<'c> {
    pub callable: &'c Callable,
    pub params: Vec<ParamSig>,
    pub bindings: Bindings,
    pub types: Vec<Option<Type>>,
    /// Parameters that have their argument.
    pub filled: Vec<bool>,
    /// Takes inputs that are not known yet.
    pub open: bool,
    /// Names of arguments that no parameter has.
    pub unknown: Vec<Name>,
    /// The last argument of a type that its parameter does not take.
    pub misfit: Option<Misfit>,
    done: Vec<Option<hir::Arg>>,
    /// Whether the first stands before a dot or a pipe.
    handed: bool,
}

impl Matching<'_> {
    /// The names of what can be written between the parentheses.
    pub fn names(&self) -> Vec<EcoString> {
        let params = self.params.iter().skip(usize::from(self.handed));
        params.map(|param| param.name.clone()).collect()
    }
}

/// Whether an argument stands before the call itself, as in `x.f()` and `x |> f`.
fn stands_before(given: Option<&Given<'_>>, call: Span) -> bool {
    let place = match given {
        Some(Given::Checked(_, span)) => *span,
        Some(Given::Positional(e)) => e.span,
        _ => return false,
    };
    place.file == call.file && place.start <= call.start
}

impl Checker<'_> {
    pub fn arguments(&mut self, callable: &Callable, mut given: Vec<Option<Given<'_>>>, span: Span) -> Matched {
        let mut m = Matching {
            callable,
            params: callable.params.clone(),
            bindings: Bindings::new(&callable.type_params),
            types: vec![None; callable.params.len()],
            filled: vec![false; callable.params.len()],
            open: false,
            unknown: Vec::new(),
            misfit: None,
            done: given.iter().map(|_| None).collect(),
            handed: given.first().is_some_and(|first| stands_before(first.as_ref(), span)),
        };
        self.options(callable, &given);
        self.open_fields(&mut m, &mut given);
        let targets = self.assign_params(&mut m, &given);
        for late in [false, true] {
            for (place, target) in targets.iter().enumerate() {
                if given[place].as_ref().is_some_and(|g| self.is_late(g) == late)
                    && let Some(given) = given[place].take()
                {
                    m.done[place] = Some(self.argument(&mut m, given, *target));
                }
            }
        }
        self.unknown_arguments(&mut m);
        self.missing_arguments(&m, span);
        self.dependent_bounds(&m.bindings);
        Matched {
            args: m.done.into_iter().flatten().collect(),
            bindings: m.bindings,
            types: m.types,
        }
    }

    /// `...inputs(S)` becomes the parameters that it stands for; what settles `S` is read first.
    fn open_fields(&mut self, m: &mut Matching<'_>, given: &mut [Option<Given<'_>>]) {
        let Some(at) = m.params.iter().position(|p| p.kind == ParamKind::Fields) else {
            return;
        };
        let mut next = 0;
        for (place, slot) in given.iter_mut().enumerate() {
            let target = match slot {
                Some(Given::Positional(_) | Given::Checked(..)) => {
                    next += 1;
                    Some(next - 1).filter(|target| *target < at)
                }
                Some(Given::Named(name, _) | Given::CheckedNamed(name, ..)) => {
                    m.params[..at].iter().position(|p| p.name == name.node)
                }
                _ => None,
            };
            if let Some(target) = target.filter(|target| !m.filled[*target]) {
                m.filled[target] = true;
                if let Some(given) = slot.take() {
                    m.done[place] = Some(self.argument(m, given, Some(target)));
                }
            }
        }
        let fields = m.params[at].ty.clone().unwrap_or(Type::Any);
        let fields = match fields {
            Type::InputsOf(_) => m.bindings.settle(&fields),
            other => other,
        };
        match fields {
            Type::Record(record) if record.spreads.is_empty() => {
                let params = record.fields.iter().map(ParamSig::of_field);
                let count = record.fields.len();
                m.params.splice(at..=at, params);
                m.types.splice(at..=at, vec![None; count]);
                m.filled.splice(at..=at, vec![false; count]);
            }
            _ => {
                m.open = true;
                m.params.remove(at);
                m.types.remove(at);
                m.filled.remove(at);
            }
        }
    }

    /// Which parameter each argument is for.
    fn assign_params(&mut self, m: &mut Matching<'_>, given: &[Option<Given<'_>>]) -> Vec<Option<usize>> {
        let mut next = m.filled.iter().take_while(|filled| **filled).count();
        let mut too_many = 0;
        let mut targets = Vec::new();
        for given in given {
            targets.push(match given {
                None | Some(Given::Spread(_)) => None,
                Some(Given::Checked(_, span)) => self.positional(m, &mut next, &mut too_many, *span),
                Some(Given::Positional(e)) => self.positional(m, &mut next, &mut too_many, e.span),
                Some(Given::Named(name, _) | Given::CheckedNamed(name, ..)) => self.named(m, name),
            });
        }
        targets
    }

    /// Whether an argument waits until the types of the others are known.
    pub fn is_late(&mut self, given: &Given<'_>) -> bool {
        let (Given::Positional(e) | Given::Named(_, e)) = given else {
            return matches!(given, Given::Spread(_));
        };
        match &e.kind {
            ExprKind::Lambda { .. } => true,
            ExprKind::Name(name) => {
                self.peek(name).is_none()
                    && (self.own_helper(name).is_some()
                        || matches!(
                            self.entry(name),
                            Some(Entry::Function(_) | Entry::Overloaded(_) | Entry::Module(_))
                        ))
            }
            _ => false,
        }
    }
}
