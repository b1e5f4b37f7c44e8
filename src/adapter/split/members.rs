//! The members of a JSON object: a text goes out without its quotes and escapes, anything else as it stands. What is no
//! JSON ends the splitting: it is read whole.

use super::{Out, Piece, Splitter};
use crate::value::Signature;

pub struct Members {
    outputs: Vec<String>,
    out: Out,
    state: State,
    key: String,
    /// An escape that is not whole.
    escape: String,
    /// The first half of a character that has two.
    half: Option<u32>,
}

enum State {
    /// Before the object.
    Before,
    /// Before a key, or the object's end.
    Key,
    InKey,
    /// Before the `:`
    Colon,
    Value,
    InText,
    /// Anything else: how deep in brackets, in a text in there, behind a `\` there.
    Inside {
        depth: usize,
        text: bool,
        escaped: bool,
    },
    /// Behind a value.
    Comma,
    Done,
}

impl Members {
    pub fn new(signature: &Signature) -> Members {
        Members {
            outputs: signature.outputs.iter().map(|field| field.name.to_string()).collect(),
            out: Out::default(),
            state: State::Before,
            key: String::new(),
            escape: String::new(),
            half: None,
        }
    }

    /// A character of a text, which may be a part of an escape; nothing while it is not whole.
    fn plain(&mut self, c: char) -> Option<char> {
        if self.escape.is_empty() {
            if c == '\\' {
                self.escape.push(c);
                return None;
            }
            self.half = None;
            return Some(c);
        }
        self.escape.push(c);
        if self.escape.starts_with("\\u") {
            if self.escape.len() < 6 && c.is_ascii() {
                return None;
            }
            let digits = std::mem::take(&mut self.escape);
            let code = digits.get(2..).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            return self.character(code.unwrap_or(0xFFFD));
        }
        self.escape.clear();
        Some(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            other => other,
        })
    }

    fn character(&mut self, code: u32) -> Option<char> {
        match (self.half.take(), code) {
            (_, 0xD800..0xDC00) => {
                self.half = Some(code);
                None
            }
            (Some(first), 0xDC00..0xE000) => char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (code - 0xDC00)),
            (_, code) => Some(char::from_u32(code).unwrap_or('\u{FFFD}')),
        }
    }

    fn step(&mut self, c: char) {
        let space = c.is_whitespace();
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::Before if c == '{' => State::Key,
            State::Before => State::Before,
            State::Key if space => State::Key,
            State::Comma if space => State::Comma,
            State::Key if c == '"' => {
                self.key.clear();
                State::InKey
            }
            State::Key if c == ',' => State::Key,
            State::InKey if c == '"' && self.escape.is_empty() => State::Colon,
            State::InKey => {
                if let Some(c) = self.plain(c) {
                    self.key.push(c);
                }
                State::InKey
            }
            State::Colon if space => State::Colon,
            State::Colon if c == ':' => {
                self.out
                    .begin(self.outputs.iter().position(|output| *output == self.key));
                State::Value
            }
            State::Value if space => State::Value,
            State::Value if c == '"' => State::InText,
            State::Value => self.inside(c, 0, false, false),
            State::InText if c == '"' && self.escape.is_empty() => State::Comma,
            State::InText => {
                if let Some(c) = self.plain(c) {
                    self.out.push_whole(c.encode_utf8(&mut [0; 4]));
                }
                State::InText
            }
            State::Inside { depth, text, escaped } => self.inside(c, depth, text, escaped),
            State::Comma if c == ',' => State::Key,
            _ => State::Done,
        };
    }

    /// A character of a value that is no text.
    fn inside(&mut self, c: char, depth: usize, text: bool, escaped: bool) -> State {
        if !text && depth == 0 && matches!(c, ',' | '}') {
            return if c == ',' { State::Key } else { State::Done };
        }
        self.out.push(c.encode_utf8(&mut [0; 4]));
        let (depth, text, escaped) = match (text, c) {
            (true, _) if escaped => (depth, true, false),
            (true, '\\') => (depth, true, true),
            (_, '"') => (depth, !text, false),
            (false, '{' | '[') => (depth + 1, false, false),
            (false, '}' | ']') => (depth.saturating_sub(1), false, false),
            _ => (depth, text, false),
        };
        State::Inside { depth, text, escaped }
    }
}

impl Splitter for Members {
    fn feed(&mut self, text: &str) -> Vec<Piece> {
        text.chars().for_each(|c| self.step(c));
        self.out.take()
    }

    fn end(&mut self) -> Vec<Piece> {
        self.out.take()
    }
}
