//! Who looked at a promise, and what raises where nobody did.

use std::sync::Arc;

use crate::value::{Look, Promise, Raised, Source, Value};

use super::settle::{Chain, Settled, chain, made_of, outline, outline_once, parts_of, settle};

/// What a failed call or a failed check raises where nobody looked at it. A check of a call that failed is no failure
/// of its own.
pub fn unlooked(promise: &Promise) -> Option<Arc<Raised>> {
    let looked = promise.looked();
    match &promise.0.source {
        Source::Call => match promise.0.outcome.get() {
            Some(Err(raised)) if looked.is_none() => Some(raised.clone()),
            _ => None,
        },
        Source::Parts(_) if looked != Some(Look::Deep) => unlooked_part(promise),
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

/// The first failed check among the parts of a container, and theirs.
fn unlooked_part(container: &Promise) -> Option<Arc<Raised>> {
    let mut rest = vec![container.clone()];
    while let Some(promise) = rest.pop() {
        match &promise.0.source {
            Source::Call => {}
            Source::Parts(inner @ Value::Promise(_)) => rest.extend(as_promise(inner)),
            Source::Parts(open) => {
                let at = rest.len();
                rest.extend(parts_of(open).filter_map(as_promise));
                rest[at..].reverse();
            }
            _ => {
                if let Some(raised) = unlooked(&promise) {
                    return Some(raised);
                }
            }
        }
    }
    None
}

/// Whether a check is known to have come out well. A cheap look: what is known only through others counts as unknown.
pub fn is_fine(promise: &Promise) -> bool {
    if let Some(outcome) = promise.0.outcome.get() {
        return outcome.is_ok();
    }
    match &promise.0.source {
        Source::Field { of, .. } | Source::Convert { of, .. } => match chain(&Value::Promise(of.clone())) {
            Chain::Known(known) => matches!(made_of(promise, known.clone()), Settled::Ready(_)),
            _ => false,
        },
        _ => false,
    }
}

/// Notes that somebody looks: the failures of what is looked at are theirs now.
pub fn note(value: &Value, look: Look) {
    let mut rest: Vec<(Promise, Look)> = as_promise(value).map(|promise| (promise, look)).into_iter().collect();
    while let Some((promise, look)) = rest.pop() {
        if !promise.note(look) {
            continue;
        }
        let mut add = |value: &Value| rest.extend(as_promise(value).map(|promise| (promise, look)));
        if let Some(Ok(value)) = promise.0.outcome.get() {
            add(value);
        }
        match &promise.0.source {
            Source::Call => {}
            Source::Parts(inner @ Value::Promise(_)) => add(inner),
            Source::Parts(open) if look == Look::Deep => parts_of(open).for_each(add),
            Source::Parts(_) => {}
            Source::Field { of, .. } => rest.push((of.clone(), Look::Shallow)),
            Source::Convert { of, .. } => rest.push((of.clone(), look)),
            Source::Gather { elements, .. } => elements.iter().for_each(add),
        }
    }
}

/// Sets what a call came to. A failure of what it passes on belongs to whoever looked at the call.
pub fn resolve(promise: &Promise, outcome: Result<Value, Arc<Raised>>) {
    if let (Some(look), Ok(value)) = (promise.looked(), &outcome) {
        note(value, look);
    }
    let _ = promise.0.outcome.set(outcome);
}

fn as_promise(value: &Value) -> Option<Promise> {
    match value {
        Value::Promise(promise) => Some(promise.clone()),
        _ => None,
    }
}
