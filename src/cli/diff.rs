//! `dsp diff A.json B.json`: two saved states of a program, predictor by predictor.

use std::path::Path;

use clap::ArgMatches;
use serde_json::Value as Json;

use super::options::Options;
use super::screen::Screen;
use super::usage::Usage;
use super::{Code, Done};
use crate::diag::word_diff;
use crate::host::{Access, Host, Permissions, RealHost};
use crate::session::{PredictorState, SavedState};

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let file = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let (old, new) = (read(&file("a"))?, read(&file("b"))?);
    let text = states(&old, &new, screen.color_out());
    screen.out(match text.is_empty() {
        true => "no difference\n",
        false => &text,
    });
    Ok(Code::Done)
}

fn read(file: &str) -> Result<SavedState, Usage> {
    let bytes = RealHost::new(Permissions::default())
        .read(Access::Own, Path::new(file))
        .map_err(|error| Usage::new(error.message))?;
    SavedState::parse(&String::from_utf8_lossy(&bytes)).map_err(|fault| Usage {
        message: format!("`{file}`: {}", fault.message),
        help: fault.help,
    })
}

fn states(old: &SavedState, new: &SavedState, color: bool) -> String {
    let mut text = String::new();
    let only = |sign, color| move |path: &str| painted(&format!("{sign} the predictor `{path}`\n"), sign, color);
    for (path, before) in &old.predictors {
        match new.get(path) {
            Some(after) => text += &predictor(path, before, after, color),
            None => text += &only('-', color)(path),
        }
    }
    let added = new.predictors.iter().filter(|(path, _)| old.get(path).is_none());
    text.extend(added.map(|(path, _)| only('+', color)(path)));
    text + &facts(old, new, color)
}

fn predictor(path: &str, old: &PredictorState, new: &PredictorState, color: bool) -> String {
    let mut text = String::new();
    if old.instructions != new.instructions {
        text += "instructions:\n";
        text += &indented(&word_diff(&old.instructions, &new.instructions, color));
    }
    for (i, ((prefix, desc), (new_prefix, new_desc))) in old.fields.iter().zip(&new.fields).enumerate() {
        if (prefix, desc) != (new_prefix, new_desc) {
            text += &format!("field {}:\n", i + 1);
            text += &indented(&word_diff(
                &format!("{prefix} {desc}"),
                &format!("{new_prefix} {new_desc}"),
                color,
            ));
        }
    }
    text += &demos(&old.demos, &new.demos, color);
    let model = |state: &PredictorState| state.lm.as_ref().and_then(|lm| lm.get("model")).map(shown);
    if model(old) != model(new) {
        text += &change("model", model(old), model(new), color);
    }
    match text.is_empty() {
        true => text,
        false => format!("── {path}\n{text}"),
    }
}

/// Those that only one of the states has, each as often as it has it more.
fn demos(old: &[Json], new: &[Json], color: bool) -> String {
    let removed = without(old, new);
    let added = without(new, old);
    if removed.is_empty() && added.is_empty() {
        return match old == new {
            true => String::new(),
            false => "demos: the same in another order\n".to_owned(),
        };
    }
    let mut text = format!("demos: {} removed, {} added\n", removed.len(), added.len());
    for (sign, demos) in [('-', removed), ('+', added)] {
        for demo in demos {
            text += &format!("  {}", painted(&format!("{sign} {demo}\n"), sign, color));
        }
    }
    text
}

fn without<'a>(these: &'a [Json], those: &[Json]) -> Vec<&'a Json> {
    let mut left: Vec<&Json> = those.iter().collect();
    let missing = these
        .iter()
        .filter(|demo| match left.iter().position(|other| other == demo) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        });
    missing.collect()
}

/// What is known of how the states came to be: the score first. Lists of it, such as which row each demo was, say nothing
/// here that was not said above.
fn facts(old: &SavedState, new: &SavedState, color: bool) -> String {
    let mut names: Vec<&String> = old.facts.keys().chain(new.facts.keys()).collect();
    names.sort_by_key(|name| (*name != "score", *name));
    names.dedup();
    let plain = |fact: &&Json| !fact.is_null() && !fact.is_array();
    let fact = |state: &SavedState, name: &str| state.facts.get(name).filter(plain).map(shown);
    let changed = names.into_iter().filter(|name| fact(old, name) != fact(new, name));
    changed
        .map(|name| change(name, fact(old, name), fact(new, name), color))
        .collect()
}

/// `score: 70.0 → 90.0`
fn change(name: &str, old: Option<String>, new: Option<String>, color: bool) -> String {
    let side = |text: Option<String>, sign| painted(text.as_deref().unwrap_or("none"), sign, color);
    format!("{name}: {} → {}\n", side(old, '-'), side(new, '+'))
}

fn shown(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn painted(text: &str, sign: char, color: bool) -> String {
    let code = if sign == '-' { 31 } else { 32 };
    match (color, text.strip_suffix('\n')) {
        (false, _) => text.to_owned(),
        (true, Some(line)) => format!("\u{1b}[{code}m{line}\u{1b}[0m\n"),
        (true, None) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    }
}
