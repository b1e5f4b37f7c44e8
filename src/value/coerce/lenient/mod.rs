//! The lenient reading, for what DSPy refuses. First the text becomes candidates without regard to the type (`blobs`,
//! `loose`), then each candidate is held against the type; the fewest mends win, and what could mean two things is
//! nothing. Every mend is named.

mod blobs;
mod dates;
mod lists;
mod loose;
mod numbers;
mod quoted;
mod record;
mod words;

pub use blobs::without_thoughts;

use super::{Mends, Misfit, Tree};
use crate::value::{Form, Literal, Type, Value, literal_members};

use loose::Node;

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

/// The reading of a text whose one part that looks like data keeps more than `value` does, which repairing the text
/// gave: that drops what it cannot place. A reading that itself leaves something out is none.
pub(super) fn fuller(ty: &Type, text: &str, value: &Value) -> Option<(Value, Mends)> {
    let candidates = blobs::candidates(without_thoughts(text));
    let [node] = candidates.as_slice() else { return None };
    let fit = from_node(ty, node)?.mended("json", 0);
    let whole = !fit.mends.0.iter().any(|mend| matches!(*mend, "item" | "missing"));
    (whole && letters(&fit.value) > letters(value)).then_some((fit.value, fit.mends))
}

/// How much text there is in a value; `_` may stand in a number.
fn letters(value: &Value) -> usize {
    let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '_').count();
    match value {
        Value::Str(text) => visible(text),
        Value::List(items) => items.iter().map(letters).sum(),
        Value::Dict(dict) => dict.iter().map(|(key, value)| visible(key) + letters(value)).sum(),
        Value::Record(record) => record.values().iter().map(letters).sum(),
        other => visible(&crate::value::show(other)),
    }
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
        let fits = nodes.iter().map(|node| from_node(&stripped, node));
        fits.fold(None, Fit::better).map(|fit| fit.mended(mend, 0))
    };
    data(blobs::candidates(text))
        .or_else(|| data(blobs::in_prose(text)))
        .or_else(|| from_prose(&stripped, text))
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

/// A part of the data as a value of the type.
fn from_node(ty: &Type, node: &Node) -> Option<Fit> {
    let fit = match ty {
        Type::Union(members) => return union(ty, members, node),
        Type::None => matches!(node, Node::Null).then(|| Fit::clean(Value::None)),
        Type::Str => text_of(node),
        Type::Bool => match node {
            Node::Bool(b) => Some(Fit::clean(Value::Bool(*b))),
            Node::Text(text) => bool_word(text),
            _ => None,
        },
        Type::Int | Type::Float => match node {
            Node::Number(source) => number_value(ty, source),
            Node::Text(text) => number(ty, text),
            _ => None,
        },
        Type::Text(form) => match node {
            Node::Text(text) => form_in(form, text),
            _ => None,
        },
        Type::Literal(literal) => literal_of(&[literal], node),
        Type::List(item) => list(item, node),
        Type::Dict(value) => dict(value, node),
        Type::Record(record) => record::from_node(record, node),
        Type::Again(again) => return from_node(&again.definition()?, node),
        Type::Any => Some(Fit::clean(any(node))),
        _ => None,
    };
    fit.or_else(|| unwrapped(ty, node))
}

/// An object around the value, of one member: `{"result": …}`.
fn unwrapped(ty: &Type, node: &Node) -> Option<Fit> {
    match (ty, node) {
        (Type::Str | Type::Record(_) | Type::Dict(_), _) => None,
        (_, Node::Object(members, _)) => match members.as_slice() {
            [(_, inner)] => from_node(ty, inner).map(|fit| fit.mended("wrapper", 2)),
            _ => None,
        },
        _ => None,
    }
}

/// Texts stay as they are; what is no text becomes its source.
fn text_of(node: &Node) -> Option<Fit> {
    let source = match node {
        Node::Text(text) => return Some(Fit::clean(Value::str(text.as_str()))),
        Node::Null => return None,
        Node::Bool(b) => b.to_string(),
        Node::Number(source) | Node::List(_, source) | Node::Object(_, source) => source.clone(),
    };
    Some(Fit::clean(Value::str(source)).mended("text", 2))
}

fn literal_of(choices: &[&Literal], node: &Node) -> Option<Fit> {
    match node {
        Node::Text(text) => choice(choices, text),
        Node::Number(source) => choice(choices, source),
        Node::Bool(b) => choice(choices, &b.to_string()),
        Node::List(items, _) => {
            // Of a list of choices, the one that is a choice.
            let mut fits = items.iter().filter_map(|item| literal_of(choices, item));
            let first = fits.next()?;
            fits.next().is_none().then(|| first.mended("item", 2))
        }
        Node::Null | Node::Object(..) => None,
    }
}

/// The member with the fewest mends; literals are one choice.
fn union(ty: &Type, members: &[Type], node: &Node) -> Option<Fit> {
    let choices: Vec<&Literal> = literal_members(members).collect();
    let others = members.iter().filter(|member| !matches!(member, Type::Literal(_)));
    let mut best = if choices.is_empty() {
        None
    } else {
        literal_of(&choices, node)
    };
    for member in others {
        best = Fit::better(best, from_node(member, node));
    }
    match node {
        Node::Text(text) if best.is_none() && ty.allows_none() && says_nothing(text) => {
            Some(Fit::clean(Value::None).mended("none", 1))
        }
        _ => best,
    }
}

/// Items that do not fit are left out; a value alone is a list of one.
fn list(item: &Type, node: &Node) -> Option<Fit> {
    let Node::List(items, _) = node else {
        if matches!(node, Node::Null) {
            return None;
        }
        let wrapped = match node {
            Node::Object(members, _) => match members.as_slice() {
                [(_, inner @ Node::List(..))] => list(item, inner).map(|fit| fit.mended("wrapper", 2)),
                _ => None,
            },
            _ => None,
        };
        // A type that is a list of itself would be tried on this node without end; a record looks into its parts.
        let looks_into = || matches!((item.unfolded().as_ref(), node), (Type::Record(_), Node::Object(..)));
        if stands_again(item) && !looks_into() {
            return wrapped;
        }
        return wrapped.or_else(|| {
            let one = from_node(item, node)?;
            Some(
                Fit {
                    value: Value::list([one.value.clone()]),
                    ..one
                }
                .mended("list", 1),
            )
        });
    };
    let mut fit = Fit::clean(Value::None);
    let mut values = Vec::new();
    for (i, node) in items.iter().enumerate() {
        match from_node(item, node) {
            Some(one) => {
                fit.score += one.score;
                fit.mends.extend(&one.mends);
                values.push(one.value);
            }
            None => fit = fit.mended("item", 1 + i),
        }
    }
    // A list of which nothing fits is another list.
    let lost_all = values.is_empty() && !items.is_empty();
    (!lost_all).then(|| Fit {
        value: Value::list(values),
        ..fit
    })
}

fn dict(value: &Type, node: &Node) -> Option<Fit> {
    let Node::Object(members, _) = node else { return None };
    let mut fit = Fit::clean(Value::None);
    let mut entries = Vec::new();
    for (key, node) in members {
        match from_node(value, node) {
            Some(one) => {
                fit.score += one.score;
                fit.mends.extend(&one.mends);
                entries.push((key.as_str(), one.value));
            }
            None => fit = fit.mended("item", 1),
        }
    }
    let lost_all = entries.is_empty() && !members.is_empty();
    (!lost_all).then(|| Fit {
        value: Value::dict(entries),
        ..fit
    })
}

fn any(node: &Node) -> Value {
    match node {
        Node::Null => Value::None,
        Node::Bool(b) => Value::Bool(*b),
        Node::Number(source) => Tree::Number(source.as_str().into()).to_value(),
        Node::Text(text) => Value::str(text.as_str()),
        Node::List(items, _) => Value::list(items.iter().map(any)),
        Node::Object(members, _) => Value::dict(members.iter().map(|(key, node)| (key.as_str(), any(node)))),
    }
}

/// A list in prose, or a record of one field that is no text.
fn from_prose(ty: &Type, text: &str) -> Option<Fit> {
    match ty {
        Type::List(item) => list_in_prose(item, text),
        Type::Record(record) => match record.fields.as_slice() {
            [field] if field.ty != Type::Str && !stands_again(&field.ty) => {
                let fit = from_text(&field.ty, text)?;
                let value = Value::record([(field.name.clone(), fit.value.clone())]);
                Some(Fit { value, ..fit }.mended("wrapper", 2))
            }
            _ => None,
        },
        Type::Union(members) => members
            .iter()
            .map(|member| from_prose(member, text))
            .fold(None, Fit::better),
        _ => None,
    }
}

fn list_in_prose(item: &Type, text: &str) -> Option<Fit> {
    if let Some((items, mend)) = lists::items(text).filter(|_| !stands_again(item)) {
        let bare = |item: &str| item.trim_matches(['"', '\'', '`']).to_owned();
        let fits: Option<Vec<Fit>> = items.iter().map(|text| item_of(item, &bare(text))).collect();
        if let Some(fits) = fits {
            let mut all = Fit::clean(Value::list(fits.iter().map(|fit| fit.value.clone())));
            fits.iter().for_each(|fit| all.mends.extend(&fit.mends));
            return Some(all.mended(mend, 1));
        }
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

fn item_of(ty: &Type, text: &str) -> Option<Fit> {
    match ty {
        Type::Str | Type::Any => Some(Fit::clean(Value::str(text))),
        other => from_text(other, text),
    }
}
