//! What looks like JSON, read with one look ahead where a quote, a comma or a word may be the end of a value or a part
//! of it: unquoted keys and texts, unescaped quotes, backticks and triple quotes, comments, missing brackets. What is
//! read keeps its source, since only the type says whether `{a: 1}` is an object or a text.

use super::quoted::Delimiter;

/// A part of a reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>, String),
    Object(Vec<(String, Node)>, String),
}

/// Deeper nesting is not read.
const MAX_DEPTH: usize = 128;

/// Where a value stands, which decides what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Key,
    Member,
    Item,
}

/// A container that was read from the beginning of a text.
pub struct Read {
    pub node: Node,
    /// How many characters it took.
    pub length: usize,
    /// Whether its closing bracket was there.
    pub closed: bool,
}

/// Reads the `{…}` or `[…]` that a text begins with.
pub fn container(text: &[char]) -> Option<Read> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        closed: true,
        keyless: 0,
    };
    let node = match text.first()? {
        '{' => parser.object()?,
        '[' => parser.list()?,
        _ => return None,
    };
    Some(Read {
        node,
        length: parser.at,
        closed: parser.closed,
    })
}

pub struct Parser<'a> {
    pub text: &'a [char],
    pub at: usize,
    depth: usize,
    closed: bool,
    /// No key follows the white space that ends here.
    keyless: usize,
}

/// What a text without quotes has had.
#[derive(Default)]
struct SoFar {
    /// It ends in white space just now.
    gap: bool,
    /// Several words.
    spaced: bool,
    /// An opening parenthesis.
    called: bool,
}

impl SoFar {
    fn follow(&mut self, c: char) {
        let white = c.is_whitespace();
        self.spaced |= self.gap && !white;
        self.gap = (self.gap && white) || c == ' ';
        self.called |= c == '(';
    }
}

impl Parser<'_> {
    pub fn peek(&self, offset: usize) -> Option<char> {
        self.text.get(self.at + offset).copied()
    }

    /// The next place from `at` on that is not white space.
    pub fn after_space(&self, mut at: usize) -> usize {
        while self.text.get(at).is_some_and(|c| c.is_whitespace()) {
            at += 1;
        }
        at
    }

    fn source(&self, start: usize) -> String {
        self.text[start..self.at.min(self.text.len())].iter().collect()
    }

    /// Passes over white space, comments and the given separators.
    fn skip(&mut self, separators: &[char]) {
        loop {
            self.at = self.after_space(self.at);
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('/')) => self.skip_until(|c| c == '\n'),
                (Some('/'), Some('*')) => {
                    let end = self.text[self.at..].windows(2).position(|pair| pair == ['*', '/']);
                    self.at = end.map_or(self.text.len(), |end| self.at + end + 2);
                }
                (Some(c), _) if separators.contains(&c) => self.at += 1,
                _ => return,
            }
        }
    }

    fn skip_until(&mut self, end: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(|c| !end(c)) {
            self.at += 1;
        }
    }

    fn object(&mut self) -> Option<Node> {
        let start = self.enter()?;
        let mut members = Vec::new();
        loop {
            // A second brace is one too many.
            self.skip(&[',', ':', '{']);
            match self.peek(0) {
                None => {
                    self.closed = false;
                    break;
                }
                Some('}') => {
                    self.at += 1;
                    break;
                }
                // The bracket of a list around this object, whose own brace is missing.
                Some(']') => {
                    self.closed = false;
                    break;
                }
                Some(_) => {}
            }
            let key = match self.value(Place::Key)? {
                Node::Text(key) | Node::Number(key) => key,
                Node::Null => "null".to_owned(),
                Node::Bool(b) => b.to_string(),
                Node::List(..) | Node::Object(..) => continue,
            };
            self.skip(&[]);
            if self.peek(0) != Some(':') {
                continue;
            }
            self.at += 1;
            self.skip(&[]);
            if matches!(self.peek(0), None | Some('}' | ',')) {
                continue;
            }
            members.push((key, self.value(Place::Member)?));
        }
        self.depth -= 1;
        Some(Node::Object(members, self.source(start)))
    }

    fn list(&mut self) -> Option<Node> {
        let start = self.enter()?;
        let mut items = Vec::new();
        loop {
            self.skip(&[',', ':']);
            match self.peek(0) {
                None => {
                    self.closed = false;
                    break;
                }
                Some(']') => {
                    self.at += 1;
                    break;
                }
                Some('}') => {
                    self.closed = false;
                    break;
                }
                Some(_) => {}
            }
            let before = self.at;
            let item = self.value(Place::Item)?;
            if item != Node::Text(String::new()) || self.text[before..].first().is_some_and(|c| matches!(c, '"' | '\''))
            {
                items.push(item);
            }
            if self.at == before {
                self.at += 1;
            }
        }
        self.depth -= 1;
        Some(Node::List(items, self.source(start)))
    }

    fn enter(&mut self) -> Option<usize> {
        self.depth += 1;
        self.at += 1;
        (self.depth <= MAX_DEPTH).then_some(self.at - 1)
    }

    fn value(&mut self, place: Place) -> Option<Node> {
        match self.peek(0)? {
            '{' if place != Place::Key => self.object(),
            '[' if place != Place::Key => self.list(),
            _ => match Delimiter::at(self.text, self.at) {
                Some(delimiter) => Some(Node::Text(self.quoted(delimiter, place))),
                None => Some(self.unquoted(place)),
            },
        }
    }

    fn unquoted(&mut self, place: Place) -> Node {
        let start = self.at;
        let mut open_braces = 0_usize;
        let mut so_far = SoFar::default();
        while let Some(c) = self.peek(0) {
            let comment = matches!((c, self.peek(1)), ('/', Some('/' | '*')))
                && (self.at == start || self.text[self.at - 1].is_whitespace());
            let ends = comment
                || match place {
                    Place::Key => matches!(c, ':' | '}' | '\n'),
                    Place::Item => matches!(c, ',' | ']' | '}'),
                    Place::Member => match c {
                        '{' => {
                            open_braces += 1;
                            false
                        }
                        '}' if open_braces > 0 => {
                            open_braces -= 1;
                            false
                        }
                        '}' => true,
                        ']' => false,
                        ',' => self.comma_ends(start, &so_far),
                        '\n' => self.key_follows(),
                        _ => false,
                    },
                };
            if ends {
                break;
            }
            so_far.follow(c);
            self.at += 1;
        }
        let text = self.source(start);
        word(text.trim())
    }

    /// Whether the white space here leads to a key. A run of it is looked at once.
    fn key_follows(&mut self) -> bool {
        if self.at < self.keyless {
            return false;
        }
        let next = self.after_space(self.at);
        let is_key = self.key_at(next);
        if !is_key {
            self.keyless = next;
        }
        is_key
    }

    /// Whether a comma ends a member's value without quotes: at a line's end, before a quote or a comment, or behind
    /// something too simple to contain it.
    fn comma_ends(&self, start: usize, so_far: &SoFar) -> bool {
        let rest = &self.text[self.at + 1..];
        let spaces = rest.iter().take_while(|c| **c == ' ' || **c == '\t').count();
        // A number or a constant is short.
        let simple = || {
            let text: String = self.text[start..self.at].iter().take(400).collect();
            self.at - start < 400 && !matches!(word(text.trim()), Node::Text(_))
        };
        match rest.get(spaces) {
            None | Some('\n' | '\r' | '"' | '}') => true,
            Some('/') if matches!(rest.get(spaces + 1), Some('/' | '*')) => true,
            _ if spaces == 0 => false,
            _ if !(so_far.spaced || so_far.called) || simple() => true,
            _ => !so_far.called && self.key_at(self.after_space(self.at + 1)),
        }
    }

    /// Whether a key and its colon stand at a place.
    pub fn key_at(&self, at: usize) -> bool {
        let quote = self.text.get(at).copied().filter(|c| matches!(c, '"' | '\'' | '“'));
        let mut end = at;
        match quote {
            Some(quote) => {
                let close = if quote == '“' { '”' } else { quote };
                end += 1;
                while self.text.get(end).is_some_and(|c| *c != close && *c != '\n') {
                    end += 1;
                }
                end += 1;
            }
            None => {
                while self
                    .text
                    .get(end)
                    .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
                {
                    end += 1;
                }
                if end == at {
                    return false;
                }
            }
        }
        self.text.get(self.after_space(end)) == Some(&':')
    }
}

/// A word without quotes: a constant, a number, or a text.
pub fn word(text: &str) -> Node {
    match text {
        "null" | "None" => Node::Null,
        "true" | "True" => Node::Bool(true),
        "false" | "False" => Node::Bool(false),
        _ => match super::numbers::is_number(text) {
            true => Node::Number(text.to_owned()),
            false => Node::Text(text.to_owned()),
        },
    }
}
