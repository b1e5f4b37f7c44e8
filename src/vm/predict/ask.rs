//! Asking: a scripted model in its turn, a model that is a function as a fiber, any other through the client.

use std::sync::Arc;

use crate::call::{Allowance, Budget, Spent};
use crate::chat::{self, Finish, Message, Reply};
use crate::diag::{Fault, FaultKind};
use crate::lm::dummy::{Script, Scripted};
use crate::lm::{self, Answer, Tries, Watch, function};
use crate::trace::{self, Call, Try};
use crate::value::{EcoString, LmKind, Raised, Settings, Value};

use super::super::fiber::Origin;
use super::super::run::{Event, Run, Start};
use super::super::tree::{Nature, Piece};
use super::meta::More;
use super::native::form;
use super::seats;
use super::several::Said;
use super::{Stage, Task};

type Step = Result<Option<Value>, Arc<Raised>>;

impl Run<'_> {
    pub(super) fn ask(&mut self, id: usize, task: &mut Task) -> Step {
        task.listen();
        task.asked.began = self.machine.parts.host.elapsed();
        match &task.plan.lm.clone().kind {
            LmKind::Scripted(_) => {
                if self.wait_turn(id, task) {
                    return Ok(None);
                }
                self.count_scripted(task)?;
                let Some(prompt) = &task.asked.prompt else {
                    return Ok(None);
                };
                let said = match Script::of(&task.plan.lm.kind) {
                    Some(script) => script.next(prompt.question()),
                    None => Err(Fault::new(FaultKind::Lm, "this model has no script")),
                };
                let said = said.map_err(|fault| task.fail(task.asked_again(fault)))?;
                self.said(id, task, said)
            }
            LmKind::Function(function) => {
                if !self.sit(id, task) {
                    return Ok(None);
                }
                self.count_scripted(task).inspect_err(|_| self.stand_up(task))?;
                let messages = task.asked.prompt.iter().flat_map(|prompt| &prompt.messages);
                let messages = Value::list(messages.map(message_value));
                let (code, registers) = self
                    .machine
                    .calling(Value::Function(function.clone()), vec![messages], vec![]);
                let start = self.start_inside(task);
                let settings = seats::within(&start.settings);
                let promise = self.spawn(code, registers, Start { settings, ..start });
                task.stage = Stage::Function(promise);
                self.step(id, task)
            }
            LmKind::Provider | LmKind::Several(_) => {
                self.admit(task)?;
                self.send(id, task).map_err(|fault| task.fail(fault))?;
                Ok(None)
            }
        }
    }

    /// One request more, if the budget of the search that it is a part of allows it.
    fn admit(&self, task: &mut Task) -> Result<(), Arc<Raised>> {
        if let Some(budget) = Budget::of(&task.plan.settings) {
            budget.admit().map_err(|fault| task.fail(fault))?;
        }
        task.asked.count += 1;
        Ok(())
    }

    /// A scripted model is a model: the caps in force hold for it, too.
    fn count_scripted(&self, task: &mut Task) -> Result<(), Arc<Raised>> {
        if task.is_counted() {
            return Ok(());
        }
        self.admit(task)?;
        let admitted = Allowance::of(&task.plan.settings).admit();
        admitted.map_err(|fault| task.refused(fault))
    }

    /// A fiber whose effects stand where the call stands.
    pub(super) fn start_inside(&mut self, task: &Task) -> Start {
        let nature = Nature {
            effect: true,
            scripted: true,
            group: None,
        };
        Start {
            node: self.tree.start(task.node, nature),
            settings: task.inside(),
            collector: task.collector.clone(),
            origin: Some(Arc::new(Origin {
                frames: task.site.frames.clone(),
                outer: None,
                file: task.file,
            })),
            depth: task.depth,
            place: task.place,
        }
    }

    fn send(&mut self, id: usize, task: &mut Task) -> Result<(), Fault> {
        let Some(prompt) = &task.asked.prompt else {
            return Ok(());
        };
        let plan = &task.plan;
        let mut sent = plan.sent.clone();
        sent.extend(task.wanted());
        if let Some(own) = &task.asked.own_tools {
            sent.push((EcoString::from("tools"), own.tools.clone()));
        }
        if !prompt.stop.is_empty() {
            let own = plan.lm.options.get("stop").filter(|value| !value.is_none());
            let own = match own {
                Some(Value::List(texts)) => texts.iter().cloned().collect(),
                Some(text) => vec![text.clone()],
                None => Vec::new(),
            };
            let stops = prompt.stop.iter().map(|text| Value::str(text.as_str())).chain(own);
            sent.push((EcoString::from("stop"), Value::list(stops)));
        }
        let sent = sent.iter().map(|(name, value)| (name.as_str(), value));
        let mut request = lm::request(&plan.lm, prompt.messages.clone(), prompt.mode, sent)?;
        request.form = form(task);
        request.shape = if request.form.is_empty() {
            self.shape(task)?
        } else {
            None
        };
        if request.extra.contains_key("tools") && !lm::takes_shape_beside_tools(&plan.lm) {
            request.shape = None;
        }
        let client = &self.machine.parts.client;
        let settings = match plan.call.get() {
            Some(known) => known.clone(),
            None => {
                let read = client.settings(&plan.lm, &plan.settings)?;
                plan.call.get_or_init(|| read).clone()
            }
        };
        let listener = self.listener(id, task);
        let client = &self.machine.parts.client;
        let tries = Tries::default();
        let watch = Watch {
            listener,
            tries: tries.clone(),
        };
        let answer = client.ask(&task.plan.lm, request, settings, watch);
        self.events.push(Box::pin(async move {
            let result = answer.await;
            let tries = tries.all();
            Event::Answered {
                task: id,
                result,
                tries,
            }
        }));
        task.stage = Stage::Answer;
        Ok(())
    }

    /// An answer has come over a connection.
    pub(in crate::vm) fn answered(&mut self, id: usize, result: Result<Answer, Fault>, tries: Vec<Try>) {
        let Some(mut task) = self.tasks.remove(&id) else {
            return;
        };
        let outcome = match result {
            Ok(answer) => self.take_reply(id, &mut task, answer),
            Err(fault) if self.asks_for_less(&mut task, &fault) => {
                self.in_vain(&task, &fault, tries.clone());
                task.asked.tries.extend(tries);
                self.ask(id, &mut task)
            }
            Err(fault) => {
                self.in_vain(&task, &fault, tries);
                Err(task.refused(fault))
            }
        };
        self.end_step(id, task, outcome);
    }

    pub(super) fn said_by_function(&mut self, id: usize, task: &mut Task, value: &Value) -> Step {
        if !function::is_model(&task.plan.lm) {
            let said = Scripted::from_value(value).map_err(|fault| task.fail(fault))?;
            return self.said(id, task, said);
        }
        let reply = function::reply(&task.plan.lm, value).map_err(|fault| task.fail(fault))?;
        Allowance::of(&task.plan.settings).pay(reply.usage.cost.unwrap_or_default());
        self.take_reply(id, task, by_hand(&task.plan.lm.name.clone(), reply))
    }

    fn said(&mut self, id: usize, task: &mut Task, said: Scripted) -> Step {
        task.asked.record = match &said {
            Scripted::Record(record) => Some(record.clone()),
            Scripted::Text(_) => None,
        };
        let text = match said {
            Scripted::Text(text) => text.to_string(),
            Scripted::Record(record) => match task.predictor() {
                Some(predictor) => task.plan.adapter.render(&predictor.signature, &record),
                None => String::new(),
            },
        };
        self.take_reply(id, task, by_hand(&task.plan.lm.name.clone(), Reply::text(text)))
    }

    /// Notes what was said, and reads it.
    fn take_reply(&mut self, id: usize, task: &mut Task, answer: Answer) -> Step {
        let Answer {
            mut reply,
            cached,
            requests,
            tries,
        } = answer;
        let first = task.asked.said.is_empty();
        if task.is_counted() {
            return self.heard(id, task, Said::of(reply.text), Vec::new());
        }
        let made = self.made(task);
        let call = Call {
            // Of several models, the one that answered.
            model: tries.last().map_or(made.model, |answered| answered.model.clone()),
            reply: reply.text.clone(),
            others: match task.is_answered_at_once() {
                true => task.plan.n.saturating_sub(1) as usize,
                false => reply.others.len(),
            },
            calls: reply.calls.clone(),
            usage: reply.usage,
            cached,
            requests,
            tries: match self.machine.parts.history.is_observed() {
                true => tries.clone(),
                false => Vec::new(),
            },
            ..made
        };
        trace::tally(&task.plan.settings, &call.model, cached, &call.usage);
        if let Some(budget) = Budget::of(&task.plan.settings) {
            let cost = reply.usage.cost.unwrap_or_default();
            budget.add(Spent { calls: 0, cost });
        }
        self.tree.push(task.node, Piece::Answered(Box::new(call)));
        let asked = &mut task.asked;
        asked.usage.estimated |= reply.usage.estimated;
        asked.usage.prompt_tokens += reply.usage.prompt_tokens;
        asked.usage.completion_tokens += reply.usage.completion_tokens;
        asked.usage.cost = match (asked.usage.cost, reply.usage.cost) {
            (None, cost) | (cost, None) => cost,
            (Some(a), Some(b)) => Some(a + b),
        };
        asked.cached = cached;
        asked.model = reply.model.map_or_else(|| task.plan.lm.name.clone(), EcoString::from);
        asked.id = reply.id;
        match asked.tries.is_empty() {
            true => asked.tries = tries,
            false => asked.tries.extend(tries),
        }
        let more = More {
            thought: reply.thought,
            logprobs: reply.logprobs,
            scores: std::mem::take(&mut reply.scores),
            ..More::default()
        };
        asked.more = more.kept();
        if first && reply.finish == Finish::Length {
            return Err(task.fail(cut_off(&reply.text)));
        }
        if first && reply.finish == Finish::ContentFilter {
            return Err(task.fail(held_back(&reply.text)));
        }
        if first && task.asked.record.is_none() {
            self.heard_all(task, &reply.text);
        }
        let others = std::mem::take(&mut reply.others);
        let said = Said {
            calls: reply.calls,
            ..Said::of(reply.text)
        };
        self.heard(id, task, said, others)
    }

    /// What is known of the last request before it is answered.
    fn made(&self, task: &Task) -> Call {
        let host = &self.machine.parts.host;
        let prompt = task.asked.prompt.as_ref();
        let path = task.predictor().and_then(|predictor| predictor.path.as_ref());
        Call {
            model: task.plan.lm.name.clone(),
            messages: prompt.map(|prompt| prompt.messages.clone()).unwrap_or_default(),
            reply: String::new(),
            others: 0,
            calls: Vec::new(),
            usage: chat::Usage::default(),
            cached: false,
            requests: 0,
            at: host.now(),
            path: path.map(ToString::to_string),
            seconds: host.elapsed().saturating_sub(task.asked.began).as_secs_f64(),
            error: None,
            span: task.span.as_ref().map(|span| span.id),
            tries: Vec::new(),
        }
    }

    /// Tells whoever wants to know of every call that this one was in vain.
    fn in_vain(&mut self, task: &Task, fault: &Fault, tries: Vec<Try>) {
        if self.machine.parts.history.is_observed() {
            let error = Some(format!("{}: {}", fault.kind.name(), fault.message));
            let reply = fault.reply.clone().unwrap_or_default().to_string();
            let call = Call {
                error,
                reply,
                tries,
                ..self.made(task)
            };
            self.tree.push(task.node, Piece::Answered(Box::new(call)));
        }
    }

    /// Puts the task back, or ends it.
    fn end_step(&mut self, id: usize, task: Box<Task>, outcome: Step) {
        match outcome {
            Ok(Some(value)) => self.over(&task, Ok(value)),
            Ok(None) => drop(self.tasks.insert(id, task)),
            Err(raised) => self.over(&task, Err(raised)),
        }
    }
}

impl Task {
    /// The settings of what its own functions call.
    fn inside(&self) -> Settings {
        match self.span.clone() {
            Some(span) => self.plan.settings.with(vec![span.setting()]),
            None => self.plan.settings.clone(),
        }
    }

    /// Whether all answers to a question come at once, in one call: so with a `DummyLM`. `LM(fn)` is asked for each of them.
    fn is_answered_at_once(&self) -> bool {
        let lm = &self.plan.lm;
        matches!(lm.kind, LmKind::Scripted(_) | LmKind::Function(_)) && !function::is_model(lm)
    }

    /// Whether what is said next belongs to a call that was counted.
    fn is_counted(&self) -> bool {
        self.is_answered_at_once() && !self.asked.said.is_empty()
    }

    /// Whoever did not foresee a second question wants to know why it was put.
    fn asked_again(&self, fault: Fault) -> Fault {
        let last = self.asked.tries.last().filter(|_| self.asked.again > 0);
        match last.and_then(|last| last.message.as_deref()) {
            Some(problem) => fault.help(format!("it was asked again because of the last answer: {problem}")),
            None => fault,
        }
    }

    /// A call that was not answered. A search whose calls the caps around it refuse has to know.
    fn refused(&self, fault: Fault) -> Arc<Raised> {
        if let (FaultKind::Budget, Some(budget)) = (fault.kind, Budget::of(&self.plan.settings)) {
            budget.refused(&fault);
        }
        self.fail(fault)
    }
}

/// An answer that no connection brought.
fn by_hand(model: &str, reply: Reply) -> Answer {
    Answer {
        tries: vec![Try::answered(model, reply.usage)],
        reply,
        cached: false,
        requests: 1,
    }
}

fn message_value(message: &Message) -> Value {
    Value::record([
        ("role", Value::str(message.role.name())),
        ("content", Value::str(message.content.as_str())),
    ])
}

fn held_back(reply: &str) -> Fault {
    Fault::new(
        FaultKind::Lm,
        "the provider does not let this be answered (content filter)",
    )
    .reply(reply)
    .help("change what is asked, or ask another model")
}

fn cut_off(reply: &str) -> Fault {
    Fault::new(FaultKind::Length, "the reply was cut off at `max_tokens`")
        .reply(reply)
        .help("raise `max_tokens`, or ask for less")
}
