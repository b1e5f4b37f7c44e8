//! The two-step adapter: the first model answers freely, a second one takes the outputs out of its text. This is the
//! first step; the second is a chat with `extraction`'s signature.

use std::any::Any;
use std::sync::Arc;

use crate::value::{EcoString, Field, LmSpec, Opaque, Record, Signature, Type, Value};

use super::chat::joined;
use super::fields::{self, Row};
use super::frame::Layout;
use super::turn::{Turn, holds_media};
use super::{ParseFault, Parsed, Splitter, sections, split};

/// The adapter of the first step.
#[derive(Clone, Copy, Debug)]
pub struct TwoStep;

/// `TwoStep(LM("openai/gpt-4o-mini"))`: the value of the setting.
#[derive(Debug)]
pub struct TwoStepValue {
    /// Takes the outputs out of the text.
    pub extractor: Arc<LmSpec>,
}

impl Opaque for TwoStepValue {
    fn type_name(&self) -> &'static str {
        "Adapter"
    }

    fn show(&self) -> String {
        format!("<TwoStep {}>", self.extractor.name)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Opaque) -> bool {
        let other = other.as_any().downcast_ref::<TwoStepValue>();
        other.is_some_and(|other| other.extractor == self.extractor)
    }
}

/// `text -> outputs`, and what it is asked with.
pub fn extraction(signature: &Signature, text: &str) -> (Signature, Record) {
    let names: Vec<String> = signature
        .outputs
        .iter()
        .map(|field| format!("`{}`", field.name))
        .collect();
    // The gap is DSPy's.
    let instructions = format!(
        "The input is a text that should contain all the necessary information to produce the fields {}. {}Your job is \
         to extract the fields from the text verbatim. Extract precisely the appropriate value (content) for each field.",
        names.join(", "),
        " ".repeat(12),
    );
    let extraction = Signature {
        name: signature.name.clone(),
        instructions: instructions.into(),
        inputs: vec![Field::new("text", Type::Str)],
        outputs: signature.outputs.clone(),
    };
    let inputs = [(EcoString::from("text"), Value::str(text))].into_iter().collect();
    (extraction, inputs)
}

impl Layout for TwoStep {
    fn name(&self) -> &'static str {
        "two_step"
    }

    fn system(&self, signature: &Signature) -> String {
        let task = match signature.instructions.as_str() {
            "" => String::new(),
            instructions => format!("\nSpecific instructions: {instructions}"),
        };
        format!(
            "You are a helpful assistant that can solve tasks based on user input.\nAs input, you will be provided \
             with:\n{}\nYour outputs must contain:\n{}\nYou should lay out your outputs in detail so that your answer \
             can be understood by another agent{task}",
            fields::list(&signature.inputs),
            fields::list(&signature.outputs),
        )
    }

    fn structure(&self, _: &Signature) -> String {
        String::new()
    }

    fn input(&self, turn: &mut Turn, field: &Field, value: &Value) {
        turn.section(&format!("{}: ", field.name));
        // DSPy writes images and files into the text, where no model can see them.
        match holds_media(&field.ty) {
            true => turn.value(&field.ty, value),
            false => turn.push(&fields::python_text(&field.ty, value)),
        }
    }

    fn answer(&self, signature: &Signature, row: Row<'_>, _: Option<&str>) -> String {
        let line = |field: &Field| {
            Some(format!(
                "{}: {}",
                field.name,
                fields::python_text(&field.ty, row.get(field)?)
            ))
        };
        joined(signature.outputs.iter().filter_map(line))
    }

    fn reminder(&self, _: &Signature) -> Option<String> {
        None
    }

    fn has_gaps(&self, _: &Signature) -> bool {
        false
    }

    fn unfolds_history(&self) -> bool {
        false
    }

    fn splitter(&self, _: &Signature) -> Box<dyn Splitter> {
        Box::new(split::Nothing)
    }

    /// The first answer is text; read without the second step it is held to be labelled.
    fn read(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
        sections::read(signature, reply, strict)
    }
}
