//! Which parameter an argument is for: too many arguments, unknown ones, missing ones, one that is given twice.

use crate::diag::{Diagnostic, nearest};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::value::{EcoString, SETTING_NAMES};

use super::access::list_names;
use super::args::Matching;
use super::checker::Checker;
use super::codes;
use super::decl::{ParamKind, ParamSig};
use super::habits;

impl Checker<'_> {
    pub(super) fn positional(
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
            let names = m.names();
            let message = match names.len() {
                0 if m.params.len() == 1 => format!("`{name}` takes no further arguments"),
                0 => format!("`{name}` takes no arguments"),
                1 => format!("`{name}` takes one argument"),
                n => format!("`{name}` takes {n} arguments"),
            };
            let help = match (names.is_empty(), m.callable.named) {
                (false, true) => format!("it takes {}", list_names(&names)),
                _ => "remove what is too much".to_owned(),
            };
            self.advise(codes::TOO_MANY_ARGUMENTS, message, span, "one too many", help);
        }
        None
    }

    pub(super) fn named(&mut self, m: &mut Matching<'_>, name: &Name) -> Option<usize> {
        let callee = m.callable.name.clone();
        if !m.callable.named {
            let message = format!("`{callee}` is a function held in a value: it takes no names");
            let help = "give its arguments by position";
            self.advise(codes::UNKNOWN_ARGUMENT, message, name.span, "a name here", help);
            // It was meant for some parameter, which is then not missing too.
            if let Some(free) = m.filled.iter_mut().find(|filled| !**filled) {
                *free = true;
            }
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
                m.unknown.push(name.clone());
                None
            }
        }
    }

    /// Named arguments that no parameter has; one that is near to a missing parameter counts as that.
    pub(super) fn unknown_arguments(&mut self, m: &mut Matching<'_>) {
        let callee = m.callable.name.clone();
        let alone = m.unknown.len() == 1;
        for name in std::mem::take(&mut m.unknown) {
            let left = |m: &Matching<'_>| -> Vec<EcoString> {
                let free = m.params.iter().zip(&m.filled).filter(|(_, filled)| !**filled);
                free.map(|(param, _)| param.name.clone()).collect()
            };
            let missing = missing_params(m);
            let free = left(m);
            let near = nearest(&name.node, free.iter().map(EcoString::as_str)).map(EcoString::from);
            let meant = near.or_else(|| missing.first().filter(|_| alone && missing.len() == 1).cloned());
            if let Some(place) = meant.as_ref().and_then(|n| m.params.iter().position(|p| p.name == *n)) {
                m.filled[place] = true;
            }
            let names = m.names();
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if let Some(instead) = habits::of_argument(&name.node) => instead.to_owned(),
                None => {
                    let taken = match names.is_empty() {
                        true => "it takes no arguments".to_owned(),
                        false => format!("it takes {}", list_names(&names)),
                    };
                    match SETTING_NAMES.contains(&name.node.as_str()) {
                        true => format!(
                            "{taken}; a setting stands around the call: `with ({}: …) {{ … }}`",
                            name.node
                        ),
                        false => taken,
                    }
                }
            };
            let message = format!("`{callee}` takes no `{}`", name.node);
            self.advise(codes::UNKNOWN_ARGUMENT, message, name.span, "unknown argument", help);
        }
    }

    pub(super) fn missing_arguments(&mut self, m: &Matching<'_>, span: Span) {
        let missing = missing_params(m);
        if missing.is_empty() {
            return;
        }
        let name = &m.callable.name;
        let message = match m.callable.named {
            true => format!("`{name}` needs {}", list_names(&missing)),
            false if m.params.len() == 1 => format!("`{name}` needs one argument"),
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
        let all = m.names();
        if m.callable.named {
            problem = problem.help(format!("it takes {}", list_names(&all)));
        }
        self.report(problem);
    }
}

/// Parameters that need an argument and have none.
fn missing_params(m: &Matching<'_>) -> Vec<EcoString> {
    let needed =
        |(param, filled): &(&ParamSig, &bool)| !**filled && !param.has_default && param.kind == ParamKind::Plain;
    let missing = m.params.iter().zip(&m.filled).filter(needed);
    missing.map(|(param, _)| param.name.clone()).collect()
}
