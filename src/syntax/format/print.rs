//! Decides which groups of a layout break, and writes the text: a group stays on its line if it fits there.

use super::doc::{Doc, Group, Long, Op, width};
use super::remark::{self, Trail};

/// Columns of a line.
pub(super) const COLUMNS: u32 = 100;
/// Columns of a level.
const INDENT: u32 = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Flat,
    /// On one line but for what its last part does.
    Hug,
    Broken,
}

/// The text of a layout.
pub(super) fn print(doc: &Doc) -> String {
    let measures = Measures::of(doc);
    let mut printer = Printer {
        doc,
        measures: &measures,
        modes: vec![Mode::Broken],
        out: String::new(),
        trails: Vec::new(),
        line: 0,
        column: 0,
        indent: 0,
        spaces: 0,
        at_start: true,
        blank: false,
        remark: None,
        string_indent: 0,
    };
    for (at, op) in doc.ops.iter().enumerate() {
        printer.step(at, op);
    }
    printer.newline();
    remark::set(&printer.out, &printer.trails)
}

/// Sums over the steps, so that a group's width is one subtraction.
struct Measures {
    /// The width of all steps before each.
    before: Vec<u32>,
    /// How many steps before each force a break.
    forced: Vec<u32>,
    /// The width from each step to where the next line may end.
    rest: Vec<u32>,
    /// The next step at or behind each where a line may end.
    next: Vec<u32>,
}

impl Measures {
    fn of(doc: &Doc) -> Measures {
        let count = doc.ops.len();
        let (mut before, mut forced) = (Vec::with_capacity(count + 1), Vec::with_capacity(count + 1));
        let (mut sum, mut breaks) = (0u32, 0u32);
        for op in &doc.ops {
            before.push(sum);
            forced.push(breaks);
            sum = sum.saturating_add(op.width());
            breaks += u32::from(matches!(op, Op::Hard | Op::Remark(_) | Op::Long(_)));
        }
        before.push(sum);
        forced.push(breaks);
        let (mut rest, mut next) = (vec![0; count + 1], vec![doc.here(); count + 1]);
        for (at, op) in doc.ops.iter().enumerate().rev() {
            let open_end = matches!(op, Op::Long(_));
            rest[at] = match op.may_break() {
                true if open_end => op.width(),
                true => 0,
                false => op.width().saturating_add(rest[at + 1]),
            };
            next[at] = match op.may_break() {
                true => u32::try_from(at).unwrap_or(u32::MAX),
                false => next[at + 1],
            };
        }
        Measures {
            before,
            forced,
            rest,
            next,
        }
    }

    /// A group on one line, with what stands behind it on that line.
    fn flat(&self, group: &Group) -> u32 {
        let (begin, end) = (group.begin as usize, group.end as usize);
        (self.before[end] - self.before[begin]).saturating_add(self.rest[end])
    }

    /// A group up to where its last part may break; `None` where something before that cannot stay on one line.
    fn hugged(&self, group: &Group) -> Option<u32> {
        let (begin, hug) = (group.begin as usize, group.hug? as usize);
        let unbroken = self.forced[hug] == self.forced[begin];
        let stop = self.next[hug] as usize;
        unbroken.then(|| (self.before[stop] - self.before[begin]).saturating_add(self.rest[stop]))
    }
}

struct Printer<'d, 's> {
    doc: &'d Doc<'s>,
    measures: &'d Measures,
    modes: Vec<Mode>,
    out: String,
    trails: Vec<Trail<'s>>,
    line: usize,
    column: u32,
    indent: u32,
    /// Blanks that are written if something follows on the line.
    spaces: u32,
    at_start: bool,
    blank: bool,
    /// The comment that ends this line.
    remark: Option<&'s str>,
    string_indent: u32,
}

impl<'s> Printer<'_, 's> {
    fn mode(&self) -> Mode {
        self.modes.last().copied().unwrap_or(Mode::Broken)
    }

    fn step(&mut self, at: usize, op: &Op<'s>) {
        let broken = self.mode() == Mode::Broken;
        match *op {
            Op::Text(text) => self.text(text),
            Op::Spaces(n) => self.spaces += n,
            Op::Hard => self.newline(),
            Op::Line | Op::Soft if broken => self.newline(),
            Op::Fill if broken && self.column() + 1 + self.measures.rest[at + 1] > COLUMNS => self.newline(),
            Op::Line | Op::Fill => self.spaces += 1,
            Op::Blank => self.blank |= broken,
            Op::Comma if broken => self.text(","),
            Op::Begin(id) => {
                let group = self.doc.groups.get(id as usize).copied().unwrap_or_default();
                let mode = self.choose(&group);
                self.modes.push(mode);
            }
            Op::End => {
                self.modes.pop();
            }
            Op::Indent if broken => self.indent += INDENT,
            Op::Dedent if broken => self.indent = self.indent.saturating_sub(INDENT),
            Op::Remark(text) => self.trail(text),
            Op::Quote => self.string_indent = self.indent + if self.at_start { 0 } else { INDENT },
            Op::Long(long) => self.long(long),
            Op::Soft | Op::Comma | Op::Indent | Op::Dedent => {}
        }
    }

    fn choose(&self, group: &Group) -> Mode {
        let fits = |width: u32| self.column().saturating_add(width) <= COLUMNS;
        if self.mode() == Mode::Flat || group.flat || (!group.forced && fits(self.measures.flat(group))) {
            return Mode::Flat;
        }
        match self.measures.hugged(group) {
            Some(width) if fits(width) => Mode::Hug,
            _ => Mode::Broken,
        }
    }

    /// Where the next text begins.
    fn column(&self) -> u32 {
        if self.at_start {
            self.indent
        } else {
            self.column + self.spaces
        }
    }

    fn text(&mut self, text: &str) {
        // A comment goes to the end of its line; only what ends an item may still stand before it.
        if self.remark.is_some() && !matches!(text, "," | ";") {
            self.newline();
        }
        let blanks = if self.at_start { self.indent } else { self.spaces };
        self.out.extend(std::iter::repeat_n(' ', blanks as usize));
        self.out.push_str(text);
        self.column = self.column() + width(text);
        self.at_start = false;
        self.spaces = 0;
    }

    fn trail(&mut self, text: &'s str) {
        if self.remark.is_some() {
            self.newline();
        }
        match self.at_start {
            true => {
                self.text(text);
                self.newline();
            }
            false => self.remark = Some(text),
        }
    }

    fn newline(&mut self) {
        if let Some(text) = self.remark.take() {
            self.trails.push(Trail {
                at: self.out.len(),
                line: self.line,
                column: self.column,
                text,
            });
        }
        self.spaces = 0;
        if !self.at_start {
            self.feed();
            self.at_start = true;
        }
        if self.blank && !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.feed();
        }
        self.blank = false;
    }

    fn feed(&mut self) {
        self.out.push('\n');
        self.line += 1;
    }

    /// The lines of a string, under the new indent where they had one.
    fn long(&mut self, long: Long) {
        let mut lines = long.text.split('\n').peekable();
        self.text(lines.next().unwrap_or(""));
        while let Some(line) = lines.next() {
            self.feed();
            self.column = 0;
            let last = lines.peek().is_none();
            let rest = match long.indent {
                None => line,
                Some(_) if !last && line.trim().is_empty() => continue,
                Some(old) => {
                    self.out.extend(std::iter::repeat_n(' ', self.string_indent as usize));
                    self.column = self.string_indent;
                    match last && long.closes {
                        true => line.trim_start(),
                        false => line.strip_prefix(old).unwrap_or(line),
                    }
                }
            };
            self.out.push_str(rest);
            self.column += width(rest);
        }
    }
}
