//! Strings, with or without their quotes, and words that stand for `true`, `false` and `null`.

use super::{Context, Parser, QUOTES, Tree};
use crate::value::is_python_space;

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
    /// Brackets that were opened inside of the string and belong to it.
    pub(super) containers: Vec<char>,
    /// How many `„` wait for their partner.
    pub(super) low_quotes: usize,
    /// Where the text behind the last `[` begins, if it is not closed.
    pub(super) class_start: Option<usize>,
    /// No quote or bracket comes any more, so every comma is content.
    pub(super) no_quote_follows: bool,
    pub(super) open_braces: usize,
    /// Where the next quote or opening bracket stands, and from where on it was looked for.
    pub(super) special: Option<(usize, usize)>,
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
            containers: Vec::new(),
            low_quotes: 0,
            class_start: None,
            no_quote_follows: false,
            open_braces: 0,
            special: None,
        }
    }

    pub(super) fn push(&mut self, c: char) {
        self.text.push(c);
        match c {
            '{' => self.open_braces += 1,
            '}' => self.open_braces = self.open_braces.saturating_sub(1),
            '[' => self.class_start = Some(self.text.len()),
            ']' => self.class_start = None,
            _ => {}
        }
    }

    /// The quote that an escape can mean: none between low and high ones.
    pub(super) fn active(&self) -> Option<char> {
        (self.low_quotes == 0).then_some(self.right)
    }

    /// Follows the brackets that belong to the string: whether the one here closes one of them.
    fn closes_container(&mut self, c: char) -> bool {
        if matches!(c, '{' | '[') {
            if std::mem::take(&mut self.container_follows) || !self.containers.is_empty() {
                self.containers.push(c);
            }
            return false;
        }
        let closes = matches!((self.containers.last(), c), (Some('{'), '}') | (Some('['), ']'));
        if closes {
            self.containers.pop();
        }
        closes
    }

    pub(super) fn replace_backslash(&mut self, with: char) {
        self.text.pop();
        self.push(with);
    }
}

/// What a character does to the string that it stands in.
enum Step {
    Ends,
    /// It was taken as content.
    Taken,
    Undecided,
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
        while let Some(c) = next.filter(|c| (*c != scan.right || scan.low_quotes > 0) && self.fuel > 0) {
            match self.before_character(scan, c) {
                Step::Ends => break,
                Step::Taken => {
                    next = self.get(0);
                    continue;
                }
                Step::Undecided => {}
            }
            next = self.keep(scan);
            let Some(c) = next else { break };
            if scan.text.ends_with('\\') && self.resolve_escape(scan, c) {
                next = self.get(0);
                continue;
            }
            if c == ':' && !scan.missing_quotes && self.current() == Some(Context::Key) && self.colon_ends_key(scan) {
                break;
            }
            if scan.low_quotes > 0 && c == '"' {
                scan.low_quotes -= 1;
                next = self.keep(scan);
                continue;
            }
            if c == scan.right && self.current() == Some(Context::Value) && self.is_in_class(scan) {
                next = self.keep(scan);
                continue;
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

    /// What the character here means before it is taken as content.
    fn before_character(&mut self, scan: &mut Scan, c: char) -> Step {
        if self.ends_unquoted(scan, c) {
            return Step::Ends;
        }
        let in_value = self.current() == Some(Context::Value);
        let low = (c == '„' && !scan.text.ends_with('\\')) || (c == '”' && scan.low_quotes > 0);
        if low {
            scan.low_quotes = if c == '„' {
                scan.low_quotes + 1
            } else {
                scan.low_quotes - 1
            };
            return self.taken(scan);
        }
        if self.keeps_container(scan, c) {
            return Step::Taken;
        }
        if c == ',' && in_value && !scan.container_follows && scan.containers.is_empty() {
            return match self.comma_ends_value(scan) {
                true => Step::Ends,
                false => self.taken(scan),
            };
        }
        if scan.closes_container(c) {
            return self.taken(scan);
        }
        if c == '}' && in_value && !scan.text.ends_with(scan.right) {
            if scan.open_braces > 0 {
                return self.taken(scan);
            }
            if self.brace_ends_value(scan) {
                return Step::Ends;
            }
        }
        if c == ']' && self.context.contains(&Context::Array) && !scan.text.ends_with(scan.right) {
            let quote = self.skip_to(&[scan.right], 0);
            if self.get(quote).is_none() {
                return Step::Ends;
            }
        }
        match (c == '}' && in_value).then(|| self.brace_before_end(scan)) {
            Some(Some(true)) => Step::Ends,
            Some(Some(false)) => self.taken(scan),
            _ => Step::Undecided,
        }
    }

    fn taken(&mut self, scan: &mut Scan) -> Step {
        self.keep(scan);
        Step::Taken
    }

    /// Whether the quote here stands in a class of a regular expression: `["']`.
    fn is_in_class(&mut self, scan: &Scan) -> bool {
        let Some(inside) = scan.class_start.and_then(|start| scan.text.get(start..)) else {
            return false;
        };
        self.fuel = self.fuel.saturating_sub(inside.len());
        if inside.contains(is_python_space) {
            return false;
        }
        let close = self.skip_to(&[']'], 1);
        self.get(close) == Some(']')
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
