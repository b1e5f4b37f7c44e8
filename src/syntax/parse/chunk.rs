//! One statement of the top level that may have mistakes: each broken statement inside it is told of and overwritten
//! with blanks, so that the rest of it is read too.

use std::ops::Range;

use pest::Parser;

use crate::diag::{Diagnostic, Problems};
use crate::source::FileId;
use crate::syntax::ast::Item;
use crate::syntax::token::Kind;

use super::build::{Builder, Offsets};
use super::grammar::{Grammar, Rule};
use super::layout::{Layout, Placed};
use super::spot::Spot;
use super::titles::code;
use super::{diagnose, lexical};

/// At most so many mistakes of one declaration are told.
const MISTAKES: usize = 10;

pub(super) struct Chunk<'a> {
    source: &'a str,
    file: FileId,
    tokens: &'a [Placed],
    range: Range<usize>,
    /// The laid-out text, overwritten where it was wrong.
    text: Vec<u8>,
    /// Where it begins in the file.
    base: usize,
    /// The end of the last statement that was overwritten.
    blanked: usize,
    errors: Vec<Diagnostic>,
}

impl<'a> Chunk<'a> {
    /// The tokens in `range` of a layout that begins at `start` in the file.
    pub fn new(source: &'a str, file: FileId, layout: &'a Layout, start: usize, range: Range<usize>) -> Self {
        let tokens = &layout.tokens;
        let base = tokens[range.start].token.start as usize;
        let end = tokens[range.end - 1].token.end as usize;
        let text = layout.text.as_bytes()[base - start..end - start].to_vec();
        Chunk {
            source,
            file,
            tokens,
            range,
            text,
            base,
            blanked: 0,
            errors: Vec::new(),
        }
    }

    /// The items, or all that is wrong.
    pub fn read(mut self) -> Result<Vec<Item>, Vec<Diagnostic>> {
        self.overwrite_flaws();
        while self.errors.len() < MISTAKES {
            let text = String::from_utf8_lossy(&self.text).into_owned();
            if let Ok(mut pairs) = Grammar::parse(Rule::file, &text) {
                let mut builder = Builder::new(self.file, Offsets::Shift(self.base));
                let items = pairs.next().map(|pair| builder.items(pair)).unwrap_or_default();
                let again = !self.errors.is_empty();
                let cascades = |error: &Diagnostic| again && error.code.0 == code::OUTPUTS;
                self.errors
                    .extend(builder.problems.into_iter().filter(|error| !cascades(error)));
                return if self.errors.is_empty() {
                    Ok(items)
                } else {
                    Err(self.errors)
                };
            }
            if !self.tell(&text) {
                break;
            }
        }
        Err(self.errors)
    }

    /// One token behind the chunk may be looked at, for what a newline cut off.
    fn spot(&self, at: usize) -> Spot<'a> {
        let sight = (self.range.end + 1).min(self.tokens.len());
        Spot {
            source: self.source,
            file: self.file,
            tokens: &self.tokens[..sight],
            at,
        }
    }

    /// Tells of the mistake at which the grammar stops and overwrites its statement; whether to go on.
    fn tell(&mut self, text: &str) -> bool {
        let stop = diagnose::stop(text, Rule::file);
        let place = self.base + stop.at;
        let inside = &self.tokens[self.range.clone()];
        let at = self.range.start + inside.partition_point(|p| (p.token.end as usize) <= place);
        // What follows an overwritten statement directly may be wrong because of it.
        let cascades = self.blanked == at || self.spot(self.range.start).text(0) == "signature";
        if self.blanked > 0 && cascades {
            return false;
        }
        self.errors
            .push(diagnose::diagnose(self.spot(at), &stop.expected, self.range.end));
        self.overwrite(at)
    }

    /// Overwrites the statement around a token; whether it held anything.
    fn overwrite(&mut self, at: usize) -> bool {
        let around = Spot {
            tokens: &self.tokens[..self.range.end],
            ..self.spot(at)
        }
        .tokens_of_statement();
        let around = around.start.max(self.range.start)..around.end.min(self.range.end);
        if around.is_empty() {
            return false;
        }
        let start = self.tokens[around.start].token.start as usize;
        let end = self.tokens[around.end - 1].token.end as usize;
        let target = &mut self.text[start - self.base..end - self.base];
        let held = target.iter().any(|byte| *byte != b' ');
        target.fill(b' ');
        self.blanked = around.end;
        held
    }

    fn overwrite_flaws(&mut self) {
        let mut problems = Problems::default();
        let flaws = flaws(self.source, self.file, &self.tokens[self.range.clone()], &mut problems);
        self.errors.extend(problems.sorted());
        for flaw in flaws {
            let at = self.range.start + flaw;
            if at >= self.blanked {
                self.overwrite(at);
            }
        }
    }
}

/// Tells of wrong tokens, one for each line, and where they all are.
pub(super) fn flaws(source: &str, file: FileId, tokens: &[Placed], problems: &mut Problems) -> Vec<usize> {
    let is_flaw = |kind| {
        matches!(
            kind,
            Kind::Unterminated | Kind::BadNumber | Kind::SingleString | Kind::Unknown
        )
    };
    let mut flaws = Vec::new();
    let mut told = false;
    for (at, placed) in tokens.iter().enumerate() {
        told &= placed.newline.is_none();
        if !is_flaw(placed.token.kind) {
            continue;
        }
        if !told && problems.len() < MISTAKES {
            lexical::flaw(Spot {
                source,
                file,
                tokens,
                at,
            })
            .into_iter()
            .for_each(|error| problems.push(error));
        }
        told = true;
        flaws.push(at);
    }
    flaws
}
