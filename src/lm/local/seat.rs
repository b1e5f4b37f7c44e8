//! A reply while it is written: what the model has yet to read, and what it chooses once it has.

use tokio::sync::oneshot;

use super::form::{Choice, Form, Part};
use super::model::{Model, Pass, Piece, Scratch};
use super::sequence::Sequence;
use super::worker::{Job, Shared};
use crate::chat::{Finish, Reply, Scores, Usage};

/// Tokens of a prompt that are read in one step, so that the replies beside it do not wait long.
const BITE: usize = 128;

/// A job that a worker is at.
pub(super) struct Seat {
    pub(super) job: Job,
    pub(super) sequence: Sequence,
    /// What is still to be written.
    form: Form,
    /// Tokens that are known and not read yet.
    ahead: Vec<u32>,
    /// Tokens that were known before anything was chosen: the prompt, and what stands before the first choice.
    given: usize,
    /// The reply as far as it is settled, and its tokens.
    text: String,
    settled: usize,
    /// The tokens of the open stretch that is being written.
    open: Vec<u32>,
    scores: Scores,
}

impl Seat {
    pub(super) fn new(shared: &Shared, mut job: Job) -> Seat {
        let sequence = shared.prefixes.find(&job.prompt);
        let mut seat = Seat {
            ahead: job.prompt[sequence.len()..].to_vec(),
            form: std::mem::take(&mut job.form),
            sequence,
            given: 0,
            text: String::new(),
            settled: 0,
            open: Vec::new(),
            scores: Scores::new(),
            job,
        };
        seat.go_on();
        seat.given = seat.sequence.len() + seat.ahead.len();
        seat
    }

    /// Whether all that was given is read.
    pub(super) fn is_read(&self) -> bool {
        self.sequence.len() >= self.given
    }

    /// The sequence of what was given. What was written after it is not read as a prompt is, to the last bit.
    pub(super) fn beginning(mut self) -> (Sequence, oneshot::Sender<Reply>) {
        self.sequence.truncate(self.given);
        (self.sequence, self.job.reply)
    }

    /// The tokens that come next.
    pub(super) fn next(&mut self) -> Piece<'_> {
        let tokens = &self.ahead[..self.ahead.len().min(BITE)];
        Piece {
            scored: usize::from(tokens.len() == self.ahead.len()),
            sequence: &mut self.sequence,
            tokens,
        }
    }

    /// What `next` gave is read; whether the scores after all that was ahead are there.
    pub(super) fn took(&mut self) -> bool {
        self.ahead.drain(..self.ahead.len().min(BITE));
        self.ahead.is_empty()
    }

    /// Goes on by the scores of the next token; the reply once it is complete.
    pub(super) fn choose(&mut self, shared: &Shared, scores: &[f32], scratch: &mut Scratch) -> Option<Reply> {
        match self.form.front() {
            Some(Part::Open(_)) => self.write(shared, scores),
            Some(Part::Choice(_)) => {
                let Some(Part::Choice(choice)) = self.form.pop_front() else {
                    return None;
                };
                self.decide(&shared.model, choice, scores, scratch);
                self.end_or_go_on(shared)
            }
            Some(Part::Text(_)) | None => Some(self.finished(Finish::Stop, 0)),
        }
    }

    /// One token more of the open stretch.
    fn write(&mut self, shared: &Shared, scores: &[f32]) -> Option<Reply> {
        let token = self.job.sampler.choose(scores);
        let (known, limit) = (&shared.text, self.job.limit);
        if known.is_end(token) {
            let text = known.text(&self.open);
            return self.close(shared, &text, 1);
        }
        self.open.push(token);
        let text = known.text(&self.open);
        let Some(Part::Open(stops)) = self.form.front() else {
            return None;
        };
        if let Some(at) = stops.iter().filter_map(|stop| text.find(stop.as_str())).min() {
            return self.close(shared, &text[..at], 0);
        }
        if self.settled + self.open.len() >= limit {
            self.text.push_str(&text);
            return Some(self.finished(Finish::Length, 0));
        }
        self.ahead.push(token);
        None
    }

    /// The open stretch ends; `more` tokens were made than it has.
    fn close(&mut self, shared: &Shared, text: &str, more: u64) -> Option<Reply> {
        self.form.pop_front();
        if self.form.is_empty() {
            self.text.push_str(text);
            return Some(self.finished(Finish::Stop, more));
        }
        // What was written beyond its end is not a part of the reply: the model forgets it.
        let text = text.trim_end();
        let kept = (0..=self.open.len())
            .rev()
            .find(|count| text.starts_with(&shared.text.text(&self.open[..*count])))
            .unwrap_or(0);
        let before = self.job.prompt.len() + self.settled;
        self.sequence.truncate(before + kept);
        self.ahead
            .extend_from_slice(&self.open[self.sequence.len() - before..kept]);
        let rest = text.strip_prefix(shared.text.text(&self.open[..kept]).as_str());
        let rest = rest.and_then(|rest| shared.text.tokens(rest, false).ok());
        self.ahead.extend(rest.unwrap_or_default());
        self.text.push_str(text);
        self.open.clear();
        self.settled = self.sequence.len() + self.ahead.len() - self.job.prompt.len();
        self.end_or_go_on(shared)
    }

    /// Takes an option by how likely each is.
    fn decide(&mut self, model: &Model, choice: Choice, scores: &[f32], scratch: &mut Scratch) {
        let likely = likelihoods(model, &self.sequence, &choice, scores, scratch);
        let fair = likely
            .iter()
            .zip(&choice.prior)
            .map(|(score, prior)| (score - prior) as f32);
        let best = self.job.sampler.choose(&fair.collect::<Vec<f32>>()) as usize;
        let names = choice.options.iter().map(|option| option.text.trim().to_owned());
        self.scores.push((choice.field, names.zip(likely).collect()));
        if let Some(option) = choice.options.into_iter().nth(best) {
            self.text.push_str(&option.text);
            self.settled += option.tokens.len();
            self.ahead.extend(option.tokens);
        }
    }

    fn end_or_go_on(&mut self, shared: &Shared) -> Option<Reply> {
        self.go_on();
        let full = self.sequence.len() + self.ahead.len() >= shared.model.shape.context;
        match (self.form.is_empty(), full || self.settled >= self.job.limit) {
            (true, _) => Some(self.finished(Finish::Stop, 0)),
            (false, true) => Some(self.finished(Finish::Length, 0)),
            (false, false) => None,
        }
    }

    /// Takes the texts that stand next.
    fn go_on(&mut self) {
        while let Some(Part::Text(stretch)) = self.form.pop_front_if(|part| matches!(part, Part::Text(_))) {
            self.text.push_str(&stretch.text);
            self.settled += stretch.tokens.len();
            self.ahead.extend(stretch.tokens);
        }
    }

    /// `more` tokens were made than the reply shows.
    fn finished(&mut self, finish: Finish, more: u64) -> Reply {
        Reply {
            text: std::mem::take(&mut self.text),
            finish,
            scores: std::mem::take(&mut self.scores),
            usage: Usage {
                prompt_tokens: self.job.prompt.len() as u64,
                completion_tokens: (self.settled + self.open.len()) as u64 + more,
                cost: Some(0.0),
                ..Usage::default()
            },
            ..Reply::default()
        }
    }
}

/// How likely each option is after what the sequence holds, `scores` being those of its next token: the mean over the
/// option's tokens of their log-probabilities, so that a long name is not less likely for its length.
fn likelihoods(model: &Model, sequence: &Sequence, choice: &Choice, scores: &[f32], scratch: &mut Scratch) -> Vec<f64> {
    let longer = choice.options.iter().filter(|option| option.tokens.len() > 1);
    let mut forks: Vec<(Sequence, &[u32])> = longer
        .map(|option| (sequence.fork(), &option.tokens[..option.tokens.len() - 1]))
        .collect();
    let mut pieces: Vec<Piece> = forks
        .iter_mut()
        .map(|(sequence, tokens)| Piece {
            sequence,
            tokens,
            scored: tokens.len(),
        })
        .collect();
    let after = if pieces.is_empty() {
        Vec::new()
    } else {
        model.step(Pass::Writing, &mut pieces, scratch)
    };
    let mut after = after.iter();
    let likely = choice.options.iter().map(|option| {
        let rows = std::iter::once(scores).chain(after.by_ref().take(option.tokens.len() - 1).map(Vec::as_slice));
        let each = rows
            .zip(&option.tokens)
            .map(|(scores, token)| log_probability(scores, *token));
        each.sum::<f64>() / option.tokens.len() as f64
    });
    likely.collect()
}

/// The logarithm of a token's probability.
fn log_probability(scores: &[f32], token: u32) -> f64 {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let whole: f64 = scores.iter().map(|score| f64::from(score - largest).exp()).sum();
    let own = scores.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
    f64::from(own - largest) - whole.ln()
}
