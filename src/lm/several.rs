//! Several models as one: `LM(["openai/a", "anthropic/b"])` asks the next where one fails, `round_robin` also begins with
//! the next each time.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Answering, CallSettings, Client, Watch};
use crate::chat::Request;
use crate::diag::{Fault, FaultKind};
use crate::value::{EcoString, LmKind, LmSpec, Opaque, Record};

/// What stands between the names of several models, as one name.
const BETWEEN: &str = ", ";

#[derive(Debug)]
pub(super) struct Several {
    names: Vec<EcoString>,
    /// Which of them comes first, where that changes from call to call.
    turn: Option<AtomicUsize>,
}

impl Several {
    /// The models in the order in which this call tries them.
    fn order(&self) -> Vec<EcoString> {
        let first = self
            .turn
            .as_ref()
            .map_or(0, |turn| turn.fetch_add(1, Ordering::Relaxed));
        let count = self.names.len();
        (0..count).map(|i| self.names[(first + i) % count].clone()).collect()
    }
}

impl Opaque for Several {
    fn type_name(&self) -> &'static str {
        "LM"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// One model out of several, which all have these options.
pub fn several(names: Vec<EcoString>, options: Record, round_robin: bool) -> Result<LmSpec, Fault> {
    if names.is_empty() {
        return Err(Fault::new(FaultKind::Value, "a list of models needs at least one name"));
    }
    names.iter().try_for_each(|name| super::check(&one(name, &options)))?;
    Ok(LmSpec {
        name: names.join(BETWEEN).into(),
        options,
        kind: LmKind::Several(Arc::new(Several {
            names,
            turn: round_robin.then(AtomicUsize::default),
        })),
    })
}

fn one(name: &EcoString, options: &Record) -> LmSpec {
    LmSpec {
        name: name.clone(),
        options: options.clone(),
        kind: LmKind::Provider,
    }
}

/// Whether something holds for a model, or for each of several.
pub(super) fn each(lm: &LmSpec, holds: impl Fn(&LmSpec) -> bool) -> bool {
    let LmKind::Several(models) = &lm.kind else {
        return holds(lm);
    };
    let models: Option<&Several> = models.as_any().downcast_ref();
    models.is_some_and(|models| models.names.iter().all(|name| holds(&one(name, &lm.options))))
}

/// Whether another model may do better: the fault lies with the model or its server, not with the request.
fn passes_on(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Lm | FaultKind::RateLimit | FaultKind::Timeout | FaultKind::Auth | FaultKind::ContextLength
    )
}

impl Client {
    pub(super) fn ask_several(
        &self,
        lm: &LmSpec,
        models: &dyn Opaque,
        request: Request,
        settings: CallSettings,
        watch: Watch,
    ) -> Result<Answering, Fault> {
        let models: &Several = models.as_any().downcast_ref().ok_or_else(|| super::not_reached(lm))?;
        let order = models.order();
        let specs: Vec<LmSpec> = order.iter().map(|name| one(name, &lm.options)).collect();
        let client = self.clone();
        // Those that failed when it was recorded have no answer in the recording.
        let at_hand = |spec: &LmSpec| self.inner.calls.is_at_hand(&of(&request, spec));
        let failed = specs.iter().position(at_hand).unwrap_or_default();
        // The first takes its place in the queue now, as every call does.
        let mut rest = specs.into_iter().skip(failed);
        let mut asked = rest
            .next()
            .map(|spec| client.ask(&spec, of(&request, &spec), settings.clone(), watch.clone()));
        Ok(Box::pin(async move {
            loop {
                let Some(answering) = asked else {
                    return Err(Fault::new(FaultKind::Lm, "a list of models needs at least one name"));
                };
                let fault = match answering.await {
                    Ok(answer) => return Ok(answer),
                    Err(fault) => fault,
                };
                let next = rest.next().filter(|_| passes_on(fault.kind));
                let Some(spec) = next else {
                    return Err(fault);
                };
                asked = Some(client.ask(&spec, of(&request, &spec), settings.clone(), watch.clone()));
            }
        }))
    }
}

fn of(request: &Request, spec: &LmSpec) -> Request {
    Request {
        model: spec.name.to_string(),
        ..request.clone()
    }
}
