//! What every adapter says of a field: its type in Python's words, the rule for its value, the text of a value; and
//! which demos are whole.

use crate::value::{
    About, Field, FieldType, Form, Literal, Record, Signature, Type, Value, json, literal_members, prompt_schema,
    python_str,
};

pub use super::python::python_text;
use super::python::{held, member};
use super::tools;

/// A type as DSPy names it in prompts: `list[str]`, `Literal['a', 'b']`, `Union[str, NoneType]`.
pub fn annotation(ty: &Type) -> String {
    match ty {
        Type::None => "NoneType".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Float => "float".to_owned(),
        Type::Str => "str".to_owned(),
        Type::Text(form) => form.python_name(),
        Type::Literal(literal) => literal_annotation(&[literal]),
        Type::Union(members) => union_annotation(members),
        Type::List(_) if ty.is_history() => "History".to_owned(),
        Type::List(item) => format!("list[{}]", annotation(item)),
        Type::Dict(value) => format!("dict[str, {}]", annotation(value)),
        Type::Record(record) => record
            .name
            .as_ref()
            .map_or_else(|| "dict[str, Any]".to_owned(), ToString::to_string),
        Type::Any => "Any".to_owned(),
        other => other.to_string(),
    }
}

fn union_annotation(members: &[Type]) -> String {
    let choices: Vec<&Literal> = literal_members(members).collect();
    let mut names = Vec::new();
    for member in members {
        match member {
            Type::Literal(first) if choices.first() == Some(&first) => names.push(literal_annotation(&choices)),
            Type::Literal(_) => {}
            other => names.push(annotation(other)),
        }
    }
    match names.len() {
        1 => names.remove(0),
        _ => format!("Union[{}]", names.join(", ")),
    }
}

fn literal_annotation(choices: &[&Literal]) -> String {
    let names: Vec<String> = choices.iter().map(|literal| literal_name(literal)).collect();
    format!("Literal[{}]", names.join(", "))
}

fn literal_name(literal: &Literal) -> String {
    let Literal::Str(text) = literal else {
        return python_str(&literal.value());
    };
    match (text.contains('\''), text.contains('"')) {
        (true, false) => format!("\"{text}\""),
        (true, true) => format!("'{}'", text.replace("'", "\\'")),
        _ => format!("'{text}'"),
    }
}

/// The literals of a type that is nothing but literals.
pub fn choices(ty: &Type) -> Option<Vec<&Literal>> {
    let members = ty.members();
    let literals: Vec<&Literal> = literal_members(members).collect();
    (!literals.is_empty() && literals.len() == members.len()).then_some(literals)
}

/// What an output's value must be: `must be True or False`; nothing for text.
pub fn rule(ty: &Type) -> Option<String> {
    if let Some(choices) = choices(ty) {
        let choices: Vec<String> = choices.iter().map(|literal| python_str(&literal.value())).collect();
        return Some(format!(
            "must exactly match (no extra characters) one of: {}",
            choices.join("; ")
        ));
    }
    match ty {
        Type::Str | Type::Text(Form::Code(_)) => None,
        Type::Bool => Some("must be True or False".to_owned()),
        Type::Int => Some("must be a single int value".to_owned()),
        Type::Float => Some("must be a single float value".to_owned()),
        other => Some(format!("must adhere to the JSON schema: {}", prompt_schema(other))),
    }
}

/// An output's place in the layout, with the rule for its value: `{count}        # note: the value you produce …`.
pub fn placeholder(field: &Field) -> String {
    let note = rule(&field.ty).map(|rule| format!("        # note: the value you produce {rule}"));
    format!("{{{}}}{}", field.name, note.unwrap_or_default())
}

/// What reminders say of a type.
pub fn must_be(ty: &Type) -> String {
    match ty {
        Type::Str => String::new(),
        ty if *ty.about() == About::ToolCalls => {
            r#" (must be a JSON object like {"tool_calls": [{"name": "...", "args": {...}}]})"#.to_owned()
        }
        ty => format!(" (must be formatted as a valid Python {})", annotation(ty)),
    }
}

/// The numbered list of a signature's fields, with a field's constraints on a line of their own.
pub fn list(fields: &[Field]) -> String {
    let lines: Vec<String> = fields
        .iter()
        .enumerate()
        .map(|(i, field)| list_entry(i + 1, field))
        .collect();
    crate::value::python_strip(&lines.join("\n")).to_owned()
}

fn list_entry(number: usize, field: &Field) -> String {
    let desc = field
        .desc
        .as_deref()
        .filter(|desc| !names_itself(desc, &field.name))
        .unwrap_or("");
    let mut line = format!("{number}. `{}` ({}): {desc}", field.name, annotation(&field.ty));
    describe(&field.ty, &mut line);
    let advice: Vec<&str> = field
        .constraints
        .iter()
        .map(|c| c.advice.as_str())
        .filter(|advice| !advice.is_empty())
        .collect();
    if !advice.is_empty() {
        line.push_str("\nConstraints: ");
        line.push_str(&advice.join(", "));
    }
    line
}

/// What DSPy says of its own types, wherever they stand in a type.
fn describe(ty: &Type, line: &mut String) {
    match ty {
        Type::Text(Form::Code(language)) => line.push_str(&format!(
            "\n    Type description of Code_{language}: Code represented in a string, specified in the `code` field. If this \
             is an output field, the code field should follow the markdown code block format, e.g. \
             \n```{}\n{{code}}\n```\nProgramming language: {language}",
            language.to_lowercase()
        )),
        Type::Record(record) if record.about == About::ToolCalls => line.push_str(
            "\n    Type description of ToolCalls: Tool calls must be a JSON object with `tool_calls`, a list of calls. Each \
             call must include `name` and `args`. Example: {\"tool_calls\": [{\"name\": \"search\", \"args\": {\"query\": \
             \"cats\"}}]}",
        ),
        Type::List(inner) | Type::Dict(inner) => describe(inner, line),
        Type::Union(members) => members.iter().for_each(|member| describe(member, line)),
        _ => {}
    }
}

/// DSPy's mark for a field without a description is `${name}`.
fn names_itself(desc: &str, name: &str) -> bool {
    desc.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) == Some(name)
}

/// The text of a value in a prompt. A list in a text field becomes passages, other collections JSON, all else what
/// Python's `str` writes.
pub fn value_text(ty: &Type, value: &Value) -> String {
    match value {
        Value::List(items) if *ty == Type::Str => passages(items),
        Value::List(_) | Value::Dict(_) | Value::Record(_) => match plain(ty, value) {
            Value::Str(text) => text.to_string(),
            data => json(&data, None),
        },
        other => python_str(other),
    }
}

/// A value as the data that prompts show: a tool is a sentence, a history an object, and an object of a named type has
/// all of its fields, in their order.
pub fn plain(ty: &Type, value: &Value) -> Value {
    match value {
        Value::List(_) | Value::Dict(_) | Value::Record(_) if !is_vast(value) => whole(ty, value),
        other => other.clone(),
    }
}

fn whole(ty: &Type, value: &Value) -> Value {
    let ty = ty.unfolded();
    match (member(&ty, value), value) {
        (Type::Record(record), _) if record.about == About::Tool => tools::sentence(value),
        (ty, Value::List(_)) if ty.is_history() => Value::dict([("messages", value.clone())]),
        (Type::List(item), Value::List(items)) => Value::list(items.iter().map(|value| whole(item, value))),
        (Type::Dict(of), Value::Dict(entries)) => {
            Value::dict(entries.iter().map(|(key, value)| (key.clone(), whole(of, value))))
        }
        (Type::Record(record), Value::Record(fields))
            if record.name.is_some() && matches!(record.about, About::Nothing | About::Doc(_)) =>
        {
            let field = |field: &FieldType| (field.name.clone(), whole(&field.ty, held(field, fields)));
            Value::record(record.fields.iter().map(field))
        }
        _ => value.clone(),
    }
}

/// Whether a value is too deep, or holds too much, to be gone through by functions that call themselves.
pub fn is_vast(value: &Value) -> bool {
    const DEEP: usize = 200;
    const MUCH: usize = 1_000_000;
    let mut rest = vec![(value, 0)];
    let mut seen = 0;
    while let Some((value, depth)) = rest.pop() {
        seen += 1;
        if depth > DEEP || seen > MUCH {
            return true;
        }
        match value {
            Value::List(items) => rest.extend(items.iter().map(|part| (part, depth + 1))),
            Value::Dict(entries) => rest.extend(entries.iter().map(|(_, part)| (part, depth + 1))),
            Value::Record(fields) => rest.extend(fields.iter().map(|(_, part)| (part, depth + 1))),
            _ => {}
        }
    }
    false
}

fn passages(items: &[Value]) -> String {
    match items {
        [] => "N/A".to_owned(),
        [one] => passage(one),
        many => {
            let lines: Vec<String> = many
                .iter()
                .enumerate()
                .map(|(i, item)| format!("[{}] {}", i + 1, passage(item)))
                .collect();
            lines.join("\n")
        }
    }
}

fn passage(item: &Value) -> String {
    let text = python_str(item);
    match text.contains(['\n', '«', '»']) {
        false => format!("«{text}»"),
        true => format!("«««\n    {}\n»»»", text.replace('\n', "\n    ")),
    }
}

/// Where the values of a turn stand.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    Demo(&'a Value),
    /// What was said before.
    Turn(&'a Value),
    /// A call's own; what is left out has its default.
    Inputs(&'a Record),
}

impl<'a> Row<'a> {
    pub fn get(self, field: &'a Field) -> Option<&'a Value> {
        match self {
            Row::Demo(row) | Row::Turn(row) => of_demo(row, &field.name),
            Row::Inputs(record) => of_inputs(record, field),
        }
    }
}

/// A field of a demo, which is a record or a dict.
pub fn of_demo<'a>(demo: &'a Value, name: &str) -> Option<&'a Value> {
    let found = match demo {
        Value::Record(record) => record.get(name),
        Value::Dict(dict) => dict.get(name),
        _ => None,
    };
    found.filter(|value| !matches!(value, Value::Absent))
}

/// A call's input, or its default.
pub fn of_inputs<'a>(inputs: &'a Record, field: &'a Field) -> Option<&'a Value> {
    inputs
        .get(&field.name)
        .filter(|value| !matches!(value, Value::Absent))
        .or(field.default.as_ref())
}

/// The demos to show, as DSPy orders them: first those that lack a field, then the whole ones. Those without any
/// input or without any output are dropped.
pub fn demos_in_order<'a>(signature: &Signature, demos: &'a [Value]) -> (Vec<&'a Value>, Vec<&'a Value>) {
    let given = |demo: &Value, field: &Field| of_demo(demo, &field.name).is_some();
    let whole = |demo: &Value| {
        signature
            .fields()
            .all(|field| of_demo(demo, &field.name).is_some_and(|value| !value.is_none()))
    };
    let (complete, rest): (Vec<&Value>, Vec<&Value>) = demos.iter().partition(|demo| whole(demo));
    let usable = |demo: &&Value| {
        signature.inputs.iter().any(|field| given(demo, field))
            && signature.outputs.iter().any(|field| given(demo, field))
    };
    (rest.into_iter().filter(usable).collect(), complete)
}
