//! The journal of a search: one trial a line, in JSON, written as each ends. A line that was torn when its process was
//! killed is passed over.

use serde_json::{Map, Value as Json, json};

use super::PredictorState;
use crate::value::{EcoString, Predictor};

/// A candidate that was evaluated: what it was, how it did, what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// `candidate 3`
    pub name: EcoString,
    pub score: f64,
    pub calls: u64,
    /// In US dollars, where prices are known.
    pub cost: f64,
    /// Instructions and demos by path. Models are the program's own.
    pub predictors: Vec<(EcoString, PredictorState)>,
}

impl Trial {
    pub fn state(predictor: &Predictor) -> PredictorState {
        PredictorState {
            lm: None,
            ..PredictorState::of(predictor)
        }
    }

    /// Its line, newline included.
    pub fn line(&self) -> String {
        let states = self.predictors.iter();
        let states: Map<String, Json> = states
            .map(|(path, state)| (path.to_string(), Json::Object(state.to_json())))
            .collect();
        let line = json!({
            "trial": self.name.as_str(),
            "score": self.score,
            "calls": self.calls,
            "cost": self.cost,
            "predictors": states,
        });
        format!("{line}\n")
    }

    fn read(line: &str) -> Option<Trial> {
        let json: Json = serde_json::from_str(line).ok()?;
        let states = json["predictors"].as_object()?.iter();
        let states = states.map(|(path, state)| Some((path.into(), PredictorState::from_json(path, state).ok()?)));
        Some(Trial {
            name: json["trial"].as_str()?.into(),
            score: json["score"].as_f64()?,
            calls: json["calls"].as_u64()?,
            cost: json["cost"].as_f64()?,
            predictors: states.collect::<Option<_>>()?,
        })
    }
}

/// The trials that a journal holds.
pub fn trials(text: &str) -> Vec<Trial> {
    text.lines().filter_map(Trial::read).collect()
}
