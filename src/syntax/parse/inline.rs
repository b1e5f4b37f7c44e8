//! Inline signatures: `"question, context: list[str] -> answer: str"`.

use pest::Parser;

use crate::diag::Diagnostic;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast::SignatureBody;
use crate::syntax::token::{self, Kind};

use super::build::{Builder, Offsets};
use super::grammar::{Grammar, Rule};
use super::titles::code;
use super::{bounds, diagnose, layout, text};

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
    parse_behind("", text, written)
}

/// One field, from the text that the string has: as the output of a signature, of which it may be more than one.
pub fn parse_inline_field(text: &str, written: Written) -> Result<SignatureBody, Vec<Diagnostic>> {
    parse_behind("text -> ", text, written)
}

/// A signature of which the text gives what stands behind the lead.
fn parse_behind(lead: &str, text: &str, written: Written) -> Result<SignatureBody, Vec<Diagnostic>> {
    let mut map = written.places();
    let first = map.first().copied();
    map.splice(0..0, first.into_iter().cycle().take(lead.len()));
    let file = match written {
        Written::Literal(_, span) => span.file,
        Written::AtRunTime => FileId(0),
    };
    let builder = || {
        let offsets = match written {
            Written::Literal(..) => Offsets::Map(&map),
            Written::AtRunTime => Offsets::Nowhere,
        };
        let mut builder = Builder::new(file, offsets);
        builder.inline = true;
        builder
    };
    let line = format!("{lead}{text}").replace(['\n', '\r'], " ");
    let tokens = token::tokens(&line);
    let layout = layout::layout(&line, 0..line.len(), &tokens);
    match bounds::measure(&line, &layout.tokens, |start, end| builder().span_of(start, end)) {
        Ok(depth) => depth.run(|| read(&line, builder())),
        Err(problem) => Err(vec![problem]),
    }
}

fn read(line: &str, mut builder: Builder<'_>) -> Result<SignatureBody, Vec<Diagnostic>> {
    pest::set_call_limit(super::STEPS);
    let body = match Grammar::parse(Rule::inline_signature, line) {
        Ok(mut pairs) => pairs.next().and_then(|pair| builder.signature_body(pair)),
        Err(_) => {
            builder.not_inline(line);
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

const FORM: &str = "an inline signature names its inputs and outputs: `question, context: list[str] -> answer: str`";
const BLOCK: &str = "descriptions, defaults and `where` belong to the block form: `signature Name { … }`";

impl Builder<'_> {
    fn not_inline(&mut self, line: &str) {
        let stop = diagnose::stop(line, Rule::inline_signature);
        let tokens = token::tokens(line);
        let significant: Vec<_> = tokens
            .iter()
            .filter(|t| !t.kind.is_trivia() || t.kind == Kind::Comment)
            .collect();
        let at = significant.partition_point(|t| (t.end as usize) <= stop.at);
        let arrows = significant.iter().filter(|t| t.kind == Kind::Arrow).count();
        let (found, range) = match significant.get(at) {
            Some(token) => (token.text(line), token.range()),
            None => ("", line.len()..line.len()),
        };
        let span = self.span_of(range.start, range.end);
        let kind = significant.get(at).map(|t| t.kind);
        let (what, help) = match kind {
            _ if line.trim().is_empty() => ("it is empty".to_owned(), FORM),
            None if arrows == 0 => ("`->` is missing".to_owned(), FORM),
            None => ("it ends too early".to_owned(), FORM),
            Some(Kind::Arrow) if arrows > 1 => ("it has more than one `->`".to_owned(), FORM),
            Some(Kind::Assign) => (format!("`{found}` cannot stand in it"), BLOCK),
            Some(Kind::String | Kind::SingleString) => ("a description cannot stand in it".to_owned(), BLOCK),
            Some(Kind::Word) if found == "where" => ("`where` cannot stand in it".to_owned(), BLOCK),
            Some(Kind::Reserved) => (
                format!("`{found}` is a reserved word, which needs a type: `{found}: str`"),
                FORM,
            ),
            Some(Kind::Word) => (format!("a comma is missing before `{found}`"), FORM),
            Some(_) => (format!("unexpected `{}`", diagnose::shorten(found)), FORM),
        };
        let message = format!("`{}` is not a signature: {what}", diagnose::shorten_to(line, 60));
        self.advise(code::INLINE, message, span, "here", help);
    }
}
