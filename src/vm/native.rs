//! The shape of a native: the Rust body of a function that `stdlib/*.dsp` declares without one. The bodies are in
//! `builtins`; the machine knows only this table. A native never calls back into the machine.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diag::Fault;
use crate::hir::{self, Reach};
use crate::host::{BoxFuture, Host};
use crate::lm::Client;
use crate::retrieve::Retrievers;
use crate::trace::{History, Query};
use crate::value::{Settings, Value};

use super::memory::Memory;
use super::sandbox::Sandbox;

/// One native.
#[derive(Clone)]
pub struct Native {
    /// As declared: `len`.
    pub name: Cow<'static, str>,
    pub looks: Looks,
    pub body: Body,
    pub dry: Dry,
}

/// What an effect does in a dry run or a forecast, which only ask what would be sent to models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dry {
    /// The same: it only reads.
    Runs,
    /// Nothing: its value is `none`.
    Skipped,
    /// Nothing, and its value is never known; a forecast goes on with one that stands for it.
    Unanswered,
}

impl Native {
    /// The same, with what it does in a dry run.
    pub const fn dry(mut self, dry: Dry) -> Native {
        self.dry = dry;
        self
    }
}

/// How far the machine looks at the arguments before the body runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// At everything in them: functions that compute.
    Deep,
    /// At the arguments, not at what is in them: functions that store (`first`, `take`, `zip`).
    Shallow,
}

#[derive(Clone)]
pub enum Body {
    /// Computes at once, from its arguments alone.
    Pure(PureBody),
    /// Computes at once, from what the machine knows too.
    Immediate(fn(&mut Context<'_>, &[Value]) -> Result<Value, Fault>),
    /// Waits its turn among the effects of the program, then runs (files, `now`).
    Effect(fn(Context<'_>, Vec<Value>) -> BoxFuture<'static, Result<Value, Fault>>),
    /// As `Effect`, but those of different elements of a comprehension overlap (`sleep`, `http_get`).
    Overlapping(fn(Context<'_>, Vec<Value>) -> BoxFuture<'static, Result<Value, Fault>>),
    /// As `Effect`, and waits for every model call before it too, since it tells of them (`usage`, `inspect_history`).
    Settled(fn(Context<'_>, Vec<Value>) -> BoxFuture<'static, Result<Value, Fault>>),
    /// Starts at once and yields a promise, like a model call (retrieval, embedding).
    Call(fn(Context<'_>, Vec<Value>) -> BoxFuture<'static, Called>),
    /// A function of the program around dsp: overlaps as `Overlapping` does, and what it yields is held against its
    /// declaration.
    Hosted(HostedBody),
    /// Something that only the machine can do.
    Machine(Intrinsic),
}

/// What a call outside comes to, and what was asked for it.
pub type Called = (Result<Value, Fault>, Vec<Query>);

/// A computation from the arguments in their declared order. Whoever called it may call it again with the same ones.
pub type PureBody = fn(&mut Memory, &[Value]) -> Result<Value, Fault>;

/// A function of the program around dsp, from the arguments in their declared order.
pub type HostedBody = Arc<dyn Fn(Vec<Value>) -> BoxFuture<'static, Result<Value, Fault>> + Send + Sync>;

/// What the machine does itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intrinsic {
    /// `print(...values)`: queued in program order.
    Print,
    /// `debug(x)`: to stderr, queued likewise; yields x.
    Debug,
    /// `fail(message | error)`
    Fail,
    /// `Predict(signature, …)`: makes a predictor.
    Predict,
    /// `stream(f)`: the parts of what models say in `f()`, as they come.
    Stream,
    /// `collect(f)`: runs `f()` and yields `{value, calls, error}`: the calls of labelled predictors, in program order.
    Collect,
    /// `attempt(f)`: `{value, error}`: runs `f()` as under a `try` that keeps the error.
    Attempt,
    /// `with_settings(record, f)`: runs `f()` under settings that are known when it runs.
    WithSettings,
}

/// What a body may use.
pub struct Context<'a> {
    pub host: &'a Arc<dyn Host>,
    pub client: &'a Client,
    pub retrievers: &'a Retrievers,
    pub history: &'a Arc<History>,
    pub settings: &'a Settings,
    /// The model of calls for which no setting names one.
    pub default_lm: &'a Value,
    /// What was checked: the names of parameters, declarations' sources.
    pub program: &'a Arc<hir::Program>,
    /// The folder of the file that the call is written in: relative paths start here.
    pub folder: &'a Arc<PathBuf>,
    /// The arguments behind the script's name, for `args()`.
    pub args: &'a Arc<[String]>,
    /// Who runs code that models write, if anybody does.
    pub sandbox: &'a Option<Arc<dyn Sandbox>>,
    pub memory: &'a mut Memory,
}

/// The table of all natives, put together by `builtins` and by hosts.
#[derive(Clone, Default)]
pub struct Registry {
    natives: Vec<Native>,
}

impl Registry {
    pub fn extend(&mut self, natives: &[Native]) {
        self.natives.extend_from_slice(natives);
    }

    pub fn get(&self, name: &str) -> Option<&Native> {
        self.natives.iter().find(|n| n.name == name)
    }

    /// A native and its place in the table.
    pub(super) fn position(&self, name: &str) -> Option<(u16, &Native)> {
        let at = self.natives.iter().position(|n| n.name == name)?;
        Some((u16::try_from(at).ok()?, &self.natives[at]))
    }

    pub(super) fn at(&self, position: u16) -> Option<&Native> {
        self.natives.get(usize::from(position))
    }

    /// The bodies that need nothing but their arguments, by the place in the table.
    pub(super) fn pure_bodies(&self) -> Vec<Option<PureBody>> {
        let pure = |native: &Native| match native.body {
            Body::Pure(body) => Some(body),
            _ => None,
        };
        self.natives.iter().map(pure).collect()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.natives.iter().map(|n| &*n.name)
    }

    /// What a call of this native may come to.
    pub fn reach(&self, name: &str) -> Option<Reach> {
        let reach = match self.get(name)?.body {
            Body::Pure(_) | Body::Immediate(_) => Reach::NOTHING,
            Body::Effect(_) | Body::Overlapping(_) | Body::Settled(_) | Body::Hosted(_) => Reach {
                model: false,
                effect: true,
            },
            Body::Call(_) => Reach {
                model: true,
                effect: false,
            },
            Body::Machine(Intrinsic::Print | Intrinsic::Debug | Intrinsic::Fail | Intrinsic::Predict) => Reach::NOTHING,
            Body::Machine(_) => Reach::ALL,
        };
        Some(reach)
    }
}

/// Whether it calls a function, or opens something that must be closed: then it has a frame of its own.
pub(super) fn needs_frame(native: &Native) -> bool {
    matches!(
        native.body,
        Body::Machine(Intrinsic::Collect | Intrinsic::Attempt | Intrinsic::WithSettings)
    )
}
