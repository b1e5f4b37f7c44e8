//! What a string literal says: escapes, the indent of `"""`, carriage returns.

use crate::source::Spanned;
use crate::value::EcoString;

use super::build::{Builder, Node};
use super::grammar::Rule;
use super::titles::code;

/// How the text of a literal is written.
#[derive(Clone, Copy)]
pub(super) struct Style<'a> {
    pub raw: bool,
    /// `{{` and `}}` stand for braces.
    pub braces: bool,
    /// The indent that is removed from every line, where closing quotes stand on a line of their own.
    pub indent: Option<&'a str>,
}

/// What is wrong in a literal, by offsets into the text that was parsed.
pub(super) struct Flaw {
    pub start: usize,
    pub end: usize,
    pub code: &'static str,
    pub message: String,
    pub help: &'static str,
}

/// Decoded text, with the place of each byte.
#[derive(Default)]
pub(super) struct Decoded {
    pub text: String,
    pub places: Vec<u32>,
    pub flaws: Vec<Flaw>,
}

const ESCAPES: &str = "the escapes are `\\n`, `\\t`, `\\r`, `\\\\`, `\\\"` and `\\u{1F600}`; `r\"…\"` has none";

impl Builder<'_> {
    /// A string literal of any kind.
    pub fn string(&mut self, node: &Node) -> Spanned<EcoString> {
        let span = self.span(node);
        let written = node.as_str();
        let simple = written.strip_prefix('"').and_then(|s| s.strip_suffix('"'));
        let text = match simple {
            Some(simple) if !written.starts_with("\"\"\"") && !simple.contains(['\\', '\r']) => EcoString::from(simple),
            _ if node.as_rule() == Rule::single_string => EcoString::from(written.trim_matches('\'')),
            _ => {
                let decoded = decode(written, node.as_span().start());
                self.flaws(decoded.flaws);
                EcoString::from(decoded.text)
            }
        };
        Spanned::new(text, span)
    }

    pub fn flaws(&mut self, flaws: Vec<Flaw>) {
        for flaw in flaws {
            let span = self.span_of(flaw.start, flaw.end);
            self.advise(flaw.code, flaw.message, span, "here", flaw.help);
        }
    }
}

/// The text of a whole literal, quotes and prefix included; `base` is where it begins.
pub(super) fn decode(written: &str, base: usize) -> Decoded {
    let raw = written.starts_with('r');
    let behind_prefix = &written[usize::from(raw)..];
    let long = behind_prefix.starts_with("\"\"\"") && behind_prefix.len() >= 6;
    let width = if long { 3 } else { 1 };
    let start = usize::from(raw) + width;
    let body = written.get(start..written.len().saturating_sub(width)).unwrap_or("");
    let mut out = Decoded::default();
    let (skipped, content, indent) = if long { long_content(body) } else { (0, body, None) };
    let style = Style {
        raw,
        braces: false,
        indent,
    };
    out.feed(content, base + start + skipped, style, skipped > 0, true);
    out
}

/// The content of a `"""` body: how many bytes are dropped at its start, the rest without its closing line, the indent.
pub(in crate::syntax) fn long_content(body: &str) -> (usize, &str, Option<&str>) {
    let skipped = if body.starts_with("\r\n") {
        2
    } else {
        usize::from(body.starts_with('\n'))
    };
    let rest = &body[skipped..];
    let last = rest.rfind('\n').map_or(0, |at| at + 1);
    let closing = &rest[last..];
    if (last == 0 && skipped == 0) || !closing.trim().is_empty() {
        return (skipped, rest, None);
    }
    let content = rest[..last].strip_suffix('\n').unwrap_or("");
    (skipped, content.strip_suffix('\r').unwrap_or(content), Some(closing))
}

impl Decoded {
    /// Adds a part of a literal's text. `at_line_start`: a newline stood before it; `last`: nothing follows.
    pub fn feed(&mut self, part: &str, base: usize, style: Style, at_line_start: bool, last: bool) {
        let mut at = if at_line_start {
            self.line_start(part, 0, base, style, last)
        } else {
            0
        };
        while let Some(c) = part[at..].chars().next() {
            let next = part[at + c.len_utf8()..].chars().next();
            at = match (c, next) {
                ('\n', _) => {
                    self.push('\n', base + at);
                    self.line_start(part, at + 1, base, style, last)
                }
                ('\r', Some('\n')) => at + 1,
                ('\\', _) if !style.raw => self.escape(part, at, base),
                ('{', Some('{')) | ('}', Some('}')) if style.braces => {
                    self.push(c, base + at);
                    at + 2
                }
                _ => {
                    self.push(c, base + at);
                    at + c.len_utf8()
                }
            };
        }
    }

    fn push(&mut self, c: char, place: usize) {
        self.text.push(c);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        self.places.resize(self.text.len(), place);
    }

    /// Removes the indent of the line that begins at `at`.
    fn line_start(&mut self, part: &str, at: usize, base: usize, style: Style, last: bool) -> usize {
        let Some(indent) = style.indent else { return at };
        let rest = &part[at..];
        let line_end = rest.find('\n');
        let line = &rest[..line_end.unwrap_or(rest.len())];
        if line.trim().is_empty() && (last || line_end.is_some()) {
            return at + line.len();
        }
        if line.starts_with(indent) {
            return at + indent.len();
        }
        let blank = line.len() - line.trim_start().len();
        self.flaws.push(Flaw {
            start: base + at,
            end: base + at + blank.max(1).min(rest.len().max(1)),
            code: code::INDENT,
            message: "this line is indented less than the closing quotes".to_owned(),
            help: "the indent of the closing `\"\"\"` is removed from every line: move the quotes to the left, or the line to the right",
        });
        at + blank
    }

    /// `\n`, `\u{1F600}`; returns where the text goes on.
    fn escape(&mut self, part: &str, at: usize, base: usize) -> usize {
        let rest = &part[at + 1..];
        let Some(c) = rest.chars().next() else {
            // Before the line break that a `"""` drops.
            self.flaws.push(Flaw {
                start: base + at,
                end: base + at + 1,
                code: code::ESCAPE,
                message: "unknown escape `\\⏎`".to_owned(),
                help: ESCAPES,
            });
            return at + 1;
        };
        let simple = match c {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            '\\' | '"' => Some(c),
            _ => None,
        };
        if let Some(simple) = simple {
            self.push(simple, base + at);
            return at + 2;
        }
        let mut end = at + 1 + c.len_utf8();
        if c == 'u' && rest[1..].starts_with('{') {
            let close = rest.find(['}', '"', '\n']).unwrap_or(rest.len());
            let hex = &rest[2..close.max(2)];
            let code = u32::from_str_radix(hex, 16)
                .ok()
                .filter(|_| hex.len() <= 6 && !hex.starts_with('+'));
            end = (at + 1 + close + 1).min(part.len());
            if let (Some(c), true) = (code.and_then(char::from_u32), rest[close..].starts_with('}')) {
                self.push(c, base + at);
                return end;
            }
        }
        while !part.is_char_boundary(end) {
            end += 1;
        }
        let shown = part[at..end].replace('\n', "⏎");
        let (message, help) = if c == 'u' {
            (
                format!("`{shown}` is not a code point"),
                "write one to six hexadecimal digits in braces: `\\u{1F600}`",
            )
        } else {
            (format!("unknown escape `{shown}`"), ESCAPES)
        };
        self.flaws.push(Flaw {
            start: base + at,
            end: base + end,
            code: code::ESCAPE,
            message,
            help,
        });
        end
    }
}
