//! Running a fiber: the instructions that need nothing but the frame are here, in one loop; the others, and those that
//! meet a promise, leave the loop (`Leave::Slow`).

mod calls;
mod data;
mod entry;
mod flow;
mod making;
mod natives;
mod quick;
mod raise;
mod registers;
mod steps;

use std::sync::Arc;

use crate::diag::Fault;
use crate::value::{Look, Promise, Raised, Value};

use super::fiber::Fiber;
use super::looked;
use super::op::{Op, Reg};
use super::run::Run;
use super::settle::{self, Settled};
use super::tree::NodeId;

use quick::{Leave, quick};
pub(in crate::vm) use raise::Places;
pub use steps::{SLICE, Steps};

/// Why an instruction did not come to its end.
pub enum Stop {
    Fault(Fault),
    Raised(Arc<Raised>),
    /// The running call looks at a promise, or waits for something else: if it has not been set aside, it is now, and
    /// the instruction runs again.
    Apart,
    /// The same for the element that it is in.
    ElementApart,
    /// Again when this call is answered.
    Answer(Promise),
    /// Again when this is done.
    Turn(NodeId),
    /// The scheduler brings the value.
    Parked,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}

/// Why a fiber stopped running.
pub enum Exit {
    Finished(Value),
    Failed(Arc<Raised>),
    /// The frames from this one on are to be set aside.
    Split(usize),
    Answer(Promise),
    Turn(NodeId),
    Parked,
    /// It has run for long enough for others to have a look.
    Slice,
}

impl Run<'_> {
    /// Runs a fiber until it ends or has to wait.
    pub(super) fn execute(&mut self, fiber: &mut Fiber) -> Exit {
        loop {
            let machine = &mut *self.machine;
            let left = quick(
                &machine.store,
                &mut machine.globals,
                &mut machine.memory,
                fiber,
                &mut self.steps,
            );
            let op = match left {
                Leave::Finished(value) => return Exit::Finished(value),
                Leave::Slice => return Exit::Slice,
                Leave::Slow => self.running(fiber),
            };
            let Err(stop) = self.slow(fiber, op) else { continue };
            if let Some(exit) = self.stopped(fiber, stop) {
                return exit;
            }
        }
    }

    /// The instruction that the quick loop left.
    fn running(&self, fiber: &Fiber) -> Op {
        let Some(frame) = fiber.top() else {
            return Op::Clear { reg: 0 };
        };
        self.machine.store.codes[frame.code as usize].ops[(frame.pc as usize).saturating_sub(1)]
    }

    /// Whether the fiber can go on after all: its own handler took the error.
    fn stopped(&mut self, fiber: &mut Fiber, stop: Stop) -> Option<Exit> {
        let raised = match stop {
            Stop::Fault(fault) => self.raised(fiber, fault),
            Stop::Raised(raised) => raised,
            Stop::Parked => return Some(Exit::Parked),
            Stop::Apart | Stop::ElementApart => {
                fiber.again();
                let at = match stop {
                    Stop::Apart => fiber.innermost_apart(),
                    _ => fiber.first_element(),
                };
                return at.map(Exit::Split);
            }
            Stop::Answer(promise) => {
                fiber.again();
                return Some(Exit::Answer(promise));
            }
            Stop::Turn(node) => {
                fiber.again();
                return Some(Exit::Turn(node));
            }
        };
        self.raise(fiber, raised).err().map(Exit::Failed)
    }

    fn slow(&mut self, fiber: &mut Fiber, op: Op) -> Result<(), Stop> {
        if self.machine.memory.is_due() || self.steps.grown > 0 {
            self.settle_memory(fiber)?;
        }
        match op {
            Op::Call { .. } | Op::CallNative { .. } | Op::CallSite { .. } | Op::CallElement { .. } => {
                self.slow_call(fiber, op)
            }
            Op::TryBegin { .. }
            | Op::TryEnd
            | Op::Caught { .. }
            | Op::CollectBegin
            | Op::CollectEnd { .. }
            | Op::StreamEnd { .. }
            | Op::WithBegin { .. }
            | Op::WithRecord { .. }
            | Op::WithEnd
            | Op::SpanBegin
            | Op::SpanEnd { .. }
            | Op::Configure { .. }
            | Op::ElementsBegin { .. }
            | Op::ElementsEnd
            | Op::ElementFailed { .. }
            | Op::Gather { .. }
            | Op::CollectAll { .. } => self.flow(fiber, op),
            _ => self.data(fiber, op),
        }
    }

    /// Looks at the value in a register: at all of it.
    pub(super) fn look(&mut self, fiber: &Fiber, reg: Reg) -> Result<Value, Stop> {
        self.look_at(fiber, fiber.reg(reg))
    }

    pub(super) fn look_at(&mut self, fiber: &Fiber, value: &Value) -> Result<Value, Stop> {
        if !matches!(value, Value::Promise(_)) {
            return Ok(value.clone());
        }
        if fiber.apart > 0 {
            return Err(Stop::Apart);
        }
        looked::note(value, Look::Deep);
        match settle::settle(value) {
            Settled::Ready(value) => Ok(value),
            Settled::Failed(raised) => Err(Stop::Raised(raised)),
            Settled::Waits(promise) => Err(Stop::Answer(promise)),
        }
    }

    /// Looks at the outside of a value: what is in it may be promised still. A container that is known needs no wait.
    pub(super) fn outline(&mut self, fiber: &Fiber, value: &Value) -> Result<Value, Stop> {
        let Value::Promise(promise) = value else {
            return Ok(value.clone());
        };
        if !is_known(promise) && fiber.apart > 0 {
            return Err(Stop::Apart);
        }
        looked::note(value, Look::Shallow);
        match settle::outline(value) {
            Settled::Ready(value) => Ok(value),
            Settled::Failed(raised) => Err(Stop::Raised(raised)),
            Settled::Waits(promise) => Err(Stop::Answer(promise)),
        }
    }
}

/// Whether the promise is a container that only waits for its parts.
fn is_known(promise: &Promise) -> bool {
    match &promise.0.source {
        crate::value::Source::Parts(Value::Promise(inner)) => is_known(inner),
        crate::value::Source::Parts(_) => true,
        _ => false,
    }
}
