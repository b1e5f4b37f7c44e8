//! Objects: members with missing quotes, colons, commas and braces.

use crate::value::EcoString;

use super::{Context, Parser, Quoting, Tree, is_quote};

impl Parser {
    /// The members up to the closing brace, which may be missing; the opening one is behind us.
    pub(super) fn object(&mut self) -> Tree {
        let start = self.index;
        let is_member = self.current() == Some(Context::Value);
        let mut entries: Vec<(EcoString, Tree)> = Vec::new();
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
            let (key, key_start) = self.key(&mut entries);
            let doubled = entries.iter().any(|(known, _)| *known == key);
            if doubled && !is_member && self.context.contains(&Context::Array) && self.begins_new_object(key_start) {
                self.text.insert(key_start, '{');
                self.index = key_start.saturating_sub(1);
                break;
            }
            self.skip_space_and_comments();
            if !matches!(self.get(0), None | Some('}')) {
                self.index += 1;
                let value = self.member_value();
                Tree::insert(&mut entries, key, value);
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
    fn key(&mut self, entries: &mut [(EcoString, Tree)]) -> (EcoString, usize) {
        let mut start = self.index;
        while self.get(0).is_some() && self.fuel > 0 {
            start = self.index;
            if self.get(0) == Some('[') && self.continues_list(entries) {
                continue;
            }
            let key = match self.within(Context::Key, Parser::string) {
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

    fn continues_list(&mut self, entries: &mut [(EcoString, Tree)]) -> bool {
        let Some((_, Tree::List(list))) = entries.last_mut() else {
            return false;
        };
        self.index += 1;
        let mut more = self.within(Context::Key, |parser| parser.array(']'));
        match more.as_mut_slice() {
            [Tree::List(inner)] => list.append(inner),
            _ => list.append(&mut more),
        }
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
    fn no_object_after_all(&mut self, entries: &[(EcoString, Tree)], start: usize) -> Option<Tree> {
        if !entries.is_empty() || self.index <= start + 2 {
            return None;
        }
        let end = (self.index - 1).min(self.text.len());
        self.fuel = self.fuel.saturating_sub(end - start);
        let body: String = self.text[start..end].iter().collect();
        let body = body.trim_start();
        if body.is_empty() {
            return None;
        }
        if (body.starts_with("\\\"") && body.contains("\\\":")) || (body.starts_with("\\'") && body.contains("\\':")) {
            let plain: Vec<char> = body.replace("\\\"", "\"").replace("\\'", "'").chars().collect();
            self.text.splice(start..end, plain);
            self.index = start;
            let object = self.within(Context::Key, Parser::object);
            self.deferred = true;
            return Some(object);
        }
        if without_comments(body).trim().is_empty() || has_colon(body) {
            return None;
        }
        self.index = start;
        let items = self.within(Context::Key, |parser| parser.array(']'));
        self.deferred = true;
        Some(Tree::List(items))
    }

    fn completed(&mut self, mut entries: Vec<(EcoString, Tree)>) -> Tree {
        if !self.context.is_empty() {
            if self.get(0) == Some('}') && !matches!(self.current(), Some(Context::Key | Context::Value)) {
                self.index += 1;
            }
            return Tree::Object(entries);
        }
        self.skip_space();
        if self.get(0) == Some(',') {
            self.index += 1;
            self.skip_space();
            if is_quote(self.get(0))
                && let Tree::Object(more) = self.object()
            {
                more.into_iter()
                    .for_each(|(key, value)| Tree::insert(&mut entries, key, value));
            }
        }
        Tree::Object(entries)
    }
}

/// Whether a colon stands outside of quotes.
fn has_colon(body: &str) -> bool {
    let mut quoting = Quoting::default();
    body.chars().any(|c| quoting.is_outside(c) && c == ':')
}

fn without_comments(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with('#') || rest.starts_with("//") {
            rest.find(['\n', '\r']).unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            out.push(c);
            c.len_utf8()
        };
        rest = &rest[skipped..];
    }
    out
}
