//! dsp inside another program: functions, models and retrievers of the host, limits, permissions, cancelling, many
//! sessions at once.

#![allow(clippy::unwrap_used)]

#[path = "embed/cancel.rs"]
mod cancel;
#[path = "embed/deep.rs"]
mod deep;
#[path = "embed/example.rs"]
mod example;
#[path = "embed/functions.rs"]
mod functions;
#[path = "embed/models.rs"]
mod models;
#[path = "embed/sessions.rs"]
mod sessions;
#[path = "embed/setup.rs"]
mod setup;
