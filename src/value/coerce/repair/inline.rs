//! Brackets and fences that may belong to the string that they stand in, and members that may follow it.

use super::string::Scan;
use super::{Context, Parser, QUOTES};

fn closing(open: char) -> Option<char> {
    match open {
        '{' => Some('}'),
        '[' => Some(']'),
        '(' => Some(')'),
        _ => None,
    }
}

fn partner(quote: char) -> char {
    if quote == '“' { '”' } else { quote }
}

impl Parser {
    /// Takes a balanced bracket in one piece where it belongs to the string.
    pub(super) fn keeps_container(&mut self, scan: &mut Scan, c: char) -> bool {
        if closing(c).is_none() || scan.text.ends_with('\\') {
            return false;
        }
        let named_member = c == '{'
            && self.current() == Some(Context::Value)
            && self.before() != Some('\\')
            && self.bare_key_at(self.scroll(1));
        if !scan.container_follows && !named_member {
            return false;
        }
        let Some(end) = self.container_end(0) else { return false };
        scan.container_follows = false;
        scan.containers.clear();
        let inside: Vec<char> = self.text[self.index..self.index + end].to_vec();
        inside.into_iter().for_each(|c| scan.push(c));
        self.index += end;
        true
    }

    /// The offset behind the bracket that closes the one at an offset.
    fn container_end(&mut self, start: usize) -> Option<usize> {
        let mut open = vec![closing(self.get(start)?)?];
        let mut at = start + 1;
        loop {
            let c = self.get(at)?;
            self.fuel = self.fuel.saturating_sub(1);
            if self.fuel == 0 {
                return None;
            }
            if QUOTES.contains(&c) {
                at = self.skip_to(&[partner(c)], at + 1);
                self.get(at)?;
            } else if let Some(close) = closing(c).filter(|_| self.nests(at)) {
                open.push(close);
            } else if open.last() == Some(&c) {
                open.pop();
                if open.is_empty() {
                    return Some(at + 1);
                }
            }
            at += 1;
        }
    }

    /// Whether the bracket at an offset opens something inside of the one before it: where a value can stand, and what
    /// follows looks like one.
    fn nests(&mut self, at: usize) -> bool {
        let Some(before) = (0..at).rev().find(|i| self.get(*i).is_some_and(|c| !c.is_whitespace())) else {
            return true;
        };
        self.fuel = self.fuel.saturating_sub(at - before);
        let before = self.get(before);
        if before.is_some_and(|c| closing(c).is_some()) {
            return true;
        }
        if !matches!(before, Some(',' | ':')) {
            return false;
        }
        let inside = self.scroll(at + 1);
        let next = self.get(inside);
        match self.get(at) {
            Some('[' | '(') => next.is_some_and(|c| {
                QUOTES.contains(&c)
                    || closing(c).is_some()
                    || matches!(c, ']' | ')' | '-' | 't' | 'f' | 'n')
                    || c.is_numeric()
            }),
            _ => {
                next.is_some_and(|c| c == '}' || QUOTES.contains(&c))
                    || (before == Some(':') && self.bare_key_at(inside))
            }
        }
    }

    /// What follows the brace here: the end or a closing fence, so that the object ends (`true`); a fence that belongs to
    /// the string (`false`); or something else.
    pub(super) fn brace_before_end(&mut self, scan: &mut Scan) -> Option<bool> {
        let at = self.scroll(1);
        match self.get(at) {
            None => Some(true),
            Some('`') if self.get(at + 1) == Some('`') && self.get(at + 2) == Some('`') => {
                Some(!self.fence_is_content(scan, at))
            }
            _ => None,
        }
    }

    fn fence_is_content(&mut self, scan: &mut Scan, fence: usize) -> bool {
        let mut from = fence + 3;
        let next = self.member_start(from);
        let mut container = false;
        if self.get(next).and_then(closing).is_some()
            && let Some(end) = self.container_end(next)
        {
            if self.member_follows_container(end) {
                return false;
            }
            (container, from) = (true, end);
        }
        let mut quote = self.skip_to(&[scan.right], from);
        while self.get(quote) == Some(scan.right) {
            if matches!(self.get(self.scroll(quote + 1)), None | Some(',' | '}' | ']')) {
                scan.container_follows |= container;
                return true;
            }
            quote = self.skip_to(&[scan.right], quote + 1);
        }
        false
    }

    fn member_follows_container(&mut self, end: usize) -> bool {
        let after = self.scroll(end);
        match self.get(after) {
            None | Some('}') => true,
            Some(',') => {
                let member = self.member_start(after + 1);
                matches!(self.get(member), None | Some('}')) || self.member_at(member)
            }
            _ => false,
        }
    }

    /// Whether a comma and another member follow the quote at an offset.
    pub(super) fn member_follows(&mut self, quote: usize) -> bool {
        let comma = self.scroll(quote + 1);
        if self.get(comma) != Some(',') {
            return false;
        }
        let member = self.member_start(comma + 1);
        self.member_at(member)
    }

    fn member_at(&mut self, at: usize) -> bool {
        match self.get(at) {
            Some(quote) if QUOTES.contains(&quote) => self.key_at(at, partner(quote)),
            Some(_) => self.bare_key_at(at),
            None => false,
        }
    }

    fn bare_key_at(&self, at: usize) -> bool {
        self.get(at).is_some_and(|c| c.is_alphanumeric() || c == '_') && self.colon_after_name(at)
    }

    /// The offset of the first character that is neither white space nor in a comment.
    fn member_start(&mut self, from: usize) -> usize {
        let mut at = self.scroll(from);
        loop {
            let ends_line = |c: Option<char>| matches!(c, None | Some('\n' | '\r'));
            match (self.get(at), self.get(at + 1)) {
                (Some('#'), _) | (Some('/'), Some('/')) => {
                    while !ends_line(self.get(at)) {
                        at += 1;
                    }
                }
                (Some('/'), Some('*')) => {
                    at += 2;
                    while self.get(at).is_some() && !(self.get(at) == Some('*') && self.get(at + 1) == Some('/')) {
                        at += 1;
                    }
                    if self.get(at).is_none() {
                        break;
                    }
                    at += 2;
                }
                _ => break,
            }
            at = self.scroll(at);
        }
        self.fuel = self.fuel.saturating_sub(at - from);
        at
    }
}
