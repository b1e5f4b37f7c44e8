//! The machine: checked programs become bytecode (`emit`), which runs on fibers that can be set aside at any
//! instruction (`exec`, `fiber`), driven in program order by one logical thread (`run`). `tree` keeps that order for
//! output, effects and failures; `predict` is the one place where the language meets a model.

mod bind;
mod code;
mod convert;
mod emit;
mod exec;
mod fiber;
mod live;
mod looked;
mod machine;
mod memory;
mod native;
mod op;
mod ops;
mod paced;
mod predict;
pub mod programs;
mod run;
mod sandbox;
mod settle;
mod spans;
mod tree;

pub use machine::{Captured, Checkpoint, DefaultLm, Limits, Machine, MachineParts};
pub use memory::Memory;
pub use native::{Body, Called, Context, Dry, HostedBody, Intrinsic, Looks, Native, Registry};
pub use paced::{Door, Entered, Paced};
pub use predict::Meta;
pub use sandbox::{Ran, Sandbox, Snippet};
