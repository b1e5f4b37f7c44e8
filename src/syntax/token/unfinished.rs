//! Whether a line of the REPL is a whole input, and whether a line belongs to the one above. Unfinished input is no error: the prompt asks for more.

use super::{Kind, Token, tokens};

/// Whether `text` can be run (or is wrong for good), rather than waiting for its rest.
pub fn is_complete(text: &str) -> bool {
    let tokens = tokens(text);
    let significant: Vec<&Token> = tokens.iter().filter(|t| !t.kind.is_trivia()).collect();
    let mut depth = 0usize;
    for token in &significant {
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let Some(last) = significant.last() else { return true };
    let waits = match last.kind {
        Kind::Operator
        | Kind::Minus
        | Kind::Pipe
        | Kind::Coalesce
        | Kind::Assign
        | Kind::Colon
        | Kind::FatArrow
        | Kind::Arrow
        | Kind::Comma
        | Kind::Bar
        | Kind::Bars
        | Kind::Dot
        | Kind::OptionalDot => true,
        Kind::Reserved => matches!(
            last.text(text),
            "and" | "or" | "in" | "not" | "fn" | "let" | "var" | "if" | "while" | "for" | "match" | "assert"
        ),
        Kind::Unterminated => ["\"\"\"", "r\"\"\"", "f\"\"\""]
            .iter()
            .any(|q| last.text(text).starts_with(q)),
        _ => false,
    };
    depth == 0 && !waits
}

/// Whether a line goes on with the statement above it: `|> f()`, `.name`, `else {`.
pub fn goes_on(line: &str) -> bool {
    let tokens = tokens(line);
    let Some(first) = tokens.iter().find(|token| token.kind != Kind::Space) else {
        return false;
    };
    match first.kind {
        Kind::Pipe | Kind::Dot | Kind::OptionalDot | Kind::Coalesce => true,
        Kind::Reserved => matches!(first.text(line), "and" | "or" | "else" | "catch"),
        _ => false,
    }
}
