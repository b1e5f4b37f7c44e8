//! Reading a reply in tags: DSPy's own rules, and looser ones for markup that is not well formed.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::value::{EcoString, Literal, Signature, Type, coerce::Tree, literal_members, python_strip};

use super::super::outputs::{Found, Given};
use super::super::sections::{folded, without_thoughts};
use super::markup::{Element, parse, unescaped, without_strays};

/// Line ends as XML's standard wants them.
fn with_plain_lines(reply: &str) -> Cow<'_, str> {
    match reply.contains('\r') {
        true => reply.replace("\r\n", "\n").replace('\r', "\n").into(),
        false => reply.into(),
    }
}

/// The outputs are elements of the reply itself, not of others.
pub fn by_dspy<'a>(signature: &Signature, reply: &str) -> Found<'a> {
    let mut found = Found::new(signature);
    let reply = with_plain_lines(reply);
    let Some(elements) = parse(&reply) else { return found };
    found.empty = true;
    for (i, field) in signature.outputs.iter().enumerate() {
        let own: Vec<&Element> = elements.iter().filter(|element| element.name == field.name).collect();
        if !own.is_empty() {
            found.give(i, given(&field.ty, &own));
        }
    }
    found
}

/// An element as text where its type is not one of parts.
fn given(ty: &Type, elements: &[&Element]) -> Given<'static> {
    let mut ways = vec![tree(Some(ty), elements)];
    if let Type::Union(members) = ty {
        ways.extend(members.iter().map(|member| tree(Some(member), elements)));
    }
    Given::Marked(ways)
}

/// Elements of one name as data of a type; what is not known of a type is read as it looks.
fn tree(ty: Option<&Type>, elements: &[&Element]) -> Tree {
    let Some(first) = elements.first() else {
        return Tree::Null;
    };
    let text = python_strip(&first.text);
    let empty = first.children.is_empty() && text.is_empty();
    let unfolded = ty.map(Type::unfolded);
    let mut ty = unfolded.as_deref();
    let may_be_text = matches!(ty, Some(Type::Union(members)) if members.iter().any(is_text));
    if let Some(Type::Union(members)) = ty
        && literal_members(members).count() < members.len()
    {
        if empty && members.contains(&Type::None) {
            return Tree::Null;
        }
        ty = chosen(members, !first.children.is_empty());
    }
    if let Some(Type::List(item)) = ty {
        return list(item, elements);
    }
    if first.children.is_empty() {
        return match ty {
            Some(Type::Dict(_) | Type::Record(_)) if empty => Tree::Object(Vec::new()),
            None | Some(Type::Any) if elements.len() > 1 => Tree::List(
                elements
                    .iter()
                    .map(|element| Tree::text(python_strip(&element.text)))
                    .collect(),
            ),
            _ if may_be_text => Tree::text(text),
            ty => scalar(ty, text),
        };
    }
    if ty.is_some_and(is_text) {
        return Tree::text(first.inner());
    }
    let members = grouped(&first.children).into_iter().map(|(name, group)| {
        let ty = match ty {
            Some(Type::Record(record)) => record
                .fields
                .iter()
                .find(|field| field.name == name)
                .map(|field| &field.ty),
            Some(Type::Dict(value)) => Some(&**value),
            _ => None,
        };
        (EcoString::from(name), tree(ty, &group))
    });
    Tree::Object(members.collect())
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Str | Type::Text(_) | Type::Literal(Literal::Str(_)))
}

/// The member of a union that an element is read as. Of a named record DSPy then no longer knows the fields.
fn chosen(members: &[Type], has_children: bool) -> Option<&Type> {
    let mut choices = members.iter().filter(|member| **member != Type::None);
    let first = choices.clone().next();
    let choice = match has_children {
        true => choices.find(|member| !is_text(member)).or(first),
        false => first,
    };
    choice.filter(|ty| !matches!(ty, Type::Record(record) if record.name.is_some()))
}

/// Items between `<item>` tags, the tag itself several times, or a JSON list.
fn list(item: &Type, elements: &[&Element]) -> Tree {
    let [only] = elements else {
        return Tree::List(elements.iter().map(|element| tree(Some(item), &[element])).collect());
    };
    if only.children.is_empty() {
        let text = python_strip(&only.text);
        if text.is_empty() {
            return Tree::List(Vec::new());
        }
        if text.starts_with('[') {
            return Tree::text(text);
        }
    }
    let items: Vec<&Element> = only.children.iter().filter(|child| child.name == "item").collect();
    match items.is_empty() {
        true => Tree::List(vec![tree(Some(item), &[only])]),
        false => Tree::List(items.into_iter().map(|element| tree(Some(item), &[element])).collect()),
    }
}

/// A text, as what its type wants where it is plainly that.
fn scalar(ty: Option<&Type>, text: &str) -> Tree {
    let number = |text: &str| serde_json::from_str::<serde_json::Number>(text).is_ok();
    match ty {
        Some(Type::Int | Type::Float | Type::Literal(Literal::Int(_))) if number(text) => Tree::Number(text.into()),
        Some(Type::Bool) if matches!(text, "True" | "true") => Tree::Bool(true),
        Some(Type::Bool) if matches!(text, "False" | "false") => Tree::Bool(false),
        _ => Tree::text(text),
    }
}

/// Elements of one name together, in the order of their first ones.
fn grouped(elements: &[Element]) -> Vec<(&str, Vec<&Element>)> {
    let mut groups: Vec<(&str, Vec<&Element>)> = Vec::new();
    for element in elements {
        match groups.iter_mut().find(|(name, _)| *name == element.name) {
            Some((_, group)) => group.push(element),
            None => groups.push((&element.name, vec![element])),
        }
    }
    groups
}

/// Tags in a text that is no XML: in another spelling, unclosed, around text that is not escaped, inside of others.
pub fn tags<'a>(signature: &Signature, reply: &str) -> Found<'a> {
    static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<(/?)([\w.-]+)[^<>]*?(/?)>").ok());
    let mut found = Found::new(signature);
    let Some(pattern) = TAG.as_ref() else { return found };
    let reply = &*with_plain_lines(without_thoughts(reply));
    // An output's tag, its number, and whether it opens; the text behind it begins at `end`.
    let known: Vec<Tag> = pattern
        .captures_iter(reply)
        .filter_map(|tag| {
            let name = folded(tag.get(2)?.as_str());
            let output = signature.outputs.iter().position(|field| folded(&field.name) == name)?;
            let (whole, closes) = (tag.get(0)?, !tag.get(1)?.as_str().is_empty());
            let empty = !tag.get(3)?.as_str().is_empty();
            Some(Tag {
                output,
                closes,
                empty,
                start: whole.start(),
                end: whole.end(),
            })
        })
        .collect();
    let mut at = 0;
    while let Some(tag) = known.get(at) {
        at += 1;
        if tag.closes || found.has(tag.output) {
            continue;
        }
        let close = known[at..].iter().position(|t| t.output == tag.output && t.closes);
        let next = known[at..]
            .iter()
            .position(|t| t.output != tag.output && !t.closes && !found.has(t.output));
        let (text, behind) = match (tag.empty, close, next) {
            (true, ..) => ("", at),
            (_, Some(close), _) => (&reply[tag.end..known[at + close].start], at + close + 1),
            (_, None, Some(next)) => (&reply[tag.end..known[at + next].start], at + next),
            (_, None, None) => (&reply[tag.end..], known.len()),
        };
        at = behind;
        let field = &signature.outputs[tag.output];
        let element = Element::of(
            unescaped(text).unwrap_or(text.into()).into_owned(),
            parse(text).or_else(|| parse(&without_strays(text))).unwrap_or_default(),
        );
        let parts = !element.children.is_empty() && super::nested::is_nested(&field.ty);
        match parts {
            true => found.give(tag.output, given(&field.ty, &[&element])),
            false => found.add(tag.output, python_strip(&element.text).to_owned()),
        }
        found.mend(&field.name, "tag");
    }
    found
}

struct Tag {
    output: usize,
    closes: bool,
    empty: bool,
    start: usize,
    end: usize,
}
