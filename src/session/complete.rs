//! What can be written where a cursor stands, for someone who types a line. Both questions are answered at once, and not
//! at all while something runs.

use super::spot::{OpenCall, Spot, SpotKind};
use super::{Session, State};
use crate::check::{About, Parameter, field_names, params_of};
use crate::syntax::token::{Kind, RESERVED, tokens};
use crate::value::{EcoString, SETTING_NAMES, Type};

/// What may stand in the place of the last word.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completion {
    /// Where the word begins.
    pub start: usize,
    /// What it may become, the likeliest first.
    pub candidates: Vec<String>,
}

impl Session {
    /// What the word at the end of `text` may become: fields behind a dot, in a call the arguments that are still
    /// missing, names. `None` inside a string, where a path may stand.
    pub fn complete(&self, text: &str) -> Option<Completion> {
        let Ok(mut state) = self.state.try_lock() else {
            return Some(Completion::default());
        };
        state.take_back();
        let spot = Spot::of(text);
        let candidates = match &spot.kind {
            SpotKind::Text => return None,
            SpotKind::Field { object } => state.members(object),
            SpotKind::Name => state.words(&spot, text),
        };
        let fits = |candidate: &String| candidate.starts_with(spot.word);
        Some(Completion {
            start: spot.start,
            candidates: candidates.into_iter().filter(fits).collect(),
        })
    }

    /// The parameters that the call around the end of `text` still wants, if an argument begins there: `k: int = 3)`.
    pub fn hint(&self, text: &str) -> Option<String> {
        let spot = Spot::of(text);
        let call = spot.call.filter(|call| call.fresh && spot.word.is_empty())?;
        let mut state = self.state.try_lock().ok()?;
        state.take_back();
        let missing: Vec<String> = state.missing(&call).into_iter().map(|param| param.text).collect();
        (!missing.is_empty()).then(|| format!("{})", missing.join(", ")))
    }
}

impl State {
    /// What may stand behind a value's dot: its fields, members and helpers; of a value without any, functions.
    fn members(&mut self, object: &str) -> Vec<String> {
        if let [file] = self.about(object).as_slice()
            && !file.exports.is_empty()
        {
            return file.exports.iter().map(EcoString::to_string).collect();
        }
        let Ok(ty) = self.type_of(object) else {
            return Vec::new();
        };
        let names: Vec<String> = field_names(&ty).iter().map(EcoString::to_string).collect();
        match names.is_empty() {
            true => self.names().iter().map(EcoString::to_string).collect(),
            false => names,
        }
    }

    fn words(&mut self, spot: &Spot<'_>, text: &str) -> Vec<String> {
        let arguments = spot
            .call
            .iter()
            .filter(|call| call.fresh)
            .flat_map(|call| self.missing(call));
        let arguments = arguments.filter(|param| !param.name.is_empty());
        let mut words: Vec<String> = arguments.map(|param| format!("{}: ", param.name)).collect();
        words.extend(bound(&text[..spot.start]));
        words.extend(self.names().iter().map(EcoString::to_string));
        // Words of the language are longest known: they come last, and not before something is written of them.
        if !spot.word.is_empty() {
            let language = RESERVED
                .iter()
                .chain(&["signature", "module", "import", "type", "configure"]);
            words.extend(language.map(|word| (*word).to_owned()));
        }
        let mut seen = std::collections::HashSet::new();
        words.retain(|word| seen.insert(word.clone()));
        words
    }

    /// The parameters of an open call that no argument was written for.
    fn missing(&mut self, call: &OpenCall<'_>) -> Vec<Parameter> {
        let params = self.params(call);
        let open = params.into_iter().skip(call.positional);
        open.filter(|param| !call.named.iter().any(|name| *name == param.name))
            .collect()
    }

    fn params(&mut self, call: &OpenCall<'_>) -> Vec<Parameter> {
        if matches!(call.callee, "configure" | "with") {
            let setting = |name: &str| Parameter {
                name: name.into(),
                text: name.to_owned(),
            };
            return SETTING_NAMES.map(setting).to_vec();
        }
        let known = self.about(call.callee);
        if let Some(about) = chosen(known, call) {
            return about.params;
        }
        match call.object.map(|object| self.type_of(object)) {
            None => self.params_of_value(call.callee),
            Some(Ok(Type::Program(Some(program)))) => {
                let part = self.environment.about_part(&self.sources, &program, call.name);
                part.map(|about| about.params).unwrap_or_default()
            }
            Some(Ok(ty)) if field_names(&ty).iter().any(|field| *field == call.name) => {
                self.params_of_value(call.callee)
            }
            // `x.f(a)` is `f(x, a)`.
            Some(_) => {
                let function = chosen(self.about(call.name), call);
                let mut params = function.map(|about| about.params).unwrap_or_default();
                if !params.is_empty() {
                    params.remove(0);
                }
                params
            }
        }
    }

    fn params_of_value(&mut self, text: &str) -> Vec<Parameter> {
        let ty = self.type_of(text);
        ty.map(|ty| params_of(&ty)).unwrap_or_default()
    }
}

/// Of several declarations the first that takes as many arguments, else the first.
fn chosen(known: Vec<About>, call: &OpenCall<'_>) -> Option<About> {
    let fits = known.iter().position(|about| about.params.len() > call.positional);
    known.into_iter().nth(fits.unwrap_or_default())
}

/// The names that the text itself binds: behind `let`, in front of a colon, between the bars of a lambda.
fn bound(text: &str) -> Vec<String> {
    let tokens: Vec<_> = tokens(text)
        .into_iter()
        .filter(|token| !token.kind.is_trivia())
        .collect();
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word) {
        let before = at.checked_sub(1).map(|at| &tokens[at]);
        let next = tokens.get(at + 1).map(|next| next.kind);
        let declares = before.is_some_and(|word| matches!(word.text(text), "let" | "var" | "for" | "fn" | "catch"));
        if declares || next == Some(Kind::Colon) || (next == Some(Kind::Bar) && before.is_some_and(is_lambda)) {
            names.push(token.text(text).to_owned());
        }
    }
    names
}

fn is_lambda(before: &crate::syntax::token::Token) -> bool {
    matches!(before.kind, Kind::Bar | Kind::Comma)
}
