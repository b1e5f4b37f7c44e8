//! Scripts on a fake host whose model answers after a while.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use dsp::builtins;
use dsp::check::{Environment, Files, Kind, Natives};
use dsp::host::Host;
use dsp::host::fake::{self, FakeHost};
use dsp::lm::{Client, ClientOptions};
use dsp::source::{FileId, SourceFile, SourceMap};
use dsp::trace::History;
use dsp::value::{Raised, Type, Value};
use dsp::vm::{DefaultLm, Limits, Machine, MachineParts};

/// What a script came to.
pub struct Ran {
    pub outcome: Result<Value, Arc<Raised>>,
    pub out: String,
    /// Virtual milliseconds.
    pub time: u128,
    pub sources: SourceMap,
}

impl Ran {
    pub fn error(&self) -> (String, String) {
        match &self.outcome {
            Err(raised) => (raised.fault.kind.name().to_owned(), raised.fault.message.clone()),
            Ok(value) => panic!("no error but {value:?}; printed {}", self.out),
        }
    }
}

struct NoFiles;

impl Files for NoFiles {
    fn import(&mut self, _: &SourceFile, path: &str) -> Result<(String, Arc<str>), String> {
        Err(format!("there is no `{path}`"))
    }

    fn rows(&mut self, _: &SourceFile, path: &str) -> Result<Type, String> {
        Err(format!("there is no `{path}`"))
    }
}

/// A machine with a checked script.
pub fn machine(host: &FakeHost, text: &str, limits: Limits) -> (Machine, Arc<dsp::hir::Unit>, SourceMap) {
    let registry = Arc::new(builtins::registry());
    let reach = registry.clone();
    let natives = Natives {
        reach: Arc::new(move |name| reach.reach(name)),
        types: builtins::TYPES.to_vec(),
    };
    let mut environment = Environment::new(builtins::LIBRARY, natives);
    let mut sources = SourceMap::default();
    let file = sources.add("script.dsp", text);
    let (unit, problems) = environment.check(&mut sources, file, Kind::Script, &mut NoFiles);
    let Some(unit) = unit else {
        let problems: Vec<String> = problems
            .sorted()
            .iter()
            .map(|p| format!("{} {:?}", p.message, p.labels))
            .collect();
        panic!("the script does not check:\n{}\n{text}", problems.join("\n"));
    };
    let client = Client::new(
        host.host(),
        ClientOptions {
            cache: false,
            ..ClientOptions::default()
        },
    );
    let mut machine = Machine::new(MachineParts {
        host: host.host(),
        client,
        retrievers: Default::default(),
        history: Arc::new(History::default()),
        registry,
        lm: DefaultLm {
            value: Value::str("openai/fake"),
            forced: false,
        },
        args: Arc::from([]),
        limits,
        sandbox: None,
    });
    for id in 0..sources.len() {
        machine.set_folder(FileId(id as u32), Arc::new(PathBuf::from("/work")));
    }
    machine.load(Arc::new(environment.program.clone()));
    (machine, unit, sources)
}

/// Runs a script. The model's answers come from `latency`: of the inputs' text, after so many milliseconds. The answer
/// to the input `x` is the field `answer` with `x!`; `bad…` is answered with what nobody can read.
pub fn run(text: &str) -> Ran {
    run_with(text, |_| 100)
}

pub fn run_with(text: &str, latency: impl Fn(&str) -> u64 + Send + Sync + 'static) -> Ran {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "test");
    host.answer(move |request| {
        let asked = fake::last_user_message(request);
        let input = input_of(&asked);
        let reply = match input.starts_with("bad") {
            true => "no idea".to_owned(),
            false => format!("[[ ## answer ## ]]\n{input}!\n\n[[ ## completed ## ]]"),
        };
        (Duration::from_millis(latency(&input)), fake::openai_reply(&reply))
    });
    run_on(host, text, Limits::default())
}

pub fn run_on(host: FakeHost, text: &str, limits: Limits) -> Ran {
    let (mut machine, unit, sources) = machine(&host, text, limits);
    let start = host.elapsed();
    let outcome = host.block_on(machine.run(&unit, None));
    let time = (host.elapsed() - start).as_millis();
    Ran {
        outcome,
        out: host.stdout(),
        time,
        sources,
    }
}

/// What stands under the input's header.
fn input_of(asked: &str) -> String {
    let mut lines = asked.lines().skip_while(|line| !line.starts_with("[[ ## ")).skip(1);
    lines.next().unwrap_or_default().to_owned()
}

/// What a script prints, which must come to its end.
pub fn printed(text: &str) -> String {
    let ran = run(text);
    if let Err(raised) = &ran.outcome {
        let place = raised.span.map(|span| ran.sources.text(span).to_owned());
        panic!("{} at {place:?} after {:?}\n{text}", raised.fault.message, ran.out);
    }
    ran.out
}
