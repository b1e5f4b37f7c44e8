//! The binary as its users meet it: exit codes, streams, arguments, goldens, what bad input says.

#![allow(clippy::unwrap_used)]

#[path = "cli/arguments.rs"]
mod arguments;
#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/cache.rs"]
mod cache;
#[path = "cli/diff.rs"]
mod diff;
#[path = "cli/escapes.rs"]
mod escapes;
#[path = "cli/evaluation.rs"]
mod evaluation;
#[path = "cli/fmt.rs"]
mod fmt;
#[path = "cli/history.rs"]
mod history;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/imports.rs"]
mod imports;
#[path = "cli/interrupt.rs"]
mod interrupt;
#[path = "cli/models.rs"]
mod models;
#[path = "cli/offline.rs"]
mod offline;
#[path = "cli/pages.rs"]
mod pages;
#[path = "cli/planted.rs"]
mod planted;
#[path = "cli/problems.rs"]
mod problems;
#[path = "cli/prompt.rs"]
mod prompt;
#[path = "cli/readme.rs"]
mod readme;
#[path = "cli/resumed.rs"]
mod resumed;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/sandbox.rs"]
mod sandbox;
#[path = "cli/server.rs"]
mod server;
#[path = "cli/shown.rs"]
mod shown;
#[path = "cli/spending.rs"]
mod spending;
#[path = "cli/streaming.rs"]
mod streaming;
#[path = "cli/testing.rs"]
mod testing;
#[path = "cli/traced.rs"]
mod traced;
