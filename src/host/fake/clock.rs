//! Virtual time: it stands still while anything can be done, and then leaps to the earliest timer.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// When, and which of those at the same time.
type Due = (Duration, u64);

#[derive(Default)]
pub(super) struct Clock {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Duration,
    set: u64,
    timers: BTreeMap<Due, Option<Waker>>,
}

impl Clock {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Duration {
        self.state().now
    }

    pub(super) fn sleep(self: &Arc<Self>, duration: Duration) -> Sleep {
        let mut state = self.state();
        let due = (state.now.saturating_add(duration), state.set);
        state.set += 1;
        state.timers.insert(due, None);
        Sleep {
            clock: self.clone(),
            due,
        }
    }

    /// Leaps to the earliest timer and wakes it alone, so that what it sets going is done before the next one of the
    /// same time. `false` if there is none.
    pub(super) fn leap(&self) -> bool {
        let (waker, found) = {
            let mut state = self.state();
            match state.timers.pop_first() {
                Some(((time, _), waker)) => {
                    state.now = state.now.max(time);
                    (waker, true)
                }
                None => (None, false),
            }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        found
    }
}

/// Done once its timer is gone.
pub(super) struct Sleep {
    clock: Arc<Clock>,
    due: Due,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.clock.state().timers.get_mut(&self.due) {
            Some(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.state().timers.remove(&self.due);
    }
}

/// Whether the future that is being driven was woken.
#[derive(Default)]
pub(super) struct Alarm {
    rung: Mutex<bool>,
    ring: Condvar,
}

impl Alarm {
    /// Whether it has rung since it was last asked.
    pub(super) fn take(&self) -> bool {
        std::mem::take(&mut *self.rung.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits, in real time, for another thread to ring.
    pub(super) fn wait(&self, patience: Duration) -> bool {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) = self
            .ring
            .wait_timeout_while(rung, patience, |rung| !*rung)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *rung)
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.ring.notify_all();
    }
}
