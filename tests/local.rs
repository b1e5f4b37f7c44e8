//! The embedded model: on a tiny model made here, and on the real one where its weights are (and the build is an
//! optimised one: in another a token takes a second).

#![allow(clippy::unwrap_used)]

#[path = "local/embedder.rs"]
mod embedder;
#[path = "local/engine.rs"]
mod engine;
#[path = "local/files.rs"]
mod files;
#[path = "local/form.rs"]
mod form;
#[path = "local/real.rs"]
mod real;
#[path = "local/reference.rs"]
mod reference;
#[path = "local/tiny.rs"]
mod tiny;
#[path = "local/weights.rs"]
mod weights;
