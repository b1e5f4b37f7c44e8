//! Which newlines count. The grammar reads a copy of the text in which comments and all other newlines are spaces, byte
//! for byte, so that it needs one newline and every offset stays true.
//!
//! A newline ends a complete statement directly inside a block or the top level. Inside `(…)`, `[…]`, an f-string's
//! value and the braces of a record it counts only where a comma is missing, so that the grammar stops there.

use std::ops::Range;

use crate::syntax::token::{Bracket, Kind, Token};

/// The tokens that are not trivia, with what the newlines before them mean.
pub struct Layout {
    /// The text with spaces for comments and for newlines that do not count.
    pub text: String,
    pub tokens: Vec<Placed>,
}

/// A token and the gap before it.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub token: Token,
    /// Where the first newline of the gap before it stands.
    pub newline: Option<u32>,
    /// Whether that newline counts.
    pub breaks: bool,
}

/// What the innermost open bracket makes of newlines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// A block, a module, the arms of a `match`, the top level.
    Block,
    Signature,
    /// A record, a dict, a record type or pattern.
    Record,
    /// `(…)`, `[…]`, `{…}` of an f-string.
    Inside,
}

/// Lays out the part of a source that lies in `range` and has these tokens.
pub fn layout(source: &str, range: Range<usize>, tokens: &[Token]) -> Layout {
    let base = range.start;
    let part = source.get(range).unwrap_or("");
    let mut bytes = part.as_bytes().to_vec();
    let mut placed: Vec<Placed> = Vec::with_capacity(tokens.len() / 2 + 1);
    let mut newline = None;
    for token in tokens {
        match token.kind {
            Kind::Newline => newline = newline.or(Some(token.start)),
            Kind::Comment | Kind::Space => {}
            _ => {
                placed.push(Placed {
                    token: *token,
                    newline,
                    breaks: false,
                });
                newline = None;
                continue;
            }
        }
        bytes[token.start as usize - base..token.end as usize - base].fill(b' ');
    }
    mark(source, &mut placed);
    for at in placed.iter().filter(|p| p.breaks).filter_map(|p| p.newline) {
        bytes[at as usize - base] = b'\n';
    }
    // Only whole tokens were overwritten, so this is still UTF-8.
    let text = String::from_utf8(bytes).unwrap_or_else(|_| part.to_owned());
    Layout { text, tokens: placed }
}

fn mark(source: &str, tokens: &mut [Placed]) {
    let mut frames: Vec<Frame> = Vec::new();
    for at in 0..tokens.len() {
        let here = Here { source, tokens, at };
        let frame = frames.last().copied().unwrap_or(Frame::Block);
        let breaks = tokens[at].newline.is_some() && at > 0 && here.breaks(frame);
        match tokens[at].token.kind {
            Kind::Open(Bracket::Curly) => frames.push(here.brace(breaks)),
            Kind::Open(_) | Kind::ValueStart => frames.push(Frame::Inside),
            Kind::Close(_) | Kind::ValueEnd => {
                frames.pop();
            }
            _ => {}
        }
        tokens[at].breaks = breaks;
    }
}

/// A token among its neighbours.
#[derive(Clone, Copy)]
struct Here<'a> {
    source: &'a str,
    tokens: &'a [Placed],
    at: usize,
}

impl<'a> Here<'a> {
    fn kind(self, offset: isize) -> Option<Kind> {
        self.placed(offset).map(|p| p.token.kind)
    }

    fn placed(self, offset: isize) -> Option<&'a Placed> {
        self.tokens.get(self.at.checked_add_signed(offset)?)
    }

    fn text(self, offset: isize) -> &'a str {
        self.placed(offset).map_or("", |p| p.token.text(self.source))
    }

    /// Whether the newline before this token ends or separates something.
    fn breaks(self, frame: Frame) -> bool {
        let Some(next) = self.kind(0) else { return false };
        // A call's `(`, an index's `[` and a body's `{` stand on the line of what they belong to.
        let apart = matches!(next, Kind::Open(_)) && self.ends_operand(-1);
        match frame {
            Frame::Inside => apart,
            Frame::Record => apart || (self.begins_entry() && !self.leaves_open()),
            Frame::Signature if self.begins_entry() => !self.leaves_open(),
            Frame::Signature if self.text(0) == "where" => false,
            Frame::Signature | Frame::Block => !self.leaves_open() && !self.continues(next),
        }
    }

    /// `name:` or `...` begins a field.
    fn begins_entry(self) -> bool {
        match self.kind(0) {
            Some(Kind::Spread) => true,
            Some(Kind::Word | Kind::Reserved) => self.kind(1) == Some(Kind::Colon),
            _ => false,
        }
    }

    /// `i++` of other languages ends its line.
    fn is_doubled(self) -> bool {
        let (Some(left), Some(right)) = (self.placed(-2), self.placed(-1)) else {
            return false;
        };
        matches!(self.text(-1), "+" | "-") && self.text(-1) == self.text(-2) && left.token.end == right.token.start
    }

    /// Whether the token before leaves its statement incomplete.
    fn leaves_open(self) -> bool {
        if self.is_doubled() {
            return false;
        }
        match self.kind(-1) {
            Some(
                Kind::Operator
                | Kind::Minus
                | Kind::Bar
                | Kind::Bars
                | Kind::Pipe
                | Kind::Coalesce
                | Kind::Range
                | Kind::Assign
                | Kind::Colon
                | Kind::FatArrow
                | Kind::Arrow
                | Kind::Comma
                | Kind::Open(_)
                | Kind::Spread
                | Kind::OptionalDot,
            ) => true,
            // `1.` is no number, and its line ends.
            Some(Kind::Dot) => self.kind(-2) != Some(Kind::Number),
            Some(Kind::Reserved) => {
                !self.is_field(-1)
                    && matches!(
                        self.text(-1),
                        "and"
                            | "or"
                            | "in"
                            | "not"
                            | "fn"
                            | "let"
                            | "var"
                            | "if"
                            | "while"
                            | "for"
                            | "match"
                            | "assert"
                    )
            }
            _ => false,
        }
    }

    /// Whether a line that begins with this token goes on with the statement above.
    fn continues(self, next: Kind) -> bool {
        match next {
            Kind::Pipe | Kind::OptionalDot | Kind::Coalesce | Kind::Comma | Kind::Close(_) => true,
            Kind::Dot => matches!(self.kind(1), Some(Kind::Word | Kind::Reserved)),
            Kind::Reserved => matches!(self.text(0), "and" | "or" | "else" | "catch"),
            _ => false,
        }
    }

    /// Whether the token there is a word behind a `.`.
    fn is_field(self, offset: isize) -> bool {
        matches!(self.kind(offset - 1), Some(Kind::Dot | Kind::OptionalDot))
    }

    /// Whether the token there can be the end of an operand, so that a `{` behind it is a body.
    fn ends_operand(self, offset: isize) -> bool {
        match self.kind(offset) {
            Some(
                Kind::Word
                | Kind::Number
                | Kind::BadNumber
                | Kind::String
                | Kind::SingleString
                | Kind::FStringEnd
                | Kind::Unterminated
                | Kind::Close(_)
                | Kind::Question,
            ) => true,
            Some(Kind::Reserved) => self.is_field(offset) || matches!(self.text(offset), "true" | "false" | "none"),
            _ => false,
        }
    }

    /// What the `{` here opens.
    fn brace(self, breaks: bool) -> Frame {
        let behind_head = matches!(self.text(-1), "else" | "try" | "catch") && !self.is_field(-1);
        if !breaks && (behind_head || self.ends_operand(-1)) {
            let signature = self.kind(-1) == Some(Kind::Word) && self.text(-2) == "signature" && !self.is_field(-2);
            return if signature { Frame::Signature } else { Frame::Block };
        }
        let record = matches!(
            (self.kind(1), self.kind(2)),
            (Some(Kind::Close(Bracket::Curly) | Kind::Spread), _)
                | (Some(Kind::Word), Some(Kind::Comma | Kind::Close(Bracket::Curly)))
                | (Some(Kind::Word | Kind::Reserved | Kind::String), Some(Kind::Colon))
        );
        if record { Frame::Record } else { Frame::Block }
    }
}
