//! Recordings: questions and answers, one pair a line, so that a test runs offline. No secret ever gets here, since a
//! request holds none.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use similar::TextDiff;

use super::Key;
use crate::diag::{Fault, FaultKind};

/// How many lines around a difference are shown.
const CONTEXT: usize = 2;

/// A recording that is read or being made; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    lines: Arc<Mutex<IndexMap<Key, Line, FxBuildHasher>>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    request: Json,
    reply: Json,
}

impl Recording {
    fn lines(&self) -> MutexGuard<'_, IndexMap<Key, Line, FxBuildHasher>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what `text` wrote; `name` is the file's, for messages.
    pub fn read(name: &str, text: &str) -> Result<Recording, Fault> {
        let recording = Recording::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let line: Line = serde_json::from_str(line).map_err(|error| {
                let message = format!("`{name}` is not a recording: line {}: {error}", number + 1);
                Fault::new(FaultKind::Value, message).help("record it anew with `dsp test --record`")
            })?;
            recording.lines().entry(Key::of(&line.request)?).or_insert(line);
        }
        Ok(recording)
    }

    /// One JSON object a line, in the order the requests were first made.
    pub fn text(&self) -> String {
        let lines = self.lines();
        let answered = lines.values().filter(|line| !line.reply.is_null());
        answered
            .filter_map(|line| serde_json::to_string(line).ok())
            .map(|line| line + "\n")
            .collect()
    }

    pub fn len(&self) -> usize {
        self.lines().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The recorded answer, if there is one.
    pub(super) fn get<A: DeserializeOwned>(&self, key: &Key) -> Result<Option<A>, Fault> {
        let reply = self.lines().get(key).map(|line| line.reply.clone());
        reply
            .filter(|reply| !reply.is_null())
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| {
                Fault::new(
                    FaultKind::Value,
                    format!("a recorded reply has the wrong shape: {error}"),
                )
                .help("record it anew with `dsp test --record`")
            })
    }

    /// Keeps the place of a request that was made now and whose answer comes later.
    pub(super) fn reserve(&self, key: &Key, request: &impl Serialize) {
        let request = serde_json::to_value(request).unwrap_or_default();
        self.lines().entry(key.clone()).or_insert(Line {
            request,
            reply: Json::Null,
        });
    }

    pub(super) fn fill(&self, key: &Key, reply: &impl Serialize) {
        if let Some(line) = self.lines().get_mut(key) {
            line.reply = serde_json::to_value(reply).unwrap_or_default();
        }
    }

    /// Gives a reserved place back: its request failed.
    pub(super) fn forget(&self, key: &Key) {
        self.lines().shift_remove(key);
    }

    /// The failure of a request that was not recorded, with what the nearest recorded one has otherwise.
    pub(super) fn missing(&self, request: &impl Serialize) -> Fault {
        let wanted = readable(&serde_json::to_value(request).unwrap_or_default());
        let recorded: Vec<String> = self.lines().values().map(|line| readable(&line.request)).collect();
        let nearest = recorded
            .iter()
            .map(|text| (TextDiff::from_lines(text.as_str(), wanted.as_str()).ratio(), text));
        let nearest = nearest.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, text)| text);
        let message = match nearest {
            None => format!(
                "this request is not in the recording, which is empty:\n{}",
                indented(&wanted)
            ),
            Some(text) => {
                let diff = TextDiff::from_lines(text.as_str(), wanted.as_str());
                let diff = diff.unified_diff().context_radius(CONTEXT).to_string();
                format!("this request is not in the recording; the nearest recorded one (-) and this one (+):\n{diff}")
            }
        };
        Fault::new(FaultKind::Lm, message.trim_end())
            .help("if the change is meant, record anew with `dsp test --record`")
    }
}

/// A request as text with one line for each line of its messages.
fn readable(request: &Json) -> String {
    let mut text = String::new();
    let Some(fields) = request.as_object() else {
        return format!("{request:#}\n");
    };
    for (name, value) in fields.iter().filter(|(name, _)| *name != "messages") {
        text += &format!("{name}: {value}\n");
    }
    for message in fields.get("messages").and_then(Json::as_array).into_iter().flatten() {
        text += &format!("── {}\n", message["role"].as_str().unwrap_or("?"));
        text += message["content"].as_str().unwrap_or_default();
        text.push('\n');
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
