//! What models say while they say it: `stream(f)` runs `f` by itself, and a `for` over it goes through the parts as they
//! come. They come in program order whoever answers first: a call's parts are handed on when no call that stands before
//! it is still to say something. Whoever looks at `stream(f)` as a whole gets the list of all its parts.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::host::{Stream, harmless};
use crate::value::{EcoString, Look, Opaque, Promise, Settings, Value};

use super::emit;
use super::exec::Stop;
use super::fiber::Fiber;
use super::looked;
use super::op::Reg;
use super::run::{Run, Start};
use super::settle::{self, Settled};
use super::tree::{Nature, NodeId, Path, ROOT};

/// The setting that carries it.
const LIVE: &str = "_stream";

/// The parts of one stream.
#[derive(Debug)]
pub struct Live {
    /// The stream that this one is a part of.
    outer: Option<Arc<dyn Opaque>>,
    node: NodeId,
    /// Never kept: who waits for the next part waits for this.
    more: Promise,
    /// Kept when all is said; the run's own has none.
    end: OnceLock<Promise>,
    said: Mutex<Said>,
}

#[derive(Debug, Default)]
struct Said {
    /// In program order, each with the number of its call.
    parts: Vec<(usize, Value)>,
    /// The call whose parts were handed on last, and its number.
    last: Option<Path>,
    calls: usize,
    /// Behind calls that are still to say something.
    held: BTreeMap<Path, Vec<Value>>,
    /// Call and field of the last part that was shown.
    shown: Option<(usize, EcoString)>,
}

impl Opaque for Live {
    fn type_name(&self) -> &'static str {
        "Stream"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Live {
    /// The stream that the settings carry.
    pub fn of(settings: &Settings) -> Option<Arc<dyn Opaque>> {
        match settings.get(LIVE) {
            Some(Value::Opaque(live)) => Some(live.clone()),
            _ => None,
        }
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, path: &Path, part: &Value) {
        self.said().held.entry(path.clone()).or_default().push(part.clone());
        if let Some(outer) = self.outer.as_ref().and_then(|outer| as_live(outer)) {
            outer.add(path, part);
        }
    }

    /// Hands on what nothing can come before any more: `open` is the first call that is not done. Whether that was any.
    fn release(&self, open: Option<&Path>) -> bool {
        let mut said = self.said();
        let mut any = false;
        while let Some(first) = said.held.first_entry() {
            let path = first.key();
            if open.is_some_and(|open| path > open && !path.starts_with(open)) {
                break;
            }
            let (path, parts) = first.remove_entry();
            if said.last.as_ref() != Some(&path) {
                said.calls += 1;
                said.last = Some(path);
            }
            let call = said.calls;
            said.parts.extend(parts.into_iter().map(|part| (call, part)));
            any = true;
        }
        any
    }
}

fn as_live(value: &Arc<dyn Opaque>) -> Option<&Live> {
    value.as_any().downcast_ref()
}

impl Run<'_> {
    /// The run's own stream, for someone who watches.
    pub(super) fn watched(&mut self, settings: Settings) -> Settings {
        match self.machine.watched {
            true => self.carry(ROOT, None, settings).1,
            false => settings,
        }
    }

    fn carry(&mut self, node: NodeId, outer: Option<Arc<dyn Opaque>>, settings: Settings) -> (Arc<Live>, Settings) {
        let live = Arc::new(Live {
            outer,
            node,
            more: Promise::call(self.next_id()),
            end: OnceLock::new(),
            said: Mutex::default(),
        });
        self.lives.push(live.clone());
        let settings = settings.with(vec![(LIVE.into(), Value::Opaque(live.clone()))]);
        (live, settings)
    }

    /// `stream(f)`: the promise of all its parts.
    pub(super) fn start_stream(&mut self, fiber: &mut Fiber, function: Value) -> Promise {
        let effect = match &function {
            Value::Function(function) => self.machine.program.function(function.id).reach.effect,
            _ => true,
        };
        let nature = Nature {
            effect,
            scripted: true,
            group: None,
        };
        let node = self.tree.start(fiber.node, nature);
        let outer = Live::of(&fiber.settings);
        let (live, settings) = self.carry(node, outer, fiber.settings.clone());
        let start = Start {
            node,
            settings,
            collector: fiber.collector.clone(),
            origin: self.origin(fiber, fiber.frames.len().saturating_sub(1)),
            depth: fiber.depth + fiber.frames.len(),
            place: self.place(fiber),
        };
        let code = emit::streaming(self.span(fiber));
        let code = self.machine.store.add(code);
        let promise = self.spawn(code, vec![function], start);
        // It is new, so nobody has set it.
        let _ = live.end.set(promise.clone());
        promise
    }

    /// All has been said and is done: the parts.
    pub(super) fn end_stream(&mut self, fiber: &mut Fiber, value: Reg, to: Reg) -> Result<(), Stop> {
        self.look(fiber, value)?;
        if let Some(open) = self.tree.open_in(fiber.node) {
            return Err(Stop::Turn(open));
        }
        let live = Live::of(&fiber.settings);
        let Some(live) = live.as_ref().and_then(as_live) else {
            return Ok(());
        };
        live.release(None);
        let parts = Value::list(live.said().parts.iter().map(|(_, part)| part.clone()));
        fiber.set(to, parts);
        Ok(())
    }

    /// `for part in stream(f)` begins: what is in the loop comes out while the stream goes on, so what the stream itself
    /// hands on comes when the loop is over.
    pub(super) fn follow(&mut self, fiber: &mut Fiber, base: Reg, from: Reg) -> Result<(), Stop> {
        if fiber.apart > 0 {
            return Err(Stop::Apart);
        }
        let followed = match fiber.reg(from) {
            Value::Promise(promise) => self.lives.iter().find(|live| live.end.get() == Some(promise)),
            _ => None,
        };
        let over = match followed.cloned() {
            Some(live) => {
                self.tree.defer(live.node, fiber.node);
                Value::Opaque(live)
            }
            None => self.look(fiber, from)?,
        };
        fiber.set(base, over);
        fiber.set(base + 1, Value::Int(0));
        Ok(())
    }

    /// The loop is left.
    pub(super) fn unfollow(&mut self, fiber: &mut Fiber, base: Reg) {
        if let Value::Opaque(over) = fiber.take(base)
            && let Some(live) = as_live(&over)
        {
            self.tree.put_back(live.node, fiber.node);
        }
    }

    /// The next part, or nothing after the last.
    pub(super) fn next_part(&mut self, fiber: &mut Fiber, base: Reg) -> Result<Option<Value>, Stop> {
        let (Value::Opaque(over), Value::Int(at)) = (fiber.reg(base).clone(), fiber.reg(base + 1).clone()) else {
            return Ok(None);
        };
        let Some(live) = as_live(&over) else { return Ok(None) };
        let end = live.end.get().filter(|end| end.0.outcome.get().is_some());
        self.release_one(live, end.is_some());
        let part = live
            .said()
            .parts
            .get(usize::try_from(at).unwrap_or(usize::MAX))
            .map(|(_, part)| part.clone());
        match (part, end) {
            (Some(part), _) => {
                fiber.set(base + 1, Value::Int(at + 1));
                Ok(Some(part))
            }
            (None, None) => Err(Stop::Answer(live.more.clone())),
            (None, Some(end)) => {
                let end = Value::Promise(end.clone());
                looked::note(&end, Look::Deep);
                match settle::settle(&end) {
                    Settled::Failed(raised) => Err(Stop::Raised(raised)),
                    _ => Ok(None),
                }
            }
        }
    }

    /// A model said something.
    pub(super) fn part(&mut self, node: NodeId, settings: &Settings, path: &EcoString, field: &EcoString, text: &str) {
        let Some(live) = Live::of(settings) else { return };
        let Some(live) = as_live(&live) else { return };
        let part = Value::record([
            ("path", Value::Str(path.clone())),
            ("field", Value::Str(field.clone())),
            ("delta", Value::str(text)),
        ]);
        live.add(&self.tree.path(node), &part);
    }

    fn release_one(&self, live: &Live, over: bool) -> bool {
        let open = self.tree.first_open(live.node).filter(|_| !over);
        live.release(open.as_ref())
    }

    /// Hands parts on, wakes who waits for them, and forgets streams that are over.
    pub(super) fn release(&mut self) {
        let mut lives = std::mem::take(&mut self.lives);
        lives.retain(|live| {
            let over = live.end.get().is_some_and(|end| end.0.outcome.get().is_some());
            let any = self.release_one(live, over);
            if live.node == ROOT {
                self.show(live);
            }
            if (any || over)
                && let Some(waiting) = self.waiting.remove(&live.more.0.id)
            {
                self.ready.extend(waiting);
            }
            !over
        });
        lives.append(&mut self.lives);
        self.lives = lives;
    }

    /// Shows someone who watches what has come: a line for each field, then what is said for it.
    fn show(&self, live: &Live) {
        let mut said = live.said();
        let parts = std::mem::take(&mut said.parts);
        let mut text = String::new();
        for (call, part) in &parts {
            let Value::Record(part) = part else { continue };
            let get = |name: &str| part.get(name).and_then(Value::as_str).cloned().unwrap_or_default();
            let of = (*call, get("field"));
            if said.shown.as_ref() != Some(&of) {
                let gap = if said.shown.is_some() { "\n" } else { "" };
                text += &format!("{gap}── {} · {}\n", get("path"), of.1);
                said.shown = Some(of);
            }
            text += &harmless(&get("delta"));
        }
        if !text.is_empty() {
            // A reader that went away is no reason to stop.
            drop(self.machine.parts.host.print(Stream::Err, &text));
        }
    }

    /// The last line that was shown ends.
    pub(super) fn end_watching(&mut self) {
        self.release();
        let own = self.lives.iter().find(|live| live.node == ROOT);
        if own.is_some_and(|live| live.said().shown.is_some()) {
            drop(self.machine.parts.host.print(Stream::Err, "\n"));
        }
    }
}
