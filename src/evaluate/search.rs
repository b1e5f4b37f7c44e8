//! A search under way: its budget, the best candidate so far, and the journal from which a search that was stopped
//! goes on.

use std::any::Any;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::bars;
use crate::artifact::{Trial, trials};
use crate::call::{Budget, Spent};
use crate::diag::Fault;
use crate::host::{Access, Host, HostResult};
use crate::value::{EcoString, Opaque, Value};
use crate::vm::programs;

/// The folder of the journals in the cache folder.
pub const FOLDER: &str = "searches";

pub struct Search {
    host: Arc<dyn Host>,
    /// Where it is journalled; some searches cannot be taken up again.
    file: Option<PathBuf>,
    budget: Arc<Budget>,
    /// On the host's clock.
    started: Duration,
    /// It is only forecast, and says nothing.
    silent: bool,
    standing: Mutex<Standing>,
}

#[derive(Default)]
struct Standing {
    /// Trials of an earlier run that this one has not come to yet.
    past: Vec<Trial>,
    best: Option<Candidate>,
    ended: Vec<Ended>,
    /// How many trials there will be, where that is known.
    expected: Option<u64>,
    /// The scores of rows that were met: the first, and whether there were others.
    seen: Option<(f64, bool)>,
    rows: u64,
    complained: bool,
}

/// A trial that has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    pub name: EcoString,
    pub candidate: Candidate,
    pub spent: Spent,
}

/// A program and its score.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub program: Value,
    pub score: f64,
}

impl Search {
    /// Goes on where the journal ends, if there is one.
    pub fn open(host: Arc<dyn Host>, file: Option<PathBuf>, budget: Budget, silent: bool) -> Search {
        let search = Search {
            started: host.elapsed(),
            silent,
            host,
            file,
            budget: Arc::new(budget),
            standing: Mutex::default(),
        };
        let past = search.read();
        if !past.is_empty() {
            let ended = trials_text(past.len() as u64);
            search.say(&format!("compile: going on behind the {ended} of an earlier run"));
        }
        search.lock().past = past;
        search
    }

    fn read(&self) -> Vec<Trial> {
        let Some(file) = self.file.as_ref().filter(|file| self.host.exists(Access::Own, file)) else {
            return Vec::new();
        };
        let Some(bytes) = self.kept(self.host.read(Access::Own, file)) else {
            return Vec::new();
        };
        let text = String::from_utf8_lossy(&bytes);
        let past = trials(&text);
        let whole: String = past.iter().map(Trial::line).collect();
        if *text != *whole {
            // What comes next must not be written behind a torn line.
            self.kept(self.host.write(Access::Own, file, whole.as_bytes()));
        }
        past
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What all calls of the search are counted in.
    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// A trial that an earlier run has ended, laid over the program. It counts against the budget as it did then.
    pub fn recall(&self, name: &str, program: &Value) -> Result<Option<Candidate>, Fault> {
        let mut standing = self.lock();
        let Some(at) = standing.past.iter().position(|trial| trial.name == name) else {
            return Ok(None);
        };
        let trial = standing.past.remove(at);
        drop(standing);
        let spent = Spent {
            calls: trial.calls,
            cost: trial.cost,
        };
        self.budget.replay(spent)?;
        let state = |path: &str| trial.predictors.iter().find(|(own, _)| own == path);
        let candidate = Candidate {
            program: programs::map(program, &mut |path, predictor| match state(path) {
                Some((_, state)) => state.apply(predictor),
                None => predictor.clone(),
            }),
            score: trial.score,
        };
        self.ended(name, &candidate, spent);
        Ok(Some(candidate))
    }

    /// A trial has ended. One whose calls the budget refused says nothing: its refusal ends the search. One whose
    /// evaluation failed is not journalled: a run that goes on tries it again.
    pub fn conclude(&self, name: &str, own: &Budget, candidate: &Candidate) -> Result<(), Fault> {
        if let Some(refusal) = own.refusal() {
            return Err(refusal);
        }
        let spent = own.spent();
        let Spent { calls, cost } = spent;
        let predictors = programs::predictors(&candidate.program).into_iter();
        let trial = Trial {
            name: name.into(),
            score: candidate.score,
            calls,
            cost,
            predictors: predictors
                .map(|(path, predictor)| (path, Trial::state(&predictor)))
                .collect(),
        };
        if let Some(file) = self.file.as_ref().filter(|_| !own.has_failed()) {
            self.kept(self.host.append(Access::Own, file, trial.line().as_bytes()));
        }
        let before = self.best().map(|best| best.score);
        self.ended(name, candidate, spent);
        self.say(&self.news(name, candidate.score, before));
        Ok(())
    }

    fn ended(&self, name: &str, candidate: &Candidate, spent: Spent) {
        let mut standing = self.lock();
        standing.ended.push(Ended {
            name: name.into(),
            candidate: candidate.clone(),
            spent,
        });
        let best = standing.best.as_ref().map(|best| best.score);
        if best.is_none_or(|best| candidate.score > best) {
            standing.best = Some(candidate.clone());
        }
    }

    /// `compile: candidate 3: score 83.33 (best 83.33, +16.67), 3 of 7 trials, 36 calls, about 12 s left`
    fn news(&self, name: &str, score: f64, before: Option<f64>) -> String {
        let best = before.map_or(score, |before| before.max(score));
        let change = match before {
            Some(before) if score > before => format!(", +{:.2}", score - before),
            _ => String::new(),
        };
        let standing = self.lock();
        let done = standing.ended.len() as u64;
        let (count, left) = match standing.expected.filter(|all| *all >= done) {
            Some(all) => (format!("{done} of {}", trials_text(all)), Some(all - done)),
            None => (trials_text(done), None),
        };
        drop(standing);
        let Spent { calls, cost } = self.budget.spent();
        let cost = match cost > 0.0 {
            true => format!(", ${cost:.4}"),
            false => String::new(),
        };
        let passed = self.host.elapsed().saturating_sub(self.started).as_secs_f64();
        let left = match left {
            Some(left) if left > 0 => format!(", about {:.0} s left", passed / done as f64 * left as f64),
            _ => String::new(),
        };
        format!("compile: {name}: score {score:.2} (best {best:.2}{change}), {count}, {calls} calls{cost}{left}")
    }

    /// There will be so many trials.
    pub fn expect(&self, trials: u64) {
        self.lock().expected = Some(trials);
    }

    /// The scores of rows in a trial.
    pub fn saw(&self, scores: &[f64]) {
        let mut standing = self.lock();
        standing.rows += scores.len() as u64;
        for score in scores {
            standing.seen = match standing.seen {
                None => Some((*score, false)),
                Some((first, others)) => Some((first, others || first != *score)),
            };
        }
    }

    /// The trials so far, in the order in which they ended.
    pub fn trials(&self) -> Vec<Ended> {
        self.lock().ended.clone()
    }

    pub fn best(&self) -> Option<Candidate> {
        self.lock().best.clone()
    }

    /// The search is over. If its budget ran out it says so, and a larger one can go on from the journal.
    pub fn close(&self) {
        let standing = self.lock();
        let same = standing.seen.filter(|(_, others)| !others && standing.rows > 1);
        drop(standing);
        if let Some((score, _)) = same {
            self.say(&format!(
                "warning: the metric said {score:?} of every row in every trial, so it could not tell one from another"
            ));
        }
        if let Some(refusal) = self.budget.refusal() {
            let standing = self.lock();
            let best = match &standing.best {
                Some(best) => format!(
                    "the best program of {} (score {:.2})",
                    trials_text(standing.ended.len() as u64),
                    best.score
                ),
                None => "the best program so far".to_owned(),
            };
            drop(standing);
            self.say(&format!("compile: {}: the search ends with {best}", refusal.message));
            return;
        }
        if let Some(file) = self.file.as_ref().filter(|file| self.host.exists(Access::Own, file)) {
            self.kept(self.host.remove(Access::Own, file));
        }
    }

    fn kept<T>(&self, result: HostResult<T>) -> Option<T> {
        let error = match result {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        if !std::mem::replace(&mut self.lock().complained, true) {
            self.say(&format!("warning: the journal of `compile` is left aside: {error}"));
        }
        None
    }

    fn say(&self, line: &str) {
        if self.silent {
            return;
        }
        // Progress is a courtesy: a stderr that is gone stops nothing.
        let _ = bars::say(self.host.as_ref(), line);
    }
}

fn trials_text(count: u64) -> String {
    match count {
        1 => "1 trial".to_owned(),
        n => format!("{n} trials"),
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Search({:?})", self.file)
    }
}

impl Opaque for Search {
    fn type_name(&self) -> &'static str {
        "Search"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
