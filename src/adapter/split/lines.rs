//! A reply by its lines: how a line begins tells whether an output begins with it.

use super::{Out, Piece, Splitter};

/// What the lines of a layout begin with.
pub trait Beginnings: Send {
    /// Whether the line may still turn out to begin an output.
    fn is_open(&self, line: &str) -> bool;

    /// The line as far as it has come is known for what it is. Whether the reply goes on behind it.
    fn begin(&mut self, line: &str, out: &mut Out) -> bool;
}

pub struct Lines<B> {
    beginnings: B,
    out: Out,
    /// The line so far, as long as it is open.
    line: String,
    /// The line is text.
    inside: bool,
    ended: bool,
}

impl<B: Beginnings> Lines<B> {
    /// `out` is where the reply begins.
    pub(super) fn of(beginnings: B, out: Out) -> Self {
        Lines {
            beginnings,
            out,
            line: String::new(),
            inside: false,
            ended: false,
        }
    }

    fn begin(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.inside = true;
        self.ended = !self.beginnings.begin(&line, &mut self.out);
    }
}

impl<B: Beginnings> Splitter for Lines<B> {
    fn feed(&mut self, text: &str) -> Vec<Piece> {
        for part in text.split_inclusive('\n') {
            if self.ended {
                break;
            }
            let (part, ends) = match part.strip_suffix('\n') {
                Some(part) => (part, true),
                None => (part, false),
            };
            if self.inside {
                self.out.push(part);
            } else {
                self.line.push_str(part);
                if ends || !self.beginnings.is_open(&self.line) {
                    self.begin();
                }
            }
            if ends {
                self.out.push("\n");
                self.inside = false;
            }
        }
        self.out.take()
    }

    fn end(&mut self) -> Vec<Piece> {
        if !self.ended && !self.inside {
            self.begin();
        }
        self.out.take()
    }
}
