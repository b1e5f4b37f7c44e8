//! `[[ ## field ## ]]` at the beginning of a line begins an output.

use super::super::sections::header;
use super::lines::{Beginnings, Lines};
use super::{Out, Splitter};
use crate::value::Signature;

/// What a header begins with.
const OPENING: &str = "[[ ## ";

struct Sections {
    outputs: Vec<String>,
}

pub fn sections(signature: &Signature) -> Box<dyn Splitter> {
    let outputs = signature.outputs.iter().map(|field| field.name.to_string()).collect();
    Box::new(Lines::of(Sections { outputs }, Out::default()))
}

impl Beginnings for Sections {
    fn is_open(&self, line: &str) -> bool {
        let start = line.trim_start();
        start.starts_with(OPENING) || OPENING.starts_with(start)
    }

    fn begin(&mut self, line: &str, out: &mut Out) -> bool {
        match header(line) {
            Some((name, rest)) => {
                out.begin(self.outputs.iter().position(|output| output == name));
                out.push(rest);
            }
            None => out.push(line),
        }
        true
    }
}
