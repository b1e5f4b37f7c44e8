//! Arguments meet parameters: positional, then named, spreads for what is left; type parameters are settled on the way,
//! lambdas last, so that they know what they are given.

use crate::diag::{Diagnostic, nearest};
use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, Arg, ExprKind, Name};
use crate::value::{EcoString, Type};

use super::access::list_names;
use super::checker::{Checker, Typed};
use super::codes;
use super::decl::{ParamKind, ParamSig};
use super::fit::{Fit, could_fit};
use super::generics::{Bindings, TypeParam, mentions};
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
struct Matching<'c> {
    callable: &'c Callable,
    params: Vec<ParamSig>,
    bindings: Bindings,
    types: Vec<Option<Type>>,
    /// Parameters that have their argument.
    filled: Vec<bool>,
    /// Takes inputs that are not known yet.
    open: bool,
    done: Vec<Option<hir::Arg>>,
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
            done: given.iter().map(|_| None).collect(),
        };
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
                let params = record.fields.iter().map(|field| ParamSig {
                    name: field.name.clone(),
                    ty: Some(field.ty.clone()),
                    has_default: field.optional,
                    kind: ParamKind::Plain,
                });
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

    fn positional(
        &mut self,
        m: &mut Matching<'_>,
        next: &mut usize,
        too_many: &mut usize,
        span: Span,
    ) -> Option<usize> {
        let place = *next;
        match m.params.get(place).map(|p| p.kind) {
            Some(ParamKind::Rest) => {
                m.filled[place] = true;
                return Some(place);
            }
            Some(_) => {
                *next += 1;
                m.filled[place] = true;
                return Some(place);
            }
            None if m.open => return None,
            None => {}
        }
        *too_many += 1;
        if *too_many == 1 {
            let name = &m.callable.name;
            let message = match m.params.len() {
                0 => format!("`{name}` takes no arguments"),
                1 => format!("`{name}` takes one argument"),
                n => format!("`{name}` takes {n} arguments"),
            };
            let names: Vec<EcoString> = m.params.iter().map(|p| p.name.clone()).collect();
            let help = match (names.is_empty(), m.callable.named) {
                (false, true) => format!("it takes {}", list_names(&names)),
                _ => "remove what is too much".to_owned(),
            };
            self.advise(codes::TOO_MANY_ARGUMENTS, message, span, "one too many", help);
        }
        None
    }

    fn named(&mut self, m: &mut Matching<'_>, name: &Name) -> Option<usize> {
        let callee = m.callable.name.clone();
        if !m.callable.named {
            let message = format!("`{callee}` is a function held in a value: it takes no names");
            let help = "give its arguments by position";
            self.advise(codes::UNKNOWN_ARGUMENT, message, name.span, "a name here", help);
            return None;
        }
        let found = m
            .params
            .iter()
            .position(|p| p.name == name.node && p.kind == ParamKind::Plain);
        match found {
            Some(place) if m.filled[place] => {
                let message = format!("`{callee}` gets `{}` twice", name.node);
                let help = "it was given before, by position or by name: remove one of the two";
                self.advise(codes::DOUBLE_ARGUMENT, message, name.span, "given again", help);
                None
            }
            Some(place) => {
                m.filled[place] = true;
                Some(place)
            }
            None if m.open => None,
            None => {
                let names: Vec<EcoString> = m.params.iter().map(|p| p.name.clone()).collect();
                let help = match nearest(&name.node, names.iter().map(EcoString::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => "it takes no arguments".to_owned(),
                    None => format!("it takes {}", list_names(&names)),
                };
                let message = format!("`{callee}` takes no `{}`", name.node);
                self.advise(codes::UNKNOWN_ARGUMENT, message, name.span, "unknown argument", help);
                None
            }
        }
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

    fn argument(&mut self, m: &mut Matching<'_>, given: Given<'_>, target: Option<usize>) -> hir::Arg {
        match given {
            Given::Spread(e) => self.spread_argument(m, e),
            Given::Checked(typed, span) => hir::Arg::Positional(self.fill(m, target, span, |_, _| typed)),
            Given::Positional(e) => hir::Arg::Positional(self.fill(m, target, e.span, |c, hint| c.expr(e, hint))),
            Given::CheckedNamed(name, typed, span) => {
                hir::Arg::Named(name.node.clone(), self.fill(m, target, span, |_, _| typed))
            }
            Given::Named(name, e) => {
                let value = self.fill(m, target, e.span, |c, hint| c.expr(e, hint));
                hir::Arg::Named(name.node.clone(), value)
            }
        }
    }

    /// Reads an argument for its parameter.
    fn fill(
        &mut self,
        m: &mut Matching<'_>,
        target: Option<usize>,
        span: Span,
        read: impl FnOnce(&mut Self, Option<&Type>) -> Typed,
    ) -> hir::Expr {
        let Some(param) = target.map(|place| m.params[place].clone()) else {
            return read(self, None).expr;
        };
        let Some(wanted) = &param.ty else {
            let typed = read(self, None);
            if let Some(place) = target {
                m.types[place] = Some(typed.ty);
            }
            return typed.expr;
        };
        let hint = m.bindings.resolve(wanted);
        let typed = read(self, Some(&hint));
        if mentions(wanted) {
            m.bindings.unify(wanted, &typed.ty, span);
        }
        if let Some(place) = target {
            m.types[place] = Some(typed.ty.clone());
        }
        let settled = m.bindings.resolve(wanted);
        let what = match m.callable.named {
            true => format!("`{}` of `{}` is", param.name, m.callable.name),
            false => format!("{} of `{}` is", param.name, m.callable.name),
        };
        self.coerce(typed, &settled, span, &what)
    }

    /// `f(...record)`: the fields that `f` takes and that were not written out.
    fn spread_argument(&mut self, m: &mut Matching<'_>, e: &ast::Expr) -> hir::Arg {
        let typed = self.expr(e, None);
        match self.without_none(&typed.ty, e, "`...`") {
            Type::Record(record) => {
                for place in 0..m.params.len() {
                    let param = m.params[place].clone();
                    let Some(field) = record.fields.iter().find(|f| f.name == param.name) else {
                        continue;
                    };
                    if m.filled[place] {
                        continue;
                    }
                    m.filled[place] = true;
                    m.types[place] = Some(field.ty.clone());
                    if let Some(wanted) = &param.ty {
                        m.bindings.unify(wanted, &field.ty, e.span);
                        let settled = m.bindings.resolve(wanted);
                        let given = if field.optional && param.has_default {
                            field.ty.without_none()
                        } else {
                            field.ty.clone()
                        };
                        // A text of a dataset may turn out to be one of a type's literals.
                        if self.fit(&given, &settled) == Fit::No && !could_fit(&given, &settled) {
                            let what = format!("`{}` of `{}` is", param.name, m.callable.name);
                            self.check_fit(&given, &settled, e.span, &what);
                        }
                    }
                }
                if !record.spreads.is_empty() {
                    m.filled.fill(true);
                }
            }
            Type::Any | Type::Never | Type::Dict(_) | Type::Union(_) => m.filled.fill(true),
            other => {
                let message = format!("`...` takes a record here, not `{other}`");
                let help = "only a record's fields can be spread into arguments";
                self.advise(codes::WRONG_TYPE, message, e.span, format!("this is `{other}`"), help);
                m.filled.fill(true);
            }
        }
        hir::Arg::Spread(typed.expr)
    }

    fn missing_arguments(&mut self, m: &Matching<'_>, span: Span) {
        let missing: Vec<EcoString> = m
            .params
            .iter()
            .zip(&m.filled)
            .filter(|(param, filled)| !**filled && !param.has_default && param.kind == ParamKind::Plain)
            .map(|(param, _)| param.name.clone())
            .collect();
        if missing.is_empty() {
            return;
        }
        let name = &m.callable.name;
        let message = match m.callable.named {
            true => format!("`{name}` needs {}", list_names(&missing)),
            false => format!("`{name}` needs {} arguments", m.params.len()),
        };
        let label = if missing.len() == 1 {
            "an argument is missing"
        } else {
            "arguments are missing"
        };
        let mut problem = Diagnostic::error(codes::MISSING_ARGUMENT, message, span, label);
        if let Some(place) = m.callable.place.filter(|place| !self.is_library(place.file)) {
            problem = problem.label(place, "declared here");
        }
        let all: Vec<EcoString> = m.params.iter().map(|p| p.name.clone()).collect();
        if m.callable.named {
            problem = problem.help(format!("it takes {}", list_names(&all)));
        }
        self.report(problem);
    }

    /// Bounds that depend on other parameters: rows must have the columns that a program takes.
    fn dependent_bounds(&mut self, bindings: &Bindings) {
        for (_, ty, bound, span) in bindings.dependent() {
            if could_fit(&ty, &bound) {
                continue;
            }
            let (Type::Record(rows), Type::Record(wanted)) = (&ty, &bound) else {
                self.check_fit(&ty, &bound, span, "a row is");
                continue;
            };
            for field in wanted.fields.iter().filter(|f| !f.optional) {
                let names = || rows.fields.iter().map(|f| f.name.as_str());
                if names().any(|name| name == field.name) {
                    continue;
                }
                let help = match nearest(&field.name, names()) {
                    Some(near) => format!("did you mean the column `{near}`?"),
                    None => format!(
                        "the rows have {}",
                        list_names(&rows.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>())
                    ),
                };
                let message = format!("these rows have no `{}`, which the program takes", field.name);
                self.advise(
                    codes::UNKNOWN_FIELD,
                    message,
                    span,
                    format!("no column `{}`", field.name),
                    help,
                );
            }
        }
    }
}
