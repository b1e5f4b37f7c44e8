//! A layout that is not yet decided: texts, places where lines may break, and groups that break together or not at all.
//! It is a flat row of steps rather than a tree, so that nothing recurses over it.

use unicode_width::UnicodeWidthStr;

use super::print::COLUMNS;

/// A step of a layout.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op<'s> {
    /// A text without a newline.
    Text(&'s str),
    Spaces(u32),
    /// A blank, or a newline where the group is broken.
    Line,
    /// Nothing, or a newline where the group is broken.
    Soft,
    /// A blank, or a newline where the group is broken and what follows does not fit.
    Fill,
    /// A newline.
    Hard,
    /// The next newline leaves an empty line.
    Blank,
    /// A comma where the group is broken.
    Comma,
    Begin(u32),
    End,
    /// Deeper by one level, where the group is broken.
    Indent,
    Dedent,
    /// A comment behind the code of its line.
    Remark(&'s str),
    /// Here begins a string whose lines may be indented anew.
    Quote,
    Long(Long<'s>),
}

/// A part of a string that goes over several lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Long<'s> {
    pub text: &'s str,
    /// What each line is indented by and says nothing; `None`: the lines stay as they are.
    pub indent: Option<&'s str>,
    /// The last line holds the closing quotes' indent.
    pub closes: bool,
}

/// Steps that break together or not at all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    pub begin: u32,
    pub end: u32,
    /// Holds something that cannot stand on one line.
    pub forced: bool,
    /// Stands on one line, however long.
    pub flat: bool,
    /// From here on the group may go over several lines while all before it stays on one: `map(xs, |x| {`.
    pub hug: Option<u32>,
}

/// The row of steps and its groups.
#[derive(Debug, Default)]
pub(super) struct Doc<'s> {
    pub ops: Vec<Op<'s>>,
    pub groups: Vec<Group>,
    open: Vec<u32>,
    /// A comment behind the last token: it breaks the groups that go on behind it, not those that end with it.
    remark: Option<&'s str>,
}

impl<'s> Doc<'s> {
    pub fn push(&mut self, op: Op<'s>) {
        if !matches!(op, Op::End | Op::Dedent) {
            self.place_remark();
        }
        if matches!(op, Op::Hard | Op::Long(_)) {
            self.force();
        }
        self.ops.push(op);
    }

    pub fn text(&mut self, text: &'s str) {
        self.push(Op::Text(text));
    }

    /// A comment behind the token that was written last.
    pub fn remark(&mut self, text: &'s str) {
        self.place_remark();
        self.remark = Some(text);
    }

    /// Whether the line goes on for a comment: not behind another one, and not behind a comma that is written elsewhere.
    pub fn takes_remark(&self) -> bool {
        let said = |op: &&Op| !matches!(op, Op::Comma | Op::Text("," | ";") | Op::Indent | Op::Dedent | Op::End);
        let last = self.ops.iter().rev().find(said);
        let ended = match last {
            Some(Op::Remark(_) | Op::Hard) => true,
            Some(Op::Text(text)) => text.starts_with('#'),
            _ => false,
        };
        self.remark.is_none() && !ended
    }

    /// Whether a comment stands behind the token that was written last.
    pub fn has_remark(&self) -> bool {
        self.remark.is_some()
    }

    /// Before anything that stands behind the comment.
    pub fn place_remark(&mut self) {
        if let Some(text) = self.remark.take() {
            self.force();
            self.ops.push(Op::Remark(text));
        }
    }

    pub fn here(&self) -> u32 {
        u32::try_from(self.ops.len()).unwrap_or(u32::MAX)
    }

    pub fn begin(&mut self) {
        self.open_group(false);
    }

    /// A group on one line.
    pub fn begin_flat(&mut self) {
        self.open_group(true);
    }

    fn open_group(&mut self, flat: bool) {
        self.place_remark();
        let id = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.groups.push(Group {
            begin: self.here(),
            flat,
            ..Group::default()
        });
        self.ops.push(Op::Begin(id));
        self.open.push(id);
    }

    pub fn end(&mut self) {
        let here = self.here();
        if let Some(group) = self.open.pop().and_then(|id| self.groups.get_mut(id as usize)) {
            group.end = here;
        }
        self.push(Op::End);
    }

    /// What follows may break on its own.
    pub fn hug(&mut self) {
        self.place_remark();
        let here = self.here();
        if let Some(group) = self.open.last().and_then(|id| self.groups.get_mut(*id as usize)) {
            group.hug = Some(here);
        }
    }

    /// No part of the group may break on its own.
    pub fn unhug(&mut self) {
        if let Some(group) = self.open.last().and_then(|id| self.groups.get_mut(*id as usize)) {
            group.hug = None;
        }
    }

    /// The groups of these steps stand on one line, if they fit one by themselves: what follows them may be long.
    pub fn flatten(&mut self, from: u32, to: u32) {
        let fits = self.flat_width(from, to).is_some_and(|width| width < COLUMNS);
        let inside = self.groups.iter_mut().rev().take_while(|group| group.begin >= from);
        let mut groups: Vec<&mut Group> = inside.filter(|group| group.end <= to).collect();
        if fits && groups.iter().all(|group| !group.forced) {
            groups.iter_mut().for_each(|group| group.flat = true);
        }
    }

    /// All open groups break. One that does so already has told those around it.
    fn force(&mut self) {
        for id in self.open.iter().rev() {
            match self.groups.get_mut(*id as usize) {
                Some(group) if !group.forced => group.forced = true,
                _ => break,
            }
        }
    }

    /// The width of some steps on one line; `None` where they hold something that cannot stand on one.
    pub fn flat_width(&self, from: u32, to: u32) -> Option<u32> {
        let ops = self.ops.get(from as usize..to as usize)?;
        let forced = |op: &Op| matches!(op, Op::Hard | Op::Long(_));
        (!ops.iter().any(forced)).then(|| ops.iter().map(|op| op.width()).sum())
    }
}

impl Op<'_> {
    /// How wide the step is on one line.
    pub fn width(&self) -> u32 {
        match self {
            Op::Text(text) => width(text),
            Op::Spaces(n) => *n,
            Op::Line | Op::Fill => 1,
            Op::Long(long) => width(long.text.split('\n').next().unwrap_or("")),
            _ => 0,
        }
    }

    /// Whether a line may end here.
    pub fn may_break(&self) -> bool {
        matches!(self, Op::Line | Op::Soft | Op::Fill | Op::Hard | Op::Long(_))
    }
}

/// Columns that a text takes.
pub(super) fn width(text: &str) -> u32 {
    let columns = if text.is_ascii() { text.len() } else { text.width() };
    u32::try_from(columns).unwrap_or(u32::MAX)
}
