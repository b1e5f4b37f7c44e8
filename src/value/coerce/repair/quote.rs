//! What a quote, comma, brace or colon inside of a string means: the string's end, or a part of it. Each answer looks
//! ahead for what would have to follow if it were the end.

use super::string::Scan;
use super::{Context, Parser, QUOTES};

impl Parser {
    /// Whether the comma here begins the next member of the object, so that the string ends without its quote.
    pub(super) fn comma_ends_value(&mut self, scan: &mut Scan) -> bool {
        if scan.no_quote_follows {
            return false;
        }
        let at = self.scroll(1);
        match self.get(at) {
            None | Some('}') => return true,
            Some(quote) if QUOTES.contains(&quote) => return self.key_at(at, quote),
            Some('`') => return self.colon_after_name(at + 1),
            Some(c) if (c.is_alphanumeric() || c == '_') && self.colon_after_name(at) => {
                let colon = self.name_end(at);
                if self.value_follows(colon + 1) {
                    return true;
                }
            }
            Some('{' | '[') => {
                scan.container_follows = true;
                return false;
            }
            _ => {}
        }
        let next = self.next_special(scan, at);
        match self.get(next) {
            None => {
                scan.no_quote_follows = true;
                false
            }
            Some('{' | '[') => false,
            Some(quote) => self.key_at(next, quote),
        }
    }

    /// The offset of the next quote or opening bracket; the last one found is remembered.
    fn next_special(&mut self, scan: &mut Scan, at: usize) -> usize {
        let start = self.index + at;
        if let Some((from, found)) = scan.special
            && (from..=found).contains(&start)
        {
            return found - self.index;
        }
        let special: Vec<char> = QUOTES.iter().copied().chain(['{', '[']).collect();
        let next = self.skip_to(&special, at);
        scan.special = Some((start, self.index + next));
        next
    }

    /// Whether a quoted text and a colon stand at an offset.
    pub(super) fn key_at(&mut self, at: usize, quote: char) -> bool {
        let end = self.skip_to(&[quote], at + 1);
        self.get(end).is_some() && self.get(self.scroll(end + 1)) == Some(':')
    }

    /// The offset of the first character after a bare name, white space passed over.
    fn name_end(&self, mut at: usize) -> usize {
        while self
            .get(at)
            .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-')
        {
            at += 1;
        }
        self.scroll(at)
    }

    pub(super) fn colon_after_name(&self, at: usize) -> bool {
        self.get(self.name_end(at)) == Some(':')
    }

    /// Whether what follows a bare key and its colon can be its value.
    fn value_follows(&mut self, at: usize) -> bool {
        let at = self.scroll(at);
        match self.get(at) {
            Some(c) if QUOTES.contains(&c) || matches!(c, '{' | '[' | '-') || c.is_numeric() => return true,
            _ => {}
        }
        for literal in ["true", "false", "null"] {
            let spelled = literal.chars().enumerate().all(|(i, c)| self.get(at + i) == Some(c));
            let end = self.get(at + literal.len());
            if spelled && end.is_none_or(|c| c.is_whitespace() || matches!(c, ',' | '}' | ']')) {
                return true;
            }
        }
        let stops: Vec<char> = QUOTES.iter().copied().chain(['}']).collect();
        let end = self.skip_to(&stops, at);
        self.get(end) == Some('}')
    }

    /// Whether the brace here closes the object, since the string's own closing quote is missing.
    pub(super) fn brace_ends_value(&mut self, scan: &Scan) -> bool {
        if self.get(1) == Some('\\') {
            return false;
        }
        let quote = self.skip_to(&[scan.right], 1);
        if self.get(quote).is_some() {
            let after = self.scroll(quote + 1);
            if matches!(self.get(after), None | Some(',' | '}')) {
                return false;
            }
            let next = self.skip_to(&[scan.left], after);
            if self.get(next).is_none() {
                return false;
            }
            return self.get(self.scroll(next + 1)).is_none_or(|c| c == ':');
        }
        let colon = self.skip_to(&[':'], 1);
        if self.get(colon).is_some() {
            return true;
        }
        let at = self.scroll(1);
        let brace = self.skip_to(&['}'], at);
        brace.saturating_sub(at) <= 1
    }

    /// Whether the colon here ends a key whose closing quote is missing.
    pub(super) fn colon_ends_key(&mut self, scan: &Scan) -> bool {
        let open = self.skip_to(&[scan.left], 1);
        if self.get(open).is_none() {
            return true;
        }
        let close = self.skip_to(&[scan.right], open + 1);
        self.get(close).is_some() && matches!(self.get(self.scroll(close + 1)), Some(',' | '}'))
    }

    /// At a closing quote: the next character if the quote turned out to be content, nothing if the string ends here.
    pub(super) fn quote_is_content(&mut self, scan: &mut Scan) -> Option<Option<char>> {
        if scan.doubled_quotes && self.get(1) == Some(scan.right) {
            self.index += 1;
            return None;
        }
        if scan.missing_quotes && self.current() == Some(Context::Value) {
            self.quote_in_unquoted_value(scan);
            return None;
        }
        if scan.unmatched {
            scan.unmatched = false;
            return Some(self.keep(scan));
        }
        let (at, c) = self.next_mark(scan);
        match c {
            Some(',') if self.current() == Some(Context::Value) => {
                let quote = self.skip_to(&[scan.right], at + 1);
                match self.get(self.scroll(quote + 1)) {
                    Some('}' | ',') => Some(self.keep(scan)),
                    _ => None,
                }
            }
            Some(c) if c == scan.right && self.get(at - 1) != Some('\\') => self.quote_before_quote(scan, at),
            _ => None,
        }
    }

    /// Takes the character here as content; the one behind it is next.
    pub(super) fn keep(&mut self, scan: &mut Scan) -> Option<char> {
        if let Some(c) = self.get(0) {
            scan.push(c);
            self.index += 1;
        }
        self.get(0)
    }

    /// A quote ends a value without quotes; where it begins the next key, it is left there.
    fn quote_in_unquoted_value(&mut self, scan: &Scan) {
        let mut at = 1;
        while self.get(at).is_some_and(|c| c != scan.right && c != scan.left) {
            at += 1;
        }
        if self.get(at).is_some() && self.get(self.scroll(at + 1)) == Some(':') {
            self.index -= 1;
        }
    }

    /// The next character that says something about the quote here: another quote, or what may end a string.
    fn next_mark(&mut self, scan: &Scan) -> (usize, Option<char>) {
        let mut at = 1;
        let mut only_marks = true;
        while let Some(c) = self.get(at) {
            self.fuel = self.fuel.saturating_sub(1);
            if c == scan.right || c == scan.left || self.fuel == 0 {
                break;
            }
            only_marks &= !c.is_alphabetic();
            let ends = (self.context.contains(&Context::Key) && matches!(c, ':' | '}'))
                || (self.context.contains(&Context::Value) && c == '}')
                || (self.context.contains(&Context::Array) && matches!(c, ']' | ','))
                || (only_marks && self.current() == Some(Context::Value) && c == ',');
            if ends {
                break;
            }
            at += 1;
        }
        (at, self.get(at))
    }

    fn quote_before_quote(&mut self, scan: &mut Scan, at: usize) -> Option<Option<char>> {
        let current = self.current();
        if self.only_space_until(at) && !(current == Some(Context::Value) && self.member_follows(at)) {
            return None;
        }
        match current {
            Some(Context::Value) => {
                if self.member_follows(at) {
                    return Some(self.keep(scan));
                }
                let mut next = self.skip_to(&[scan.right], at + 1) + 1;
                while let Some(c) = self.get(next).filter(|c| *c != ':') {
                    let quote = c == scan.right && self.get(next - 1) != Some('\\');
                    if quote || matches!(c, ',' | ']' | '}') {
                        break;
                    }
                    next += 1;
                }
                if self.get(next) == Some(':') {
                    return None;
                }
                scan.unmatched = !scan.unmatched;
                Some(self.keep(scan))
            }
            Some(Context::Array) => {
                let (mut at, mut even) = (at, true);
                while self.get(at) == Some(scan.right) {
                    at = self.skip_to(&[scan.right, ']'], at + 1);
                    if self.get(at) != Some(scan.right) {
                        even = false;
                        break;
                    }
                    at = self.skip_to(&[scan.right, ']'], at + 1);
                }
                even.then(|| {
                    scan.unmatched = !scan.unmatched;
                    self.keep(scan)
                })
            }
            Some(Context::Key) => Some(self.keep(scan)),
            None => None,
        }
    }
}
