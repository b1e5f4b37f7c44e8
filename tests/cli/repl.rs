//! `dsp repl`, in a pseudo-terminal and from a pipe.

use std::time::Duration;

use expectrl::Expect;
use expectrl::session::{OsSession, Session};

use super::sandbox::Sandbox;

fn terminal(sandbox: &Sandbox, args: &[&str]) -> OsSession {
    let mut command = sandbox.command();
    command.arg("repl").args(args).env("TERM", "xterm").env("NO_COLOR", "1");
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(20)));
    session.expect("> ").unwrap();
    session
}

#[test]
fn values_are_printed_and_names_stay() {
    let sandbox = Sandbox::new();
    let mut session = terminal(&sandbox, &[]);
    session.send_line("let x = 40").unwrap();
    session.send_line("x + 2").unwrap();
    session.expect("42").unwrap();
    session.send_line("\"text\"").unwrap();
    session.expect("\"text\"").unwrap();
    session.send_line(":quit").unwrap();
}

#[test]
fn an_input_goes_on_until_it_is_whole() {
    let sandbox = Sandbox::new();
    let mut session = terminal(&sandbox, &[]);
    session.send_line("fn twice(n: int) -> int {").unwrap();
    session.send_line("n * 2").unwrap();
    session.send_line("}").unwrap();
    session.send_line("twice(21)").unwrap();
    session.expect("42").unwrap();
}

#[test]
fn ctrl_c_drops_a_line_and_stops_a_run_but_not_the_session() {
    let sandbox = Sandbox::new();
    let mut session = terminal(&sandbox, &[]);
    session.send("nonsense").unwrap();
    session.send("\x03").unwrap();
    session.send_line("let before = 1").unwrap();
    session.send_line("sleep(60)").unwrap();
    std::thread::sleep(Duration::from_millis(700));
    session.send("\x03").unwrap();
    session.expect("interrupted").unwrap();
    session.send_line("before + 41").unwrap();
    session.expect("42").unwrap();
}

#[test]
fn a_line_that_fails_changes_nothing() {
    let ran = Sandbox::new().run_with_input(
        &["repl"],
        "var x = 1\nx = 2\n{ x = 3\nfail(\"no\") }\nx\nlet y = nope\ny\nlet x = \"shadow\"\nx\n",
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.out, "2\n\"shadow\"\n", "{ran:?}");
    assert!(ran.err.contains("`nope`") && ran.err.contains("no"), "{}", ran.err);
}

#[test]
fn a_file_is_loaded_first() {
    let sandbox = Sandbox::with("let base = 40\nfn plus(n: int) -> int { base + n }\nfn main() { print(\"not called\") }");
    sandbox.run_with_input(&["repl", "s.dsp"], "plus(2)\n").prints("42\n");
}
