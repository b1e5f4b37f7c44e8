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

/// Types a line as a person does: not before the last one was taken.
fn type_line(session: &mut OsSession, line: &str) {
    session.send_line(line).unwrap();
    std::thread::sleep(Duration::from_millis(300));
}

#[test]
fn values_are_printed_and_names_stay() {
    let sandbox = Sandbox::new();
    let mut session = terminal(&sandbox, &[]);
    type_line(&mut session, "let x = 40");
    type_line(&mut session, "x + 2");
    session.expect("42").unwrap();
    type_line(&mut session, "\"text\"");
    session.expect("\"text\"").unwrap();
    type_line(&mut session, ":quit");
}

#[test]
fn an_input_goes_on_until_it_is_whole() {
    let sandbox = Sandbox::new();
    let mut session = terminal(&sandbox, &[]);
    type_line(&mut session, "fn twice(n: int) -> int {");
    type_line(&mut session, "n * 2");
    type_line(&mut session, "}");
    type_line(&mut session, "twice(21)");
    session.expect("42").unwrap();
}

#[test]
fn ctrl_c_drops_a_line_and_stops_a_run_but_not_the_session() {
    let sandbox = Sandbox::new();
    let mut session = terminal(&sandbox, &[]);
    session.send("nonsense").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    session.send("\x03").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    type_line(&mut session, "let before = 1");
    type_line(&mut session, "sleep(60)");
    std::thread::sleep(Duration::from_millis(700));
    session.send("\x03").unwrap();
    session.expect("interrupted").unwrap();
    type_line(&mut session, "before + 41");
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
    let sandbox =
        Sandbox::with("let base = 40\nfn plus(n: int) -> int { base + n }\nfn main() { print(\"not called\") }");
    sandbox.run_with_input(&["repl", "s.dsp"], "plus(2)\n").prints("42\n");
}

#[test]
fn pasted_lines_are_one_input() {
    let sandbox = Sandbox::new();
    let mut session = terminal(&sandbox, &[]);
    session
        .send("\x1b[200~let a = 40\nlet b = [\n  1,\n\n  1,\n]\na + sum(b)\x1b[201~\r")
        .unwrap();
    session.expect("42").unwrap();
    type_line(&mut session, "if a == 40 { \"still there\" } else { \"gone\" }");
    session.expect("\"still there\"").unwrap();
}

#[test]
fn two_empty_lines_give_an_unfinished_input_up_and_ctrl_c_drops_it() {
    let sandbox = Sandbox::new();
    let mut session = terminal(&sandbox, &[]);
    type_line(&mut session, "let a = [1,");
    type_line(&mut session, "");
    type_line(&mut session, "");
    session.expect("error").unwrap();
    type_line(&mut session, "fn f() {");
    session.send("\x03").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    type_line(&mut session, "40 + 2");
    session.expect("42").unwrap();
}

#[test]
fn an_input_that_the_end_cuts_off_shows_its_problems() {
    let ran = Sandbox::new().run_with_input(&["repl"], "1\nlet a = [2,\n3");
    assert_eq!((ran.code, ran.out.as_str()), (0, "1\n"), "{ran:?}");
    assert!(ran.err.contains("`[`"), "{}", ran.err);
    Sandbox::new().run_with_input(&["repl"], "1 + 1").prints("2\n");
    let body = "fn f() -> int {\n  let a = 1\n\n\n  a + 1\n}\nf()\n";
    Sandbox::new().run_with_input(&["repl"], body).prints("2\n");
    Sandbox::new().run_with_input(&["repl"], "1\r\n2\r\n").prints("1\n2\n");
}

#[test]
fn standard_input_that_is_no_text_is_an_error() {
    let mut command = Sandbox::new().command();
    command.arg("repl").current_dir("/");
    let input = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut &input, b"1\n\xff\n").unwrap();
    std::io::Seek::rewind(&mut &input).unwrap();
    super::sandbox::finish(command.stdin(input)).fails(2, &["standard input", "UTF-8"]);
}
