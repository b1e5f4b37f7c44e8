//! A bracket that is missing gives one error, at the bracket that it would have closed.

use std::path::{Path, PathBuf};

use dsp::diag::Severity;
use dsp::source::Span;
use dsp::syntax::token::{self, Kind, Token};

use crate::parse;

/// All scripts below a folder of the repository.
fn scripts(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|e| e == "dsp") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// The brackets of a text, each with the one that closes it.
fn pairs(text: &str) -> Vec<(Token, Token)> {
    let (mut open, mut pairs) = (Vec::new(), Vec::new());
    for token in token::tokens(text) {
        match token.kind {
            Kind::Open(_) => open.push(token),
            Kind::Close(_) => pairs.push((open.pop().unwrap(), token)),
            _ => {}
        }
    }
    pairs
}

/// The line that a place is in.
fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn without(text: &str, token: Token) -> String {
    format!("{}{}", &text[..token.start as usize], &text[token.end as usize..])
}

/// The places of the errors of a text.
fn errors(text: &str) -> Vec<(Span, String)> {
    let (_, problems) = parse(text);
    let errors = problems.into_iter().filter(|p| p.severity == Severity::Error);
    errors.map(|error| (error.span(), error.message)).collect()
}

/// Every bracket of the examples, and some of the library's.
fn broken(without: fn(&str, (Token, Token)) -> String) -> Vec<Broken> {
    let mut all = Vec::new();
    for (folder, step) in [("examples", 1), ("stdlib", 7)] {
        for path in scripts(folder) {
            let text = std::fs::read_to_string(&path).unwrap();
            for pair in pairs(&text).into_iter().step_by(step) {
                let (opened, closed) = (line(&text, pair.0.start as usize), line(&text, pair.1.start as usize));
                let bracket = pair.1.text(&text);
                let text = without(&text, pair);
                let errors = errors(&text);
                all.push(Broken {
                    place: format!("{}:{opened}, `{bracket}` in line {closed}", path.display()),
                    opened,
                    told: errors
                        .iter()
                        .map(|(span, _)| line(&text, span.start as usize))
                        .collect(),
                    messages: errors.into_iter().map(|(_, message)| message).collect(),
                });
            }
        }
    }
    assert!(all.len() > 300);
    all
}

/// A script without one of its brackets.
struct Broken {
    place: String,
    opened: usize,
    /// The lines of the errors.
    told: Vec<usize>,
    messages: Vec<String>,
}

#[test]
fn a_missing_bracket_gives_one_error_where_it_was_opened() {
    for broken in broken(|text, (_, close)| without(text, close)) {
        let Broken {
            place, told, messages, ..
        } = &broken;
        assert_eq!(*told, [broken.opened], "{place}: {messages:?}");
        assert!(messages[0].ends_with("is not closed"), "{place}: {messages:?}");
    }
}

#[test]
fn a_surplus_bracket_gives_one_error() {
    for broken in broken(|text, (open, _)| without(text, open)) {
        let Broken {
            place, told, messages, ..
        } = &broken;
        assert_eq!(told.len(), 1, "{place}: {messages:?}");
    }
}
