//! The chat adapter: DSPy's `[[ ## field ## ]]` sections, byte for byte. Reading them is in `sections`.

use crate::value::{Field, Signature, Value, python_strip};

use super::fields::{self, Row};
use super::frame::Layout;
use super::turn::Turn;
use super::{ParseFault, Parsed, Splitter, sections, split};

/// `configure(adapter: "chat")`, the default.
#[derive(Clone, Copy, Debug)]
pub struct Chat;

impl Layout for Chat {
    fn name(&self) -> &'static str {
        "chat"
    }

    fn structure(&self, signature: &Signature) -> String {
        joined([
            "All interactions will be structured in the following way, with the appropriate values filled in."
                .to_owned(),
            joined(signature.inputs.iter().map(blank)),
            joined(
                signature
                    .outputs
                    .iter()
                    .map(|field| section(field, &fields::placeholder(field))),
            ),
            "[[ ## completed ## ]]\n".to_owned(),
        ])
    }

    fn input(&self, turn: &mut Turn, field: &Field, value: &Value) {
        turn.section(&section(field, ""));
        turn.value(&field.ty, value);
    }

    fn answer(&self, signature: &Signature, row: Row<'_>, missing: Option<&str>) -> String {
        let sections = signature.outputs.iter().filter_map(|field| {
            let text = row.get(field).map(|value| fields::value_text(&field.ty, value));
            text.or_else(|| missing.map(ToOwned::to_owned))
                .map(|text| section(field, &text))
        });
        let sections = joined(sections);
        let gap = if sections.is_empty() { "" } else { "\n\n" };
        format!("{sections}{gap}[[ ## completed ## ]]\n")
    }

    fn reminder(&self, signature: &Signature) -> Option<String> {
        let wanted = |field: &Field| format!("`[[ ## {} ## ]]`{}", field.name, fields::must_be(&field.ty));
        let wanted: Vec<String> = signature.outputs.iter().map(wanted).collect();
        Some(format!(
            "the corresponding output fields, starting with the field {}, and then ending with the marker for \
             `[[ ## completed ## ]]`.",
            wanted.join(", then ")
        ))
    }

    fn splitter(&self, signature: &Signature) -> Box<dyn Splitter> {
        split::sections(signature)
    }

    fn read(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
        sections::read(signature, reply, strict)
    }
}

pub(super) fn joined(parts: impl IntoIterator<Item = String>) -> String {
    python_strip(&parts.into_iter().collect::<Vec<_>>().join("\n\n")).to_owned()
}

pub(super) fn section(field: &Field, text: &str) -> String {
    format!("[[ ## {} ## ]]\n{text}", field.name)
}

/// An input's section without a value.
pub(super) fn blank(field: &Field) -> String {
    section(field, &format!("{{{}}}", field.name))
}
