//! Saved states: DSPy's files are read and written again without loss, and the real DSPy loads what dsp saves.
//!
//! `DSP_TEST_DSPY=1 cargo test --test conformance` installs DSPy and runs `tests/dspy_roundtrip.py`; with
//! `DSP_RECORD=1` too, its outputs are recorded in `tests/dspy/`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use dsp::artifact::{PredictorState, State};
use dsp::diag::FaultKind;
use dsp::value::{EcoString, Field, LmKind, LmSpec, Predictor, Record, Signature, Type, Value};
use serde_json::{Value as Json, json};

use crate::data::shared;

fn field(name: &str, ty: Type, desc: Option<&str>) -> Field {
    Field {
        desc: desc.map(Into::into),
        ..Field::new(name, ty)
    }
}

fn predictor(instructions: &str, inputs: Vec<Field>, outputs: Vec<Field>) -> Predictor {
    let instructions = match instructions {
        "" => Signature::default_instructions(&inputs, &outputs),
        own => own.into(),
    };
    let signature = Signature {
        name: "S".into(),
        instructions,
        inputs,
        outputs,
    };
    let config = Arc::new(Record::default());
    Predictor {
        signature: Arc::new(signature),
        demos: Default::default(),
        lm: None,
        config,
        calibration: None,
        path: None,
        made: None,
    }
}

/// The predictors of the program in `dspy_roundtrip.py`, before it is compiled.
fn router() -> Vec<(EcoString, Predictor)> {
    let str_field = |name| field(name, Type::Str, None);
    let urgency = Type::union(["low", "high"].map(|s| Type::Literal(dsp::value::Literal::Str(s.into()))));
    let classify = predictor(
        "Sort a ticket.\n\nBe quick.",
        vec![
            field("subject", Type::Str, Some("subject line")),
            field("lines", Type::list(Type::Str), None),
        ],
        vec![str_field("reasoning"), field("urgency", urgency, Some("how soon"))],
    );
    let hop = predictor("", vec![str_field("question")], vec![str_field("query")]);
    let answer = predictor(
        "",
        vec![str_field("question"), str_field("query")],
        vec![str_field("answer")],
    );
    let sum = predictor(
        "",
        vec![field("numbers", Type::list(Type::Int), None)],
        vec![
            field("total", Type::Int, None),
            field("by_kind", Type::dict(Type::Int), None),
        ],
    );
    let named = [
        ("classify.predict", classify),
        ("hops[0]", hop),
        ("hops[1]", answer),
        ("tools['sum']", sum),
    ];
    named
        .into_iter()
        .map(|(path, predictor)| (path.into(), predictor))
        .collect()
}

fn compiled() -> Vec<(EcoString, Predictor)> {
    let mut router = router();
    let lines = Value::list([Value::str("a"), Value::str("b")]);
    let first = [
        ("augmented", Value::Bool(true)),
        ("subject", Value::str("Aide é")),
        ("lines", lines),
        ("reasoning", Value::str("r")),
        ("urgency", Value::str("high")),
    ];
    let second = [
        ("subject", Value::str("x")),
        ("lines", Value::list([])),
        ("urgency", Value::str("low")),
    ];
    let classify = &mut router[0].1;
    classify.demos = [Value::record(first), Value::record(second)].into_iter().collect();
    Arc::make_mut(&mut classify.signature).instructions = "Sort it.\nTwo lines.".into();
    let options = [("temperature", Value::Float(0.5)), ("max_tokens", Value::Int(100))];
    let options = options.into_iter().map(|(name, value)| (name.into(), value)).collect();
    let lm = LmSpec {
        name: "openai/gpt-4o-mini".into(),
        options,
        kind: LmKind::Provider,
    };
    router[2].1.lm = Some(Value::Lm(Arc::new(lm)));
    let by_kind = Value::dict([("odd", Value::Int(1)), ("even", Value::Int(2))]);
    let numbers = Value::list([Value::Int(1), Value::Int(2)]);
    let demo = [("numbers", numbers), ("total", Value::Int(3)), ("by_kind", by_kind)];
    router[3].1.demos = [Value::record(demo)].into_iter().collect();
    router
}

fn state(predictors: &[(EcoString, Predictor)]) -> State {
    let predictors = predictors
        .iter()
        .map(|(path, predictor)| (path.clone(), PredictorState::of(predictor)));
    let facts = json!({"metric": "accuracy", "seed": 0, "score": 87.5});
    State {
        predictors: predictors.collect(),
        facts: facts.as_object().unwrap().clone(),
    }
}

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dspy").join(name)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn without_metadata(text: &str) -> Json {
    let mut json: Json = serde_json::from_str(text).unwrap();
    json.as_object_mut().unwrap().remove("metadata");
    json
}

/// Loads a state into the uncompiled program.
fn load(text: &str) -> Vec<(EcoString, Predictor)> {
    let state = State::parse(text).unwrap();
    let program = router();
    state
        .check(program.iter().map(|(path, p)| (path.as_str(), &*p.signature)))
        .unwrap();
    let applied = |(path, p): &(EcoString, Predictor)| (path.clone(), state.get(path).unwrap().apply(p));
    program.iter().map(applied).collect()
}

#[test]
fn dspys_saved_states_are_read_and_written_again() {
    for name in [
        "save_format_example.json",
        "save_format_single_predict.json",
        "save_format_cot.json",
    ] {
        let Some(file) = shared(name) else { return };
        let state = State::parse(&file.to_string()).unwrap();
        let written = state.to_text();
        assert_eq!(
            without_metadata(&written),
            without_metadata(&file.to_string()),
            "{name}"
        );
        assert_eq!(State::parse(&written).unwrap(), state, "{name}");
    }
    println!("save_format: 3 of 3 read and written");
}

#[test]
fn a_saved_state_is_laid_out_as_dspy_lays_it_out() {
    let written = state(&compiled()).to_text();
    let dspys = read(&recorded("saved.json"));
    let before_metadata = |text: &str| text[..text.find("  \"metadata\"").unwrap()].to_owned();
    assert_eq!(before_metadata(&written), before_metadata(&dspys));
    assert!(written.ends_with("}\n"));
}

#[test]
fn what_dspy_saved_loads_into_the_same_program() {
    assert_eq!(load(&read(&recorded("saved.json"))), compiled());
    assert_eq!(load(&read(&recorded("reloaded.json"))), compiled());
    assert_eq!(load(&state(&compiled()).to_text()), compiled());
    let single = State::parse(&read(&recorded("single.json"))).unwrap();
    assert_eq!(
        single.get("self").unwrap().demos,
        [json!({"question": "q", "answer": "a"})]
    );
}

#[test]
fn the_real_dspy_loads_what_dsp_saves() {
    if std::env::var_os("DSP_TEST_DSPY").is_none() {
        println!("skipped: DSP_TEST_DSPY is not set; the recorded outputs were compared");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let run = |program: &Path, arguments: &[&str]| {
        let status = Command::new(program).args(arguments).status().unwrap();
        assert!(status.success(), "{} {arguments:?}", program.display());
    };
    let (venv, saved) = (scratch.path().join("venv"), scratch.path().join("dsp.json"));
    run(Path::new("python3"), &["-m", "venv", venv.to_str().unwrap()]);
    run(&venv.join("bin/pip"), &["install", "-q", "dspy==3.4.1"]);
    std::fs::write(&saved, state(&compiled()).to_text()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dspy_roundtrip.py");
    let out = scratch.path().to_str().unwrap();
    run(
        &venv.join("bin/python"),
        &[script.to_str().unwrap(), saved.to_str().unwrap(), out],
    );
    for name in ["saved.json", "reloaded.json", "single.json"] {
        let new = read(&scratch.path().join(name));
        if std::env::var_os("DSP_RECORD").is_some() {
            std::fs::write(recorded(name), &new).unwrap();
        }
        assert_eq!(
            without_metadata(&new),
            without_metadata(&read(&recorded(name))),
            "{name}"
        );
    }
}

#[test]
fn a_state_of_another_program_names_predictor_and_field() {
    let saved = state(&compiled()).to_text();
    let state = State::parse(&saved).unwrap();
    let check = |program: &[(EcoString, Predictor)]| {
        let fault = state
            .check(program.iter().map(|(path, p)| (path.as_str(), &*p.signature)))
            .unwrap_err();
        assert_eq!(fault.kind, FaultKind::State);
        (fault.message, fault.field)
    };
    let mut renamed = router();
    Arc::make_mut(&mut renamed[0].1.signature).inputs[0].name = "title".into();
    let (message, name) = check(&renamed);
    assert_eq!(message, "this state has no field `title` of `classify.predict`");
    assert_eq!(name.as_deref(), Some("title"));
    let mut retyped = router();
    Arc::make_mut(&mut retyped[3].1.signature).outputs[0].ty = Type::Float;
    assert_eq!(
        check(&retyped).0,
        "the field `total` of `tools['sum']` is `float` here and `int` in this state"
    );
    assert_eq!(
        check(&router()[1..]).0,
        "this state is for a predictor `classify.predict` that the program does not have"
    );
    let mut more = router();
    more.push(("extra".into(), router().remove(1).1));
    assert!(
        check(&more)
            .0
            .starts_with("this state has nothing for the predictor `extra`")
    );
}

#[test]
fn dspys_states_are_held_against_the_fields_by_position() {
    let state = State::parse(&read(&recorded("saved.json"))).unwrap();
    let mut shifted = router();
    Arc::make_mut(&mut shifted[2].1.signature).inputs.swap(0, 1);
    let fault = state
        .check(shifted.iter().map(|(path, p)| (path.as_str(), &*p.signature)))
        .unwrap_err();
    assert_eq!(
        fault.message,
        "this state has the field `question` of `hops[1]` where the program has `query`"
    );
}

#[test]
fn what_is_no_state_says_so() {
    for (content, expected) in [
        ("", "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ("{}", "it has no `metadata`"),
        (r#"{"a": 1, "metadata": {}}"#, "`a` has no `signature`"),
        (r#"{"metadata": {"dsp": {"format": 99}}}"#, "format 99"),
    ] {
        let fault = State::parse(content).unwrap_err();
        assert_eq!(fault.kind, FaultKind::State);
        assert!(fault.message.contains(expected), "{content}: {}", fault.message);
        assert!(fault.help.is_some() || content.contains("\"a\""), "{content}");
    }
}
