//! A user's message while it is written: images, sounds and files in it are parts of their own, wherever they stand in a
//! value.

use crate::chat::{Attachment, Message, Part, Role};
use crate::value::{Form, Type, Value, is_python_space, json, json_quoted, python_strip};

use super::fields;
use super::python::member;

/// Text, and the places of parts in it.
#[derive(Default)]
pub struct Turn {
    text: String,
    attachments: Vec<Attachment>,
}

impl Turn {
    /// Begins a section: a blank line, and its head.
    pub fn section(&mut self, head: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(head);
    }

    pub fn ending(&mut self, text: &str) {
        if !text.is_empty() {
            self.section(text);
        }
    }

    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A value as prompts show it.
    pub fn value(&mut self, ty: &Type, value: &Value) {
        match (medium(ty, value), value) {
            (Some(part), _) => self.part(part),
            (None, Value::List(_) | Value::Dict(_) | Value::Record(_))
                if holds_media(ty) && !fields::is_vast(value) =>
            {
                self.data(ty, &fields::plain(ty, value));
            }
            _ => self.text.push_str(&fields::value_text(ty, value)),
        }
    }

    /// JSON, in which a part stands between the quotation marks of its text.
    fn data(&mut self, ty: &Type, value: &Value) {
        let ty = ty.unfolded();
        match (member(&ty, value), value) {
            (ty, Value::Str(_)) if let Some(part) = medium(ty, value) => {
                self.push("\"");
                self.part(part);
                self.push("\"");
            }
            (Type::List(item), Value::List(items)) => {
                self.all("[", items.iter().map(|value| (None, &**item, value)), "]");
            }
            (Type::Dict(of), Value::Dict(entries)) => {
                let entries = entries.iter().map(|(key, value)| (Some(key.as_str()), &**of, value));
                self.all("{", entries, "}");
            }
            (Type::Record(record), Value::Record(entries)) => {
                let entries = entries.iter().map(|(name, value)| {
                    let own = record.fields.iter().find(|field| field.name == *name);
                    let ty = own.map_or(&Type::Any, |field| &field.ty);
                    (Some(name.as_str()), ty, value)
                });
                self.all("{", entries, "}");
            }
            _ => self.push(&json(value, None)),
        }
    }

    fn all<'a>(
        &mut self,
        open: &str,
        entries: impl Iterator<Item = (Option<&'a str>, &'a Type, &'a Value)>,
        close: &str,
    ) {
        self.push(open);
        for (i, (key, ty, value)) in entries.enumerate() {
            self.push(if i > 0 { ", " } else { "" });
            if let Some(key) = key {
                self.push(&json_quoted(key));
                self.push(": ");
            }
            self.data(ty, value);
        }
        self.push(close);
    }

    pub fn into_parts(self) -> (String, Vec<Attachment>) {
        (self.text, self.attachments)
    }

    fn part(&mut self, part: Part) {
        let at = self.text.len();
        self.attachments.push(Attachment { at, part });
    }

    pub fn message(self) -> Message {
        let start = self.text.len() - self.text.trim_start_matches(is_python_space).len();
        let first = self.attachments.first().map_or(start, |first| first.at.min(start));
        let last = self.attachments.last().map_or(0, |last| last.at);
        let end = python_strip(&self.text[first..]).len() + first;
        let text = &self.text[first..end.max(last)];
        let mut message = Message::new(Role::User, text);
        let placed = self.attachments.into_iter().map(|attachment| Attachment {
            at: attachment.at - first,
            ..attachment
        });
        message.attachments = placed.collect();
        message
    }
}

/// Whether values of the type are, or hold, what is sent as parts of its own.
pub fn holds_media(ty: &Type) -> bool {
    fn within(ty: &Type) -> bool {
        match ty {
            Type::Text(form) => form.is_media(),
            Type::List(inner) | Type::Dict(inner) => within(inner),
            Type::Union(members) => members.iter().any(within),
            Type::Record(record) => record.fields.iter().any(|field| within(&field.ty)),
            // What a type has where it stands inside itself, it has without.
            _ => false,
        }
    }
    within(&ty.unfolded())
}

/// The part that a value itself is.
fn medium(ty: &Type, value: &Value) -> Option<Part> {
    match (member(ty, value), value) {
        (Type::Text(form), Value::Str(text)) if form.is_media() => Some(part(form, text.as_str())),
        _ => None,
    }
}

fn part(form: &Form, text: &str) -> Part {
    match form {
        Form::Audio => {
            let (head, data) = text.split_once("base64,").unwrap_or(("", text));
            let format = head.strip_prefix("data:audio/").unwrap_or("wav");
            let format = format.split(';').next().unwrap_or("wav").trim_start_matches("x-");
            Part::Audio {
                data: data.into(),
                format: format.into(),
            }
        }
        Form::File => Part::File(text.into()),
        _ => Part::Image(text.into()),
    }
}
