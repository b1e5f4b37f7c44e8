//! Models that are functions: as many are asked at a time as `max_concurrency` says, first come first served, as if they
//! were reached over a connection.

use std::collections::VecDeque;

use crate::lm;
use crate::value::{EcoString, Settings, Value};

use super::super::run::Run;
use super::super::tree::Waiter;
use super::{Stage, Task};

/// What a function's own calls carry: they wait for no seat, since it would keep its own until they had one.
const WITHIN: &str = "_within_function";

/// The calls that are answered by functions now, and those that wait.
#[derive(Default)]
pub struct Seats {
    taken: usize,
    queue: VecDeque<Queued>,
}

struct Queued {
    task: usize,
    /// The limit in force where the call was made.
    limit: usize,
}

impl Run<'_> {
    /// Whether a function may be asked now; else the call is in the queue.
    pub(super) fn sit(&mut self, id: usize, task: &mut Task) -> bool {
        if task.has_seat || task.plan.settings.get(WITHIN).is_some() {
            return true;
        }
        let limit = lm::max_concurrency(&task.plan.lm, &task.plan.settings);
        if self.seats.queue.is_empty() && self.seats.taken < limit {
            self.seats.taken += 1;
            task.has_seat = true;
            return true;
        }
        self.seats.queue.push_back(Queued { task: id, limit });
        task.stage = Stage::Seat;
        false
    }

    /// The function has answered, or failed.
    pub(super) fn stand_up(&mut self, task: &mut Task) {
        if std::mem::take(&mut task.has_seat) {
            self.seats.taken -= 1;
            while self
                .seats
                .queue
                .front()
                .is_some_and(|first| self.seats.taken < first.limit)
            {
                self.seat_next();
            }
        }
    }

    /// Lets the first in the queue in. Where nothing else is to happen, those that have seats wait for an effect of one that
    /// has none yet.
    pub(in crate::vm) fn seat_next(&mut self) -> bool {
        let Some(next) = self.seats.queue.pop_front() else {
            return false;
        };
        self.seats.taken += 1;
        if let Some(task) = self.tasks.get_mut(&next.task) {
            task.has_seat = true;
        }
        self.ready.push_back(Waiter::Task(next.task));
        true
    }
}

/// The settings of what a function calls.
pub(super) fn within(settings: &Settings) -> Settings {
    settings.with(vec![(EcoString::from(WITHIN), Value::Bool(true))])
}
