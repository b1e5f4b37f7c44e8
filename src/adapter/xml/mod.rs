//! The XML adapter: a tag for each field, tags inside of tags for lists and records.

mod markup;
mod nested;
mod reading;

use crate::value::{Field, Signature, Type, Value, python_strip};

use super::fields::{self, Row};
use super::frame::Layout;
use super::turn::Turn;
use super::{ParseFault, Parsed, Splitter, form, sections, split};

pub use markup::unescaped;
pub use reading::tags;

/// `configure(adapter: "xml")`
#[derive(Clone, Copy, Debug)]
pub struct Xml;

impl Layout for Xml {
    fn name(&self) -> &'static str {
        "xml"
    }

    fn structure(&self, signature: &Signature) -> String {
        let inputs = signature.inputs.iter();
        let inputs: Vec<String> = inputs
            .map(|field| tagged(field, &format!("{{{}}}", field.name)))
            .collect();
        let output = |field: &Field| match nested::is_nested(&field.ty) {
            true => nested::skeleton(field),
            false => tagged(field, &fields::placeholder(field)),
        };
        let outputs: Vec<String> = signature.outputs.iter().map(output).collect();
        format!(
            "All interactions will be structured in the following way, with the appropriate values filled in.\n\n{}\n\n{}",
            inputs.join("\n\n"),
            outputs.join("\n\n"),
        )
    }

    fn input(&self, turn: &mut Turn, field: &Field, value: &Value) {
        turn.section(&format!("<{}>\n", field.name));
        turn.value(&field.ty, value);
        turn.push(&format!("\n</{}>", field.name));
    }

    fn answer(&self, signature: &Signature, row: Row<'_>, missing: Option<&str>) -> String {
        let outputs = signature.outputs.iter().filter_map(|field| match row.get(field) {
            Some(value) => Some(output(field, value)),
            None => Some(tagged(field, missing?)),
        });
        python_strip(&outputs.collect::<Vec<_>>().join("\n\n")).to_owned()
    }

    fn reminder(&self, signature: &Signature) -> Option<String> {
        let names: Vec<String> = signature
            .outputs
            .iter()
            .map(|field| format!("`<{}>`", field.name))
            .collect();
        let nested = signature.outputs.iter().filter(|field| nested::is_nested(&field.ty));
        let skeletons: Vec<String> = nested.map(nested::skeleton).collect();
        let structure = match skeletons.is_empty() {
            true => String::new(),
            false => format!(" Use this nested XML structure: {}", skeletons.join(" ")),
        };
        Some(format!(
            "the corresponding output fields wrapped in XML tags {}.{structure}",
            names.join(", then ")
        ))
    }

    /// Tags inside of an output, and what would be taken for one, are no plain text.
    fn has_gaps(&self, signature: &Signature) -> bool {
        let plain = |field: &Field| {
            let choices = form::choices(&field.ty).unwrap_or_default();
            !nested::is_nested(&field.ty) && !choices.iter().any(|choice| choice.contains(['<', '&', '>']))
        };
        signature.outputs.iter().all(plain)
    }

    fn splitter(&self, signature: &Signature) -> Box<dyn Splitter> {
        Box::new(split::Tags::new(signature))
    }

    fn read(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
        let found = reading::by_dspy(signature, reply);
        let found = match strict || !found.lacks(signature) {
            true => found,
            false => Some(tags(signature, reply))
                .filter(|found| !found.lacks(signature))
                .unwrap_or_else(|| sections::anywhere(signature, reply, found)),
        };
        if !found.any() && !found.empty && found.missing(signature).is_empty() {
            let names: Vec<String> = signature
                .outputs
                .iter()
                .map(|field| format!("`<{}>`", field.name))
                .collect();
            return Err(ParseFault::new(format!(
                "the reply has none of the tags {}",
                names.join(", ")
            )));
        }
        found.read(signature, strict, |field| format!("tag `<{}>`", field.name))
    }
}

fn tagged(field: &Field, text: &str) -> String {
    python_strip(&format!("<{0}>\n{text}\n</{0}>", field.name)).to_owned()
}

/// Only what is text, and nothing but text, is escaped.
fn output(field: &Field, value: &Value) -> String {
    let is_data = matches!(value, Value::List(_) | Value::Dict(_) | Value::Record(_));
    if is_data && nested::is_nested(&field.ty) && !fields::is_vast(value) {
        return nested::element(&field.name, None, &fields::plain(&field.ty, value));
    }
    let text = fields::value_text(&field.ty, value);
    match field.ty {
        Type::Str => tagged(field, &markup::escaped(&text)),
        _ => tagged(field, &text),
    }
}
