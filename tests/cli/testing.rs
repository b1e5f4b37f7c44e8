//! `dsp test`: on this repository's own scripts and examples, and its report.

use std::process::Command;

use super::sandbox::{Sandbox, finish};

/// The scripts of the language and the examples, as their readers find them.
#[test]
fn the_scripts_and_examples_are_golden() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dsp"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["test", "tests/scripts", "examples"])
        .env_remove("DSP_LM");
    let ran = finish(&mut command);
    assert_eq!(ran.code, 0, "\n{}\n{}", ran.out, ran.err);
    print!("{}", ran.out);
}

#[test]
fn a_golden_that_differs_fails_with_a_diff_and_update_takes_it_over() {
    let sandbox = Sandbox::with("print(\"new\")\nprint(\"same\")");
    sandbox.put("s.golden", "old\nsame\n");
    let ran = sandbox.run(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("FAILED s.dsp: golden\n"), "{}", ran.out);
    assert!(ran.out.contains("- old\n+ new\n  same\n"), "{}", ran.out);
    assert!(sandbox.run(&["test", "--color", "always"]).out.contains("\u{1b}[31"));

    assert_eq!(sandbox.run(&["test", "--update"]).code, 0);
    assert_eq!(sandbox.text("s.golden"), "new\nsame\n");
    sandbox
        .run(&["test", "s.dsp"])
        .prints("ok s.dsp: golden\n\n1 passed, 0 failed\n");
}

#[test]
fn a_new_script_gets_its_first_golden_by_update() {
    let sandbox = Sandbox::with("print(1)");
    sandbox.run(&["test"]).prints("no test found\n");
    assert_eq!(sandbox.run(&["test", "--update", "s.dsp"]).code, 0);
    assert_eq!(sandbox.text("s.golden"), "1\n");
}

#[test]
fn comments_set_arguments_and_the_exit_code_and_stderr_has_a_golden_too() {
    let sandbox = Sandbox::with("# args: --n 3\n# exit: 1\nfn main(n: int) { debug(n)\nfail(\"no\") }");
    sandbox.put("s.golden", "");
    assert_eq!(sandbox.run(&["test"]).code, 0);
    sandbox.put("s.err.golden", "");
    let ran = sandbox.run(&["test"]);
    assert!(
        ran.out.contains("err.golden (-)") && ran.out.contains("+ 3"),
        "{}",
        ran.out
    );
    assert_eq!(sandbox.run(&["test", "--update"]).code, 0);
    assert_eq!(sandbox.run(&["test"]).code, 0);
    sandbox.put("s.dsp", "# args: --n 3\nfn main(n: int) { fail(\"no\") }");
    assert!(sandbox.run(&["test"]).out.contains("the exit code is 1, not 0"));
}

#[test]
fn a_block_fails_by_an_uncaught_error_and_shows_its_prints_then() {
    let sandbox = Sandbox::with(
        "test \"good\" { print(\"quiet\") }\ntest \"bad\" { print(\"loud\")\nassert 1 == 2 }\nprint(\"top level\")",
    );
    let ran = sandbox.run(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.starts_with("ok s.dsp: good\nFAILED s.dsp: bad\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("1 == 2") && ran.out.contains("loud"), "{}", ran.out);
    assert!(
        !ran.out.contains("quiet") && !ran.out.contains("top level"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("\n1 passed, 1 failed\n"));
}

#[test]
fn a_request_that_was_not_recorded_fails_with_the_nearest_one() {
    let script = |question: &str| {
        format!(
            "configure(lm: LM(\"openai/m\"))\nprint(Predict(\"question -> answer\")(question: \"{question}\").answer)"
        )
    };
    let sandbox = Sandbox::with(&script("how far?"));
    sandbox.put("s.golden", "");
    let ran = sandbox.run(&["test"]);
    assert!(ran.out.contains("not in the recording"), "{}", ran.out);
    assert_eq!(ran.code, 1);
}

#[test]
fn record_asks_the_model_once_and_the_test_then_runs_offline() {
    let server = super::server::Server::saying(
        std::time::Duration::ZERO,
        "[[ ## answer ## ]]\nnear\n\n[[ ## completed ## ]]",
    );
    let sandbox = Sandbox::new();
    let script = |question: &str| {
        format!(
            "configure(lm: LM(\"openai/m\", api_base: \"{}\"))\n\
             print(Predict(\"question -> answer\")(question: \"{question}\").answer)",
            server.base
        )
    };
    sandbox.put("s.dsp", &script("how far?"));
    let ran = sandbox.run(&["test", "--record", "--update", "s.dsp"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_eq!((server.requests(), sandbox.text("s.golden").as_str()), (1, "near\n"));
    assert_eq!(sandbox.run(&["test"]).code, 0);
    assert_eq!(server.requests(), 1, "a test runs offline");
    sandbox.put("s.dsp", &script("how deep?"));
    let ran = sandbox.run(&["test"]);
    assert!(
        ran.out.contains("-how far?") && ran.out.contains("+how deep?"),
        "{}",
        ran.out
    );
    assert_eq!(server.requests(), 1);
}
