//! What stands in brackets, parted by commas: on one line, or one to a line with a comma behind each.

use crate::syntax::token::Kind;

use super::doc::Op;
use super::write::Writer;

/// How a list in brackets breaks.
#[derive(Clone, Copy, Default)]
pub(super) struct Style {
    /// The last item may break while the others stay on the line: `map(xs, |x| {`.
    pub hug: bool,
    /// As many items on a line as fit.
    pub fill: bool,
}

impl<'s> Writer<'s> {
    /// The brackets are the next token and the one behind the items.
    pub fn bracketed<T>(&mut self, items: &[T], style: Style, mut each: impl FnMut(&mut Self, &T)) {
        self.lead();
        self.doc.begin();
        self.tok();
        let is_empty = items.is_empty() && !self.comment_ahead();
        self.doc.push(Op::Indent);
        if !is_empty {
            self.doc.push(Op::Soft);
        }
        for (i, item) in items.iter().enumerate() {
            let last = i + 1 == items.len();
            self.lead();
            if last && style.hug {
                self.doc.hug();
            }
            each(self, item);
            match last {
                true => self.doc.push(Op::Comma),
                false => self.doc.text(","),
            }
            let commented = self.comment_ahead();
            if self.kind() == Kind::Comma {
                self.drop_token();
            }
            if !last {
                if !style.fill || self.comment_ahead() {
                    self.keep_blank();
                }
                self.doc.push(if style.fill { Op::Fill } else { Op::Line });
            } else if commented || self.comment_ahead() {
                self.doc.unhug();
            }
        }
        self.comments_before_end();
        self.doc.push(Op::Dedent);
        if !is_empty {
            self.doc.push(Op::Soft);
        }
        self.tok();
        self.doc.end();
    }

    /// An expression or type in `count` pairs of parentheses, of which one is written.
    pub fn parenthesized(&mut self, count: usize, inner: impl FnOnce(&mut Self)) {
        self.lead();
        self.doc.begin();
        self.tok();
        self.doc.push(Op::Indent);
        self.doc.push(Op::Soft);
        for _ in 1..count {
            self.drop_token();
        }
        self.lead();
        inner(self);
        for _ in 1..count {
            self.drop_token();
        }
        self.comments_before_end();
        self.doc.push(Op::Dedent);
        self.doc.push(Op::Soft);
        self.tok();
        self.doc.end();
    }
}
