//! The machine: checked programs become bytecode (`emit`), which runs on fibers that can be set aside at any
//! instruction (`exec`, `fiber`), driven in program order by one logical thread (`run`). `tree` keeps that order for
//! output, effects and failures; `predict` is the one place where the language meets a model.

pub mod convert;
mod machine;
mod native;
pub mod ops;
pub mod programs;

pub use machine::{Captured, Checkpoint, DefaultLm, Limits, Machine, MachineParts};
pub use native::{Body, Context, Intrinsic, Looks, Memory, Native, Registry};
