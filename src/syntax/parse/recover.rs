//! What is still read of a file with mistakes: its declarations one by one, and in each the statements around a broken
//! one. So one run tells of all mistakes, and each of them once.

use std::ops::Range;

use crate::diag::{Diagnostic, Problems};
use crate::source::FileId;
use crate::syntax::ast::{Item, Name};
use crate::syntax::token::{Bracket, Kind, Token};

use super::chunk::{self, Chunk};
use super::layout::{Placed, layout};
use super::spot::Spot;
use super::titles::code;
use super::{brackets, near_miss};

/// At most about so many mistakes of one file are told.
const PROBLEMS: usize = 200;

/// What could be read.
#[derive(Default)]
pub(super) struct Recovered {
    pub items: Vec<Item>,
    /// What the broken parts declare.
    pub broken: Vec<Name>,
    /// Where the broken parts stand.
    pub unread: Vec<Range<usize>>,
    pub problems: Problems,
}

impl Recovered {
    /// Whether enough has been told.
    fn is_full(&self) -> bool {
        self.problems.len() >= PROBLEMS
    }

    /// Of a text that cannot be read at all.
    pub fn nothing(source: &str, problem: Diagnostic) -> Recovered {
        let mut recovered = Recovered::default();
        recovered.unread.push(0..source.len());
        recovered.problems.push(problem);
        recovered
    }
}

pub(super) fn recover(source: &str, file: FileId, tokens: &[Token], placed: &[Placed]) -> Recovered {
    let mut recovered = Recovered::default();
    if brackets::balanced(placed) {
        section(source, file, tokens, 0..source.len(), &mut recovered);
        return recovered;
    }
    let sections = brackets::sections(source, file, placed);
    for (i, part) in sections.iter().enumerate() {
        let start = placed.get(part.tokens.start).map_or(0, |p| p.token.start as usize);
        let end = sections
            .get(i + 1)
            .and_then(|next| placed.get(next.tokens.start))
            .map_or(source.len(), |p| p.token.start as usize);
        match &part.fault {
            _ if recovered.is_full() => recovered.unread.push(start..end),
            None => section(source, file, tokens, start..end, &mut recovered),
            Some(fault) => {
                let all = &placed[part.tokens.clone()];
                // A string that is not closed swallows brackets: it is the mistake then.
                if chunk::flaws(source, file, all, &mut recovered.problems).is_empty() {
                    recovered.problems.push(fault.clone());
                }
                recovered.broken.extend(declared(source, file, all));
                recovered.unread.push(start..end);
            }
        }
    }
    recovered
}

/// Reads a part of the file whose brackets pair, statement by statement.
fn section(source: &str, file: FileId, tokens: &[Token], range: Range<usize>, out: &mut Recovered) {
    let first = tokens.partition_point(|t| (t.start as usize) < range.start);
    let last = tokens.partition_point(|t| (t.start as usize) < range.end);
    let layout = layout(source, range.clone(), &tokens[first..last]);
    let mut skip = false;
    let mut below_broken = false;
    for chunk in chunks(source, &layout.tokens) {
        let place = place(&layout.tokens[chunk.clone()]);
        // The indented lines below a broken head are its body, as in `def f(x):`.
        below_broken &= !is_at_margin(source, &layout.tokens[chunk.start]);
        if below_broken {
            out.unread.push(place.clone());
        }
        if std::mem::take(&mut skip) || out.is_full() {
            out.unread.push(place);
            continue;
        }
        let detached = body_apart(source, file, &layout.tokens, &chunk);
        let apart = detached.is_some();
        let read = match detached {
            Some(error) => Err(vec![error]),
            None => Chunk::new(source, file, &layout, range.start, chunk.clone()).read(),
        };
        match read {
            Ok(items) => out.items.extend(items),
            Err(errors) => {
                // The block below a head without body belongs to that mistake.
                skip = apart || errors.iter().any(|error| error.code.0 == code::BODY);
                out.broken.extend(declared(source, file, &layout.tokens[chunk]));
                out.unread.push(place);
                below_broken = true;
                errors.into_iter().for_each(|error| out.problems.push(error));
            }
        }
    }
}

/// From the first token to the last.
fn place(tokens: &[Placed]) -> Range<usize> {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.token.start as usize..last.token.end as usize,
        _ => 0..0,
    }
}

/// A function's head whose body stands on a line below it, at once or behind a description: by itself it would be a
/// native.
fn body_apart(source: &str, file: FileId, tokens: &[Placed], chunk: &Range<usize>) -> Option<Diagnostic> {
    let body = Spot {
        source,
        file,
        tokens,
        at: chunk.end,
    };
    let (head, error) = apart(body)?;
    (head == chunk.start && tokens[head].token.text(source) == "fn").then_some(error)
}

/// Whether a function of the top level or of a module has its body on a line below its head.
pub(super) fn any_body_apart(source: &str, file: FileId, tokens: &[Placed]) -> bool {
    let spots = (1..tokens.len()).map(|at| Spot {
        source,
        file,
        tokens,
        at,
    });
    let mut bodies = spots.filter_map(apart);
    bodies.any(|(head, _)| tokens[head].token.text(source) == "fn")
}

/// What is wrong where the spot is a `{` that belongs to the statement before it; and where that begins.
fn apart(body: Spot) -> Option<(usize, Diagnostic)> {
    if body.kind(0) != Some(Kind::Open(Bracket::Curly)) {
        return None;
    }
    if let Some(head) = near_miss::described_head(body) {
        return Some((head, near_miss::described_body(body)));
    }
    let detached = body.placed(0).is_some_and(|p| p.breaks) && body.kind(-1) != Some(Kind::Close(Bracket::Curly));
    detached.then(|| (body.before(0).statement(), near_miss::detached_body(body)))
}

/// The statements of the top level; a native's description belongs to it.
fn chunks(source: &str, tokens: &[Placed]) -> Vec<Range<usize>> {
    let describes = |start: usize, at: usize| {
        let native = !matches!(tokens[at - 1].token.kind, Kind::Close(Bracket::Curly) | Kind::String);
        native && tokens[at].token.kind == Kind::String && tokens[start].token.text(source) == "fn"
    };
    let mut chunks = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    for (at, placed) in tokens.iter().enumerate() {
        if depth == 0 && placed.breaks && at > start && !describes(start, at) {
            chunks.push(start..at);
            start = at;
        }
        match placed.token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if start < tokens.len() {
        chunks.push(start..tokens.len());
    }
    chunks
}

/// The names that the lines at the left margin declare.
fn declared(source: &str, file: FileId, tokens: &[Placed]) -> Vec<Name> {
    let mut names = Vec::new();
    for at in 0..tokens.len() {
        let spot = Spot {
            source,
            file,
            tokens,
            at,
        };
        if is_at_margin(source, &tokens[at]) {
            names.extend(declared_words(spot).into_iter().map(|offset| Name {
                node: spot.text(offset).into(),
                span: spot.span(offset),
            }));
        }
    }
    names
}

fn is_at_margin(source: &str, placed: &Placed) -> bool {
    let start = placed.token.start as usize;
    start == 0 || source.as_bytes()[start - 1] == b'\n'
}

fn declared_words(spot: Spot) -> Vec<isize> {
    let words = |from: isize, to: &[Kind]| -> Vec<isize> {
        let reach = (from..).take_while(|o| spot.kind(*o).is_some_and(|kind| !to.contains(&kind)));
        reach.take(100).filter(|o| spot.kind(*o) == Some(Kind::Word)).collect()
    };
    match (spot.text(0), spot.kind(1)) {
        ("fn" | "signature" | "module" | "type" | "let" | "var", Some(Kind::Word)) => vec![1],
        ("let" | "var", Some(Kind::Open(_))) => words(2, &[Kind::Assign]),
        ("import", Some(Kind::String)) if spot.text(2) == "as" => vec![3],
        ("import", Some(Kind::String)) => words(3, &[Kind::Close(Bracket::Round)]),
        _ => Vec::new(),
    }
}
