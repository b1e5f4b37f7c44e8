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
    let none = sandbox.run(&["test"]);
    assert_eq!((none.code, none.out.as_str()), (0, "no test found\n"));
    assert!(none.err.contains("`dsp test --update FILE`"), "{}", none.err);
    assert_eq!(sandbox.run(&["test", "--update", "s.dsp"]).code, 0);
    assert_eq!(sandbox.text("s.golden"), "1\n");
}

#[test]
fn update_says_that_a_script_with_blocks_alone_gets_no_golden() {
    let sandbox = Sandbox::with("test \"adds\" { assert 1 + 1 == 2 }\nprint(3)");
    let ran = sandbox.run(&["test", "--update", "s.dsp"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("s.dsp: no golden was written"), "{}", ran.out);
    assert!(ran.out.contains("make an empty `s.golden`"), "{}", ran.out);
    assert!(!sandbox.run(&["test", "--update"]).out.contains("no golden"));
    sandbox.put("s.golden", "");
    assert_eq!(sandbox.run(&["test", "--update", "s.dsp"]).code, 0);
    assert_eq!(sandbox.text("s.golden"), "3\n");
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
    // What a run printed that failed is no golden.
    sandbox.put("s.golden", "kept\n");
    let ran = sandbox.run(&["test", "--update"]);
    assert!(
        ran.out.contains("no golden was written; `# exit: 1` at the top"),
        "{}",
        ran.out
    );
    assert_eq!((ran.code, sandbox.text("s.golden").as_str()), (1, "kept\n"));
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
    sandbox.put("s.dsp", &server.script("how far?"));
    let ran = sandbox.run(&["test", "--record", "--update", "s.dsp"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_eq!((server.requests(), sandbox.text("s.golden").as_str()), (1, "near\n"));
    assert_eq!(sandbox.run(&["test"]).code, 0);
    assert_eq!(server.requests(), 1, "a test runs offline");
    sandbox.put("s.dsp", &server.script("how deep?"));
    let ran = sandbox.run(&["test"]);
    assert!(ran.out.contains("how [-far?-]{+deep?+}"), "{}", ran.out);
    assert_eq!(server.requests(), 1);
}

#[test]
fn a_request_that_was_not_recorded_is_shown_even_where_the_script_caught_it() {
    let sandbox = Sandbox::with(
        "configure(lm: LM(\"openai/m\"))\n\
         print(try { Predict(\"question -> answer\")(question: \"how far?\").answer } catch e { e.kind })",
    );
    sandbox.put("s.golden", "near\n");
    let ran = sandbox.run(&["test"]);
    assert!(ran.out.contains("+ lm"), "{}", ran.out);
    assert!(ran.out.contains("this request is not in the recording"), "{}", ran.out);
    assert_eq!(ran.code, 1);
}

#[test]
fn a_test_whose_request_was_not_recorded_fails_though_its_script_is_content() {
    let sandbox = Sandbox::with(
        "configure(lm: LM(\"openai/m\"))\n\
         let ask = Predict(\"question -> answer\")\n\
         print(try { ask(question: \"how far?\").answer } catch e { e.kind })\n\
         test \"caught\" { assert try { ask(question: \"how deep?\").answer } catch e { e.kind } == \"lm\" }",
    );
    sandbox.put("s.golden", "lm\n");
    let ran = sandbox.run(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("FAILED s.dsp: golden") && ran.out.contains("FAILED s.dsp: caught"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("how far?") && ran.out.contains("how deep?"),
        "{}",
        ran.out
    );
}

#[test]
fn a_refusal_that_a_script_is_about_is_recorded() {
    let server = super::server::Server::new(
        std::time::Duration::ZERO,
        400,
        "{\"error\": {\"message\": \"no such luck\"}}",
    );
    let sandbox = Sandbox::new();
    let ask = format!(
        "configure(lm: LM(\"openai/m\", api_base: \"{}\"))\nlet ask = Predict(\"question -> answer\")\n",
        server.base
    );
    let caught = "print(try { ask(question: \"how far?\").answer } catch e { e.message })\n";
    sandbox.put("s.dsp", &(ask.clone() + caught));
    let ran = sandbox.run(&["test", "--record", "--update", "s.dsp"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(sandbox.text("s.golden").contains("no such luck"));
    let requests = server.requests();
    let ran = sandbox.run(&["test"]);
    assert_eq!((ran.code, server.requests()), (0, requests), "{}", ran.out);
    // One that makes the test fail is not: it is asked again.
    sandbox.put("s.dsp", &(ask + "print(ask(question: \"how deep?\").answer)\n"));
    assert_eq!(sandbox.run(&["test", "--record"]).code, 1);
    assert!(!sandbox.text("s.lm.jsonl").contains("how deep?"));
}

/// A server, and a script that asks it these questions in `test` blocks of these names.
fn asking(questions: &[(&str, &str)]) -> (super::server::Server, Sandbox) {
    let server = super::server::Server::saying(
        std::time::Duration::ZERO,
        "[[ ## answer ## ]]\nnear\n\n[[ ## completed ## ]]",
    );
    let sandbox = Sandbox::new();
    put_questions(&sandbox, &server, questions);
    (server, sandbox)
}

fn put_questions(sandbox: &Sandbox, server: &super::server::Server, questions: &[(&str, &str)]) {
    let mut script = format!(
        "configure(lm: LM(\"openai/m\", api_base: \"{}\"))\nlet ask = Predict(\"question -> answer\")\n",
        server.base
    );
    for (name, question) in questions {
        script += &format!("test \"{name}\" {{ assert ask(question: \"{question}\").answer == \"near\" }}\n");
    }
    sandbox.put("s.dsp", &script);
}

#[test]
fn record_asks_for_what_is_missing_alone_and_record_all_for_everything() {
    let (server, sandbox) = asking(&[("one", "how far?")]);
    let ran = sandbox.run(&["test", "--record"]);
    assert!(ran.out.contains("s.lm.jsonl: 1 recorded answers"), "{}", ran.out);
    put_questions(&sandbox, &server, &[("one", "how far?"), ("two", "how deep?")]);
    assert_eq!(sandbox.run(&["test", "--record", "s.dsp"]).code, 0);
    assert_eq!(server.requests(), 2);
    let recorded = sandbox.text("s.lm.jsonl");
    assert_eq!(sandbox.run(&["test", "--record=all"]).code, 0);
    assert_eq!((server.requests(), sandbox.text("s.lm.jsonl")), (4, recorded));
    sandbox.run(&["test", "--record=some"]).fails(2, &["missing, all"]);
}

#[test]
fn recorded_answers_that_no_test_used_are_listed_and_prune_removes_them() {
    let (server, sandbox) = asking(&[("one", "how far?"), ("two", "how deep?")]);
    assert_eq!(sandbox.run(&["test", "--record"]).code, 0);
    put_questions(&sandbox, &server, &[("one", "how far?")]);
    let ran = sandbox.run(&["test"]);
    assert!(
        ran.out
            .contains("`dsp test --prune` removes them:\n  openai/m: how deep?\n"),
        "{}",
        ran.out
    );
    assert_eq!(ran.code, 0);
    // A test that did not run, or failed on its way, proves nothing about what is needed.
    put_questions(&sandbox, &server, &[("one", "how far?"), ("two", "how high?")]);
    assert!(!sandbox.run(&["test", "--prune"]).out.contains("how deep?\n\n"));
    assert!(
        !sandbox
            .run(&["test", "--filter", "one", "--prune"])
            .out
            .contains("prune")
    );
    assert!(sandbox.text("s.lm.jsonl").contains("how deep?"));
    put_questions(&sandbox, &server, &[("one", "how far?")]);
    assert!(sandbox.run(&["test", "--prune"]).out.contains("were removed"));
    assert!(!sandbox.text("s.lm.jsonl").contains("how deep?"));
    assert_eq!(sandbox.run(&["test"]).out, "ok s.dsp: one\n\n1 passed, 0 failed\n");
}

#[test]
fn what_a_comment_names_is_blacked_out_of_the_recording() {
    let (_server, sandbox) = asking(&[("one", "how far is tok-1234?")]);
    let script = format!("# redact: tok-[0-9]+\n{}", sandbox.text("s.dsp"));
    sandbox.put("s.dsp", &script);
    assert_eq!(sandbox.run(&["test", "--record"]).code, 0);
    assert!(!sandbox.text("s.lm.jsonl").contains("tok-"));
    assert_eq!(sandbox.run(&["test"]).code, 0);
    sandbox.put("s.dsp", &script.replace("[0-9]+", "[0-9"));
    let ran = sandbox.run(&["test"]);
    assert!(ran.code == 1 && ran.out.contains("`# redact:`"), "{}", ran.out);
}

#[test]
fn each_block_runs_in_a_session_of_its_own() {
    let sandbox = Sandbox::with(
        "let lm = DummyLM([{b: \"first\"}, {b: \"second\"}])\nlet ask = Predict(\"a -> b\")\n\
         test \"one\" { with (lm: lm) { assert ask(a: \"x\").b == \"first\" } }\n\
         test \"two\" { with (lm: lm) { assert ask(a: \"x\").b == \"first\" } }\n\
         test \"three\" { assert usage().calls == 0 }\n",
    );
    let ran = sandbox.run(&["test"]);
    assert_eq!(
        ran.out,
        "ok s.dsp: one\nok s.dsp: two\nok s.dsp: three\n\n3 passed, 0 failed\n"
    );
}

#[test]
fn a_call_with_neither_its_own_model_nor_a_recording_fails() {
    let sandbox = Sandbox::with("test \"asks\" { print(Predict(\"a -> b\")(a: \"x\").b) }");
    let ran = sandbox.run(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("not in the recording, which is empty"), "{}", ran.out);
}

const THREE: &str = "test \"good\" { }\ntest \"bad\" { assert 1 == 2, \"<&\\\">\" }\ntest \"last\" { }\n";

#[test]
fn a_filter_runs_what_has_it_in_its_name() {
    let sandbox = Sandbox::with(THREE);
    sandbox.put("other.dsp", "test \"good\" { }");
    sandbox
        .run(&["test", "--filter", "good"])
        .prints("ok other.dsp: good\nok s.dsp: good\n\n2 passed, 0 failed\n");
    sandbox
        .run(&["test", "--filter", "s.dsp: last"])
        .prints("ok s.dsp: last\n\n1 passed, 0 failed\n");
    sandbox.run(&["test", "--filter", "none"]).prints("no test found\n");
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let sandbox = Sandbox::with(THREE);
    for later in ["t.dsp", "u.dsp"] {
        sandbox.put(later, "test \"good\" { }");
    }
    let ran = sandbox.run(&["test", "--fail-fast", "--jobs", "1"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.starts_with("ok s.dsp: good\nFAILED s.dsp: bad\n\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.ends_with("\n1 passed, 1 failed, 2 scripts not run\n"),
        "{}",
        ran.out
    );
    sandbox.run(&["test", "--jobs", "0"]).fails(2, &["--jobs"]);
}

#[test]
fn times_go_to_stderr_and_the_summary_to_stdout() {
    let ran = Sandbox::with(THREE).run(&["test"]);
    assert!(ran.out.ends_with("\n2 passed, 1 failed\n"), "{}", ran.out);
    assert!(
        ran.err.starts_with("3 tests in ") && ran.err.contains("; the slowest: s.dsp: "),
        "{}",
        ran.err
    );
}

/// Read back by a parser that others wrote.
#[test]
fn junit_says_of_every_test_what_the_report_says() {
    let sandbox = Sandbox::with(&format!(
        "{THREE}test \"odd <\\\"&>\" {{ fail(\"a\\u{{7}}\\r\\nb ü\") }}"
    ));
    sandbox.put("t.dsp", "print(1)");
    sandbox.put("t.golden", "1\n");
    let ran = sandbox.run(&["test", "--junit", "out/junit.xml"]);
    assert_eq!(ran.code, 1);
    let xml = sandbox.text("out/junit.xml");
    let read = junit_parser::from_reader(xml.as_bytes()).unwrap();
    assert_eq!((read.name.as_str(), read.tests, read.failures), ("dsp test", 5, 2));
    let mut told = Vec::new();
    for suite in &read.suites {
        let failed = suite.cases.iter().filter(|case| case.status.is_failure()).count();
        assert_eq!((suite.tests, suite.failures), (suite.cases.len() as u64, failed as u64));
        assert!(suite.time >= 0.0 && suite.errors + suite.skipped == 0);
        for case in &suite.cases {
            let word = if case.status.is_success() { "ok" } else { "FAILED" };
            assert_eq!(case.classname.as_ref(), Some(&suite.name));
            told.push(format!("{word} {}: {}", suite.name, case.original_name));
        }
    }
    assert!(ran.out.starts_with(&(told.join("\n") + "\n")), "{told:?}\n{}", ran.out);
    let failure = |case: usize| match &read.suites[0].cases[case].status {
        junit_parser::TestStatus::Failure(failure) => (failure.message.clone(), failure.text.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(failure(1).0, "error[assert]: <&\">");
    assert!(failure(1).1.contains("assert 1 == 2"), "{}", failure(1).1);
    // XML has no form for most control characters; they are shown as escapes.
    assert_eq!(failure(3).0, "error[user]: a\\u{7}");
    assert!(failure(3).1.contains("│ b ü"), "{}", failure(3).1);
}

#[test]
fn results_that_cannot_be_written_are_told_behind_the_report() {
    let sandbox = Sandbox::with(THREE);
    let ran = sandbox.run(&["test", "--junit", "s.dsp/x.xml"]);
    assert!(ran.out.ends_with("2 passed, 1 failed\n"), "{}", ran.out);
    ran.fails(2, &["`--junit s.dsp/x.xml` is not written"]);
}

#[test]
fn a_leading_comment_that_cannot_be_read_fails_its_own_test_alone() {
    let sandbox = Sandbox::with("print(1)");
    sandbox.put("s.golden", "1\n");
    sandbox.put("args.dsp", "# args: --q \"open\nprint(1)");
    sandbox.put("args.golden", "1\n");
    sandbox.put("exit.dsp", "# exit: no\ntest \"t\" { print(1) }");
    sandbox.put("redact.dsp", "# redact: (\nprint(1)");
    sandbox.put("redact.golden", "1\n");
    let ran = sandbox.run(&["test"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let lines = "FAILED args.dsp: golden\nFAILED exit.dsp: tests\nFAILED redact.dsp: golden\nok s.dsp: golden\n";
    assert!(ran.out.starts_with(lines), "{}", ran.out);
    for why in [
        "a quote in `# args:` is not closed",
        "`no` in `# exit:` is no exit code",
        "`(` in `# redact:` is no regular expression",
    ] {
        assert!(ran.out.contains(why), "{why}: {}", ran.out);
    }
}
