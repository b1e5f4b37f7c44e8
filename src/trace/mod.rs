//! What happened: the last calls to models, and what all of them used.

mod history;
mod stamp;
mod usage;

pub use history::{Call, History};
pub use usage::{ModelUsage, Usage};
