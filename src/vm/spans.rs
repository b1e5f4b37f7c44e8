//! Spans of a run that is traced: where modules, predictors and what the library names begin and end. A span is over
//! when all that it has started is done, and is told of in program order.

use std::sync::Arc;

use crate::trace::{History, Outcome, Span, span};
use crate::value::{EcoString, Predictor, Raised, Signature, Value};

use super::fiber::Fiber;
use super::run::Run;
use super::settle::{self, Settled};
use super::tree::{NodeId, Piece};

/// A span with what it has come to.
#[derive(Debug)]
pub struct Over {
    span: Arc<Span>,
    ending: Ending,
}

/// How a span was left.
#[derive(Debug)]
pub enum Ending {
    /// With a value, which may be promised still.
    Made(Value),
    Left,
    Failed(String),
}

impl Ending {
    fn failed(raised: &Raised) -> Ending {
        let fault = &raised.fault;
        Ending::Failed(format!("{}: {}", fault.kind.name(), fault.message))
    }
}

impl Over {
    /// All before it is done: what was promised is known. In a run that was given up it may not be; the span is then left
    /// among those under way.
    pub fn tell(self, history: &History) {
        let ending = match self.ending {
            Ending::Made(value) => match settle::settle(&value) {
                Settled::Failed(raised) => Ending::failed(&raised),
                Settled::Waits(_) => return,
                Settled::Ready(_) => Ending::Left,
            },
            ending => ending,
        };
        match &ending {
            Ending::Failed(error) => history.end(&self.span, Outcome::Failed(error)),
            _ => history.end(&self.span, Outcome::Well),
        }
    }
}

impl Run<'_> {
    fn is_traced(&self) -> bool {
        self.machine.parts.history.is_observed()
    }

    fn begin(&self, fiber: &Fiber, kind: &str, name: EcoString, path: Option<EcoString>) -> Arc<Span> {
        let parts = &self.machine.parts;
        let id = parts.history.next_span();
        let span = Span::within(&fiber.settings, id, kind, name, path, parts.host.now());
        let span = Arc::new(span);
        parts.history.begin(&span);
        span
    }

    /// The running frame is a module's `forward`.
    pub(super) fn enter_module(&self, fiber: &mut Fiber) {
        fiber.open_scope();
        if self.is_traced() {
            let code = self.code(fiber);
            let name = code.name.strip_suffix(".forward").unwrap_or(&code.name);
            let span = self.begin(fiber, "module", name.into(), None);
            fiber.settings = fiber.settings.with(vec![span.setting()]);
        }
    }

    pub(super) fn enter_predictor(&self, fiber: &Fiber, predictor: &Predictor) -> Option<Arc<Span>> {
        let named = &predictor.signature.name;
        let name = if *named == Signature::INLINE {
            ""
        } else {
            named.as_str()
        };
        self.is_traced()
            .then(|| self.begin(fiber, "predictor", name.into(), predictor.path.clone()))
    }

    pub(super) fn leave_predictor(&mut self, node: NodeId, span: Arc<Span>, raised: Option<&Arc<Raised>>) {
        let ending = raised.map_or(Ending::Left, |raised| Ending::failed(raised));
        self.leave(node, span, ending);
    }

    /// The innermost `with` ends, and the span that it began.
    pub(super) fn close_scope(&mut self, fiber: &mut Fiber, ending: Ending) {
        let began = match self.is_traced() {
            true => span(&fiber.settings).cloned(),
            false => None,
        };
        fiber.close_scope();
        if let Some(began) = began.filter(|began| span(&fiber.settings).is_none_or(|outer| outer.id != began.id)) {
            self.leave(fiber.node, began, ending);
        }
    }

    /// An error leaves all scopes but the first `kept`.
    pub(super) fn leave_spans(&mut self, fiber: &mut Fiber, kept: usize, raised: Option<&Arc<Raised>>) {
        let Some(raised) = raised.filter(|_| self.is_traced()) else {
            return;
        };
        while fiber.scopes.len() > kept {
            self.close_scope(fiber, Ending::failed(raised));
        }
    }

    fn leave(&mut self, node: NodeId, span: Arc<Span>, ending: Ending) {
        span.goes_on(self.machine.parts.host.now());
        self.tree.push(node, Piece::Over(Box::new(Over { span, ending })));
    }
}
