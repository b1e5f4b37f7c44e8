//! The one place where the language meets a model: a predictor's call waits for its inputs, is put into words by an
//! adapter, asked, read, held against its constraints, and asked again where that fails. It never blocks its caller.

mod ask;
mod foretold;
mod meta;
mod native;
mod read;
mod seats;
mod settings;
mod several;
mod spoken;
mod template;
mod twins;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::adapter::{OwnTools, Prompt};
use crate::call::Forecast;
use crate::chat::ToolCall;
use crate::diag::{Fault, FaultKind};
use crate::source::FileId;
use crate::trace::{Span, Try};
use crate::value::{EcoString, LmKind, Look, Predictor, Program, Promise, Raised, Record, Settings, Value};

use super::bind::{Arguments, bind_inputs};
use super::convert::convert;
use super::fiber::{Collector, Fiber};
use super::looked;
use super::machine::Captured;
use super::run::Run;
use super::settle::{self, Settled};
use super::tree::{MODELS, Nature, NodeId, Turn, Waiter};

pub use meta::Meta;
pub(super) use seats::Seats;
use settings::CallPlan;
pub(super) use settings::{Planned, model_can};
pub(super) use spoken::Told;
pub(super) use template::Templates;
pub(super) use twins::Twins;

/// One call of a predictor, on its way.
pub struct Task {
    node: NodeId,
    promise: Promise,
    program: Arc<Program>,
    /// As they were given; then, once they were looked at, whole.
    inputs: Record,
    plan: Arc<CallPlan>,
    collector: Option<Arc<Collector>>,
    /// The place of the call, for its errors.
    site: Arc<Raised>,
    /// The file of the nearest caller that is not the library's.
    file: FileId,
    depth: usize,
    place: u64,
    /// The comprehension of the script that it is called in.
    group: Option<u64>,
    stage: Stage,
    /// Whether it is among the calls that functions answer now.
    has_seat: bool,
    asked: Asked,
    /// Where it is traced.
    span: Option<Arc<Span>>,
}

/// What is waited for.
enum Stage {
    Inputs,
    /// A scripted model answers in program order.
    Turn,
    /// There are as many calls of functions as there may be.
    Seat,
    /// The answer of a model that is a function.
    Function(Promise),
    /// An answer over a connection.
    Answer,
    /// Whether a constraint holds: the number of the condition among all.
    Condition(usize, Promise),
}

/// What was asked and said so far.
#[derive(Default)]
struct Asked {
    prompt: Option<Prompt>,
    /// The question's tools, where they are the request's own.
    own_tools: Option<OwnTools>,
    /// The tools that the first of two steps wants used.
    calls: Vec<ToolCall>,
    /// Requests.
    count: u32,
    /// When the last request was made, on the host's clock.
    began: Duration,
    /// How often it was asked again for what was wrong.
    again: u32,
    /// What was said so far, where several answers are wanted.
    said: Vec<several::Said>,
    reply: String,
    /// What a scripted model says just now as a record.
    record: Option<Arc<Record>>,
    usage: crate::chat::Usage,
    cached: bool,
    model: EcoString,
    id: Option<String>,
    tries: Vec<Try>,
    /// What few answers have.
    more: Option<Box<meta::More>>,
    /// What was heard of the answer to the last request, where somebody listens.
    heard: Option<Box<spoken::Heard>>,
    read: Option<Box<crate::adapter::Parsed>>,
    /// Further answers that were read, and whose constraints are still to be held against them.
    unchecked: VecDeque<crate::adapter::Parsed>,
    /// The answers that hold.
    good: Vec<crate::adapter::Parsed>,
    /// The advice of constraints that do not hold, by field.
    broken: Vec<(EcoString, EcoString)>,
}

impl Task {
    fn predictor(&self) -> Option<&Predictor> {
        match self.program.as_ref() {
            Program::Predictor(predictor) => Some(predictor),
            Program::Instance(_) => None,
        }
    }

    fn fail(&self, fault: Fault) -> Arc<Raised> {
        Arc::new(Raised {
            fault,
            ..(*self.site).clone()
        })
    }
}

impl Run<'_> {
    /// What the calls under way were given.
    pub(super) fn inputs_under_way(&self) -> impl Iterator<Item = &Value> {
        self.tasks.values().flat_map(|task| task.inputs.values())
    }

    /// Whether the model of a call is a function that may have an effect: what it sleeps overlaps with what it sleeps in
    /// other elements of a comprehension, so the element must stand apart.
    pub(super) fn asks_an_effect(&self, fiber: &Fiber, program: &Program) -> bool {
        let Program::Predictor(predictor) = program else {
            return false;
        };
        let set = |settings: &Settings| settings.get("lm").filter(|lm| !lm.is_none()).cloned();
        let own = predictor.config.get("lm").filter(|lm| !lm.is_none()).cloned();
        let lm = predictor.lm.clone().or(own).or_else(|| set(&fiber.settings));
        match lm.as_ref().unwrap_or(&self.machine.parts.lm.value) {
            Value::Lm(lm) => self.is_an_effect(&lm.kind),
            _ => false,
        }
    }

    fn is_an_effect(&self, kind: &LmKind) -> bool {
        match kind {
            LmKind::Function(function) => self.machine.program.function(function.id).reach.effect,
            _ => false,
        }
    }

    /// A predictor is called: the promise of its outputs.
    pub(super) fn start_predict(
        &mut self,
        fiber: &Fiber,
        program: &Arc<Program>,
        args: Arguments,
        name: &str,
    ) -> Result<Promise, Fault> {
        let Program::Predictor(predictor) = program.as_ref() else {
            return Err(Fault::new(FaultKind::Type, format!("`{name}` is no predictor")));
        };
        let callee = if name.is_empty() { "Predict" } else { name };
        let inputs = bind_inputs(&predictor.signature, args, callee)?;
        let plan = self.plan(program, &fiber.settings)?;
        let nature = self.nature(&plan);
        let node = self.tree.start(fiber.node, nature);
        let promise = self.promise();
        let site = self.site(fiber);
        let file = self.script_file(fiber, fiber.frames.len());
        let task = Task {
            node,
            promise: promise.clone(),
            program: program.clone(),
            inputs,
            plan,
            collector: fiber.collector.clone(),
            site,
            file,
            depth: fiber.depth + fiber.frames.len(),
            place: self.place(fiber),
            group: self.own_comprehension(fiber),
            stage: Stage::Inputs,
            has_seat: false,
            asked: Asked::default(),
            span: self.enter_predictor(fiber, predictor),
        };
        let id = self.asked;
        self.asked += 1;
        self.tasks.insert(id, Box::new(task));
        self.advance(id);
        Ok(promise)
    }

    fn nature(&self, plan: &CallPlan) -> Nature {
        let kinds = || {
            plan.extractor
                .iter()
                .map(|(lm, _)| lm)
                .chain([&plan.lm])
                .map(|lm| &lm.kind)
        };
        let effect = kinds().any(|kind| self.is_an_effect(kind));
        Nature {
            effect,
            scripted: kinds().any(|kind| matches!(kind, LmKind::Function(_) | LmKind::Scripted(_))),
            group: effect.then_some(MODELS),
        }
    }

    /// Takes a call as far as it can go now.
    pub(super) fn advance(&mut self, id: usize) {
        let Some(mut task) = self.tasks.remove(&id) else {
            return;
        };
        match self.step(id, &mut task) {
            Ok(Some(value)) => self.over(&task, Ok(value)),
            Ok(None) => drop(self.tasks.insert(id, task)),
            Err(raised) => self.over(&task, Err(raised)),
        }
    }

    /// A call has come to its end.
    fn over(&mut self, task: &Task, outcome: Result<Value, Arc<Raised>>) {
        if let Some(span) = task.span.clone() {
            self.leave_predictor(task.node, span, outcome.as_ref().err());
        }
        self.done(task.node, &task.promise, outcome);
    }

    /// The outputs, or nothing if it waits.
    fn step(&mut self, id: usize, task: &mut Task) -> Result<Option<Value>, Arc<Raised>> {
        match &task.stage {
            Stage::Inputs => {
                let Some(inputs) = self.inputs(id, task)? else {
                    return Ok(None);
                };
                task.inputs = inputs;
                self.ask_first(id, task)
            }
            Stage::Turn | Stage::Seat => self.ask(id, task),
            Stage::Function(promise) => {
                let promise = promise.clone();
                let Some(said) = self.await_value(id, &promise).transpose() else {
                    return Ok(None);
                };
                self.stand_up(task);
                self.said_by_function(id, task, &said?)
            }
            Stage::Answer => Ok(None),
            Stage::Condition(at, promise) => {
                let (at, promise) = (*at, promise.clone());
                match self.await_value(id, &promise)? {
                    Some(holds) => self.condition_known(id, task, at, &holds),
                    None => Ok(None),
                }
            }
        }
    }

    /// All inputs, whole and of their types, once they are there.
    fn inputs(&mut self, id: usize, task: &Task) -> Result<Option<Record>, Arc<Raised>> {
        let mut known = task.inputs.clone();
        for value in known.values_mut() {
            if matches!(value, Value::Promise(_)) {
                match self.await_whole(id, value)? {
                    Some(whole) => *value = whole,
                    None => return Ok(None),
                }
            }
        }
        let Some(predictor) = task.predictor() else {
            return Ok(Some(known));
        };
        let span = task.site.span.unwrap_or(crate::source::Span {
            file: task.file,
            start: 0,
            end: 0,
        });
        for field in &predictor.signature.inputs {
            let Some(at) = known.index_of(&field.name) else {
                continue;
            };
            let value = convert(&known.values()[at], &field.ty, span);
            let value = value.and_then(|value| self.machine.memory.fits_text(&value).map(|()| value));
            known.values_mut()[at] = value.map_err(|fault| {
                let message = format!("the input `{}`: {}", field.name, fault.message);
                task.fail(Fault { message, ..fault })
            })?;
        }
        Ok(Some(known))
    }

    fn await_value(&mut self, id: usize, promise: &Promise) -> Result<Option<Value>, Arc<Raised>> {
        self.await_whole(id, &Value::Promise(promise.clone()))
    }

    fn await_whole(&mut self, id: usize, value: &Value) -> Result<Option<Value>, Arc<Raised>> {
        looked::note(value, Look::Deep);
        match settle::settle(value) {
            Settled::Ready(value) => Ok(Some(value)),
            Settled::Failed(raised) => Err(raised),
            Settled::Waits(promise) => {
                self.wait_for(&promise, Waiter::Task(id));
                Ok(None)
            }
        }
    }

    fn ask_first(&mut self, id: usize, task: &mut Task) -> Result<Option<Value>, Arc<Raised>> {
        task.asked.own_tools = self.own_tools(task);
        let Some(prompt) = self.prompt(task) else {
            return Ok(Some(Value::None));
        };
        let path = task.predictor().and_then(|predictor| predictor.path.clone());
        if self.captured.is_some() {
            let at = self.tree.path(task.node);
            if let Some(captured) = &mut self.captured {
                captured.push((
                    at,
                    Captured {
                        path,
                        messages: prompt.messages,
                    },
                ));
            }
            // It is never answered.
            task.stage = Stage::Answer;
            return Ok(None);
        }
        if let Some(forecast) = Forecast::of(&task.plan.settings)
            && let Some(forecast) = forecast.as_any().downcast_ref::<Forecast>()
        {
            return Ok(Some(self.foretold(task, forecast, &prompt)));
        }
        self.warn_of_twin(task, &prompt);
        task.asked.prompt = Some(prompt);
        self.ask(id, task)
    }

    /// The call in words.
    fn prompt(&mut self, task: &Task) -> Option<Prompt> {
        let signature = task.signature()?;
        let (program, demos) = (&task.program, &task.predictor()?.demos);
        let own_tools = task.asked.own_tools.is_some();
        let adapter = task.plan.adapter;
        let template = self.machine.templates.of(program, own_tools, adapter, signature, demos);
        Some(adapter.complete(&template, signature, &task.inputs))
    }

    /// Whether the call must let others go first; then it goes on when they are done.
    fn wait_turn(&mut self, id: usize, task: &mut Task) -> bool {
        match self.tree.before(task.node, Turn::Scripted) {
            Some(node) => {
                self.tree.wait(node, Waiter::Task(id));
                task.stage = Stage::Turn;
                true
            }
            None => false,
        }
    }
}
