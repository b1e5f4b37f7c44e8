//! The states of the library's modules: dsp loads those that DSPy saved, and the real DSPy loads those of dsp.
//!
//! `DSP_TEST_DSPY=1` runs `tests/dspy_modules.py` and `tests/dspy_optimizers.py` with DSPy in a fresh environment (or that
//! of `DSP_DSPY_PYTHON`); with `DSP_RECORD=1` too, what DSPy saves is recorded in `tests/dspy/modules/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use dsp::host::fake::FakeHost;
use dsp::session::{Builder, Script};

/// Each module as `dspy_modules.py` makes it.
const MODULES: &[(&str, &str)] = &[
    ("Predict", "Predict(qa)"),
    ("ChainOfThought", "ChainOfThought(qa)"),
    ("ReAct", "ReAct(qa, [add])"),
    ("ProgramOfThought", "ProgramOfThought(qa)"),
    ("CodeAct", "CodeAct(qa, [add])"),
    ("MultiChainComparison", "MultiChainComparison(qa)"),
    ("BestOfN", "BestOfN(ChainOfThought(qa), 2, |args, p| 1.0, 1.0)"),
    ("Refine", "Refine(ChainOfThought(qa), 2, |args, p| 1.0, 1.0)"),
    ("Ensemble", "Ensemble([ChainOfThought(qa), Predict(qa)], majority)"),
    ("KNNFewShot", "nearby(ChainOfThought(qa))"),
    ("KNNFewShotPredict", "nearby(Predict(qa))"),
    ("Nested", "Nested()"),
    ("SemanticF1", "SemanticF1(decompositional: true)"),
    ("CompleteAndGrounded", "CompleteAndGrounded()"),
];

/// What is done to a module before it is saved.
struct Change {
    /// The end of the file's name.
    end: &'static str,
    function: &'static str,
    takes: fn(&str) -> bool,
}

const CHANGES: &[Change] = &[
    Change {
        end: "",
        function: "changed",
        takes: |_| true,
    },
    Change {
        end: ".compiled",
        function: "labelled",
        takes: |name| !name.starts_with("KNN") && !["SemanticF1", "CompleteAndGrounded"].contains(&name),
    },
    Change {
        end: ".bootstrapped",
        function: "bootstrapped",
        takes: |name| ["Predict", "ChainOfThought", "Nested"].contains(&name),
    },
];

/// Each module with each change that it takes: the file, the module, the function that changes it.
fn cases() -> impl Iterator<Item = (String, &'static str, &'static str)> {
    MODULES.iter().flat_map(|(name, made)| {
        let taken = CHANGES.iter().filter(|change| (change.takes)(name));
        taken.map(move |change| (format!("{name}{}.json", change.end), *made, change.function))
    })
}

const HEAD: &str = r#"
signature qa { question: str -> answer: str }
fn add(a: int, b: int = 2) -> int { a + b }
let rows = [{question: f"q{i}", answer: f"a{i}"} for i in 0..6]
let attempts = [{...row, completions: [{reasoning: "r", answer: f"a{j}"} for j in 0..3]} for row in rows]
fn nearby(program: any) -> any {
  compile(program, rows, |row, p| true, KNNFewShot(2, |texts| [[float(len(text))] for text in texts]))
}
module Inner() {
  steps = [ChainOfThought(qa), Predict(qa)]
  last = ReAct(qa, [add])
  forward(question: str) { steps[0](question) }
}
module Nested() {
  first = Predict(qa)
  hops = [ChainOfThought(qa), Predict(qa)]
  kinds = {"a": ChainOfThought(qa), "b c": Predict(qa)}
  inner = Inner()
  several = [Inner(), Inner()]
  forward(question: str) { first(question) }
}
fn changed(program: any) -> any {
  var made: any = program
  for predictor in predictors(program) {
    var demo: dict[str, any] = {"augmented": true}
    demo[predictor.signature.inputs[0].name] = "x é"
    made = with_demos(with_instructions(made, predictor.path, f"Do {predictor.path}.\nWell."), predictor.path, [demo])
  }
  made
}
fn labelled(program: any) -> any {
  let compares = "rationale" in [field.name for field in predictors(program)[0].signature.outputs]
  compile(program, if compares { attempts } else { rows }, optimizer: LabeledFewShot(k: 3))
}
fn bootstrapped(program: any) -> any {
  let said = DummyLM([{reasoning: f"because {i}", answer: f"a{i}"} for i in 0..6])
  let search = BootstrapFewShot(max_bootstrapped_demos: 2, max_labeled_demos: 4)
  with (lm: said) { compile(program, rows, |row, p| row.answer == p.answer, search) }
}
# Where nothing changed the instructions they are each library's own.
fn told(program: any, with_texts: bool) -> list[any] {
  [[p.path, if with_texts { p.signature.instructions } else { "" }, json(p.demos)] for p in predictors(program)]
}
"#;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dspy/modules")
}

fn run(host: &FakeHost, text: &str) -> String {
    let script = Script::new("s.dsp", format!("{HEAD}{text}"), "/work");
    let session = Builder::new(host.host()).open(script);
    let session = session.unwrap_or_else(|failure| panic!("{}", failure.render(false)));
    let ran = host.block_on(session.run(Vec::new()));
    ran.unwrap_or_else(|failure| panic!("{}", failure.render(false)));
    host.stdout()
}

#[test]
fn every_module_loads_what_dspy_saved_of_it() {
    for (file, made, change) in cases() {
        let host = FakeHost::new();
        host.put("/work/s.json", std::fs::read_to_string(folder().join(&file)).unwrap());
        let texts = change == "changed";
        let text = format!(
            "let there = told(load({made}, \"s.json\"), {texts})\nlet here = told({change}({made}), {texts})\n"
        );
        let out = run(
            &host,
            &format!("{text}print(if there == here {{ \"the same\" }} else {{ [there, here] }})\n"),
        );
        assert_eq!(out, "the same\n", "{file}");
    }
}

#[test]
fn the_real_dspy_loads_what_every_module_saves() {
    if std::env::var_os("DSP_TEST_DSPY").is_none() {
        println!("skipped: DSP_TEST_DSPY is not set");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let python = python_with_dspy(scratch.path());
    for (file, made, change) in cases() {
        let host = FakeHost::new();
        run(&host, &format!("save({change}({made}), \"s.json\")\n"));
        std::fs::write(scratch.path().join(file), host.text("/work/s.json").unwrap()).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dspy_modules.py");
    let out = match std::env::var_os("DSP_RECORD") {
        Some(_) => folder(),
        None => scratch.path().join("out"),
    };
    let saved = scratch.path().to_str().unwrap();
    run_program(&python, &[script.to_str().unwrap(), saved, out.to_str().unwrap()]);
}

#[test]
fn searches_go_as_those_of_the_real_dspy() {
    if std::env::var_os("DSP_TEST_DSPY").is_none() {
        println!("skipped: DSP_TEST_DSPY is not set");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let python = python_with_dspy(scratch.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dspy_optimizers.py");
    let arguments = [script.to_str().unwrap(), env!("CARGO_BIN_EXE_dsp"), "1", "45"];
    run_program(&python, &arguments);
}

/// A Python that has DSPy: that of `DSP_DSPY_PYTHON`, or one that is set up here.
pub fn python_with_dspy(folder: &Path) -> PathBuf {
    if let Some(python) = std::env::var_os("DSP_DSPY_PYTHON") {
        return PathBuf::from(python);
    }
    let venv = folder.join("venv");
    run_program(Path::new("python3"), &["-m", "venv", venv.to_str().unwrap()]);
    run_program(&venv.join("bin/pip"), &["install", "-q", "dspy==3.4.1"]);
    venv.join("bin/python")
}

fn run_program(program: &Path, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(status.success(), "{} {arguments:?}", program.display());
}
