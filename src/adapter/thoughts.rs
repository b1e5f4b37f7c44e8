//! What a reasoning model thinks before it answers, where it stands in the reply: `<think>…</think>`. It is set aside,
//! which is no mend; a thought that is never closed is all that there is, and is read as any reply.

use crate::value::Signature;

use super::split::{Piece, Splitter};
use super::{ParseFault, Parsed};

const MARKS: [(&str, &str); 2] = [("<think>", "</think>"), ("<thinking>", "</thinking>")];

/// Reads a reply behind its thoughts; where nothing can be read there, all of it.
pub fn read(
    signature: &Signature,
    reply: &str,
    strict: bool,
    read: impl Fn(&str, bool) -> Result<Parsed, ParseFault>,
) -> Result<Parsed, ParseFault> {
    let is_output = |mark: &str| {
        signature
            .outputs
            .iter()
            .any(|field| mark == format!("<{}>", field.name))
    };
    let said = behind(reply).filter(|_| !MARKS.iter().any(|(open, _)| is_output(open)));
    let said = said.filter(|_| !is_answer(signature, begin(reply)));
    match said.map(|said| (said, read(said, false))) {
        Some((said, Ok(_))) if strict => read(said, true),
        Some((_, Ok(parsed))) => Ok(parsed),
        _ => read(reply, strict),
    }
}

/// Whether the reply is the answer from its first character on: a mark in it is a value's own text.
fn is_answer(signature: &Signature, reply: &str) -> bool {
    let tag = |name: &str| reply.strip_prefix('<').and_then(|rest| rest.strip_prefix(name));
    reply.starts_with("[[ ## ")
        || signature
            .outputs
            .iter()
            .any(|field| tag(&field.name).is_some_and(|rest| rest.starts_with('>')))
        || reply.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(reply).is_ok()
}

/// A reply without the thoughts that it begins with.
pub fn without(reply: &str) -> &str {
    behind(reply).unwrap_or(reply)
}

/// The reply behind the thoughts that it begins with. The mark that opens them may stand in the prompt.
fn behind(reply: &str) -> Option<&str> {
    if !reply.contains("</think") {
        return None;
    }
    let mut rest = begin(reply);
    let whole = rest.len();
    while let Some((open, close)) = MARKS.iter().find(|(open, _)| rest.starts_with(open)) {
        let end = Thought::new(open, close)
            .end(rest)
            .or_else(|| rest.rfind(close).map(|at| at + close.len()));
        match end {
            Some(end) => rest = begin(&rest[end..]),
            None => break,
        }
    }
    if rest.len() == whole {
        let opens = MARKS.iter().any(|(open, _)| rest.contains(open));
        let ends = MARKS
            .iter()
            .filter_map(|(_, close)| Some(rest.rfind(close)? + close.len()));
        rest = ends.max().filter(|_| !opens).map_or("", |end| begin(&rest[end..]));
    }
    (!rest.is_empty()).then_some(rest)
}

fn begin(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// A thought that is looked through for its end; one may quote another.
struct Thought {
    open: &'static str,
    close: &'static str,
    depth: usize,
    /// So far it was looked through.
    at: usize,
}

impl Thought {
    fn new(open: &'static str, close: &'static str) -> Thought {
        Thought {
            open,
            close,
            depth: 0,
            at: 0,
        }
    }

    /// Where it ends, if it does; more of the text may be looked through later.
    fn end(&mut self, text: &str) -> Option<usize> {
        while let Some(at) = text[self.at..].find('<').map(|at| self.at + at) {
            let tag = &text[at..];
            if tag.starts_with(self.open) {
                (self.depth, self.at) = (self.depth + 1, at + self.open.len());
            } else if tag.starts_with(self.close) {
                (self.depth, self.at) = (self.depth.saturating_sub(1), at + self.close.len());
                if self.depth == 0 {
                    return Some(self.at);
                }
            } else if self.open.starts_with(tag) || self.close.starts_with(tag) {
                self.at = at;
                return None;
            } else {
                self.at = at + 1;
            }
        }
        self.at = text.len();
        None
    }
}

/// A splitter that is not told of the thoughts that a reply begins with.
pub struct Behind {
    inner: Box<dyn Splitter>,
    /// What may be a thought, until it is known.
    held: Option<String>,
    thought: Option<Thought>,
}

impl Behind {
    pub fn new(inner: Box<dyn Splitter>) -> Behind {
        Behind {
            inner,
            held: Some(String::new()),
            thought: None,
        }
    }
}

impl Splitter for Behind {
    fn feed(&mut self, text: &str) -> Vec<Piece> {
        let Some(mut held) = self.held.take() else {
            return self.inner.feed(text);
        };
        held.push_str(text);
        loop {
            if let Some(thought) = &mut self.thought {
                let Some(end) = thought.end(&held) else { break };
                held.drain(..end);
                self.thought = None;
            }
            let blank = held.len() - begin(&held).len();
            let rest = &held[blank..];
            match MARKS.iter().find(|(open, _)| rest.starts_with(open)) {
                Some((open, close)) => {
                    held.drain(..blank);
                    self.thought = Some(Thought::new(open, close));
                }
                None if MARKS.iter().any(|(open, _)| open.starts_with(rest)) => break,
                None => return self.inner.feed(&held),
            }
        }
        self.held = Some(held);
        Vec::new()
    }

    fn end(&mut self) -> Vec<Piece> {
        let mut pieces = self.held.take().map_or_else(Vec::new, |held| self.inner.feed(&held));
        pieces.extend(self.inner.end());
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_thoughts_before_an_answer_are_set_aside() {
        for (reply, said) in [
            ("<think>a</think>\n b", Some("b")),
            ("\u{feff} <think>a <think>b</think> c</think> d", Some("d")),
            ("<think>the tag <think> opens\n</think>d", Some("d")),
            ("<think>a</think><thinking>b</thinking> c </think>", Some("c </think>")),
            ("a\n</think>\nb", Some("b")),
            ("<think>a", None),
            ("<think>a</think>", None),
            ("b <think>a</think> c", None),
            ("b", None),
        ] {
            assert_eq!(behind(reply), said, "{reply:?}");
        }
    }
}
