//! The gate of an evaluation: lets rows in, in order and not more at once than requests may be in flight, keeps the
//! tally of scores and failures, lets no one in once too many have failed, and shows how far it is.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, TryAcquireError};

use super::progress::Progress;
use crate::host::BoxFuture;
use crate::trace::Tally;
use crate::value::{EcoString, Opaque};
use crate::vm::{Door, Entered};

/// How a row ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    /// A score, and how much the row counts.
    Scored(f64, f64),
    /// The program failed: scores 0. A reply that does not parse, breaks a constraint or is cut off does not count
    /// towards the most failures.
    Failed { counts: bool },
    /// The metric failed: the row stays out of the mean.
    Unjudged,
}

#[derive(Debug)]
pub struct Gate {
    total: usize,
    max_errors: u64,
    places: Arc<Semaphore>,
    tally: Arc<dyn Opaque>,
    progress: Arc<Progress>,
    standing: Mutex<Standing>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    pub done: usize,
    /// Rows that failed, for whatever reason.
    pub errors: u64,
    counted: u64,
    sum: f64,
    weights: f64,
    closed: bool,
}

impl Standing {
    /// The mean as a percentage, rounded to two places as Python rounds.
    pub fn score(&self) -> f64 {
        crate::evaluate::score::percentage(self.sum, self.weights)
    }

    fn count(&mut self, ending: Ending) {
        self.done += 1;
        match ending {
            Ending::Scored(score, weight) => {
                self.sum += score * weight;
                self.weights += weight;
            }
            Ending::Failed { counts } => {
                self.weights += 1.0;
                self.errors += 1;
                self.counted += u64::from(counts);
            }
            Ending::Unjudged => {
                self.errors += 1;
                self.counted += 1;
            }
        }
    }
}

impl Gate {
    pub fn new(total: usize, max_errors: u64, width: usize, tally: Arc<dyn Opaque>, progress: Arc<Progress>) -> Gate {
        Gate {
            total,
            max_errors,
            places: Arc::new(Semaphore::new(width.clamp(1, Semaphore::MAX_PERMITS))),
            tally,
            progress,
            standing: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn standing(&self) -> Standing {
        *self.lock()
    }

    /// Too many rows have failed; those that wait are not begun.
    pub fn is_shut(&self) -> bool {
        self.places.is_closed()
    }

    /// Where rows are let in, in order; none any more once it is shut.
    pub fn entrance(&self) -> Arc<dyn Door> {
        Arc::new(Entrance(self.places.clone()))
    }

    /// A row that was let in has ended.
    pub fn leave(&self, ending: Ending) {
        let standing = {
            let mut standing = self.lock();
            standing.count(ending);
            *standing
        };
        if standing.counted > self.max_errors {
            self.places.close();
        }
        self.places.add_permits(1);
        self.progress.step(self.news(&standing));
    }

    /// All rows have ended, or were not begun. `failure` says what was wrong with the first that failed.
    pub fn close(&self, failure: Option<&EcoString>) {
        let standing = {
            let mut standing = self.lock();
            standing.closed = true;
            *standing
        };
        self.progress.finish(&self.summary(&standing), failure);
    }

    fn news(&self, standing: &Standing) -> String {
        let tally = self.tally.as_any().downcast_ref::<Tally>();
        let calls = tally.map_or(0, |tally| tally.usage().total.calls);
        let errors = match standing.errors {
            0 => String::new(),
            n => format!(", {n} failed"),
        };
        format!("score {:.2}, {calls} calls{errors}", standing.score())
    }

    fn summary(&self, standing: &Standing) -> String {
        format!("{} of {} rows, {}", standing.done, self.total, self.news(standing))
    }
}

/// Where the rows come in.
struct Entrance(Arc<Semaphore>);

impl Door for Entrance {
    fn enter(&self) -> Entered {
        match self.0.try_acquire() {
            Ok(place) => {
                place.forget();
                Entered::In
            }
            Err(TryAcquireError::NoPermits) => Entered::Full,
            Err(TryAcquireError::Closed) => Entered::Shut,
        }
    }

    fn room(&self) -> BoxFuture<'static, ()> {
        let places = self.0.clone();
        // The place is taken by whoever enters.
        Box::pin(async move { drop(places.acquire().await) })
    }
}

/// An evaluation that is broken off says what was done.
impl Drop for Gate {
    fn drop(&mut self) {
        let standing = self.standing();
        if !standing.closed {
            let summary = self.summary(&standing);
            self.progress.finish(&format!("stopped after {summary}"), None);
        }
    }
}

impl Opaque for Gate {
    fn type_name(&self) -> &'static str {
        "Gate"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
