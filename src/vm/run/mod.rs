//! One run of the machine: its fibers and calls under way, and who goes on next. One logical thread, driven by answers;
//! dropping the run drops all that it waits for.

mod fibers;
mod telling;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::chat::Shape;
use crate::diag::{Fault, FaultKind};
use crate::host::BoxFuture;
use crate::lm::Answer;
use crate::source::Span;
use crate::trace::{Query, Try};
use crate::value::{EcoString, Promise, Raised, Settings, Source, Value};

use super::code::Code;
use super::exec::{Places, Steps};
use super::fiber::{Collector, Fiber, Origin};
use super::live::Live;
use super::looked;
use super::machine::{Captured, Machine};
use super::op::Reg;
use super::predict::{Planned, Seats, Task, Told, Twins};
use super::settle::{self, Settled};
use super::tree::{Mark, NodeId, Path, Piece, ROOT, Tree, Waiter};

/// Something that was waited for.
pub enum Event {
    Effect {
        fiber: usize,
        to: Reg,
        result: Result<Value, Fault>,
    },
    Called {
        node: NodeId,
        promise: Promise,
        site: Arc<Raised>,
        result: Result<Value, Fault>,
        /// What was asked outside for it.
        queries: Vec<Query>,
    },
    /// A part of an answer: which request of the task it is of, and what tells the next one.
    Said {
        task: usize,
        request: u32,
        text: Option<String>,
        rest: Told,
    },
    /// No part comes any more.
    Silent,
    /// There is a place for another element of a list that is gone through in step.
    Room(Promise),
    Answered {
        task: usize,
        result: Result<Answer, Fault>,
        /// The requests that it took, or that were in vain.
        tries: Vec<Try>,
    },
}

pub struct Run<'m> {
    pub machine: &'m mut Machine,
    pub tree: Tree,
    pub events: FuturesUnordered<BoxFuture<'static, Event>>,
    pub steps: Steps,
    /// What would have been sent, if nothing is.
    pub captured: Option<Vec<(Path, Captured)>>,
    /// By their numbers, which are not used again.
    pub(super) tasks: FxHashMap<usize, Box<Task>>,
    /// How many calls of predictors were started.
    pub(super) asked: usize,
    /// The streams that are not over.
    pub(super) lives: Vec<Arc<Live>>,
    fibers: Vec<Option<Box<Fiber>>>,
    free: Vec<usize>,
    pub(super) ready: VecDeque<Waiter>,
    /// What the server of a model takes at most, where it refused more.
    pub(super) shapes: FxHashMap<EcoString, Option<Shape>>,
    /// The models whose server refused to be told of tools.
    pub(super) toolless: FxHashSet<EcoString>,
    pub(super) waiting: FxHashMap<u64, Vec<Waiter>>,
    pub(super) twins: Twins,
    pub(super) seats: Seats,
    pub(super) places: Places,
    pub(super) planned: Option<Planned>,
    ids: u64,
    /// When the run ends, on the host's clock.
    deadline: Option<Duration>,
}

const LIBRARY: u64 = 1 << 63;

/// What a new fiber is given by what starts it.
pub struct Start {
    pub node: NodeId,
    pub settings: Settings,
    pub collector: Option<Arc<Collector>>,
    pub origin: Option<Arc<Origin>>,
    pub depth: usize,
    pub place: u64,
}

impl<'m> Run<'m> {
    pub fn new(machine: &'m mut Machine) -> Run<'m> {
        let steps = Steps::new(machine.parts.limits.steps);
        let limits = &machine.parts.limits;
        let deadline = limits
            .time
            .map(|time| machine.parts.host.elapsed().saturating_add(time));
        machine.globals.places.iter_mut().for_each(|place| *place = 0);
        let captured = machine.dry.is_some().then(Vec::new);
        Run {
            machine,
            tree: Tree::new(),
            events: FuturesUnordered::new(),
            steps,
            captured,
            tasks: FxHashMap::default(),
            asked: 0,
            lives: Vec::new(),
            fibers: Vec::new(),
            free: Vec::new(),
            ready: VecDeque::new(),
            shapes: FxHashMap::default(),
            toolless: FxHashSet::default(),
            waiting: FxHashMap::default(),
            twins: Twins::default(),
            seats: Seats::default(),
            places: Places::default(),
            planned: None,
            ids: 0,
            deadline,
        }
    }

    /// The root: runs the code to its end, waits for all that it started, and yields its whole value.
    pub async fn root(&mut self, code: u32, registers: Vec<Value>) -> Result<Value, Arc<Raised>> {
        let mark = self.tree.mark(ROOT);
        let settings = self.watched(self.machine.settings.clone());
        let start = Start {
            node: ROOT,
            settings,
            collector: None,
            origin: None,
            depth: 0,
            place: u64::MAX,
        };
        let promise = self.spawn(code, registers, start);
        let in_time = self.drive(&promise).await;
        self.flush();
        self.end_watching();
        if !in_time {
            return Err(self.out_of_time());
        }
        if let (Some(mut captured), Some(all)) = (self.captured.take(), &mut self.machine.dry) {
            captured.sort_by(|(a, _), (b, _)| a.cmp(b));
            all.extend(captured.into_iter().map(|(_, captured)| captured));
        }
        self.outcome(&promise, mark)
    }

    fn outcome(&mut self, promise: &Promise, mark: Mark) -> Result<Value, Arc<Raised>> {
        match promise.0.outcome.get() {
            Some(Err(raised)) => return Err(raised.clone()),
            Some(Ok(_)) => {}
            None => {
                let message = match self.machine.dry {
                    Some(_) => "this waits for an answer from outside, and `dsp prompt` sends nothing",
                    None => "the program waits for something that never comes",
                };
                let fault = Fault::new(FaultKind::State, message);
                return Err(Arc::new(Raised::bare(fault)));
            }
        }
        if let Some(raised) = self.unlooked(mark, ROOT) {
            return Err(raised);
        }
        match settle::settle(&Value::Promise(promise.clone())) {
            Settled::Ready(value) => Ok(value),
            Settled::Failed(raised) => Err(raised),
            Settled::Waits(_) => Ok(Value::None),
        }
    }

    /// The first failure between the mark and the end of `node` that nobody looked at.
    pub(super) fn unlooked(&mut self, mark: Mark, node: NodeId) -> Option<Arc<Raised>> {
        let loose = self.tree.take_loose(mark, node);
        loose.iter().find_map(looked::unlooked)
    }

    /// `value` was made of `from` by holding it against a type, or by asking it for a field; if it is a promise, that
    /// may still fail.
    pub(super) fn check_later(&mut self, fiber: &Fiber, from: &Value, value: &Value) {
        let Value::Promise(promise) = value else { return };
        if value != from && !matches!(promise.0.source, Source::Call) && !looked::is_fine(promise) {
            self.tree.check(fiber.node, promise.clone(), looked::is_fine);
        }
    }

    /// Whether the run came to its end in time.
    async fn drive(&mut self, root: &Promise) -> bool {
        loop {
            while let Some(next) = self.ready.pop_front() {
                match next {
                    Waiter::Fiber(id) => {
                        if self.run_fiber(id) {
                            self.flush();
                            Yield(false).await;
                            if self.remaining().is_some_and(|rest| rest.is_zero()) {
                                return false;
                            }
                        }
                    }
                    Waiter::Task(id) => self.advance(id),
                }
            }
            self.flush();
            self.release();
            if !self.ready.is_empty() {
                continue;
            }
            let over = root.0.outcome.get().is_some() && self.tree.is_done(ROOT);
            if !over && self.events.is_empty() && self.seat_next() {
                continue;
            }
            if over || self.events.is_empty() {
                return true;
            }
            let event = match self.remaining() {
                None => self.events.next().await,
                Some(rest) => {
                    let timer = self.machine.parts.host.sleep(rest);
                    match select(self.events.next(), timer).await {
                        Either::Left((event, _)) => event,
                        Either::Right(_) => return false,
                    }
                }
            };
            if let Some(event) = event {
                self.deliver(event);
            }
        }
    }

    /// How much time is left, if there is an end to it.
    fn remaining(&self) -> Option<Duration> {
        let elapsed = self.machine.parts.host.elapsed();
        self.deadline.map(|deadline| deadline.saturating_sub(elapsed))
    }

    /// The error of a run that took too long, where its first fiber stands.
    fn out_of_time(&self) -> Arc<Raised> {
        let seconds = self.machine.parts.limits.time.unwrap_or_default().as_secs_f64();
        let fault = Fault::new(
            FaultKind::Budget,
            format!("the program ran longer than the limit of {seconds} s"),
        );
        match self.fibers().find(|fiber| fiber.node == ROOT) {
            Some(fiber) => self.raised(fiber, fault),
            None => Arc::new(Raised::bare(fault)),
        }
    }

    /// All fibers but the one that runs.
    pub(super) fn fibers(&self) -> impl Iterator<Item = &Fiber> {
        self.fibers.iter().flatten().map(Box::as_ref)
    }

    fn deliver(&mut self, event: Event) {
        match event {
            Event::Effect { fiber: id, to, result } => {
                let Some(mut fiber) = self.fibers.get_mut(id).and_then(Option::take) else {
                    return;
                };
                let failed = match result {
                    Ok(value) => {
                        fiber.set(to, value);
                        Ok(())
                    }
                    Err(fault) => {
                        let raised = self.raised(&fiber, fault);
                        self.raise(&mut fiber, raised)
                    }
                };
                match failed {
                    Ok(()) => {
                        self.fibers[id] = Some(fiber);
                        self.ready.push_back(Waiter::Fiber(id));
                    }
                    Err(raised) => self.finish(*fiber, Err(raised)),
                }
            }
            Event::Called {
                node,
                promise,
                site,
                result,
                queries,
            } => {
                for query in queries {
                    self.tree.push(node, Piece::Asked(Box::new(query)));
                }
                let outcome = result.map_err(|fault| {
                    Arc::new(Raised {
                        fault,
                        ..(*site).clone()
                    })
                });
                self.done(node, &promise, outcome);
            }
            Event::Said {
                task,
                request,
                text,
                rest,
            } => self.heard_some(task, request, text.as_deref(), rest),
            Event::Silent => {}
            Event::Room(promise) => self.resolve(&promise, Ok(Value::None)),
            Event::Answered { task, result, tries } => self.answered(task, result, tries),
        }
    }

    /// The place among the root's items of what the fiber starts now: globals set after it are not there for it.
    pub(super) fn place(&self, fiber: &Fiber) -> u64 {
        match fiber.node {
            ROOT => self.tree.mark(ROOT).place(),
            _ => fiber.place,
        }
    }

    fn finish(&mut self, mut fiber: Fiber, outcome: Result<Value, Arc<Raised>>) {
        self.free.push(fiber.id);
        self.leave_spans(&mut fiber, 0, outcome.as_ref().err());
        let outcome = outcome.map(settle::whole_if_there);
        self.done(fiber.node, &fiber.promise, outcome);
    }

    /// A call has come to its end.
    pub(super) fn done(&mut self, node: NodeId, promise: &Promise, outcome: Result<Value, Arc<Raised>>) {
        if outcome.is_err() && node != ROOT {
            self.tree.failed(node, promise.clone());
        }
        self.resolve(promise, outcome);
        let woken = self.tree.end(node);
        self.ready.extend(woken);
    }

    fn resolve(&mut self, promise: &Promise, outcome: Result<Value, Arc<Raised>>) {
        looked::resolve(promise, outcome);
        if let Some(waiting) = self.waiting.remove(&promise.0.id) {
            self.ready.extend(waiting);
        }
    }

    pub(super) fn wait_for(&mut self, promise: &Promise, waiter: Waiter) {
        self.waiting.entry(promise.0.id).or_default().push(waiter);
    }

    pub fn promise(&mut self) -> Promise {
        Promise::call(self.next_id())
    }

    /// A name for a comprehension; that of one of the library's has `LIBRARY` in it.
    pub(super) fn next_group(&mut self, library: bool) -> u64 {
        self.next_id() | if library { LIBRARY } else { 0 }
    }

    /// Whether a comprehension is the script's own.
    pub(super) fn is_own(&self, group: u64) -> bool {
        group & LIBRARY == 0
    }

    pub fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// The code of the running frame.
    pub fn code(&self, fiber: &Fiber) -> Arc<Code> {
        let index = fiber.top().map_or(0, |frame| frame.code);
        self.machine.store.codes[index as usize].clone()
    }

    /// The place of the running instruction.
    pub fn span(&self, fiber: &Fiber) -> Span {
        let none = Span {
            file: crate::source::FileId(0),
            start: 0,
            end: 0,
        };
        let Some(frame) = fiber.top() else { return none };
        let code = &self.machine.store.codes[frame.code as usize];
        code.spans
            .get((frame.pc as usize).saturating_sub(1))
            .copied()
            .unwrap_or(none)
    }
}

/// Lets others run once.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
