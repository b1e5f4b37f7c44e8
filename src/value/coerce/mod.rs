//! A model's text as a value of a type. DSPy's reading comes first, the lenient one only where that refuses; each mend
//! has a name, and strict reading allows none.

mod lax;
mod lenient;
mod python_literal;
mod repair;
mod tree;

use std::fmt;

use super::{EcoString, Form, Literal, Type, Value, literal_members};

pub use lenient::without_thoughts;
pub use repair::loads;
pub use tree::Tree;

/// A value that was read, and what had to be mended: `case`, `fence`, `quotes`.
#[derive(Clone, Debug, PartialEq)]
pub struct Coerced {
    pub value: Value,
    pub mends: Vec<&'static str>,
}

/// Why a text is no value of the type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Misfit {
    /// In words for the model and for a person: `expected int, found "many"`.
    message: String,
    /// The fields that it stands in, the innermost first.
    inside: Vec<EcoString>,
    /// What stands there, as far as it is shown.
    found: Option<EcoString>,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for field in self.within() {
            write!(f, "in `{field}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl Misfit {
    fn new(message: String) -> Misfit {
        Misfit {
            message,
            ..Misfit::default()
        }
    }

    fn expected(ty: &Type, tree: &Tree) -> Misfit {
        Misfit::instead(format!("expected {ty}"), tree)
    }

    fn instead(wanted: String, tree: &Tree) -> Misfit {
        let source = tree.source();
        let shown = shortened(&source);
        let dots = if shown.len() < source.len() { "…" } else { "" };
        let found = match tree {
            Tree::Text(_) => super::source_text(&format!("{shown}{dots}")),
            _ => format!("{shown}{dots}"),
        };
        Misfit {
            found: Some(shown.into()),
            ..Misfit::new(format!("{wanted}, found {found}"))
        }
    }

    fn inside(mut self, field: &EcoString) -> Misfit {
        self.inside.push(field.clone());
        self
    }

    /// The fields that it stands in, from the outside.
    pub fn within(&self) -> impl Iterator<Item = &EcoString> {
        self.inside.iter().rev()
    }

    /// What stands there, or its beginning.
    pub fn found(&self) -> Option<&EcoString> {
        self.found.as_ref()
    }
}

fn shortened(text: &str) -> &str {
    text.char_indices().nth(200).map_or(text, |(end, _)| &text[..end])
}

/// The names of what was mended, each once.
#[derive(Clone, Debug, Default, PartialEq)]
struct Mends(Vec<&'static str>);

impl Mends {
    fn add(&mut self, mend: &'static str) {
        if !self.0.contains(&mend) {
            self.0.push(mend);
        }
    }

    fn extend(&mut self, other: &Mends) {
        other.0.iter().for_each(|mend| self.add(mend));
    }
}

/// Whether a field of this type may be left out.
fn is_missing(ty: &Type) -> bool {
    ty.allows_none()
}

/// Reads the text of one field: as DSPy does, else leniently. With `strict`, what needs a mend is a misfit.
pub fn read(ty: &Type, text: &str, strict: bool) -> Result<Coerced, Misfit> {
    match as_dspy(ty, text) {
        Ok(read) if strict && !read.mends.is_empty() => {
            let mut misfit = Misfit::instead(format!("expected {ty} as it is"), &Tree::text(text));
            misfit.message += &format!(" ({})", read.mends.join(", "));
            Err(misfit)
        }
        Ok(read) => Ok(read),
        Err(misfit) if strict => Err(misfit),
        Err(misfit) => match lenient::read(ty, text) {
            Ok((value, mends)) => Ok(Coerced { value, mends: mends.0 }),
            Err(_) => Err(misfit),
        },
    }
}

/// Reads data as a value; of several ways to understand it the first that fits counts, DSPy's reading before the
/// lenient one. `marked` texts stood between tags, and so had no quotes.
pub fn read_data(ty: &Type, ways: &[Tree], marked: bool, strict: bool) -> Result<Coerced, Misfit> {
    let mut first_misfit = None;
    for tree in ways {
        let read = match tree {
            Tree::Text(text) => match as_dspy(ty, text) {
                Ok(mut read) => {
                    if !marked && !matches!(read.value, Value::Str(_) | Value::None) && read.mends.is_empty() {
                        read.mends.push("quotes");
                    }
                    Ok(read)
                }
                // What is no JSON of the type may still be a text of it.
                Err(misfit) => match ty.members().contains(&Type::Str) {
                    true => validated(ty, tree, Mends::default()),
                    false => Err(misfit),
                },
            },
            tree if *ty == Type::Str => Ok(Coerced {
                value: Value::Str(tree.source()),
                mends: vec!["text"],
            }),
            tree => validated(ty, tree, Mends::default()),
        };
        match read {
            Ok(read) if strict && !read.mends.is_empty() => {
                first_misfit = first_misfit.or(Some(Misfit::expected(ty, tree)));
            }
            Ok(read) => return Ok(read),
            Err(misfit) => first_misfit = first_misfit.or(Some(misfit)),
        }
    }
    let misfit = first_misfit.unwrap_or_else(|| Misfit::expected(ty, &Tree::Null));
    let lenient = ways
        .first()
        .filter(|_| !strict)
        .map(|tree| lenient::read(ty, &tree.source()));
    match lenient {
        Some(Ok((value, mends))) => Ok(Coerced { value, mends: mends.0 }),
        _ => Err(misfit),
    }
}

/// Reads a text as a value by the lenient rules alone.
pub fn read_leniently(ty: &Type, text: &str) -> Result<Coerced, Misfit> {
    lenient::read(ty, text).map(|(value, mends)| Coerced { value, mends: mends.0 })
}

/// DSPy's `parse_value`.
fn as_dspy(ty: &Type, text: &str) -> Result<Coerced, Misfit> {
    if matches!(ty, Type::Str) {
        return Ok(Coerced {
            value: Value::str(text),
            mends: Vec::new(),
        });
    }
    let members = ty.members();
    let mut mends = Mends::default();
    let mut text = text;
    if members.iter().all(|member| matches!(member, Type::Literal(_))) {
        match choice(members, text, &mut mends) {
            Ok(value) => return Ok(Coerced { value, mends: mends.0 }),
            Err(bare) => text = bare,
        }
    }
    if let Type::Text(form) = ty {
        return in_form(ty, form, text);
    }
    if members.contains(&Type::None) && members.contains(&Type::Str) {
        return validated(ty, &Tree::text(text), mends);
    }
    let (tree, repaired) = match loads(text) {
        // DSPy takes nothing as nothing, and no repair.
        (tree, _) if text.is_empty() => (tree, false),
        (tree, _) if tree.is_blank() => (python_literal::eval(text).unwrap_or_else(|| Tree::text(text)), false),
        found => found,
    };
    if repaired {
        mends.add(if text.trim_start().starts_with("```") {
            "fence"
        } else {
            "json"
        });
    }
    let read = validated(ty, &tree, mends)?;
    let fuller = if repaired {
        lenient::fuller(ty, text, &read.value)
    } else {
        None
    };
    Ok(fuller.map_or(read, |(value, mends)| Coerced { value, mends: mends.0 }))
}

/// A text that has a form of its own may be quoted or an object; else it is taken as it stands.
fn in_form(ty: &Type, form: &Form, text: &str) -> Result<Coerced, Misfit> {
    let (tree, repaired) = loads(text);
    if !repaired && let Ok(read) = validated(ty, &tree, Mends::default()) {
        return Ok(read);
    }
    match form {
        Form::Code(_) if matches!(tree, Tree::Object(_)) => validated(ty, &tree, Mends(vec!["json"])),
        _ => Err(Misfit::default()),
    }
    .or_else(|_: Misfit| validated(ty, &Tree::text(text), Mends::default()))
}

fn validated(ty: &Type, tree: &Tree, mut mends: Mends) -> Result<Coerced, Misfit> {
    let (value, converted) = lax::validate(ty, tree)?;
    mends.extend(&converted);
    Ok(Coerced { value, mends: mends.0 })
}

/// One of several literals: as it is, or without quotes or a type's name around it; else the text that is left.
fn choice<'a>(choices: &[Type], text: &'a str, mends: &mut Mends) -> Result<Value, &'a str> {
    let find = |text: &str| {
        literal_members(choices)
            .find(|literal| matches!(literal, Literal::Str(wanted) if wanted == text))
            .map(Literal::value)
    };
    if let Some(value) = find(text) {
        return Ok(value);
    }
    let mut bare = super::python_strip(text);
    if let Some(inner) = bare
        .strip_prefix("Literal[")
        .or(bare.strip_prefix("str["))
        .and_then(|t| t.strip_suffix(']'))
    {
        bare = inner;
        mends.add("wrapping");
    }
    let quoted = |quote: char| bare.len() > 1 && bare.starts_with(quote) && bare.ends_with(quote);
    if quoted('"') || quoted('\'') {
        bare = &bare[1..bare.len() - 1];
        mends.add("quotes");
    }
    find(bare).ok_or(bare)
}

/// What Python's `json_repair` makes of a text, for the tests that hold it against the original.
pub fn repaired(text: &str) -> Value {
    loads(text).0.to_value()
}
