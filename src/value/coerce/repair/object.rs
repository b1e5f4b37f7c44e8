//! Objects: members with missing quotes, colons, commas and braces.

use crate::value::EcoString;

use super::{Context, Members, Parser, Quoting, Tree, is_quote};

impl Parser {
    /// The members up to the closing brace, which may be missing; the opening one is behind us.
    pub(super) fn object(&mut self) -> Tree {
        let start = self.index;
        let is_member = self.current() == Some(Context::Value);
        let mut entries = Members::default();
        loop {
            self.skip_space_and_comments();
            let Some(c) = self.get(0).filter(|c| *c != '}') else {
                break;
            };
            if c == ',' {
                self.index += 1;
                continue;
            }
            if c == ':' {
                self.index += 1;
            }
            let before_key = self.index;
            let (key, key_start) = self.within(Context::Key, |parser| parser.key(&mut entries));
            let doubled = entries.has(&key);
            if doubled && !is_member && self.context.contains(&Context::Array) && self.begins_new_object(key_start) {
                self.text.insert(key_start, '{');
                self.index = key_start.saturating_sub(1);
                break;
            }
            self.skip_space_and_comments();
            if !matches!(self.get(0), None | Some('}')) {
                self.index += 1;
                let value = self.member_value();
                entries.insert(key, value);
                if matches!(self.get(0), Some(',' | '\'' | '"')) {
                    self.index += 1;
                }
                if self.get(0) == Some(']') && self.context.contains(&Context::Array) {
                    self.index -= 1;
                    break;
                }
            }
            if self.index == before_key || self.fuel == 0 {
                self.index += 1;
            }
        }
        self.index += 1;
        match self.no_object_after_all(&entries, start) {
            Some(other) => other,
            None => self.completed(entries),
        }
    }

    /// A key and where it begins. A `[` instead of a key goes on with the list before it.
    fn key(&mut self, entries: &mut Members) -> (EcoString, usize) {
        let mut start = self.index;
        while self.get(0).is_some() && self.fuel > 0 {
            start = self.index;
            if self.get(0) == Some('[') && self.continues_list(entries) {
                continue;
            }
            let key = match self.string() {
                Tree::Text(key) => key,
                other => crate::value::json(&other.to_value(), None).into(),
            };
            if !key.is_empty() {
                return (key, start);
            }
            self.skip_space_and_comments();
            if matches!(self.get(0), Some(':' | '}')) {
                break;
            }
            if self.index == start {
                self.index += 1;
            }
        }
        (EcoString::new(), start)
    }

    fn continues_list(&mut self, entries: &mut Members) -> bool {
        let Some((key, Tree::List(list))) = entries.last_mut() else {
            return false;
        };
        if key.is_empty() {
            return false;
        }
        self.index += 1;
        let more = self.array(']');
        append(list, more);
        self.skip_space_and_comments();
        if self.get(0) == Some(',') {
            self.index += 1;
        }
        self.skip_space_and_comments();
        true
    }

    fn member_value(&mut self) -> Tree {
        self.within(Context::Value, |parser| {
            parser.skip_space_and_comments();
            match parser.get(0) {
                Some(',' | '}') => Tree::text(""),
                _ => parser.value(),
            }
        })
    }

    /// A key for the second time begins the next object of an array, unless it is an ordinary `, "key":`.
    fn begins_new_object(&self, key_start: usize) -> bool {
        let before = self.text[..key_start].iter().rev().find(|c| !c.is_whitespace());
        let ordinary = is_quote(self.text.get(key_start).copied())
            && before == Some(&',')
            && self.get(self.scroll(0)) == Some(':');
        !ordinary
    }

    /// Braces around something without members: escaped quotes, or a set.
    fn no_object_after_all(&mut self, entries: &Members, start: usize) -> Option<Tree> {
        if !entries.is_empty() || self.index <= start + 2 || self.fuel == 0 {
            return None;
        }
        let length = self.text.len();
        let inside = |end: usize| self.text[start..end.min(length).max(start)].iter().collect::<String>();
        self.fuel = self.fuel.saturating_sub(self.index - start);
        if self.before() == Some('}') && without_comments(&inside(self.index - 1)).trim().is_empty() {
            return None;
        }
        let body = inside(self.index + 1);
        let body = body.strip_suffix('}').unwrap_or(&body).trim_start();
        if body.is_empty() {
            return None;
        }
        if (body.starts_with("\\\"") && body.contains("\\\":")) || (body.starts_with("\\'") && body.contains("\\':")) {
            let end = (self.index + 1).min(length);
            let plain = inside(end).replace("\\\"", "\"").replace("\\'", "'");
            self.text.splice(start..end, plain.chars());
            self.index = start;
            let object = self.within(Context::Key, Parser::object);
            self.deferred = true;
            return Some(object);
        }
        let body = without_comments(body);
        if body.trim_start().is_empty() || has_colon(&body) {
            return None;
        }
        self.index = start;
        let items = self.within(Context::Key, |parser| parser.array(']'));
        self.deferred = true;
        Some(Tree::List(items))
    }

    fn completed(&mut self, mut entries: Members) -> Tree {
        if !self.context.is_empty() {
            if self.get(0) == Some('}') && !matches!(self.current(), Some(Context::Key | Context::Value)) {
                self.index += 1;
            }
            return Tree::Object(entries.into_list());
        }
        self.skip_space();
        if self.get(0) == Some(',') {
            self.index += 1;
            self.skip_space();
            if is_quote(self.get(0))
                && let Tree::Object(more) = self.object()
            {
                more.into_iter().for_each(|(key, value)| entries.insert(key, value));
            }
        }
        Tree::Object(entries.into_list())
    }
}

/// Whether a colon stands outside of quotes, not behind a backslash.
fn has_colon(body: &str) -> bool {
    let mut quoting = Quoting::default();
    body.chars().any(|c| {
        let escaped = quoting.escaped;
        quoting.is_outside(c) && c == ':' && !escaped
    })
}

/// Comments outside of quotes go.
fn without_comments(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    let mut quoting = Quoting::default();
    while let Some(c) = rest.chars().next() {
        let comment = !quoting.is_inside() && (c == '#' || rest.starts_with("//") || rest.starts_with("/*"));
        let skipped = match comment {
            true if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            true => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            false => {
                quoting.is_outside(c);
                out.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[skipped..];
    }
    out
}

/// Goes on with a list: where all its lists are rows of one length, what follows are rows, too.
fn append(list: &mut Vec<Tree>, mut more: Vec<Tree>) {
    let mut lengths = list.iter().filter_map(|item| match item {
        Tree::List(items) => Some(items.len()),
        _ => None,
    });
    let first = lengths.next().filter(|first| *first > 0);
    let Some(length) = first.filter(|first| lengths.all(|length| length == *first)) else {
        return match more.as_mut_slice() {
            [Tree::List(inner)] => list.append(inner),
            _ => list.append(&mut more),
        };
    };
    let rows = list
        .iter()
        .rposition(|item| matches!(item, Tree::List(_)))
        .map_or(0, |at| at + 1);
    let tail = list.split_off(rows);
    match tail.len() % length {
        0 => list.extend(tail.chunks(length).map(|row| Tree::List(row.to_vec()))),
        _ => list.extend(tail),
    }
    if more.iter().all(|item| matches!(item, Tree::List(_))) {
        list.append(&mut more);
    } else {
        list.push(Tree::List(more));
    }
}
