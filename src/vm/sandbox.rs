//! Code that a model wrote, run apart: the machine knows only that somebody can.

use crate::host::BoxFuture;
use crate::value::{EcoString, Value};

/// What is to be run.
#[derive(Clone, Debug, Default)]
pub struct Snippet {
    pub text: String,
    /// The functions that it may call: heads such as `fn lookup(word: any) -> any`.
    pub tools: Vec<String>,
    /// What its calls of them came to so far, in order: a value, or why there is none.
    pub known: Vec<Result<Value, String>>,
}

/// What came of it: plain data.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    pub printed: String,
    pub value: Value,
    pub error: Option<String>,
    /// The call that it could not go on without.
    pub wants: Option<(EcoString, Vec<Value>)>,
}

/// Runs code without files, network or environment, under limits.
pub trait Sandbox: Send + Sync {
    fn run(&self, snippet: Snippet) -> BoxFuture<'static, Ran>;
}
