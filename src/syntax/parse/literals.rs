//! Literals, types and slices as other languages write them.

use crate::diag::Diagnostic;
use crate::syntax::token::{Bracket, Kind};

use super::diagnose::{Expected, in_list};
use super::habits::ends_value;
use super::spot::{Spot, begins_operand, ends_operand};
use super::titles::code;

/// `list<str>`, `str[]`
pub(super) fn type_of_type(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let generic = matches!(
        spot.text(-1).to_ascii_lowercase().as_str(),
        "list" | "dict" | "array" | "map"
    );
    let is_array = spot.text(0) == "]" && spot.text(-1) == "[";
    if !(is_array || spot.text(0) == "<" && generic) {
        return None;
    }
    let help = match spot.text(-2) {
        item if is_array && spot.kind(-2) == Some(Kind::Word) && item != "list" => format!("write `list[{item}]`"),
        _ => "write `list[str]`, `dict[str, int]`".to_owned(),
    };
    let message = "a type's arguments stand in brackets behind it";
    let message = if is_array {
        "the type of a list is written `list[T]`"
    } else {
        message
    };
    Some(spot.error(code::FOREIGN_TYPE, 0, message, "here", &help))
}

/// `xs[1:3]`, `xs[:3]`
pub(super) fn slice(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let (at, _) = spot
        .bracket()
        .filter(|_| spot.kind(0) == Some(Kind::Colon) && spot.is_inside(Bracket::Square))?;
    let opening = Spot { at, ..spot };
    if !opening.kind(-1).is_some_and(ends_operand) {
        return None;
    }
    let help = "write `xs[1..3]`, `xs[..3]`, `xs[1..]`";
    Some(spot.error(code::FOREIGN_OPERATOR, 0, "a slice is written with `..`", "here", help))
}

/// `{1, 2}`, `{1: "a"}`, `{k: v for k, v in d}`
pub(super) fn braces(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let (at, _) = spot.bracket().filter(|_| spot.is_inside(Bracket::Curly))?;
    let error = |message: &str, help: &str| Some(spot.error(code::KEYS, 0, message, "here", help));
    let opening = Spot { at, ..spot };
    let literal = matches!(opening.kind(1), Some(Kind::Number | Kind::String)) && spot.at == at + 2;
    match spot.text(0) {
        "," if literal => error(
            "dsp has no sets",
            "write a list, `[a, b]`; `unique(xs)` is one without doubles",
        ),
        ":" if literal && opening.kind(1) == Some(Kind::Number) => {
            let help = format!("write the key as a text: `{{\"{}\": …}}`", opening.text(1));
            error("the keys of a dict are texts", &help)
        }
        "for" if opening.kind(2) == Some(Kind::Colon) => error(
            "a comprehension makes a list",
            "build a dict in a loop: `var d: dict[str, int] = {}` and `d[key] = value`",
        ),
        _ => None,
    }
}

/// `"a" "b"`
pub(super) fn texts(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let text = |offset| {
        matches!(
            spot.kind(offset),
            Some(Kind::String | Kind::FStringStart | Kind::FStringEnd)
        )
    };
    if !text(-1) || !text(0) || spot.begins_line(0) || in_list(spot) {
        return None;
    }
    let help = "join two texts with `+`, or write one f-string";
    Some(spot.error(code::UNEXPECTED, 0, "two texts stand side by side", "here", help))
}

/// `match e { "a" => 1 "b" => 2 }`
pub(super) fn arms(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let starts = spot.kind(0).is_some_and(begins_operand) || spot.text(0) == "_";
    if !spot.is_body_of("match") || !starts || !ends_value(spot, -1) || spot.begins_line(0) {
        return None;
    }
    let help = "an arm ends at a comma or at the end of its line";
    Some(spot.error(
        code::COMMA,
        0,
        "a comma is missing between two arms",
        "expected `,` here",
        help,
    ))
}
