//! Arrays, Python's tuples, and numbers.

use super::{Context, Parser, QUOTES, Quoting, Tree, is_quote};

impl Parser {
    /// The items up to the closing bracket, which may be missing; the opening one is behind us.
    pub(super) fn array(&mut self, close: char) -> Vec<Tree> {
        let is_member = self.current() == Some(Context::Value);
        self.within(Context::Array, |parser| parser.items(close, is_member))
    }

    fn items(&mut self, close: char, is_member: bool) -> Vec<Tree> {
        let mut items: Vec<Tree> = Vec::new();
        loop {
            self.skip_space_and_comments();
            let Some(c) = self.get(0).filter(|c| *c != close && *c != '}') else {
                break;
            };
            if c == ',' {
                self.index += 1;
                continue;
            }
            let item = if QUOTES.contains(&c) && self.quoted_text_is_a_key(c) {
                if is_member && !items.is_empty() && items.iter().all(is_scalar) {
                    // The array was never closed: this is the next member of the object around it.
                    return items;
                }
                self.object()
            } else if QUOTES.contains(&c) {
                self.string()
            } else {
                self.value()
            };
            let blank = match &item {
                Tree::Text(text) => text.is_empty(),
                Tree::List(items) => items.is_empty(),
                Tree::Object(entries) => entries.is_empty(),
                _ => false,
            };
            if blank && self.get(0) != Some(close) && self.get(0) != Some(',') {
                self.index += 1;
            } else if item != Tree::text("...") || self.before() != Some('.') {
                items.push(item);
            }
        }
        self.index += 1;
        items
    }

    /// `"a":` in an array: an object whose brace is missing.
    fn quoted_text_is_a_key(&mut self, quote: char) -> bool {
        let end = self.skip_to(&[quote], 1);
        let after = self.scroll(end + 1);
        self.get(after) == Some(':')
    }

    pub(super) fn parenthesized(&mut self) -> Tree {
        let tuple = self.is_tuple();
        self.index += 1;
        let mut items = self.array(')');
        if items.len() == 1 && !tuple {
            items.remove(0)
        } else {
            Tree::List(items)
        }
    }

    /// Whether the `(` here opens a tuple: it is empty or has a comma.
    fn is_tuple(&mut self) -> bool {
        let (mut open, mut content, mut quoting) = (Open::default(), false, Quoting::default());
        for &c in self.text.iter().skip(self.index + 1) {
            self.fuel = self.fuel.saturating_sub(1);
            if self.fuel == 0 {
                break;
            }
            if !quoting.is_outside(c) {
                continue;
            }
            content |= open.is_none() && !c.is_whitespace() && !matches!(c, ',' | ')');
            match c {
                ')' if open.is_none() => return !content,
                ',' if open.is_none() => return true,
                c => open.follow(c),
            }
        }
        !content
    }

    /// Whether a `(` outside of everything is a value and not prose: it stands alone on its lines and begins like one.
    pub(super) fn parenthesis_begins_value(&self) -> bool {
        let before = self.text[..self.index]
            .iter()
            .rev()
            .take_while(|c| !matches!(c, '\n' | '\r'));
        if before.into_iter().any(|c| !c.is_whitespace()) {
            return false;
        }
        let inside = self.scroll(1);
        let begins_value = match self.get(inside) {
            None => return false,
            Some(')' | '{' | '[' | '(' | '-' | '.') => true,
            Some(c) => c.is_numeric() || is_quote(Some(c)) || self.begins_with_literal(self.index + inside),
        };
        begins_value && self.nothing_follows_parenthesis()
    }

    fn begins_with_literal(&self, at: usize) -> bool {
        let word: String = self.text[at..].iter().take(5).flat_map(|c| c.to_lowercase()).collect();
        ["true", "null", "none", "false"]
            .iter()
            .any(|literal| word.starts_with(literal))
    }

    fn nothing_follows_parenthesis(&self) -> bool {
        let (mut open, mut quoting) = (Open::default(), Quoting::default());
        for (i, &c) in self.text.iter().enumerate().skip(self.index + 1) {
            if !quoting.is_outside(c) {
                continue;
            }
            if c == ')' && open.is_none() {
                let mut rest = self.text[i + 1..].iter().take_while(|c| !matches!(c, '\n' | '\r'));
                return rest.all(|c| c.is_whitespace());
            }
            open.follow(c);
        }
        true
    }

    /// A number, or the text that only began like one.
    pub(super) fn number(&mut self) -> Tree {
        let start = self.index;
        let in_array = self.current() == Some(Context::Array);
        let mut number = String::new();
        while let Some(c) = self.get(0) {
            let part = c.is_ascii_digit()
                || matches!(c, '-' | '.' | 'e' | 'E' | '/' | '_')
                || (c == ',' && !in_array)
                || (c == '+' && number.ends_with(['e', 'E']));
            if !part {
                break;
            }
            if c != '_' {
                number.push(c);
            }
            self.index += 1;
        }
        if self.get(0).is_some_and(char::is_alphabetic) || self.index == start {
            self.index = start;
            return self.string();
        }
        if number.ends_with(['+', '-', 'e', 'E', '/', ',']) {
            number.pop();
            self.index -= 1;
        }
        let digits = number.strip_prefix('-').unwrap_or(&number);
        let is_int = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        match is_int || (number.contains(['.', 'e', 'E']) && number.parse::<f64>().is_ok()) {
            true => Tree::Number(number.into()),
            false => Tree::text(number),
        }
    }
}

/// The brackets that are open, each kind for itself.
#[derive(Default)]
struct Open {
    parentheses: usize,
    brackets: usize,
    braces: usize,
}

impl Open {
    fn is_none(&self) -> bool {
        self.parentheses == 0 && self.brackets == 0 && self.braces == 0
    }

    fn follow(&mut self, c: char) {
        match c {
            '(' => self.parentheses += 1,
            ')' => self.parentheses = self.parentheses.saturating_sub(1),
            '[' => self.brackets += 1,
            ']' => self.brackets = self.brackets.saturating_sub(1),
            '{' => self.braces += 1,
            '}' => self.braces = self.braces.saturating_sub(1),
            _ => {}
        }
    }
}

fn is_scalar(item: &Tree) -> bool {
    !matches!(item, Tree::List(_) | Tree::Object(_))
}
