//! The machine as a session holds it: what it is made of, the program it has loaded, the globals that it keeps.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use crate::call::Allowance;
use crate::chat::Messages;
use crate::diag::Fault;
use crate::hir::{self, Body, FunctionKind, GlobalId, Unit};
use crate::host::Host;
use crate::lm::Client;
use crate::retrieve::Retrievers;
use crate::source::{FileId, Span};
use crate::trace::History;
use crate::value::{EcoString, FnId, Raised, Settings, Type, Value};

use super::code::{ArgShape, CallSite, CalleeShape, Code};
use super::memory::Memory;
use super::native::PureBody;
use super::predict::Templates;
use super::run::Run;
use super::sandbox::Sandbox;
use super::settle::{self, Settled};
use super::{Registry, emit};

/// What a machine is made of.
pub struct MachineParts {
    pub host: Arc<dyn Host>,
    pub client: Client,
    pub retrievers: Retrievers,
    pub history: Arc<History>,
    pub registry: Arc<Registry>,
    pub lm: DefaultLm,
    /// What stands behind the script's name, for `args()`.
    pub args: Arc<[String]>,
    pub limits: Limits,
    /// Who runs code that models write, if anybody does.
    pub sandbox: Option<Arc<dyn Sandbox>>,
}

/// The model of calls that name none.
#[derive(Clone, Debug)]
pub struct DefaultLm {
    /// An `LM`, or a name such as `local`.
    pub value: Value,
    /// `--lm`: a script's `configure(lm: …)` gives way to it.
    pub forced: bool,
}

/// What a program may use up. A value or a call that would go beyond `memory` or `depth` is an error of kind `value`;
/// `steps` and `time` end the run with an error of kind `budget` that no `catch` takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls inside one another.
    pub depth: usize,
    /// Jumps back and calls, of one run.
    pub steps: u64,
    /// Bytes of all values that the program holds.
    pub memory: u64,
    /// How long one run may take, waiting included.
    pub time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 10_000,
            steps: u64::MAX,
            memory: 4 << 30,
            time: None,
        }
    }
}

/// Runs checked programs. Keeps globals and settings from one run to the next, as the REPL needs.
pub struct Machine {
    pub(super) parts: MachineParts,
    pub(super) program: Arc<hir::Program>,
    pub(super) folders: FxHashMap<FileId, Arc<PathBuf>>,
    pub(super) no_folder: Arc<PathBuf>,
    /// `Absent` where the statement has not run.
    pub(super) globals: Globals,
    pub(super) settings: Settings,
    /// Whether what models say is shown while they say it.
    pub(super) watched: bool,
    pub(super) memory: Memory,
    pub(super) templates: Templates,
    /// What would have been sent so far, in a dry run.
    pub(super) dry: Option<Vec<Captured>>,
    pub(super) store: Store,
    /// The frames for calls whose callee is waited for, by code and site.
    pub(super) passing: FxHashMap<(u32, u32), u32>,
    /// The library's functions by name, for methods of its types.
    pub(super) library: FxHashMap<EcoString, FnId>,
}

/// Globals, and the place in the program at which each was set.
#[derive(Debug, Default)]
pub struct Globals {
    pub values: Vec<Value>,
    pub places: Vec<u64>,
}

/// The code that was emitted so far.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub codes: Vec<Arc<Code>>,
    /// The natives that need nothing but their arguments, by their place in the registry.
    pub natives: Vec<Option<PureBody>>,
    by_function: Vec<u32>,
    pub depth: usize,
}

const NONE: u32 = u32::MAX;

impl Store {
    pub fn code_of(&self, id: FnId) -> Option<u32> {
        self.by_function
            .get(id.0 as usize)
            .copied()
            .filter(|index| *index != NONE)
    }

    pub fn add(&mut self, code: Code) -> u32 {
        self.codes.push(Arc::new(code));
        u32::try_from(self.codes.len() - 1).unwrap_or(NONE)
    }
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
    pub messages: Messages,
}

impl Machine {
    pub fn new(parts: MachineParts) -> Machine {
        Machine {
            templates: Templates::default(),
            watched: false,
            memory: Memory::new(parts.limits.memory),
            dry: None,
            store: Store {
                depth: parts.limits.depth,
                natives: parts.registry.pure_bodies(),
                ..Store::default()
            },
            parts,
            program: Arc::default(),
            folders: FxHashMap::default(),
            no_folder: Arc::default(),
            globals: Globals::default(),
            settings: Settings::default(),
            passing: FxHashMap::default(),
            library: FxHashMap::default(),
        }
    }

    /// Where relative paths of a file start.
    pub fn set_folder(&mut self, file: FileId, folder: Arc<PathBuf>) {
        self.folders.insert(file, folder);
    }

    /// Takes a program that has grown (or was cut off again). Ids keep their meaning.
    pub fn load(&mut self, program: Arc<hir::Program>) {
        let Globals { values, places } = &mut self.globals;
        values.truncate(program.globals.len());
        let new = program.globals.iter().skip(values.len());
        let new: Vec<Value> = new
            .map(|global| global.constant.clone().unwrap_or(Value::Absent))
            .collect();
        values.extend(new);
        places.resize(values.len(), 0);
        let functions = program.functions.len();
        if functions < self.program.functions.len() {
            self.store.by_function.truncate(functions);
            self.library.retain(|_, id| (id.0 as usize) < functions);
        }
        let known = self.store.by_function.len();
        self.store.by_function.resize(functions, NONE);
        for (at, function) in program.functions.iter().enumerate().skip(known) {
            if function.library && function.kind == FunctionKind::Plain {
                self.library
                    .insert(function.name.clone(), FnId(u32::try_from(at).unwrap_or(NONE)));
            }
        }
        self.program = program;
    }

    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            globals: self.globals.values.clone(),
            settings: self.settings.clone(),
        }
    }

    /// Back to a checkpoint; `load` the program of then as well.
    pub fn restore(&mut self, checkpoint: Checkpoint) {
        self.globals.values = checkpoint.globals;
        self.globals.places = vec![0; self.globals.values.len()];
        self.settings = checkpoint.settings;
    }

    /// The value of a top-level name, if its statement has run; whole, where all that it waited for has come.
    pub fn global(&self, id: GlobalId) -> Option<Value> {
        let value = self.globals.values.get(id.0 as usize)?;
        match settle::settle(value) {
            Settled::Ready(Value::Absent) => None,
            Settled::Ready(value) => Some(value),
            Settled::Failed(_) | Settled::Waits(_) => Some(value.clone()),
        }
    }

    /// What `configure` has set so far.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the default model stands above the one that a script configures; says how it was.
    pub fn force_lm(&mut self, forced: bool) -> bool {
        std::mem::replace(&mut self.parts.lm.forced, forced)
    }

    /// From here on what models say is shown while they say it.
    pub fn watch(&mut self) {
        self.watched = true;
    }

    /// Sets a setting from outside, as `configure` does.
    pub fn configure(&mut self, entries: Vec<(EcoString, Value)>) {
        self.settings = self.settings.with(Allowance::beside(entries, &Settings::default()));
    }

    /// Runs the chosen statements of a unit (all, if none are named) in their order, and waits for all they started.
    /// The value is that of the last one, if it is an expression.
    pub async fn run(&mut self, unit: &Unit, statements: Option<&[u32]>) -> Result<Value, Arc<Raised>> {
        let code = emit::unit(&self.program, &self.parts.registry, unit, statements).map_err(bare)?;
        let code = self.store.add(code);
        Run::new(self).root(code, Vec::new()).await
    }

    /// Calls a function or program, and waits for its value and all it started.
    pub async fn call(
        &mut self,
        callee: Value,
        args: Vec<Value>,
        named: Vec<(EcoString, Value)>,
    ) -> Result<Value, Arc<Raised>> {
        let (code, registers) = self.calling(callee, args, named);
        Run::new(self).root(code, registers).await
    }

    /// From here on nothing is sent, printed or changed outside: calls of models are noted and never answered.
    pub fn begin_dry_run(&mut self) {
        self.dry = Some(Vec::new());
    }

    /// What would have been sent since the dry run began: the first calls, in program order.
    pub fn end_dry_run(&mut self) -> Vec<Captured> {
        self.dry.take().unwrap_or_default()
    }

    /// A frame that makes one call, and its registers.
    pub(super) fn calling(
        &mut self,
        callee: Value,
        args: Vec<Value>,
        named: Vec<(EcoString, Value)>,
    ) -> (u32, Vec<Value>) {
        let file = match &callee {
            Value::Function(function) => self.program.function(function.id).file,
            _ => FileId(0),
        };
        let positional = args.iter().map(|_| ArgShape::Positional);
        let shapes = positional
            .chain(named.iter().map(|(name, _)| ArgShape::Named(name.clone())))
            .collect();
        let site = CallSite {
            callee: CalleeShape::Value { names: true },
            name: EcoString::new(),
            args: shapes,
            plain: false,
        };
        let code = self.store.add(emit::calling(site, Span { file, start: 0, end: 0 }));
        let named = named.into_iter().map(|(_, value)| value);
        (code, std::iter::once(callee).chain(args).chain(named).collect())
    }

    /// The code of a function, emitted if it was not yet.
    pub(super) fn code_of(&mut self, id: FnId) -> Result<u32, Fault> {
        if let Some(index) = self.store.code_of(id) {
            return Ok(index);
        }
        let code = emit::function(&self.program, &self.parts.registry, id)?;
        let index = self.store.add(code);
        if let Some(slot) = self.store.by_function.get_mut(id.0 as usize) {
            *slot = index;
        }
        Ok(index)
    }

    /// What a native yields, as it is declared.
    pub(super) fn result_type(&self, native: &str) -> Type {
        let function = self
            .program
            .functions
            .iter()
            .find(|function| is_native(function, native));
        function
            .and_then(|function| function.result.clone())
            .unwrap_or(Type::Any)
    }

    /// The parameters of a native, as the library declares them.
    pub(super) fn parameter_names(&self, native: &str) -> Vec<EcoString> {
        let function = self
            .program
            .functions
            .iter()
            .find(|function| is_native(function, native));
        function
            .map(|function| function.params.iter().map(|param| param.name.clone()).collect())
            .unwrap_or_default()
    }
}

fn is_native(function: &hir::Function, native: &str) -> bool {
    matches!(&function.body, Body::Native(name) if name == native)
}

fn bare(fault: Fault) -> Arc<Raised> {
    Arc::new(Raised::bare(fault))
}
