//! The last calls to models, as `inspect_history` shows them: DSPy's layout, byte for byte.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::attempt::Try;
use super::query::{Asked, Query};
use super::span::{Outcome, Span};
use super::stamp::stamp;
use super::usage::Usage;
use crate::chat::{self, Messages, ToolCall};
use crate::value::EcoString;

/// As many calls as DSPy keeps.
const KEPT: usize = 10_000;

const BLUE: u8 = 34;
const RED: u8 = 31;
const GREEN: u8 = 32;

/// One call that was answered, or in vain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `openai/gpt-4o-mini`
    pub model: EcoString,
    /// What was asked.
    pub messages: Messages,
    /// What was said.
    pub reply: String,
    /// How many more answers came with it.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub others: usize,
    /// The tools that the model wants used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// What it took.
    pub usage: chat::Usage,
    /// Whether the cache answered.
    pub cached: bool,
    /// Requests that it took, retries of the transport included.
    pub requests: u32,
    /// Seconds since 1970.
    pub at: f64,
    /// The predictor in its program, where it is known: `classify.predict`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// From the question to the answer.
    #[serde(default)]
    pub seconds: f64,
    /// Why there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The span that it was made in, where that is traced.
    #[serde(skip)]
    pub span: Option<u64>,
    /// Its requests, where that is traced.
    #[serde(skip)]
    pub tries: Vec<Try>,
}

fn is_nothing(number: &usize) -> bool {
    *number == 0
}

/// The calls of a session. Whoever records them sees to their order.
#[derive(Default)]
pub struct History {
    state: Mutex<State>,
    observer: Option<Observer>,
    spans: AtomicU64,
}

/// What an observer is told of.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A call that was answered, or in vain.
    Call(&'a Call),
    /// A request that is no call of a conversation.
    Query(&'a Query),
    /// A span that is over, and how it ended.
    Span(&'a Span, Outcome<'a>),
}

/// Who is told of everything.
type Observer = Box<dyn Fn(Event<'_>) + Send + Sync>;

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state().fmt(f)
    }
}

#[derive(Debug, Default)]
struct State {
    last: VecDeque<Box<Call>>,
    usage: Usage,
    /// The spans that are under way.
    open: BTreeMap<u64, Arc<Span>>,
}

impl History {
    /// One that tells somebody of every span and every call, of those that were not answered too.
    pub fn observed(observer: impl Fn(Event<'_>) + Send + Sync + 'static) -> History {
        History {
            observer: Some(Box::new(observer)),
            ..History::default()
        }
    }

    pub fn is_observed(&self) -> bool {
        self.observer.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn record(&self, call: impl Into<Box<Call>>) {
        let mut call = call.into();
        if let Some(observer) = &self.observer {
            observer(Event::Call(&call));
        }
        if call.error.is_some() {
            return;
        }
        // They were for the observer.
        call.tries = Vec::new();
        let mut state = self.state();
        state.usage.add(&call.model, call.cached, &call.usage);
        if state.last.len() == KEPT {
            state.last.pop_front();
        }
        state.last.push_back(call);
    }

    /// A name for a span that begins.
    pub fn next_span(&self) -> u64 {
        self.spans.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A span begins.
    pub fn begin(&self, span: &Arc<Span>) {
        self.state().open.insert(span.id, span.clone());
    }

    /// A span is over.
    pub fn end(&self, span: &Span, outcome: Outcome<'_>) {
        self.state().open.remove(&span.id);
        if let Some(observer) = &self.observer {
            observer(Event::Span(span, outcome));
        }
    }

    /// The run was given up: so are the spans under way, the inner ones first.
    pub fn interrupt(&self, now: f64) {
        let open = std::mem::take(&mut self.state().open);
        for span in open.into_values().rev() {
            span.goes_on(now);
            self.end(&span, Outcome::Interrupted);
        }
    }

    /// What is no call of a conversation; places of texts count in what was used.
    pub fn note(&self, query: &Query) {
        if let Some(observer) = &self.observer {
            observer(Event::Query(query));
        }
        if query.error.is_none() && matches!(query.asked, Asked::Embedding(_)) {
            self.state().usage.add(&query.name, query.cached, &query.usage);
        }
    }

    /// The last `n` calls, oldest first.
    pub fn last(&self, n: usize) -> Vec<Call> {
        let state = self.state();
        state
            .last
            .iter()
            .skip(state.last.len().saturating_sub(n))
            .map(|call| Call::clone(call))
            .collect()
    }

    /// What all calls of the session used, those no longer kept included.
    pub fn usage(&self) -> Usage {
        self.state().usage.clone()
    }

    /// The last `n` calls as text.
    pub fn render(&self, n: usize, color: bool) -> String {
        render(&self.last(n), color)
    }
}

/// Calls as text.
pub fn render(calls: &[Call], color: bool) -> String {
    calls.iter().map(|call| one(call, color)).collect::<String>() + "\n\n\n\n"
}

impl Call {
    /// When it was answered, as ISO 8601 in UTC.
    pub fn timestamp(&self) -> String {
        stamp(self.at)
    }

    /// Its requests as calls of their own, the last of them with what came of it all.
    pub fn each(&self) -> Vec<Call> {
        let in_vain = self.tries.iter().take(self.tries.len().saturating_sub(1));
        let in_vain = in_vain.filter(|one| !one.is_answered()).map(|one| Call {
            model: one.model.clone(),
            usage: one.usage,
            seconds: one.seconds,
            at: one.at.unwrap_or(self.at),
            error: one.error(),
            reply: String::new(),
            others: 0,
            calls: Vec::new(),
            tries: Vec::new(),
            ..self.clone()
        });
        let mut all: Vec<Call> = in_vain.collect();
        all.push(Call {
            model: self.tries.last().map_or(&self.model, |last| &last.model).clone(),
            seconds: self
                .tries
                .last()
                .filter(|last| last.at.is_some())
                .map_or(self.seconds, |last| last.seconds),
            ..self.clone()
        });
        all
    }
}

fn one(call: &Call, color: bool) -> String {
    let paint = |code: u8, text: &str| match color {
        true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let mut text = format!("\n\n\n\n{}\n", paint(BLUE, &format!("[{}]", stamp(call.at))));
    for message in &call.messages {
        let role = message.role.name();
        let title = format!("{}{} message:", role[..1].to_uppercase(), &role[1..]);
        text += &format!("\n{}\n\n{}\n\n", paint(RED, &title), message.shown().trim());
    }
    if call.calls.is_empty() || !call.reply.is_empty() {
        text += &format!(
            "\n{}\n\n{}\n\n",
            paint(RED, "Response:"),
            paint(GREEN, call.reply.trim())
        );
    }
    if !call.calls.is_empty() {
        let lines = call
            .calls
            .iter()
            .map(|call| paint(GREEN, &format!("{}: {}", call.name, call.args)));
        text += &format!(
            "\n{}\n\n{}\n\n",
            paint(RED, "Tool calls:"),
            lines.collect::<Vec<_>>().join("\n")
        );
    }
    if call.others > 0 {
        text += &paint(RED, &format!(" \t (and {} other completions)", call.others));
        text.push('\n');
    }
    text
}
