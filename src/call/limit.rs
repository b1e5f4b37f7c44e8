//! At most so many at a time, first come first served: the place in the queue is taken when a call is made, not when
//! its future is first polled, so that requests go out in program order.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Shared by all calls of a client.
#[derive(Default)]
pub struct Limiter {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    in_flight: usize,
    /// What holds for all calls, whatever their own limits say.
    cap: Option<usize>,
    waiting: BTreeMap<u64, Waiting>,
}

struct Waiting {
    /// The limit in force where this call was made.
    limit: usize,
    waker: Option<Waker>,
}

impl State {
    /// Lets in whoever is first in the queue, as long as its limit allows.
    fn admit(&mut self) -> Vec<Waker> {
        let mut admitted = Vec::new();
        while let Some(first) = self.waiting.first_entry() {
            if !has_room(self.in_flight, first.get().limit, self.cap) {
                break;
            }
            admitted.extend(first.remove().waker);
            self.in_flight += 1;
        }
        admitted
    }
}

fn has_room(in_flight: usize, limit: usize, cap: Option<usize>) -> bool {
    in_flight < limit.min(cap.unwrap_or(limit)).max(1)
}

impl Limiter {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let woken = {
            let mut state = self.state();
            change(&mut state);
            state.admit()
        };
        woken.into_iter().for_each(Waker::wake);
    }

    /// From now on no more than so many are let in, whatever their own limits say.
    pub fn set_cap(&self, cap: usize) {
        self.change(|state| state.cap = Some(cap));
    }

    /// How many are under way.
    pub fn in_flight(&self) -> usize {
        self.state().in_flight
    }

    /// Takes the next place in the queue. The ticket is a future that is done when the call may go; the call is over
    /// when the ticket is dropped.
    pub fn ticket(self: &Arc<Self>, limit: usize) -> Ticket {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        match state.waiting.is_empty() && has_room(state.in_flight, limit, state.cap) {
            true => state.in_flight += 1,
            false => drop(state.waiting.insert(number, Waiting { limit, waker: None })),
        }
        drop(state);
        Ticket {
            limiter: self.clone(),
            number,
        }
    }
}

/// A place in the queue, then a place in flight.
pub struct Ticket {
    limiter: Arc<Limiter>,
    number: u64,
}

impl Future for &Ticket {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.limiter.state().waiting.get_mut(&self.number) {
            Some(waiting) => {
                waiting.waker = Some(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.limiter.change(|state| {
            if state.waiting.remove(&self.number).is_none() {
                state.in_flight -= 1;
            }
        });
    }
}
