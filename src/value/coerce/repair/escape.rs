//! Escapes inside of strings, and backslashes that are none.

use super::string::Scan;
use super::{Parser, QUOTES};

impl Parser {
    /// Resolves the escape whose backslash was just taken; `false` leaves the backslash as content.
    pub(super) fn resolve_escape(&mut self, scan: &mut Scan, c: char) -> bool {
        if scan.low_quotes > 0 && c == '"' {
            scan.replace_backslash(c);
            scan.low_quotes -= 1;
            self.index += 1;
            return true;
        }
        let active = scan.active();
        if c == '\\' && self.resolve_backslashes(scan, active) {
            return true;
        }
        let resolved = match c {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'b' => '\u{8}',
            '\\' => '\\',
            c if Some(c) == active => c,
            c if c == '„' || QUOTES.contains(&c) => {
                scan.replace_backslash(c);
                self.index += 1;
                return true;
            }
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
        while let Some(next) = self.get(0).filter(|next| Some(*next) == active || *next == '\\') {
            if !scan.text.ends_with('\\') {
                break;
            }
            scan.replace_backslash(next);
            self.index += 1;
        }
        true
    }

    /// An even run of backslashes is half as many, unless its last one escapes a quote inside of the text.
    fn resolve_backslashes(&mut self, scan: &mut Scan, active: Option<char>) -> bool {
        let more = self.text[self.index..].iter().take_while(|c| **c == '\\').count();
        let run = more + 1;
        let after_quote = self.get(self.scroll(more + 1));
        let ends = matches!(after_quote, Some(',' | ':' | '}' | ']') | None);
        let quote = self.get(more).is_some() && self.get(more) == active;
        if run % 2 == 1 || (quote && !ends) {
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
}
