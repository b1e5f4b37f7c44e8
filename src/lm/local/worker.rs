//! The workers of a loaded model. Each is one thread that reads new prompts and goes on with several replies together,
//! a token of each at a step; requests that find no place wait in one queue, first come, first served.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::model::{Model, Piece, Scratch};
use super::prefix::Prefixes;
use super::sampler::Sampler;
use super::sequence::Sequence;
use super::text::Text;
use crate::chat::{Finish, Reply, Usage};

/// Replies that a worker goes on with together: reading the weights once for all of them is what it saves.
const TOGETHER: usize = 8;
/// Tokens of a prompt that are read in one step, so that the replies beside it do not wait long.
const BITE: usize = 128;

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
    pub(super) stop: Vec<String>,
    pub(super) sampler: Sampler,
    /// Where nobody waits at its other end any more, the job is dropped.
    pub(super) reply: oneshot::Sender<Reply>,
}

impl Shared {
    pub(super) fn new(model: Model, text: Text) -> Shared {
        Shared {
            prefixes: Prefixes::new(model.shape.clone()),
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

/// A job that a worker is at.
struct Seat {
    job: Job,
    sequence: Sequence,
    reply: Vec<u32>,
}

impl Seat {
    fn new(shared: &Shared, job: Job) -> Seat {
        Seat {
            sequence: shared.prefixes.find(&job.prompt),
            reply: Vec::new(),
            job,
        }
    }

    /// Whether the prompt is read.
    fn read(&self) -> bool {
        !self.reply.is_empty()
    }

    /// The tokens that come next: some of the prompt, or the one chosen last.
    fn next(&mut self) -> Piece<'_> {
        let known = self.sequence.len();
        let tokens = match self.reply.last() {
            Some(last) => std::slice::from_ref(last),
            None => &self.job.prompt[known..(known + BITE).min(self.job.prompt.len())],
        };
        Piece {
            scored: known + tokens.len() >= self.job.prompt.len(),
            sequence: &mut self.sequence,
            tokens,
        }
    }

    /// Takes the scores of the next token in; the reply once it is complete.
    fn choose(&mut self, text: &Text, scores: &[f32]) -> Option<Reply> {
        let token = self.job.sampler.choose(scores);
        if text.is_end(token) {
            return Some(self.finished(text.text(&self.reply), Finish::Stop, 1));
        }
        self.reply.push(token);
        let so_far = text.text(&self.reply);
        let stop = self.job.stop.iter().filter(|stop| !stop.is_empty());
        if let Some(at) = stop.filter_map(|stop| so_far.find(stop.as_str())).min() {
            return Some(self.finished(so_far[..at].to_owned(), Finish::Stop, 0));
        }
        (self.reply.len() >= self.job.limit).then(|| self.finished(so_far, Finish::Length, 0))
    }

    /// `more` tokens were made than the reply shows.
    fn finished(&self, text: String, finish: Finish, more: u64) -> Reply {
        Reply {
            text,
            finish,
            usage: Usage {
                prompt_tokens: self.job.prompt.len() as u64,
                completion_tokens: self.reply.len() as u64 + more,
                cost: Some(0.0),
                ..Usage::default()
            },
            ..Reply::default()
        }
    }
}

/// A worker's life.
pub(super) fn work(shared: &Arc<Shared>) {
    let mut seats: Vec<Seat> = Vec::new();
    let mut scratch = Scratch::default();
    loop {
        seats.retain(|seat| !seat.job.reply.is_closed());
        // One prompt at a time: those that wait may begin like it, and then find its beginning read.
        if seats.len() < TOGETHER && seats.iter().all(Seat::read) {
            match shared.take(seats.is_empty()) {
                Ok(Some(job)) => seats.push(Seat::new(shared, job)),
                Ok(None) => {}
                Err(Closed) => return,
            }
        }
        step(shared, &mut seats, &mut scratch);
    }
}

/// One step of all seats.
fn step(shared: &Shared, seats: &mut Vec<Seat>, scratch: &mut Scratch) {
    let mut pieces: Vec<Piece> = seats.iter_mut().map(Seat::next).collect();
    let scored: Vec<bool> = pieces.iter().map(|piece| piece.scored).collect();
    let mut scores = shared.model.step(&mut pieces, scratch).into_iter();
    let before = std::mem::take(seats);
    for (mut seat, scored) in before.into_iter().zip(scored) {
        if !seat.read() {
            shared.prefixes.keep(&seat.sequence);
        }
        let reply = match scored {
            true => scores.next().and_then(|scores| seat.choose(&shared.text, &scores)),
            false => None,
        };
        match reply {
            Some(reply) => {
                shared.prefixes.keep_whole(seat.sequence);
                // Nobody waits for it any more: then it is not missed either.
                let _ = seat.job.reply.send(reply);
            }
            None => seats.push(seat),
        }
    }
}
