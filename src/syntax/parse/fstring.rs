//! f-strings: text, values, formats.

use crate::source::Spanned;
use crate::syntax::ast::{ExprKind, FStringPart, FormatSpec};
use crate::value::EcoString;

use super::build::{Builder, Node};
use super::grammar::Rule;
use super::text::{Decoded, Style};
use super::titles::code;

impl Builder<'_> {
    pub fn fstring(&mut self, node: Node) -> Option<ExprKind> {
        let written = node.as_str();
        let start = node.as_span().start();
        let long = written.starts_with("f\"\"\"");
        let width = if long { 3 } else { 1 };
        // What is dropped at both ends, and the indent.
        let body = &written[1 + width..written.len() - width];
        let edges = if long {
            Edges::of(body)
        } else {
            Edges {
                head: 0,
                tail: 0,
                indent: None,
            }
        };
        let first = start + 1 + width;
        let last = first + body.len();
        let style = Style {
            raw: false,
            braces: true,
            indent: edges.indent,
        };
        let mut parts = Vec::new();
        for part in node.into_inner() {
            if part.as_rule() == Rule::fstring_value {
                parts.push(self.value(part)?);
                continue;
            }
            let place = part.as_span();
            let skip = if place.start() == first { edges.head } else { 0 };
            let is_last = place.end() == last;
            let end = if is_last {
                part.as_str().len() - edges.tail
            } else {
                part.as_str().len()
            };
            let text = part.as_str().get(skip..end).unwrap_or("");
            let mut decoded = Decoded::default();
            decoded.feed(text, place.start() + skip, style, skip > 0, is_last);
            self.flaws(decoded.flaws);
            if !decoded.text.is_empty() {
                parts.push(FStringPart::Text(EcoString::from(decoded.text)));
            }
        }
        Some(ExprKind::FString(parts))
    }

    fn value(&mut self, node: Node) -> Option<FStringPart> {
        let mut parts = node.into_inner();
        let value = self.expr(parts.next()?)?;
        let format = match parts.next() {
            Some(format) => Some(self.format(&format)?),
            None => None,
        };
        Some(FStringPart::Value { value, format })
    }

    /// `:>8.2f`
    fn format(&mut self, node: &Node) -> Option<Spanned<FormatSpec>> {
        let span = self.span(node);
        let written = node.as_str().strip_prefix(':').unwrap_or("");
        match format_spec(written) {
            Some(spec) => Some(Spanned::new(spec, span)),
            None => {
                let help = "a format is `[[fill]align][sign][0][width][,][.precision][type]`, the types are `d f e g % s x`: \
                            `{x:.2f}`, `{x:>8}`, `{n:,}`";
                self.advise(
                    code::FORMAT,
                    format!("`{written}` is not a format"),
                    span,
                    "unknown format",
                    help,
                );
                None
            }
        }
    }
}

/// What a `f"""` drops at its two ends.
struct Edges<'a> {
    head: usize,
    tail: usize,
    indent: Option<&'a str>,
}

impl Edges<'_> {
    fn of(body: &str) -> Edges<'_> {
        let (head, content, indent) = super::text::long_content(body);
        Edges {
            head,
            tail: body.len() - head - content.len(),
            indent,
        }
    }
}

fn format_spec(written: &str) -> Option<FormatSpec> {
    let is_align = |c: &char| matches!(c, '<' | '>' | '^' | '=');
    let mut spec = FormatSpec::default();
    let mut chars = written.chars().peekable();
    let mut ahead = written.chars();
    let (first, second) = (ahead.next(), ahead.next());
    if second.as_ref().is_some_and(is_align) {
        (spec.fill, spec.align) = (first, second);
        chars.next();
        chars.next();
    } else {
        spec.align = chars.next_if(is_align);
    }
    spec.sign = chars.next_if(|c| matches!(c, '+' | '-' | ' '));
    spec.zero = chars.next_if_eq(&'0').is_some();
    spec.width = number(&mut chars)?;
    spec.comma = chars.next_if_eq(&',').is_some();
    if chars.next_if_eq(&'.').is_some() {
        spec.precision = Some(number(&mut chars)??);
    }
    spec.kind = chars.next_if(|c| "dfeg%sx".contains(*c));
    chars.next().is_none().then_some(spec)
}

/// Digits, if there are any; `None` where they are too many.
fn number(chars: &mut std::iter::Peekable<std::str::Chars>) -> Option<Option<u32>> {
    let mut digits = String::new();
    while let Some(c) = chars.next_if(char::is_ascii_digit) {
        digits.push(c);
    }
    if digits.is_empty() {
        Some(None)
    } else {
        digits.parse().ok().map(Some)
    }
}
