//! What happened: the last calls to models, and what all of them used.

mod history;
mod stamp;
mod tally;
mod usage;

pub use history::{Call, History, render};
pub use tally::{TALLY, Tally, tally};
pub use usage::{ModelUsage, Usage};
