//! What holds for every text, tried on all scripts of the project and on what random edits make of them. `FMT_SECONDS`
//! goes on with further edits for so long, `PROPTEST_RNG_SEED` says which are tried.

#![allow(clippy::print_stdout, reason = "a long run says how much it tried")]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};

use dsp::syntax::token::{Kind, Token, tokens};

use super::corpus::{pieces, scripts};
use super::{check, comments, formatted, seed, tree};

/// How many cases are drawn from one seed.
const CASES: u32 = 200;

/// Holds a property against the cases of a seed; if `FMT_SECONDS` are given, against those of further seeds until then.
fn hold<S: Strategy>(strategy: &S, property: impl Fn(S::Value) -> Result<(), String>) {
    let seconds = std::env::var("FMT_SECONDS").ok().and_then(|n| n.parse().ok());
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(0));
    let mut config = seed::cases(CASES);
    let mut tried = 0u64;
    loop {
        let run = TestRunner::new(config.clone()).run(strategy, |value| property(value).map_err(TestCaseError::fail));
        run.unwrap();
        tried += u64::from(CASES);
        if Instant::now() >= until {
            break;
        }
        if let RngSeed::Fixed(seed) = config.rng_seed {
            config.rng_seed = RngSeed::Fixed(seed.wrapping_add(1));
        }
    }
    if seconds.is_some() {
        println!("{tried} texts tried");
    }
}

#[test]
fn every_script_keeps_its_meaning_and_its_comments() {
    let failures: Vec<String> = scripts(&["stdlib", "examples", "tests"])
        .iter()
        .filter_map(|(path, text)| check(text).err().map(|why| format!("{}: {why}", path.display())))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is done at a token.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Delete,
    Double,
    Newline,
    BlankLine,
    Comment,
    OwnLine,
    Semicolon,
    Comma,
    Swap,
    Parenthesis,
}

const EDITS: [Edit; 10] = [
    Edit::Delete,
    Edit::Double,
    Edit::Newline,
    Edit::BlankLine,
    Edit::Comment,
    Edit::OwnLine,
    Edit::Semicolon,
    Edit::Comma,
    Edit::Swap,
    Edit::Parenthesis,
];

/// The text with an edit behind one of its tokens.
fn edited(text: &str, at: usize, edit: Edit) -> String {
    let all = tokens(text);
    let written: Vec<&Token> = all.iter().filter(|token| !token.kind.is_trivia()).collect();
    let Some(token) = written.get(at % written.len().max(1)) else {
        return text.to_owned();
    };
    let (start, end) = (token.start as usize, token.end as usize);
    let own = token.text(text);
    let (before, after) = (&text[..start], &text[end..]);
    match edit {
        Edit::Delete => format!("{before}{after}"),
        Edit::Double => format!("{before}{own} {own}{after}"),
        Edit::Newline => format!("{before}{own}\n{after}"),
        Edit::BlankLine => format!("{before}{own}\n\n\n{after}"),
        Edit::Comment => format!("{before}{own} # c{at}\n{after}"),
        Edit::OwnLine => format!("{before}{own}\n# o{at}\n{after}"),
        Edit::Semicolon => format!("{before}{own};{after}"),
        Edit::Comma => format!("{before}{own},{after}"),
        Edit::Parenthesis => format!("{before}({own}){after}"),
        Edit::Swap => match written.get((at + 7) % written.len()) {
            Some(other) => format!("{before}{}{after}", other.text(text)),
            None => text.to_owned(),
        },
    }
}

/// Edits that leave no readable text behind are taken back, so that many can be made.
#[test]
fn edited_scripts_keep_their_meaning_and_their_comments() {
    let pieces = pieces();
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..EDITS.len()), 1..12);
    hold(&(any::<prop::sample::Index>(), edits), |(which, edits)| {
        let mut text = pieces[which.index(pieces.len())].clone();
        for (at, edit) in edits {
            let next = edited(&text, at.index(4096), EDITS[edit]);
            if tree(&next).is_some() {
                text = next;
            }
        }
        check(&text)
    });
}

/// The layout does not hang on where the lines were broken before.
#[test]
fn texts_that_differ_in_their_lines_alone_have_one_layout() {
    let pieces: Vec<String> = pieces().into_iter().filter(|text| comments(text).is_empty()).collect();
    let gaps = prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..20);
    hold(&(any::<prop::sample::Index>(), gaps), |(which, gaps)| {
        let text = &pieces[which.index(pieces.len())];
        let before = tree(text);
        let mut other = text.clone();
        for (at, newline) in gaps {
            let all = tokens(&other);
            let trivia: Vec<&Token> = all
                .iter()
                .filter(|t| matches!(t.kind, Kind::Space | Kind::Newline))
                .collect();
            let Some(gap) = trivia.get(at.index(trivia.len().max(1))) else {
                continue;
            };
            let filling = if newline { "\n" } else { " " };
            let next = format!(
                "{}{filling}{}",
                &other[..gap.start as usize],
                &other[gap.end as usize..]
            );
            // An empty line is kept, so none may come or go.
            let blank = |text: &str| text.lines().filter(|line| line.trim().is_empty()).count();
            if blank(&next) == 0 && tree(&next) == before {
                other = next;
            }
        }
        match blank_free(text) && formatted(text) != formatted(&other) {
            true => Err(format!(
                "two layouts of one text\n── as it was\n{text}\n── with other lines\n{other}\n── {}\n── {}",
                formatted(text).unwrap_or_default(),
                formatted(&other).unwrap_or_default(),
            )),
            false => Ok(()),
        }
    });
}

fn blank_free(text: &str) -> bool {
    !text.lines().any(|line| line.trim().is_empty())
}
