//! The lines of a text that a picture shows: those with a label, safe to print and never longer than a screen bears.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::source::{SourceFile, Span};

/// Longer lines are cut around their label.
const LONGEST_LINE: usize = 400;
/// How much of a cut line is shown before its label.
const BEFORE_LABEL: usize = 80;

/// Some lines of one file, as a source for miette.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    /// From 1, in the file.
    number: usize,
    /// Where it begins in `text`, and where its newline ends.
    start: usize,
    end: usize,
    /// The place in the file of its first byte, and how much was put before it.
    origin: usize,
    prefix: usize,
}

impl Excerpt {
    /// The first lines of the spans, which lie in `file`, in order, with gaps of one line filled.
    pub fn new(file: &SourceFile, spans: &[Span]) -> Excerpt {
        let mut wanted: Vec<(usize, u32)> = spans
            .iter()
            .map(|span| (file.line_column(span.start).0, span.start))
            .collect();
        wanted.sort_unstable();
        wanted.dedup_by_key(|(line, _)| *line);
        let mut excerpt = Excerpt {
            name: file.name.clone(),
            text: String::new(),
            lines: Vec::new(),
        };
        for (number, place) in wanted {
            let between = excerpt.lines.last().map_or(number, |last| last.number + 1);
            if between + 1 == number {
                let place = file.line_start(between);
                excerpt.add(file, between, place);
            }
            excerpt.add(file, number, place);
        }
        excerpt
    }

    fn add(&mut self, file: &SourceFile, number: usize, place: u32) {
        let line = file.line(number);
        let line_start = file.line_start(number) as usize;
        let at = (place as usize).saturating_sub(line_start).min(line.len());
        let (from, to) = if line.len() <= LONGEST_LINE {
            (0, line.len())
        } else {
            let from = line.floor_char_boundary(at.saturating_sub(BEFORE_LABEL));
            (from, line.floor_char_boundary(from + LONGEST_LINE / 2))
        };
        let start = self.text.len();
        let prefix = if from > 0 { "…" } else { "" };
        self.text.push_str(prefix);
        self.text.extend(line[from..to].chars().map(printable));
        if to < line.len() {
            self.text.push('…');
        }
        self.text.push('\n');
        let (end, origin) = (self.text.len(), line_start + from);
        self.lines.push(Line {
            number,
            start,
            end,
            origin,
            prefix: prefix.len(),
        });
    }

    /// Where a span of the file lies in the excerpt, cut to its first line.
    pub fn place(&self, file: &SourceFile, span: Span) -> SourceSpan {
        let number = file.line_column(span.start).0;
        let Some(line) = self.lines.iter().find(|line| line.number == number) else {
            return SourceSpan::from((0, 0));
        };
        let base = line.start + line.prefix;
        let into = |at: u32| (base + (at as usize).saturating_sub(line.origin)).clamp(base, line.end - 1);
        let (start, end) = (into(span.start), into(span.end));
        let start = self.text.floor_char_boundary(start);
        SourceSpan::from((start, self.text.floor_char_boundary(end).saturating_sub(start)))
    }
}

/// Control characters are shown as one that does nothing and has as many bytes.
fn printable(c: char) -> char {
    match c {
        '\t' => c,
        c if c.is_ascii_control() => '?',
        c if c.is_control() => '\u{b7}',
        // They turn the direction of writing, so that a line looks like another one.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let touches = |line: &&Line| line.start <= end.max(start) && start < line.end && line.start <= end;
        let lines: Vec<&Line> = self.lines.iter().filter(touches).collect();
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            return Err(MietteError::OutOfBounds);
        };
        let data = &self.text[first.start..last.end];
        // Without context the head of the picture is asked for, which names the label's own column.
        let column = if before == 0 { self.column(first, start) } else { 0 };
        let whole = SourceSpan::from((first.start, data.len()));
        let count = last.number - first.number + 1;
        let name = self.name.clone();
        Ok(Box::new(MietteSpanContents::new_named(
            name,
            data.as_bytes(),
            whole,
            first.number - 1,
            column,
            count,
        )))
    }
}

impl Excerpt {
    /// From 0, in code points; wrong only by what a cut line does not show.
    fn column(&self, line: &Line, at: usize) -> usize {
        let shown = self.text[line.start + line.prefix..at.max(line.start + line.prefix)]
            .chars()
            .count();
        shown + if line.prefix > 0 { line.origin } else { 0 }
    }
}
