//! The lenient reading, for what DSPy refuses. First the text becomes candidates without regard to the type (`blobs`,
//! `loose`), then each candidate is held against the type; the fewest mends win, and what could mean two things is
//! nothing. Every mend is named.

mod blobs;
mod dates;
mod fuller;
mod lists;
mod loose;
mod node;
mod numbers;
mod outline;
mod quoted;
mod record;
mod words;

pub use blobs::without_thoughts;
pub(super) use fuller::fuller;

use super::{Mends, Misfit, Tree};
use crate::value::{Form, Literal, Type, Value, literal_members};

use loose::Node;
use node::from_node;

/// A value and how far its text was from it.
#[derive(Clone, Debug)]
struct Fit {
    value: Value,
    score: usize,
    mends: Mends,
}

impl Fit {
    fn clean(value: Value) -> Fit {
        Fit {
            value,
            score: 0,
            mends: Mends::default(),
        }
    }

    fn mended(mut self, mend: &'static str, score: usize) -> Fit {
        if !mend.is_empty() {
            self.mends.add(mend);
        }
        self.score += score;
        self
    }

    /// The better of two; of equals the first.
    fn better(best: Option<Fit>, other: Option<Fit>) -> Option<Fit> {
        match (best, other) {
            (Some(best), Some(other)) if other.score < best.score => Some(other),
            (Some(best), _) => Some(best),
            (None, other) => other,
        }
    }
}

/// Reads a text as a value of the type.
pub(super) fn read(ty: &Type, text: &str) -> Result<(Value, Mends), Misfit> {
    let reply = without_thoughts(text);
    let fit = from_text(ty, reply).ok_or_else(|| Misfit::expected(ty, &Tree::text(text)))?;
    let fit = if reply.len() < text.trim().len() {
        fit.mended("thoughts", 0)
    } else {
        fit
    };
    Ok((fit.value, fit.mends))
}

/// A text that may be prose around a value, or data.
fn from_text(ty: &Type, text: &str) -> Option<Fit> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let ty = ty.unfolded();
    let stripped = ty.without_none();
    if stripped != *ty && says_nothing(text) {
        return Some(Fit::clean(Value::None).mended("none", 1));
    }
    if let Some(fit) = scalar(&stripped, text) {
        return Some(fit);
    }
    if !is_composite(&stripped) {
        return None;
    }
    let whole = serde_json::from_str::<serde_json::Value>(text).is_ok();
    let data = |nodes: Vec<Node>| {
        let mend = match (whole, text.contains("```"), text.starts_with(['{', '['])) {
            (true, ..) => "",
            (_, true, _) => "fence",
            (_, _, true) => "json",
            _ => "prose",
        };
        // What stands one after the other is a list of it all: the first alone would lose the others.
        if let (Type::List(_), Some((all, parts))) = (&stripped, nodes.split_last())
            && parts.len() > 1
            && parts.iter().all(|part| matches!(part, Node::Object(..)))
            && let Some(fit) = from_node(&stripped, all)
        {
            return Some(fit.mended(mend, 0));
        }
        let fits = nodes.iter().map(|node| from_node(&stripped, node));
        fits.fold(None, Fit::better).map(|fit| fit.mended(mend, 0))
    };
    data(blobs::candidates(text))
        .or_else(|| data(blobs::in_prose(text)))
        .or_else(|| if whole { None } else { in_brackets(&stripped, text) })
        .or_else(|| from_prose(&stripped, text))
}

/// The one object that fits among those inside of brackets that are no data.
fn in_brackets(ty: &Type, text: &str) -> Option<Fit> {
    let nodes = blobs::in_brackets(text);
    let mut fits = nodes.iter().filter_map(|node| from_node(ty, node));
    let fit = fits.next()?;
    fits.next().is_none().then(|| fit.mended("prose", 2))
}

/// Whether a type or a member of it stands inside itself: then its parts are looked for in parts of the data alone.
fn stands_again(ty: &Type) -> bool {
    ty.members().iter().any(|member| matches!(member, Type::Again(_)))
}

fn is_composite(ty: &Type) -> bool {
    ty.members()
        .iter()
        .any(|ty| matches!(ty, Type::List(_) | Type::Dict(_) | Type::Record(_) | Type::Any))
}

/// How a model says that there is no value.
fn says_nothing(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "none",
        "null",
        "nil",
        "n/a",
        "na",
        "unknown",
        "not specified",
        "not available",
        "not mentioned",
        "not provided",
    ];
    let bare = text
        .trim_matches(|c: char| c.is_whitespace() || "\"'`*_.,()[]<>-".contains(c))
        .to_lowercase();
    bare.is_empty() || WORDS.contains(&bare.as_str())
}

/// A number, a bool or a choice, alone or in a sentence.
fn scalar(ty: &Type, text: &str) -> Option<Fit> {
    let members = ty.members();
    let choices: Vec<&Literal> = literal_members(members).collect();
    if choices.len() == members.len() {
        return choice(&choices, text);
    }
    match ty {
        Type::Bool => bool_word(text),
        Type::Int | Type::Float => number(ty, text),
        Type::Text(form) => form_in(form, text),
        _ => None,
    }
}

/// A text in the form, or the one date in a sentence.
fn form_in(form: &Form, text: &str) -> Option<Fit> {
    if let Some(text) = form.canonical(text) {
        return Some(Fit::clean(Value::Str(text)));
    }
    let mut dates = dates::find(form, text).into_iter();
    let date = dates.next().filter(|_| dates.next().is_none())?;
    Some(Fit::clean(Value::Str(date)).mended("prose", 1))
}

fn choice(choices: &[&Literal], text: &str) -> Option<Fit> {
    let names: Vec<String> = choices
        .iter()
        .map(|literal| match literal {
            Literal::Str(text) => text.to_string(),
            other => other.to_string(),
        })
        .collect();
    words::choose(&names, text).map(|(i, mend)| {
        let score = if mend.is_empty() {
            0
        } else {
            1 + usize::from(mend == "prose")
        };
        Fit::clean(choices[i].value()).mended(mend, score)
    })
}

fn bool_word(text: &str) -> Option<Fit> {
    let names = ["true", "false"].map(str::to_owned);
    let lower = text.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if let Some((i, mend)) = words::choose(&names, &lower) {
        return Some(Fit::clean(Value::Bool(i == 0)).mended(if mend.is_empty() { "case" } else { mend }, 1));
    }
    // `yes` and `no` are ordinary words, so they count only as the first word of an answer.
    let end = lower.find(|c: char| !c.is_alphanumeric()).unwrap_or(lower.len());
    let closed = lower[end..].trim_start_matches(['*', '"', '\'', '`']).chars().next();
    let value = match &lower[..end] {
        "yes" => true,
        "no" => false,
        _ => return None,
    };
    let mentions_other = words::choose(&names, &lower[end..]).is_some();
    let alone = closed.is_none_or(|c| matches!(c, ',' | '.' | ';' | ':' | '!' | '-' | '–' | '—' | '\n'));
    (alone && !mentions_other).then(|| Fit::clean(Value::Bool(value)).mended("prose", 2))
}

fn number(ty: &Type, text: &str) -> Option<Fit> {
    let (plain, alone) = numbers::find(text)?;
    let mend = if alone { "number" } else { "prose" };
    number_value(ty, &plain).map(|fit| fit.mended(mend, 1))
}

/// A number's text as an int (rounded) or a float; what has no place in 64 bits is nothing.
fn number_value(ty: &Type, text: &str) -> Option<Fit> {
    if matches!(ty, Type::Int) {
        if let Ok(int) = text.parse() {
            return Some(Fit::clean(Value::Int(int)));
        }
        let rounded = text.parse::<f64>().ok()?.round();
        return (rounded.abs() < 9_007_199_254_740_992.0)
            .then(|| Fit::clean(Value::Int(rounded as i64)).mended("number", 1));
    }
    text.parse()
        .ok()
        .filter(|x: &f64| x.is_finite())
        .map(|x| Fit::clean(Value::Float(x)))
}

/// An outline, a list in prose, or a record of one field that is no text.
fn from_prose(ty: &Type, text: &str) -> Option<Fit> {
    match ty {
        Type::List(item) => match is_composite(&item.unfolded()) && **item != Type::Any {
            true => in_outline(ty, text),
            false => None,
        }
        .or_else(|| list_in_prose(item, text)),
        Type::Record(record) => match record.fields.as_slice() {
            [field] if field.ty != Type::Str && !stands_again(&field.ty) => {
                let fit = from_text(&field.ty, text)?;
                let value = Value::record([(field.name.clone(), fit.value.clone())]);
                Some(Fit { value, ..fit }.mended("wrapper", 2))
            }
            _ => in_outline(ty, text),
        },
        Type::Dict(_) => in_outline(ty, text),
        Type::Union(members) => members
            .iter()
            .map(|member| from_prose(member, text))
            .fold(None, Fit::better),
        _ => None,
    }
}

/// Prose has colons, too: an outline of which something is left out or lacking is none.
fn in_outline(ty: &Type, text: &str) -> Option<Fit> {
    let fit = from_node(ty, &outline::read(text)?)?;
    let lost = |mend: &&'static str| matches!(*mend, "item" | "missing" | "list");
    let is_note = matches!(&fit.value, Value::Dict(entries) if entries.iter().count() < 2);
    let whole = !is_note && !fit.mends.0.iter().any(lost);
    whole.then(|| fit.mended("outline", 2))
}

fn list_in_prose(item: &Type, text: &str) -> Option<Fit> {
    if let Some(fit) = lists::items(text).and_then(|found| of_items(item, found)) {
        return Some(fit);
    }
    let one = scalar(&item.unfolded(), text)?;
    Some(
        Fit {
            value: Value::list([one.value.clone()]),
            ..one
        }
        .mended("list", 1),
    )
}

/// A text in which each line is an item behind a dash or a number.
fn bulleted(item: &Type, text: &str) -> Option<Fit> {
    let found = lists::items(text).filter(|(items, mend)| *mend == "bullets" && items.len() > 1)?;
    of_items(item, found)
}

fn of_items(item: &Type, (items, mend): (Vec<&str>, &'static str)) -> Option<Fit> {
    if stands_again(item) {
        return None;
    }
    let bare = |item: &str| item.trim_matches(['"', '\'', '`']).to_owned();
    let fits: Vec<Fit> = items
        .iter()
        .map(|text| item_of(item, &bare(text)))
        .collect::<Option<_>>()?;
    let mut all = Fit::clean(Value::list(fits.iter().map(|fit| fit.value.clone())));
    fits.iter().for_each(|fit| all.mends.extend(&fit.mends));
    Some(all.mended(mend, 1))
}

fn item_of(ty: &Type, text: &str) -> Option<Fit> {
    match ty {
        Type::Str | Type::Any => Some(Fit::clean(Value::str(text))),
        other => from_text(other, text),
    }
}
