//! What every adapter says of a field: its type in Python's words, the rule for its value, the text of a value; and
//! which demos are whole.

use crate::value::{Field, Literal, Record, Signature, Type, Value, json, literal_members, prompt_schema, python_str};

/// A type as DSPy names it in prompts: `list[str]`, `Literal['a', 'b']`, `Union[str, NoneType]`.
pub fn annotation(ty: &Type) -> String {
    match ty {
        Type::None => "NoneType".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Float => "float".to_owned(),
        Type::Str => "str".to_owned(),
        Type::Literal(literal) => literal_annotation(&[literal]),
        Type::Union(members) => union_annotation(members),
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
        Type::Str => None,
        Type::Bool => Some("must be True or False".to_owned()),
        Type::Int => Some("must be a single int value".to_owned()),
        Type::Float => Some("must be a single float value".to_owned()),
        other => Some(format!("must adhere to the JSON schema: {}", prompt_schema(other))),
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

/// DSPy's mark for a field without a description is `${name}`.
fn names_itself(desc: &str, name: &str) -> bool {
    desc.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) == Some(name)
}

/// The text of a value in a prompt. A list in a text field becomes passages, other collections JSON, all else what
/// Python's `str` writes.
pub fn value_text(ty: &Type, value: &Value) -> String {
    match value {
        Value::List(items) if *ty == Type::Str => passages(items),
        Value::List(_) | Value::Dict(_) | Value::Record(_) => json(value, None),
        other => python_str(other),
    }
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
