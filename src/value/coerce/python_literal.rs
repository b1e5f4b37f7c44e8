//! Python's `ast.literal_eval`, as far as it matters where `json_repair` finds nothing: a string, a number, a constant,
//! or several of them with commas between.

use super::Tree;

/// The value of a Python literal without brackets.
pub fn eval(text: &str) -> Option<Tree> {
    let text = uncommented(text)
        .trim_start_matches([' ', '\t'])
        .trim_start_matches('\n');
    let mut parser = Parser {
        rest: text.trim_end_matches([' ', '\t', '\n', '\r', '\x0c']),
    };
    let first = parser.atom()?;
    if parser.rest.is_empty() {
        return Some(first);
    }
    let mut items = vec![first];
    while !parser.rest.is_empty() {
        parser.rest = parser.rest.strip_prefix(',')?.trim_start_matches(SPACE);
        if !parser.rest.is_empty() {
            items.push(parser.atom()?);
        }
    }
    Some(Tree::List(items))
}

/// Without the lines of comments before and behind it.
fn uncommented(text: &str) -> &str {
    let mut text = text;
    while let Some((_, rest)) = text.split_once('\n').filter(|_| text.trim_start().starts_with('#')) {
        text = rest;
    }
    while let Some((rest, _)) = text
        .trim_end()
        .rsplit_once('\n')
        .filter(|(_, last)| last.trim_start().starts_with('#'))
    {
        text = rest;
    }
    text
}

/// White space inside of a line.
const SPACE: [char; 3] = [' ', '\t', '\x0c'];

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    /// One literal and the white space after it.
    fn atom(&mut self) -> Option<Tree> {
        let value = match self.rest.chars().next()? {
            quote @ ('"' | '\'') => self.string(quote)?,
            c => {
                // A sign may stand apart from its number.
                let sign = if matches!(c, '-' | '+') { &self.rest[..1] } else { "" };
                self.rest = self.rest[sign.len()..].trim_start_matches(SPACE);
                let end = self.rest.find([',', '#', ' ', '\t', '\x0c']).unwrap_or(self.rest.len());
                let value = constant(sign, &self.rest[..end])?;
                self.rest = &self.rest[end..];
                value
            }
        };
        self.rest = self.rest.trim_start_matches(SPACE);
        if self.rest.starts_with('#') && !self.rest.contains('\n') {
            self.rest = "";
        }
        Some(value)
    }

    fn string(&mut self, quote: char) -> Option<Tree> {
        let mut text = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[at + 2..];
                    return Some(Tree::text(text));
                }
                '\n' => return None,
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '\n' => {}
                    c @ ('\\' | '\'' | '"') => text.push(c),
                    other => text.extend(['\\', other]),
                },
                c => text.push(c),
            }
        }
        None
    }
}

fn constant(sign: &str, digits: &str) -> Option<Tree> {
    match (sign, digits) {
        ("", "True") => return Some(Tree::Bool(true)),
        ("", "False") => return Some(Tree::Bool(false)),
        ("", "None") => return Some(Tree::Null),
        _ => {}
    }
    let sign = if sign == "-" { sign } else { "" };
    let plain = digits.replace('_', "");
    let radix = [("0x", 16), ("0o", 8), ("0b", 2)];
    if let Some((prefix, radix)) = radix
        .into_iter()
        .find(|(prefix, _)| plain.to_lowercase().starts_with(prefix))
    {
        let number = i64::from_str_radix(&plain[prefix.len()..], radix).ok()?;
        return Some(Tree::Number(format!("{sign}{number}").into()));
    }
    let numeric = plain.starts_with(|c: char| c.is_ascii_digit() || c == '.') && plain.parse::<f64>().is_ok();
    // Python has no integers with leading zeros.
    let leading_zero = plain.len() > 1 && plain.starts_with('0') && plain.bytes().all(|b| b.is_ascii_digit());
    (numeric && !leading_zero).then(|| Tree::Number(format!("{sign}{plain}").into()))
}
