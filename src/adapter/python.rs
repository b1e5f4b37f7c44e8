//! Values as Python's `str` shows the objects that they are in DSPy: `name='Ada' age=3`, `[Person(name='Ada')]`.

use crate::value::{About, FieldType, Form, Record, RecordType, Type, Value, python_str};

use super::tools;

/// What `str(value)` writes of a field's value.
pub fn python_text(ty: &Type, value: &Value) -> String {
    if super::fields::is_vast(value) {
        return python_str(value);
    }
    let ty = ty.unfolded();
    match (member(&ty, value), value) {
        (Type::Text(Form::DateTime), Value::Str(text)) => {
            let text = text.as_str().replacen('T', " ", 1);
            text.strip_suffix('Z')
                .map(|plain| format!("{plain}+00:00"))
                .unwrap_or(text)
        }
        (Type::Text(Form::Code(_)), Value::Str(text)) => {
            format!("code={}", repr(&Type::Str, &Value::str(text.as_str())))
        }
        (Type::Record(record), _) if record.about == About::Tool => python_str(&tools::sentence(value)),
        (Type::Record(record), Value::Record(_) | Value::Dict(_)) if record.about == About::ToolCalls => {
            format!(
                "{} tool_call_results=None",
                tools::calls_shown(value, |args| repr(&Type::Any, args))
            )
        }
        (Type::Record(record), Value::Record(fields)) if record.name.is_some() => members(record, fields, " "),
        (ty @ Type::List(_), Value::List(_)) if ty.is_history() => format!("messages={}", python_str(value)),
        (_, Value::Str(text)) => text.to_string(),
        (ty, value) => repr(ty, value),
    }
}

/// What `repr(value)` writes.
fn repr(ty: &Type, value: &Value) -> String {
    let ty = ty.unfolded();
    match (member(&ty, value), value) {
        (Type::Text(Form::Code(language)), Value::Str(_)) => {
            format!("Code_{language}(code={})", repr(&Type::Str, value))
        }
        (Type::Text(Form::Date), Value::Str(text)) => {
            let numbers: Vec<&str> = text.split('-').map(|part| part.trim_start_matches('0')).collect();
            format!("datetime.date({})", numbers.join(", "))
        }
        (Type::Text(Form::DateTime), Value::Str(text)) => moment(text),
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

/// `2024-02-29T13:05:07+01:00` as Python writes the object.
fn moment(text: &str) -> String {
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone);
    let number = |part: &str| part.parse::<i64>().unwrap_or_default();
    let (clock, micros) = time.split_once('.').unwrap_or((time, "0"));
    let mut numbers: Vec<i64> = date.split('-').chain(clock.split(':')).map(number).collect();
    numbers.push(number(micros));
    // Seconds and their parts are left out where they are nothing.
    while numbers.len() > 5 && numbers.last() == Some(&0) {
        numbers.pop();
    }
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let zone = match zone.split_once(':') {
        None if zone.is_empty() => String::new(),
        None => ", tzinfo=datetime.timezone.utc".to_owned(),
        Some((hours, minutes)) => {
            let sign = if hours.starts_with('-') { -1 } else { 1 };
            let seconds = number(hours) * 3600 + sign * number(minutes) * 60;
            let days = if seconds < 0 { "days=-1, " } else { "" };
            let seconds = seconds.rem_euclid(86_400);
            format!(", tzinfo=datetime.timezone(datetime.timedelta({days}seconds={seconds}))")
        }
    };
    format!("datetime.datetime({}{zone})", numbers.join(", "))
}

/// The fields of an object, with what was left out at its default.
fn members(record: &RecordType, fields: &Record, between: &str) -> String {
    let shown = |field: &FieldType| format!("{}={}", field.name, repr(&field.ty, held(field, fields)));
    record.fields.iter().map(shown).collect::<Vec<_>>().join(between)
}

/// What an object has for a field of its type.
pub fn held<'a>(field: &'a FieldType, fields: &'a Record) -> &'a Value {
    let given = fields.get(&field.name).filter(|value| !matches!(value, Value::Absent));
    given.or(field.default.as_ref()).unwrap_or(&Value::None)
}

fn quoted(text: &str) -> String {
    let listed = python_str(&Value::list([Value::str(text)]));
    listed[1..listed.len() - 1].to_owned()
}

/// The member of a union that the value is one of.
pub fn member<'a>(ty: &'a Type, value: &Value) -> &'a Type {
    let Type::Union(members) = ty else { return ty };
    if let Value::Record(fields) = value {
        return of_fields(members, fields);
    }
    let fits = |ty: &&Type| match value {
        Value::List(_) => matches!(ty, Type::List(_)),
        Value::Dict(_) => matches!(ty, Type::Dict(_)),
        Value::Str(text) => match ty {
            Type::Text(form) if form.is_media() => form.has(text),
            Type::Text(_) => !members.contains(&Type::Str),
            _ => false,
        },
        _ => false,
    };
    members.iter().find(fits).unwrap_or(&Type::Any)
}

/// The record among the members that has all these fields, and the fewest beside them.
fn of_fields<'a>(members: &'a [Type], fields: &Record) -> &'a Type {
    let beside = |record: &RecordType| {
        let known = |name: &str| record.fields.iter().any(|field| field.name == name);
        let all = fields.iter().all(|(name, _)| known(name));
        all.then(|| {
            record
                .fields
                .iter()
                .filter(|field| fields.get(&field.name).is_none())
                .count()
        })
    };
    let records = members.iter().filter_map(|ty| match ty.unfolded().as_ref() {
        Type::Record(record) => Some((beside(record).unwrap_or(usize::MAX), ty)),
        _ => None,
    });
    records
        .min_by_key(|(beside, _)| *beside)
        .map_or(&Type::Any, |(_, ty)| ty)
}
