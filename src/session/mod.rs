//! The embedding API: load → check → run. A `Session` holds one script (or the lines of a REPL) with all that it knows;
//! its handle is `Send + Sync`, a call's future is `Send + 'static` and may be dropped to cancel. The calls of one
//! session take turns; sessions run side by side.
//!
//! ```
//! use dsp::host::fake::FakeHost;
//! use dsp::session::{Builder, Script};
//! use dsp::value::Value;
//!
//! let host = FakeHost::new();
//! let script = Script::new("greet.dsp", "fn greet(name: str) -> str { f\"hello {name}\" }", "/work");
//! let session = Builder::new(host.host()).open(script).expect("it checks");
//! let greeting = host.block_on(session.call("greet", [("name".into(), Value::str("Ada"))]));
//! assert_eq!(greeting.expect("it runs"), Value::str("hello Ada"));
//! ```
//!
//! A real program uses [`RealHost`](crate::host::RealHost), whose [`Permissions`](crate::host::Permissions) say what
//! scripts may read, write and reach, and awaits calls in its own tokio runtime. It lends scripts its own
//! [functions](Builder::function), [models](Builder::model) and [retrievers](Builder::retriever), and
//! [limits](Builder::limits) what they may use up. Dropping a call's future cancels it, as `tokio::time::timeout` does; the
//! session can be called again. What goes wrong is a [`Failure`]:
//!
//! ```
//! use dsp::host::fake::FakeHost;
//! use dsp::session::{Builder, FailureKind, FaultKind, Limits, Script};
//!
//! let host = FakeHost::new();
//! let open = |text: &str| Builder::new(host.host()).open(Script::new("s.dsp", text, "/work"));
//!
//! let failure = open("print(nmae)\nlet name = 1").err().expect("it has a problem");
//! assert_eq!(failure.kind(), FailureKind::Check);
//! assert!(failure.to_string().contains("`name`"));
//!
//! let session = open("fn f(xs: list[int]) -> int { xs[7] }\nfn main() { f([1]) }")?;
//! let failure = host.block_on(session.run([])).expect_err("the list is shorter");
//! assert_eq!(failure.fault().expect("it failed as it ran").kind, FaultKind::Index);
//! # Ok::<(), dsp::session::Failure>(())
//! ```

mod account;
mod apart;
mod builder;
mod cache;
mod complete;
mod expression;
mod failure;
mod files;
mod forecast;
mod hosted;
mod inspect;
mod journal;
mod line;
mod models;
mod plan;
mod redeclared;
mod saved;
mod script;
mod spot;
mod trace;
mod walk;

pub use builder::Builder;
pub use cache::{cache_clear, cache_export, cache_path, cache_stats};
pub use complete::Completion;
pub use failure::{Drawn, Failure, FailureKind};
pub use inspect::{Main, Parameter};
pub use journal::history;
pub use line::Line;
pub use models::{LocalModel, local_models, pull_local_model, remove_local_model};
pub use saved::SavedLines;
pub use script::Script;

pub use crate::artifact::{PredictorState, State as SavedState};
pub use crate::call::{Recording, Source as Answers};
pub use crate::chat::{Message, Reply, Request, Role};
pub use crate::check::About;
pub use crate::diag::{Fault, FaultKind, Format, nearest as nearest_name};
pub use crate::evaluate::table::table as results_table;
pub use crate::lm::Model;
pub use crate::retrieve::{Passage, Retriever};
pub use crate::syntax::highlight::colored;
pub use crate::syntax::token::{goes_on, is_complete};
pub use crate::trace::{Call, ModelUsage, Usage, render as render_calls};
pub use crate::vm::{Captured, Limits};

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

use self::files::Folders;
use crate::check::Environment;
use crate::diag::{Problems, nearest};
use crate::hir::Unit;
use crate::host::{BoxFuture, Host};
use crate::lm::LOCAL;
use crate::source::{FileId, SourceMap};
use crate::trace::History;
use crate::value::{EcoString, Raised, Value};
use crate::vm::Machine;

/// What a call comes to, later.
pub type Outcome<T> = BoxFuture<'static, Result<T, Failure>>;

/// One script, checked, with the machine that runs it. Clones share it; its calls take turns.
#[derive(Clone)]
pub struct Session {
    state: Arc<Mutex<State>>,
    history: Arc<History>,
}

struct State {
    host: Arc<dyn Host>,
    environment: Environment,
    sources: SourceMap,
    machine: Machine,
    /// The script, or the last line.
    unit: Option<Arc<Unit>>,
    warnings: Problems,
    folders: Folders,
    /// The top-level statements that have run.
    done: BTreeSet<(FileId, u32)>,
    /// How many lines a REPL has taken.
    lines: u32,
    /// Set while a line runs.
    before_line: Option<Box<line::Before>>,
    /// Set once a line has run.
    before_first: Option<Box<line::Before>>,
    /// The script that it was opened with.
    opened: Option<FileId>,
    /// The lines that committed.
    saved: Vec<saved::Entry>,
    /// Kept for its end.
    _journal: Option<journal::Journal>,
    /// The same.
    _trace: Option<Arc<trace::Trace>>,
}

impl Session {
    fn new(state: State, history: Arc<History>) -> Session {
        Session {
            state: Arc::new(Mutex::new(state)),
            history,
        }
    }

    fn turn<T, F>(&self, work: impl FnOnce(OwnedMutexGuard<State>) -> F + Send + 'static) -> Outcome<T>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
        T: Send + 'static,
    {
        let state = self.state.clone();
        Box::pin(async move { work(state.lock_owned().await).await })
    }

    /// Runs the script from top to bottom, then its `main` with these arguments, if it has one.
    pub fn run(&self, arguments: impl Into<Vec<(EcoString, Value)>>) -> Outcome<Value> {
        let arguments = arguments.into();
        self.turn(|mut state| async move { state.run_whole(arguments).await })
    }

    /// Runs the script from top to bottom, without its `main`: what a REPL begins with.
    pub fn start(&self) -> Outcome<()> {
        self.turn(|mut state| async move {
            let Some(unit) = state.unit.clone() else { return Ok(()) };
            state
                .prepare(plan::Roots::whole(&unit), plan::Own::Later, &unit)
                .await?;
            state.run_unit(&unit).await.map(|_| ())
        })
    }

    /// Calls a function, module or program of the script by its name, with named arguments. What its file has at the
    /// top level runs as far as it is needed, once.
    ///
    /// ```
    /// use dsp::host::fake::FakeHost;
    /// use dsp::session::{Builder, Script};
    /// use dsp::value::Value;
    ///
    /// let text = r#"
    ///     let limit = int(read_text("limit.txt"))
    ///     fn clipped(n: int, least: int = 0) -> int { max(least, min(n, limit)) }
    /// "#;
    /// let host = FakeHost::new();
    /// host.put("/work/limit.txt", "10");
    /// let session = Builder::new(host.host()).open(Script::new("s.dsp", text, "/work"))?;
    /// for (n, clipped) in [(7, 7), (70, 10), (-7, 0)] {
    ///     let found = host.block_on(session.call("clipped", [("n".into(), Value::Int(n))]))?;
    ///     assert_eq!(found, Value::Int(clipped));
    /// }
    /// # Ok::<(), dsp::session::Failure>(())
    /// ```
    pub fn call(&self, name: &str, arguments: impl Into<Vec<(EcoString, Value)>>) -> Outcome<Value> {
        let (name, arguments) = (name.to_owned(), arguments.into());
        self.turn(|mut state| async move {
            let callee = state.named(&name).await?;
            state.call(callee, arguments).await
        })
    }

    /// The messages that the first calls of a program would send; sends nothing. The name is a `let`, a module, or a
    /// path in one: `router.classify`.
    pub fn prompt(&self, path: &str, inputs: impl Into<Vec<(EcoString, Value)>>) -> Outcome<Vec<Captured>> {
        let (path, inputs) = (path.to_owned(), inputs.into());
        self.turn(|mut state| async move {
            let before = state.begin_dry_run();
            let outcome = match state.program(&path).await {
                Ok(program) => state.call(program, inputs).await,
                Err(failure) => Err(failure),
            };
            match (outcome, state.end_dry_run(before)) {
                (Err(failure), captured) if captured.is_empty() => Err(failure),
                (_, captured) => Ok(captured),
            }
        })
    }

    /// The names of the script's `test` blocks.
    pub fn tests(&self) -> Outcome<Vec<EcoString>> {
        self.turn(|state| async move { Ok(state.script()?.tests.iter().map(|test| test.name.clone()).collect()) })
    }

    /// Runs one `test` block by its place in `tests`.
    pub fn test(&self, index: usize) -> Outcome<()> {
        self.turn(move |mut state| async move {
            let unit = state.script()?;
            let Some(test) = unit.tests.get(index) else {
                return Err(state.fault(Fault::new(FaultKind::Key, format!("there is no test number {index}"))));
            };
            state
                .prepare(plan::Roots::function(test.function), plan::Own::Needed, &unit)
                .await?;
            let body = plan::function(test.function, &state.environment.program);
            state.call(body, Vec::new()).await.map(|_| ())
        })
    }

    /// What the calls of models use, to be asked while the session runs.
    pub fn account(&self) -> Account {
        Account {
            history: self.history.clone(),
        }
    }
}

/// What the calls of models have used so far. Answers at once, whatever runs.
#[derive(Clone)]
pub struct Account {
    history: Arc<History>,
}

impl Account {
    /// Calls, tokens and cost so far.
    pub fn usage(&self) -> Usage {
        self.history.usage()
    }

    /// The last `n` calls that were answered, oldest first.
    pub fn calls(&self, n: usize) -> Vec<Call> {
        self.history.last(n)
    }

    /// What was spent so far, as a line for people; empty if nothing was. The model that is built in costs nothing.
    pub fn spent(&self) -> String {
        let usage = self.usage();
        let tokens = |usage: &ModelUsage| usage.prompt_tokens + usage.completion_tokens;
        let paid = |(name, usage): (&String, &ModelUsage)| !name.starts_with(LOCAL) && tokens(usage) > 0;
        let total = usage.total;
        if total.cost <= 0.0 && !usage.by_model.iter().any(paid) {
            return String::new();
        }
        let calls = if total.calls == 1 { "call" } else { "calls" };
        let mut text = format!("{} {calls}", total.calls);
        if total.cached > 0 {
            text += &format!(" ({} from the cache)", total.cached);
        }
        text += &format!(", {} + {} tokens", total.prompt_tokens, total.completion_tokens);
        if total.estimated > 0 {
            text += " (estimated)";
        }
        if total.cost > 0.0 {
            text += &format!(", ${}", dollars(total.cost));
        }
        text
    }

    /// What was done so far, for someone who stops the run.
    pub fn interrupted(&self) -> String {
        let usage = self.usage().total;
        match usage.calls {
            0 => "interrupted: no call of a model was answered yet".to_owned(),
            n => format!(
                "interrupted: {n} calls were answered ({} from the cache), and the cache keeps them",
                usage.cached
            ),
        }
    }
}

/// To the cent, and below a cent to two digits.
fn dollars(cost: f64) -> String {
    let digits = if cost >= 0.01 { 2.0 } else { 1.0 - cost.log10().floor() };
    format!("{cost:.*}", digits.clamp(2.0, 12.0) as usize)
}

impl State {
    fn script(&self) -> Result<Arc<Unit>, Failure> {
        let empty = || self.fault(Fault::new(FaultKind::State, "this session has no script yet"));
        self.unit.clone().ok_or_else(empty)
    }

    /// Gives the machine the program as it was checked last.
    fn load(&mut self) {
        let mut program = self.environment.program.clone();
        program.sources = self.sources.clone();
        self.machine.load(Arc::new(program));
    }

    fn fault(&self, fault: Fault) -> Failure {
        self.raised(Arc::new(Raised::bare(fault)))
    }

    fn raised(&self, raised: Arc<Raised>) -> Failure {
        Failure::raised(raised, self.sources.clone())
    }

    /// Runs what the roots need of all files but has not run yet; of the script, also its `configure`.
    async fn prepare(&mut self, roots: plan::Roots, own: plan::Own, script: &Unit) -> Result<(), Failure> {
        let plan = plan::needed(&self.environment, roots, own, script.file);
        for (unit, statements) in plan {
            let is_fresh = |statement: &u32| !self.done.contains(&(unit.file, *statement));
            let fresh: Vec<u32> = statements.into_iter().filter(is_fresh).collect();
            if !fresh.is_empty() {
                let run = self.machine.run(&unit, Some(&fresh)).await;
                run.map_err(|raised| self.raised(raised))?;
                self.done
                    .extend(fresh.into_iter().map(|statement| (unit.file, statement)));
            }
        }
        Ok(())
    }

    async fn run_whole(&mut self, arguments: Vec<(EcoString, Value)>) -> Result<Value, Failure> {
        let unit = self.script()?;
        self.prepare(plan::Roots::whole(&unit), plan::Own::Later, &unit).await?;
        self.run_unit(&unit).await?;
        match unit.main {
            Some(main) => {
                let main = plan::function(main, &self.environment.program);
                self.call(main, arguments).await
            }
            None => Ok(Value::None),
        }
    }

    async fn run_unit(&mut self, unit: &Unit) -> Result<Value, Failure> {
        let run = self.machine.run(unit, None).await;
        let value = run.map_err(|raised| self.raised(raised))?;
        let statements = 0..u32::try_from(unit.stmts.len()).unwrap_or(u32::MAX);
        self.done.extend(statements.map(|statement| (unit.file, statement)));
        Ok(value)
    }

    async fn call(&mut self, callee: Value, mut named: Vec<(EcoString, Value)>) -> Result<Value, Failure> {
        self.fill_left_out(&callee, &mut named);
        let called = self.machine.call(callee, Vec::new(), named).await;
        called.map_err(|raised| self.raised(raised))
    }

    /// The value of a top-level name, everything it needs having run.
    async fn named(&mut self, name: &str) -> Result<Value, Failure> {
        let unit = self.script()?;
        let Some((_, definition)) = unit.names.iter().find(|(known, _)| known == name) else {
            let mut fault = Fault::new(FaultKind::Key, format!("the script has no top-level name `{name}`"));
            if let Some(near) = nearest(name, unit.names.iter().map(|(known, _)| known.as_str())) {
                fault = fault.help(format!("did you mean `{near}`?"));
            }
            return Err(Failure::load(fault));
        };
        self.prepare(
            plan::Roots::definition(*definition, &self.environment.program),
            plan::Own::Needed,
            &unit,
        )
        .await?;
        Ok(plan::value_of(*definition, &self.environment.program, &self.machine))
    }
}
