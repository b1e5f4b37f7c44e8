//! The compact adapter, for small models: the instructions, then demos and inputs as `Prefix: value` lines, ending in
//! the first output's prefix for the model to go on with.

use crate::chat::{Attachment, Message, Mode, Role, Slot};
use crate::value::{EcoString, Field, Form, Record, Signature, Type, Value, json_quoted};

use super::outputs::Found;
use super::turn::{Turn, holds_media};
use super::{Adapter, ParseFault, Parsed, Prompt, Splitter, Template, fields, form, split, thoughts, tools};

/// `configure(adapter: "compact")`
#[derive(Clone, Copy, Debug)]
pub struct Compact;

/// A blank line ends the reply: the next demo would begin there.
const END: &str = "\n\n";

impl Adapter for Compact {
    fn name(&self) -> &'static str {
        "compact"
    }

    fn template(&self, signature: &Signature, demos: &[Value]) -> Template {
        let mut page = Page::default();
        page.text.push_str(signature.instructions.trim());
        let (incomplete, complete) = fields::demos_in_order(signature, demos);
        for demo in incomplete.into_iter().chain(complete) {
            page.block(signature, demo);
        }
        page.begin_block();
        Template {
            messages: [page.message()].into(),
            ending: signature.outputs.first().map(Field::prefix).unwrap_or_default(),
            shape: None,
        }
    }

    /// What was said before are blocks like demos.
    fn complete(&self, template: &Template, signature: &Signature, inputs: &Record) -> Prompt {
        let mut page = Page::default();
        for message in &template.messages {
            page.append(&message.content, message.attachments.clone());
        }
        let given = signature
            .inputs
            .iter()
            .filter_map(|field| Some((field, fields::of_inputs(inputs, field)?)));
        let (histories, given): (Vec<_>, Vec<_>) = given.partition(|(field, _)| field.ty.is_history());
        for (_, history) in histories {
            let Value::List(turns) = history else { continue };
            turns.iter().enumerate().for_each(|(number, turn)| {
                page.lines(signature, turn);
                page.tools(signature, turn, number);
                page.begin_block();
            });
        }
        let start = page.text.len();
        for (field, value) in given {
            page.line(field, value);
            page.text.push('\n');
        }
        page.text.push_str(&template.ending);
        Prompt {
            messages: [page.message()].into(),
            mode: Mode::Completion,
            stop: vec![END.to_owned()],
            shape: None,
            question: (0, start),
        }
    }

    fn parse(&self, signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
        thoughts::read(signature, reply, strict, |said, strict| read(signature, said, strict))
    }

    fn splitter(&self, signature: &Signature) -> Box<dyn Splitter> {
        Box::new(thoughts::Behind::new(split::prefixes(signature)))
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
            let prefix = if i == 0 { EcoString::new() } else { field.prefix() };
            text.push_str(&format!("{prefix} {}", on_a_line(field, value)));
        }
        text
    }

    fn form(&self, signature: &Signature) -> Vec<Slot> {
        form::of(self, signature)
    }

    /// The text goes on: the reply, what is wrong with it, and the first output's prefix once more.
    fn reask(&self, signature: &Signature, prompt: &Prompt, reply: &str, problem: &str) -> Prompt {
        let mut again = prompt.clone();
        let first = signature.outputs.first().map(Field::prefix).unwrap_or_default();
        if let Some(message) = again.messages.make_mut().last_mut() {
            let reply = reply.split(END).next().unwrap_or("").trim();
            message
                .content
                .push_str(&format!(" {}\n({})\n{first}", folded(reply), folded(problem)));
        }
        again
    }
}

/// A text with the images and files that stand in it.
#[derive(Default)]
struct Page {
    text: String,
    attachments: Vec<Attachment>,
}

impl Page {
    fn begin_block(&mut self) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
    }

    /// A demo.
    fn block(&mut self, signature: &Signature, row: &Value) {
        self.begin_block();
        self.lines(signature, row);
    }

    /// The fields that a row has, a line each.
    fn lines(&mut self, signature: &Signature, row: &Value) {
        let start = self.text.len();
        for field in signature.fields().filter(|field| !field.ty.is_history()) {
            if let Some(value) = fields::of_demo(row, &field.name).filter(|value| !value.is_none()) {
                if self.text.len() > start {
                    self.text.push('\n');
                }
                self.line(field, value);
            }
        }
    }

    /// What came of the tools that a turn used, and which they were where no line of its own says so.
    fn tools(&mut self, signature: &Signature, turn: &Value, number: usize) {
        let Some(used) = tools::used(signature, turn, number) else {
            return;
        };
        if tools::without_calls(signature).is_none() {
            self.text.push('\n');
            self.line(&Field::new(tools::CALLS, Type::Any), &tools::calls(&used.calls));
        }
        self.text.push('\n');
        self.line(&used.field, &used.shown);
    }

    fn line(&mut self, field: &Field, value: &Value) {
        self.text.extend([&*field.prefix(), " "]);
        let mut turn = Turn::default();
        if holds_media(&field.ty) {
            turn.value(&field.ty, value);
        }
        // Around parts there is nothing but JSON, which has no line ends.
        match turn.into_parts() {
            (_, parts) if parts.is_empty() => self.text.push_str(&on_a_line(field, value)),
            (text, parts) => self.append(&text, parts),
        }
    }

    fn append(&mut self, text: &str, attachments: Vec<Attachment>) {
        let before = self.text.len();
        let placed = attachments.into_iter().map(|attachment| Attachment {
            at: before + attachment.at,
            ..attachment
        });
        self.attachments.extend(placed);
        self.text.push_str(text);
    }

    fn message(self) -> Message {
        let mut message = Message::new(Role::User, self.text);
        message.attachments = self.attachments;
        message
    }
}

/// A value on one line. Line ends of code mean something: it is quoted.
fn on_a_line(field: &Field, value: &Value) -> String {
    match (field.ty.without_none(), value) {
        (Type::Text(Form::Code(_)), Value::Str(code)) if code.contains(['\n', '\r']) => json_quoted(code),
        _ => folded(&fields::value_text(&field.ty, value)),
    }
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

/// The first output is the rest of the prompt's last line; the others follow, a line each. A line without a prefix
/// goes on with the output before it; an input's prefix begins the next example, which is none of the reply.
fn read(signature: &Signature, reply: &str, strict: bool) -> Result<Parsed, ParseFault> {
    let mut texts: Vec<Option<String>> = vec![None; signature.outputs.len()];
    let mut current = 0;
    let mut respelled = Vec::new();
    for line in body(reply).lines() {
        if texts.first().is_some_and(Option::is_some)
            && signature.inputs.iter().any(|field| exact(line, field).is_some())
        {
            break;
        }
        let named = signature
            .outputs
            .iter()
            .enumerate()
            .find_map(|(i, field)| Some((i, field, prefixed(line, field)?)));
        let (at, rest) = match named {
            Some((at, field, rest)) if texts[at].is_none() => {
                if exact(line, field).is_none() {
                    respelled.push(field.name.clone());
                }
                (at, rest)
            }
            _ if texts.first().is_some_and(Option::is_none) => (0, line),
            _ => (current, line),
        };
        current = at;
        let Some(text) = texts.get_mut(at) else { break };
        let text = text.get_or_insert_default();
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(rest.trim());
    }
    let mut found = Found::new(signature);
    for (i, text) in texts.into_iter().enumerate() {
        text.into_iter().for_each(|text| found.add(i, text.trim().to_owned()));
    }
    respelled.iter().for_each(|name| found.mend(name, "label"));
    found.read(signature, strict, |field| format!("line `{}`", field.prefix()))
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

/// What follows the field's prefix.
pub fn exact<'a>(line: &'a str, field: &Field) -> Option<&'a str> {
    line.trim_start().strip_prefix(field.prefix().as_str())
}

/// The same in any case, with marks around it: `**Answer:** Paris`.
pub fn prefixed<'a>(line: &'a str, field: &Field) -> Option<&'a str> {
    let bare = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '#' | '-' | '`'));
    let prefix = field.prefix();
    let head = bare.get(..prefix.len())?;
    let same = head.to_lowercase() == prefix.to_lowercase();
    same.then(|| exact(line, field).unwrap_or_else(|| bare[prefix.len()..].trim_start_matches(['*', '_', '`'])))
}
