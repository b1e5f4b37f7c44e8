//! Inline signatures: `"question, context: list[str] -> answer: str"`.

use pest::Parser;

use crate::diag::Diagnostic;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast::SignatureBody;

use super::build::{Builder, Offsets};
use super::grammar::{Grammar, Rule};
use super::text;
use super::titles::code;

/// Where the text of an inline signature comes from.
#[derive(Clone, Copy)]
pub enum Written<'a> {
    /// A literal that stands there, quotes included: mistakes are shown inside it.
    Literal(&'a SourceMap, Span),
    /// Made when the script ran: all places in the tree and in the diagnostics are empty, the messages stand alone.
    AtRunTime,
}

/// The fields of an inline signature, from the text that the string has (escapes decoded).
pub fn parse_inline_signature(text: &str, written: Written) -> Result<SignatureBody, Vec<Diagnostic>> {
    let map = written.places();
    let file = match written {
        Written::Literal(_, span) => span.file,
        Written::AtRunTime => FileId(0),
    };
    let offsets = match written {
        Written::Literal(..) => Offsets::Map(&map),
        Written::AtRunTime => Offsets::Nowhere,
    };
    let mut builder = Builder::new(file, offsets);
    builder.inline = true;
    let line = text.replace(['\n', '\r'], " ");
    let body = match Grammar::parse(Rule::inline_signature, &line) {
        Ok(mut pairs) => pairs.next().and_then(|pair| builder.signature_body(pair)),
        Err(error) => {
            let at = match error.location {
                pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
            };
            builder.not_inline(&line, at);
            None
        }
    };
    match body {
        Some(body) if builder.problems.is_empty() => Ok(body),
        _ => Err(builder.problems),
    }
}

impl Written<'_> {
    /// The place of each byte of the text and of its end.
    fn places(&self) -> Vec<u32> {
        let Written::Literal(sources, span) = self else {
            return Vec::new();
        };
        let source = sources.text(*span);
        let literal = source.trim_start_matches(['(', ' ']).trim_end_matches([')', ' ']);
        let base = span.start as usize + source.find(['"', 'r']).unwrap_or(0);
        let decoded = text::decode(literal, base);
        let mut places = decoded.places;
        places.push(places.last().map_or(span.start + 1, |last| last + 1));
        places
    }
}

impl Builder<'_> {
    fn not_inline(&mut self, line: &str, at: usize) {
        let end = line[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        let span = self.span_of(at, end);
        let found = match &line[at..] {
            "" => "the text ends too early".to_owned(),
            rest => format!("unexpected `{}`", rest.chars().take(12).collect::<String>()),
        };
        let help = "an inline signature names its inputs and outputs: `question, context: list[str] -> answer: str`";
        self.advise(
            code::INLINE,
            format!("not a signature: {found} in `{line}`"),
            span,
            "here",
            help,
        );
    }
}
