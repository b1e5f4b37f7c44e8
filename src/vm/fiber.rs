//! A fiber: frames on one stack of values, and what must be put back when they end. A call that can reach a model runs
//! on its caller's stack until it has to wait; then its part of the stack becomes a fiber of its own.

use std::sync::{Arc, Mutex, PoisonError};

use crate::value::{self, EcoString, Promise, Raised, Settings, Value};

use super::code::Code;
use super::op::{Reg, Target};
use super::tree::{Mark, NodeId, Path};

/// One call on a fiber.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The index of its code.
    pub code: u32,
    /// The next instruction.
    pub pc: Target,
    /// Where its registers begin.
    pub base: usize,
    /// The caller's register for its value.
    pub to: Reg,
    pub kind: FrameKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// Cannot reach a model.
    Plain,
    /// May be set aside: its promise is then its value.
    Apart,
    /// The same, for an element of a comprehension.
    Element,
}

/// Who takes an error of the frame and those above it.
#[derive(Debug)]
pub struct Handler {
    pub frame: usize,
    /// Where the error goes.
    pub error: Reg,
    pub target: Target,
    /// How many scopes were open.
    pub scopes: usize,
    pub kind: HandlerKind,
}

#[derive(Clone, Copy, Debug)]
pub enum HandlerKind {
    Try(Mark),
    /// The elements of a comprehension, by its number.
    Elements(u64),
}

/// What `with` (or `collect`) has replaced.
#[derive(Debug)]
pub struct Scope {
    pub frame: usize,
    pub settings: Settings,
    pub collector: Option<Arc<Collector>>,
}

/// An error whose `try` waits for what it started.
#[derive(Debug)]
pub struct Caught {
    pub frame: usize,
    pub mark: Mark,
    pub raised: Arc<Raised>,
}

/// Where a fiber was called from: the chain of calls goes on there.
#[derive(Debug)]
pub struct Origin {
    pub frames: Vec<value::Frame>,
    pub outer: Option<Arc<Origin>>,
    /// The file of the nearest caller that is not the library's.
    pub file: crate::source::FileId,
}

impl Origin {
    /// Whether it is the same place, called from the same one.
    pub fn is_at(&self, other: &Origin) -> bool {
        let outer = match (&self.outer, &other.outer) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        outer && self.file == other.file && self.frames == other.frames
    }
}

/// The calls of labelled predictors between two points.
#[derive(Debug, Default)]
pub struct Collector {
    outer: Option<Arc<Collector>>,
    calls: Mutex<Vec<(Path, Value)>>,
}

impl Collector {
    pub fn inside(outer: Option<Arc<Collector>>) -> Collector {
        Collector {
            outer,
            calls: Mutex::default(),
        }
    }

    /// Notes a call here and in all collectors around.
    pub fn note(&self, path: &Path, call: &Value) {
        let mut collector = Some(self);
        while let Some(current) = collector {
            let mut calls = current.calls.lock().unwrap_or_else(PoisonError::into_inner);
            calls.push((path.clone(), call.clone()));
            collector = current.outer.as_deref();
        }
    }

    /// The calls, in program order.
    pub fn calls(&self) -> Value {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone();
        calls.sort_by(|(a, _), (b, _)| a.cmp(b));
        Value::list(calls.into_iter().map(|(_, call)| call))
    }
}

#[derive(Debug)]
pub struct Fiber {
    /// Its place among the scheduler's fibers.
    pub id: usize,
    pub stack: Vec<Value>,
    pub frames: Vec<Frame>,
    pub handlers: Vec<Handler>,
    pub scopes: Vec<Scope>,
    pub caught: Vec<Caught>,
    pub settings: Settings,
    pub collector: Option<Arc<Collector>>,
    pub node: NodeId,
    /// What its end resolves.
    pub promise: Promise,
    pub origin: Option<Arc<Origin>>,
    /// Calls below its first frame.
    pub depth: usize,
    /// How many frames above the first may still be set aside.
    pub apart: usize,
    /// Its place in the program: globals that were set later are not there for it. The root sees all.
    pub place: u64,
}

impl Fiber {
    pub fn top(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// A register of the running frame.
    pub fn reg(&self, reg: Reg) -> &Value {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        self.stack.get(base + usize::from(reg)).unwrap_or(&Value::None)
    }

    pub fn set(&mut self, reg: Reg, value: Value) {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        let at = base + usize::from(reg);
        if self.stack.len() <= at {
            self.stack.resize(at + 1, Value::None);
        }
        self.stack[at] = value;
    }

    pub fn take(&mut self, reg: Reg) -> Value {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        self.stack
            .get_mut(base + usize::from(reg))
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// The running instruction is to run again.
    pub fn again(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = frame.pc.saturating_sub(1);
        }
    }

    /// The frame that is set aside when the running one must wait, if it is not the first.
    pub fn innermost_apart(&self) -> Option<usize> {
        match self.apart {
            0 => None,
            _ => (1..self.frames.len())
                .rev()
                .find(|i| self.frames[*i].kind != FrameKind::Plain),
        }
    }

    /// The outermost element that is not set aside yet: those in it follow.
    pub fn first_element(&self) -> Option<usize> {
        match self.apart {
            0 => None,
            _ => (1..self.frames.len()).find(|i| self.frames[*i].kind == FrameKind::Element),
        }
    }

    /// The comprehension that the frame is an element of, or runs in one of.
    pub fn group(&self, frame: usize) -> Option<u64> {
        let element = (0..=frame).rev().find(|i| {
            self.frames
                .get(*i)
                .is_some_and(|frame| frame.kind == FrameKind::Element)
        })?;
        self.handlers.iter().rev().find_map(|handler| match handler.kind {
            HandlerKind::Elements(group) if handler.frame + 1 == element => Some(group),
            _ => None,
        })
    }

    /// Opens settings or a collector that end with the scope.
    pub fn open_scope(&mut self) {
        let frame = self.frames.len() - 1;
        let (settings, collector) = (self.settings.clone(), self.collector.clone());
        self.scopes.push(Scope {
            frame,
            settings,
            collector,
        });
    }

    pub fn close_scope(&mut self) {
        if let Some(scope) = self.scopes.pop() {
            self.settings = scope.settings;
            self.collector = scope.collector;
        }
    }

    /// Cuts the frames from `at` on off this fiber. Their registers end at `end`.
    pub fn split(&mut self, at: usize, end: usize, new: SplitParts) -> Fiber {
        let base = self.frames[at].base;
        let mut frames = self.frames.split_off(at);
        for frame in &mut frames {
            frame.base -= base;
        }
        // Callers may have registers beyond the callee's.
        let rest = self.stack.get_mut(base..).unwrap_or_default();
        let mut taken = rest.iter_mut().map(std::mem::take);
        let stack = taken.by_ref().take(end.saturating_sub(base)).collect();
        taken.for_each(drop);
        let handlers_at = self.handlers.partition_point(|handler| handler.frame < at);
        let mut handlers = self.handlers.split_off(handlers_at);
        let scopes_at = self.scopes.partition_point(|scope| scope.frame < at);
        let mut scopes = self.scopes.split_off(scopes_at);
        let caught_at = self.caught.partition_point(|caught| caught.frame < at);
        let mut caught = self.caught.split_off(caught_at);
        handlers.iter_mut().for_each(|handler| {
            handler.frame -= at;
            handler.scopes = handler.scopes.saturating_sub(scopes_at);
        });
        scopes.iter_mut().for_each(|scope| scope.frame -= at);
        caught.iter_mut().for_each(|caught| caught.frame -= at);
        let (settings, collector) = (self.settings.clone(), self.collector.clone());
        if let Some(outer) = scopes.first() {
            self.settings = outer.settings.clone();
            self.collector = outer.collector.clone();
        }
        let apart = frames
            .iter()
            .skip(1)
            .filter(|frame| frame.kind != FrameKind::Plain)
            .count();
        self.apart -= apart + 1;
        let to = frames[0].to;
        self.set(to, Value::Promise(new.promise.clone()));
        Fiber {
            id: new.id,
            stack,
            frames,
            handlers,
            scopes,
            caught,
            settings,
            collector,
            node: new.node,
            promise: new.promise,
            origin: new.origin,
            depth: self.depth + at,
            apart,
            place: new.place,
        }
    }
}

/// What the part of a fiber that is set aside gets.
pub struct SplitParts {
    pub id: usize,
    pub node: NodeId,
    pub promise: Promise,
    pub origin: Option<Arc<Origin>>,
    pub place: u64,
}

/// How a call is named in a chain of calls.
pub fn call_name(code: &Code) -> EcoString {
    match code.name.is_empty() {
        true => EcoString::inline("|…|"),
        false => code.name.clone(),
    }
}
