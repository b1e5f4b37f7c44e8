//! Sessions on a host in memory.

use dsp::host::fake::FakeHost;
use dsp::session::{Builder, Failure, FaultKind, Script, Session};
use dsp::value::Value;

pub fn builder(host: &FakeHost) -> Builder {
    Builder::new(host.host()).cache(false)
}

pub fn open(builder: Builder, text: &str) -> Session {
    builder.open(Script::new("s.dsp", text, "/work")).unwrap()
}

/// What a script prints that a host has opened.
#[track_caller]
pub fn printed(host: &FakeHost, builder: Builder, text: &str) -> String {
    let before = host.stdout().len();
    host.block_on(open(builder, text).run([]))
        .unwrap_or_else(|failure| panic!("{failure}"));
    host.stdout()[before..].to_owned()
}

/// The kind and message of a failed run.
#[track_caller]
pub fn fault(outcome: Result<Value, Failure>) -> (FaultKind, String) {
    let failure = outcome.unwrap_err();
    let fault = failure.fault().unwrap_or_else(|| panic!("{failure}"));
    (fault.kind, fault.message.clone())
}

/// The reply of the chat adapter to a signature with one output, `answer`.
pub fn answer(text: &str) -> String {
    format!("[[ ## answer ## ]]\n{text}\n\n[[ ## completed ## ]]")
}
