//! `[[ ## field ## ]]` at the beginning of a line begins an output.

use super::super::sections::header;
use super::{Out, Piece, Splitter};
use crate::value::Signature;

/// What a header begins with.
const OPENING: &str = "[[ ## ";

pub struct Sections {
    outputs: Vec<String>,
    out: Out,
    /// The line so far, as long as it may be a header.
    line: String,
    /// The line is text.
    inside: bool,
}

impl Sections {
    pub fn new(signature: &Signature) -> Sections {
        Sections {
            outputs: signature.outputs.iter().map(|field| field.name.to_string()).collect(),
            out: Out::default(),
            line: String::new(),
            inside: false,
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        match header(&line) {
            Some((name, rest)) => {
                self.out.begin(self.outputs.iter().position(|output| output == name));
                self.out.push(rest);
            }
            None => self.out.push(&line),
        }
    }
}

impl Splitter for Sections {
    fn feed(&mut self, text: &str) -> Vec<Piece> {
        for part in text.split_inclusive('\n') {
            let (part, ends) = match part.strip_suffix('\n') {
                Some(part) => (part, true),
                None => (part, false),
            };
            match self.inside {
                true => self.out.push(part),
                false => {
                    self.line.push_str(part);
                    let start = self.line.trim_start();
                    let may_be = start.starts_with(OPENING) || OPENING.starts_with(start);
                    if ends {
                        self.end_line();
                    } else if !may_be {
                        self.inside = true;
                        let line = std::mem::take(&mut self.line);
                        self.out.push(&line);
                    }
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
        self.end_line();
        self.out.take()
    }
}
