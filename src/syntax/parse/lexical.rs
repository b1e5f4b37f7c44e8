//! Tokens that are wrong in themselves: strings without an end, quotes of another kind, unknown characters.

use crate::diag::Diagnostic;
use crate::syntax::token::Kind;

use super::spot::Spot;
use super::titles::code;

/// What is wrong with the token at the spot, if something is.
pub(super) fn flaw(spot: Spot) -> Option<Diagnostic> {
    let text = spot.text(0);
    match spot.kind(0)? {
        Kind::Unterminated => Some(unterminated(spot, text)),
        Kind::BadNumber => Some(bad_number(spot, text)),
        Kind::SingleString => Some(single_quotes(spot, text)),
        Kind::Unknown => Some(unknown(spot, text)),
        _ => None,
    }
}

fn unterminated(spot: Spot, text: &str) -> Diagnostic {
    let opening = text.find('"').map_or("", |at| {
        let long = text[at..].starts_with("\"\"\"");
        &text[..at + if long { 3 } else { 1 }]
    });
    let quotes = opening.trim_start_matches(['f', 'r']);
    let mut span = spot.span(0);
    if quotes.len() == 3 {
        span.end = span.start + u32::try_from(opening.len()).unwrap_or(0);
    }
    let (message, help) = if opening.starts_with('f') && quotes.len() == 1 && text.contains('{') {
        let help = "close the value's `}` and the string's `\"` on this line; `f\"\"\"…\"\"\"` spans lines";
        ("this f-string is not closed", help.to_owned())
    } else if quotes.len() == 3 {
        ("this string is not closed", format!("add the closing `{quotes}`"))
    } else {
        (
            "this string is not closed",
            "add the closing `\"` on this line; `\"\"\"…\"\"\"` spans lines".to_owned(),
        )
    };
    Diagnostic::error(code::UNTERMINATED, message, span, "opened here").help(help)
}

fn bad_number(spot: Spot, text: &str) -> Diagnostic {
    let help = if text.starts_with("0x") || text.starts_with("0b") || text.starts_with("0o") {
        "numbers are written in decimal: `31`, `1_000`, `1.5`, `2e-3`"
    } else if text.contains('_') {
        "`_` stands between digits: `1_000`"
    } else {
        "numbers are written `31`, `1_000`, `1.5`, `2e-3`, and a name begins with a letter"
    };
    spot.error(code::NUMBER, 0, format!("`{text}` is not a number"), "here", help)
}

fn single_quotes(spot: Spot, text: &str) -> Diagnostic {
    if text == "''" && spot.text(1).starts_with('\'') && spot.touches(1) {
        return spot.error(
            code::QUOTES,
            0,
            "strings are written in double quotes",
            "here",
            "write `\"\"\"…\"\"\"`",
        );
    }
    let inner = text.trim_matches('\'');
    let prefix = if spot.touches(0) && matches!(spot.text(-1), "f" | "r") {
        spot.text(-1)
    } else {
        ""
    };
    let help = if inner.contains('"') || inner.len() > 40 {
        "write `\"…\"`, with `\\\"` for a quote inside".to_owned()
    } else {
        format!("write `{prefix}\"{inner}\"`")
    };
    spot.error(
        code::QUOTES,
        0,
        "strings are written in double quotes",
        "single quotes",
        &help,
    )
}

fn unknown(spot: Spot, text: &str) -> Diagnostic {
    let operator = |message: &str, help: &str| spot.error(code::FOREIGN_OPERATOR, 0, message, "here", help);
    let character = |message: String, help: &str| spot.error(code::CHARACTER, 0, message, "here", help);
    match text.chars().next().unwrap_or(' ') {
        '“' | '”' | '„' | '«' | '»' | '‘' | '’' => spot.error(
            code::QUOTES,
            0,
            format!("`{text}` is a typographic quote"),
            "here",
            "write strings as `\"…\"`",
        ),
        '`' => spot.error(
            code::QUOTES,
            0,
            "strings are not written in backticks",
            "here",
            "write `\"…\"`, or `f\"…{x}…\"` to put values in",
        ),
        '\'' => spot.error(
            code::QUOTES,
            0,
            "strings are written in double quotes",
            "here",
            "write `\"…\"`",
        ),
        '&' if spot.text(1) == "&" => operator("`&&` is written `and`", "write `and`"),
        '!' if matches!(spot.text(1), "r" | "s" | "a") && spot.text(2) == "}" => {
            let help = "formats stand behind a `:`, as in `{x:>8}`; `json(x)` writes a value as source";
            spot.error(
                code::FORMAT,
                0,
                format!("f-strings have no `!{}`", spot.text(1)),
                "here",
                help,
            )
        }
        '!' => operator("`!` is written `not`", "write `not x`"),
        '$' if spot.text(1).starts_with('"') => operator("`$\"…\"` is written `f\"…\"`", "write `f\"…{x}…\"`"),
        '@' => character("dsp has no decorators and no `@`".to_owned(), "remove it"),
        '\\' => character(
            "a `\\` does not continue a line".to_owned(),
            "end the line with its operator, or put the expression in parentheses",
        ),
        '&' | '^' | '~' => operator(
            &format!("dsp has no bit operators (`{text}`)"),
            "`and`, `or` and `not` join conditions",
        ),
        '\0' => character(
            "this file holds a zero byte".to_owned(),
            "scripts are UTF-8 text; was this file cut off, or is it UTF-16?",
        ),
        c if c.is_control() || c.is_whitespace() || is_invisible(c) => character(
            format!("an invisible character, U+{:04X}", u32::from(c)),
            "replace it with a plain blank, or remove it",
        ),
        c if c.is_alphabetic() => character(
            format!("`{c}` cannot stand in a name"),
            "names are made of `A-Z`, `a-z`, `0-9` and `_`",
        ),
        c => character(format!("unknown character `{c}`"), "remove it, or put it into a string"),
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{00AD}' | '\u{202A}'..='\u{202E}')
}
