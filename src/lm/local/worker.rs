//! The workers of a loaded model. Each is one thread that reads new prompts and goes on with several replies together,
//! a token of each at a step; requests that find no place wait in one queue, first come, first served.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::form::Form;
use super::model::{Model, Pass, Piece, Scratch};
use super::prefix::Prefixes;
use super::sampler::Sampler;
use super::seat::Seat;
use super::text::Text;
use crate::chat::Reply;

/// Replies that a worker goes on with together: reading the weights once for all of them is what it saves.
const TOGETHER: usize = 8;

/// What all workers of a model share.
pub(super) struct Shared {
    pub(super) model: Model,
    pub(super) text: Text,
    pub(super) prefixes: Prefixes,
    queue: Mutex<Queue>,
    bell: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

/// One request, in tokens.
pub(super) struct Job {
    pub(super) prompt: Vec<u32>,
    /// Most tokens of the reply, at least 1.
    pub(super) limit: usize,
    /// What is written.
    pub(super) form: Form,
    pub(super) sampler: Sampler,
    /// Where nobody waits at its other end any more, the job is dropped.
    pub(super) reply: oneshot::Sender<Reply>,
}

impl Shared {
    pub(super) fn new(model: Model, text: Text) -> Shared {
        Shared {
            prefixes: Prefixes::new(&model.shape),
            model,
            text,
            queue: Mutex::default(),
            bell: Condvar::new(),
        }
    }

    pub(super) fn submit(&self, job: Job) {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .jobs
            .push_back(job);
        self.bell.notify_one();
    }

    /// Sends the workers home.
    pub(super) fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.bell.notify_all();
    }

    /// The next job; waits for one if `wait`. `Err` when there will be none.
    fn take(&self, wait: bool) -> Result<Option<Job>, Closed> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if queue.closed {
                return Err(Closed);
            }
            match queue.jobs.pop_front() {
                Some(job) if job.reply.is_closed() => {}
                Some(job) => return Ok(Some(job)),
                None if wait => queue = self.bell.wait(queue).unwrap_or_else(PoisonError::into_inner),
                None => return Ok(None),
            }
        }
    }
}

struct Closed;

/// A worker's life.
pub(super) fn work(shared: &Arc<Shared>) {
    let mut seats: Vec<Seat> = Vec::new();
    let mut scratch = Scratch::default();
    loop {
        seats.retain(|seat| !seat.job.reply.is_closed());
        // One prompt at a time: those that wait may begin like it, and then find its beginning read.
        if seats.len() < TOGETHER && seats.iter().all(Seat::is_read) {
            match shared.take(seats.is_empty()) {
                Ok(Some(job)) => seats.push(Seat::new(shared, job)),
                Ok(None) => {}
                Err(Closed) => return,
            }
        }
        step(shared, &mut seats, &mut scratch);
    }
}

/// One step of all seats: those that read, and those that write.
fn step(shared: &Shared, seats: &mut Vec<Seat>, scratch: &mut Scratch) {
    let (mut writing, mut reading): (Vec<Seat>, Vec<Seat>) = seats.drain(..).partition(Seat::is_read);
    for (pass, going) in [(Pass::Reading, &mut reading), (Pass::Writing, &mut writing)] {
        let mut pieces: Vec<Piece> = going.iter_mut().map(Seat::next).collect();
        if pieces.is_empty() {
            continue;
        }
        let mut scores = shared.model.step(pass, &mut pieces, scratch).into_iter();
        for mut seat in going.drain(..) {
            if pass == Pass::Reading {
                shared.prefixes.keep(&seat.sequence);
            }
            let reply = match seat.took() {
                true => scores.next().and_then(|scores| seat.choose(shared, &scores, scratch)),
                false => None,
            };
            match reply {
                Some(reply) => {
                    let (beginning, answer) = seat.beginning();
                    shared.prefixes.keep_whole(beginning);
                    // Nobody waits for it any more: then it is not missed either.
                    let _ = answer.send(reply);
                }
                None => seats.push(seat),
            }
        }
    }
}
