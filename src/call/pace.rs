//! How fast a server may be asked: so many requests and tokens a minute, as the script says; no more at a time than it took
//! before it refused some, and no more than it said that it has left. A server that fails all the time is left alone for a
//! while.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxBuildHasher;

use super::limit::{Limiter, Ticket};

const MINUTE: Duration = Duration::from_secs(60);

/// So many failures in a row, and a server is left alone.
const FAILURES: u32 = 10;
const LEFT_ALONE: Duration = Duration::from_secs(30);

/// A window that has grown to this no longer matters.
const WIDEST: f64 = 1e6;

/// Two answers that tell times nearer than this tell of the same one.
const SAME_TIME: Duration = Duration::from_secs(1);

/// What a model's calls may use up in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    pub requests: Option<u32>,
    pub tokens: Option<u32>,
}

/// The lanes to all servers, by name. Clones share them. Times are those of one monotonic clock.
#[derive(Clone, Default)]
pub struct Paces(Arc<Mutex<HashMap<String, Pace, FxBuildHasher>>>);

/// One of them.
#[derive(Clone, Default)]
pub struct Pace(Arc<Mutex<Lane>>);

#[derive(Default)]
struct Lane {
    /// What was sent in the last minute, or is to be sent.
    sent: VecDeque<Sent>,
    admitted: u64,
    /// Nothing is sent before.
    closed: Duration,
    failures: u32,
    /// What the last of several failures was.
    cause: String,
    /// When it was: what was sent before failed for the same reason, and counts no more.
    failed: Duration,
    /// The requests under way.
    places: Arc<Limiter>,
    /// As many are under way at most, once the server has refused some: half as many after each refusal, one more after
    /// each round without.
    window: Option<f64>,
    /// When it was made narrower; what was sent before says nothing of the new one.
    narrowed: Duration,
    /// As many requests as the server said that it has left, until when.
    left: Option<(u64, Duration)>,
}

#[derive(Clone, Copy)]
struct Sent {
    number: u64,
    at: Duration,
    tokens: u64,
}

/// A request may be sent at this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    pub at: Duration,
    number: u64,
}

impl Lane {
    fn set_window(&mut self, window: f64) {
        self.window = Some(window);
        self.places.set_cap(window as usize);
    }

    /// The earliest time from `at` on at which so many tokens more may be sent.
    fn free(&self, mut at: Duration, rate: Rate, tokens: u64) -> Duration {
        at = at.max(self.closed);
        if let Some(last) = self.sent.back() {
            // First come, first served.
            at = at.max(last.at);
        }
        if let Some((0, until)) = self.left {
            at = at.max(until);
        }
        loop {
            let in_force = self.sent.iter().filter(|sent| at < sent.at + MINUTE);
            let (count, used) = in_force
                .clone()
                .fold((0, 0), |(n, sum), sent| (n + 1, sum + sent.tokens));
            let fits = rate.requests.is_none_or(|most| count < most.max(1))
                && rate
                    .tokens
                    .is_none_or(|most| count == 0 || used + tokens <= u64::from(most));
            match in_force.map(|sent| sent.at + MINUTE).min().filter(|_| !fits) {
                Some(later) => at = later,
                None => return at,
            }
        }
    }
}

impl Paces {
    /// The lane of this name.
    pub fn lane(&self, name: &str) -> Pace {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match lanes.get(name) {
            Some(lane) => lane.clone(),
            None => lanes.entry(name.to_owned()).or_default().clone(),
        }
    }
}

impl Pace {
    fn lane(&self) -> MutexGuard<'_, Lane> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When a request of about so many tokens may be sent. It counts from now on.
    pub fn admit(&self, rate: Rate, tokens: u64, now: Duration) -> Admission {
        let mut lane = self.lane();
        let at = lane.free(now, rate, tokens);
        lane.left = lane.left.filter(|(_, until)| at < *until);
        if let Some((left, _)) = &mut lane.left {
            *left = left.saturating_sub(1);
        }
        if rate != Rate::default() {
            while lane.sent.front().is_some_and(|sent| sent.at + MINUTE <= now) {
                lane.sent.pop_front();
            }
            lane.admitted += 1;
            let number = lane.admitted;
            lane.sent.push_back(Sent { number, at, tokens });
        }
        let number = lane.admitted;
        Admission { at, number }
    }

    /// A place among the requests under way; it is taken when the ticket, a future, is done.
    pub fn place(&self) -> Ticket {
        self.lane().places.ticket(usize::MAX)
    }

    /// The server refused a request, sent at some time, since there are too many.
    pub fn refused(&self, sent: Duration, now: Duration) {
        let mut lane = self.lane();
        if lane.window.is_none() || sent >= lane.narrowed {
            // The one that was refused has its place still.
            let under_way = lane.places.in_flight() as f64;
            let window = (lane.window.unwrap_or(under_way).min(under_way) / 2.0).max(1.0);
            lane.narrowed = now;
            lane.set_window(window);
        }
    }

    /// The server took a request that was admitted, and it really used so much.
    pub fn took(&self, admission: Admission, tokens: u64) {
        let mut lane = self.lane();
        if let Some(window) = lane.window {
            lane.set_window((window + 1.0 / window).min(WIDEST));
        }
        if let Some(sent) = lane.sent.iter_mut().find(|sent| sent.number == admission.number) {
            sent.tokens = tokens;
        }
    }

    /// The server said how many requests more it takes until a time. Answers may come in another order than they were
    /// written in, so of several that speak of one time the least counts.
    pub fn left(&self, requests: u64, until: Duration) {
        let mut lane = self.lane();
        let known = lane.left.filter(|(_, known)| until < *known + SAME_TIME);
        lane.left = Some(known.map_or((requests, until), |(left, known)| (left.min(requests), known)));
    }

    /// The server wants nothing before this time.
    pub fn close(&self, until: Duration) {
        let mut lane = self.lane();
        lane.closed = lane.closed.max(until);
    }

    /// Why a server is left alone, where it is; after a while one request tries it again.
    pub fn is_left_alone(&self, now: Duration) -> Option<String> {
        let mut lane = self.lane();
        if lane.failures < FAILURES {
            return None;
        }
        if now >= lane.closed {
            lane.closed = now + LEFT_ALONE;
            return None;
        }
        Some(format!("it failed {} times in a row: {}", lane.failures, lane.cause))
    }

    /// A server could not be reached, or failed, by a request sent at some time. Many that are under way at once may fail by
    /// one short trouble.
    pub fn failed(&self, cause: &str, sent: Duration, now: Duration) {
        let mut lane = self.lane();
        if sent < lane.failed {
            return;
        }
        lane.failed = now;
        lane.failures += 1;
        cause.clone_into(&mut lane.cause);
        if lane.failures >= FAILURES {
            lane.closed = now + LEFT_ALONE;
        }
    }

    /// A server answered, whatever it said.
    pub fn answered(&self) {
        self.lane().failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_requests_go_at_once_and_the_next_a_minute_after_the_first() {
        let (paces, second) = (Paces::default(), Duration::from_secs(1));
        let rate = Rate {
            requests: Some(2),
            tokens: None,
        };
        let admit = |at: u32| paces.lane("a").admit(rate, 10, second * at).at.as_secs();
        assert_eq!([admit(0), admit(1), admit(1), admit(2), admit(3)], [0, 1, 60, 61, 120]);
        assert_eq!(paces.lane("b").admit(rate, 10, second).at, second);
    }

    #[test]
    fn tokens_count_as_they_were_used_and_one_large_request_is_let_through() {
        let lane = Paces::default().lane("a");
        let rate = Rate {
            requests: None,
            tokens: Some(100),
        };
        let first = lane.admit(rate, 500, Duration::ZERO);
        assert_eq!(first.at, Duration::ZERO);
        lane.took(first, 20);
        assert_eq!(lane.admit(rate, 80, Duration::from_secs(1)).at.as_secs(), 1);
        assert_eq!(lane.admit(rate, 1, Duration::from_secs(2)).at.as_secs(), 60);
    }

    #[test]
    fn what_was_under_way_at_once_fails_once() {
        let (lane, second) = (Paces::default().lane("a"), Duration::from_secs(1));
        (0..3 * FAILURES).for_each(|_| lane.failed("a blip", Duration::ZERO, second));
        assert!(lane.is_left_alone(second * 2).is_none());
    }

    #[test]
    fn a_server_that_fails_all_the_time_is_tried_once_after_a_while() {
        let (lane, second) = (Paces::default().lane("a"), Duration::from_secs(1));
        (0..FAILURES).for_each(|_| lane.failed("gone", second, second));
        assert!(lane.is_left_alone(second * 2).is_some_and(|why| why.ends_with("gone")));
        assert!(lane.is_left_alone(second * 31).is_none());
        assert!(lane.is_left_alone(second * 31).is_some());
        lane.answered();
        assert!(lane.is_left_alone(second * 32).is_none());
    }
}
