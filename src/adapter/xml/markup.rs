//! XML, as strictly as its standard: elements, text, entities, CDATA.

use std::borrow::Cow;

/// An element and what is in it.
#[derive(Clone, Debug, Default)]
pub struct Element {
    /// The tag; of `<entry key="…">` the key.
    pub name: String,
    /// The text before the first child.
    pub text: String,
    pub children: Vec<Element>,
    tag: String,
    attributes: Vec<(String, String)>,
    /// The text behind it.
    tail: String,
}

impl Element {
    /// One without a name.
    pub fn of(text: String, children: Vec<Element>) -> Element {
        Element {
            text,
            children,
            ..Element::default()
        }
    }

    /// What is in it, as markup: in the one form that Python's `ElementTree` writes.
    pub fn inner(&self) -> String {
        let mut out = self.text.clone();
        self.children.iter().for_each(|child| child.write(&mut out));
        out
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.tag);
        for (name, value) in &self.attributes {
            let value = escaped(value).replace('>', "&gt;").replace('"', "&quot;");
            let value = value
                .replace('\r', "&#13;")
                .replace('\n', "&#10;")
                .replace('\t', "&#09;");
            out.extend([" ", name, "=\"", &value, "\""]);
        }
        if self.text.is_empty() && self.children.is_empty() {
            out.push_str(" />");
        } else {
            out.push('>');
            out.push_str(&escaped(&self.text).replace('>', "&gt;"));
            self.children.iter().for_each(|child| child.write(out));
            out.extend(["</", &self.tag, ">"]);
        }
        out.push_str(&escaped(&self.tail).replace('>', "&gt;"));
    }
}

/// Deeper nesting is not read.
const MAX_DEPTH: usize = 100;

/// The elements of a text; none where it is not well formed.
pub fn parse(source: &str) -> Option<Vec<Element>> {
    let mut open: Vec<Element> = vec![Element::default()];
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        if !rest.starts_with('<') {
            let end = rest.find('<').unwrap_or(rest.len());
            // What would end a CDATA section cannot stand in a text.
            if rest[..end].contains("]]>") || !rest[..end].chars().all(is_char) {
                return None;
            }
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
            let element = open.pop()?;
            if behind[..end].trim_end() != element.tag {
                return None;
            }
            open.last_mut()?.children.push(element);
            at += "</".len() + end + 1;
        } else {
            let (element, closed, length) = opening(rest)?;
            if open.len() > MAX_DEPTH {
                return None;
            }
            at += length;
            match closed {
                true => open.last_mut()?.children.push(element),
                false => open.push(element),
            }
        }
    }
    match open.len() {
        1 => open.pop().map(|root| root.children),
        _ => None,
    }
}

/// Whether XML 1.0 has the character.
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Text belongs to the element that it stands in until there is a child, then to the last child.
fn push_text(open: &mut [Element], text: &str) {
    let Some(element) = open.last_mut() else { return };
    match element.children.last_mut() {
        Some(child) => child.tail.push_str(text),
        None => element.text.push_str(text),
    }
}

/// `<tag a="b">`, `<tag/>`: the element, whether it is closed, its length.
fn opening(source: &str) -> Option<(Element, bool, usize)> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let inner = &source[1..];
    let tag = &inner[..inner.find(|c| !is_name(c)).unwrap_or(inner.len())];
    if !tag.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':') {
        return None;
    }
    let mut rest = &inner[tag.len()..];
    let mut element = Element {
        name: tag.to_owned(),
        tag: tag.to_owned(),
        ..Element::default()
    };
    loop {
        let trimmed = rest.trim_start();
        let spaced = trimmed.len() < rest.len();
        let length = |rest: &str| source.len() - rest.len();
        if let Some(behind) = trimmed.strip_prefix('>') {
            return Some((element, false, length(behind)));
        }
        if let Some(behind) = trimmed.strip_prefix("/>") {
            return Some((element, true, length(behind)));
        }
        let name = &trimmed[..trimmed.find(|c| !is_name(c))?];
        let value = trimmed[name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let end = value[1..].find(quote)?;
        let text = &value[1..=end];
        if name.is_empty() || !spaced || text.contains('<') {
            return None;
        }
        // Literal white space in an attribute is a space each.
        let value_text = unescaped(&text.replace(['\n', '\t'], " "))?.into_owned();
        if element.attributes.iter().any(|(known, _)| known == name) {
            return None;
        }
        if name == "key" && tag == "entry" {
            element.name.clone_from(&value_text);
        }
        element.attributes.push((name.to_owned(), value_text));
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
                char::from_u32(code.ok()?).filter(|c| is_char(*c))?
            }
        });
        rest = after;
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// The text with every `&` and `<` escaped that begins no entity and no tag, and the `>` of `]]>`.
pub fn without_strays(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        match c {
            '&' if !begins_entity(rest) => mended.push_str("&amp;"),
            '<' if !begins_tag(rest) => mended.push_str("&lt;"),
            '>' if mended.ends_with("]]") => mended.push_str("&gt;"),
            c => mended.push(c),
        }
    }
    mended
}

fn begins_entity(rest: &str) -> bool {
    let name = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#');
    name.len() < rest.len() && name.starts_with(';')
}

fn begins_tag(rest: &str) -> bool {
    let name = rest.strip_prefix('/').unwrap_or(rest);
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && rest.find(['<', '>']).is_some_and(|at| rest[at..].starts_with('>'))
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
