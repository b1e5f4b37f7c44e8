//! The machine as a session holds it: what it is made of, the program it has loaded, the globals that it keeps.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::chat::Message;
use crate::diag::{Fault, FaultKind};
use crate::hir::{self, GlobalId, Unit};
use crate::host::Host;
use crate::lm::Client;
use crate::source::FileId;
use crate::trace::History;
use crate::value::{EcoString, Raised, Settings, Value};

use super::{Memory, Registry};

/// What a machine is made of.
pub struct MachineParts {
    pub host: Arc<dyn Host>,
    pub client: Client,
    pub history: Arc<History>,
    pub registry: Arc<Registry>,
    pub lm: DefaultLm,
    /// What stands behind the script's name, for `args()`.
    pub args: Arc<[String]>,
    pub limits: Limits,
}

/// The model of calls that name none.
#[derive(Clone, Debug)]
pub struct DefaultLm {
    /// An `LM`, or a name such as `local`.
    pub value: Value,
    /// `--lm`: a script's `configure(lm: …)` gives way to it.
    pub forced: bool,
}

/// What a program may use up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls inside one another.
    pub depth: usize,
    /// Jumps back and calls.
    pub steps: u64,
    /// Bytes that natives may ask for.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 10_000,
            steps: u64::MAX,
            memory: 8 << 30,
        }
    }
}

/// Runs checked programs. Keeps globals and settings from one run to the next, as the REPL needs.
pub struct Machine {
    pub(super) parts: MachineParts,
    pub(super) program: Arc<hir::Program>,
    pub(super) folders: HashMap<FileId, Arc<PathBuf>>,
    /// `Absent` where the statement has not run.
    pub(super) globals: Vec<Value>,
    pub(super) settings: Settings,
    pub(super) memory: Memory,
}

/// Globals and settings as they were: a line of the REPL that fails goes back to them.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    globals: Vec<Value>,
    settings: Settings,
}

/// What a call would have sent, and for which predictor.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    pub path: Option<EcoString>,
    pub messages: Vec<Message>,
}

impl Machine {
    pub fn new(parts: MachineParts) -> Machine {
        Machine {
            memory: Memory {
                used: 0,
                limit: parts.limits.memory,
            },
            parts,
            program: Arc::default(),
            folders: HashMap::new(),
            globals: Vec::new(),
            settings: Settings::default(),
        }
    }

    /// Where relative paths of a file start.
    pub fn set_folder(&mut self, file: FileId, folder: Arc<PathBuf>) {
        self.folders.insert(file, folder);
    }

    /// Takes a program that has grown (or was cut off again). Ids keep their meaning.
    pub fn load(&mut self, program: Arc<hir::Program>) {
        self.globals.truncate(program.globals.len());
        let new = program.globals.iter().skip(self.globals.len());
        self.globals
            .extend(new.map(|global| global.constant.clone().unwrap_or(Value::Absent)));
        self.program = program;
    }

    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            globals: self.globals.clone(),
            settings: self.settings.clone(),
        }
    }

    /// Back to a checkpoint; `load` the program of then as well.
    pub fn restore(&mut self, checkpoint: Checkpoint) {
        self.globals = checkpoint.globals;
        self.settings = checkpoint.settings;
    }

    /// The value of a top-level name, if its statement has run.
    pub fn global(&self, id: GlobalId) -> Option<&Value> {
        self.globals
            .get(id.0 as usize)
            .filter(|value| !matches!(value, Value::Absent))
    }

    /// What `configure` has set so far.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sets a setting from outside, as `configure` does.
    pub fn configure(&mut self, entries: Vec<(EcoString, Value)>) {
        self.settings = self.settings.with(entries);
    }

    /// Runs the chosen statements of a unit (all, if none are named) in their order, and waits for all they started.
    /// The value is that of the last one, if it is an expression.
    pub async fn run(&mut self, unit: &Unit, statements: Option<&[u32]>) -> Result<Value, Arc<Raised>> {
        let _ = (unit, statements);
        Err(Arc::new(Raised::bare(Fault::new(
            FaultKind::State,
            "the machine does not run yet",
        ))))
    }

    /// Calls a function or program, and waits for its value and all it started.
    pub async fn call(
        &mut self,
        callee: Value,
        args: Vec<Value>,
        named: Vec<(EcoString, Value)>,
    ) -> Result<Value, Arc<Raised>> {
        let _ = (callee, args, named);
        Err(Arc::new(Raised::bare(Fault::new(
            FaultKind::State,
            "the machine does not run yet",
        ))))
    }

    /// The messages that the first calls would send, in program order; nothing is sent.
    pub async fn prompt(
        &mut self,
        callee: Value,
        args: Vec<Value>,
        named: Vec<(EcoString, Value)>,
    ) -> Result<Vec<Captured>, Arc<Raised>> {
        let _ = (callee, args, named);
        Err(Arc::new(Raised::bare(Fault::new(
            FaultKind::State,
            "the machine does not run yet",
        ))))
    }
}
