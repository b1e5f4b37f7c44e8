//! Errors: their place and chain of calls, and the way to who takes them.

use std::sync::Arc;

use crate::diag::{Fault, FaultKind};
use crate::source::Span;
use crate::value::{self, Opaque, Promise, Raised, Record, Source, Value};

use super::super::fiber::{Caught, Fiber, FrameKind, HandlerKind, Origin, call_name};
use super::super::run::Run;

/// A call from outside, such as that of `main`, stands nowhere in a script.
fn is_place(span: &Span) -> bool {
    span.start < span.end
}

/// The places that were named last.
#[derive(Default)]
pub(in crate::vm) struct Places {
    site: Option<Arc<Raised>>,
    origin: Option<Arc<Origin>>,
}

/// More calls than this say nothing more to a reader.
const FRAMES_KEPT: usize = 64;

impl Run<'_> {
    /// A failure of the running instruction.
    pub(in crate::vm) fn raised(&self, fiber: &Fiber, fault: Fault) -> Arc<Raised> {
        let (span, library) = match fiber.frames.last() {
            Some(frame) => {
                let code = &self.machine.store.codes[frame.code as usize];
                (
                    code.spans.get((frame.pc as usize).saturating_sub(1)).copied(),
                    code.library,
                )
            }
            None => (None, false),
        };
        let span = span.filter(is_place);
        let mut frames = self.frames(fiber, fiber.frames.len());
        let mut origin = fiber.origin.as_deref();
        while let Some(outer) = origin
            && frames.len() < FRAMES_KEPT
        {
            frames.extend(outer.frames.iter().cloned());
            origin = outer.outer.as_deref();
        }
        Arc::new(Raised {
            fault,
            span,
            frames,
            library,
        })
    }

    /// The calls of the fiber below frame `end`, innermost first.
    fn frames(&self, fiber: &Fiber, end: usize) -> Vec<value::Frame> {
        let codes = &self.machine.store.codes;
        // Of every call under way there is such a list: it is no longer than it must be.
        let mut frames = Vec::with_capacity(end.saturating_sub(1).min(FRAMES_KEPT));
        frames.extend((1..end).rev().take(FRAMES_KEPT).filter_map(|i| {
            let (callee, caller) = (&codes[fiber.frames[i].code as usize], &fiber.frames[i - 1]);
            let code = &codes[caller.code as usize];
            let span = code
                .spans
                .get((caller.pc as usize).saturating_sub(1))
                .filter(|span| is_place(span));
            Some(value::Frame {
                name: call_name(callee),
                span: *span?,
                library: code.library,
            })
        }));
        frames
    }

    /// Where a fiber stands, for the errors of what it starts. Calls that are made one after another in the same place,
    /// such as those of a comprehension, share it.
    pub(in crate::vm) fn site(&mut self, fiber: &Fiber) -> Arc<Raised> {
        let site = self.raised(fiber, Fault::new(FaultKind::Lm, ""));
        let known = &mut self.places.site;
        match known {
            Some(known) if (known.span, &known.frames) == (site.span, &site.frames) => known.clone(),
            _ => known.insert(site).clone(),
        }
    }

    /// Where a fiber that is cut off at `at` was called from, shared likewise.
    pub(in crate::vm) fn origin(&mut self, fiber: &Fiber, at: usize) -> Option<Arc<Origin>> {
        let origin = Origin {
            frames: self.frames(fiber, at + 1),
            outer: fiber.origin.clone(),
            file: self.script_file(fiber, at),
        };
        let known = &mut self.places.origin;
        Some(match known {
            Some(known) if known.is_at(&origin) => known.clone(),
            _ => known.insert(Arc::new(origin)).clone(),
        })
    }

    /// The file of the nearest call, below frame `end`, that is not written in the library.
    pub(in crate::vm) fn script_file(&self, fiber: &Fiber, end: usize) -> crate::source::FileId {
        let codes = &self.machine.store.codes;
        let mut callers = fiber.frames[..end.min(fiber.frames.len())].iter().rev();
        let own = callers.find(|frame| !codes[frame.code as usize].library);
        match (own, &fiber.origin) {
            (Some(frame), _) => codes[frame.code as usize].file,
            (None, Some(origin)) => origin.file,
            (None, None) => fiber
                .frames
                .first()
                .map_or(crate::source::FileId(0), |f| codes[f.code as usize].file),
        }
    }

    /// Unwinds to the innermost handler; without one the fiber fails.
    pub(in crate::vm) fn raise(&mut self, fiber: &mut Fiber, raised: Arc<Raised>) -> Result<(), Arc<Raised>> {
        let Some(handler) = fiber.handlers.pop() else {
            return Err(raised);
        };
        self.leave_spans(fiber, handler.scopes, Some(&raised));
        let above = fiber.frames.drain(handler.frame + 1..);
        let apart = above.filter(|frame| frame.kind != FrameKind::Plain).count();
        fiber.apart -= apart;
        if fiber.scopes.len() > handler.scopes {
            fiber.scopes.truncate(handler.scopes + 1);
            fiber.close_scope();
        }
        if let Some(frame) = fiber.frames.last_mut() {
            frame.pc = handler.target;
            let registers = self.machine.store.codes[frame.code as usize].registers;
            let end = frame.base + usize::from(registers);
            fiber.stack.iter_mut().skip(end).for_each(|value| *value = Value::None);
        }
        fiber.caught.retain(|caught| caught.frame <= handler.frame);
        match handler.kind {
            HandlerKind::Try(mark) => {
                self.tree.put_back_since(mark);
                fiber.caught.push(Caught {
                    frame: handler.frame,
                    mark,
                    raised,
                });
            }
            HandlerKind::Elements(_) => {
                let holder = Promise::of(Source::Call);
                let _ = holder.0.outcome.set(Err(raised));
                fiber.set(handler.error, Value::Promise(holder));
            }
        }
        Ok(())
    }
}

/// `e` in `catch e`. It remembers what was raised, so that `fail(e)` raises that again.
pub(in crate::vm) fn error_value(raised: &Arc<Raised>) -> Value {
    let fault = &raised.fault;
    let text = |text: &Option<String>| text.as_deref().map_or(Value::None, Value::str);
    let mut record: Record = [
        ("kind".into(), Value::str(fault.kind.name())),
        ("message".into(), Value::str(fault.message.as_str())),
        ("reply".into(), text(&fault.reply)),
        ("field".into(), text(&fault.field)),
    ]
    .into_iter()
    .collect();
    record.meta = Some(Arc::new(Remembered(raised.clone())));
    Value::Record(Arc::new(record))
}

#[derive(Debug)]
struct Remembered(Arc<Raised>);

impl Opaque for Remembered {
    fn type_name(&self) -> &'static str {
        "error"
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// What `fail(x)` raises.
pub(super) fn failure(value: &Value) -> Result<Arc<Raised>, Fault> {
    let record = match value {
        Value::Str(message) => return Err(Fault::new(FaultKind::User, message.as_str())),
        Value::Record(record) => record,
        other => return Err(Fault::new(FaultKind::User, value::show(other))),
    };
    if let Some(Remembered(raised)) = record.meta.as_ref().and_then(|meta| meta.as_any().downcast_ref()) {
        return Ok(raised.clone());
    }
    let text = |name: &str| record.get(name).and_then(Value::as_str).map(|text| text.to_string());
    let kind = text("kind")
        .and_then(|kind| FaultKind::from_name(&kind))
        .unwrap_or(FaultKind::User);
    let message = text("message").unwrap_or_else(|| value::show(value));
    let mut fault = Fault::new(kind, message);
    fault.reply = text("reply");
    fault.field = text("field");
    Err(fault)
}
