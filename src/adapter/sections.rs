//! Reading a reply in `[[ ## field ## ]]` sections: DSPy's own rules first, the lenient ones only where those find no
//! section for an output.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

pub use crate::value::coerce::without_thoughts;
use crate::value::{Field, Signature, is_python_line_end, is_python_space, python_lines, python_strip};

use super::outputs::Found;
use super::{ParseFault, Parsed};

pub fn read(signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
    let found = by_dspy(signature, reply);
    let found = match strict || found.missing(signature).is_empty() {
        true => found,
        false => lenient(signature, reply, found),
    };
    found.read(signature, strict, |field| {
        format!("section `[[ ## {} ## ]]`", field.name)
    })
}

/// A header and the text up to the next one; the text before the first has no name.
struct Section<'a> {
    name: Option<&'a str>,
    text: Cow<'a, str>,
}

fn output(signature: &Signature, same: impl Fn(&Field) -> bool) -> Option<usize> {
    signature.outputs.iter().position(same)
}

/// A header is a line's beginning; the first section of a name counts, unknown ones are dropped with their text.
fn by_dspy<'a>(signature: &Signature, reply: &'a str) -> Found<'a> {
    let mut found = Found::new(signature);
    let mut any = false;
    let mut take = |section: Section<'a>| {
        let known = section
            .name
            .and_then(|name| output(signature, |field| field.name == name));
        match (known, section.name) {
            (Some(i), _) => {
                found.add(i, section.text);
                any = true;
            }
            (None, None | Some("completed")) if !section.text.is_empty() => found.mend("reply", "prose"),
            _ => {}
        }
    };
    match has_only_newlines(reply) {
        true => sections(reply, &mut take),
        false => split(reply, header).into_iter().for_each(take),
    }
    if any { found } else { Found::new(signature) }
}

/// Whether `\n` is the only line end that Python would see.
fn has_only_newlines(text: &str) -> bool {
    let odd = |b: u8| (b < 0x20 && b != b'\n' && b != b'\t') || b >= 0x80;
    if !text.bytes().fold(false, |found, b| found | odd(b)) {
        return true;
    }
    !text.contains(|c| c != '\n' && is_python_line_end(c))
}

/// The sections of a text whose lines end in `\n`: the same as `split(text, header)`, without taking the lines apart.
fn sections<'a>(text: &'a str, take: &mut impl FnMut(Section<'a>)) {
    let (mut name, mut start) = (None, 0);
    // The line's beginning, and how far the text was looked at.
    let (mut line, mut seen) = (0, 0);
    while let Some(at) = text[seen..].find('[').map(|at| seen + at) {
        line = text[seen..at].rfind('\n').map_or(line, |end| seen + end + 1);
        seen = at + 1;
        if !text[at..].starts_with(HEADER) || !python_strip(&text[line..at]).is_empty() {
            continue;
        }
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let Some((next, rest)) = header(&text[at..end]) else {
            continue;
        };
        take(Section {
            name,
            text: content(&text[start..line.max(start)]),
        });
        let behind = at + python_strip(&text[at..end]).len() - rest.len();
        (name, start, seen) = (Some(next), behind, behind);
    }
    take(Section {
        name,
        text: content(&text[start..]),
    });
}

/// The text of a section: what follows its header on the line loses its white space there, too.
fn content(text: &str) -> Cow<'_, str> {
    match text.split_once('\n') {
        Some((first, rest)) if first.ends_with(is_python_space) && !python_strip(first).is_empty() => {
            format!("{}\n{}", python_strip(first), python_strip(rest))
                .trim_end_matches('\n')
                .to_owned()
                .into()
        }
        _ => python_strip(text).into(),
    }
}

fn split<'a>(reply: &'a str, header: impl Fn(&'a str) -> Option<(&'a str, &'a str)>) -> Vec<Section<'a>> {
    let mut sections: Vec<(Option<&str>, Vec<&str>)> = vec![(None, Vec::new())];
    for line in python_lines(reply) {
        match header(line) {
            Some((name, rest)) => {
                let rest = python_strip(rest);
                sections.push((Some(name), if rest.is_empty() { vec![] } else { vec![rest] }));
            }
            None => sections
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|(_, lines)| lines.push(line)),
        }
    }
    let section = |(name, lines): (Option<&'a str>, Vec<&str>)| {
        let text = python_strip(&lines.join("\n")).to_owned().into();
        Section { name, text }
    };
    sections.into_iter().map(section).collect()
}

/// How a header begins.
const HEADER: &str = "[[ ## ";

/// `[[ ## name ## ]]` at the beginning of a line, and what follows it there. (DSPy cuts what follows an indented header
/// at the wrong place; here it is whole.)
pub fn header(line: &str) -> Option<(&str, &str)> {
    let named = python_strip(line).strip_prefix(HEADER)?;
    let end = named.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    let (name, rest) = named.split_at(end);
    let rest = rest.strip_prefix(" ## ]]")?;
    (!name.is_empty()).then_some((name, rest))
}

/// The sections of a reply that is none of what another adapter asked for.
pub fn anywhere<'a>(signature: &Signature, reply: &'a str, before: Found<'a>) -> Found<'a> {
    let mut found = by_dspy(signature, reply);
    if found.any() && found.missing(signature).is_empty() {
        found.mend("reply", "sections");
        return found;
    }
    lenient(signature, reply, before)
}

/// What DSPy refuses: headers in another spelling, inside of lines, a JSON object or labels instead of sections. The
/// first of these that has every output is taken, else what was found before.
fn lenient<'a>(signature: &Signature, reply: &'a str, before: Found<'a>) -> Found<'a> {
    let reply = without_thoughts(reply);
    let readings: [&dyn Fn() -> Found<'a>; 6] = [
        &|| spelled_otherwise(signature, reply),
        &|| glued(signature, reply),
        &|| in_object(signature, reply),
        &|| super::object::look_around(signature, reply),
        &|| super::xml::tags(signature, reply),
        &|| labelled(signature, reply),
    ];
    let mut readings = readings.into_iter().map(|reading| reading());
    readings
        .find(|found| found.any() && found.missing(signature).is_empty())
        .unwrap_or(before)
}

/// `**[[ ## Answer ## ]]**`, `[[##answer##]]`, `## answer ##` at the beginning of a line.
fn spelled_otherwise<'a>(signature: &Signature, reply: &'a str) -> Found<'a> {
    static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^[\s*_`>#-]*(?:\[+\s*#*\s*([\w .-]+?)\s*#*\s*\]+|##\s*(\w+)\s*##)[*_`]*:?[*_`]*(.*)$").ok()
    });
    let mut found = Found::new(signature);
    let Some(pattern) = HEADER.as_ref() else { return found };
    let header = |line| {
        let parts = pattern.captures(line)?;
        let name = parts.get(1).or(parts.get(2))?.as_str();
        let known = folded(name) == "completed" || signature.outputs.iter().any(|f| folded(&f.name) == folded(name));
        known.then(|| (name, parts.get(3).map_or("", |rest| rest.as_str())))
    };
    for section in split(reply, header) {
        let Some(name) = section.name else { continue };
        if let Some(i) = output(signature, |field| folded(&field.name) == folded(name)) {
            let exact = signature.outputs[i].name == name;
            found.mend(name_of(signature, i), if exact { "header" } else { "case" });
            found.add(i, section.text);
        }
    }
    found
}

fn name_of(signature: &Signature, output: usize) -> &str {
    &signature.outputs[output].name
}

/// `final_answer`, `Final Answer` and `finalAnswer` are one.
pub fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Headers inside of lines, each only for an output that has none yet.
fn glued<'a>(signature: &Signature, reply: &'a str) -> Found<'a> {
    let mut found = Found::new(signature);
    let mut places: Vec<(usize, usize, Option<usize>)> = Vec::new();
    for (i, field) in signature.outputs.iter().enumerate() {
        let header = format!("[[ ## {} ## ]]", field.name);
        if let Some(at) = reply.find(&header) {
            places.push((at, at + header.len(), Some(i)));
        }
    }
    let end = "[[ ## completed ## ]]";
    let last = places.iter().map(|(_, behind, _)| *behind).max().unwrap_or(0);
    if let Some(at) = reply[last..].find(end) {
        places.push((last + at, last + at + end.len(), None));
    }
    places.sort_unstable();
    for (k, (_, behind, known)) in places.iter().enumerate() {
        let text = &reply[*behind..places.get(k + 1).map_or(reply.len(), |(at, ..)| *at)];
        if let Some(i) = known {
            found.mend(name_of(signature, *i), "header");
            found.add(*i, python_strip(text));
        }
    }
    found
}

/// `{"answer": …}` instead of sections.
fn in_object<'a>(signature: &Signature, reply: &'a str) -> Found<'a> {
    let mut found = super::object::find(signature, reply);
    if found.any() {
        found.mend("reply", "json");
    }
    found
}

/// `Answer: Paris`, `**Answer:** Paris`: a label at the beginning of a line for every output.
fn labelled<'a>(signature: &Signature, reply: &'a str) -> Found<'a> {
    static LABEL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[\s*_`>#-]*([\w][\w ]*?)[*_`]*\s*:[*_`]*(.*)$").ok());
    let mut found = Found::new(signature);
    let Some(pattern) = LABEL.as_ref() else { return found };
    let label = |line| {
        let parts = pattern.captures(line)?;
        let name = parts.get(1)?.as_str();
        let known = signature
            .outputs
            .iter()
            .any(|field| folded(&field.name) == folded(name));
        known.then(|| (name, parts.get(2).map_or("", |rest| rest.as_str())))
    };
    for section in split(unfenced(reply), label) {
        let Some(name) = section.name else { continue };
        if let Some(i) = output(signature, |field| folded(&field.name) == folded(name)) {
            found.add(i, section.text);
            found.mend(name_of(signature, i), "label");
        }
    }
    found
}

/// What stands in a fence around all of it.
fn unfenced(reply: &str) -> &str {
    let inside = reply
        .trim()
        .strip_prefix("```")
        .and_then(|rest| rest.strip_suffix("```"));
    let inside = inside.and_then(|rest| rest.split_once('\n'));
    inside.map_or(reply, |(_, inside)| inside)
}
