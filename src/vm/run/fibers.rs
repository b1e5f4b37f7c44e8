//! Fibers of a run: how one starts, how far it goes before another has its turn, and what becomes of it then.

use crate::diag::{Fault, FaultKind};
use crate::value::{Promise, Value};

use super::super::exec::{Exit, SLICE};
use super::super::fiber::{Fiber, Frame, FrameKind, SplitParts};
use super::super::memory::STEP;
use super::super::tree::{Nature, Waiter};
use super::{Run, Start};

impl Run<'_> {
    /// Runs a fiber; whether it only stopped to let others have a look.
    pub(super) fn run_fiber(&mut self, id: usize) -> bool {
        let Some(mut fiber) = self.fibers.get_mut(id).and_then(Option::take) else {
            return false;
        };
        match self.execute(&mut fiber) {
            Exit::Finished(value) => self.finish(*fiber, Ok(value)),
            Exit::Failed(raised) => self.finish(*fiber, Err(raised)),
            Exit::Split(at) => {
                let apart = self.split(&mut fiber, at);
                self.fibers[id] = Some(fiber);
                self.ready.push_front(Waiter::Fiber(id));
                self.ready.push_front(Waiter::Fiber(apart));
            }
            Exit::Answer(promise) => {
                self.fibers[id] = Some(fiber);
                self.wait_for(&promise, Waiter::Fiber(id));
            }
            Exit::Turn(node) => {
                self.fibers[id] = Some(fiber);
                self.tree.wait(node, Waiter::Fiber(id));
            }
            Exit::Parked => self.fibers[id] = Some(fiber),
            Exit::Slice => return self.slice(fiber),
        }
        false
    }

    fn slice(&mut self, mut fiber: Box<Fiber>) -> bool {
        let id = fiber.id;
        let steps = u64::from(SLICE - self.steps.slice);
        self.steps.left = self.steps.left.saturating_sub(steps);
        self.steps.slice = SLICE;
        self.steps.grown += steps * STEP;
        if self.steps.left == 0 {
            let limit = self.machine.parts.limits.steps;
            let fault = Fault::new(FaultKind::Budget, format!("the program took more than {limit} steps"));
            let raised = self.raised(&fiber, fault);
            // No `catch` takes this one: it would go on for ever.
            fiber.handlers.clear();
            self.finish(*fiber, Err(raised));
            return false;
        }
        if let Err(fault) = self.settle_memory(&fiber) {
            let raised = self.raised(&fiber, fault);
            if let Err(raised) = self.raise(&mut fiber, raised) {
                self.finish(*fiber, Err(raised));
                return false;
            }
        }
        self.fibers[id] = Some(fiber);
        self.ready.push_front(Waiter::Fiber(id));
        true
    }

    /// The frames from `at` on become a fiber of their own.
    fn split(&mut self, fiber: &mut Fiber, at: usize) -> usize {
        let origin = self.origin(fiber, at);
        let code = &self.machine.store.codes[fiber.frames[at].code as usize];
        let nature = Nature {
            effect: code.reach.effect,
            scripted: true,
            group: fiber.group(at),
        };
        let place = self.place(fiber);
        let node = self.tree.start(fiber.node, nature);
        let promise = self.promise();
        let id = self.vacancy();
        let codes = &self.machine.store.codes;
        let ends = fiber.frames[at..]
            .iter()
            .map(|frame| frame.base + usize::from(codes[frame.code as usize].registers));
        let end = ends.max().unwrap_or_default();
        let apart = fiber.split(
            at,
            end,
            SplitParts {
                id,
                node,
                promise,
                origin,
                place,
            },
        );
        self.fibers[id] = Some(Box::new(apart));
        id
    }

    /// A new fiber that starts with a code and its first registers.
    pub fn spawn(&mut self, code: u32, mut stack: Vec<Value>, start: Start) -> Promise {
        let promise = self.promise();
        let registers = usize::from(self.machine.store.codes[code as usize].registers);
        stack.resize(registers.max(stack.len()), Value::None);
        let id = self.vacancy();
        let fiber = Fiber {
            id,
            stack,
            frames: vec![Frame {
                code,
                pc: 0,
                base: 0,
                to: 0,
                kind: FrameKind::Plain,
            }],
            handlers: Vec::new(),
            scopes: Vec::new(),
            caught: Vec::new(),
            settings: start.settings,
            collector: start.collector,
            node: start.node,
            promise: promise.clone(),
            origin: start.origin,
            depth: start.depth,
            apart: 0,
            place: start.place,
        };
        self.fibers[id] = Some(Box::new(fiber));
        self.ready.push_back(Waiter::Fiber(id));
        promise
    }

    fn vacancy(&mut self) -> usize {
        match self.free.pop() {
            Some(id) => id,
            None => {
                self.fibers.push(None);
                self.fibers.len() - 1
            }
        }
    }
}
