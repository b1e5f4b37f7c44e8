//! Recordings: questions and answers, one JSON object a line, sorted, so that a test runs offline and a review sees what
//! changed. No secret ever gets here: a request holds none, and what the user names is blacked out. A long text that
//! several requests share, or begin with, stands once, on a line of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use regex::Regex;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use similar::TextDiff;

use super::Key;
use super::texts::{content, messages, put_in, shared, taken_out};
use crate::diag::{Fault, FaultKind, word_diff};

/// What stands where something was blacked out.
const BLACKED_OUT: &str = "[redacted]";

/// A recording that is read or being made; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    calls: Arc<Mutex<Calls>>,
    /// What was asked and is not recorded, in the words of the failure: a script may have caught that.
    missed: Arc<Mutex<Vec<String>>>,
    secrets: Arc<[Regex]>,
    /// How models' names begin in requests, and how they do in the file.
    renamed: Option<(Arc<str>, Arc<str>)>,
}

type Calls = IndexMap<Key, Call, FxBuildHasher>;

#[derive(Debug)]
struct Call {
    request: Json,
    outcome: Outcome,
    used: bool,
    /// It was not in the file.
    is_new: bool,
}

impl Call {
    /// What is asked now is used, too.
    fn new(request: Json, outcome: Outcome, is_new: bool) -> Call {
        Call {
            request,
            outcome,
            used: is_new,
            is_new,
        }
    }
}

/// What came of a request: a test may be of what a script does where one fails.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Reply(Json),
    Error(Failure),
}

/// A failure, as the file has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Failure {
    kind: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Call {
        request: Json,
        #[serde(flatten)]
        outcome: Outcome,
    },
    Text {
        text: String,
        content: String,
    },
}

/// A request as the recording sees it.
pub(super) struct Asked {
    pub key: Key,
    request: Json,
}

impl Recording {
    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what `text` wrote; `name` is the file's, for messages.
    pub fn read(name: &str, text: &str) -> Result<Recording, Fault> {
        let wrong = |number: usize, why: String| {
            let message = format!("`{name}` is not a recording: line {}: {why}", number + 1);
            Fault::new(FaultKind::Value, message).help("record it anew with `dsp test --record=all`")
        };
        let recording = Recording::default();
        let mut texts = HashMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            match serde_json::from_str(line).map_err(|error| wrong(number, error.to_string()))? {
                Line::Text { text, content } => {
                    texts.insert(text, content);
                }
                Line::Call { mut request, outcome } => {
                    put_in(&mut request, &texts)
                        .map_err(|id| wrong(number, format!("no line above it has the text `{id}`")))?;
                    let key = Key::of(&request)?;
                    recording
                        .calls()
                        .entry(key)
                        .or_insert(Call::new(request, outcome, false));
                }
            }
        }
        Ok(recording)
    }

    /// The same, with whatever these match blacked out in requests and replies.
    pub fn redacting(self, secrets: impl Into<Arc<[Regex]>>) -> Recording {
        Recording {
            secrets: secrets.into(),
            ..self
        }
    }

    /// The same, with models whose names begin with `begins` known by ones that begin with `known_by` instead: what lies
    /// beside the script is found again wherever it is run from.
    pub fn renaming(self, begins: &str, known_by: &str) -> Recording {
        let renamed = (begins != known_by).then(|| (begins.into(), known_by.into()));
        Recording { renamed, ..self }
    }

    /// The file: shared texts, then questions and answers, each sorted.
    pub fn text(&self) -> String {
        let calls = self.calls();
        let mut sorted: Vec<&Call> = calls.values().collect();
        sorted.sort_by_cached_key(|call| readable(&call.request));
        let shared = shared(sorted.iter().map(|call| &call.request));
        let texts = shared.iter().map(|(content, id)| Line::Text {
            text: id.clone(),
            content: (*content).to_owned(),
        });
        let lines = sorted.iter().map(|call| Line::Call {
            request: taken_out(&call.request, &shared),
            outcome: call.outcome.clone(),
        });
        texts
            .chain(lines)
            .filter_map(|line| serde_json::to_string(&line).ok())
            .map(|line| line + "\n")
            .collect()
    }

    pub fn len(&self) -> usize {
        self.calls().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The questions that nobody asked, a line for each.
    pub fn unused(&self) -> Vec<String> {
        let calls = self.calls();
        let unused = calls.values().filter(|call| !call.used);
        unused.map(|call| title(&call.request)).collect()
    }

    /// What was asked and is not recorded, since the last time.
    pub fn take_missed(&self) -> Vec<String> {
        std::mem::take(&mut *self.missed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets the failures that are not in the file yet: where a test failed, it may be by them.
    pub fn forget_new_failures(&self) {
        let stays = |call: &Call| !(call.is_new && matches!(call.outcome, Outcome::Error(_)));
        self.calls().retain(|_, call| stays(call));
    }

    /// Forgets what nobody asked.
    pub fn prune(&self) {
        self.calls().retain(|_, call| call.used);
    }

    /// What the recording knows the request by.
    pub(super) fn ask(&self, request: &impl Serialize) -> Result<Asked, Fault> {
        if self.secrets.is_empty() && self.renamed.is_none() {
            // The common case: the key needs no copy of the request.
            let key = Key::of(request)?;
            let request = serde_json::to_value(request).unwrap_or_default();
            return Ok(Asked { key, request });
        }
        let mut request = serde_json::to_value(request).unwrap_or_default();
        self.black_out(&mut request);
        self.rename(&mut request);
        let key = Key::of(&request)?;
        Ok(Asked { key, request })
    }

    fn rename(&self, request: &mut Json) {
        if let (Some((begins, known_by)), Some(Json::String(model))) = (&self.renamed, request.get_mut("model"))
            && let Some(rest) = model.strip_prefix(begins.as_ref())
        {
            *model = format!("{known_by}{rest}");
        }
    }

    fn black_out(&self, json: &mut Json) {
        match json {
            Json::String(text) => *text = self.blacked_out(text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.black_out(item)),
            Json::Object(fields) => fields.values_mut().for_each(|field| self.black_out(field)),
            _ => {}
        }
    }

    fn blacked_out(&self, text: &str) -> String {
        let mut left = text.to_owned();
        for secret in self.secrets.iter().filter(|secret| secret.is_match(text)) {
            left = secret.replace_all(&left, BLACKED_OUT).into_owned();
        }
        left
    }

    /// What came of the request when it was recorded.
    pub(super) fn replay<A: DeserializeOwned>(&self, asked: &Asked) -> Result<A, Fault> {
        let recorded = self.look(asked, |outcome| match outcome {
            Outcome::Reply(reply) => read(reply),
            Outcome::Error(failure) => Err(failure.fault()),
        });
        recorded.unwrap_or_else(|| Err(self.missing(asked)))
    }

    /// The recorded answer, if there is one; what failed is asked again.
    pub(super) fn answer<A: DeserializeOwned>(&self, asked: &Asked) -> Result<Option<A>, Fault> {
        let recorded = self.look(asked, |outcome| match outcome {
            Outcome::Reply(reply) => read(reply).map(Some),
            Outcome::Error(_) => Ok(None),
        });
        recorded.unwrap_or(Ok(None))
    }

    fn look<T>(&self, asked: &Asked, read: impl FnOnce(&Outcome) -> T) -> Option<T> {
        let mut calls = self.calls();
        let call = calls.get_mut(&asked.key)?;
        call.used = true;
        Some(read(&call.outcome))
    }

    /// Keeps what came of a request.
    pub(super) fn fill(&self, asked: &Asked, outcome: Result<&impl Serialize, &Fault>) {
        let outcome = match outcome {
            Ok(reply) => {
                let mut reply = serde_json::to_value(reply).unwrap_or_default();
                self.black_out(&mut reply);
                Outcome::Reply(reply)
            }
            Err(fault) => Outcome::Error(Failure {
                kind: fault.kind.name().to_owned(),
                message: self.blacked_out(&fault.message),
                help: fault.help.clone(),
            }),
        };
        let call = Call::new(asked.request.clone(), outcome, true);
        self.calls().insert(asked.key.clone(), call);
    }

    /// The failure of a request that was not recorded, with what the nearest recorded one has otherwise.
    pub(super) fn missing(&self, asked: &Asked) -> Fault {
        let wanted = readable(&asked.request);
        let recorded: Vec<String> = self.calls().values().map(|call| readable(&call.request)).collect();
        let nearest = nearest(&recorded, &wanted);
        let message = match nearest {
            None => format!(
                "this request is not in the recording, which is empty:\n{}",
                indented(&wanted)
            ),
            Some(text) => {
                let diff = word_diff(text, &wanted, false);
                format!(
                    "this request is not in the recording; what the nearest one has [-otherwise-] or {{+not+}}:\n{diff}"
                )
            }
        };
        let message = message.trim_end();
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.push(message.to_owned());
        Fault::new(FaultKind::Lm, message)
            .help("if the change is meant, `dsp test --record` asks the model for what is missing")
    }
}

impl Failure {
    fn fault(&self) -> Fault {
        let kind = FaultKind::from_name(&self.kind).unwrap_or(FaultKind::Lm);
        Fault {
            help: self.help.clone(),
            ..Fault::new(kind, self.message.as_str())
        }
    }
}

fn read<A: DeserializeOwned>(reply: &Json) -> Result<A, Fault> {
    A::deserialize(reply).map_err(|error| {
        Fault::new(
            FaultKind::Value,
            format!("a recorded reply has the wrong shape: {error}"),
        )
        .help("record it anew with `dsp test --record=all`")
    })
}

/// The text with the most lines in common with another; of several, the first with the most words.
fn nearest<'a>(recorded: &'a [String], wanted: &str) -> Option<&'a String> {
    let lines = |text: &String| TextDiff::from_lines(text.as_str(), wanted).ratio();
    let words = |text: &String| TextDiff::from_words(text.as_str(), wanted).ratio();
    let ratios: Vec<f32> = recorded.iter().map(lines).collect();
    let most = ratios.iter().copied().fold(0.0, f32::max);
    let equals = recorded.iter().zip(ratios).filter(|(_, ratio)| *ratio >= most);
    let by_words = equals.map(|(text, _)| (words(text), text)).rev();
    by_words.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, text)| text)
}

/// The model and the first line of what it was asked last.
fn title(request: &Json) -> String {
    let last = messages(request).last().and_then(content).unwrap_or_default();
    let values = last
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("[[ ## "));
    let first: String = values.take(1).flat_map(|line| line.chars().take(80)).collect();
    format!("{}: {first}", request["model"].as_str().unwrap_or("?"))
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
    for message in messages(request) {
        text += &format!("── {}\n", message["role"].as_str().unwrap_or("?"));
        text += content(message).unwrap_or_default();
        text.push('\n');
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
