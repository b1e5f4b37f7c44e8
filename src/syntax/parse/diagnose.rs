//! Where the grammar stops, and what to say about it: the near misses first, then what stands there and what was
//! expected, in the language's words.

use std::sync::{Mutex, PoisonError};

use pest::Parser;
use pest::error::InputLocation;

use crate::diag::Diagnostic;
use crate::syntax::token::{Bracket, Kind, RESERVED};

use super::grammar::{Grammar, Rule};
use super::spot::{Spot, begins_operand, ends_operand};
use super::titles::code;
use super::{habits, near_miss};

/// How far the grammar came.
pub(super) struct Stop {
    /// Offset into the text that was parsed.
    pub at: usize,
    pub expected: Expected,
}

/// What could have stood there.
#[derive(Default)]
pub(super) struct Expected {
    /// Symbols and words: `=`, `->`, `in`.
    pub symbols: Vec<String>,
    pub rules: Vec<Rule>,
}

/// pest collects what it expected only if it is told to, for the whole process.
static DETAIL: Mutex<()> = Mutex::new(());

/// Parses a text that has a mistake once more, to see where exactly it is.
pub(super) fn stop(text: &str, rule: Rule) -> Stop {
    let guard = DETAIL.lock().unwrap_or_else(PoisonError::into_inner);
    pest::set_error_detail(true);
    let result = Grammar::parse(rule, text);
    pest::set_error_detail(false);
    drop(guard);
    let Err(error) = result else {
        return Stop {
            at: text.len(),
            expected: Expected::default(),
        };
    };
    let located = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let rules = match &error.variant {
        pest::error::ErrorVariant::ParsingError { positives, .. } => positives.clone(),
        pest::error::ErrorVariant::CustomError { .. } => Vec::new(),
    };
    let Some(attempts) = error.parse_attempts() else {
        return Stop {
            at: located,
            expected: Expected {
                symbols: Vec::new(),
                rules,
            },
        };
    };
    let symbols = attempts.expected_tokens().iter().map(ToString::to_string).collect();
    let furthest = attempts.max_position.max(located);
    // A reserved word where a name should stand is looked at to its end, but it is the mistake.
    let word = text[located..furthest].trim_end();
    if RESERVED.contains(&word) {
        return Stop {
            at: located,
            expected: Expected {
                symbols: Vec::new(),
                rules,
            },
        };
    }
    let rules = if furthest == located { rules } else { Vec::new() };
    Stop {
        at: furthest,
        expected: Expected { symbols, rules },
    }
}

impl Expected {
    pub fn symbol(&self, symbol: &str) -> bool {
        self.symbols.iter().any(|s| s == symbol)
    }

    /// Whether an operand could begin here.
    pub fn expression(&self) -> bool {
        (self.symbol("f\"") && self.symbol("[")) || self.rules.contains(&Rule::expr)
    }

    /// Whether a name and no expression was expected.
    pub fn name(&self) -> bool {
        self.rules.contains(&Rule::name) && !self.expression()
    }

    /// In words, where that helps.
    fn words(&self) -> Option<String> {
        if self.expression() {
            return Some("an expression".to_owned());
        }
        if self
            .rules
            .iter()
            .any(|r| matches!(r, Rule::type_named | Rule::type_none))
        {
            return Some("a type".to_owned());
        }
        if self
            .rules
            .iter()
            .any(|r| matches!(r, Rule::pattern_name | Rule::pattern_record))
        {
            return Some("a pattern".to_owned());
        }
        if self.name() {
            return Some("a name".to_owned());
        }
        let known = ["=", "->", "=>", "{", "(", "in", ")", "]", "}", "catch", "forward"];
        let mut list: Vec<String> = known
            .iter()
            .filter(|s| self.symbol(s))
            .map(|s| format!("`{s}`"))
            .collect();
        let last = list.pop()?;
        match list.len() {
            0 => Some(last),
            1 | 2 => Some(format!("{} or {last}", list.join(", "))),
            _ => None,
        }
    }
}

/// What to say about the token at the spot; `end` is the end of its statement.
pub(super) fn diagnose(spot: Spot, expected: &Expected, end: usize) -> Diagnostic {
    near_miss::near_miss(spot, expected, end)
        .or_else(|| habits::habit(spot, expected, end))
        .unwrap_or_else(|| plain(spot, expected, end))
}

fn plain(spot: Spot, expected: &Expected, end: usize) -> Diagnostic {
    let words = expected.words();
    let label = words
        .as_ref()
        .map_or("not expected here".to_owned(), |words| format!("expected {words} here"));
    if spot.at >= end {
        let message = match spot.text(-1) {
            "" => "the text ends too early".to_owned(),
            before => format!("the line ends too early, after `{}`", shorten(before)),
        };
        let place = spot.span(-1).after();
        let label = words.map_or("something is missing here".to_owned(), |words| {
            format!("expected {words} here")
        });
        return Diagnostic::error(code::UNEXPECTED, message, place, label);
    }
    let found = shorten(spot.text(0));
    let before = spot.kind(-1).filter(|kind| {
        matches!(
            kind,
            Kind::Operator | Kind::Minus | Kind::Pipe | Kind::Coalesce | Kind::Assign
        )
    });
    if expected.expression()
        && before.is_some()
        && (spot.begins_line(0) || matches!(spot.kind(0), Some(Kind::Close(_))))
    {
        let message = format!("`{}` lacks its right side", spot.text(-1));
        return Diagnostic::error(
            code::UNEXPECTED,
            message,
            spot.span(-1).after(),
            "expected an expression here",
        );
    }
    let two_operands = spot.kind(-1).is_some_and(ends_operand) && spot.kind(0).is_some_and(begins_operand);
    if two_operands && !spot.begins_line(0) {
        if in_list(spot) {
            let help = format!("separate the two with a comma: `{}, {found}`", shorten(spot.text(-1)));
            return Diagnostic::error(
                code::COMMA,
                format!("a comma is missing before `{found}`"),
                spot.span(0),
                "expected `,` here",
            )
            .help(help);
        }
        let message = format!("unexpected `{found}` after `{}`", shorten(spot.text(-1)));
        let error = Diagnostic::error(code::UNEXPECTED, message, spot.span(0), label);
        return error.help("statements end at a newline or `;`, and a call has parentheses: `f(x)`");
    }
    if two_operands && in_list(spot) {
        let error = Diagnostic::error(
            code::COMMA,
            "a comma is missing",
            spot.span(-1).after(),
            "expected `,` here",
        );
        return error.help("inside brackets a newline does not separate: end the line with a comma");
    }
    Diagnostic::error(code::UNEXPECTED, format!("unexpected `{found}`"), spot.span(0), label)
}

/// Whether the innermost bracket holds things that commas separate.
pub(super) fn in_list(spot: Spot) -> bool {
    match spot.bracket() {
        Some((_, Kind::Open(Bracket::Round | Bracket::Square))) => true,
        Some((at, Kind::Open(Bracket::Curly))) => {
            let inside = Spot { at, ..spot };
            matches!(inside.kind(2), Some(Kind::Colon | Kind::Comma)) || inside.kind(1) == Some(Kind::Spread)
        }
        _ => false,
    }
}

pub(super) fn shorten(text: &str) -> String {
    shorten_to(text, 30)
}

/// The first line of a text, cut to so many characters.
pub(super) fn shorten_to(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.chars().count() > most || line.len() < text.trim_end().len() {
        return format!("{}…", line.chars().take(most - 1).collect::<String>());
    }
    line.to_owned()
}
