//! Values as Python's `str` shows the objects that they are in DSPy: `name='Ada' age=3`, `[Person(name='Ada')]`.

use crate::value::{About, Form, Record, RecordType, Type, Value, python_str};

use super::tools;

/// What `str(value)` writes of a field's value.
pub fn python_text(ty: &Type, value: &Value) -> String {
    let ty = ty.unfolded();
    match (of_value(&ty, value), value) {
        (Type::Text(Form::DateTime), Value::Str(text)) => text.as_str().replacen('T', " ", 1),
        (Type::Text(Form::Code(_)), Value::Str(text)) => {
            format!("code={}", repr(&Type::Str, &Value::str(text.as_str())))
        }
        (Type::Record(record), _) if record.about == About::Tool => python_str(&tools::sentence(value)),
        (Type::Record(record), Value::Record(fields)) if record.name.is_some() => members(record, fields, " "),
        (ty @ Type::List(_), Value::List(_)) if ty.is_history() => format!("messages={}", python_str(value)),
        (_, Value::Str(text)) => text.to_string(),
        (ty, value) => repr(ty, value),
    }
}

/// What `repr(value)` writes.
fn repr(ty: &Type, value: &Value) -> String {
    let ty = ty.unfolded();
    match (of_value(&ty, value), value) {
        (Type::Text(Form::Code(language)), Value::Str(_)) => {
            format!("Code_{language}(code={})", repr(&Type::Str, value))
        }
        (Type::Text(Form::Date), Value::Str(text)) => {
            let numbers: Vec<&str> = text.split('-').map(|part| part.trim_start_matches('0')).collect();
            format!("datetime.date({})", numbers.join(", "))
        }
        (Type::Record(record), _) if record.about == About::Tool => tools::shown(value),
        (Type::Record(record), Value::Record(fields)) => match &record.name {
            Some(name) => format!("{name}({})", members(record, fields, ", ")),
            None => {
                let entries = fields.iter().map(|(name, value)| {
                    let ty = record
                        .fields
                        .iter()
                        .find(|field| field.name == *name)
                        .map(|field| &field.ty);
                    format!("{}: {}", quoted(name), repr(ty.unwrap_or(&Type::Any), value))
                });
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        },
        (Type::List(item), Value::List(items)) => {
            let items: Vec<String> = items.iter().map(|value| repr(item, value)).collect();
            format!("[{}]", items.join(", "))
        }
        (Type::Dict(of), Value::Dict(entries)) => {
            let entries = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", quoted(key), repr(of, value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        (_, Value::Str(text)) => quoted(text),
        (_, value) => python_str(value),
    }
}

/// The fields of an object, with what was left out at its default.
fn members(record: &RecordType, fields: &Record, between: &str) -> String {
    let shown = record.fields.iter().map(|field| {
        let value = fields
            .get(&field.name)
            .or(field.default.as_ref())
            .unwrap_or(&Value::None);
        format!("{}={}", field.name, repr(&field.ty, value))
    });
    shown.collect::<Vec<_>>().join(between)
}

fn quoted(text: &str) -> String {
    let listed = python_str(&Value::list([Value::str(text)]));
    listed[1..listed.len() - 1].to_owned()
}

/// The member of a union that the value is one of.
fn of_value<'a>(ty: &'a Type, value: &Value) -> &'a Type {
    let Type::Union(members) = ty else { return ty };
    let fits = |ty: &&Type| match value {
        Value::Record(_) => matches!(ty, Type::Record(_)),
        Value::List(_) => matches!(ty, Type::List(_)),
        Value::Dict(_) => matches!(ty, Type::Dict(_)),
        Value::Str(_) => matches!(ty, Type::Text(_)) && !members.contains(&Type::Str),
        _ => false,
    };
    members.iter().find(fits).unwrap_or(&Type::Any)
}
