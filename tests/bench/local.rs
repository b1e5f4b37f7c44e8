//! The local model: reading a prompt and writing an answer beside llama.cpp, sharing the beginning of prompts, loading. A section runs for the default model, and for each file in the folder that `DSP_TEST_MODELS` names.
//! llama.cpp takes part where `DSP_BENCH_LLAMA_CPP` names a Python that has `xllamacpp`. All figures are of one thread, and
//! each part is a process of its own, so that its memory is its own, too.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use dsp::chat::{Message, Mode, Reply, Request, Role};
use dsp::host::{Host, Permissions, RealHost};
use dsp::lm::local::{Local, weights};

use crate::measure::{Table, least, own_cpu};

/// As the first argument it makes the benchmark one part of a measurement: `local-part NAME MODEL`.
pub const PART: &str = "local-part";
/// How often a model is loaded.
const LOADS: usize = 5;
/// Rows that share a beginning.
const SHARING: usize = 100;

pub fn measured(table: &mut Table) {
    let host: Arc<dyn Host> = Arc::new(RealHost::new(Permissions::default()));
    let mut models = Vec::new();
    if weights::is_present(host.as_ref()) {
        let path = weights::path(host.as_ref()).expect("a cache folder");
        models.push(("local".to_owned(), path));
    }
    let folder = std::env::var_os("DSP_TEST_MODELS");
    for entry in folder
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .flatten()
    {
        let path = entry.path();
        if path.extension().is_some_and(|end| end == "gguf") {
            models.push((format!("local/{}", path.display()), path));
        }
    }
    models.sort();
    for (model, path) in models {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let size = std::fs::metadata(&path).map_or(0, |data| data.len()) as f64 / 1e6;
        let loaded: Vec<Vec<f64>> = (0..LOADS).map(|_| part("load", &model)).collect();
        let (times, peaks): (Vec<f64>, Vec<f64>) = loaded.iter().map(|figures| (figures[0], figures[1])).unzip();
        table.figure(&format!("{name}: loading, least CPU"), least(&times), 3.0, "s", LOADS);
        table.figure(
            &format!("{name}: peak memory, beside 8 times the file"),
            peaks.into_iter().fold(0.0, f64::max),
            8.0 * size,
            "MB",
            LOADS,
        );
        let reading = part("read", &model);
        let writing = part("write", &model);
        if let Some((read, written)) = llama_cpp(&path) {
            table.compare(
                &format!("{name}: reading a token, beside llama.cpp, least CPU"),
                least,
                &reading,
                &read,
                1.0,
            );
            table.compare(
                &format!("{name}: writing a token, beside llama.cpp, least CPU"),
                least,
                &writing,
                &written,
                2.0,
            );
        }
        if model == "local" {
            let (shared, apart) = (part("shared", &model), part("apart", &model));
            let what = format!("{name}: a row of {SHARING} that share 1,500 tokens, beside one that shares none, CPU");
            table.compare(&what, least, &shared, &apart, 0.33);
        }
    }
}

/// Runs one part in a process of its own; the numbers that it prints.
fn part(name: &str, model: &str) -> Vec<f64> {
    let this = std::env::current_exe().expect("the benchmark's own path");
    numbers(Command::new(this).args([PART, name, model])).expect("the part measures")
}

fn numbers(command: &mut Command) -> Option<Vec<f64>> {
    let output = command.output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let numbers = said
        .split_whitespace()
        .map(|number| number.parse().ok())
        .collect::<Option<Vec<f64>>>();
    numbers.filter(|numbers| output.status.success() && !numbers.is_empty())
}

/// Seconds of CPU that llama.cpp takes to read and to write a token.
fn llama_cpp(model: &Path) -> Option<(Vec<f64>, Vec<f64>)> {
    let python = std::env::var_os("DSP_BENCH_LLAMA_CPP")?;
    let script = format!("{}/tests/bench/llama_cpp.py", env!("CARGO_MANIFEST_DIR"));
    let measured = |what: &str| numbers(Command::new(&python).args([&script, what]).arg(model));
    Some((measured("read")?, measured("write")?))
}

/// The child's side.
pub fn run_part(arguments: &[String]) {
    let [name, model] = arguments else {
        panic!("{PART} NAME MODEL")
    };
    let figures = match name.as_str() {
        "load" => {
            let mut asker = None;
            let first = own_cpu(|| asker = Some(Asker::new(model)));
            let peak = peak();
            // Loading is what the first answer took more than a like one after it.
            let again = own_cpu(|| drop(asker.map(|asker| asker.ask("y", 1))));
            vec![first - again, peak]
        }
        "read" => read(model),
        "write" => write(model),
        "shared" => vec![shared(model)],
        _ => apart(model),
    };
    let figures: Vec<String> = figures.iter().map(f64::to_string).collect();
    println!("{}", figures.join(" "));
}

/// A loaded model.
struct Asker {
    local: Local,
    runtime: tokio::runtime::Runtime,
    model: String,
}

impl Asker {
    fn new(model: &str) -> Asker {
        let asker = Asker {
            local: Local::new(Arc::new(RealHost::new(Permissions::all()))),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            model: model.to_owned(),
        };
        asker.ask("x", 1);
        asker
    }

    fn ask(&self, text: &str, limit: u32) -> Reply {
        let request = Request {
            mode: Mode::Completion,
            max_tokens: Some(limit),
            ..Request::new(self.model.as_str(), vec![Message::new(Role::User, text)])
        };
        self.runtime
            .block_on(self.local.complete(request))
            .expect("the model answers")
    }
}

/// A text of about so many words, which begins with a word of its own.
pub fn text(own: usize, words: usize) -> String {
    const WORDS: [&str; 12] = [
        "river", "stone", "walks", "under", "the", "bright", "window", "and", "seven", "letters", "travel", "home",
    ];
    let words = (0..words).map(|index| WORDS[(index * 5 + index / 12 + own) % 12]);
    format!("{own}: {}", words.collect::<Vec<_>>().join(" "))
}

fn read(model: &str) -> Vec<f64> {
    let asker = Asker::new(model);
    let each = (0..5).map(|run| {
        let mut tokens = 0;
        let cpu = own_cpu(|| tokens = asker.ask(&text(run, 500), 1).usage.prompt_tokens);
        cpu / tokens as f64
    });
    each.collect()
}

fn write(model: &str) -> Vec<f64> {
    let asker = Asker::new(model);
    let prompt = text(0, 500);
    asker.ask(&prompt, 1);
    let each = (0..5).map(|run| {
        let (mut short, mut long) = (0, 0);
        let before = own_cpu(|| short = asker.ask(&prompt, 1).usage.completion_tokens);
        let cpu = own_cpu(|| long = asker.ask(&prompt, 40 + run).usage.completion_tokens);
        (cpu - before) / (long - short) as f64
    });
    each.collect()
}

/// CPU of one of the rows that share a beginning, their first reading of it included.
fn shared(model: &str) -> f64 {
    let asker = Asker::new(model);
    let beginning = text(0, 1_480);
    let cpu = own_cpu(|| {
        for row in 0..SHARING {
            asker.ask(&format!("{beginning}\n\n{}", text(row, 20)), 1);
        }
    });
    cpu / SHARING as f64
}

/// CPU of a row of the same length that shares nothing.
fn apart(model: &str) -> Vec<f64> {
    let asker = Asker::new(model);
    let each = (1..4).map(|row| own_cpu(|| drop(asker.ask(&format!("{}\n\n{}", text(row, 1_480), text(row, 20)), 1))));
    each.collect()
}

/// The largest memory of this process so far, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or(f64::NAN) / 1024.0
}
