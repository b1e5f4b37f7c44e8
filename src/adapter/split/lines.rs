//! The first output goes on from the prompt's end; `Prefix:` at the beginning of a line begins another, a blank line or
//! an input's prefix ends the reply.

use super::super::compact::{exact, prefixed};
use super::{Out, Piece, Splitter};
use crate::value::{Field, Signature};

pub struct Lines {
    inputs: Vec<Field>,
    outputs: Vec<Field>,
    out: Out,
    /// The line so far, as long as it may begin with a prefix.
    line: String,
    /// The line is text.
    inside: bool,
    begun: bool,
    ended: bool,
}

impl Lines {
    pub fn new(signature: &Signature) -> Lines {
        let mut out = Out::default();
        out.begin(Some(0).filter(|_| !signature.outputs.is_empty()));
        Lines {
            inputs: signature.inputs.clone(),
            outputs: signature.outputs.clone(),
            out,
            line: String::new(),
            inside: false,
            begun: false,
            ended: false,
        }
    }

    /// Whether the line may still turn out to begin with a prefix.
    fn may_be_prefix(&self) -> bool {
        let bare = bare(&self.line).to_lowercase();
        let mut fields = self.inputs.iter().chain(&self.outputs);
        fields.any(|field| field.prefix().to_lowercase().starts_with(&bare) || prefixed(&self.line, field).is_some())
    }

    /// The line is long enough to tell what it is.
    fn begin_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.inside = true;
        if self.begun && self.inputs.iter().any(|field| exact(&line, field).is_some()) {
            self.ended = true;
            return;
        }
        let mut named = self.outputs.iter().enumerate();
        let named = named.find_map(|(i, field)| Some((i, prefixed(&line, field)?.to_owned())));
        match named.filter(|(i, _)| !self.out.has_seen(*i)) {
            Some((output, rest)) => {
                self.out.begin(Some(output));
                self.out.push(&rest);
            }
            None => self.out.push(line.trim_start()),
        }
        self.begun |= !line.trim().is_empty();
    }
}

/// Without what may stand before a prefix.
fn bare(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '#' | '-' | '`'))
}

impl Splitter for Lines {
    fn feed(&mut self, text: &str) -> Vec<Piece> {
        for part in text.split_inclusive('\n') {
            if self.ended {
                break;
            }
            let (part, ends) = match part.strip_suffix('\n') {
                Some(part) => (part, true),
                None => (part, false),
            };
            match self.inside {
                true => self.out.push(part),
                false => {
                    self.line.push_str(part);
                    let blank = self.line.trim().is_empty();
                    if ends && blank {
                        self.line.clear();
                        self.ended = self.begun;
                        continue;
                    }
                    if ends || !(blank || self.may_be_prefix()) {
                        self.begin_line();
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
        if !self.ended && !self.inside {
            self.begin_line();
        }
        self.out.take()
    }
}
