//! dsp: a small pipeline language for language-model programs.

pub mod adapter;
pub mod artifact;
pub mod builtins;
pub mod call;
pub mod chat;
pub mod check;
pub mod diag;
pub mod evaluate;
pub mod hir;
pub mod host;
pub mod lm;
pub mod source;
pub mod syntax;
pub mod trace;
pub mod value;
pub mod vm;
