//! The chat adapter: DSPy's `[[ ## field ## ]]` sections, byte for byte. Reading them is in `sections`.

use crate::chat::{Message, Mode, Role};
use crate::value::{Field, Record, Signature, Type, Value, dedent, python_lines, python_strip};

use super::{Adapter, ParseFault, Parsed, Prompt, fields, sections};

/// `configure(adapter: "chat")`, the default.
#[derive(Clone, Copy, Debug)]
pub struct Chat;

const INCOMPLETE: &str = "This is an example of the task, though some input or output fields are not supplied.";
const NOT_SUPPLIED: &str = "Not supplied for this particular example. ";

impl Adapter for Chat {
    fn name(&self) -> &'static str {
        "chat"
    }

    fn prefix(&self, signature: &Signature, demos: &[Value]) -> Vec<Message> {
        let mut messages = vec![Message::new(Role::System, system(signature))];
        let (incomplete, complete) = fields::demos_in_order(signature, demos);
        let incomplete = incomplete
            .into_iter()
            .map(|demo| (demo, Some(INCOMPLETE), Some(NOT_SUPPLIED)));
        for (demo, intro, missing) in incomplete.chain(complete.into_iter().map(|demo| (demo, None, None))) {
            let given = input_sections(signature, |field| fields::of_demo(demo, &field.name));
            let parts = intro.map(ToOwned::to_owned).into_iter().chain(given);
            messages.push(Message::new(Role::User, joined(parts)));
            let answer = answer(signature, |field| fields::of_demo(demo, &field.name), missing);
            messages.push(Message::new(Role::Assistant, answer));
        }
        messages
    }

    fn complete(&self, prefix: &[Message], signature: &Signature, inputs: &Record) -> Prompt {
        let mut messages = prefix.to_vec();
        let given = input_sections(signature, |field| fields::of_inputs(inputs, field));
        messages.push(Message::new(
            Role::User,
            joined(given.chain([format!("Respond with {}", reminder(signature))])),
        ));
        let question = (messages.len() - 1, 0);
        Prompt {
            messages,
            mode: Mode::Chat,
            stop: Vec::new(),
            question,
        }
    }

    fn parse(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
        sections::read(signature, reply, strict)
    }

    fn render(&self, signature: &Signature, outputs: &Record) -> String {
        answer(signature, |field| outputs.get(&field.name), None)
    }

    fn reask(&self, signature: &Signature, prompt: &Prompt, reply: &str, problem: &str) -> Prompt {
        let mut again = prompt.clone();
        // Some providers refuse an empty turn.
        let reply = if reply.trim().is_empty() { "(nothing)" } else { reply };
        again.messages.push(Message::new(Role::Assistant, reply));
        let request = format!(
            "That reply cannot be used:\n{problem}\n\nRespond again with {}",
            reminder(signature)
        );
        again.messages.push(Message::new(Role::User, request));
        again
    }
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    python_strip(&parts.into_iter().collect::<Vec<_>>().join("\n\n")).to_owned()
}

fn section(field: &Field, text: &str) -> String {
    format!("[[ ## {} ## ]]\n{text}", field.name)
}

/// The fields, how they are laid out, and the task.
fn system(signature: &Signature) -> String {
    let inputs = signature
        .inputs
        .iter()
        .map(|field| section(field, &format!("{{{}}}", field.name)));
    let structure = joined([
        "All interactions will be structured in the following way, with the appropriate values filled in.".to_owned(),
        joined(inputs),
        joined(signature.outputs.iter().map(placeholder)),
        "[[ ## completed ## ]]\n".to_owned(),
    ]);
    let instructions = dedent(&signature.instructions);
    let task: String = python_lines(&instructions)
        .iter()
        .map(|line| format!("\n        {line}"))
        .collect();
    format!(
        "Your input fields are:\n{}\nYour output fields are:\n{}\n{structure}\nIn adhering to this structure, your \
         objective is: {task}",
        fields::list(&signature.inputs),
        fields::list(&signature.outputs),
    )
}

fn placeholder(field: &Field) -> String {
    let note = fields::rule(&field.ty).map(|rule| format!("        # note: the value you produce {rule}"));
    section(field, &format!("{{{}}}{}", field.name, note.unwrap_or_default()))
}

/// The sections of the inputs that there are.
fn input_sections<'a>(
    signature: &'a Signature,
    value_of: impl Fn(&'a Field) -> Option<&'a Value>,
) -> impl Iterator<Item = String> {
    signature
        .inputs
        .iter()
        .filter_map(move |field| value_of(field).map(|value| section(field, &fields::value_text(&field.ty, value))))
}

/// An assistant's turn; an output that is not there is left out, or says so.
fn answer<'a>(
    signature: &'a Signature,
    value_of: impl Fn(&'a Field) -> Option<&'a Value>,
    missing: Option<&str>,
) -> String {
    let sections = signature.outputs.iter().filter_map(|field| {
        let text = value_of(field).map(|value| fields::value_text(&field.ty, value));
        text.or_else(|| missing.map(ToOwned::to_owned))
            .map(|text| section(field, &text))
    });
    let sections = joined(sections);
    let gap = if sections.is_empty() { "" } else { "\n\n" };
    format!("{sections}{gap}[[ ## completed ## ]]\n")
}

/// What the reply must look like, after "Respond with ".
fn reminder(signature: &Signature) -> String {
    let wanted: Vec<String> = signature
        .outputs
        .iter()
        .map(|field| match field.ty {
            Type::Str => format!("`[[ ## {} ## ]]`", field.name),
            ref ty => format!(
                "`[[ ## {} ## ]]` (must be formatted as a valid Python {})",
                field.name,
                fields::annotation(ty)
            ),
        })
        .collect();
    format!(
        "the corresponding output fields, starting with the field {}, and then ending with the marker for \
         `[[ ## completed ## ]]`.",
        wanted.join(", then ")
    )
}
