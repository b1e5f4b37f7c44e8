//! The name of a search: the same for the same script, program, data, metric, optimizer, seed and model, so that a
//! search that was stopped is found again.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::lm::{self, dummy::Script};
use crate::source::{FileId, SourceMap};
use crate::value::{LmKind, LmSpec, Predictor, Program, Record, Settings, Value, show};

/// The settings that bear on what a program says. Caps, time-outs and limits do not.
const SETTINGS: [&str; 10] = [
    "lm",
    "rm",
    "adapter",
    "temperature",
    "max_tokens",
    "max_retries",
    "strict",
    "seed",
    "rollout_id",
    "rollout",
];

#[derive(Default)]
pub struct Identity {
    text: String,
    fleeting: bool,
}

impl Identity {
    /// Functions are known by their place in the script, so its whole text counts, with that of all that it imports.
    pub fn sources(&mut self, sources: &SourceMap) {
        let files = (0..sources.len()).map(|id| sources.get(FileId(u32::try_from(id).unwrap_or(u32::MAX))));
        for file in files.filter(|file| !file.name.starts_with("std/")) {
            self.piece(&file.text);
        }
        self.piece(env!("CARGO_PKG_VERSION"));
    }

    pub fn settings(&mut self, settings: &Settings) {
        for name in SETTINGS {
            self.value(settings.get(name).unwrap_or(&Value::None));
        }
    }

    pub fn value(&mut self, value: &Value) {
        match value {
            Value::List(items) => {
                self.piece("list");
                items.iter().for_each(|item| self.value(item));
            }
            Value::Dict(dict) => {
                self.piece("dict");
                for (key, value) in dict.iter() {
                    self.piece(key);
                    self.value(value);
                }
            }
            Value::Record(record) => self.record(record),
            Value::Function(function) => {
                self.piece(&format!("fn {}", function.id.0));
                function.captures.iter().for_each(|value| self.value(value));
            }
            // Its text is all there is: conditions are functions of the script, which counts as a whole.
            Value::Signature(signature) => self.piece(&format!("{signature:?}")),
            Value::Program(program) => self.program(program),
            Value::Lm(lm) => self.model(lm),
            scalar => self.piece(&show(scalar)),
        }
        self.text.push(')');
    }

    /// SHA-256 in hex; none where the search cannot be taken up again, since a model gives out its answers in order.
    pub fn hash(&self) -> Option<String> {
        (!self.fleeting).then(|| hex(&self.text))
    }

    fn record(&mut self, record: &Record) {
        self.piece("record");
        for (name, value) in record.iter() {
            self.piece(name);
            self.value(value);
        }
    }

    fn program(&mut self, program: &Program) {
        match program {
            Program::Predictor(Predictor {
                signature,
                demos,
                lm,
                config,
                ..
            }) => {
                self.piece(&format!("predictor {signature:?}"));
                demos.iter().for_each(|demo| self.value(demo));
                self.value(lm.as_ref().unwrap_or(&Value::None));
                self.record(config);
            }
            Program::Instance(instance) => {
                self.piece(&format!("instance {}", instance.module.0));
                self.record(&instance.fields);
            }
        }
    }

    fn model(&mut self, lm: &LmSpec) {
        self.piece(&lm.name);
        self.record(&lm.options);
        lm::members(lm).iter().for_each(|member| self.model(member));
        if let LmKind::Function(function) = &lm.kind {
            self.value(&Value::Function(function.clone()));
        }
        self.fleeting |= Script::of(&lm.kind).is_some_and(Script::is_in_order);
    }

    /// With its length, so that two pieces are never mistaken for one.
    fn piece(&mut self, text: &str) {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{}:{text};", text.len());
    }
}

/// What rows are known by in a saved state.
pub fn data_hash(rows: &[Value]) -> String {
    let mut identity = Identity::default();
    rows.iter().for_each(|row| identity.value(row));
    hex(&identity.text)
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
