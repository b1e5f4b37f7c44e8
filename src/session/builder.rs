//! Putting a session together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::apart::Apart;
use super::files::{Folders, Loader};
use super::hosted::{self, Functions};
use super::journal::Journal;
use super::trace::Trace;
use super::{Answers, Failure, Script, Session, State};
use crate::builtins;
use crate::check::{Environment, Kind, Natives};
use crate::diag::{Fault, Problems};
use crate::hir::Unit;
use crate::host::Host;
use crate::lm::local::Local;
use crate::lm::{Client, ClientOptions, LOCAL, Model, Models};
use crate::retrieve::{Retriever, Retrievers};
use crate::source::{FileId, SourceMap};
use crate::trace::History;
use crate::value::Value;
use crate::vm::{DefaultLm, Limits, Machine, MachineParts};

/// What a session is made with.
pub struct Builder {
    host: Arc<dyn Host>,
    lm: Option<String>,
    cache: bool,
    answers: Answers,
    arguments: Vec<String>,
    limits: Limits,
    sandboxed: bool,
    journal: bool,
    stream: bool,
    trace: Option<PathBuf>,
    functions: Functions,
    models: Models,
    retrievers: Retrievers,
}

impl Builder {
    /// A session on this host, with the defaults of everything else.
    pub fn new(host: Arc<dyn Host>) -> Builder {
        Builder {
            host,
            lm: None,
            cache: true,
            answers: Answers::Live,
            arguments: Vec::new(),
            limits: Limits::default(),
            sandboxed: true,
            journal: false,
            stream: false,
            trace: None,
            functions: Functions::default(),
            models: Models::default(),
            retrievers: Retrievers::default(),
        }
    }

    /// The model in place of the one that the script configures: `openai/gpt-4o-mini`. With `None`, the default, the script
    /// decides, then the environment's `DSP_LM`, then the model that is built in.
    pub fn lm(mut self, name: Option<String>) -> Builder {
        self.lm = name;
        self
    }

    /// Whether answers may come from the response cache and go there.
    pub fn cache(mut self, cache: bool) -> Builder {
        self.cache = cache;
        self
    }

    /// Whether the calls go into the history that `dsp history` shows.
    pub fn journal(mut self, journal: bool) -> Builder {
        self.journal = journal;
        self
    }

    /// The file that every call of a model is written to, as one line of JSON.
    pub fn trace(mut self, path: Option<PathBuf>) -> Builder {
        self.trace = path;
        self
    }

    /// Whether what models say is shown on the standard error while they say it.
    pub fn stream(mut self, stream: bool) -> Builder {
        self.stream = stream;
        self
    }

    /// Where answers come from: the models, or a recording.
    pub fn answers(mut self, answers: Answers) -> Builder {
        self.answers = answers;
        self
    }

    /// What `args()` gives the script.
    pub fn arguments(mut self, arguments: Vec<String>) -> Builder {
        self.arguments = arguments;
        self
    }

    /// How much a script may use up: `Limits { steps: 1_000_000, ..Limits::default() }`.
    pub fn limits(mut self, limits: Limits) -> Builder {
        self.limits = limits;
        self
    }

    /// Code that models write is not run.
    pub(super) fn without_sandbox(mut self) -> Builder {
        self.sandboxed = false;
        self
    }

    /// A function of the host's that scripts can call, typed by its declaration: `fn lookup(id: int) -> str`, with a
    /// description below it if you like, and the types that it names above it. It gets its arguments in the declared
    /// order; what it returns is held against the declaration. Calls happen in program order, those of different elements
    /// of a comprehension overlap.
    ///
    /// ```
    /// use dsp::host::fake::FakeHost;
    /// use dsp::session::{Builder, Script};
    /// use dsp::value::Value;
    ///
    /// let host = FakeHost::new();
    /// let builder = Builder::new(host.host()).function("fn lookup(id: int) -> str", |args| async move {
    ///     Ok(Value::str(format!("customer {}", args[0])))
    /// })?;
    /// let session = builder.open(Script::new("s.dsp", "fn main() { lookup(7) }", "/work"))?;
    /// assert_eq!(host.block_on(session.run([]))?, Value::str("customer 7"));
    /// # Ok::<(), dsp::session::Failure>(())
    /// ```
    pub fn function<F, R>(mut self, declaration: &str, function: F) -> Result<Builder, Failure>
    where
        F: Fn(Vec<Value>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Value, Fault>> + Send + 'static,
    {
        self.functions.add(declaration, hosted::body(function))?;
        Ok(self)
    }

    /// A model of the host's that scripts can name: `LM("house")`. An async function from `Request` to `Reply` is one.
    ///
    /// ```
    /// use dsp::host::fake::FakeHost;
    /// use dsp::session::{Builder, Fault, Reply, Request, Script};
    /// use dsp::value::Value;
    ///
    /// async fn house(request: Request) -> Result<Reply, Fault> {
    ///     let question = &request.messages.last().expect("it asks something").content;
    ///     let answer = if question.contains("2 + 2") { "4" } else { "no idea" };
    ///     Ok(Reply::text(format!("[[ ## answer ## ]]\n{answer}")))
    /// }
    ///
    /// let text = r#"
    ///     configure(lm: LM("house"))
    ///     fn main() { Predict("question -> answer: int")("2 + 2?").answer }
    /// "#;
    /// let host = FakeHost::new();
    /// let session = Builder::new(host.host()).model("house", house).open(Script::new("s.dsp", text, "/work"))?;
    /// assert_eq!(host.block_on(session.run([]))?, Value::Int(4));
    /// assert_eq!(session.account().usage().total.calls, 1);
    /// # Ok::<(), dsp::session::Failure>(())
    /// ```
    pub fn model(mut self, name: impl Into<String>, model: impl Model) -> Builder {
        self.models.add(name, model);
        self
    }

    /// A retriever of the host's that scripts can name: `configure(rm: retriever("docs"))`. An async function from a
    /// query and a number to passages is one.
    ///
    /// ```
    /// use dsp::host::fake::FakeHost;
    /// use dsp::session::{Builder, Fault, Passage, Script};
    /// use dsp::value::Value;
    ///
    /// async fn docs(query: String, k: usize) -> Result<Vec<Passage>, Fault> {
    ///     Ok((1..=k).map(|i| Passage::text(format!("{query}, page {i}"))).collect())
    /// }
    ///
    /// let text = "fn main() { join(retrieve(\"lamps\", k: 2, rm: retriever(\"docs\")), \"; \") }";
    /// let host = FakeHost::new();
    /// let session = Builder::new(host.host()).retriever("docs", docs).open(Script::new("s.dsp", text, "/work"))?;
    /// assert_eq!(host.block_on(session.run([]))?, Value::str("lamps, page 1; lamps, page 2"));
    /// # Ok::<(), dsp::session::Failure>(())
    /// ```
    pub fn retriever(mut self, name: impl Into<String>, retriever: impl Retriever) -> Builder {
        self.retrievers.add(name, retriever);
        self
    }

    /// Loads and checks a script. Nothing of it runs yet.
    pub fn open(mut self, script: Script) -> Result<Session, Failure> {
        self.answers = beside(self.answers, &script.folder);
        let (history, trace) = self.history()?;
        let mut state = self.state(history.clone());
        state._trace = trace;
        state.folders.open(state.host.as_ref(), &script.name, script.folder);
        let file = state.sources.add(script.name, script.text);
        state.check(file, Kind::Script)?;
        state.opened = Some(file);
        Ok(Session::new(state, history))
    }

    /// A session without a script, for lines; relative paths start at `folder`.
    pub fn empty(self, folder: PathBuf) -> Session {
        let history = Arc::new(History::default());
        let mut state = self.state(history.clone());
        state.folders.insert(super::line::FOLDER.to_owned(), Arc::new(folder));
        Session::new(state, history)
    }

    /// The calls to come, with whoever is told of them.
    fn history(&self) -> Result<(Arc<History>, Option<Arc<Trace>>), Failure> {
        let Some(path) = &self.trace else {
            return Ok(Default::default());
        };
        let trace = Trace::begin(self.host.clone(), path.clone());
        let trace = Arc::new(trace.map_err(|error| Failure::load(error.into()))?);
        // The history outlives the session where somebody still asks what was spent.
        let told = Arc::downgrade(&trace);
        let history = History::observed(move |event| told.upgrade().iter().for_each(|trace| trace.add(event)));
        Ok((Arc::new(history), Some(trace)))
    }

    fn state(self, history: Arc<History>) -> State {
        let mut registry = builtins::registry();
        registry.extend(&self.functions.natives);
        let registry = Arc::new(registry);
        let options = ClientOptions {
            cache: self.cache,
            source: self.answers,
            models: self.models,
        };
        let client = Client::new(self.host.clone(), options);
        let forced = self.lm.is_some();
        let from_env = || self.host.env("DSP_LM").filter(|name| !name.trim().is_empty());
        let name = self.lm.clone().or_else(from_env).unwrap_or_else(|| LOCAL.to_owned());
        let reach = registry.clone();
        let natives = Natives {
            reach: Arc::new(move |name| reach.reach(name)),
            types: builtins::TYPES.to_vec(),
        };
        let mut machine = Machine::new(MachineParts {
            host: self.host.clone(),
            client,
            retrievers: self.retrievers,
            history: history.clone(),
            registry,
            lm: DefaultLm {
                value: Value::str(name),
                forced,
            },
            args: self.arguments.into(),
            limits: self.limits,
            sandbox: self.sandboxed.then(|| Apart::beside(self.host.clone())),
        });
        if self.stream {
            machine.watch();
        }
        let journal = self.journal.then(|| Journal {
            host: self.host.clone(),
            history: history.clone(),
        });
        let mut environment = Environment::new(builtins::LIBRARY, natives);
        if !self.functions.text.is_empty() {
            environment.add_library(hosted::FILE, &self.functions.text);
        }
        State {
            host: self.host,
            environment,
            sources: SourceMap::default(),
            machine,
            unit: None,
            warnings: Problems::default(),
            folders: Folders::default(),
            done: BTreeSet::new(),
            lines: 0,
            before_line: None,
            before_first: None,
            opened: None,
            saved: Vec::new(),
            _journal: journal,
            _trace: None,
        }
    }
}

/// A recording knows local models whose files lie beside the script by their paths from there.
fn beside(answers: Answers, folder: &Path) -> Answers {
    let known_by = format!("{LOCAL}/");
    let begins = Local::placed(&format!("{known_by}x"), folder);
    let begins = begins.trim_end_matches('x');
    match answers {
        Answers::Live => Answers::Live,
        Answers::Replay(recording) => Answers::Replay(recording.renaming(begins, &known_by)),
        Answers::Record(recording) => Answers::Record(recording.renaming(begins, &known_by)),
    }
}

impl State {
    /// Checks a file that is among the sources with all that it imports.
    pub(super) fn check_alone(&mut self, file: FileId, kind: Kind) -> (Option<Arc<Unit>>, Problems) {
        let mut loader = Loader {
            host: self.host.as_ref(),
            folders: &mut self.folders,
        };
        self.environment.check(&mut self.sources, file, kind, &mut loader)
    }

    /// The same, and gives the result to the machine.
    pub(super) fn check(&mut self, file: FileId, kind: Kind) -> Result<(), Failure> {
        let (unit, problems) = self.check_alone(file, kind);
        let Some(unit) = unit else {
            return Err(Failure::check(problems, self.sources.clone()));
        };
        for id in (0..self.sources.len()).map(|id| FileId(id as u32)) {
            if let Some(folder) = self.folders.get(&self.sources.get(id).name) {
                self.machine.set_folder(id, folder.clone());
            }
        }
        self.load();
        self.unit = Some(unit);
        self.warnings = problems;
        Ok(())
    }
}
