//! Looking at promises: what is known of one now, as a whole (`settle`) or of its outside alone (`outline`), and the
//! promises that are made of others.

use std::sync::Arc;

use crate::diag::Fault;
use crate::source::Span;
use crate::value::{EcoString, Instance, List, Predictor, Program, Promise, Raised, Record, Source, Type, Value};

use super::convert::convert;

/// What a look finds.
pub enum Settled {
    Ready(Value),
    Failed(Arc<Raised>),
    /// Nothing before this call is answered.
    Waits(Promise),
}

/// A promise on the way to its value.
pub(super) enum Chain<'v> {
    Known(&'v Value),
    Failed(&'v Arc<Raised>),
    /// This one has no outcome yet.
    Open(&'v Promise),
}

pub(super) fn chain(value: &Value) -> Chain<'_> {
    let mut current = value;
    loop {
        match current {
            Value::Promise(promise) => match promise.0.outcome.get() {
                Some(Ok(next)) => current = next,
                Some(Err(raised)) => return Chain::Failed(raised),
                None => return Chain::Open(promise),
            },
            known => return Chain::Known(known),
        }
    }
}

/// The whole value, with no promise left in it. Without recursion: promises may hang on each other as far as the
/// program went.
pub fn settle(value: &Value) -> Settled {
    loop {
        match chain(value) {
            Chain::Known(value) => return Settled::Ready(value.clone()),
            Chain::Failed(raised) => return Settled::Failed(raised.clone()),
            Chain::Open(promise) => {
                if let Some(call) = resolve_all(promise.clone(), |_| true) {
                    return Settled::Waits(call);
                }
            }
        }
    }
}

/// The whole value where it is there already: what it was made of can be let go. Nobody looks, so no failure is noted.
pub fn whole_if_there(value: Value) -> Value {
    let is_value = |outcome: &Outcome| !matches!(outcome, Err(_) | Ok(Value::Absent));
    loop {
        match chain(&value) {
            Chain::Known(Value::Absent) | Chain::Failed(_) => return value,
            Chain::Known(whole) => return whole.clone(),
            Chain::Open(promise) => {
                if resolve_all(promise.clone(), is_value).is_some() {
                    return value;
                }
            }
        }
    }
}

/// Puts what is there into the places of elements that were promises: the last element, the second last, the fourth last
/// and so on. Each is looked at again whenever twice as many have come after it, so that a comprehension of many calls keeps
/// the promises of those alone that are under way.
pub fn replace_answered(elements: &mut List) {
    let mut back = 1;
    while let Some(at) = elements.len().checked_sub(back) {
        if let Some(value) = elements.get(at).and_then(answered) {
            elements.make_mut()[at] = value;
        }
        back *= 2;
    }
}

/// What an element turned out to be, if its call is over and it is there.
fn answered(element: &Value) -> Option<Value> {
    let Value::Promise(promise) = element else { return None };
    let outcome = match &promise.0.source {
        Source::Parts(own @ Value::Promise(_)) => chain(own),
        _ => chain(element),
    };
    match outcome {
        Chain::Known(Value::Absent) | Chain::Failed(_) | Chain::Open(_) => None,
        Chain::Known(value) => Some(value.clone()),
    }
}

type Outcome = Result<Value, Arc<Raised>>;

/// The outcome of a promise that has none yet, or what comes first.
fn make(promise: &Promise) -> Result<Outcome, Promise> {
    let known = |value: &Value| match chain(value) {
        Chain::Known(value) => Ok(Ok(value.clone())),
        Chain::Failed(raised) => Ok(Err(raised.clone())),
        Chain::Open(promise) => Err(promise.clone()),
    };
    let settled = match &promise.0.source {
        Source::Call => return Err(promise.clone()),
        Source::Parts(inner @ Value::Promise(_)) => return known(inner),
        Source::Parts(open) => {
            let mut at = promise.there();
            while let Some(part) = part_of(open, at) {
                match chain(part) {
                    Chain::Known(_) => at += 1,
                    Chain::Failed(raised) => return Ok(Err(raised.clone())),
                    Chain::Open(first) => {
                        promise.note_there(at);
                        return Err(first.clone());
                    }
                }
            }
            let whole = parts_of(open).filter_map(|part| match chain(part) {
                Chain::Known(value) => Some(value.clone()),
                Chain::Failed(_) | Chain::Open(_) => None,
            });
            return Ok(Ok(rebuilt(open, whole.collect())));
        }
        Source::Convert { of, ty, span } => match known(&Value::Promise(of.clone()))? {
            Ok(value) => placed(convert(&value, ty, *span), *span),
            failed => return Ok(failed),
        },
        Source::Field { .. } | Source::Gather { .. } => outline_once(promise),
    };
    match settled {
        Settled::Ready(value) => Ok(Ok(value)),
        Settled::Failed(raised) => Ok(Err(raised)),
        Settled::Waits(call) => Err(call),
    }
}

/// Gives a promise its outcome, and all that it is made of before; or yields the call that must be answered first, or the
/// promise whose outcome is not `wanted`.
fn resolve_all(promise: Promise, wanted: impl Fn(&Outcome) -> bool) -> Option<Promise> {
    let mut under_way = vec![promise];
    while let Some(making) = under_way.last() {
        match make(making) {
            Ok(outcome) if !wanted(&outcome) => return under_way.pop(),
            Ok(outcome) => {
                // Nobody else sets it: the machine is one thread.
                let _ = making.0.outcome.set(outcome);
                under_way.pop();
            }
            Err(first) if matches!(first.0.source, Source::Call) => return Some(first),
            Err(first) => under_way.push(first),
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
                    (None, Source::Gather { elements, flatten }) => match gather(&promise, elements, *flatten) {
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
        Source::Gather { elements, flatten } => gather(promise, elements, *flatten),
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

/// The list of a comprehension, once it is known which elements are there.
fn gather(promise: &Promise, elements: &[Value], flatten: bool) -> Settled {
    for (at, element) in elements.iter().enumerate().skip(promise.there()) {
        if let Some(undecided) = undecided(element, flatten) {
            promise.note_there(at);
            return undecided;
        }
    }
    let mut all = Vec::with_capacity(elements.len());
    for element in elements.iter().filter(|element| !is_dropped(element)) {
        match flatten.then(|| outline(element)) {
            Some(Settled::Ready(Value::List(inner))) => all.extend(inner),
            Some(Settled::Ready(Value::Absent)) => {}
            Some(Settled::Ready(other)) => all.push(other),
            _ => all.push(element.clone()),
        }
    }
    Settled::Ready(close(Value::List(all.into())))
}

/// What keeps an element of a comprehension from being known: a failure, or a call that is not answered.
fn undecided(element: &Value, flatten: bool) -> Option<Settled> {
    if let Value::Promise(promise) = element {
        match (promise.0.outcome.get(), &promise.0.source) {
            (Some(Err(raised)), _) => return Some(Settled::Failed(raised.clone())),
            (None, Source::Call) => return Some(Settled::Waits(promise.clone())),
            // One that is there as a promise of its own is not one that was dropped.
            _ => {}
        }
    }
    if !flatten || is_dropped(element) {
        return None;
    }
    match outline(element) {
        Settled::Ready(_) => None,
        undecided => Some(undecided),
    }
}

/// Whether an element of a comprehension turned out not to be there.
fn is_dropped(element: &Value) -> bool {
    match element {
        Value::Promise(promise) => matches!(promise.0.outcome.get(), Some(Ok(Value::Absent))),
        other => matches!(other, Value::Absent),
    }
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
