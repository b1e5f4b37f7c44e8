//! Looking at promises: what is known of one now, as a whole (`settle`) or of its outside alone (`outline`), and the
//! promises that are made of others.

use std::sync::Arc;

use crate::diag::Fault;
use crate::source::Span;
use crate::value::{Dict, EcoString, Instance, Look, Predictor, Program, Promise, Raised, Source, Type, Value};

use super::convert::convert;

/// What a look finds.
pub enum Settled {
    Ready(Value),
    Failed(Arc<Raised>),
    /// Nothing before this call is answered.
    Waits(Promise),
}

/// The whole value, with no promise left in it.
pub fn settle(value: &Value) -> Settled {
    let mut promise = match value {
        Value::Promise(promise) => promise.clone(),
        plain => return Settled::Ready(plain.clone()),
    };
    loop {
        match promise.0.outcome.get() {
            Some(Ok(Value::Promise(next))) => {
                let next = next.clone();
                promise = next;
                continue;
            }
            Some(Ok(value)) => return Settled::Ready(value.clone()),
            Some(Err(raised)) => return Settled::Failed(raised.clone()),
            None => {}
        }
        let made = match &promise.0.source {
            Source::Call => return Settled::Waits(promise.clone()),
            Source::Parts(open) => settle_parts(open),
            Source::Convert { of, ty, span } => match settle(&Value::Promise(of.clone())) {
                Settled::Ready(value) => placed(convert(&value, ty, *span), *span),
                other => other,
            },
            Source::Field { .. } | Source::Gather { .. } => outline_once(&promise),
        };
        // Nobody else sets it: the machine is one thread.
        let _ = match made {
            Settled::Ready(value) => promise.0.outcome.set(Ok(value)),
            Settled::Failed(raised) => promise.0.outcome.set(Err(raised)),
            waits => return waits,
        };
    }
}

/// The value with whatever promises stand among its parts: enough to take a field, to count elements, to call.
pub fn outline(value: &Value) -> Settled {
    let mut current = value.clone();
    loop {
        let promise = match current {
            Value::Promise(promise) => promise,
            known => return Settled::Ready(known),
        };
        match (promise.0.outcome.get(), &promise.0.source) {
            (_, Source::Parts(open)) => current = open.clone(),
            (Some(Ok(value)), _) => current = value.clone(),
            (Some(Err(raised)), _) => return Settled::Failed(raised.clone()),
            (None, Source::Call) => return Settled::Waits(promise),
            (None, _) => match outline_once(&promise) {
                Settled::Ready(value) => current = value,
                other => return other,
            },
        }
    }
}

/// One step towards the value of a promise that is made of others.
fn outline_once(promise: &Promise) -> Settled {
    match &promise.0.source {
        Source::Field { of, name, absent, span } => match outline(&Value::Promise(of.clone())) {
            Settled::Ready(object) => placed(field_of(&object, name, *absent), *span),
            other => other,
        },
        Source::Convert { of, ty, span } => match outline(&Value::Promise(of.clone())) {
            Settled::Ready(open) => placed(convert(&close(open), ty, *span), *span),
            other => other,
        },
        Source::Gather { elements, flatten } => gather(elements, *flatten),
        Source::Call => Settled::Waits(promise.clone()),
        Source::Parts(open) => Settled::Ready(open.clone()),
    }
}

fn placed(result: Result<Value, Fault>, span: Span) -> Settled {
    match result {
        Ok(value) => Settled::Ready(value),
        Err(fault) => Settled::Failed(Arc::new(Raised {
            span: Some(span),
            ..Raised::bare(fault)
        })),
    }
}

/// A field of a record or a dict that may have promises in it.
fn field_of(object: &Value, name: &str, absent: bool) -> Result<Value, Fault> {
    let part = match object {
        Value::Record(record) => record.get(name),
        Value::Dict(dict) => dict.get(name),
        Value::Program(program) => match program.as_ref() {
            Program::Instance(instance) => instance.fields.get(name),
            Program::Predictor(_) => None,
        },
        _ => None,
    };
    match part {
        Some(part) => Ok(close(part.clone())),
        None if absent && matches!(object, Value::Record(_)) => Ok(Value::None),
        None => super::ops::field(object, name),
    }
}

fn settle_parts(open: &Value) -> Settled {
    macro_rules! whole {
        ($part:expr) => {
            match settle_nested($part) {
                Settled::Ready(value) => value,
                other => return other,
            }
        };
    }
    match open {
        Value::List(items) => {
            let mut whole = Vec::with_capacity(items.len());
            for item in items {
                whole.push(whole!(item));
            }
            Settled::Ready(Value::List(whole.into()))
        }
        Value::Dict(dict) => {
            let mut whole = Dict::default();
            for (key, part) in dict.iter() {
                whole.insert(key.clone(), whole!(part));
            }
            Settled::Ready(Value::Dict(Arc::new(whole)))
        }
        Value::Record(record) => {
            let mut whole = (**record).clone();
            for part in whole.values_mut() {
                *part = whole!(part);
            }
            Settled::Ready(Value::Record(Arc::new(whole)))
        }
        Value::Program(program) => match program.as_ref() {
            Program::Instance(instance) => {
                let mut whole = instance.clone();
                for part in whole.fields.values_mut() {
                    *part = whole!(part);
                }
                Settled::Ready(Value::Program(Arc::new(Program::Instance(whole))))
            }
            Program::Predictor(_) => Settled::Ready(open.clone()),
        },
        plain => Settled::Ready(plain.clone()),
    }
}

/// Inside an open container, containers may be open too.
fn settle_nested(part: &Value) -> Settled {
    match part {
        Value::Promise(_) => settle(part),
        container if is_open(container) => settle_parts(container),
        plain => Settled::Ready(plain.clone()),
    }
}

fn gather(elements: &[Value], flatten: bool) -> Settled {
    let mut all = Vec::with_capacity(elements.len());
    for element in elements {
        // An element that is there as a promise of its own is not one that was dropped.
        let present = match element {
            Value::Promise(promise) => match promise.0.outcome.get() {
                Some(Ok(Value::Absent)) => continue,
                Some(Err(raised)) => return Settled::Failed(raised.clone()),
                Some(Ok(_)) => true,
                None => !matches!(promise.0.source, Source::Call),
            },
            Value::Absent => continue,
            _ => true,
        };
        match element {
            Value::Promise(promise) if !present => return Settled::Waits(promise.clone()),
            _ if !flatten => all.push(element.clone()),
            _ => match outline(element) {
                Settled::Ready(Value::List(inner)) => all.extend(inner),
                Settled::Ready(Value::Absent) => {}
                Settled::Ready(other) => all.push(other),
                other => return other,
            },
        }
    }
    Settled::Ready(close(Value::List(all.into())))
}

/// Whether a container has a promise in it, however deep.
fn is_open(value: &Value) -> bool {
    let open = |part: &Value| matches!(part, Value::Promise(_)) || is_open(part);
    match value {
        Value::List(items) => items.iter().any(open),
        Value::Dict(dict) => dict.values().any(open),
        Value::Record(record) => record.values().iter().any(open),
        Value::Program(program) => match program.as_ref() {
            Program::Instance(instance) => instance.fields.values().iter().any(open),
            Program::Predictor(Predictor { demos, .. }) => demos.iter().any(open),
        },
        _ => false,
    }
}

/// A container that may have promises in it, as a value of the language.
pub fn close(value: Value) -> Value {
    match is_open(&value) {
        true => Value::Promise(Promise::of(Source::Parts(value))),
        false => value,
    }
}

/// `p.name` without looking at `p`.
pub fn field(promise: &Promise, name: &EcoString, absent: bool, span: Span) -> Result<Value, Fault> {
    match &promise.0.source {
        Source::Parts(Value::Promise(inner)) => field(inner, name, absent, span),
        Source::Parts(open) => field_of(open, name, absent),
        _ => Ok(Value::Promise(Promise::of(Source::Field {
            of: promise.clone(),
            name: name.clone(),
            absent,
            span,
        }))),
    }
}

/// A promise held against a type, without looking.
pub fn promise_convert(promise: &Promise, ty: &Arc<Type>, span: Span) -> Value {
    Value::Promise(Promise::of(Source::Convert {
        of: promise.clone(),
        ty: ty.clone(),
        span,
    }))
}

/// What a failed call or a failed check raises where nobody looked at it. A check of a call that failed is no failure
/// of its own.
pub fn unlooked(promise: &Promise) -> Option<Arc<Raised>> {
    let looked = promise.looked();
    match &promise.0.source {
        Source::Call => match promise.0.outcome.get() {
            Some(Err(raised)) if looked.is_none() => Some(raised.clone()),
            _ => None,
        },
        Source::Parts(open) if looked != Some(Look::Deep) => unlooked_part(open),
        Source::Field { .. } if looked.is_none() => match outline_once(promise) {
            Settled::Failed(raised) if !fails(promise) => Some(raised),
            _ => None,
        },
        Source::Convert { of, .. } if looked != Some(Look::Deep) && !fails(promise) => {
            let known = matches!(settle(&Value::Promise(of.clone())), Settled::Ready(_));
            match settle(&Value::Promise(promise.clone())) {
                Settled::Failed(raised) if known => Some(raised),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether what a promise is made of failed, or somebody saw its failure.
fn fails(promise: &Promise) -> bool {
    match &promise.0.source {
        Source::Field { of, .. } => matches!(outline(&Value::Promise(of.clone())), Settled::Failed(_)),
        _ => promise.looked().is_some() && matches!(outline_once(promise), Settled::Failed(_)),
    }
}

fn unlooked_part(open: &Value) -> Option<Arc<Raised>> {
    let visit = |part: &Value| match part {
        Value::Promise(promise) if !matches!(promise.0.source, Source::Call) => unlooked(promise),
        nested => unlooked_part(nested),
    };
    match open {
        Value::List(items) => items.iter().find_map(visit),
        Value::Dict(dict) => dict.values().find_map(visit),
        Value::Record(record) => record.values().iter().find_map(visit),
        _ => None,
    }
}

/// Whether a promise came to something that nothing is wrong with.
pub fn is_fine(promise: &Promise) -> bool {
    let arrived = match &promise.0.source {
        Source::Field { .. } => outline_once(promise),
        Source::Call => Settled::Waits(promise.clone()),
        _ => settle(&Value::Promise(promise.clone())),
    };
    matches!(arrived, Settled::Ready(_))
}

/// Notes that somebody looks: the failures of what is looked at are theirs now.
pub fn note(value: &Value, look: Look) {
    let Value::Promise(promise) = value else { return };
    if !promise.note(look) {
        return;
    }
    match &promise.0.source {
        Source::Call => {}
        Source::Parts(open) => note_parts(open, look),
        Source::Field { of, .. } => note(&Value::Promise(of.clone()), Look::Shallow),
        Source::Convert { of, .. } => note(&Value::Promise(of.clone()), look),
        Source::Gather { elements, .. } => elements.iter().for_each(|element| note(element, look)),
    }
    if let Some(Ok(value)) = promise.0.outcome.get() {
        note(value, look);
    }
}

fn note_parts(open: &Value, look: Look) {
    let visit = |part: &Value| match part {
        Value::Promise(_) => note(part, look),
        nested => note_parts(nested, look),
    };
    match (open, look) {
        (Value::Promise(_), _) => note(open, look),
        (_, Look::Shallow) => {}
        (Value::List(items), _) => items.iter().for_each(visit),
        (Value::Dict(dict), _) => dict.values().for_each(visit),
        (Value::Record(record), _) => record.values().iter().for_each(visit),
        (Value::Program(program), _) => {
            if let Program::Instance(Instance { fields, .. }) = program.as_ref() {
                fields.values().iter().for_each(visit);
            }
        }
        _ => {}
    }
}

/// Sets what a call came to. A failure of what it passes on belongs to whoever looked at the call.
pub fn resolve(promise: &Promise, outcome: Result<Value, Arc<Raised>>) {
    if let (Some(look), Ok(value)) = (promise.looked(), &outcome) {
        note(value, look);
    }
    let _ = promise.0.outcome.set(outcome);
}
