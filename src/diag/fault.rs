//! A failure of a run: an error value of the language before it has a place. Natives, adapters and clients return one
//! without a span; the machine adds the place and the chain of calls.

use std::fmt;

/// The kinds of the language's errors, as `e.kind` shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    Parse,
    Constraint,
    Length,
    Lm,
    RateLimit,
    Timeout,
    Auth,
    Budget,
    ContextLength,
    Type,
    Index,
    Key,
    Value,
    Io,
    Permission,
    State,
    Assert,
    User,
}

impl FaultKind {
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
    pub kind: FaultKind,
    pub message: String,
    /// What the model said, where that is the trouble.
    pub reply: Option<String>,
    /// The output field that is the trouble.
    pub field: Option<String>,
    /// What to do next, for a person.
    pub help: Option<String>,
}

impl Fault {
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Fault {
            kind,
            message: message.into(),
            reply: None,
            field: None,
            help: None,
        }
    }

    pub fn reply(mut self, reply: impl Into<String>) -> Self {
        self.reply = Some(reply.into());
        self
    }

    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

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
            H::Timeout => FaultKind::Timeout,
            H::Connection => FaultKind::Lm,
            H::NotFound | H::DiskFull | H::Io | H::Cancelled => FaultKind::Io,
            H::Invalid => FaultKind::Value,
        };
        Fault::new(kind, error.message)
    }
}
