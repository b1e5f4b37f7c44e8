//! Reading a reply in `[[ ## field ## ]]` sections: DSPy's own rules first, the lenient ones only where those refuse.

use crate::value::{EcoString, Record, Signature, Value, coerce, python_lines, python_strip};

use super::{ParseFault, Parsed};

pub fn read(signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
    collect(signature, &split(reply), strict)
}

/// A header and its text.
struct Section {
    name: String,
    text: String,
}

fn split(reply: &str) -> Vec<Section> {
    let mut sections: Vec<(String, Vec<&str>)> = Vec::new();
    for line in python_lines(reply) {
        if let Some((name, rest)) = header(line) {
            let rest = python_strip(rest);
            sections.push((name.to_owned(), if rest.is_empty() { vec![] } else { vec![rest] }));
        } else if let Some((_, lines)) = sections.last_mut() {
            lines.push(line);
        }
    }
    let section = |(name, lines): (String, Vec<&str>)| Section {
        name,
        text: python_strip(&lines.join("\n")).to_owned(),
    };
    sections.into_iter().map(section).collect()
}

/// `[[ ## name ## ]]` at the beginning of a line, and what follows it there.
fn header(line: &str) -> Option<(&str, &str)> {
    let rest = python_strip(line).strip_prefix("[[ ## ")?;
    let (name, rest) = rest.split_once(" ## ]]")?;
    let word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    word.then_some((name, rest))
}

fn collect(signature: &Signature, sections: &[Section], strict: bool) -> Result<Parsed, ParseFault> {
    let mut values: Vec<(EcoString, Value)> = Vec::new();
    let mut repairs = Vec::new();
    for field in &signature.outputs {
        let Some(section) = sections.iter().find(|section| section.name == field.name) else {
            if field.ty.allows_none() {
                values.push((field.name.clone(), Value::None));
                continue;
            }
            let message = format!("the reply has no section `[[ ## {} ## ]]`", field.name);
            return Err(ParseFault::new(message).field(&field.name));
        };
        let read = coerce::read(&field.ty, &section.text, strict)
            .map_err(|misfit| ParseFault::new(format!("`{}`: {misfit}", field.name)).field(&field.name))?;
        repairs.extend(read.mends.iter().map(|mend| format!("{}: {mend}", field.name)));
        values.push((field.name.clone(), read.value));
    }
    Ok(Parsed {
        values: Record::from_iter(values),
        repairs,
    })
}
