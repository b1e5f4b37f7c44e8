//! `try`, `with`, `configure`, and what a comprehension makes of its elements.

use crate::call::Allowance;
use crate::diag::Fault;
use crate::value::{EcoString, List, Promise, Settings, Source, Value, check_setting};

use super::super::fiber::{Collector, Fiber, Handler, HandlerKind};
use super::super::memory::{of_elements, of_outside};
use super::super::op::{Op, Reg};
use super::super::predict;
use super::super::run::Run;
use super::super::settle::{self, Settled, close};
use super::super::spans::Ending;
use super::super::tree::Mark;
use super::Stop;
use super::raise::error_value;

impl Run<'_> {
    pub(super) fn flow(&mut self, fiber: &mut Fiber, op: Op) -> Result<(), Stop> {
        match op {
            Op::TryBegin { error, handler } => {
                let mark = self.tree.mark(fiber.node);
                open_handler(fiber, error, handler, HandlerKind::Try(mark));
            }
            Op::TryEnd => {
                if let Some(Handler {
                    kind: HandlerKind::Try(mark),
                    ..
                }) = fiber.handlers.last()
                {
                    let mark = *mark;
                    self.join(fiber, mark)?;
                    if let Some(raised) = self.unlooked(mark, fiber.node) {
                        return Err(Stop::Raised(raised));
                    }
                }
                fiber.handlers.pop();
            }
            Op::Caught { error } => {
                let Some(caught) = fiber.caught.last() else {
                    return Ok(());
                };
                let mark = caught.mark;
                self.join(fiber, mark)?;
                self.tree.take_loose(mark, fiber.node);
                if let Some(caught) = fiber.caught.pop() {
                    fiber.set(error, error_value(&caught.raised));
                }
            }
            Op::CollectBegin => {
                fiber.open_scope();
                fiber.collector = Some(Collector::inside(fiber.collector.clone()).into());
            }
            Op::CollectEnd { to } => {
                let calls = fiber.collector.as_ref().map(|collector| collector.calls());
                fiber.close_scope();
                fiber.set(to, calls.unwrap_or_default());
            }
            Op::StreamEnd { value, to } => self.end_stream(fiber, value, to)?,
            Op::WithBegin { names, base } => {
                let entries = self.settings(fiber, names, base)?;
                let settings = fiber.settings.with(Allowance::beside(entries, &fiber.settings));
                self.model_can(&settings)?;
                fiber.open_scope();
                fiber.settings = settings;
            }
            Op::WithRecord { from } => {
                let entries = match self.look(fiber, from)? {
                    Value::Record(record) => record.iter().map(|(n, v)| (n.clone(), v.clone())).collect(),
                    Value::Dict(dict) => dict.iter().map(|(n, v)| (n.clone(), v.clone())).collect(),
                    _ => Vec::new(),
                };
                fiber.open_scope();
                fiber.settings = fiber.settings.with(Allowance::beside(entries, &fiber.settings));
            }
            Op::WithEnd => self.close_scope(fiber, Ending::Left),
            Op::SpanBegin => self.enter_module(fiber),
            Op::SpanEnd { value } => {
                let value = fiber.reg(value).clone();
                self.close_scope(fiber, Ending::Made(value));
            }
            Op::Configure { names, base } => {
                let mut entries = self.settings(fiber, names, base)?;
                // `--lm` stands above the script's own choice.
                entries.retain(|(name, _)| name != "lm" || !self.machine.parts.lm.forced);
                // A cap that takes the place of another one begins anew.
                let settings = fiber.settings.with(Allowance::beside(entries, &Settings::default()));
                self.model_can(&settings)?;
                fiber.settings = settings;
                self.machine.settings = fiber.settings.clone();
            }
            Op::ElementsBegin { error, handler, .. } => {
                let library = self.code(fiber).library;
                let group = self.next_group(library);
                open_handler(fiber, error, handler, HandlerKind::Elements(group));
            }
            Op::ElementsEnd => drop(fiber.handlers.pop()),
            Op::ElementFailed { elements, error } => self.element_failed(fiber, elements, error)?,
            Op::Gather {
                to,
                elements,
                filtered,
                flatten,
            } => {
                if let Value::List(items) = fiber.take(elements) {
                    if flatten {
                        let bytes = items.iter().map(of_outside).sum();
                        self.machine.memory.charge(bytes)?;
                    }
                    fiber.set(to, gathered(items, filtered, flatten));
                }
            }
            Op::CollectAll { elements, from } => {
                let more = fiber.reg(from).clone();
                let Value::List(more) = self.outline(fiber, &more)? else {
                    return Ok(());
                };
                fiber.set(from, Value::None);
                self.machine.memory.charge(of_elements(more.len()))?;
                if let Value::List(mut items) = fiber.take(elements) {
                    items.extend(more.into_iter().map(close));
                    fiber.set(elements, Value::List(items));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the model that settings name can do what they ask of it, as far as that shows before it is asked.
    fn model_can(&self, settings: &Settings) -> Result<(), Fault> {
        predict::model_can(settings, &self.machine.parts.lm.value)
    }

    fn settings(&mut self, fiber: &Fiber, names: u32, base: Reg) -> Result<Vec<(EcoString, Value)>, Stop> {
        let code = self.code(fiber);
        let names = &code.name_lists[names as usize];
        let looked = names.iter().enumerate().map(|(i, name)| {
            let value = self.look(fiber, base + i as Reg)?;
            check_setting(name, &value)?;
            Ok((name.clone(), value))
        });
        looked.collect()
    }

    /// Waits for everything that was started since the mark.
    fn join(&mut self, fiber: &Fiber, mark: Mark) -> Result<(), Stop> {
        if !self.tree.started_since(mark, fiber.node) {
            return Ok(());
        }
        if fiber.apart > 0 {
            return Err(Stop::Apart);
        }
        match self.tree.open_since(mark, fiber.node) {
            Some(open) => Err(Stop::Turn(open)),
            None => Ok(()),
        }
    }

    /// Elements fail as if they ran one after the other: those before this one come first.
    fn element_failed(&mut self, fiber: &Fiber, elements: Reg, error: Reg) -> Result<(), Stop> {
        if let Value::List(items) = fiber.reg(elements).clone() {
            for item in items.iter() {
                self.look_at(fiber, item)?;
            }
        }
        match settle::settle(fiber.reg(error)) {
            Settled::Failed(raised) => Err(Stop::Raised(raised)),
            _ => Ok(()),
        }
    }
}

fn open_handler(fiber: &mut Fiber, error: Reg, target: u32, kind: HandlerKind) {
    let frame = fiber.frames.len() - 1;
    fiber.handlers.push(Handler {
        frame,
        error,
        target,
        scopes: fiber.scopes.len(),
        kind,
    });
}

/// The list of a comprehension. Where elements are promised that may be dropped, or are lists themselves, its length is
/// promised too.
fn gathered(items: List, filtered: bool, flatten: bool) -> Value {
    let promised = items.iter().any(|item| matches!(item, Value::Promise(_)));
    match (promised, filtered || flatten) {
        (false, _) if !flatten => Value::List(items),
        (false, _) => {
            let mut all = List::default();
            for item in items {
                match item {
                    Value::List(inner) => all.extend(inner),
                    other => all.push(other),
                }
            }
            Value::List(all)
        }
        (true, false) => Value::Promise(Promise::of(Source::Parts(Value::List(items)))),
        (true, true) => Value::Promise(Promise::of(Source::Gather {
            elements: items.into_iter().collect(),
            flatten,
        })),
    }
}
