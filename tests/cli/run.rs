//! `dsp run` and `dsp check`: exit codes and streams.

use super::sandbox::Sandbox;

#[test]
fn results_go_to_stdout_and_the_exit_code_is_0() {
    let ran = Sandbox::with("print(\"hi\")\nfn main() { 41 + 1 }\n").run(&["run", "s.dsp"]);
    ran.prints("hi\n42\n");
    assert_eq!(ran.err, "");
}

#[test]
fn a_main_that_returns_none_prints_nothing() {
    Sandbox::with("fn main() { print(\"only this\") }")
        .run(&["run", "s.dsp"])
        .prints("only this\n");
}

#[test]
fn a_run_that_fails_exits_with_1_and_keeps_what_was_printed() {
    let ran = Sandbox::with("print(\"before\")\nfn f(xs: list[int]) -> int { xs[7] }\nprint(f([1]))\n")
        .run(&["run", "s.dsp"]);
    ran.fails(1, &["index", "s.dsp:2", "in `f`, called at s.dsp:3:"]);
    assert_eq!(ran.out, "before\n");
}

#[test]
fn what_dsp_itself_calls_is_called_from_no_place_in_the_script() {
    let ran = Sandbox::with("fn deep(n: int) -> int { n // 0 }\nfn main(n: int) { deep(n) }\n")
        .run(&["run", "s.dsp", "--n", "1"]);
    ran.fails(1, &["error[value]", "in `deep`, called at s.dsp:2:19"]);
    assert_eq!(ran.err.matches("called at").count(), 1, "{}", ran.err);
}

#[test]
fn a_failed_check_exits_with_2_shows_all_problems_and_runs_nothing() {
    let ran = Sandbox::with("print(1)\nlet x: int = \"a\"\nprint(nmae)\nlet name = 1\n").run(&["run", "s.dsp"]);
    ran.fails(2, &["`nmae`", "`name`", "int", "2 errors"]);
    assert_eq!(ran.out, "");
}

#[test]
fn check_looks_at_every_file_and_runs_none() {
    let sandbox = Sandbox::with("print(1)");
    sandbox.put("bad.dsp", "let x: int = \"a\"");
    assert_eq!(sandbox.run(&["check", "s.dsp"]).prints("").err, "");
    sandbox.run(&["check", "bad.dsp", "s.dsp"]).fails(2, &["bad.dsp"]);
}

#[test]
fn a_script_is_read_from_standard_input() {
    Sandbox::new()
        .run_with_input(&["run", "-"], "print(1 + 1)")
        .prints("2\n");
    Sandbox::new()
        .run_with_input(&["check", "-"], "let x: int = \"a\"")
        .fails(2, &["<stdin>"]);
}

#[test]
fn wrong_usage_exits_with_2() {
    let sandbox = Sandbox::with("print(1)");
    sandbox.run(&["chek", "s.dsp"]).fails(2, &["chek", "check"]);
    sandbox.run(&["run"]).fails(2, &["<FILE>"]);
    sandbox.run(&["run", "--nope", "s.dsp"]).fails(2, &["--nope"]);
    sandbox.run(&[]).fails(2, &["Usage"]);
}

#[test]
fn help_and_version_go_to_stdout() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["--help"]);
    assert_eq!(help.code, 0);
    for command in ["run", "check", "test", "prompt", "repl", "diff", "history", "cache"] {
        assert!(help.out.contains(command), "{}", help.out);
    }
    assert!(sandbox.run(&["--version"]).out.starts_with("dsp "));
    assert!(sandbox.run(&["run", "--help"]).out.contains("--allow-read"));
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let sandbox = Sandbox::with("let x: int = \"a\"");
    let escape = '\u{1b}';
    assert!(!sandbox.run(&["check", "s.dsp"]).err.contains(escape));
    assert!(
        sandbox
            .run(&["check", "--color", "always", "s.dsp"])
            .err
            .contains(escape)
    );
    assert!(!sandbox.run(&["check", "--color=never", "s.dsp"]).err.contains(escape));
}

#[test]
fn the_model_of_the_command_line_replaces_the_configured_one() {
    let script = "configure(lm: LM(\"openai/one\"))\nprint(Predict(\"a -> b\")(a: \"x\").b)";
    let sandbox = Sandbox::with(script);
    sandbox
        .run(&["run", "s.dsp"])
        .fails(1, &["openai/one", "OPENAI_API_KEY"]);
    sandbox
        .run(&["run", "--lm", "openai/two", "s.dsp"])
        .fails(1, &["openai/two"]);
    sandbox
        .run(&["run", "s.dsp", "--lm", "openai/three"])
        .fails(1, &["openai/three"]);
}

#[test]
fn paths_start_at_the_script_and_permissions_are_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.put(
        "inner/s.dsp",
        "print(read_text(\"note.txt\"))\nwrite_text(\"out.txt\", \"written\")",
    );
    sandbox.put("inner/note.txt", "beside the script");
    sandbox.run(&["run", "inner/s.dsp"]).prints("beside the script\n");
    assert_eq!(sandbox.text("inner/out.txt"), "written");

    let outside = Sandbox::new();
    let secret = outside.put("secret.txt", "secret");
    let script = format!("print(read_text({:?}))", secret.display().to_string());
    let sandbox = Sandbox::with(&script);
    sandbox.run(&["run", "s.dsp"]).fails(1, &["permission", "--allow-read"]);
    let folder = outside.path().display().to_string();
    sandbox
        .run(&["run", "--allow-read", &folder, "s.dsp"])
        .prints("secret\n");
    sandbox.run(&["run", "s.dsp", "--allow-all"]).prints("secret\n");
}

/// As `cat` does: quietly, and nothing more of the script runs.
#[test]
fn a_reader_that_went_away_ends_the_run() {
    let sandbox = Sandbox::with("print(\"first\")\nwhile true { print(\"more\") }");
    let mut command = sandbox.command();
    command
        .args(["run", "s.dsp"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    {
        let out = child.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!((line.as_str(), output.status.code()), ("first\n", Some(141)));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
