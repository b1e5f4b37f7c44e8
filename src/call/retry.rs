//! When a failed attempt is worth another, and how long to wait before it.

use std::time::Duration;

use crate::diag::Fault;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_OWN: Duration = Duration::from_secs(30);
/// A server that asks for more than this is not asked again.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// An attempt that failed.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub fault: Fault,
    pub again: Again,
}

/// Whether the same request may go better later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    Never,
    /// After a pause that grows.
    Soon,
    /// As the server asked: `Retry-After`.
    After(Duration),
}

impl Trouble {
    pub fn last(fault: Fault) -> Trouble {
        Trouble {
            fault,
            again: Again::Never,
        }
    }
}

impl Trouble {
    /// One that may pass.
    pub fn soon(fault: Fault) -> Trouble {
        Trouble {
            fault,
            again: Again::Soon,
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::last(fault)
    }
}

/// The pause after the failed attempt number `attempt` (from 1), `None` if it was the last. `salt` spreads the
/// retries of different requests, always in the same way.
pub fn pause(again: Again, attempt: u32, salt: u64) -> Option<Duration> {
    match again {
        Again::Never => None,
        Again::After(asked) => (asked <= LONGEST_PAUSE).then_some(asked),
        Again::Soon => {
            let doubled = FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(16));
            let mixed = salt
                .wrapping_add(u64::from(attempt))
                .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                >> 40;
            let share = mixed as f64 / f64::from(1u32 << 24);
            Some(doubled.min(LONGEST_OWN).mul_f64(0.75 + share / 2.0))
        }
    }
}
