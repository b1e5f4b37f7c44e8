//! What happened: the last calls to models, what all of them used, and where in the program they were made.

mod attempt;
mod history;
mod query;
mod span;
mod stamp;
mod tally;
mod usage;

pub use attempt::Try;
pub use history::{Call, Event, History, render};
pub use query::{Asked, Query};
pub use span::{Outcome, Span, span};
pub use tally::{TALLY, Tally, tally};
pub use usage::{ModelUsage, Usage};
