//! The JSON adapter: inputs in the chat adapter's sections, outputs as one JSON object.

use crate::chat::Shape;
use crate::value::{About, EcoString, Field, Literal, Signature, Type, Value, json, outputs_schema};

use super::chat::{blank, joined, section};
use super::fields::{self, Row};
use super::frame::Layout;
use super::turn::Turn;
use super::{ParseFault, Parsed, Splitter, object, sections, split};

/// `configure(adapter: "json")`
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Layout for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn structure(&self, signature: &Signature) -> String {
        let outputs = signature.outputs.iter();
        let outputs = outputs.map(|field| (field.name.clone(), Value::str(fields::placeholder(field))));
        joined([
            "All interactions will be structured in the following way, with the appropriate values filled in."
                .to_owned(),
            "Inputs will have the following structure:".to_owned(),
            joined(signature.inputs.iter().map(blank)),
            "Outputs will be a JSON object with the following fields.".to_owned(),
            json(&Value::dict(outputs), Some(2)),
        ])
    }

    fn input(&self, turn: &mut Turn, field: &Field, value: &Value) {
        turn.section(&section(field, ""));
        turn.value(&field.ty, value);
    }

    fn answer(&self, signature: &Signature, row: Row<'_>, missing: Option<&str>) -> String {
        let outputs = signature.outputs.iter().filter_map(|field| {
            let value = match (row.get(field), row, missing) {
                (Some(value), ..) => fields::plain(&field.ty, value),
                (None, Row::Turn(_), _) => Value::None,
                (None, _, missing) => Value::str(missing?),
            };
            Some((field.name.clone(), value))
        });
        json(&Value::dict(outputs.collect::<Vec<(EcoString, Value)>>()), Some(2))
    }

    fn reminder(&self, signature: &Signature) -> Option<String> {
        let wanted = |field: &Field| format!("`{}`{}", field.name, fields::must_be(&field.ty));
        let wanted: Vec<String> = signature.outputs.iter().map(wanted).collect();
        Some(format!(
            "a JSON object in the following order of fields: {}.",
            wanted.join(", then ")
        ))
    }

    /// A server takes no schema for dicts with keys of their own, nor for calls of tools.
    fn shape(&self, signature: &Signature) -> Option<Shape> {
        if signature.outputs.is_empty() {
            return None;
        }
        let open = |field: &Field| matches!(field.ty, Type::Dict(_)) || *field.ty.about() == About::ToolCalls;
        Some(match signature.outputs.iter().any(open) {
            true => Shape::Object,
            false => Shape::Schema {
                name: "DSPyProgramOutputs".to_owned(),
                schema: outputs_schema(signature),
            },
        })
    }

    /// A value is written as JSON has it: only names between quotation marks stand as they are.
    fn has_gaps(&self, signature: &Signature) -> bool {
        let name = |ty: &Type| matches!(ty, Type::Literal(Literal::Str(text)) if !text.contains(['"', '\\']));
        let names = |field: &Field| field.ty.members().iter().all(name);
        signature.outputs.iter().all(names)
    }

    fn splitter(&self, signature: &Signature) -> Box<dyn Splitter> {
        Box::new(split::Members::new(signature))
    }

    fn read(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
        let found = object::find(signature, reply);
        let found = match strict || !found.lacks(signature) {
            true => found,
            false => Some(object::look_around(signature, reply))
                .filter(|around| !around.lacks(signature))
                .unwrap_or_else(|| sections::anywhere(signature, reply, found)),
        };
        if !found.any() && !found.empty {
            return Err(ParseFault::new("the reply holds no JSON object"));
        }
        let place = |field: &Field| format!("key `{}`", field.name);
        let read = found.read(signature, strict, place);
        match read {
            // What repairing the JSON has made of an output may be less than what stands there.
            Err(fault) if fault.field.is_some() && !strict => object::look_around(signature, reply)
                .whole(signature)
                .and_then(|around| around.read(signature, strict, place).ok())
                .ok_or(fault),
            read => read,
        }
    }
}
