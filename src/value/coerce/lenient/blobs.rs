//! Where in a reply the data may be: the whole text, its fences, the brackets in its prose.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

use super::loose::{Node, Read, container};

/// A reply without the thoughts that a reasoning model writes before it; where nothing else is there, as it is.
pub fn without_thoughts(text: &str) -> &str {
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    for tag in ["think", "thinking", "reasoning", "thought"] {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        if let Some(end) = rest
            .rfind(&close)
            .filter(|_| rest.starts_with(&open) || !rest.contains(&open))
        {
            rest = rest[end + close.len()..].trim();
        }
    }
    if rest.is_empty() { text } else { rest }
}

/// The readings of a text as data, best first.
pub fn candidates(text: &str) -> Vec<Node> {
    if let Some(node) = strict(text) {
        return vec![node];
    }
    let fenced = fences(text);
    let found = if fenced.is_empty() { brackets(text) } else { fenced };
    with_all(found)
}

/// The readings outside of fences, for where those did not fit.
pub fn in_prose(text: &str) -> Vec<Node> {
    with_all(brackets(text))
}

/// The objects inside of brackets that are no data: `[see {"a": 1}`.
pub fn in_brackets(text: &str) -> Vec<Node> {
    let chars: Vec<char> = text.chars().collect();
    let mut budget = (20 * chars.len()).min(200_000 + 2 * chars.len());
    let mut found = Vec::new();
    for at in (0..chars.len()).filter(|at| chars[*at] == '{') {
        let read = container(&chars[at..]);
        budget = budget.saturating_sub(read.as_ref().map_or(chars.len() - at, |read| read.length));
        found.extend(read.map(|read| read.node).filter(looks_like_data));
        if budget == 0 {
            break;
        }
    }
    found
}

/// Several parts can also be one list of all.
fn with_all(mut found: Vec<Node>) -> Vec<Node> {
    if found.len() > 1 {
        let all = Node::List(found.clone(), String::new());
        found.push(all);
    }
    found
}

/// JSON as it should be.
fn strict(text: &str) -> Option<Node> {
    let mut node = from_json(&serde_json::from_str(text).ok()?);
    let mut written = numbers(text).into_iter();
    // Of keys that come twice the first is not in the node.
    if count(&node) == written.len() {
        keep_written(&mut node, &mut written);
    }
    Some(node)
}

/// The numbers of a JSON text as they are written: `1.50` may be meant as a text.
fn numbers(json: &str) -> Vec<&str> {
    static TOKEN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#""(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*"#).ok());
    let tokens = TOKEN.iter().flat_map(|token| token.find_iter(json));
    tokens
        .map(|token| token.as_str())
        .filter(|token| !token.starts_with('"'))
        .collect()
}

fn count(node: &Node) -> usize {
    match node {
        Node::Number(_) => 1,
        Node::List(items, _) => items.iter().map(count).sum(),
        Node::Object(members, _) => members.iter().map(|(_, node)| count(node)).sum(),
        _ => 0,
    }
}

fn keep_written<'a>(node: &mut Node, written: &mut impl Iterator<Item = &'a str>) {
    match node {
        Node::Number(number) => number.replace_range(.., written.next().unwrap_or_default()),
        Node::List(items, _) => items.iter_mut().for_each(|node| keep_written(node, written)),
        Node::Object(members, _) => members.iter_mut().for_each(|(_, node)| keep_written(node, written)),
        _ => {}
    }
}

fn from_json(json: &Json) -> Node {
    match json {
        Json::Null => Node::Null,
        Json::Bool(b) => Node::Bool(*b),
        Json::Number(number) => Node::Number(number.to_string()),
        Json::String(text) => Node::Text(text.clone()),
        Json::Array(items) => Node::List(items.iter().map(from_json).collect(), json.to_string()),
        Json::Object(map) => Node::Object(
            map.iter().map(|(key, value)| (key.clone(), from_json(value))).collect(),
            json.to_string(),
        ),
    }
}

/// The contents of code fences. A fence ends at the first closing line that leaves a whole value before it, since a
/// string may contain one too.
fn fences(text: &str) -> Vec<Node> {
    static FENCE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?m)^[ \t]*```([^\n`]*)$").ok());
    let Some(fence) = FENCE.as_ref() else { return Vec::new() };
    let lines: Vec<(usize, usize)> = fence.find_iter(text).map(|line| (line.start(), line.end())).collect();
    let mut found = Vec::new();
    let mut next = 0;
    // Each closing line that does not fit is one more reading of the same text.
    let mut budget = 500_000 + 10 * text.len();
    while let Some(&(_, open)) = lines.get(next) {
        let mut closers = lines.iter().enumerate().skip(next + 1).take_while(|(_, (close, _))| {
            budget = budget.saturating_sub(close - open);
            budget > 0
        });
        let read = closers.find_map(|(i, (close, _))| Some((i, whole(text.get(open..*close)?)?)));
        match read {
            Some((closer, node)) => {
                found.push(node);
                next = closer + 1;
            }
            None => {
                found.extend(brackets(&text[open..]).into_iter().next());
                break;
            }
        }
    }
    found
}

/// The value that a text is from end to end.
fn whole(text: &str) -> Option<Node> {
    let text = text.trim();
    if let Some(node) = strict(text) {
        return Some(node);
    }
    let chars: Vec<char> = text.chars().collect();
    let read = container(&chars)?;
    (read.closed && read.length == chars.len()).then_some(read.node)
}

/// Every bracket that looks like data: braces without a key are prose.
fn brackets(text: &str) -> Vec<Node> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    // Each unclosed bracket is read to the end of the text.
    let mut unclosed = 0;
    while at < chars.len() && unclosed < 20 {
        if !matches!(chars[at], '{' | '[') || begins_header(&chars[at..]) {
            at += 1;
            continue;
        }
        match container(&chars[at..]) {
            Some(Read { node, length, closed }) if looks_like_data(&node) => {
                found.push(node);
                at += length.max(1);
                unclosed += usize::from(!closed);
            }
            _ => {
                at += 1;
                unclosed += 1;
            }
        }
    }
    found
}

/// What is left of a header that is none: `[[ # completed`.
fn begins_header(text: &[char]) -> bool {
    let blank = |c: &&char| c.is_whitespace();
    let mut behind = text.iter().skip_while(|c| **c == '[').take(20).skip_while(blank);
    text.first() == Some(&'[') && behind.next() == Some(&'#')
}

fn looks_like_data(node: &Node) -> bool {
    match node {
        Node::Object(members, source) => !members.is_empty() || source.trim_matches(['{', '}']).trim().is_empty(),
        _ => true,
    }
}
