//! Data that is written as an outline, as YAML is: `key: value` lines, deeper lines below a key, items behind dashes.

use super::loose::{Node, container, word};

/// Deeper outlines are not read.
const MAX_DEPTH: usize = 32;

/// A line without its indent.
#[derive(Clone, Copy)]
struct Line<'a> {
    indent: usize,
    text: &'a str,
}

/// The outline that a text is; lines of prose before and behind it do not count.
pub fn read(text: &str) -> Option<Node> {
    let lines = text.lines().filter(|line| !is_border(line.trim()));
    let lines: Vec<Line<'_>> = lines
        .map(|line| Line {
            indent: line.len() - line.trim_start().len(),
            text: line.trim(),
        })
        .skip_while(|line| item(line.text).is_none() && entry(line.text).is_none())
        .collect();
    let mut outline = Outline { lines, at: 0 };
    outline.align_first();
    let indent = outline.lines.first()?.indent;
    outline.block(indent, MAX_DEPTH)
}

/// A blank line, a fence, or the line that begins a document.
fn is_border(line: &str) -> bool {
    line.is_empty() || line.starts_with("```") || line == "---"
}

struct Outline<'a> {
    lines: Vec<Line<'a>>,
    at: usize,
}

impl<'a> Outline<'a> {
    /// The indent of the first line may have been cut off with the white space around the text.
    fn align_first(&mut self) {
        let least = self.lines.iter().skip(1).map(|line| line.indent).min().unwrap_or(0);
        if let Some(first) = self.lines.first_mut()
            && entry(first.text).is_some_and(|(_, value)| !value.is_empty())
        {
            first.indent = first.indent.max(least);
        }
    }

    fn here(&self) -> Option<Line<'a>> {
        self.lines.get(self.at).copied()
    }

    /// What stands from here on at this indent or deeper.
    fn block(&mut self, indent: usize, depth: usize) -> Option<Node> {
        let depth = depth.checked_sub(1)?;
        let first = self.here()?;
        if item(first.text).is_some() {
            return self.items(indent, depth);
        }
        entry(first.text).and_then(|_| self.entries(indent, depth))
    }

    fn items(&mut self, indent: usize, depth: usize) -> Option<Node> {
        let mut items = Vec::new();
        while let Some(line) = self.here().filter(|line| line.indent == indent) {
            let Some(text) = item(line.text) else { break };
            if entry(text).is_some() || item(text).is_some() {
                // The item is a block that begins behind its dash.
                let inner = indent + (line.text.len() - text.len());
                self.lines[self.at] = Line { indent: inner, text };
                items.push(self.block(inner, depth)?);
            } else {
                self.at += 1;
                items.push(self.value(text, indent));
            }
        }
        Some(Node::List(items, String::new()))
    }

    fn entries(&mut self, indent: usize, depth: usize) -> Option<Node> {
        let mut entries = Vec::new();
        while let Some(line) = self.here().filter(|line| line.indent == indent) {
            let Some((key, value)) = entry(line.text) else { break };
            self.at += 1;
            let below = self
                .here()
                .filter(|next| next.indent > indent || (next.indent == indent && item(next.text).is_some()));
            let is_block = |line: Line<'_>| item(line.text).is_some() || entry(line.text).is_some();
            let value = match (value, below) {
                ("", Some(next)) if is_block(next) => self.block(next.indent, depth)?,
                ("", None) => Node::Null,
                ("|" | "|-" | ">" | ">-", _) => self.lines_below(indent),
                (value, _) => self.value(value, indent),
            };
            entries.push((key.to_owned(), value));
        }
        Some(Node::Object(entries, String::new()))
    }

    /// A text in lines of its own.
    fn lines_below(&mut self, indent: usize) -> Node {
        let mut lines = Vec::new();
        while let Some(line) = self.here().filter(|line| line.indent > indent) {
            lines.push(line.text);
            self.at += 1;
        }
        Node::Text(lines.join("\n"))
    }

    /// A value that begins on its key's line; deeper lines go on with it.
    fn value(&mut self, text: &str, indent: usize) -> Node {
        match self.lines_below(indent) {
            Node::Text(more) if !more.is_empty() => {
                Node::Text(format!("{text} {}", more.replace('\n', " ")).trim().to_owned())
            }
            _ => scalar(text.trim_end_matches(',').trim_end()),
        }
    }
}

fn scalar(text: &str) -> Node {
    if text.starts_with(['[', '{']) {
        let chars: Vec<char> = text.chars().collect();
        if let Some(read) = container(&chars).filter(|read| read.closed && read.length == chars.len()) {
            return read.node;
        }
    }
    let quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
    match ['"', '\'', '`'].into_iter().any(quoted) {
        true => Node::Text(text[1..text.len() - 1].to_owned()),
        false => word(text),
    }
}

/// What stands behind a dash.
fn item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '*', '•'])?;
    let text = rest.trim_start();
    (rest.len() > text.len() && !text.is_empty()).then_some(text)
}

/// `name: Ada`, `**name:** Ada`, `"name": "Ada"`
fn entry(line: &str) -> Option<(&str, &str)> {
    let marks = |c: char| matches!(c, '*' | '_' | '`' | '"' | '\'');
    let (key, value) = line.split_once(':')?;
    let value = value.strip_prefix("**").unwrap_or(value);
    let key = key.trim_matches(marks).trim();
    let named = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    let short = key.split(' ').count() <= 4 && key.len() <= 60;
    let is_key = !key.is_empty() && short && key.chars().all(named);
    (is_key && (value.is_empty() || value.starts_with(char::is_whitespace))).then(|| (key, value.trim()))
}
