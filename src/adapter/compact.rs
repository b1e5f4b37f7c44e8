//! The compact adapter, for small models: the instructions, then demos and inputs as `Prefix: value` lines, ending in
//! the first output's prefix for the model to go on with.

use crate::chat::{Message, Mode, Role};
use crate::value::{EcoString, Field, Record, Signature, Value, coerce};

use super::{Adapter, ParseFault, Parsed, Prompt, fields};

/// `configure(adapter: "compact")`
#[derive(Clone, Copy, Debug)]
pub struct Compact;

/// A blank line ends the reply: the next demo would begin there.
const END: &str = "\n\n";

impl Adapter for Compact {
    fn name(&self) -> &'static str {
        "compact"
    }

    fn format(&self, signature: &Signature, demos: &[Value], inputs: &Record) -> Prompt {
        let mut text = signature.instructions.trim().to_owned();
        let (incomplete, complete) = fields::demos_in_order(signature, demos);
        for demo in incomplete.into_iter().chain(complete) {
            begin_block(&mut text);
            let lines = signature.fields().filter_map(|field| {
                let value = fields::of_demo(demo, &field.name).filter(|value| !value.is_none())?;
                Some(line(field, value))
            });
            text.push_str(&lines.collect::<Vec<_>>().join("\n"));
        }
        begin_block(&mut text);
        let start = text.len();
        for field in &signature.inputs {
            if let Some(value) = fields::of_inputs(inputs, field) {
                text.push_str(&line(field, value));
                text.push('\n');
            }
        }
        if let Some(first) = signature.outputs.first() {
            text.push_str(&first.prefix());
        }
        Prompt {
            messages: vec![Message::new(Role::User, text)],
            mode: Mode::Completion,
            stop: vec![END.to_owned()],
            question: (0, start),
        }
    }

    fn parse(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
        read(signature, reply, strict)
    }

    fn render(&self, signature: &Signature, outputs: &Record) -> String {
        let mut text = String::new();
        for (i, field) in signature.outputs.iter().enumerate() {
            let Some(value) = outputs.get(&field.name) else {
                continue;
            };
            if !text.is_empty() {
                text.push('\n');
            }
            match i {
                0 => text.push_str(&format!(" {}", folded(&fields::value_text(&field.ty, value)))),
                _ => text.push_str(&line(field, value)),
            }
        }
        text
    }

    /// The text goes on: the reply, what is wrong with it, and the first output's prefix once more.
    fn reask(&self, signature: &Signature, prompt: &Prompt, reply: &str, problem: &str) -> Prompt {
        let mut again = prompt.clone();
        let first = signature.outputs.first().map(Field::prefix).unwrap_or_default();
        if let Some(message) = again.messages.last_mut() {
            let reply = reply.split(END).next().unwrap_or("").trim();
            message
                .content
                .push_str(&format!(" {}\n({})\n{first}", folded(reply), folded(problem)));
        }
        again
    }
}

fn begin_block(text: &mut String) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
}

fn line(field: &Field, value: &Value) -> String {
    format!("{} {}", field.prefix(), folded(&fields::value_text(&field.ty, value)))
}

/// A value must stay on its line: line ends become spaces.
fn folded(text: &str) -> String {
    match text.contains(['\n', '\r']) {
        false => text.trim().to_owned(),
        true => text
            .split(['\n', '\r'])
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// The first output is the rest of the prompt's last line; the others follow, a line each.
fn read(signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
    let Some(first) = signature.outputs.first() else {
        return Ok(Parsed {
            values: Record::default(),
            repairs: Vec::new(),
        });
    };
    let mut texts: Vec<Option<String>> = vec![None; signature.outputs.len()];
    let mut current = 0;
    for text in body(reply).lines() {
        let named = signature
            .outputs
            .iter()
            .position(|field| prefixed(text, field).is_some());
        let (at, rest) = match named {
            Some(at) if texts[at].is_none() => (at, prefixed(text, &signature.outputs[at]).unwrap_or("")),
            _ if texts[0].is_none() => (0, text),
            _ => (current, text),
        };
        current = at;
        let known = texts[at].get_or_insert_default();
        if !known.is_empty() {
            known.push('\n');
        }
        known.push_str(rest.trim());
    }
    debug_assert!(first.name == signature.outputs[0].name);
    collect(signature, texts, strict)
}

/// The reply up to its first blank line; blank lines before the text do not count.
fn body(reply: &str) -> &str {
    let reply = reply.trim_start();
    let mut end = 0;
    for line in reply.split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        end += line.len();
    }
    &reply[..end]
}

fn prefixed<'a>(line: &'a str, field: &Field) -> Option<&'a str> {
    line.trim_start().strip_prefix(field.prefix().as_str())
}

fn collect(signature: &Signature, texts: Vec<Option<String>>, strict: bool) -> Result<Parsed, ParseFault> {
    let mut values: Vec<(EcoString, Value)> = Vec::new();
    let mut repairs = Vec::new();
    for (field, text) in signature.outputs.iter().zip(texts) {
        let Some(text) = text else {
            if field.ty.allows_none() {
                values.push((field.name.clone(), Value::None));
                continue;
            }
            return Err(ParseFault::new(format!("the reply has no line `{}`", field.prefix())).field(&field.name));
        };
        let read = coerce::read(&field.ty, text.trim(), strict)
            .map_err(|misfit| ParseFault::new(format!("`{}`: {misfit}", field.name)).field(&field.name))?;
        repairs.extend(read.mends.iter().map(|mend| format!("{}: {mend}", field.name)));
        values.push((field.name.clone(), read.value));
    }
    Ok(Parsed {
        values: values.into_iter().collect(),
        repairs,
    })
}
