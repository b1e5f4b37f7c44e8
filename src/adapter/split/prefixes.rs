//! The first output goes on from the prompt's end; `Prefix:` at the beginning of a line begins another, a blank line or
//! an input's prefix ends the reply.

use super::super::compact::{exact, prefixed};
use super::lines::{Beginnings, Lines};
use super::{Out, Splitter};
use crate::value::{Field, Signature};

struct Prefixes {
    inputs: Vec<Field>,
    outputs: Vec<Field>,
    begun: bool,
}

pub fn prefixes(signature: &Signature) -> Box<dyn Splitter> {
    let mut out = Out::default();
    out.begin(Some(0).filter(|_| !signature.outputs.is_empty()));
    let prefixes = Prefixes {
        inputs: signature.inputs.clone(),
        outputs: signature.outputs.clone(),
        begun: false,
    };
    Box::new(Lines::of(prefixes, out))
}

impl Beginnings for Prefixes {
    fn is_open(&self, line: &str) -> bool {
        let bare = bare(line).to_lowercase();
        let mut fields = self.inputs.iter().chain(&self.outputs);
        let may_be =
            |field: &Field| field.prefix().to_lowercase().starts_with(&bare) || prefixed(line, field).is_some();
        line.trim().is_empty() || fields.any(may_be)
    }

    fn begin(&mut self, line: &str, out: &mut Out) -> bool {
        if line.trim().is_empty() {
            return !self.begun;
        }
        if self.begun && self.inputs.iter().any(|field| exact(line, field).is_some()) {
            return false;
        }
        self.begun = true;
        let mut named = self.outputs.iter().enumerate();
        let named = named.find_map(|(i, field)| Some((i, prefixed(line, field)?)));
        match named.filter(|(i, _)| !out.has_seen(*i)) {
            Some((output, rest)) => {
                out.begin(Some(output));
                out.push(rest);
            }
            None => out.push(line.trim_start()),
        }
        true
    }
}

/// Without what may stand before a prefix.
fn bare(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '#' | '-' | '`'))
}
