//! What is still read of a file with mistakes: its declarations one by one, and in each the statements around a broken
//! one. So one run tells of all mistakes, and each of them once.

use std::ops::Range;

use pest::Parser;

use crate::diag::{Diagnostic, Problems};
use crate::source::FileId;
use crate::syntax::ast::{Item, Name};
use crate::syntax::token::{Bracket, Kind, Token};

use super::build::{Builder, Offsets};
use super::grammar::{Grammar, Rule};
use super::layout::{Placed, layout};
use super::spot::Spot;
use super::titles::code;
use super::{brackets, diagnose, lexical, near_miss};

/// At most so many mistakes of one declaration are told.
const MISTAKES: usize = 10;

/// What could be read.
#[derive(Default)]
pub(super) struct Recovered {
    pub items: Vec<Item>,
    /// What the broken parts declare.
    pub broken: Vec<Name>,
    pub problems: Problems,
}

impl Recovered {
    /// Of a text that cannot be read at all.
    pub fn nothing(problem: Diagnostic) -> Recovered {
        let mut recovered = Recovered::default();
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
            None => section(source, file, tokens, start..end, &mut recovered),
            Some(fault) => {
                let all = &placed[part.tokens.clone()];
                // A string that is not closed swallows brackets: it is the mistake then.
                if lexical_flaws(source, file, all, &mut recovered.problems).is_empty() {
                    recovered.problems.push(fault.clone());
                }
                recovered.broken.extend(declared(source, file, all));
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
    for chunk in chunks(&layout.tokens) {
        if std::mem::take(&mut skip) {
            continue;
        }
        let mut reading = Chunk { source, file, tokens: &layout.tokens, chunk, blanked: None, errors: Vec::new() };
        let (start, end) = reading.bytes();
        let mut text = layout.text[start - range.start..end - range.start].to_owned();
        let items = match detached_body(source, file, &layout.tokens, &reading.chunk) {
            Some(error) => {
                reading.errors.push(error);
                Vec::new()
            }
            None => reading.read(&mut text),
        };
        // The block below a head without body belongs to that mistake.
        skip = reading.errors.iter().any(|error| error.code.0 == code::BODY);
        if reading.errors.is_empty() {
            out.items.extend(items);
        } else {
            out.broken.extend(declared(source, file, &layout.tokens[reading.chunk.clone()]));
        }
        reading.errors.into_iter().for_each(|error| out.problems.push(error));
    }
}

/// A function's head whose body stands on the next line: by itself it would be a native.
fn detached_body(source: &str, file: FileId, tokens: &[Placed], chunk: &Range<usize>) -> Option<Diagnostic> {
    let head = Spot { source, file, tokens, at: chunk.start };
    let body = Spot { at: chunk.end, ..head };
    (head.text(0) == "fn" && has_detached_body(body)).then(|| near_miss::detached_body(body))
}

/// Whether a function of the top level or of a module has its body on a line of its own.
pub(super) fn any_detached_body(source: &str, file: FileId, tokens: &[Placed]) -> bool {
    let spots = (1..tokens.len()).filter(|at| tokens[*at].breaks).map(|at| Spot { source, file, tokens, at });
    let mut bodies = spots.filter(|spot| has_detached_body(*spot));
    bodies.any(|body| Spot { at: Spot { tokens: &tokens[..body.at], ..body }.statement(), ..body }.text(0) == "fn")
}

/// Whether the spot is a `{` that begins a line behind something that is no body.
fn has_detached_body(body: Spot) -> bool {
    let opens = body.kind(0) == Some(Kind::Open(Bracket::Curly));
    opens && body.begins_line(0) && body.kind(-1) != Some(Kind::Close(Bracket::Curly))
}

/// The statements of the top level.
fn chunks(tokens: &[Placed]) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    for (at, placed) in tokens.iter().enumerate() {
        if depth == 0 && placed.breaks && at > start {
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

struct Chunk<'a> {
    source: &'a str,
    file: FileId,
    tokens: &'a [Placed],
    chunk: Range<usize>,
    /// The end of the last statement that was overwritten.
    blanked: Option<usize>,
    errors: Vec<Diagnostic>,
}

impl Chunk<'_> {
    fn bytes(&self) -> (usize, usize) {
        let token = |at: usize| self.tokens[at].token;
        (token(self.chunk.start).start as usize, token(self.chunk.end - 1).end as usize)
    }

    fn spot(&self, at: usize) -> Spot<'_> {
        Spot { source: self.source, file: self.file, tokens: &self.tokens[..self.end_of_sight()], at }
    }

    /// One token behind the chunk may be looked at, for what a newline cut off.
    fn end_of_sight(&self) -> usize {
        (self.chunk.end + 1).min(self.tokens.len())
    }

    fn read(&mut self, text: &mut String) -> Vec<Item> {
        self.lexical(text);
        while self.errors.len() < MISTAKES {
            if let Ok(mut pairs) = Grammar::parse(Rule::file, text) {
                let mut builder = Builder::new(self.file, Offsets::Shift(self.bytes().0));
                let items = pairs.next().map(|pair| builder.items(pair)).unwrap_or_default();
                let again = !self.errors.is_empty();
                let cascades = |error: &Diagnostic| again && error.code.0 == code::OUTPUTS;
                self.errors.extend(builder.problems.into_iter().filter(|error| !cascades(error)));
                return items;
            }
            if !self.mistake(text) {
                break;
            }
        }
        Vec::new()
    }

    /// Tells of the mistake at which the grammar stops and overwrites its statement; whether to go on.
    fn mistake(&mut self, text: &mut String) -> bool {
        let stop = diagnose::stop(text, Rule::file);
        let place = self.bytes().0 + stop.at;
        let at = self.chunk.start
            + self.tokens[self.chunk.clone()].partition_point(|p| (p.token.end as usize) <= place);
        // What follows an overwritten statement directly may be wrong because of it.
        if self.blanked == Some(at) || (self.blanked.is_some() && self.in_signature()) {
            return false;
        }
        let spot = self.spot(at);
        let error = diagnose::diagnose(spot, &stop.expected, self.chunk.end);
        self.errors.push(error);
        self.blank(text, at)
    }

    fn in_signature(&self) -> bool {
        self.spot(self.chunk.start).text(0) == "signature"
    }

    /// Overwrites the statement around a token with blanks; whether it held anything.
    fn blank(&mut self, text: &mut String, at: usize) -> bool {
        let base = self.bytes().0;
        let range = Spot { tokens: &self.tokens[..self.chunk.end], ..self.spot(at) }.tokens_of_statement();
        let range = range.start.max(self.chunk.start)..range.end.min(self.chunk.end);
        if range.is_empty() {
            return false;
        }
        let bytes = self.tokens[range.start].token.start as usize..self.tokens[range.end - 1].token.end as usize;
        let mut overwritten = std::mem::take(text).into_bytes();
        let target = &mut overwritten[bytes.start - base..bytes.end - base];
        let was_blank = target.iter().all(|b| *b == b' ');
        target.fill(b' ');
        *text = String::from_utf8(overwritten).unwrap_or_default();
        self.blanked = Some(range.end);
        !was_blank
    }

    fn lexical(&mut self, text: &mut String) {
        let mut problems = Problems::default();
        let flaws = lexical_flaws(self.source, self.file, &self.tokens[self.chunk.clone()], &mut problems);
        self.errors.extend(problems.sorted());
        for at in flaws {
            self.blank(text, self.chunk.start + at);
        }
    }
}

/// Tells of wrong tokens, one for each line, and where they all are.
fn lexical_flaws(source: &str, file: FileId, tokens: &[Placed], problems: &mut Problems) -> Vec<usize> {
    let mut flaws = Vec::new();
    let mut told = false;
    for (at, placed) in tokens.iter().enumerate() {
        told &= placed.newline.is_none();
        let Some(error) = lexical::flaw(Spot { source, file, tokens, at }) else { continue };
        if !told {
            problems.push(error);
        }
        told = true;
        flaws.push(at);
    }
    flaws
}

/// The names that the lines at the left margin declare.
fn declared(source: &str, file: FileId, tokens: &[Placed]) -> Vec<Name> {
    let mut names = Vec::new();
    for at in 0..tokens.len() {
        let spot = Spot { source, file, tokens, at };
        let start = tokens[at].token.start as usize;
        let at_margin = start == 0 || source.as_bytes()[start - 1] == b'\n';
        if at_margin {
            names.extend(declared_words(spot).into_iter().map(|offset| Name {
                node: spot.text(offset).into(),
                span: spot.span(offset),
            }));
        }
    }
    names
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

