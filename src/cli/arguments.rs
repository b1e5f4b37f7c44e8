//! Texts of the command line as values of declared types: `main`'s arguments, a program's inputs.

use super::usage::Usage;
use crate::session::Parameter;
use crate::value::{About, EcoString, Type, Value};

/// Values for the parameters that were given, by name. What may be left out and was is not there.
pub fn convert(parameters: &[Parameter], given: &[(String, Option<String>)]) -> Result<Vec<(EcoString, Value)>, Usage> {
    let mut values = Vec::new();
    for parameter in parameters {
        let texts: Vec<Option<&str>> = given
            .iter()
            .filter(|(name, _)| *name == parameter.name)
            .map(|(_, text)| text.as_deref())
            .collect();
        if texts.is_empty() {
            if parameter.required {
                return Err(missing(parameter));
            }
            continue;
        }
        values.push((parameter.name.clone(), value(parameter, &texts)?));
    }
    Ok(values)
}

fn missing(parameter: &Parameter) -> Usage {
    let name = option_name(&parameter.name);
    Usage::new(format!("the argument `{name}` is missing")).help(format!("add `{name} {}`", placeholder(parameter)))
}

/// `max_items` → `--max-items`
fn option_name(name: &str) -> String {
    format!("--{}", name.replace('_', "-"))
}

/// What `--help` behind a script or a program says; `usage` is the command line up to there.
pub fn help(usage: &str, description: Option<&str>, parameters: &[Parameter]) -> String {
    let mut text = description.map(|text| format!("{text}\n\n")).unwrap_or_default();
    text += &format!("Usage: {usage} [--name value …]\n");
    if !parameters.is_empty() {
        text += "\nArguments:\n";
    }
    let row = |parameter: &Parameter| {
        let left = format!("{} {}", option_name(&parameter.name), placeholder(parameter));
        (left, remarks(parameter))
    };
    let rows: Vec<(String, String)> = parameters.iter().map(row).collect();
    let width = rows.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
    for (left, right) in &rows {
        text += format!("  {left:<width$}  {right}").trim_end();
        text.push('\n');
    }
    text
}

/// `how many words; may be left out: 3`
fn remarks(parameter: &Parameter) -> String {
    let optional = match &parameter.default {
        _ if parameter.required => None,
        Some(default) => Some(format!("may be left out: {default}")),
        None => Some("may be left out".to_owned()),
    };
    let description = parameter.description.as_deref().filter(|text| !text.is_empty());
    let remarks = description.map(str::to_owned).into_iter().chain(optional);
    remarks.collect::<Vec<_>>().join("; ")
}

/// `INT`, `"low" | "high"`
fn placeholder(parameter: &Parameter) -> String {
    match &parameter.ty {
        Type::Any | Type::Str => "TEXT".to_owned(),
        ty => format!("<{ty}>"),
    }
}

fn value(parameter: &Parameter, texts: &[Option<&str>]) -> Result<Value, Usage> {
    let ty = parameter.ty.without_none();
    match (&ty, texts) {
        (Type::List(item), _) if **item == Type::Str && !texts.iter().flatten().any(|text| text.starts_with('[')) => {
            let items = texts
                .iter()
                .map(|text| text.map(Value::str).ok_or_else(|| no_value(parameter)));
            Ok(Value::list(items.collect::<Result<Vec<_>, _>>()?))
        }
        (Type::Bool, [None]) => Ok(Value::Bool(true)),
        (_, [None]) => Err(no_value(parameter)),
        (ty, [Some(text)]) => one(ty, text).ok_or_else(|| unfit(parameter, text)),
        _ => Err(Usage::new(format!(
            "the argument `{}` is given {} times",
            option_name(&parameter.name),
            texts.len()
        ))),
    }
}

fn no_value(parameter: &Parameter) -> Usage {
    let name = option_name(&parameter.name);
    Usage::new(format!("the argument `{name}` has no value")).help(format!("write `{name} {}`", placeholder(parameter)))
}

fn unfit(parameter: &Parameter, text: &str) -> Usage {
    let name = option_name(&parameter.name);
    let usage = Usage::new(format!("`{name} {text}` is not of the type `{}`", parameter.ty));
    match &parameter.ty.without_none() {
        Type::Str | Type::Text(_) | Type::Int | Type::Float | Type::Bool | Type::Literal(_) | Type::Union(_) => usage,
        _ => usage.help("values of this type are written as JSON"),
    }
}

/// A text as a value of a type: a text, a number and a `bool` as they are, everything else as JSON; where nothing is known
/// of the type, what is no JSON is a text.
fn one(ty: &Type, text: &str) -> Option<Value> {
    for member in ty.members() {
        let value = match member {
            Type::Int => text.parse().ok().map(Value::Int),
            Type::Float => text.parse::<f64>().ok().filter(|x| x.is_finite()).map(Value::Float),
            Type::Bool => text.parse().ok().map(Value::Bool),
            Type::Literal(literal) => {
                let shown = literal.value();
                (shown.as_str().map_or_else(|| literal.to_string(), ToString::to_string) == text).then_some(shown)
            }
            Type::Str => Some(Value::str(text)),
            Type::Any => match serde_json::from_str(text) {
                Ok(json) => Some(Value::from_json(&json)),
                Err(_) => Some(Value::str(text)),
            },
            Type::Text(form) => form.canonical(text).map(Value::Str),
            _ => serde_json::from_str(text)
                .ok()
                .and_then(|json| from_json(member, &json)),
        };
        if value.is_some() {
            return value;
        }
    }
    None
}

/// JSON data as a value of a type, if it fits.
pub fn from_json(ty: &Type, json: &serde_json::Value) -> Option<Value> {
    use serde_json::Value as Json;
    match (ty, json) {
        (Type::Any, json) => Some(Value::from_json(json)),
        (Type::None, Json::Null) => Some(Value::None),
        (Type::Bool, Json::Bool(b)) => Some(Value::Bool(*b)),
        (Type::Int, Json::Number(n)) => n.as_i64().map(Value::Int),
        (Type::Float, Json::Number(n)) => n.as_f64().map(Value::Float),
        (Type::Str, Json::String(s)) => Some(Value::str(s.as_str())),
        (Type::Text(form), Json::String(s)) => form.canonical(s).map(Value::Str),
        (Type::Literal(literal), json) => {
            let value = Value::from_json(json);
            literal.matches(&value).then_some(value)
        }
        (Type::Again(again), json) => from_json(&again.definition()?, json),
        (Type::Union(members), json) => members.iter().find_map(|member| from_json(member, json)),
        (Type::List(item), Json::Array(items)) => {
            let items: Option<Vec<Value>> = items.iter().map(|json| from_json(item, json)).collect();
            items.map(Value::list)
        }
        (Type::Dict(of), Json::Object(entries)) => {
            let entries: Option<Vec<(EcoString, Value)>> = entries
                .iter()
                .map(|(key, json)| Some((key.as_str().into(), from_json(of, json)?)))
                .collect();
            entries.map(Value::dict)
        }
        // A turn of a history has the fields of some signature.
        (ty, Json::Object(_)) if *ty.about() == About::Turn => Some(Value::records_from_json(json)),
        (Type::Record(record), Json::Object(entries)) => {
            let mut fields = Vec::new();
            for field in &record.fields {
                match entries.get(field.name.as_str()) {
                    Some(json) => fields.push((field.name.clone(), from_json(&field.ty, json)?)),
                    None if field.optional => {}
                    None if field.ty.allows_none() => fields.push((field.name.clone(), Value::None)),
                    None => return None,
                }
            }
            let declared = |name: &str| record.fields.iter().any(|field| field.name == name);
            let more = entries.iter().filter(|(name, _)| !declared(name));
            fields.extend(more.map(|(name, json)| (name.as_str().into(), Value::from_json(json))));
            Some(Value::record(fields))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(ty: Type) -> Parameter {
        Parameter {
            name: "x".into(),
            ty,
            required: true,
            default: None,
            description: None,
        }
    }

    fn read(ty: Type, texts: &[&str]) -> Option<Value> {
        let texts: Vec<Option<&str>> = texts.iter().copied().map(Some).collect();
        value(&parameter(ty), &texts).ok()
    }

    #[test]
    fn texts_become_values_of_their_types() {
        assert_eq!(read(Type::Int, &["3"]), Some(Value::Int(3)));
        assert_eq!(read(Type::Int, &["3.5"]), None);
        assert_eq!(read(Type::Float, &["3"]), Some(Value::Float(3.0)));
        assert_eq!(read(Type::Str, &["3"]), Some(Value::str("3")));
        assert_eq!(read(Type::Bool, &["yes"]), None);
        assert_eq!(read(Type::Int.optional(), &["7"]), Some(Value::Int(7)));
    }

    #[test]
    fn a_list_of_texts_is_given_by_repetition_or_as_json() {
        let texts = || Type::list(Type::Str);
        assert_eq!(
            read(texts(), &["a", "b"]),
            Some(Value::list([Value::str("a"), Value::str("b")]))
        );
        assert_eq!(read(texts(), &["[\"a\"]"]), Some(Value::list([Value::str("a")])));
        assert_eq!(
            read(Type::list(Type::Int), &["[1, 2]"]),
            Some(Value::list([Value::Int(1), Value::Int(2)]))
        );
    }

    #[test]
    fn what_has_no_type_is_json_or_a_text() {
        assert_eq!(read(Type::Any, &["3"]), Some(Value::Int(3)));
        assert_eq!(
            read(Type::Any, &["[1, \"a\"]"]),
            Some(Value::list([Value::Int(1), Value::str("a")]))
        );
        assert_eq!(read(Type::Any, &["3 apples"]), Some(Value::str("3 apples")));
    }

    #[test]
    fn a_record_is_json_with_its_fields() {
        let ty = Type::record([("a", Type::Int), ("b", Type::Str.optional())]);
        assert_eq!(
            read(ty.clone(), &["{\"a\": 1}"]),
            Some(Value::record([("a", Value::Int(1)), ("b", Value::None)]))
        );
        assert_eq!(read(ty, &["{\"b\": \"x\"}"]), None);
    }
}
