//! Colours: the class of each token, and how a terminal shows it. A REPL's input is coloured while it is still wrong, so
//! nothing but the tokens and their neighbours is asked.

use super::token::{CONTEXTUAL, Kind, Token, tokens};

/// What a reader sees at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `fn`, `match`, and `signature` where one begins
    Keyword,
    /// `12`, `true`, `none`
    Constant,
    /// `"…"`, the text of an f-string
    Text,
    Comment,
    /// What no token begins with, a string without its end.
    Wrong,
    Plain,
}

impl Class {
    /// The number of its ANSI colour.
    fn ansi(self) -> Option<u8> {
        match self {
            Class::Keyword => Some(35),
            Class::Constant => Some(36),
            Class::Text => Some(32),
            Class::Comment => Some(90),
            Class::Wrong => Some(31),
            Class::Plain => None,
        }
    }
}

/// The tokens of a text with their classes; their slices glue back to the text.
pub fn classes(text: &str) -> Vec<(Token, Class)> {
    let tokens = tokens(text);
    let class = |at: usize| class(text, &tokens, at);
    (0..tokens.len()).map(|at| (tokens[at], class(at))).collect()
}

/// The text with ANSI colours. Nothing but escapes is added.
pub fn colored(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (token, class) in classes(text) {
        let slice = token.text(text);
        match class.ansi() {
            Some(code) => out += &format!("\u{1b}[{code}m{slice}\u{1b}[0m"),
            None => out += slice,
        }
    }
    out
}

fn class(text: &str, tokens: &[Token], at: usize) -> Class {
    let token = &tokens[at];
    match token.kind {
        Kind::Comment => Class::Comment,
        Kind::Number => Class::Constant,
        Kind::String
        | Kind::SingleString
        | Kind::FStringStart
        | Kind::FStringText
        | Kind::FStringFormat
        | Kind::FStringEnd => Class::Text,
        Kind::BadNumber | Kind::Unknown => Class::Wrong,
        // One that is still being typed is no mistake.
        Kind::Unterminated if at + 1 == tokens.len() => Class::Text,
        Kind::Unterminated => Class::Wrong,
        Kind::Reserved | Kind::Word if is_field(tokens, at) => Class::Plain,
        Kind::Reserved if matches!(token.text(text), "true" | "false" | "none") => Class::Constant,
        Kind::Reserved => Class::Keyword,
        Kind::Word if CONTEXTUAL.contains(&token.text(text)) && begins(text, tokens, at) => Class::Keyword,
        _ => Class::Plain,
    }
}

fn before(tokens: &[Token], at: usize) -> Option<&Token> {
    tokens[..at].iter().rev().find(|token| !is_blank(token))
}

fn behind(tokens: &[Token], at: usize) -> Option<&Token> {
    tokens[at + 1..].iter().find(|token| !is_blank(token))
}

fn is_blank(token: &Token) -> bool {
    matches!(token.kind, Kind::Space | Kind::Comment)
}

/// Any word is a name behind a dot and before a colon.
fn is_field(tokens: &[Token], at: usize) -> bool {
    let dot = before(tokens, at).is_some_and(|token| matches!(token.kind, Kind::Dot | Kind::OptionalDot));
    dot || behind(tokens, at).is_some_and(|token| token.kind == Kind::Colon)
}

/// Whether a construct begins here of which the word is the keyword.
fn begins(text: &str, tokens: &[Token], at: usize) -> bool {
    let next = behind(tokens, at).map(|token| token.kind);
    let last = before(tokens, at).map(|token| token.kind);
    let first = matches!(last, None | Some(Kind::Newline | Kind::Semicolon | Kind::Open(_)));
    match tokens[at].text(text) {
        "signature" | "module" | "type" => first && next == Some(Kind::Word),
        "test" | "import" => first && matches!(next, Some(Kind::String | Kind::Unterminated)),
        "forward" => first && matches!(next, Some(Kind::Open(_))),
        "as" => last == Some(Kind::String),
        // A condition follows; behind a name of that name stands something else.
        _ => matches!(
            next,
            Some(Kind::Word | Kind::Reserved | Kind::Open(_) | Kind::String | Kind::Number | Kind::Minus)
        ),
    }
}
