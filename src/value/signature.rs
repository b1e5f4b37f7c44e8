//! Signatures: what a model call takes and returns.

use std::sync::Arc;

use super::{EcoString, Function, Type, Value};
use crate::source::Span;

/// `signature ClassifyEmail { … }` or `"body -> summary"`. Immutable; changed copies are made.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// The declared name; `INLINE` for an inline one.
    pub name: EcoString,
    /// Dedented. DSPy's default text where none was written.
    pub instructions: EcoString,
    /// What it takes, in order.
    pub inputs: Vec<Field>,
    /// What it returns, in order.
    pub outputs: Vec<Field>,
}

/// `urgency: "low" | "high" "how soon" where … "advice"`
#[derive(Clone, Debug)]
pub struct Field {
    /// `urgency`
    pub name: EcoString,
    /// What its values are.
    pub ty: Type,
    /// What the prompt says of it.
    pub desc: Option<EcoString>,
    /// Inputs only.
    pub default: Option<Value>,
    /// Outputs only.
    pub constraints: Vec<Constraint>,
    /// DSPy's `Email Subject:`, where a loaded state says another than the one that the name gives.
    pub prefix: Option<EcoString>,
    /// Where a script declares it; fields are equal wherever they stand.
    pub declared: Option<Span>,
}

impl PartialEq for Field {
    fn eq(&self, other: &Field) -> bool {
        let Field {
            name,
            ty,
            desc,
            default,
            constraints,
            prefix,
            declared: _,
        } = self;
        (name, ty, desc) == (&other.name, &other.ty, &other.desc)
            && (default, constraints, prefix) == (&other.default, &other.constraints, &other.prefix)
    }
}

/// `where len(words(query)) <= 15 "at most 15 words"`
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Takes the record of all inputs and of the outputs up to this field; returns a bool, calls no model.
    pub check: Arc<Function>,
    /// The advice, or the condition's source text.
    pub advice: EcoString,
}

impl PartialEq for Constraint {
    fn eq(&self, other: &Constraint) -> bool {
        self.check.id == other.check.id && self.advice == other.advice
    }
}

impl Field {
    /// A field that has only a name and a type.
    pub fn new(name: impl Into<EcoString>, ty: Type) -> Field {
        Field {
            name: name.into(),
            ty,
            desc: None,
            default: None,
            constraints: Vec::new(),
            prefix: None,
            declared: None,
        }
    }

    /// `Email Subject:`
    pub fn prefix(&self) -> EcoString {
        self.prefix
            .clone()
            .unwrap_or_else(|| EcoString::from(format!("{}:", infer_prefix(&self.name))))
    }
}

impl Signature {
    /// The name of one that has none of its own.
    pub const INLINE: &str = "StringSignature";

    /// ``Given the fields `a`, `b`, produce the fields `c`.``
    pub fn default_instructions(inputs: &[Field], outputs: &[Field]) -> EcoString {
        let names = |fields: &[Field]| {
            fields
                .iter()
                .map(|f| format!("`{}`", f.name))
                .collect::<Vec<_>>()
                .join(", ")
        };
        format!(
            "Given the fields {}, produce the fields {}.",
            names(inputs),
            names(outputs)
        )
        .into()
    }

    /// The input of this name.
    pub fn input(&self, name: &str) -> Option<&Field> {
        self.inputs.iter().find(|f| f.name == name)
    }

    /// The output of this name.
    pub fn output(&self, name: &str) -> Option<&Field> {
        self.outputs.iter().find(|f| f.name == name)
    }

    /// Inputs, then outputs.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.inputs.iter().chain(&self.outputs)
    }
}

/// DSPy's title for a field name: `email_subject` → `Email Subject`, `HTMLBody` → `HTML Body`,
/// `text2number` → `Text 2 Number`.
pub fn infer_prefix(name: &str) -> String {
    let name = split_before(name, |before, rest| {
        // `camelCase`: a capital that small letters follow begins a word.
        let mut following = rest.iter();
        before.is_some()
            && following.next().is_some_and(char::is_ascii_uppercase)
            && following.next().is_some_and(char::is_ascii_lowercase)
    });
    let name = split_before(&name, |before, rest| {
        before.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) && rest[0].is_ascii_uppercase()
    });
    let name = split_before(&name, |before, rest| {
        before.is_some_and(|c| c.is_ascii_alphabetic()) && is_digit(rest[0])
    });
    let name = split_before(&name, |before, rest| {
        before.is_some_and(is_digit) && rest[0].is_ascii_alphabetic()
    });
    name.split('_').map(title_word).collect::<Vec<_>>().join(" ")
}

/// Python's `\d`: any decimal digit of Unicode; those of other scripts are rare enough in names to be left as they are.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Puts `_` where `begins` says so of the character before (if any) and the text from there on.
fn split_before(name: &str, begins: impl Fn(Option<char>, &[char]) -> bool) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for i in 0..chars.len() {
        let before = i.checked_sub(1).map(|j| chars[j]);
        if begins(before, &chars[i..]) {
            out.push('_');
        }
        out.push(chars[i]);
    }
    out
}

/// Words all in capitals stay, others are capitalized as Python's `capitalize` does.
fn title_word(word: &str) -> String {
    let cased = word.chars().any(char::is_uppercase);
    if cased && !word.chars().any(char::is_lowercase) {
        return word.to_owned();
    }
    let mut chars = word.chars();
    let first = chars
        .next()
        .map(|c| c.to_uppercase().collect::<String>())
        .unwrap_or_default();
    first + &chars.as_str().to_lowercase()
}
