//! Saved state: what `compile` found for each predictor, in the JSON that DSPy's `program.save` writes and
//! `program.load` reads. dsp's own facts stand under `metadata.dsp`, where DSPy does not look.
//!
//! Text and data only: which predictors a program has is known above, and files are the host's.

mod journal;
mod predictor;
mod shape;

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::diag::{Fault, FaultKind};
use crate::value::{EcoString, Signature};

pub use journal::{Trial, trials};
pub use predictor::PredictorState;
pub use shape::SignatureShape;

/// The version of what stands under `metadata.dsp`.
pub const FORMAT: u64 = 1;

/// The version of DSPy whose layout is written.
const DSPY: &str = "3.4.1";

/// The path of a predictor that is the whole program: its state has no path level.
const SELF: &str = "self";

/// The state of a program: its predictors by path, in the program's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub predictors: Vec<(EcoString, PredictorState)>,
    /// What is known of how the state came to be: `metric`, `data`, `model`, `seed`, `score`.
    pub facts: Map<String, Json>,
}

impl State {
    /// The file's text.
    pub fn to_text(&self) -> String {
        let mut file = Map::new();
        let mut signatures = Map::new();
        let mut calibrations = Map::new();
        for (path, predictor) in &self.predictors {
            if let Some(shape) = &predictor.shape {
                signatures.insert(path.to_string(), shape.to_json());
            }
            if let Some(calibration) = &predictor.calibration {
                calibrations.insert(path.to_string(), json!(calibration.as_ref()));
            }
            match path.as_str() {
                SELF => file.extend(predictor.to_json()),
                path => {
                    file.insert(path.to_owned(), Json::Object(predictor.to_json()));
                }
            }
        }
        let mut own = Map::from_iter([("format".to_owned(), json!(FORMAT))]);
        own.insert("signatures".to_owned(), Json::Object(signatures));
        if !calibrations.is_empty() {
            own.insert("calibration".to_owned(), Json::Object(calibrations));
        }
        own.extend(self.facts.clone());
        file.insert(
            "metadata".to_owned(),
            json!({"dependency_versions": {"dspy": DSPY}, "dsp": own}),
        );
        // Serializing plain JSON data to memory cannot fail.
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }

    /// Reads a file that dsp or DSPy wrote.
    pub fn parse(text: &str) -> Result<State, Fault> {
        let json: Json = serde_json::from_str(text).map_err(|error| {
            fault(format!("this is no saved state: it is not JSON ({error})")).help("a state is what `save` writes")
        })?;
        let Json::Object(mut file) = json else {
            return Err(fault("this is no saved state: it is not a JSON object").help("a state is what `save` writes"));
        };
        let Some(metadata) = file.remove("metadata") else {
            return Err(fault("this is no saved state: it has no `metadata`").help("a state is what `save` writes"));
        };
        let mut facts = match metadata.get("dsp") {
            Some(Json::Object(facts)) => facts.clone(),
            _ => Map::new(),
        };
        let format = facts
            .shift_remove("format")
            .and_then(|format| format.as_u64())
            .unwrap_or(FORMAT);
        if format > FORMAT {
            let message = format!("this state has format {format}, and this dsp reads up to {FORMAT}");
            return Err(fault(message).help("load it with the dsp that wrote it, or a newer one"));
        }
        let signatures = facts.shift_remove("signatures").unwrap_or_default();
        let calibrations = facts.shift_remove("calibration").unwrap_or_default();
        let whole = file.contains_key("signature") && file.contains_key("demos");
        let parts = if whole {
            vec![(SELF.to_owned(), Json::Object(file))]
        } else {
            file.into_iter().collect()
        };
        let predictors = parts.into_iter().map(|(path, part)| {
            let mut predictor = PredictorState::from_json(&path, &part)?;
            predictor.calibration = calibrations
                .get(&path)
                .and_then(|known| serde_json::from_value(known.clone()).ok())
                .map(Arc::new);
            predictor.shape = signatures.get(&path).and_then(SignatureShape::from_json);
            Ok((EcoString::from(path), predictor))
        });
        Ok(State {
            predictors: predictors.collect::<Result<_, Fault>>()?,
            facts,
        })
    }

    pub fn get(&self, path: &str) -> Option<&PredictorState> {
        self.predictors
            .iter()
            .find(|(p, _)| p == path)
            .map(|(_, predictor)| predictor)
    }

    /// Whether this is a state of the program that has these predictors; the fault names the predictor and the field
    /// that differ.
    pub fn check<'a>(&self, predictors: impl IntoIterator<Item = (&'a str, &'a Signature)>) -> Result<(), Fault> {
        let mut known = Vec::new();
        for (path, signature) in predictors {
            known.push(path);
            let Some(state) = self.get(path) else {
                let message = format!(
                    "this state has nothing for the predictor `{path}`: it has {}",
                    self.paths()
                );
                return Err(fault(message).help(ANOTHER));
            };
            state.check(path, signature)?;
        }
        match self.predictors.iter().find(|(path, _)| !known.contains(&path.as_str())) {
            None => Ok(()),
            Some((path, _)) => {
                let message = format!("this state is for a predictor `{path}` that the program does not have");
                Err(fault(message).help(ANOTHER))
            }
        }
    }

    fn paths(&self) -> String {
        match self.predictors.as_slice() {
            [] => "no predictors".to_owned(),
            predictors => predictors
                .iter()
                .map(|(path, _)| format!("`{path}`"))
                .collect::<Vec<_>>()
                .join(", "),
        }
    }
}

const ANOTHER: &str = "it was saved from another program, or the program has changed since: compile it again";

fn fault(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::State, message)
}
