//! The library: its declarations, its bodies, its examples.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "stdlib/declarations.rs"]
mod declarations;

#[path = "stdlib/checks.rs"]
mod checks;

#[path = "stdlib/copies.rs"]
mod copies;

#[path = "stdlib/finetune.rs"]
mod finetune;

#[path = "stdlib/tools.rs"]
mod tools;

#[path = "stdlib/types.rs"]
mod types;

#[path = "stdlib/datasets.rs"]
mod datasets;

#[path = "stdlib/run.rs"]
mod run;

#[path = "stdlib/examples.rs"]
mod examples;

#[path = "stdlib/optimizers.rs"]
mod optimizers;

#[path = "stdlib/results.rs"]
mod results;

#[path = "stdlib/evaluations.rs"]
mod evaluations;

#[path = "stdlib/programs.rs"]
mod programs;

#[path = "stdlib/searches.rs"]
mod searches;

#[path = "stdlib/states.rs"]
mod states;

#[path = "stdlib/judges.rs"]
mod judges;

#[path = "stdlib/modules.rs"]
mod modules;

#[path = "stdlib/schedules.rs"]
mod schedules;

#[path = "stdlib/tpe.rs"]
mod tpe;

#[path = "stdlib/plans.rs"]
mod plans;

#[path = "stdlib/reports.rs"]
mod reports;

#[path = "stdlib/code.rs"]
mod code;
