//! XML, as strictly as its standard: elements, text, entities, CDATA.

use std::borrow::Cow;

/// An element and what is in it.
#[derive(Clone, Debug, Default)]
pub struct Element<'a> {
    /// The tag; of `<entry key="…">` the key.
    pub name: String,
    /// The text before the first child.
    pub text: String,
    pub children: Vec<Element<'a>>,
    /// The markup from the first child on.
    pub rest: &'a str,
    /// Where that begins.
    pub inside: usize,
}

/// Deeper nesting is not read.
const MAX_DEPTH: usize = 100;

/// The elements of a text; none where it is not well formed.
pub fn parse(source: &str) -> Option<Vec<Element<'_>>> {
    let mut open: Vec<(&str, Element<'_>)> = vec![("", Element::default())];
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        if !rest.starts_with('<') {
            let end = rest.find('<').unwrap_or(rest.len());
            push_text(&mut open, &unescaped(&rest[..end])?);
            at += end;
        } else if let Some(behind) = rest.strip_prefix("<![CDATA[") {
            let end = behind.find("]]>")?;
            push_text(&mut open, &behind[..end]);
            at += "<![CDATA[".len() + end + "]]>".len();
        } else if rest.starts_with("<!--") {
            at += rest.find("-->")? + "-->".len();
        } else if rest.starts_with("<?") {
            at += rest.find("?>")? + "?>".len();
        } else if let Some(behind) = rest.strip_prefix("</") {
            let end = behind.find('>')?;
            if open.len() == 1 {
                return None;
            }
            let (tag, mut element) = open.pop()?;
            if behind[..end].trim_end() != tag {
                return None;
            }
            if !element.children.is_empty() {
                element.rest = &source[element.inside..at];
            }
            open.last_mut()?.1.children.push(element);
            at += "</".len() + end + 1;
        } else {
            let (tag, key, closed, length) = opening(rest)?;
            if open.len() > MAX_DEPTH {
                return None;
            }
            if let Some((_, parent)) = open.last_mut()
                && parent.children.is_empty()
            {
                parent.inside = at;
            }
            at += length;
            let element = Element {
                name: key.unwrap_or_else(|| tag.to_owned()),
                ..Element::default()
            };
            match closed {
                true => open.last_mut()?.1.children.push(element),
                false => open.push((tag, element)),
            }
        }
    }
    match open.len() {
        1 => open.pop().map(|(_, root)| root.children),
        _ => None,
    }
}

/// Text behind a child is none of the element's own.
fn push_text(open: &mut [(&str, Element<'_>)], text: &str) {
    if let Some((_, element)) = open.last_mut()
        && element.children.is_empty()
    {
        element.text.push_str(text);
    }
}

/// `<tag a="b">`, `<tag/>`: the tag, an entry's key, whether it is closed, its length.
fn opening(source: &str) -> Option<(&str, Option<String>, bool, usize)> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let inner = &source[1..];
    let tag = &inner[..inner.find(|c| !is_name(c)).unwrap_or(inner.len())];
    if !tag.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':') {
        return None;
    }
    let (mut rest, mut key) = (&inner[tag.len()..], None);
    loop {
        let trimmed = rest.trim_start();
        let spaced = trimmed.len() < rest.len();
        let length = |rest: &str| source.len() - rest.len();
        if let Some(behind) = trimmed.strip_prefix('>') {
            return Some((tag, key, false, length(behind)));
        }
        if let Some(behind) = trimmed.strip_prefix("/>") {
            return Some((tag, key, true, length(behind)));
        }
        let name = &trimmed[..trimmed.find(|c| !is_name(c))?];
        let value = trimmed[name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let end = value[1..].find(quote)?;
        let text = &value[1..=end];
        if name.is_empty() || !spaced || text.contains('<') {
            return None;
        }
        if name == "key" && tag == "entry" {
            key = Some(unescaped(text)?.into_owned());
        }
        rest = &value[end + 2..];
    }
}

/// A text with its entities resolved; none where there is another `&`.
pub fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('&') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = behind.split_once(';').filter(|(name, _)| name.len() <= 10)?;
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let digits = number.strip_prefix('#')?;
                let code = match digits.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => digits.parse(),
                };
                char::from_u32(code.ok()?)?
            }
        });
        rest = after;
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// A text that no markup can be in.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// An attribute's value in its quotes, as Python's `quoteattr` has it.
pub fn attribute(text: &str) -> String {
    let text = escaped(text).replace('>', "&gt;");
    let text = text.replace('\n', "&#10;").replace('\r', "&#13;").replace('\t', "&#9;");
    match (text.contains('"'), text.contains('\'')) {
        (true, true) => format!("\"{}\"", text.replace('"', "&quot;")),
        (true, false) => format!("'{text}'"),
        _ => format!("\"{text}\""),
    }
}
