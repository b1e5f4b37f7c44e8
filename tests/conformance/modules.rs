//! The states of the library's modules: dsp loads those that DSPy saved, and the real DSPy loads those of dsp.
//!
//! `DSP_TEST_DSPY=1` runs `tests/dspy_modules.py` with DSPy in a fresh environment (or that of `DSP_DSPY_PYTHON`); with
//! `DSP_RECORD=1` too, what DSPy saves is recorded in `tests/dspy/modules/`.

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
    ("SemanticF1", "SemanticF1(decompositional: true)"),
    ("CompleteAndGrounded", "CompleteAndGrounded()"),
];

const HEAD: &str = r#"
signature qa { question: str -> answer: str }
fn add(a: int, b: int = 2) -> int { a + b }
fn changed(program: any) -> any {
  var made: any = program
  for predictor in predictors(program) {
    var demo: dict[str, any] = {"augmented": true}
    demo[predictor.signature.inputs[0].name] = "x é"
    made = with_demos(with_instructions(made, predictor.path, f"Do {predictor.path}.\nWell."), predictor.path, [demo])
  }
  made
}
fn told(program: any) -> list[any] {
  [[p.path, p.signature.instructions, json(p.demos)] for p in predictors(program)]
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
    for (name, made) in MODULES {
        let host = FakeHost::new();
        let saved = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
        host.put("/work/s.json", saved);
        let out = run(
            &host,
            &format!("print(told(load({made}, \"s.json\")) == told(changed({made})))\n"),
        );
        assert_eq!(out, "true\n", "{name}");
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
    for (name, made) in MODULES {
        let host = FakeHost::new();
        run(&host, &format!("save(changed({made}), \"s.json\")\n"));
        let saved = host.text("/work/s.json").unwrap();
        std::fs::write(scratch.path().join(format!("{name}.json")), saved).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dspy_modules.py");
    let out = match std::env::var_os("DSP_RECORD") {
        Some(_) => folder(),
        None => scratch.path().join("out"),
    };
    let saved = scratch.path().to_str().unwrap();
    run_program(&python, &[script.to_str().unwrap(), saved, out.to_str().unwrap()]);
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
