//! Without a terminal the standard input is a script session.

use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::process::{Command, Stdio};

use crate::ROUTER;
use crate::sandbox::{Sandbox, finish};

#[test]
fn each_complete_input_is_run_and_its_value_printed() {
    let input = "#!/usr/bin/env dsp\n# a comment\nlet x = 40\nx + 2\nfn twice(n: int) -> int {\n\n  n * 2\n}\n\
                 twice(x)\n[1, 2]\n  |> map(|n| n + _)\nif x == 1 { \"a\" }\nelse { \"b\" }\nprint(\"p\")";
    let ran = Sandbox::new().run_with_input(&["repl"], input);
    ran.prints("42\n80\n[81, 82]\n\"b\"\np\n");
    assert_eq!(ran.err, "");
}

#[test]
fn a_line_that_failed_makes_the_session_fail_at_its_end() {
    let input = "var x = 1\nx = 2\n{ x = 3\nfail(\"no\") }\nx\nlet y = nope\ny\nlet x = \"shadow\"\nx\n";
    let ran = Sandbox::new().run_with_input(&["repl"], input);
    assert_eq!((ran.code, ran.out.as_str()), (1, "2\n\"shadow\"\n"), "{ran:?}");
    ran.fails(1, &["`nope` is not declared", "error[user]: no"]);
}

#[test]
fn an_input_that_is_never_whole_is_a_mistake() {
    let ran = Sandbox::new().run_with_input(&["repl"], "1 + 1\nlet x = [1,\n");
    ran.fails(1, &["error"]);
    assert_eq!(ran.out, "2\n");
}

#[test]
fn a_file_is_run_first_without_its_main() {
    let sandbox =
        Sandbox::with("let base = 40\nfn plus(n: int) -> int { base + n }\nfn main() { print(\"not called\") }");
    sandbox.run_with_input(&["repl", "s.dsp"], "plus(2)\n").prints("42\n");
}

#[test]
fn a_file_that_does_not_check_is_wrong_usage() {
    let ran = Sandbox::with("let x = nope").run_with_input(&["repl", "s.dsp"], "1\n");
    ran.fails(2, &["`nope` is not declared"]);
}

#[test]
fn commands_are_obeyed() {
    let sandbox = Sandbox::with(ROUTER);
    let ran = sandbox.run_with_input(&["repl", "s.dsp"], ":type router\nrouter(\"x\").urgency\n:quit\n1\n");
    ran.prints("Router\n\"high\"\n");
    sandbox
        .run_with_input(&["repl"], ":nope\n")
        .fails(1, &["there is no command `:nope`"]);
}

#[test]
fn ends_of_lines_and_of_the_input_may_be_of_any_kind() {
    Sandbox::new().run_with_input(&["repl"], "1 + 1").prints("2\n");
    Sandbox::new().run_with_input(&["repl"], "1\r\n2\r\n").prints("1\n2\n");
    let body = "fn f() -> int {\n  let a = 1\n\n\n  a + 1\n}\nf()\n";
    Sandbox::new().run_with_input(&["repl"], body).prints("2\n");
}

#[test]
fn standard_input_that_is_no_text_is_an_error() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command();
    let mut input = tempfile::tempfile().unwrap();
    input.write_all(b"1\n\xff\n").unwrap();
    input.rewind().unwrap();
    finish(command.arg("repl").stdin(input)).fails(2, &["standard input", "UTF-8"]);
}

#[test]
fn ctrl_c_ends_a_script_session() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command();
    let mut child = command
        .arg("repl")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(b"{ print(\"begun\"); sleep(60) }\nprint(\"never\")\n")
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let status = child.wait().unwrap();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!((status.code(), rest.as_str()), (Some(130), ""));
}

#[test]
fn a_test_block_is_checked_and_told_where_it_runs() {
    let ran = Sandbox::new().run_with_input(&["repl"], "test \"t\" { assert 1 == 2 }\n1 + 1\n");
    ran.prints("2\n");
    assert!(ran.err.contains("`dsp test FILE` runs"), "{}", ran.err);
}
