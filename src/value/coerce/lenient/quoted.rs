//! Texts in quotes: where they end, and what their escapes stand for.

use crate::value::dedent;

use super::loose::{Parser, Place};

/// What a text is quoted by: one of `" ' “ \``, once or three times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter {
    close: char,
    triple: bool,
}

impl Delimiter {
    /// The delimiter that opens at a place.
    pub fn at(text: &[char], at: usize) -> Option<Delimiter> {
        let open = *text.get(at)?;
        let close = match open {
            '"' | '\'' | '`' => open,
            '“' | '”' => '”',
            _ => return None,
        };
        let triple = text[at..].starts_with(&[open; 3]) && matches!(open, '"' | '`');
        Some(Delimiter { close, triple })
    }

    fn length(self) -> usize {
        if self.triple { 3 } else { 1 }
    }
}

impl Parser<'_> {
    pub fn quoted(&mut self, delimiter: Delimiter, place: Place) -> String {
        self.at += delimiter.length();
        let mut content = String::new();
        let mut quotes = 0_usize;
        while let Some(c) = self.peek(0) {
            if c == '\\' && !delimiter.triple && delimiter.close != '`' {
                let (text, length) = escape(&self.text[self.at..]);
                content.push_str(&text);
                self.at += length;
                continue;
            }
            let whole = (0..delimiter.length()).all(|i| self.peek(i) == Some(delimiter.close));
            if whole && self.closes(delimiter, place, quotes) {
                self.at += delimiter.length();
                return finish(content, delimiter);
            }
            if c == delimiter.close {
                quotes += 1;
            }
            content.push(c);
            self.at += 1;
        }
        finish(content, delimiter)
    }

    /// Whether a delimiter ends the text: what follows must be what can follow a value in its place.
    fn closes(&self, delimiter: Delimiter, place: Place, quotes: usize) -> bool {
        let next = self.after_space(self.at + delimiter.length());
        let follows = self.text.get(next).copied();
        let comment = follows == Some('/') && matches!(self.text.get(next + 1), Some('/' | '*'));
        match (follows, place) {
            (None, _) => true,
            (Some(':' | '}'), Place::Key) | (Some('}'), Place::Member) | (Some(']' | '}'), Place::Item) => true,
            (Some(']'), Place::Member) => quotes.is_multiple_of(2),
            (Some(','), Place::Member) => quotes.is_multiple_of(2) || delimiter.triple || self.member_after(next),
            (Some(','), Place::Item) => {
                quotes.is_multiple_of(2) || delimiter.triple || self.item_after(next, delimiter)
            }
            // A comma is missing, and the next member begins.
            (Some(_), Place::Member) if quotes.is_multiple_of(2) && self.key_at(next) && next > self.at + 1 => true,
            (Some(c), Place::Item) if c == delimiter.close && next > self.at + 1 => quotes.is_multiple_of(2),
            (Some(_), Place::Member | Place::Item) => comment,
            _ => false,
        }
    }

    fn member_after(&self, comma: usize) -> bool {
        let next = self.after_space(comma + 1);
        self.key_at(next) || self.text.get(next).is_none_or(|c| *c == '}')
    }

    fn item_after(&self, comma: usize, delimiter: Delimiter) -> bool {
        let next = self.after_space(comma + 1);
        self.text
            .get(next)
            .is_none_or(|c| *c == delimiter.close || matches!(c, ']' | '{' | '['))
    }
}

/// Texts in three quotes lose their margin, those in three backticks their first line (the language).
fn finish(content: String, delimiter: Delimiter) -> String {
    if !delimiter.triple {
        return content;
    }
    let body = match (delimiter.close, content.split_once('\n')) {
        ('`', Some((_, body))) => body,
        _ => &content,
    };
    dedent(body).trim_matches(['\n', '\r']).trim_end().to_owned()
}

/// The text that an escape stands for, and its length.
fn escape(text: &[char]) -> (String, usize) {
    let plain = match text.get(1) {
        Some('n') => '\n',
        Some('t') => '\t',
        Some('r') => '\r',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some(c @ ('"' | '\'' | '\\' | '/')) => *c,
        Some('u') => {
            return match unicode(text) {
                Some((c, length)) => (c.to_string(), length),
                None => ("\\u".to_owned(), 2),
            };
        }
        _ => return ("\\".to_owned(), 1),
    };
    (plain.to_string(), 2)
}

fn unicode(text: &[char]) -> Option<(char, usize)> {
    let hex = |from: usize| (from..from + 4).try_fold(0_u32, |code, i| Some(code * 16 + text.get(i)?.to_digit(16)?));
    let first = hex(2)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let low = (text.get(6) == Some(&'\\') && text.get(7) == Some(&'u'))
        .then(|| hex(8))
        .flatten()?;
    let code = 0x10000 + (first.checked_sub(0xd800)? << 10) + low.checked_sub(0xdc00)?;
    Some((char::from_u32(code)?, 12))
}
