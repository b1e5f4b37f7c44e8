//! `dsp repl` as a person meets it, through a pseudo-terminal, and as a script session.

#![allow(clippy::unwrap_used)]

#[path = "repl/commands.rs"]
mod commands;
#[path = "repl/completion.rs"]
mod completion;
#[path = "repl/editing.rs"]
mod editing;
#[path = "repl/piped.rs"]
mod piped;
#[allow(dead_code, reason = "the command line's tests use the rest")]
#[path = "cli/sandbox.rs"]
mod sandbox;
#[path = "repl/terminal.rs"]
mod terminal;
#[path = "repl/values.rs"]
mod values;

/// A script with a program, answered by a `DummyLM`.
const ROUTER: &str = r#"
configure(lm: DummyLM({"": {urgency: "high", reason: "it burns"}}))
signature Classify {
  "Classify it."
  body: str "the text"
  ->
  urgency: "low" | "high"
  reason: str
}
module Router {
  "Routes what comes in."
  classify = Predict(Classify)
  forward(body: str, hint: str = "none") { classify(body) }
  fn shout(text: str, times: int = 2) -> str { upper(text) }
}
let router = Router()
"#;
