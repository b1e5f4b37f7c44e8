//! Near misses of those who come from other languages.

use crate::diag::Diagnostic;
use crate::syntax::token::{Bracket, Kind};

use super::diagnose::Expected;
use super::spot::{Spot, begins_operand, ends_operand};
use super::titles::code;
use super::{foreign, literals};

type Habit = fn(Spot, &Expected, usize) -> Option<Diagnostic>;

pub(super) fn habit(spot: Spot, expected: &Expected, end: usize) -> Option<Diagnostic> {
    const HABITS: &[Habit] = &[
        foreign_word,
        fields,
        ternary,
        result_colon,
        colon_block,
        operator,
        named_argument,
        equals,
        arrow,
        star,
        tuple,
        head,
        question,
        literals::type_of_type,
        literals::slice,
        literals::braces,
        literals::texts,
        literals::arms,
    ];
    HABITS.iter().find_map(|habit| habit(spot, expected, end))
}

/// `def f`, `class A`, `lambda x`, `elif c`, `let mut x`: the keyword stands before the spot, or begins the line.
fn foreign_word(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    for offset in [-1, 0] {
        let text = spot.text(offset);
        let Some(word) = foreign::KEYWORDS.iter().find(|f| f.word == text) else {
            continue;
        };
        let follows = spot
            .kind(offset + 1)
            .is_some_and(|k| begins_operand(k) || k == Kind::Colon);
        let is_call = text == "print" && spot.text(offset + 1) == "(";
        if spot.kind(offset) == Some(Kind::Word) && follows && !is_call {
            return Some(spot.error(code::FOREIGN_WORD, offset, word.message, "here", word.help));
        }
    }
    match spot.text(0) {
        "is" if spot.text(1) == "not" => Some(spot.error(
            code::FOREIGN_WORD,
            0,
            "`is not` is written `!=`",
            "here",
            "write `x != none`",
        )),
        "is" => Some(spot.error(
            code::FOREIGN_WORD,
            0,
            "`is` is written `==`",
            "here",
            "write `x == none`",
        )),
        "then" | "do" => {
            let message = format!("a body needs no `{}`", spot.text(0));
            Some(spot.error(
                code::FOREIGN_WORD,
                0,
                message,
                "here",
                "write `if c { … }`, `while c { … }`",
            ))
        }
        _ => None,
    }
}

/// `signature A { input question: str }`, `signature A(question: str) -> answer: str`
fn fields(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    if spot.is_keyword(-2, "signature") && spot.text(0) == "(" {
        let help = "write `signature Name { question: str -> answer: str }`";
        return Some(spot.error(
            code::FOREIGN_WORD,
            0,
            "the fields of a signature stand in braces",
            "here",
            help,
        ));
    }
    let side = spot.text(-1);
    if !matches!(side, "input" | "output") || !spot.is_body_of("signature") || spot.kind(0) != Some(Kind::Word) {
        return None;
    }
    let message = format!("a field needs no `{side}` before it");
    let help = "inputs stand before `->`, outputs behind it: `signature Name { question: str -> answer: str }`";
    Some(spot.error(code::FOREIGN_WORD, -1, message, "here", help))
}

/// `a if c else b`
fn ternary(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    if !spot.is_keyword(0, "if") || spot.begins_line(0) || !ends_value(spot, -1) {
        return None;
    }
    let help = "write `if c { a } else { b }`: it is an expression";
    Some(spot.error(code::FOREIGN_WORD, 0, "an `if` stands before its values", "here", help))
}

/// `fn f(x): str { … }`
fn result_colon(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let first = Spot {
        at: spot.statement(),
        ..spot
    };
    let result = spot.kind(0) == Some(Kind::Colon) && spot.text(-1) == ")" && matches!(first.text(0), "fn" | "forward");
    if !result || spot.kind(1) != Some(Kind::Word) || spot.begins_line(1) {
        return None;
    }
    let help = "write `fn f(x) -> int { … }`";
    Some(spot.error(code::ARROW, 0, "a result is written behind `->`", "here", help))
}

/// `if x:`, `else:`, `for x in xs:`
fn colon_block(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    if spot.kind(0) != Some(Kind::Colon) {
        return None;
    }
    let first = Spot {
        at: spot.statement(),
        ..spot
    };
    let heads = [
        "if",
        "else",
        "for",
        "while",
        "try",
        "catch",
        "with",
        "match",
        "fn",
        "forward",
        "module",
        "signature",
        "elif",
    ];
    if !heads.contains(&first.text(0)) && !heads.contains(&spot.text(-1)) {
        return None;
    }
    let help = match first.text(0) {
        "fn" | "forward" => "write the body between `{` and `}`: `fn f(x) { … }`",
        "for" => "write the body between `{` and `}`: `for x in xs { … }`",
        "while" => "write the body between `{` and `}`: `while c { … }`",
        "module" => "write the body between `{` and `}`: `module Name { … }`",
        "signature" => "write the fields between `{` and `}`: `signature Name { question -> answer }`",
        _ => "write the body between `{` and `}`: `if c { … } else { … }`",
    };
    Some(spot.error(
        code::COLON_BLOCK,
        0,
        "a body stands in braces, not behind a `:`",
        "here",
        help,
    ))
}

/// `a || b`, `x++`, `a === b`, `a <> b`
fn operator(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let error =
        |offset, message: &str, help: &str| Some(spot.error(code::FOREIGN_OPERATOR, offset, message, "here", help));
    match (spot.text(-1), spot.text(0)) {
        (_, "||") if ends_value(spot, -1) => error(0, "`||` is written `or`", "write `or`"),
        ("+", "+") if spot.touches(0) => error(0, "dsp has no `++`", "write `x += 1`"),
        ("-", _) if spot.text(-2) == "-" && spot.touches(-1) && !spot.touches(0) => {
            error(-1, "dsp has no `--`", "write `x -= 1`")
        }
        ("==" | "!=", "=") if spot.touches(0) => error(0, "`===` is written `==`", "`==` and `!=` compare by value"),
        ("<", ">") if spot.touches(0) => error(0, "`<>` is written `!=`", "write `!=`"),
        (_, ":") if spot.text(1) == "=" && spot.touches(1) => error(
            0,
            "dsp has no `:=`",
            "bind the name in a line of its own before this one: `let x = …`",
        ),
        ("..", "=") => error(0, "a range excludes its end", "write `a..b + 1`"),
        ("=", "+" | "*") => error(0, "this operator lacks its left side", "write `x += 1`"),
        _ => None,
    }
}

/// `f(k=5)`, `with (lm = x) { … }`, `{a = 1, b = 2}`
fn named_argument(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let named = spot.text(0) == "=" && spot.kind(-1) == Some(Kind::Word);
    if named && (spot.is_in_call() || spot.is_in_settings()) && matches!(spot.text(-2), "(" | ",") {
        let help = format!("write `{}: …`", spot.text(-1));
        return Some(spot.error(
            code::NAMED_ARGUMENT,
            0,
            "named arguments are written with `:`",
            "here",
            &help,
        ));
    }
    let (opening, _) = spot
        .bracket()
        .filter(|_| spot.text(0) == "," && spot.is_inside(Bracket::Curly))?;
    let inside = Spot { at: opening, ..spot };
    if inside.kind(1) == Some(Kind::Word) && inside.text(2) == "=" {
        let help = format!("write `{{{}: …}}`", inside.text(1));
        return Some(inside.error(
            code::NAMED_ARGUMENT,
            2,
            "a record's fields are written with `:`",
            "here",
            &help,
        ));
    }
    None
}

/// `if x = 1`, `let x == 1`
fn equals(spot: Spot, expected: &Expected, _: usize) -> Option<Diagnostic> {
    if spot.text(0) == "=" && matches!(spot.text(-1), "let" | "var") {
        let help = format!("write `{} name = …`", spot.text(-1));
        return Some(spot.error(
            code::EQUALS,
            0,
            "a name is missing before this `=`",
            "expected a name here",
            &help,
        ));
    }
    let first = Spot {
        at: spot.statement(),
        ..spot
    };
    let binds = matches!(first.text(0), "let" | "var") && spot.at <= first.at + 2;
    if spot.text(0) == "==" && (binds || expected.symbol("=")) {
        let help = "write `let x = …`; `==` compares";
        return Some(spot.error(code::EQUALS, 0, "a name is bound with `=`", "here", help));
    }
    let compares = ["if", "while", "assert", "return", "else", "let", "var"].contains(&first.text(0))
        || spot.is_inside(Bracket::Round)
        || spot.is_inside(Bracket::Square);
    if spot.text(0) == "=" && compares {
        let help = "write `==` to compare; an assignment is a statement of its own";
        return Some(spot.error(code::EQUALS, 0, "`=` assigns and has no value", "here", help));
    }
    None
}

/// `fn f() => int`, `"a" -> 1`, `(x) => x`
fn arrow(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let error = |message: &str, help: &str| Some(spot.error(code::ARROW, 0, message, "here", help));
    let first = Spot {
        at: spot.statement(),
        ..spot
    };
    match spot.kind(0)? {
        Kind::FatArrow if spot.is_body_of("signature") => {
            error("inputs and outputs are separated by `->`", "write `question -> answer`")
        }
        Kind::Arrow if spot.is_body_of("signature") => None,
        Kind::Arrow if first.text(0) == "module" => error(
            "a module has no result type",
            "write it behind `forward`: `forward(x) -> int { … }`",
        ),
        Kind::FatArrow if matches!(first.text(0), "fn" | "forward" | "signature") => {
            error("a result is written behind `->`", "write `fn f(x) -> int { … }`")
        }
        Kind::FatArrow if spot.kind(-1) == Some(Kind::Bar) => error("a function has no `=>`", "write `|x| x + 1`"),
        Kind::FatArrow => error(
            "`=>` belongs to the arms of a `match`",
            "a function without a name is written `|x| x + 1`",
        ),
        Kind::Arrow if matches!(first.text(0), "fn" | "forward" | "signature") => None,
        Kind::Arrow if spot.is_body_of("match") => {
            error("the arms of a `match` are written with `=>`", "write `\"a\" => 1`")
        }
        Kind::Arrow if spot.is_in_call() => error(
            "an inline signature is a text",
            "put it into quotes: `Predict(\"question -> answer\")`",
        ),
        Kind::Arrow => error(
            "`->` cannot stand here",
            "a function without a name is written `|x| x + 1`",
        ),
        _ => None,
    }
}

/// `f(*args)`, `f(**record)`
fn star(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    if !matches!(spot.text(0), "*" | "**") || !matches!(spot.text(-1), "(" | "," | "[" | "{") {
        return None;
    }
    let help = format!("write `...{}`", spot.text(1));
    Some(spot.error(
        code::FOREIGN_OPERATOR,
        0,
        "spreading is written with `...`",
        "here",
        &help,
    ))
}

/// `(a, b)`, `()`, `let a, b = …`, `return a, b`
fn tuple(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let error = |message: &str, help: &str| Some(spot.error(code::PARENTHESES, 0, message, "here", help));
    let bracket = spot.bracket();
    if let Some((at, Kind::Open(Bracket::Round))) = bracket {
        let opening = Spot { at, ..spot };
        if opening.is_keyword(-1, "assert") && spot.text(0) == "," {
            return error(
                "an `assert` has no parentheses",
                "write `assert condition, \"message\"`",
            );
        }
        if !spot.is_in_call() && matches!(spot.text(0), "," | ")") && opening.text(-1) != "fn" {
            return error("dsp has no tuples", "write a list `[a, b]` or a record `{a, b}`");
        }
        return None;
    }
    let first = Spot {
        at: spot.statement(),
        ..spot
    };
    match (first.text(0), spot.text(0)) {
        ("let" | "var", "," | "(") => error("several names are bound from a record", "write `let {a, b} = record`"),
        ("return", ",") => error("dsp has no tuples", "return a list `[a, b]` or a record `{a, b}`"),
        _ => None,
    }
}

/// `for (x in xs)`, `with lm: x { … }`, `fn (x) { … }`
fn head(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    if spot.text(0) != "(" && spot.is_keyword(-1, "with") && spot.kind(-1) == Some(Kind::Reserved) {
        let help = "write `with (lm: …, temperature: 0.7) { … }`";
        return Some(spot.error(
            code::PARENTHESES,
            0,
            "the settings of a `with` stand in parentheses",
            "expected `(` here",
            help,
        ));
    }
    if spot.text(0) == "(" && spot.is_keyword(-1, "for") {
        let help = "write `for x in xs { … }`, and `for i in 0..n { … }` to count";
        return Some(spot.error(code::PARENTHESES, 0, "a `for` has no parentheses", "here", help));
    }
    let unnamed = match (spot.text(0), spot.text(1)) {
        ("(", _) if spot.is_keyword(-1, "fn") => Some(-1),
        ("fn", "(") if spot.is_keyword(0, "fn") => Some(0),
        _ => None,
    };
    if let Some(offset) = unnamed {
        let help = "write `|x| x + 1`, or give it a name: `fn name(x) { … }`";
        return Some(spot.error(
            code::FOREIGN_WORD,
            offset,
            "a function without a name is written `|x| …`",
            "here",
            help,
        ));
    }
    None
}

/// `c ? a : b`
fn question(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    if spot.kind(0) != Some(Kind::Question) {
        return None;
    }
    let help = "write `if c { a } else { b }`, or `x ?? y` for a default";
    Some(spot.error(code::FOREIGN_OPERATOR, 0, "dsp has no `? :`", "here", help))
}

/// Whether the token there can end a value: a name, a literal, a closing bracket.
pub(super) fn ends_value(spot: Spot, offset: isize) -> bool {
    spot.kind(offset).is_some_and(ends_operand) || matches!(spot.text(offset), "true" | "false" | "none")
}
