//! Near misses of those who write dsp: newlines, reserved words, statements where a value is wanted.

use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::token::{Bracket, Kind};

use super::diagnose::{Expected, in_list};
use super::elsewhere;
use super::spot::{Spot, ends_operand};
use super::titles::code;

type Miss = fn(Spot, &Expected, usize) -> Option<Diagnostic>;

pub(super) fn near_miss(spot: Spot, expected: &Expected, end: usize) -> Option<Diagnostic> {
    const MISSES: &[Miss] = &[
        description,
        body,
        number,
        member,
        leaves,
        no_arrow,
        elsewhere::comment,
        elsewhere::top_level,
        elsewhere::import_all,
        leading_operator,
        apart,
        reserved,
        statement,
        alone,
        incomplete,
        import,
        value,
        record_comma,
    ];
    MISSES.iter().find_map(|miss| miss(spot, expected, end))
}

/// A body's `{` on a line of its own.
fn body(spot: Spot, expected: &Expected, _: usize) -> Option<Diagnostic> {
    let opens = spot.kind(0) == Some(Kind::Open(Bracket::Curly)) && spot.begins_line(0);
    if !opens || !(expected.symbol("{") || ends_operand(spot.kind(-1)?)) || in_list(spot) {
        return None;
    }
    Some(detached_body(spot))
}

pub(super) fn detached_body(spot: Spot) -> Diagnostic {
    let help = "move the `{` to the end of the line above";
    let message = "a body's `{` stands on the line of what it belongs to";
    let error = spot.error(code::BODY, 0, message, "on a line of its own", help);
    error.label(spot.span(-1), "the line ends here")
}

/// A description between a function's head and its body, as natives have it.
fn description(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    (0..=1).find_map(|ahead| {
        let body = spot.ahead(ahead);
        described_head(body).map(|_| described_body(body))
    })
}

/// Where the head begins whose description stands before this `{`.
pub(super) fn described_head(body: Spot) -> Option<usize> {
    let described = body.kind(0) == Some(Kind::Open(Bracket::Curly)) && body.kind(-1) == Some(Kind::String);
    // `-> "a" | "b" {` is a type.
    if !described
        || !body
            .kind(-2)
            .is_some_and(|kind| ends_operand(kind) || kind == Kind::Question)
    {
        return None;
    }
    let head = body.before(-1).statement();
    let first = body.tokens[head].token.text(body.source);
    matches!(first, "fn" | "forward").then_some(head)
}

pub(super) fn described_body(body: Spot) -> Diagnostic {
    let help = "move the `{` to the end of the head, before the description: `fn f(x) { \"what it does\" … }`";
    let message = "a function's description stands inside its braces";
    let error = body.error(code::UNEXPECTED, -1, message, "before the `{`", help);
    error.label(body.span(0), "the body begins here")
}

/// `.5`, `1.`
fn number(spot: Spot, _: &Expected, end: usize) -> Option<Diagnostic> {
    if spot.kind(0) == Some(Kind::Dot) && spot.kind(1) == Some(Kind::Number) {
        let help = format!("write `0.{}`", spot.text(1));
        return Some(spot.error(code::NUMBER, 0, "a number does not begin with `.`", "here", &help));
    }
    let cut = spot.at >= end || spot.begins_line(0) || matches!(spot.kind(0), Some(Kind::Close(_) | Kind::Comma));
    if cut && spot.kind(-1) == Some(Kind::Dot) && spot.kind(-2) == Some(Kind::Number) {
        let help = format!("write `{}.0`", spot.text(-2));
        return Some(spot.error(code::NUMBER, -1, "a number does not end with `.`", "here", &help));
    }
    None
}

/// `let x = …` as the member of a module.
fn member(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    if !spot.is_body_of("module") {
        return None;
    }
    if spot.kind(0) == Some(Kind::Colon) && spot.kind(-1) == Some(Kind::Word) {
        let help = format!("write `{} = …`", spot.text(-1));
        return Some(spot.error(
            code::UNEXPECTED,
            0,
            "a module's member is written with `=`",
            "here",
            &help,
        ));
    }
    if !matches!(spot.text(0), "let" | "var") {
        return None;
    }
    let message = format!("a module's member has no `{}`", spot.text(0));
    Some(spot.error(
        code::UNEXPECTED,
        0,
        message,
        "here",
        "write `name = …`; members are evaluated once, in order",
    ))
}

/// `break(x)`, `continue.x`
fn leaves(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let offset = (-2..=0).find(|offset| {
        let word = matches!(spot.text(*offset), "break" | "continue") && spot.kind(*offset) == Some(Kind::Reserved);
        word && matches!(spot.text(offset + 1), "(" | "[" | "." | "?.")
    })?;
    let message = format!("`{}` has no value", spot.text(offset));
    let help = "it stands alone; `return x` leaves a function with a value";
    Some(spot.error(code::UNEXPECTED, offset, message, "here", help))
}

/// A signature without `->`.
fn no_arrow(spot: Spot, expected: &Expected, _: usize) -> Option<Diagnostic> {
    if spot.text(0) != "}" || !expected.symbol("->") || !spot.is_body_of("signature") {
        return None;
    }
    let help = "inputs stand before `->`, outputs behind it: `question -> answer`";
    Some(spot.error(
        code::OUTPUTS,
        0,
        "this signature has no `->`",
        "no outputs before this",
        help,
    ))
}

/// A line that begins with `+`, `==`, `in` …
fn leading_operator(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let first = Spot {
        at: spot.statement(),
        ..spot
    };
    if first.kind(0) == Some(Kind::Bar) && first.begins_line(0) && first.at > 0 && first.kind(1) != Some(Kind::Word) {
        let help = "move `|` to the end of the line above";
        return Some(first.error(
            code::LEADING_OPERATOR,
            0,
            "a line cannot begin with `|`",
            "begins the line",
            help,
        ));
    }
    let operator = match spot.kind(0)? {
        Kind::Operator | Kind::Range | Kind::Assign | Kind::Arrow | Kind::FatArrow | Kind::Colon => true,
        Kind::Bar | Kind::Bars => spot.kind(1) != Some(Kind::Bar),
        Kind::Reserved => matches!(spot.text(0), "in") || (spot.text(0) == "not" && spot.text(1) == "in"),
        _ => false,
    };
    if !operator || !spot.begins_line(0) || spot.at == 0 {
        return None;
    }
    let text = spot.text(0);
    let help = format!("move `{text}` to the end of the line above");
    let error = spot.error(
        code::LEADING_OPERATOR,
        0,
        format!("a line cannot begin with `{text}`"),
        "begins the line",
        &help,
    );
    Some(error)
}

fn comma_is_missing(spot: Spot, help: &str) -> Diagnostic {
    let place = spot.span(-1).after();
    Diagnostic::error(code::COMMA, "a comma is missing", place, "expected `,` here").help(help)
}

/// `f⏎(x)` inside brackets.
fn apart(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    if !matches!(spot.kind(0)?, Kind::Open(Bracket::Round | Bracket::Square)) || !spot.begins_line(0) || !in_list(spot)
    {
        return None;
    }
    let help = "end the line above with a comma; if this belongs to what is above, move it to that line";
    Some(comma_is_missing(spot, help))
}

/// `let match = 1`, `print(match)`
fn reserved(spot: Spot, expected: &Expected, end: usize) -> Option<Diagnostic> {
    let keyword = matches!(
        spot.text(-1),
        "match" | "if" | "for" | "while" | "try" | "with" | "let" | "var" | "assert" | "catch"
    );
    let cut = spot.at >= end || matches!(spot.kind(0), Some(Kind::Close(_) | Kind::Comma | Kind::Dot));
    if keyword && cut && spot.kind(-1) == Some(Kind::Reserved) && (spot.at < end || !expected.expression()) {
        return Some(not_a_name(spot, -1));
    }
    let word = spot.text(0);
    let stands_as_name = expected.name() || (matches!(spot.text(1), "=" | "," | ")") && !expected.expression());
    let is_value = matches!(word, "true" | "false" | "none");
    if spot.kind(0) != Some(Kind::Reserved) || !stands_as_name || (is_value && expected.expression()) {
        return None;
    }
    Some(not_a_name(spot, 0))
}

fn not_a_name(spot: Spot, offset: isize) -> Diagnostic {
    let word = spot.text(offset);
    let help = format!("choose another name, such as `{word}_`; as a field it may stand: `r.{word}`, `{{{word}: x}}`");
    let message = format!("`{word}` is a reserved word and no name");
    spot.error(code::RESERVED, offset, message, "not a name", &help)
}

/// `let x = for …`, `=> x = 1`
fn statement(spot: Spot, expected: &Expected, _: usize) -> Option<Diagnostic> {
    let word = spot.text(0);
    if !expected.expression() || spot.kind(0) != Some(Kind::Reserved) {
        return None;
    }
    match word {
        "let" | "var" | "for" | "while" | "assert" => {
            let help = "put it into a block: `{ … }`; to make a list, write `[f(x) for x in xs]`";
            Some(spot.error(
                code::UNEXPECTED,
                0,
                format!("`{word}` is a statement and has no value"),
                "expected an expression here",
                help,
            ))
        }
        "and" | "or" | "in" => {
            let message = format!("`{word}` lacks its left side");
            Some(spot.error(
                code::UNEXPECTED,
                0,
                message,
                "expected an expression here",
                "write what it joins on both sides",
            ))
        }
        _ => None,
    }
}

/// `else`, `catch` without what they belong to.
fn alone(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let owner = match spot.text(0) {
        "else" => "if",
        "catch" => "try",
        _ => return None,
    };
    let message = format!("this `{}` belongs to no `{owner}`", spot.text(0));
    let help = format!("write `{owner} … {{ … }} {} {{ … }}`", spot.text(0));
    Some(spot.error(code::UNEXPECTED, 0, message, "here", &help))
}

/// `let x`, `try { … }` without their other half.
fn incomplete(spot: Spot, expected: &Expected, end: usize) -> Option<Diagnostic> {
    if spot.at < end {
        return None;
    }
    let first = Spot {
        at: Spot {
            tokens: &spot.tokens[..end],
            at: end,
            ..spot
        }
        .statement(),
        ..spot
    };
    let place: Span = spot.span(-1).after();
    let error = |message: String, label: &str, help: &str| {
        Some(Diagnostic::error(code::UNEXPECTED, message, place, label).help(help))
    };
    match first.text(0) {
        word @ ("let" | "var") if expected.symbol("=") => error(
            format!("a `{word}` needs a value"),
            "expected `=` here",
            "write `let x = …`, or `var x: int? = none`",
        ),
        "try" => error(
            "a `try` needs a `catch`".to_owned(),
            "expected `catch` here",
            "write `try { … } catch e { … }`",
        ),
        "import" => import(spot, expected, end),
        _ => None,
    }
}

/// `import "x.dsp"` without names.
fn import(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    if spot.kind(-1) != Some(Kind::String) || spot.text(-2) != "import" {
        return None;
    }
    let help = "write `import \"file.dsp\" as name`, or `import \"file.dsp\" (name, other)`";
    let place = spot.span(-1).after();
    Some(
        Diagnostic::error(
            code::IMPORT,
            "this import does not say what it imports",
            place,
            "expected `as` or `(` here",
        )
        .help(help),
    )
}

/// `f"{}"`, `f"{x y}"`
fn value(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let help = "a value is an expression: `{x}`, `{x:.2f}`; braces themselves are written `{{` and `}}`";
    match (spot.kind(-1), spot.kind(0)) {
        (Some(Kind::ValueStart), Some(Kind::ValueEnd | Kind::FStringFormat)) => Some(spot.error(
            code::FSTRING,
            0,
            "this value of the f-string is empty",
            "expected an expression here",
            help,
        )),
        _ => {
            let (_, bracket) = spot.bracket()?;
            let message = format!(
                "unexpected `{}` in a value of the f-string",
                super::diagnose::shorten(spot.text(0))
            );
            (bracket == Kind::ValueStart).then(|| spot.error(code::FSTRING, 0, message, "here", help))
        }
    }
}

/// `{⏎ a: 1⏎ b: 2⏎}`
fn record_comma(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let entry = spot.kind(0) == Some(Kind::Spread) || spot.kind(1) == Some(Kind::Colon);
    if !entry || !in_list(spot) || !spot.kind(-1).is_some_and(ends_operand) {
        return None;
    }
    let help = "end the line above with a comma; only record types and signatures go without";
    Some(comma_is_missing(spot, help))
}
