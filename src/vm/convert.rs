//! Where an `any` meets a written type: the value is held against it, and becomes it where the language says so (a dict
//! a record, an int a float). Types with their parameters count as `any`. Promises are not looked at: what they become
//! is promised too.

use std::sync::Arc;

use crate::diag::{Fault, FaultKind, nearest};
use crate::source::Span;
use crate::value::{Dict, EcoString, List, Program, Record, RecordType, Source, Type, Value, show, source_text};

use super::settle::{close, promise_convert};

/// The value as one of the type, or an error of kind `type` that names the part that does not fit.
pub fn convert(value: &Value, ty: &Type, span: Span) -> Result<Value, Fault> {
    if let Value::Promise(promise) = value {
        return match &promise.0.source {
            _ if *ty == Type::Any => Ok(value.clone()),
            Source::Parts(Value::Promise(_)) => Ok(promise_convert(promise, &Arc::new(ty.clone()), span)),
            // What is open is known but for its parts: to promise it again would be to wait for nothing.
            Source::Parts(open) if fits(open, ty) => Ok(value.clone()),
            Source::Parts(open) => Ok(close(convert_known(open, ty, span)?)),
            _ => Ok(promise_convert(promise, &Arc::new(ty.clone()), span)),
        };
    }
    match fits(value, ty) {
        true => Ok(value.clone()),
        false => convert_known(value, ty, span),
    }
}

fn convert_known(value: &Value, ty: &Type, span: Span) -> Result<Value, Fault> {
    match (ty, value) {
        (Type::Float, Value::Int(i)) => Ok(Value::Float(*i as f64)),
        (Type::Text(form), Value::Str(text)) => form.canonical(text).map(Value::Str).ok_or_else(|| misfit(value, ty)),
        (Type::List(item), Value::List(items)) => convert_items(items, item, span),
        (Type::Dict(entry), Value::Dict(dict)) => convert_entries(dict, entry, span),
        (Type::Record(record), Value::Record(fields)) => convert_record(fields, record, span),
        (Type::Record(record), Value::Dict(dict)) => {
            let fields: Record = dict.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
            convert_record(&fields, record, span)
        }
        (Type::Union(members), value) => {
            let converted = members.iter().find_map(|member| convert(value, member, span).ok());
            converted.ok_or_else(|| misfit(value, ty))
        }
        _ => Err(misfit(value, ty)),
    }
}

/// Whether the value is one of the type as it stands. An int is no float here, a dict no record.
pub fn fits(value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::Any | Type::Param(_) | Type::InputsOf(_) | Type::OutputsOf(_), _) => true,
        (Type::None, Value::None)
        | (Type::Bool, Value::Bool(_))
        | (Type::Int, Value::Int(_))
        | (Type::Float, Value::Float(_))
        | (Type::Str, Value::Str(_))
        | (Type::Lm, Value::Lm(_))
        | (Type::Function(_), Value::Function(_) | Value::Program(_))
        | (Type::Optimizer, Value::Function(_))
        // A text that is parsed when it is used.
        | (Type::Signature(_), Value::Signature(_) | Value::Str(_))
        | (Type::Program(None), Value::Program(_) | Value::Function(_)) => true,
        (Type::Literal(literal), value) => literal.matches(value),
        (Type::Text(form), Value::Str(text)) => form.has(text),
        (Type::Union(members), value) => members.iter().any(|member| fits(value, member)),
        (Type::List(item), Value::List(items)) => **item == Type::Any || items.iter().all(|v| fits(v, item)),
        (Type::Dict(entry), Value::Dict(dict)) => **entry == Type::Any || dict.values().all(|v| fits(v, entry)),
        (Type::Record(record), Value::Record(fields)) => record.fields.iter().all(|field| match fields.get(&field.name) {
            Some(value) => fits(value, &field.ty),
            None => field.optional,
        }),
        (Type::Program(Some(known)), Value::Program(program)) => match program.as_ref() {
            Program::Instance(instance) => instance.name == known.name,
            Program::Predictor(_) => known.name == "Predict",
        },
        (Type::Retriever, Value::Opaque(opaque)) => opaque.type_name() == "Retriever",
        (Type::Opaque(name), Value::Opaque(opaque)) => opaque.type_name() == *name,
        _ => false,
    }
}

fn convert_items(items: &List, ty: &Type, span: Span) -> Result<Value, Fault> {
    let convert_one = |(i, item)| convert(item, ty, span).map_err(|fault| within(fault, &format!("[{i}]")));
    items
        .iter()
        .enumerate()
        .map(convert_one)
        .collect::<Result<List, _>>()
        .map(Value::List)
}

fn convert_entries(dict: &Dict, ty: &Type, span: Span) -> Result<Value, Fault> {
    let convert_one = |(key, value): (&EcoString, &Value)| {
        let value = convert(value, ty, span).map_err(|fault| within(fault, &format!("[{}]", source_text(key))))?;
        Ok((key.clone(), value))
    };
    let converted = dict.iter().map(convert_one).collect::<Result<Dict, Fault>>()?;
    Ok(Value::Dict(Arc::new(converted)))
}

/// Fields beyond the type's stay; optional ones may be absent.
fn convert_record(fields: &Record, ty: &RecordType, span: Span) -> Result<Value, Fault> {
    let mut converted = fields.clone();
    for field in &ty.fields {
        match fields.index_of(&field.name) {
            Some(i) => {
                let value = convert(&fields.values()[i], &field.ty, span);
                converted.values_mut()[i] = value.map_err(|fault| within(fault, &format!(".{}", field.name)))?;
            }
            None if field.optional => {}
            None => return Err(missing(fields, ty, &field.name)),
        }
    }
    Ok(Value::Record(Arc::new(converted)))
}

fn missing(fields: &Record, ty: &RecordType, name: &str) -> Fault {
    let fault = Fault::new(
        FaultKind::Type,
        format!("expected `{ty}`, but there is no field `{name}`"),
    );
    match nearest(name, fields.names().iter().map(EcoString::as_str)) {
        Some(near) => fault.help(format!("there is `{near}`")),
        None => fault,
    }
}

/// The same fault, said of a part: `at .people[2].age: expected …`.
fn within(mut fault: Fault, step: &str) -> Fault {
    fault.message = match fault.message.strip_prefix("at ") {
        Some(rest) => format!("at {step}{rest}"),
        None => format!("at {step}: {}", fault.message),
    };
    fault
}

fn misfit(value: &Value, ty: &Type) -> Fault {
    let text = match value {
        Value::Str(text) => source_text(text),
        other => show(other),
    };
    let short: String = text.chars().take(60).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    let kind = value.type_name();
    let message = match value {
        Value::None => format!("expected `{ty}`, found `none`"),
        _ => format!("expected `{ty}`, found the {kind} `{short}{dots}`"),
    };
    Fault::new(FaultKind::Type, message)
}
