//! Reading a reply that is one JSON object: DSPy's own rules, and looser ones for what they refuse.

use crate::value::{FieldType, RecordType, Signature, Type, Value, coerce, coerce::Tree};

use super::outputs::{Found, Given};

/// The object that the reply is, or the first balanced braces in it. Without one, nothing is found.
pub fn find<'a>(signature: &Signature, reply: &str) -> Found<'a> {
    let mut found = Found::new(signature);
    let (mut tree, mut mended) = coerce::loads(reply);
    let mut mend = if reply.trim_start().starts_with("```") {
        "fence"
    } else {
        "json"
    };
    if !matches!(tree, Tree::Object(_))
        && let Some(braces) = first_braces(reply)
    {
        (tree, mended) = (coerce::loads(braces).0, true);
        mend = "prose";
    }
    let Tree::Object(members) = tree else { return found };
    found.empty = true;
    for (i, field) in signature.outputs.iter().enumerate() {
        // Of doubled keys the last one counts.
        if let Some((_, member)) = members.iter().rev().find(|(key, _)| *key == field.name) {
            found.give(i, Given::Data(vec![member.clone()]));
        }
    }
    if mended {
        found.mend("reply", mend);
    }
    found
}

/// The leftmost brace that is closed, up to its closing one.
fn first_braces(text: &str) -> Option<&str> {
    let (mut open, mut first): (Vec<usize>, Option<(usize, usize)>) = (Vec::new(), None);
    for (at, c) in text.char_indices() {
        match c {
            '{' => open.push(at),
            '}' => {
                if let Some(start) = open.pop()
                    && first.is_none_or(|(known, _)| start < known)
                {
                    first = Some((start, at + 1));
                }
            }
            _ => {}
        }
    }
    first.map(|(start, end)| &text[start..end])
}

/// An object anywhere in the reply, behind thoughts and prose, with keys in another spelling, inside another object.
pub fn look_around<'a>(signature: &Signature, reply: &str) -> Found<'a> {
    let fields = signature.outputs.iter().map(|field| FieldType {
        optional: field.ty.allows_none(),
        ..FieldType::new(field.name.clone(), field.ty.clone())
    });
    let ty = Type::Record(
        RecordType {
            fields: fields.collect(),
            ..RecordType::default()
        }
        .into(),
    );
    let mut found = Found::new(signature);
    let may_be_bare = signature.outputs.len() == 1;
    if !(reply.contains('{') || may_be_bare && is_bare(reply)) {
        return found;
    }
    let Ok(coerce::Coerced {
        value: Value::Record(record),
        mends,
    }) = coerce::read_leniently(&ty, reply)
    else {
        return found;
    };
    // What was put in for something that is not there is no answer.
    if mends.contains(&"missing") {
        return found;
    }
    for (i, field) in signature.outputs.iter().enumerate() {
        if let Some(value) = record.get(&field.name) {
            found.give(i, Given::Value(value.clone(), Vec::new()));
        }
    }
    mends.iter().for_each(|mend| found.mend("reply", mend));
    found.mend("reply", "json");
    found
}

/// Whether a reply is a value without a key, or has a list in it that is no note in brackets.
fn is_bare(reply: &str) -> bool {
    let text = coerce::without_thoughts(reply).trim();
    let begins = text.starts_with(['[', '`']) || text.contains("[\"");
    begins || serde_json::from_str::<serde_json::Value>(text).is_ok()
}
