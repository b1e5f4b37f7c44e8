//! A failure of a run: an error value of the language before it has a place. Natives, adapters and clients return one
//! without a span; the machine adds the place and the chain of calls.

use std::fmt;

use crate::source::Span;

/// The kinds of the language's errors, as `e.kind` shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// A reply that does not parse.
    Parse,
    /// A reply that breaks a constraint of its signature.
    Constraint,
    /// A reply that was cut off.
    Length,
    /// A model that refuses, or cannot be reached.
    Lm,
    /// A provider that asks for patience.
    RateLimit,
    /// An answer that took too long.
    Timeout,
    /// A key that is missing or refused.
    Auth,
    /// A limit that is used up: calls, cost, steps, time.
    Budget,
    /// A prompt that is longer than the model can read.
    ContextLength,
    /// A value that does not fit where it stands.
    Type,
    /// An index outside of its list or string.
    Index,
    /// A key or field that is not there.
    Key,
    /// A value of the right type that cannot be used.
    Value,
    /// A file that cannot be read or written.
    Io,
    /// Something that the script may not do.
    Permission,
    /// A saved state, or the state of a script, that does not fit.
    State,
    /// An `assert` that does not hold.
    Assert,
    /// `fail("…")`
    User,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [FaultKind; 18] = [
        FaultKind::Parse,
        FaultKind::Constraint,
        FaultKind::Length,
        FaultKind::Lm,
        FaultKind::RateLimit,
        FaultKind::Timeout,
        FaultKind::Auth,
        FaultKind::Budget,
        FaultKind::ContextLength,
        FaultKind::Type,
        FaultKind::Index,
        FaultKind::Key,
        FaultKind::Value,
        FaultKind::Io,
        FaultKind::Permission,
        FaultKind::State,
        FaultKind::Assert,
        FaultKind::User,
    ];

    /// As scripts write it: `rate_limit`.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::Parse => "parse",
            FaultKind::Constraint => "constraint",
            FaultKind::Length => "length",
            FaultKind::Lm => "lm",
            FaultKind::RateLimit => "rate_limit",
            FaultKind::Timeout => "timeout",
            FaultKind::Auth => "auth",
            FaultKind::Budget => "budget",
            FaultKind::ContextLength => "context_length",
            FaultKind::Type => "type",
            FaultKind::Index => "index",
            FaultKind::Key => "key",
            FaultKind::Value => "value",
            FaultKind::Io => "io",
            FaultKind::Permission => "permission",
            FaultKind::State => "state",
            FaultKind::Assert => "assert",
            FaultKind::User => "user",
        }
    }

    /// The kind that a script names.
    pub fn from_name(name: &str) -> Option<FaultKind> {
        FaultKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether the model's reply is at fault, not the program: such a failure scores 0 and never stops an evaluation.
    pub fn is_reply(self) -> bool {
        matches!(self, FaultKind::Parse | FaultKind::Constraint | FaultKind::Length)
    }
}

/// `{kind, message, reply, field}` of the language, with a help for the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of failure it is.
    pub kind: FaultKind,
    /// What went wrong, in lower case, names in backticks.
    pub message: String,
    /// What the model said, where that is the trouble.
    pub reply: Option<String>,
    /// The output field that is the trouble.
    pub field: Option<String>,
    /// How the reply is shown.
    pub misfit: Option<Box<Misfit>>,
    /// What to do next, for a person.
    pub help: Option<String>,
}

/// What of a reply does not fit, and where it was said what would.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Misfit {
    /// Who was asked: a predictor's path, else its signature's name.
    pub of: Option<String>,
    /// The words that do not fit, where they are known.
    pub part: Option<String>,
    /// Where in them: the fields of records, from the outside, and what stands there.
    pub within: Vec<String>,
    pub found: Option<String>,
    /// Where the field is declared, if a script does that.
    pub declared: Option<Span>,
}

impl Fault {
    /// A failure that has only a message.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Fault {
            kind,
            message: message.into(),
            reply: None,
            field: None,
            misfit: None,
            help: None,
        }
    }

    /// With what the model said.
    pub fn reply(mut self, reply: impl Into<String>) -> Self {
        self.reply = Some(reply.into());
        self
    }

    /// With the output that is the trouble.
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// With what to do next.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl From<crate::host::HostError> for Fault {
    fn from(error: crate::host::HostError) -> Self {
        use crate::host::HostErrorKind as H;
        let kind = match error.kind {
            H::Permission => FaultKind::Permission,
            H::Timeout | H::LateConnection | H::LateStart => FaultKind::Timeout,
            H::Connection | H::Unreached | H::UnknownHost => FaultKind::Lm,
            H::NotFound | H::DiskFull | H::Io | H::Cancelled | H::Untrusted | H::LockedProxy => FaultKind::Io,
            H::Invalid => FaultKind::Value,
        };
        Fault::new(kind, error.message)
    }
}
