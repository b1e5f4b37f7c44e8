//! dsp: a small pipeline language for language-model programs. This crate is the language; the binary `dsp` is its first
//! user.
//!
//! # The way of a program
//!
//! ```text
//! .dsp text ──syntax──▶ ast ──session (imports)──▶ asts ──check──▶ hir ──vm::emit──▶ bytecode ──vm──▶ values
//!               │                                   all problems                        │  ▲
//!               └─ tokens: "is the input finished?"                                     │  │ promises
//!                                                                                       ▼  │
//!   saved state (artifact) ── laid over the program ──▶ predict: adapter.format ▶ lm::Client ▶ adapter.parse ▶ coerce
//! ```
//!
//! # The layers
//!
//! A module names only modules of the layers above it in this list; `tests/structure.rs` checks that.
//!
//! | modules | hold |
//! | --- | --- |
//! | [`source`] [`host`] | texts and places in them; the one door to files, network, clock, environment, terminal |
//! | [`diag`] | problems of scripts, failures of runs, the renderer of both |
//! | [`value`] | values, types, signatures, programs; a model's text as a typed value |
//! | [`syntax`] | tokens, grammar, tree. It names literals of `value`, so it lies under it |
//! | [`hir`] [`chat`] [`artifact`] | the checked program; what is said to models; saved states |
//! | [`check`] [`adapter`] [`trace`] | names and types; prompts and replies, text to text; what happened |
//! | [`call`] | one outside call: recording, cache, single flight, limits, retries |
//! | [`lm`] [`retrieve`] | the models: providers over HTTP, the built-in one, scripted ones; retrievers |
//! | [`vm`] | the machine: fibers, promises, and the one place where the language meets a model |
//! | [`evaluate`] | datasets, scores, progress; the budget and journal of a search |
//! | [`builtins`] | the library: its texts, and the Rust bodies of its natives |
//! | [`session`] | load → check → run: the embedding API |
//! | [`cli`] | the commands |
//!
//! # An example
//!
//! ```
//! use dsp::host::fake::FakeHost;
//! use dsp::session::{Builder, Script};
//! use dsp::value::Value;
//!
//! let text = r#"
//!     configure(lm: DummyLM([{answer: "Paris"}]))
//!     fn capital(country: str) -> str {
//!         Predict("question -> answer")(question: f"What is the capital of {country}?").answer
//!     }
//! "#;
//! let host = FakeHost::new();
//! let session = Builder::new(host.host()).open(Script::new("capital.dsp", text, "/work"))?;
//! let capital = host.block_on(session.call("capital", [("country".into(), Value::str("France"))]))?;
//! assert_eq!(capital, Value::str("Paris"));
//! # Ok::<(), dsp::session::Failure>(())
//! ```

#![deny(missing_docs)]

#[doc(hidden)]
pub mod adapter;
#[doc(hidden)]
pub mod artifact;
#[doc(hidden)]
pub mod builtins;
#[doc(hidden)]
pub mod call;
pub mod chat;
#[doc(hidden)]
pub mod check;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod diag;
#[doc(hidden)]
pub mod evaluate;
#[doc(hidden)]
pub mod hir;
pub mod host;
#[doc(hidden)]
pub mod lm;
pub mod retrieve;
pub mod session;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod syntax;
#[doc(hidden)]
pub mod trace;
pub mod value;
#[doc(hidden)]
pub mod vm;
