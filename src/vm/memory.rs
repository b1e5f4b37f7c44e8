//! What values cost: an account that is charged before anything big is made, and a count of what is still there for when
//! the account has run up. What was charged and let go of since then is given back by the count.

use rustc_hash::FxHashSet;

use crate::diag::{Fault, FaultKind};
use crate::value::{EcoString, Instance, LmKind, Predictor, Program, Promise, Source, Value, text_size};

use super::fiber::Fiber;
use super::machine::Globals;
use super::run::Run;

/// What a step of a loop may make without being charged for it, roughly.
pub const STEP: u64 = 256;

/// The account; a native charges before it allocates.
#[derive(Debug)]
pub struct Memory {
    used: u64,
    limit: u64,
    /// When to count what is really there.
    count_at: u64,
}

impl Memory {
    pub(super) fn new(limit: u64) -> Memory {
        // Nothing can be larger, whatever the host allows.
        let limit = limit.min(isize::MAX as u64);
        Memory {
            used: 0,
            limit,
            count_at: limit / 2,
        }
    }

    /// Charges `bytes`, or refuses.
    pub fn charge(&mut self, bytes: u64) -> Result<(), Fault> {
        let used = self.used.saturating_add(bytes);
        if used > self.limit {
            return Err(too_much(bytes, self.limit));
        }
        self.used = used;
        Ok(())
    }

    /// Whether there is room for the text of a value, before it is written: a value may hold another one many times over.
    pub fn fits_text(&self, value: &Value) -> Result<(), Fault> {
        let bytes = match value {
            Value::List(_) | Value::Dict(_) | Value::Record(_) => text_size(value),
            _ => 0,
        };
        match self.used.saturating_add(bytes) > self.limit {
            true => Err(too_much(bytes, self.limit)),
            false => Ok(()),
        }
    }

    /// What was made already.
    pub(super) fn note(&mut self, bytes: u64) {
        self.used = self.used.saturating_add(bytes);
    }

    pub(super) fn is_due(&self) -> bool {
        self.used >= self.count_at
    }

    /// So much is really there.
    fn counted(&mut self, live: u64) -> Result<(), Fault> {
        if live > self.limit {
            return Err(too_much(live - self.limit, self.limit));
        }
        self.used = live;
        self.count_at = live + (self.limit - live).div_ceil(2);
        Ok(())
    }
}

fn too_much(bytes: u64, limit: u64) -> Fault {
    let message = format!("this value would need {bytes} bytes more than the limit of {limit} allows");
    Fault::new(FaultKind::Value, message).help("make less at a time, or let go of what is not needed any more")
}

/// What a list of so many elements takes.
pub fn of_elements(count: usize) -> u64 {
    (count as u64).saturating_mul(size_of::<Value>() as u64)
}

/// What the outside of a value takes.
pub fn of_outside(value: &Value) -> u64 {
    match value {
        Value::Str(text) => text.len() as u64,
        Value::List(items) => of_elements(items.len()),
        Value::Dict(dict) => of_elements(dict.len().saturating_mul(3)),
        Value::Record(record) => of_elements(record.len()),
        _ => 0,
    }
}

impl Run<'_> {
    /// Counts what the program still holds, where the account has run up. `fiber` is the one that runs.
    pub(super) fn settle_memory(&mut self, fiber: &Fiber) -> Result<(), Fault> {
        self.machine.memory.note(std::mem::take(&mut self.steps.grown));
        if !self.machine.memory.is_due() {
            return Ok(());
        }
        let mut count = Count::default();
        count.fiber(fiber);
        self.fibers().for_each(|fiber| count.fiber(fiber));
        self.inputs_under_way().for_each(|value| count.add(value));
        let Globals { values, .. } = &self.machine.globals;
        values.iter().for_each(|value| count.add(value));
        let live = count.bytes + self.tree.pending();
        self.machine.memory.counted(live)
    }
}

/// A sum over values, each shared one once. Without recursion: values may be nested as deep as there is memory.
#[derive(Default)]
struct Count<'v> {
    bytes: u64,
    seen: FxHashSet<usize>,
    rest: Vec<&'v Value>,
}

impl<'v> Count<'v> {
    fn fiber(&mut self, fiber: &'v Fiber) {
        self.bytes += of_elements(fiber.stack.len());
        fiber.stack.iter().for_each(|value| self.add(value));
    }

    fn add(&mut self, value: &'v Value) {
        self.rest.push(value);
        while let Some(value) = self.rest.pop() {
            self.visit(value);
        }
    }

    fn is_new<T: ?Sized>(&mut self, at: *const T) -> bool {
        self.seen.insert(at.cast::<()>() as usize)
    }

    fn visit(&mut self, value: &'v Value) {
        match value {
            Value::Str(text) => self.text(text),
            Value::List(items) if !items.is_empty() && self.is_new(items.as_ptr()) => {
                self.bytes += of_outside(value);
                self.parts(items.iter());
            }
            Value::Dict(dict) if self.is_new(std::sync::Arc::as_ptr(dict)) => {
                self.bytes += of_outside(value);
                dict.keys().for_each(|key| self.text(key));
                self.parts(dict.values());
            }
            Value::Record(record) if self.is_new(std::sync::Arc::as_ptr(record)) => {
                self.bytes += of_outside(value);
                self.parts(record.values().iter());
            }
            Value::Function(function) if self.is_new(std::sync::Arc::as_ptr(function)) => {
                self.bytes += of_elements(function.captures.len());
                self.parts(function.captures.iter());
            }
            Value::Program(program) if self.is_new(std::sync::Arc::as_ptr(program)) => match program.as_ref() {
                Program::Instance(Instance { fields, .. }) => self.parts(fields.values().iter()),
                Program::Predictor(Predictor { demos, .. }) => self.parts(demos.iter()),
            },
            Value::Promise(promise) if self.is_new(std::sync::Arc::as_ptr(&promise.0)) => self.promise(promise),
            Value::Lm(lm) => {
                if let LmKind::Function(function) = &lm.kind {
                    self.parts(function.captures.iter());
                }
            }
            _ => {}
        }
    }

    fn parts(&mut self, parts: impl Iterator<Item = &'v Value>) {
        self.rest.extend(parts.filter(|part| has_more(part)));
    }

    fn promise(&mut self, promise: &'v Promise) {
        self.bytes += 128;
        if let Some(Ok(value)) = promise.0.outcome.get() {
            self.rest.push(value);
        }
        // A chain of promises is as long as the program made it.
        let mut next = Some(promise);
        while let Some(promise) = next.take() {
            match &promise.0.source {
                Source::Parts(value) => self.rest.push(value),
                Source::Gather { elements, .. } => self.rest.extend(elements),
                Source::Field { of, .. } | Source::Convert { of, .. } => {
                    if self.is_new(std::sync::Arc::as_ptr(&of.0)) {
                        self.bytes += 128;
                        self.rest
                            .extend(of.0.outcome.get().and_then(|outcome| outcome.as_ref().ok()));
                        next = Some(of);
                    }
                }
                Source::Call => {}
            }
        }
    }

    /// Short texts are not worth remembering: one that is shared counts twice.
    fn text(&mut self, text: &EcoString) {
        const LONG: usize = 1024;
        if text.len() < LONG || self.is_new(text.as_ptr()) {
            self.bytes += text.len() as u64;
        }
    }
}

/// Whether a value takes more than its own place.
fn has_more(value: &Value) -> bool {
    !matches!(
        value,
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Absent
    )
}
