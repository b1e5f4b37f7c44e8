//! An answer that is read while it comes: the server's events are put together to the reply that it would have given in
//! one piece, and what is said is told at once. An answer that was cut off is never taken for a whole one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures_util::StreamExt;

use super::endpoint::{Endpoint, HIDDEN};
use super::provider::{Provider, called};
use super::refusal;
use crate::call::Trouble;
use crate::chat::{Finish, Reply, Request, Shape, TokenLogprob, ToolCall, Usage};
use crate::diag::{Fault, FaultKind};
use crate::host::{HostError, Incoming};

/// Told what is said; `None` is where another model begins anew.
type Hearing = dyn Fn(Option<&str>) + Send + Sync;

/// Who is told what a model says while it says it.
#[derive(Clone)]
pub struct Listener(Arc<Hearing>);

impl Listener {
    /// One that hears the words alone.
    pub fn new(heard: impl Fn(&str) + Send + Sync + 'static) -> Listener {
        Listener::of_several(move |said| {
            if let Some(said) = said {
                heard(said);
            }
        })
    }

    /// One that also hears where another model begins anew, which is `None`.
    pub fn of_several(heard: impl Fn(Option<&str>) + Send + Sync + 'static) -> Listener {
        Listener(Arc::new(heard))
    }

    fn tell(&self, said: &str) {
        if !said.is_empty() {
            (self.0)(Some(said));
        }
    }

    pub(super) fn begin_anew(&self) {
        (self.0)(None);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// A reply as far as it has come.
#[derive(Default)]
pub struct Partial {
    pub text: String,
    pub thought: String,
    pub logprobs: Vec<TokenLogprob>,
    pub finish: Option<Finish>,
    pub usage: Usage,
    pub id: Option<String>,
    pub model: Option<String>,
    /// Calls of tools that came in one piece.
    pub whole_calls: Vec<ToolCall>,
    /// Those that come in pieces, by their place in the answer.
    calls: BTreeMap<u64, PartialCall>,
    /// The tool whose call is the reply, where a form is a tool.
    form: Option<String>,
    /// The server said that this was all.
    pub done: bool,
}

#[derive(Default)]
struct PartialCall {
    id: Option<String>,
    name: String,
    arguments: String,
}

/// Why an event could not be taken.
pub enum Odd {
    /// It is not what it should be.
    Unreadable(String),
    /// The server says that it failed; it may do better later.
    Failed { message: String, busy: bool },
}

impl Partial {
    fn of(request: &Request) -> Partial {
        let form = request.shape.as_ref().and_then(Shape::name);
        Partial {
            form: form.map(str::to_owned),
            ..Partial::default()
        }
    }

    /// More of the call of a tool.
    pub fn call(&mut self, place: u64, id: Option<&str>, name: &str, arguments: &str) {
        let call = self.calls.entry(place).or_default();
        call.id = call.id.take().or(id.map(str::to_owned));
        if call.name.is_empty() {
            call.name.push_str(name);
        }
        match self.form.as_ref() == Some(&call.name) {
            true => self.text.push_str(arguments),
            false => call.arguments.push_str(arguments),
        }
    }

    /// Whether the model has begun: what it thinks and calls is paid for as what it says.
    fn has_begun(&self) -> bool {
        let says = !self.text.is_empty() || !self.thought.is_empty();
        says || !self.calls.is_empty() || !self.whole_calls.is_empty()
    }

    /// The whole answer, as the server sums it up.
    pub fn end(&mut self, reply: Reply) {
        if self.text.is_empty() {
            self.text = reply.text;
        }
        (self.thought, self.logprobs, self.whole_calls) = (reply.thought, reply.logprobs, reply.calls);
        (self.usage, self.id, self.model) = (reply.usage, reply.id, reply.model);
        self.finish = Some(reply.finish);
        self.done = true;
    }

    fn reply(self) -> Reply {
        let form = self.form;
        let calls = self
            .calls
            .into_values()
            .filter(|call| form.as_ref() != Some(&call.name));
        let mut all = self.whole_calls;
        all.extend(calls.map(|call| called(call.id, call.name, call.arguments.into())));
        Reply {
            text: self.text,
            others: Vec::new(),
            calls: all,
            thought: self.thought,
            logprobs: self.logprobs,
            scores: Vec::new(),
            finish: self.finish.unwrap_or_default(),
            usage: self.usage,
            id: self.id,
            model: self.model,
        }
    }
}

/// The lines of an answer's body, in whatever pieces it comes.
#[derive(Default)]
struct Lines {
    open: Vec<u8>,
}

impl Lines {
    fn take(&mut self, piece: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.open.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let mut line = std::mem::take(&mut self.open);
                while matches!(line.last(), Some(b'\n' | b'\r')) {
                    line.pop();
                }
                lines.push(line);
            }
        }
        lines
    }
}

/// What of a line is data: all of it where each line is an event, else what stands behind `data:`.
fn data(line: &[u8], by_lines: bool) -> Option<&[u8]> {
    let data = if by_lines { line } else { line.strip_prefix(b"data:")? };
    let data = data.trim_ascii();
    (!data.is_empty()).then_some(data)
}

/// Reads an answer to its end.
pub(super) async fn read(
    endpoint: &Endpoint<'_>,
    request: &Request,
    incoming: Incoming,
    listener: &Listener,
    now: f64,
) -> Result<Reply, Trouble> {
    let provider = endpoint.provider;
    let Incoming { head, mut body } = incoming;
    let mut reading = Reading {
        provider,
        partial: Partial::of(request),
        lines: Lines::default(),
        listener,
        veil: Veil::over(endpoint.secret()),
        whole: is_whole(head.header("content-type")).then(Vec::new),
        last_id: None,
        repeated: false,
        odd: Vec::new(),
    };
    while let Some(piece) = body.next().await {
        let taken = match piece {
            Ok(piece) => reading.take(&piece),
            Err(error) => return Err(reading.broken(endpoint, error)),
        };
        taken.map_err(|odd| reading.failed(endpoint, odd))?;
        if reading.partial.done {
            break;
        }
    }
    if let Some(body) = reading.whole {
        let reply = provider.reply(&body, request);
        return reply.map_err(|why| refusal::not_an_answer(endpoint, &body, &why, now));
    }
    let taken = reading.take(b"\n");
    taken.map_err(|odd| reading.failed(endpoint, odd))?;
    reading.tell_rest();
    let partial = reading.partial;
    // A server that said why it ended has said all, whether or not it also says that this was all.
    match (partial.finish.is_some(), partial.done) {
        (false, true) if !partial.has_begun() => Err(refusal::unreadable(endpoint, b"", "")),
        (false, false) => Err(cut(endpoint, &partial.text, "it ends in the middle")),
        _ => Ok(partial.reply()),
    }
}

/// Some servers do not stream, whatever they are asked, and a page is no stream either.
fn is_whole(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|kind| kind.starts_with("application/json") || kind.starts_with("text/html"))
}

struct Reading<'a> {
    provider: &'static dyn Provider,
    partial: Partial,
    lines: Lines,
    listener: &'a Listener,
    veil: Veil,
    /// What came of an answer in one piece.
    whole: Option<Vec<u8>>,
    /// The id of the last event, where events have ids: one that comes twice counts once.
    last_id: Option<Vec<u8>>,
    repeated: bool,
    /// The event that could not be taken.
    odd: Vec<u8>,
}

impl Reading<'_> {
    /// The failure of an answer whose connection breaks, or that takes too long.
    fn broken(&self, endpoint: &Endpoint<'_>, error: HostError) -> Trouble {
        let trouble = refusal::unreachable_server(endpoint, error);
        if !self.partial.has_begun() {
            return trouble;
        }
        let Trouble { fault, .. } = cut(endpoint, &self.partial.text, &trouble.fault.message);
        Trouble::last(Fault {
            kind: trouble.fault.kind,
            help: trouble.fault.help.filter(|_| trouble.fault.kind == FaultKind::Timeout),
            ..fault
        })
    }

    /// The failure of an answer with an event that could not be taken.
    fn failed(&self, endpoint: &Endpoint<'_>, odd: Odd) -> Trouble {
        let said = self.partial.text.as_str();
        match odd {
            Odd::Unreadable(why) if said.is_empty() => refusal::unreadable(endpoint, &self.odd, &why),
            Odd::Unreadable(why) => cut(endpoint, said, &why),
            Odd::Failed { message, busy } => {
                let words = refusal::excerpt(&endpoint.without_key(&message));
                let fault = Fault::new(FaultKind::Lm, format!("`{}` failed: {words}", endpoint.base));
                match self.partial.has_begun() {
                    false if busy => Trouble::soon(fault),
                    _ if said.is_empty() => Trouble::last(fault),
                    _ => Trouble::last(fault.reply(endpoint.without_key(said))),
                }
            }
        }
    }

    /// What waited for more of it.
    fn tell_rest(&mut self) {
        let rest = self.veil.end();
        self.listener.tell(&rest);
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Odd> {
        if let Some(whole) = &mut self.whole {
            whole.extend_from_slice(piece);
            return Ok(());
        }
        for line in self.lines.take(piece) {
            if let Some(id) = line.strip_prefix(b"id:") {
                let id = Some(id.trim_ascii().to_vec());
                self.repeated = id == self.last_id;
                self.last_id = id;
            } else if line.is_empty() {
                self.repeated = false;
            }
            let Some(event) = data(&line, self.provider.streams_lines()).filter(|_| !self.repeated) else {
                continue;
            };
            let known = self.partial.text.len();
            self.provider
                .event(event, &mut self.partial)
                .inspect_err(|_| self.odd = event.to_vec())?;
            if let Some(said) = self.partial.text.get(known..).filter(|said| !said.is_empty()) {
                let shown = self.veil.feed(said);
                self.listener.tell(&shown);
            }
            if self.partial.done {
                break;
            }
        }
        Ok(())
    }
}

/// Lets nobody hear a secret, however it is cut into parts: a part that may be its beginning waits for the next one.
struct Veil {
    secret: Option<String>,
    held: String,
}

impl Veil {
    fn over(secret: Option<&str>) -> Veil {
        Veil {
            secret: secret.map(str::to_owned),
            held: String::new(),
        }
    }

    fn feed(&mut self, said: &str) -> String {
        let Some(secret) = &self.secret else {
            return said.to_owned();
        };
        self.held.push_str(said);
        let mut shown = String::new();
        while let Some(at) = self.held.find(secret.as_str()) {
            shown.push_str(&self.held[..at]);
            shown.push_str(HIDDEN);
            self.held.drain(..at + secret.len());
        }
        let begins = |at: &usize| secret.starts_with(&self.held[*at..]);
        let from = self.held.len().saturating_sub(secret.len());
        let starts = self.held.char_indices().map(|(at, _)| at).filter(|at| *at >= from);
        let waits = starts.into_iter().find(begins).unwrap_or(self.held.len());
        shown.extend(self.held.drain(..waits));
        shown
    }

    /// No more comes.
    fn end(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// The failure of an answer that ends before it is whole. What was said was paid for, so it is not asked again.
fn cut(endpoint: &Endpoint<'_>, said: &str, why: &str) -> Trouble {
    let message = format!("the answer of `{}` was cut off: {why}", endpoint.base);
    Trouble::last(Fault::new(FaultKind::Lm, message).reply(endpoint.without_key(said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_however_it_is_cut() {
        let text = "a sk-sk-key-1 b sk-key-1sk-key-1 sk-key";
        let expected = text.replace("sk-key-1", HIDDEN);
        for size in 1..text.len() {
            let mut veil = Veil::over(Some("sk-key-1"));
            let mut shown = String::new();
            for part in text.as_bytes().chunks(size) {
                shown += &veil.feed(std::str::from_utf8(part).unwrap_or_default());
            }
            shown += &veil.end();
            assert_eq!(shown, expected, "parts of {size}");
        }
    }
}
