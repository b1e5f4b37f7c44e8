//! Broken JSON as Python's `json_repair` reads it: DSPy's own reading of typed fields goes through that library, so its
//! rules are a wire format. Whatever it is given, the parser goes on; what it cannot read it passes over.
//!
//! The lookaheads of the original can be quadratic, and so are bounded: hostile text is read as nothing.

mod array;
mod escape;
mod inline;
mod object;
mod quote;
mod string;

use std::collections::HashMap;

use serde_json::Value as Json;

use super::Tree;
use super::tree::Members;
use crate::value::EcoString;

/// What a text says, and whether it had to be repaired. A blank text means that there was nothing to be read.
pub fn loads(text: &str) -> (Tree, bool) {
    match serde_json::from_str::<Tree>(text) {
        Ok(tree) => (tree, false),
        Err(_) => (Parser::new(text).top_level(), true),
    }
}

const QUOTES: [char; 4] = ['"', '\'', '“', '”'];

/// Deeper nesting is read as nothing.
const MAX_DEPTH: usize = 100;

fn is_quote(c: Option<char>) -> bool {
    c.is_some_and(|c| QUOTES.contains(&c))
}

/// Follows quotes through a text.
#[derive(Default)]
struct Quoting {
    open: Option<char>,
    escaped: bool,
}

impl Quoting {
    fn is_inside(&self) -> bool {
        self.open.is_some()
    }

    /// Whether the next character stands outside of quotes; an opening quote does. A backslash is none.
    fn is_outside(&mut self, c: char) -> bool {
        let (outside, escaped) = (self.open.is_none(), self.escaped);
        self.escaped = c == '\\' && !escaped;
        match self.open {
            Some(open) if c == open && !escaped => self.open = None,
            None if QUOTES.contains(&c) && !escaped => self.open = Some(c),
            _ => {}
        }
        outside && c != '\\'
    }
}

/// Where the parser is: inside of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Context {
    Key,
    Value,
    Array,
}

struct Parser {
    text: Vec<char>,
    index: usize,
    context: Vec<Context>,
    /// What the next value is read inside of, after an empty object was read again as something else.
    deferred: bool,
    tried_suffix: bool,
    /// Steps of lookahead that are left.
    fuel: usize,
    depth: usize,
}

impl Parser {
    fn new(text: &str) -> Parser {
        let text: Vec<char> = text.chars().collect();
        let fuel = 200_000 + text.len() * 20;
        Parser {
            text,
            index: 0,
            context: Vec::new(),
            deferred: false,
            tried_suffix: false,
            fuel,
            depth: 0,
        }
    }

    /// The values of the text: one alone, several as a list, a repeated object only once.
    fn top_level(mut self) -> Tree {
        let first = self.value();
        if self.index >= self.text.len() {
            return self.unless_exhausted(first);
        }
        let mut found = vec![first];
        while self.index < self.text.len() && self.fuel > 0 {
            self.context.clear();
            self.deferred = false;
            let after_comma = self.next_is_after_comma();
            let value = self.value();
            if !is_truthy(&value) {
                self.index += 1;
                continue;
            }
            let replaces = found
                .last()
                .is_some_and(|last| (!after_comma && same_shape(last, &value)) || !is_truthy(last));
            if replaces {
                found.pop();
            }
            found.push(value);
        }
        let value = if found.len() == 1 {
            found.remove(0)
        } else {
            Tree::List(found)
        };
        self.unless_exhausted(value)
    }

    fn unless_exhausted(&self, value: Tree) -> Tree {
        if self.fuel == 0 { Tree::text("") } else { value }
    }

    fn next_is_after_comma(&self) -> bool {
        let before = self.text[..self.index.min(self.text.len())]
            .iter()
            .rev()
            .find(|c| !c.is_whitespace());
        self.get(self.scroll(0)) == Some(',') || before == Some(&',')
    }

    fn value(&mut self) -> Tree {
        if self.depth >= MAX_DEPTH {
            self.fuel = 0;
            self.index = self.text.len();
            return Tree::text("");
        }
        if std::mem::take(&mut self.deferred) {
            return self.within(Context::Key, Parser::value);
        }
        self.depth += 1;
        let value = self.next_value();
        self.depth -= 1;
        value
    }

    fn next_value(&mut self) -> Tree {
        let mut check_first_quote = self.index == 0 && self.context.is_empty();
        loop {
            let Some(c) = self.get(0) else { return Tree::text("") };
            if let ('{' | '[', Some(value)) = (c, self.valid_suffix()) {
                return value;
            }
            let nested = !self.context.is_empty();
            match c {
                '{' => {
                    self.index += 1;
                    return self.object();
                }
                '[' => {
                    self.index += 1;
                    return Tree::List(self.array(']'));
                }
                '(' if nested || self.parenthesis_begins_value() => return self.parenthesized(),
                c if nested && (QUOTES.contains(&c) || c.is_alphabetic()) => return self.string(),
                c if nested && (c.is_numeric() || c == '-' || c == '.') => return self.number(),
                '#' | '/' => {
                    self.skip_comment();
                    if nested {
                        return Tree::text("");
                    }
                }
                c if QUOTES.contains(&c) && check_first_quote => {
                    check_first_quote = false;
                    if let Some(value) = self.missing_opening_brace(c) {
                        return value;
                    }
                    self.index += 1;
                }
                _ => self.index += 1,
            }
        }
    }

    /// The first `{` or `[` often begins a whole, valid value with something behind it.
    fn valid_suffix(&mut self) -> Option<Tree> {
        if self.tried_suffix || !self.context.is_empty() || !matches!(self.get(0), Some('{' | '[')) {
            return None;
        }
        if self.index == 0 && !self.first_container_is_followed() {
            return None;
        }
        self.tried_suffix = true;
        let rest: String = self.text[self.index..].iter().collect();
        let mut values = serde_json::Deserializer::from_str(&rest).into_iter::<Json>();
        let value = values.next()?.ok()?;
        self.index += rest[..values.byte_offset()].chars().count();
        Some(Tree::from_json(&value))
    }

    /// Whether the container that the text begins with is closed and something other than a comma follows.
    fn first_container_is_followed(&self) -> bool {
        let (mut open, mut in_string, mut escaped) = (Vec::new(), false, false);
        for (i, &c) in self.text.iter().enumerate() {
            if in_string {
                match c {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '"' => in_string = false,
                    _ => {}
                }
                continue;
            }
            match c {
                '"' => in_string = true,
                '{' => open.push('}'),
                '[' => open.push(']'),
                '}' | ']' => {
                    if open.pop() != Some(c) {
                        return false;
                    }
                    if open.is_empty() {
                        return self.text[i + 1..]
                            .iter()
                            .find(|c| !c.is_whitespace())
                            .is_some_and(|c| *c != ',');
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// `"a": 1}`: a text that one `{` before it makes whole.
    fn missing_opening_brace(&mut self, quote: char) -> Option<Tree> {
        let close = self.skip_to(&[quote], 1);
        let colon = self.scroll(close + 1);
        if self.get(close).is_none() || self.get(colon) != Some(':') {
            return None;
        }
        let candidate: String = std::iter::once('{').chain(self.text.iter().copied()).collect();
        let json: Json = serde_json::from_str(&candidate).ok()?;
        self.index = self.text.len();
        Some(Tree::from_json(&json))
    }

    /// Runs a part of the parser inside of something.
    fn within<T>(&mut self, context: Context, part: impl FnOnce(&mut Parser) -> T) -> T {
        self.context.push(context);
        let result = part(self);
        self.context.pop();
        result
    }

    fn current(&self) -> Option<Context> {
        self.context.last().copied()
    }

    /// The character `offset` further on.
    fn get(&self, offset: usize) -> Option<char> {
        self.text.get(self.index + offset).copied()
    }

    fn before(&self) -> Option<char> {
        self.index.checked_sub(1).and_then(|i| self.text.get(i)).copied()
    }

    /// The offset of the next character from `offset` on that is not white space.
    fn scroll(&self, mut offset: usize) -> usize {
        while self.get(offset).is_some_and(char::is_whitespace) {
            offset += 1;
        }
        offset
    }

    fn skip_space(&mut self) {
        self.index += self.scroll(0);
    }

    fn skip_space_and_comments(&mut self) {
        loop {
            self.skip_space();
            match (self.get(0), self.get(1)) {
                (Some('#'), _) | (Some('/'), Some('/' | '*')) => self.skip_comment(),
                _ => return,
            }
        }
    }

    fn skip_comment(&mut self) {
        match (self.get(0), self.get(1)) {
            (Some('#'), _) => {
                let ends = |parser: &Parser, c: char| match c {
                    '\n' | '\r' => true,
                    ']' => parser.context.contains(&Context::Array),
                    '}' => parser.context.contains(&Context::Value),
                    ':' => parser.context.contains(&Context::Key),
                    _ => false,
                };
                while self.get(0).is_some_and(|c| !ends(self, c)) {
                    self.index += 1;
                }
            }
            (_, Some('/')) => {
                while self.get(0).is_some_and(|c| c != '\n' && c != '\r') {
                    self.index += 1;
                }
            }
            (_, Some('*')) => {
                self.index += 2;
                while self.get(0).is_some() && !(self.get(0) == Some('*') && self.get(1) == Some('/')) {
                    self.index += 1;
                }
                self.index = (self.index + 2).min(self.text.len());
            }
            _ => self.index += 1,
        }
    }

    /// The offset of the next unescaped of some characters, or of the text's end.
    fn skip_to(&mut self, targets: &[char], offset: usize) -> usize {
        let start = self.index + offset;
        let mut escaped = false;
        for (i, &c) in self.text.iter().enumerate().skip(start) {
            if self.fuel == 0 {
                break;
            }
            self.fuel -= 1;
            match c {
                '\\' => escaped = !escaped,
                c if !escaped && targets.contains(&c) => return i - self.index,
                _ => escaped = false,
            }
        }
        self.text.len().saturating_sub(self.index)
    }
}

/// Python's `bool(x)`
fn is_truthy(value: &Tree) -> bool {
    match value {
        Tree::Null => false,
        Tree::Bool(b) => *b,
        Tree::Number(number) => number.parse::<f64>().is_ok_and(|x| x != 0.0),
        Tree::Text(text) => !text.is_empty(),
        Tree::List(items) => !items.is_empty(),
        Tree::Object(entries) => !entries.is_empty(),
    }
}

/// Whether a later value repeats an earlier one: the same kinds with the same keys.
fn same_shape(a: &Tree, b: &Tree) -> bool {
    let is_float = |number: &str| number.contains(['.', 'e', 'E']);
    match (a, b) {
        (Tree::Null, Tree::Null) | (Tree::Bool(_), Tree::Bool(_)) | (Tree::Text(_), Tree::Text(_)) => true,
        (Tree::Number(a), Tree::Number(b)) => is_float(a) == is_float(b),
        (Tree::List(a), Tree::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a, b)),
        (Tree::Object(a), Tree::Object(b)) => {
            let others: HashMap<&EcoString, &Tree> = b.iter().map(|(key, value)| (key, value)).collect();
            let same = |(key, a): &(_, Tree)| others.get(key).is_some_and(|b| same_shape(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => false,
    }
}
