//! `<field>` begins an output, `</field>` ends it; a tag inside of another output is a part of that.

use super::super::xml::unescaped;
use super::{Out, Piece, Splitter};
use crate::value::{Signature, Type};

/// Longer than any entity.
const ENTITY: usize = 12;

pub struct Tags {
    /// Names, and whether they are text, in which entities stand for characters.
    outputs: Vec<(String, bool)>,
    out: Out,
    /// What is not certain yet.
    open: String,
    inside: Option<usize>,
}

impl Tags {
    pub fn new(signature: &Signature) -> Tags {
        let outputs = signature.outputs.iter();
        Tags {
            outputs: outputs
                .map(|field| (field.name.to_string(), field.ty == Type::Str))
                .collect(),
            out: Out::default(),
            open: String::new(),
            inside: None,
        }
    }

    /// Goes on by one tag; whether there may be more.
    fn step(&mut self) -> bool {
        match self.inside {
            None => {
                let opens = self.outputs.iter().enumerate().filter_map(|(i, (name, _))| {
                    let tag = format!("<{name}>");
                    let at = self.open.find(&tag).filter(|_| !self.out.has_seen(i))?;
                    Some((at, i, tag.len()))
                });
                let Some((at, output, length)) = opens.min() else {
                    let longest = self.outputs.iter().map(|(name, _)| name.len() + 2).max().unwrap_or(0);
                    keep_end(&mut self.open, longest);
                    return false;
                };
                self.open.drain(..at + length);
                self.out.begin(Some(output));
                self.inside = Some(output);
                true
            }
            Some(output) => {
                let close = format!("</{}>", self.outputs[output].0);
                if let Some(at) = self.open.find(&close) {
                    let text: String = self.open.drain(..at + close.len()).collect();
                    self.say(output, &text[..at]);
                    self.out.begin(None);
                    self.inside = None;
                    return true;
                }
                let certain = certain(&self.open, &close);
                let text: String = self.open.drain(..certain).collect();
                self.say(output, &text);
                false
            }
        }
    }

    fn say(&mut self, output: usize, text: &str) {
        let plain = unescaped(text).filter(|_| self.outputs[output].1);
        self.out.push(plain.as_deref().unwrap_or(text));
    }
}

/// How much of a text can be neither the beginning of its closing tag nor that of an entity.
fn certain(text: &str, close: &str) -> usize {
    let tag = text.rfind('<').filter(|at| close.starts_with(&text[*at..]));
    let entity = text
        .rfind('&')
        .filter(|at| text.len() - at < ENTITY && !text[*at..].contains(';'));
    tag.into_iter().chain(entity).min().unwrap_or(text.len())
}

/// Drops all but the last bytes.
fn keep_end(text: &mut String, bytes: usize) {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.drain(..start);
}

impl Splitter for Tags {
    fn feed(&mut self, text: &str) -> Vec<Piece> {
        self.open.push_str(text);
        while self.step() {}
        self.out.take()
    }

    fn end(&mut self) -> Vec<Piece> {
        if let Some(output) = self.inside {
            let text = std::mem::take(&mut self.open);
            self.say(output, &text);
        }
        self.out.take()
    }
}
