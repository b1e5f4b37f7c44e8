//! dsp beside the real DSPy on random signatures, demos, inputs and replies.
//!
//! `DSP_TEST_DSPY=1 cargo test --test conformance random_` runs `tests/dspy_differential.py` with DSPy 3.4.1 in a fresh
//! environment (or that of `DSP_DSPY_PYTHON`), for `DSP_TEST_SEED` (1) and `DSP_TEST_CASES` (100). What once differed is
//! recorded in `tests/dspy/differences.json` and is tested every day.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

use crate::{adapters, coerce};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// What differs in some cases, and how many ran.
fn differences(cases: &Json) -> (usize, Vec<String>) {
    let of = |key: &str| cases[key].as_array().unwrap();
    let messages = adapters::run(of("messages"));
    let replies = coerce::run(&of("replies").iter().collect::<Vec<_>>());
    let repaired = coerce::repaired(of("json"));
    println!(
        "differential: {} of {} messages, {} of {} replies, {} of {} JSON ran",
        messages.ran,
        of("messages").len(),
        replies.ran,
        of("replies").len(),
        repaired.ran,
        of("json").len()
    );
    let ran = messages.ran + replies.ran + repaired.ran;
    (ran, [messages.wrong, replies.wrong, repaired.wrong].concat())
}

#[test]
fn what_once_differed_from_dspy_is_the_same() {
    let text = std::fs::read_to_string(folder().join("dspy/differences.json")).unwrap();
    let (ran, wrong) = differences(&serde_json::from_str(&text).unwrap());
    assert!(ran > 0 && wrong.is_empty(), "{ran} ran\n{}", wrong.join("\n"));
}

#[test]
fn random_cases_are_the_same_as_in_the_real_dspy() {
    if std::env::var_os("DSP_TEST_DSPY").is_none() {
        println!("skipped: DSP_TEST_DSPY is not set; recorded differences were compared");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let python = crate::modules::python_with_dspy(scratch.path());
    let setting = |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.to_owned());
    let made = Command::new(python)
        .arg(folder().join("dspy_differential.py"))
        .args([setting("DSP_TEST_SEED", "1"), setting("DSP_TEST_CASES", "100")])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (ran, wrong) = differences(&serde_json::from_slice(&made.stdout).unwrap());
    assert!(
        ran > 0 && wrong.is_empty(),
        "{} of {ran} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
