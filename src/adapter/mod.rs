//! Between a signature and a model's text: `format` makes the prompt, `parse` reads the reply. Text to text, no I/O; who
//! asks again, and how often, is decided above. An adapter is a file here and a line in `by_name`.

mod chat;
mod compact;
mod fields;
mod form;
mod frame;
mod json;
mod object;
mod outputs;
mod python;
mod sections;
mod split;
mod thoughts;
mod tools;
mod turn;
mod two_step;
mod xml;

use std::fmt;

use crate::chat::{Messages, Mode, Shape, Slot};
use crate::value::{EcoString, Record, Signature, Value};

pub use chat::Chat;
pub use compact::Compact;
pub use fields::value_text as field_text;
pub use json::Json;
pub use split::{Piece, Splitter};
pub use thoughts::without as without_thoughts;
pub use tools::{OwnTools, calls, own_tools, with_calls, without_calls};
pub use two_step::{TwoStep, TwoStepValue, extraction};
pub use xml::Xml;

/// What is sent: messages, how they are to be read, and what ends the reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    pub messages: Messages,
    pub mode: Mode,
    pub stop: Vec<String>,
    /// What a server that can do so is to hold the reply to.
    pub shape: Option<Shape>,
    /// Where the call's own inputs stand: a message, and the byte that they begin at.
    question: (usize, usize),
}

impl Prompt {
    /// The text that carries the call's inputs: neither demos nor re-asks.
    pub fn question(&self) -> &str {
        let (message, start) = self.question;
        self.messages
            .get(message)
            .and_then(|m| m.content.get(start..))
            .unwrap_or("")
    }
}

/// A reply that was read: every output of the signature in its order, and what had to be mended (`urgency: case`).
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    pub values: Record,
    pub repairs: Vec<String>,
}

/// A reply that could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct ParseFault {
    /// What is wrong, for the model that is asked again and for the person who sees the error.
    pub message: String,
    /// The output that is the trouble, where it is one.
    pub field: Option<EcoString>,
    /// The part of the reply that does not fit, where it is known.
    pub text: Option<EcoString>,
    /// Where in that part the trouble is: the fields of records, from the outside, and what stands there.
    pub within: Vec<EcoString>,
    pub found: Option<EcoString>,
}

impl ParseFault {
    fn new(message: impl Into<String>) -> Self {
        ParseFault {
            message: message.into(),
            field: None,
            text: None,
            within: Vec::new(),
            found: None,
        }
    }

    /// All that is wrong, a line each; the place is that of the first.
    fn of_all(faults: Vec<ParseFault>) -> Option<Self> {
        let lines: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
        let message = lines.join("\n");
        let first = faults.into_iter().next()?;
        Some(ParseFault { message, ..first })
    }

    fn field(mut self, field: &EcoString) -> Self {
        self.field = Some(field.clone());
        self
    }
}

impl fmt::Display for ParseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What the prompts of all calls of a predictor share.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// How they begin: the task and the demos.
    pub messages: Messages,
    /// How the message with the call's inputs ends.
    pub ending: EcoString,
    /// What a server that can do so is to hold the reply to.
    pub shape: Option<Shape>,
}

/// One way to speak with a model.
pub trait Adapter: fmt::Debug + Send + Sync {
    /// As `configure(adapter: "chat")` names it.
    fn name(&self) -> &'static str;

    /// What does not depend on the inputs; the demos are records (or dicts) of the signature's fields.
    fn template(&self, signature: &Signature, demos: &[Value]) -> Template;

    /// The prompt for one call, in a `template` of the same signature. Inputs that are left out take their default,
    /// else they are not shown.
    fn complete(&self, template: &Template, signature: &Signature, inputs: &Record) -> Prompt;

    /// The prompt for one call, whole.
    fn format(&self, signature: &Signature, demos: &[Value], inputs: &Record) -> Prompt {
        self.complete(&self.template(signature, demos), signature, inputs)
    }

    /// The outputs in a reply. With `strict`, a reply that needs mending is a fault.
    fn parse(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault>;

    /// Finds the outputs in a reply while it comes.
    fn splitter(&self, signature: &Signature) -> Box<dyn Splitter>;

    /// The reply that a model would give for these outputs; those that the record lacks are left out.
    fn render(&self, signature: &Signature, outputs: &Record) -> String;

    /// What a record says for the outputs, as if a model had rendered it: nothing in a value can be layout.
    fn said(&self, signature: &Signature, outputs: &Record, strict: bool) -> Result<Parsed, ParseFault> {
        outputs::of_record(signature, outputs, strict)
    }

    /// The form of the reply, for a model that fills one in: choices where outputs have few possible values. Empty where
    /// there is none, or the layout has no gaps.
    fn form(&self, signature: &Signature) -> Vec<Slot>;

    /// The prompt that asks again: `prompt` was answered with `reply`, and `problem` says what is wrong with it.
    fn reask(&self, signature: &Signature, prompt: &Prompt, reply: &str, problem: &str) -> Prompt;
}

pub use crate::value::ADAPTER_NAMES as NAMES;

/// The adapter of a name in `NAMES`.
pub fn by_name(name: &str) -> Option<&'static dyn Adapter> {
    match name {
        "chat" => Some(&Chat),
        "compact" => Some(&Compact),
        "json" => Some(&Json),
        "xml" => Some(&Xml),
        _ => None,
    }
}
