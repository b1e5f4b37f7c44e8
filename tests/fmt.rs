//! `dsp fmt`: what the layout is, that it says the same, that nothing is lost, and that the project's own files have it.

#![allow(clippy::unwrap_used, reason = "what a test finds missing is its failure")]

#[path = "fmt/corpus.rs"]
mod corpus;
#[path = "fmt/layout.rs"]
mod layout;
#[path = "fmt/own.rs"]
mod own;
#[path = "fmt/places.rs"]
mod places;
#[path = "fmt/properties.rs"]
mod properties;
#[path = "syntax/seed.rs"]
mod seed;

use std::sync::LazyLock;

use regex::Regex;

use dsp::source::SourceMap;
use dsp::syntax::format::{format, plain};
use dsp::syntax::parse::parse_file;
use dsp::syntax::token::{Kind, tokens};

/// The text in its one layout; `None` where it does not parse.
fn formatted(text: &str) -> Option<String> {
    let mut sources = SourceMap::default();
    let file = sources.add("t.dsp", plain(text));
    format(&sources, file).ok()
}

/// The tree of a text without its places; `None` where it does not parse.
fn tree(text: &str) -> Option<String> {
    let mut sources = SourceMap::default();
    let file = sources.add("t.dsp", text);
    let (tree, problems) = parse_file(&sources, file);
    static PLACES: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b0:\d+\.\.\d+\b").unwrap());
    let written = format!("{:#?}", tree.items);
    problems
        .is_empty()
        .then(|| PLACES.replace_all(&written, "_").into_owned())
}

/// The comments of a text, in order.
fn comments(text: &str) -> Vec<String> {
    let comments = tokens(text).into_iter().filter(|token| token.kind == Kind::Comment);
    comments.map(|token| token.text(text).trim_end().to_owned()).collect()
}

/// What holds for every text that parses: its layout says the same, keeps every comment, and is its own layout.
fn check(text: &str) -> Result<(), String> {
    let Some(before) = tree(text) else { return Ok(()) };
    let out = formatted(text).ok_or("it parses and has no layout")?;
    let shown = |what: &str| format!("{what}\n── before\n{text}\n── after\n{out}");
    let after = tree(&out).ok_or_else(|| shown("the layout does not parse"))?;
    if before != after {
        let diff = similar::TextDiff::from_lines(&before, &after);
        return Err(shown(&format!(
            "the layout says something else:\n{}",
            diff.unified_diff()
        )));
    }
    if comments(text) != comments(&out) {
        return Err(shown("comments were lost"));
    }
    let again = formatted(&out).ok_or_else(|| shown("the layout has no layout"))?;
    if again != out {
        return Err(shown(&format!("the layout has another layout:\n{again}")));
    }
    Ok(())
}
