//! Several models as one: `LM(["openai/a", "anthropic/b"])` asks the next where one fails, `round_robin` also begins with
//! the next each time.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Answering, CallSettings, Client, Watch, request};
use crate::chat::Request;
use crate::diag::{Fault, FaultKind};
use crate::value::{EcoString, LmKind, LmSpec, Opaque, Record};

/// What stands between the names of several models, as one name.
const BETWEEN: &str = ", ";

#[derive(Debug)]
pub(super) struct Several {
    models: Vec<LmSpec>,
    /// Which of them comes first, where that changes from call to call.
    turn: Option<AtomicUsize>,
}

impl Several {
    /// The models in the order in which this call tries them.
    fn order(&self) -> Vec<LmSpec> {
        let first = self
            .turn
            .as_ref()
            .map_or(0, |turn| turn.fetch_add(1, Ordering::Relaxed));
        let count = self.models.len();
        (0..count).map(|i| self.models[(first + i) % count].clone()).collect()
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

/// Who is one of several.
pub enum Member {
    /// A model by its name, with the options that all such have.
    Name(EcoString),
    /// One with options of its own, or several again.
    Own(Arc<LmSpec>),
}

/// One model out of several. The options are those of all: where one has its own, there are none.
pub fn several(members: Vec<Member>, options: Record, round_robin: bool) -> Result<LmSpec, Fault> {
    if members.is_empty() {
        return Err(Fault::new(FaultKind::Value, "a list of models needs at least one name"));
    }
    let has_own = members.iter().any(|member| matches!(member, Member::Own(_)));
    if let Some((option, _)) = options.iter().next().filter(|_| has_own) {
        let message = format!("`{option}` stands beside models that have options of their own");
        return Err(Fault::new(FaultKind::Value, message).help(
            "name it for each: `LM([LM(\"openai/a\", temperature: 0.5), LM(\"anthropic/b\", temperature: 0.5)])`",
        ));
    }
    let models = members.into_iter().map(|member| match member {
        Member::Name(name) => LmSpec {
            name,
            options: options.clone(),
            kind: LmKind::Provider,
        },
        Member::Own(spec) => spec.as_ref().clone(),
    });
    let models: Vec<LmSpec> = models.collect();
    models.iter().try_for_each(member)?;
    let names: Vec<&str> = models.iter().map(|spec| spec.name.as_str()).collect();
    Ok(LmSpec {
        name: names.join(BETWEEN).into(),
        options,
        kind: LmKind::Several(Arc::new(Several {
            models,
            turn: round_robin.then(AtomicUsize::default),
        })),
    })
}

/// What a script answers is asked by the machine alone, one after the other.
fn member(spec: &LmSpec) -> Result<(), Fault> {
    match spec.kind {
        LmKind::Provider => super::check(spec),
        LmKind::Several(_) => Ok(()),
        LmKind::Function(_) | LmKind::Scripted(_) => {
            let message = format!("`{}` cannot stand among several models", spec.name);
            Err(Fault::new(FaultKind::Value, message)
                .help("a list holds models of providers; `try { … } catch e { … }` asks a function where they fail"))
        }
    }
}

/// The models that one is made of, if it is made of several.
pub fn members(lm: &LmSpec) -> &[LmSpec] {
    let LmKind::Several(models) = &lm.kind else {
        return &[];
    };
    let models: Option<&Several> = models.as_any().downcast_ref();
    models.map_or(&[], |several| &several.models)
}

/// Whether something holds for a model, or for each of several.
pub(super) fn each(lm: &LmSpec, holds: fn(&LmSpec) -> bool) -> bool {
    match members(lm) {
        [] => holds(lm),
        models => models.iter().all(|model| each(model, holds)),
    }
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
        let client = self.clone();
        let listener = watch.listener.clone();
        let ask = move |spec: LmSpec| client.ask_member(&spec, &request, settings.clone(), watch.clone());
        // The first takes its place in the queue now, as every call does.
        let mut rest = models.order().into_iter();
        let mut asked = rest.next().map(&ask);
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
                if let Some(listener) = &listener {
                    listener.begin_anew();
                }
                asked = Some(ask(spec));
            }
        }))
    }

    /// What is set around the call goes before what the model has of its own.
    fn ask_member(&self, spec: &LmSpec, request: &Request, settings: CallSettings, watch: Watch) -> Answering {
        let asked = request::to_member(request, spec);
        let asked = asked.and_then(|asked| Ok((asked, self.settings_over(settings, spec)?)));
        match asked {
            Ok((request, settings)) => self.ask(spec, request, settings, watch),
            Err(fault) => Box::pin(std::future::ready(Err(fault))),
        }
    }
}
