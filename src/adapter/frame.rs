//! What the adapters of DSPy's family share: a system message of fields, layout and task, a pair of turns for each demo
//! and each turn of a history, and at the end the inputs and a reminder. What differs is a `Layout`; each layout is an
//! adapter.

use std::fmt;

use crate::chat::{Message, Messages, Mode, Role, Shape, Slot, ToolTurn};
use crate::value::{EcoString, Field, Record, Signature, Value, dedent, python_lines, python_str};

use super::fields::{self, Row};
use super::form;
use super::turn::Turn;
use super::{Adapter, ParseFault, Parsed, Prompt, Splitter, Template, thoughts, tools};

const INCOMPLETE: &str = "This is an example of the task, though some input or output fields are not supplied.";
const NOT_SUPPLIED: &str = "Not supplied for this particular example. ";

/// How fields look in an adapter's messages.
pub trait Layout: fmt::Debug + Send + Sync {
    fn name(&self) -> &'static str;

    /// What inputs and outputs look like, for the system message.
    fn structure(&self, signature: &Signature) -> String;

    /// Writes an input.
    fn input(&self, turn: &mut Turn, field: &Field, value: &Value);

    /// An assistant's turn; an output that is not there says `missing`, or is left out.
    fn answer(&self, signature: &Signature, row: Row<'_>, missing: Option<&str>) -> String;

    /// What the reply must look like.
    fn reminder(&self, signature: &Signature) -> Option<String>;

    fn read(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault>;

    fn system(&self, signature: &Signature) -> String {
        let instructions = dedent(&signature.instructions);
        let task: String = python_lines(&instructions)
            .iter()
            .map(|line| format!("\n        {line}"))
            .collect();
        format!(
            "Your input fields are:\n{}\nYour output fields are:\n{}\n{}\nIn adhering to this structure, your objective \
             is: {task}",
            fields::list(&signature.inputs),
            fields::list(&signature.outputs),
            self.structure(signature),
        )
    }

    /// Finds the outputs in a reply while it comes.
    fn splitter(&self, signature: &Signature) -> Box<dyn Splitter>;

    /// What a server can hold the reply to.
    fn shape(&self, _signature: &Signature) -> Option<Shape> {
        None
    }

    /// Whether the outputs' values stand in a reply as they are, between marks.
    fn has_gaps(&self, _signature: &Signature) -> bool {
        true
    }

    /// Whether the turns of a history become turns of the chat.
    fn unfolds_history(&self) -> bool {
        true
    }
}

impl<L: Layout> Adapter for L {
    fn name(&self) -> &'static str {
        Layout::name(self)
    }

    fn template(&self, signature: &Signature, demos: &[Value]) -> Template {
        let mut messages = Messages::from([Message::new(Role::System, self.system(signature))]);
        let (incomplete, complete) = fields::demos_in_order(signature, demos);
        let incomplete = incomplete
            .into_iter()
            .map(|demo| (demo, Some(INCOMPLETE), Some(NOT_SUPPLIED)));
        for (demo, intro, missing) in incomplete.chain(complete.into_iter().map(|demo| (demo, None, None))) {
            let mut turn = Turn::default();
            turn.push(intro.unwrap_or_default());
            inputs(self, &mut turn, signature, Row::Demo(demo));
            messages.push(turn.message());
            let answer = self.answer(signature, Row::Demo(demo), missing);
            messages.push(Message::new(Role::Assistant, answer));
        }
        let reminder = self.reminder(signature);
        Template {
            messages,
            ending: reminder.map_or_else(EcoString::new, |text| format!("Respond with {text}").into()),
            shape: self.shape(signature),
        }
    }

    fn complete(&self, template: &Template, signature: &Signature, given: &Record) -> Prompt {
        let mut messages = Messages::with_capacity(template.messages.len() + 1);
        messages.extend_from_slice(&template.messages);
        if self.unfolds_history() {
            messages.extend(history(self, &template.ending, signature, given));
        }
        let mut turn = Turn::default();
        inputs(self, &mut turn, signature, Row::Inputs(given));
        turn.ending(&template.ending);
        messages.push(turn.message());
        let question = (messages.len() - 1, 0);
        Prompt {
            messages,
            mode: Mode::Chat,
            stop: Vec::new(),
            shape: template.shape.clone(),
            question,
        }
    }

    fn splitter(&self, signature: &Signature) -> Box<dyn Splitter> {
        Box::new(thoughts::Behind::new(Layout::splitter(self, signature)))
    }

    fn parse(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
        thoughts::read(signature, reply, strict, |said, strict| {
            self.read(signature, said, strict)
        })
    }

    fn render(&self, signature: &Signature, outputs: &Record) -> String {
        self.answer(signature, Row::Inputs(outputs), None)
    }

    fn form(&self, signature: &Signature) -> Vec<Slot> {
        match self.has_gaps(signature) {
            true => form::of(self, signature),
            false => Vec::new(),
        }
    }

    fn reask(&self, signature: &Signature, prompt: &Prompt, reply: &str, problem: &str) -> Prompt {
        let mut again = prompt.clone();
        // Some providers refuse an empty turn.
        let reply = if reply.trim().is_empty() { "(nothing)" } else { reply };
        again.messages.push(Message::new(Role::Assistant, reply));
        let reminder = self.reminder(signature).unwrap_or_default();
        let request = format!("That reply cannot be used:\n{problem}\n\nRespond again with {reminder}");
        again.messages.push(Message::new(Role::User, request));
        again
    }
}

/// The inputs that there are. A history that becomes turns is none of them.
fn inputs<L: Layout>(layout: &L, turn: &mut Turn, signature: &Signature, row: Row<'_>) {
    for field in &signature.inputs {
        let unfolded = field.ty.is_history() && layout.unfolds_history() && !matches!(row, Row::Demo(_));
        if let Some(value) = row.get(field).filter(|_| !unfolded) {
            layout.input(turn, field, value);
        }
    }
}

/// The turns of the histories among the inputs: inputs with a reminder, then the outputs.
fn history<L: Layout>(layout: &L, ending: &str, signature: &Signature, given: &Record) -> Vec<Message> {
    let histories = signature.inputs.iter().filter(|field| field.ty.is_history());
    let turns = histories.filter_map(|field| match fields::of_inputs(given, field) {
        Some(Value::List(turns)) => Some(turns),
        _ => None,
    });
    let mut messages = Vec::new();
    for (number, said) in turns.flatten().enumerate() {
        let row = Row::Turn(said);
        if signature.inputs.iter().any(|field| row.get(field).is_some()) {
            let mut turn = Turn::default();
            inputs(layout, &mut turn, signature, row);
            turn.ending(ending);
            messages.push(turn.message());
        }
        let none = python_str(&Value::None);
        let answer = layout.answer(signature, row, Some(&none));
        let mut answer = Message::new(Role::Assistant, answer);
        let Some(used) = tools::used(signature, said, number) else {
            // Calls that nothing came of are said to no server.
            match tools::beside_calls(signature, said) {
                Some(rest) if rest.outputs.is_empty() => {}
                Some(rest) => messages.push(Message::new(Role::Assistant, layout.answer(&rest, row, None))),
                None => messages.push(answer),
            }
            continue;
        };
        let text = match used.rest.outputs.is_empty() {
            false => layout.answer(&used.rest, row, None).into(),
            true => EcoString::new(),
        };
        let calls = used.calls;
        answer.tools = Some(Box::new(ToolTurn::Calls { text, calls }));
        let mut turn = Turn::default();
        layout.input(&mut turn, &used.field, &used.shown);
        let mut results = turn.message();
        results.tools = Some(Box::new(ToolTurn::Results(used.results)));
        messages.extend([answer, results]);
    }
    messages
}
