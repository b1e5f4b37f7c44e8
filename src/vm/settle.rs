//! Looking at promises: what is known of one now, as a whole (`settle`) or of its outside alone (`outline`), and the
//! promises that are made of others.

use std::sync::Arc;

use crate::diag::Fault;
use crate::source::Span;
use crate::value::{EcoString, Instance, Predictor, Program, Promise, Raised, Record, Source, Type, Value};

use super::convert::convert;

/// What a look finds.
pub enum Settled {
    Ready(Value),
    Failed(Arc<Raised>),
    /// Nothing before this call is answered.
    Waits(Promise),
}

/// A promise on the way to its value.
pub(super) enum Chain {
    Known(Value),
    Failed(Arc<Raised>),
    /// This one has no outcome yet.
    Open(Promise),
}

pub(super) fn chain(value: &Value) -> Chain {
    let mut current = value;
    loop {
        match current {
            Value::Promise(promise) => match promise.0.outcome.get() {
                Some(Ok(next)) => current = next,
                Some(Err(raised)) => return Chain::Failed(raised.clone()),
                None => return Chain::Open(promise.clone()),
            },
            known => return Chain::Known(known.clone()),
        }
    }
}

/// The whole value, with no promise left in it. Without recursion: promises may hang on each other as far as the
/// program went.
pub fn settle(value: &Value) -> Settled {
    loop {
        match chain(value) {
            Chain::Known(value) => return Settled::Ready(value),
            Chain::Failed(raised) => return Settled::Failed(raised),
            Chain::Open(promise) => {
                if let Some(call) = resolve_all(promise) {
                    return Settled::Waits(call);
                }
            }
        }
    }
}

/// A promise whose value is being made, and as many of its parts as are whole.
struct Making {
    promise: Promise,
    whole: Vec<Value>,
}

impl Making {
    fn of(promise: Promise) -> Making {
        Making {
            promise,
            whole: Vec::new(),
        }
    }

    /// Its outcome, or what comes first.
    fn step(&mut self) -> Result<Result<Value, Arc<Raised>>, Promise> {
        let known = |value: &Value| match chain(value) {
            Chain::Known(value) => Ok(Ok(value)),
            Chain::Failed(raised) => Ok(Err(raised)),
            Chain::Open(promise) => Err(promise),
        };
        let settled = match &self.promise.0.source {
            Source::Call => return Err(self.promise.clone()),
            Source::Parts(inner @ Value::Promise(_)) => return known(inner),
            Source::Parts(open) => {
                while let Some(part) = part_of(open, self.whole.len()) {
                    match known(part)? {
                        Ok(value) => self.whole.push(value),
                        failed => return Ok(failed),
                    }
                }
                return Ok(Ok(rebuilt(open, std::mem::take(&mut self.whole))));
            }
            Source::Convert { of, ty, span } => match known(&Value::Promise(of.clone()))? {
                Ok(value) => placed(convert(&value, ty, *span), *span),
                failed => return Ok(failed),
            },
            Source::Field { .. } | Source::Gather { .. } => outline_once(&self.promise),
        };
        match settled {
            Settled::Ready(value) => Ok(Ok(value)),
            Settled::Failed(raised) => Ok(Err(raised)),
            Settled::Waits(call) => Err(call),
        }
    }
}

/// Gives a promise its outcome, and all that it is made of before; or yields the call that must be answered first.
fn resolve_all(promise: Promise) -> Option<Promise> {
    let mut under_way = vec![Making::of(promise)];
    while let Some(making) = under_way.last_mut() {
        match making.step() {
            Ok(outcome) => {
                // Nobody else sets it: the machine is one thread.
                let _ = making.promise.0.outcome.set(outcome);
                under_way.pop();
            }
            Err(first) if matches!(first.0.source, Source::Call) => return Some(first),
            Err(first) => under_way.push(Making::of(first)),
        }
    }
    None
}

/// A part of a container by its place.
fn part_of(container: &Value, at: usize) -> Option<&Value> {
    match container {
        Value::List(items) => items.get(at),
        Value::Dict(dict) => dict.get_index(at).map(|(_, value)| value),
        Value::Record(record) => record.values().get(at),
        Value::Program(program) => match program.as_ref() {
            Program::Instance(instance) => instance.fields.values().get(at),
            Program::Predictor(predictor) => predictor.demos.get(at),
        },
        _ => None,
    }
}

pub(super) fn parts_of(container: &Value) -> impl Iterator<Item = &Value> {
    (0..).map_while(move |at| part_of(container, at))
}

/// The container with other parts.
fn rebuilt(container: &Value, parts: Vec<Value>) -> Value {
    match container {
        Value::List(_) => Value::List(parts.into()),
        Value::Dict(dict) => Value::Dict(Arc::new(dict.keys().cloned().zip(parts).collect())),
        Value::Record(record) => Value::Record(Arc::new(with_values(record, parts))),
        Value::Program(program) => Value::Program(Arc::new(match program.as_ref() {
            Program::Instance(instance) => Program::Instance(Instance {
                fields: with_values(&instance.fields, parts),
                ..instance.clone()
            }),
            Program::Predictor(predictor) => Program::Predictor(Predictor {
                demos: parts.into(),
                ..predictor.clone()
            }),
        })),
        plain => plain.clone(),
    }
}

fn with_values(record: &Record, values: Vec<Value>) -> Record {
    let mut whole = Record::new(record.names().clone(), values);
    whole.meta = record.meta.clone();
    whole
}

/// The value with whatever promises stand among its parts: enough to take a field, to count elements, to call.
pub fn outline(value: &Value) -> Settled {
    let mut current = value.clone();
    // Those whose value is made of the current one.
    let mut above: Vec<Promise> = Vec::new();
    loop {
        let known = match current {
            Value::Promise(promise) => {
                match (promise.0.outcome.get(), &promise.0.source) {
                    (_, Source::Parts(open)) => current = open.clone(),
                    (Some(Ok(value)), _) => current = value.clone(),
                    (Some(Err(raised)), _) => return Settled::Failed(raised.clone()),
                    (None, Source::Call) => return Settled::Waits(promise),
                    (None, Source::Field { of, .. } | Source::Convert { of, .. }) => {
                        current = Value::Promise(of.clone());
                        above.push(promise);
                    }
                    (None, Source::Gather { elements, flatten }) => match gather(elements, *flatten) {
                        Settled::Ready(value) => current = value,
                        other => return other,
                    },
                }
                continue;
            }
            known => known,
        };
        let Some(promise) = above.pop() else {
            return Settled::Ready(known);
        };
        match made_of(&promise, known) {
            Settled::Ready(value) => current = value,
            other => return other,
        }
    }
}

/// One step towards the value of a promise that is made of others.
pub(super) fn outline_once(promise: &Promise) -> Settled {
    match &promise.0.source {
        Source::Field { of, .. } | Source::Convert { of, .. } => match outline(&Value::Promise(of.clone())) {
            Settled::Ready(known) => made_of(promise, known),
            other => other,
        },
        Source::Gather { elements, flatten } => gather(elements, *flatten),
        Source::Call => Settled::Waits(promise.clone()),
        Source::Parts(open) => Settled::Ready(open.clone()),
    }
}

/// What a promise makes of the outline of the one it is made of.
pub(super) fn made_of(promise: &Promise, known: Value) -> Settled {
    match &promise.0.source {
        Source::Field { name, absent, span, .. } => placed(field_of(&known, name, *absent), *span),
        Source::Convert { ty, span, .. } => placed(convert(&close(known), ty, *span), *span),
        _ => Settled::Ready(known),
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
        Some(part) => Ok(part.clone()),
        None if absent && matches!(object, Value::Record(_)) => Ok(Value::None),
        None => super::ops::field(object, name),
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

fn is_promise(part: &Value) -> bool {
    matches!(part, Value::Promise(_))
}

/// A container that may have promises among its parts, as a value of the language. What its parts hold was closed when
/// they were made.
pub fn close(value: Value) -> Value {
    let open = parts_of(&value).any(is_promise);
    match open {
        true => Value::Promise(Promise::of(Source::Parts(value))),
        false => value,
    }
}

/// The same for what a native made of open arguments: it makes containers in containers, a few deep.
pub fn close_nested(value: Value) -> Value {
    close_within(value, 4)
}

fn close_within(value: Value, depth: u32) -> Value {
    let open_within = depth > 0 && parts_of(&value).any(|part| is_open(part, depth));
    match open_within {
        true => {
            let parts = parts_of(&value).map(|part| close_within(part.clone(), depth - 1));
            close(rebuilt(&value, parts.collect()))
        }
        false => close(value),
    }
}

fn is_open(value: &Value, depth: u32) -> bool {
    depth > 0 && parts_of(value).any(|part| is_promise(part) || is_open(part, depth - 1))
}

/// `p.name` without looking at `p`.
pub fn field(promise: &Promise, name: &EcoString, absent: bool, span: Span) -> Result<Value, Fault> {
    let mut of = promise;
    while let Source::Parts(Value::Promise(inner)) = &of.0.source {
        of = inner;
    }
    match &of.0.source {
        Source::Parts(open) => field_of(open, name, absent),
        _ => Ok(Value::Promise(Promise::of(Source::Field {
            of: of.clone(),
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
