//! Strings, with or without their quotes, and words that stand for `true`, `false` and `null`.

use super::{Context, Parser, QUOTES, Tree};

/// A string that is being read.
pub(super) struct Scan {
    pub(super) missing_quotes: bool,
    pub(super) doubled_quotes: bool,
    pub(super) left: char,
    pub(super) right: char,
    pub(super) text: String,
    /// A quote was kept as content; the next one is its partner.
    pub(super) unmatched: bool,
    /// A comma was kept before an opening bracket: what it opens belongs to the string.
    pub(super) container_follows: bool,
    /// No quote or bracket comes any more, so every comma is content.
    pub(super) no_quote_follows: bool,
    pub(super) open_braces: usize,
}

impl Scan {
    fn new(missing_quotes: bool, left: char, right: char) -> Scan {
        Scan {
            missing_quotes,
            doubled_quotes: false,
            left,
            right,
            text: String::new(),
            unmatched: false,
            container_follows: false,
            no_quote_follows: false,
            open_braces: 0,
        }
    }

    pub(super) fn push(&mut self, c: char) {
        match c {
            '{' => self.open_braces += 1,
            '}' => self.open_braces = self.open_braces.saturating_sub(1),
            _ => {}
        }
        self.text.push(c);
    }

    fn replace_backslash(&mut self, with: char) {
        self.text.pop();
        self.push(with);
    }
}

impl Parser {
    pub(super) fn string(&mut self) -> Tree {
        if matches!(self.get(0), Some('#' | '/')) {
            self.skip_comment();
            return Tree::text("");
        }
        while self
            .get(0)
            .is_some_and(|c| !QUOTES.contains(&c) && !c.is_alphanumeric())
        {
            self.index += 1;
            self.fuel = self.fuel.saturating_sub(1);
        }
        let Some(c) = self.get(0).filter(|_| self.fuel > 0) else {
            return Tree::text("");
        };
        if let Some(text) = self.plain_quoted() {
            return Tree::text(text);
        }
        let mut scan = match c {
            '\'' => Scan::new(false, '\'', '\''),
            '“' => Scan::new(false, '“', '”'),
            c if c.is_alphanumeric() => Scan::new(true, '"', '"'),
            _ => Scan::new(false, '"', '"'),
        };
        if scan.missing_quotes {
            if self.current() != Some(Context::Key)
                && let Some(word) = self.word()
            {
                return word;
            }
        } else {
            self.index += 1;
        }
        if let Some(block) = self.fenced_block() {
            return block;
        }
        if self.get(0) == Some(scan.left) && self.doubled_opening(&mut scan) {
            return Tree::text("");
        }
        let stopped = self.scan(&mut scan);
        self.finished(scan, stopped)
    }

    /// `"text"` without escapes, and what may follow a string here behind it.
    fn plain_quoted(&mut self) -> Option<String> {
        if self.get(0) != Some('"') {
            return None;
        }
        let start = self.index + 1;
        let length = self.text[start..].iter().position(|c| *c == '"')?;
        let value = &self.text[start..start + length];
        if value.iter().any(|c| matches!(c, '\\' | '\n' | '\r')) {
            return None;
        }
        let next = self.get(self.scroll(length + 2));
        let fits = match self.current() {
            Some(Context::Key) => next == Some(':'),
            Some(Context::Value) => matches!(next, Some(',' | '}') | None),
            Some(Context::Array) => matches!(next, Some(',' | ']') | None),
            None => next.is_none(),
        };
        let value = value.iter().collect();
        fits.then(|| {
            self.index = start + length + 1;
            value
        })
    }

    /// `true`, `False`, `None` … as a whole word.
    fn word(&mut self) -> Option<Tree> {
        let literals = [
            ("true", Tree::Bool(true)),
            ("false", Tree::Bool(false)),
            ("null", Tree::Null),
            ("none", Tree::Null),
        ];
        for (literal, value) in literals {
            let spelled = literal.chars().enumerate().all(|(i, expected)| {
                self.get(i)
                    .is_some_and(|c| c.to_lowercase().eq(std::iter::once(expected)))
            });
            let end = self.get(literal.len());
            if spelled && end.is_none_or(|c| c.is_whitespace() || matches!(c, ',' | ')' | ']' | '}')) {
                self.index += literal.len();
                return Some(value);
            }
        }
        None
    }

    /// A whole fence of JSON where a string should be.
    fn fenced_block(&mut self) -> Option<Tree> {
        const OPEN: [char; 7] = ['`', '`', '`', 'j', 's', 'o', 'n'];
        if !OPEN.iter().enumerate().all(|(i, c)| self.get(i) == Some(*c)) {
            return None;
        }
        let close = self.skip_to(&['`'], OPEN.len());
        if !(0..3).all(|i| self.get(close + i) == Some('`')) {
            return None;
        }
        self.index += OPEN.len();
        Some(self.value())
    }

    /// Two opening quotes: an empty string (true), or one quote too many.
    fn doubled_opening(&mut self, scan: &mut Scan) -> bool {
        let closes = match self.current() {
            Some(Context::Key) => self.get(1) == Some(':'),
            Some(Context::Value) => matches!(self.get(1), Some(',' | '}')),
            Some(Context::Array) => matches!(self.get(1), Some(',' | ']')),
            None => false,
        };
        if closes {
            self.index += 1;
            return true;
        }
        if self.get(1) == Some(scan.left) {
            return true;
        }
        let close = self.skip_to(&[scan.right], 1);
        if self.get(close + 1) == Some(scan.right) {
            scan.doubled_quotes = true;
            self.index += 1;
            return false;
        }
        if self.get(close) == Some(scan.right) && self.begins_quoted_span(scan, close) {
            scan.push(scan.left);
            scan.unmatched = true;
            self.index += 1;
            return false;
        }
        let next = self.get(self.scroll(1));
        if next.is_some_and(|c| QUOTES.contains(&c) || c == '{' || c == '[') {
            self.index += 1;
            return true;
        }
        if !matches!(next, Some(',' | ']' | '}')) {
            self.index += 1;
        }
        false
    }

    /// `""quoted" text"`: the second quote belongs to the text.
    fn begins_quoted_span(&mut self, scan: &Scan, close: usize) -> bool {
        let outer = self.skip_to(&[scan.right], close + 1);
        let after = self.get(self.scroll(outer + 1));
        self.current() == Some(Context::Value)
            && !self.only_space_until(close)
            && self.get(outer) == Some(scan.right)
            && matches!(after, Some(',' | '}') | None)
    }

    pub(super) fn only_space_until(&self, end: usize) -> bool {
        (1..end).all(|i| self.get(i).is_none_or(char::is_whitespace))
    }

    /// Reads up to the closing quote, and says which character stopped it.
    fn scan(&mut self, scan: &mut Scan) -> Option<char> {
        let mut next = self.get(0);
        while let Some(c) = next.filter(|c| *c != scan.right && self.fuel > 0) {
            if self.ends_unquoted(scan, c) {
                break;
            }
            if self.keeps_container(scan, c) {
                next = self.get(0);
                continue;
            }
            if c == ',' && self.current() == Some(Context::Value) && !scan.container_follows {
                if self.comma_ends_value(scan) {
                    break;
                }
                scan.push(c);
                self.index += 1;
                next = self.get(0);
                continue;
            }
            if c == '}' && self.current() == Some(Context::Value) && !scan.text.ends_with(scan.right) {
                if scan.open_braces > 0 {
                    scan.push(c);
                    self.index += 1;
                    next = self.get(0);
                    continue;
                }
                if self.brace_ends_value(scan) {
                    break;
                }
            }
            if c == ']' && self.context.contains(&Context::Array) && !scan.text.ends_with(scan.right) {
                let quote = self.skip_to(&[scan.right], 0);
                if self.get(quote).is_none() {
                    break;
                }
            }
            if c == '}' && self.current() == Some(Context::Value) && self.brace_before_end() {
                break;
            }
            scan.push(c);
            self.index += 1;
            next = self.get(0);
            let Some(c) = next else { break };
            if scan.text.ends_with('\\') && self.resolve_escape(scan, c) {
                next = self.get(0);
                continue;
            }
            next = self.get(0);
            if c == ':' && !scan.missing_quotes && self.current() == Some(Context::Key) && self.colon_ends_key(scan) {
                break;
            }
            if c == scan.right && !scan.text.is_empty() && !scan.text.ends_with('\\') {
                match self.quote_is_content(scan) {
                    Some(kept) => next = kept,
                    None => {
                        next = self.get(0);
                        break;
                    }
                }
            }
        }
        next.filter(|_| self.get(0).is_some())
    }

    /// A string without quotes ends where its place ends.
    fn ends_unquoted(&self, scan: &Scan, c: char) -> bool {
        scan.missing_quotes
            && match self.current() {
                Some(Context::Key) => c == ':' || c.is_whitespace(),
                Some(Context::Array) => c == ']' || c == ',',
                _ => false,
            }
    }

    /// Resolves the escape whose backslash was just taken; `false` leaves the backslash as content.
    fn resolve_escape(&mut self, scan: &mut Scan, c: char) -> bool {
        if c == '\\' && self.resolve_backslashes(scan) {
            return true;
        }
        let resolved = match c {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'b' => '\u{8}',
            '\\' => '\\',
            c if c == scan.right || QUOTES.contains(&c) => c,
            c => {
                let Some((resolved, length)) = self.unicode_escape(c) else {
                    return false;
                };
                scan.replace_backslash(resolved);
                self.index += length;
                return true;
            }
        };
        scan.replace_backslash(resolved);
        self.index += 1;
        while let Some(next) = self.get(0).filter(|next| *next == scan.right || *next == '\\') {
            if !scan.text.ends_with('\\') {
                break;
            }
            scan.replace_backslash(next);
            self.index += 1;
        }
        true
    }

    /// An even run of backslashes is half as many, unless its last one escapes a quote inside of the text.
    fn resolve_backslashes(&mut self, scan: &mut Scan) -> bool {
        let more = self.text[self.index..].iter().take_while(|c| **c == '\\').count();
        let run = more + 1;
        let after_quote = self.get(self.scroll(more + 1));
        let ends = matches!(after_quote, Some(',' | ':' | '}' | ']') | None);
        if run % 2 == 1 || (self.get(more) == Some(scan.right) && !ends) {
            return false;
        }
        scan.text.pop();
        scan.text.extend(std::iter::repeat_n('\\', run / 2));
        self.index += more;
        true
    }

    /// `uXXXX` (with its surrogate partner) or `xXX`, and its length.
    fn unicode_escape(&self, c: char) -> Option<(char, usize)> {
        let hex = |offset: usize, digits: usize| {
            (0..digits).try_fold(0, |code, i| Some(code * 16 + self.get(offset + i)?.to_digit(16)?))
        };
        match c {
            'x' => Some((char::from_u32(hex(1, 2)?)?, 3)),
            'u' => {
                let first = hex(1, 4)?;
                if let Some(plain) = char::from_u32(first) {
                    return Some((plain, 5));
                }
                let second = (self.get(5) == Some('\\') && self.get(6) == Some('u'))
                    .then(|| hex(7, 4))
                    .flatten();
                let low = second.filter(|low| (0xdc00..0xe000).contains(low) && first < 0xdc00)?;
                Some((char::from_u32(0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00))?, 11))
            }
            _ => None,
        }
    }

    fn finished(&mut self, mut scan: Scan, stopped: Option<char>) -> Tree {
        if scan.missing_quotes && self.current() == Some(Context::Key) && stopped.is_some_and(char::is_whitespace) {
            self.skip_space();
            if !matches!(self.get(0), Some(':' | ',')) {
                return Tree::text("");
            }
        }
        if stopped == Some(scan.right) {
            self.index += 1;
        } else {
            scan.text.truncate(scan.text.trim_end().len());
        }
        if scan.missing_quotes || scan.text.ends_with('\n') {
            scan.text.truncate(scan.text.trim_end().len());
        }
        Tree::text(scan.text)
    }
}
