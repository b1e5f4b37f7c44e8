//! What a model says while it says it, field by field, for whoever listens (`live`).

use std::collections::BTreeSet;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::adapter::{Parsed, Piece, Splitter, field_text};
use crate::lm::Listener;
use crate::value::{EcoString, Signature, Value};

use super::super::live::Live;
use super::super::run::{Event, Run};
use super::{Stage, Task};

/// What comes over a connection; `None` is where another model begins anew.
pub(in crate::vm) type Told = UnboundedReceiver<Option<String>>;

/// The path of a predictor that is no part of a program.
const ALONE: &str = "self";

/// What was heard of an answer.
pub struct Heard {
    splitter: Box<dyn Splitter>,
    text: String,
    /// The outputs of which something was said.
    outputs: BTreeSet<EcoString>,
}

impl Task {
    /// A new request: all is to be said anew.
    pub(super) fn listen(&mut self) {
        self.asked.heard = None;
        if Live::of(&self.plan.settings).is_none() || !self.asked.said.is_empty() {
            return;
        }
        self.asked.heard = self.signature().map(|signature| {
            Box::new(Heard {
                splitter: self.plan.adapter.splitter(signature),
                text: String::new(),
                outputs: BTreeSet::new(),
            })
        });
    }
}

impl Run<'_> {
    /// Who is to be told what comes over a connection.
    pub(super) fn listener(&mut self, id: usize, task: &Task) -> Option<Listener> {
        task.asked.heard.as_ref()?;
        let (tell, told) = unbounded_channel();
        self.await_more(id, task.asked.count, told);
        // Nobody listens any more when the run is over.
        Some(Listener::of_several(move |text| {
            drop(tell.send(text.map(str::to_owned)));
        }))
    }

    fn await_more(&mut self, task: usize, request: u32, mut told: Told) {
        self.events.push(Box::pin(async move {
            match told.recv().await {
                Some(text) => Event::Said {
                    task,
                    request,
                    text,
                    rest: told,
                },
                None => Event::Silent,
            }
        }));
    }

    /// A part of an answer has come, or another model begins it anew; what is told after the answer itself is not news.
    pub(in crate::vm) fn heard_some(&mut self, id: usize, request: u32, text: Option<&str>, rest: Told) {
        let Some(mut task) = self.tasks.remove(&id) else {
            return;
        };
        if task.asked.count == request && matches!(task.stage, Stage::Answer) {
            match text {
                Some(text) => self.hear(&mut task, text, false),
                None => task.listen(),
            }
            self.await_more(id, request, rest);
        }
        self.tasks.insert(id, task);
    }

    /// The answer is whole.
    pub(super) fn heard_all(&mut self, task: &mut Task, reply: &str) {
        let Some(heard) = &task.asked.heard else { return };
        let known = heard.text.clone();
        match reply.strip_prefix(known.as_str()) {
            Some(rest) => self.hear(task, rest, true),
            // Another model has answered than the one that was heard.
            None => {
                task.listen();
                self.hear(task, reply, true);
            }
        }
    }

    fn hear(&mut self, task: &mut Task, text: &str, ends: bool) {
        let Some(heard) = &mut task.asked.heard else { return };
        heard.text.push_str(text);
        let mut pieces = heard.splitter.feed(text);
        if ends {
            for piece in heard.splitter.end() {
                match pieces.last_mut() {
                    Some(last) if last.output == piece.output => last.text.push_str(&piece.text),
                    _ => pieces.push(piece),
                }
            }
        }
        let name = |signature: &Signature, piece: &Piece| Some(signature.outputs.get(piece.output)?.name.clone());
        for piece in pieces {
            let Some(output) = task.signature().and_then(|signature| name(signature, &piece)) else {
                continue;
            };
            self.tell(task, &output, &piece.text);
            if let Some(heard) = &mut task.asked.heard {
                heard.outputs.insert(output);
            }
        }
    }

    /// The outputs of which nothing was heard: of a scripted model's record, or of a reply in another layout.
    pub(super) fn tell_the_rest(&mut self, task: &Task, read: &Parsed) {
        let (Some(heard), Some(predictor)) = (&task.asked.heard, task.predictor()) else {
            return;
        };
        let outputs = predictor.signature.outputs.iter();
        for field in outputs.filter(|field| !heard.outputs.contains(&field.name)) {
            if let Some(value) = read.values.get(&field.name).filter(|value| !value.is_none()) {
                let text = match value {
                    Value::Str(text) => text.to_string(),
                    value => field_text(&field.ty, value),
                };
                self.tell(task, &field.name, &text);
            }
        }
    }

    fn tell(&mut self, task: &Task, output: &EcoString, text: &str) {
        let alone = EcoString::from(ALONE);
        let path = task
            .predictor()
            .and_then(|predictor| predictor.path.as_ref())
            .unwrap_or(&alone);
        self.part(task.node, &task.plan.settings, path, output, text);
    }
}
