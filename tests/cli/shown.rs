//! What a model says steers no terminal, and does not turn the direction of writing; a file or a pipe gets every byte.

use std::time::Duration;

use expectrl::session::Session;
use expectrl::{Eof, Expect};

use super::sandbox::{Sandbox, finish};
use super::server::Server;

/// A model answers with codes that rename the window, colour the text and go back to the line's beginning.
const SCRIPT: &str = r#"
    configure(lm: DummyLM([{answer: "a\u{1b}]0;owned\u{7}\u{1b}[31mred\u{9b}2J\rb\u{202e}\tc"}]))
    let answer = Predict("question -> answer")(question: "q").answer
    print(answer)
    debug(answer)
    fn main() -> str { answer }
"#;
const SAID: &str = "a\u{1b}]0;owned\u{7}\u{1b}[31mred\u{9b}2J\rb\u{202e}\tc";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put("s.dsp", SCRIPT);
    sandbox
}

#[test]
fn a_pipe_gets_every_byte() {
    let sandbox = sandbox();
    let ran = finish(sandbox.command().args(["run", "s.dsp"]));
    assert_eq!(ran.out, format!("{SAID}\n{SAID}\n"), "{}", ran.err);
}

#[test]
fn a_terminal_is_steered_by_nothing_that_was_said() {
    let sandbox = sandbox();
    let commands = [
        &["run", "s.dsp"][..],
        &["run", "--stream", "s.dsp"],
        &["history"],
        &["history", "--json"],
    ];
    for args in commands {
        let mut command = sandbox.command();
        command.args(args).env("TERM", "xterm").env("NO_COLOR", "1");
        let mut session = Session::spawn(command).unwrap();
        session.set_expect_timeout(Some(Duration::from_secs(60)));
        let seen = session.expect(Eof).unwrap();
        let text = String::from_utf8_lossy(seen.as_bytes()).replace("\r\n", "\n");
        let steers = |c: char| c == '\u{202e}' || c.is_control() && !matches!(c, '\n' | '\t');
        assert!(!text.contains(steers), "{args:?}: {text:?}");
        assert!(
            args[0] == "history" || text.contains("a·]0;owned··[31mred·2J·b·"),
            "{args:?}: {text:?}"
        );
    }
}

#[test]
fn an_error_shows_what_would_steer_as_an_escape() {
    let sandbox = Sandbox::with("let red = \"\\u{1b}[31mred\\r|x\\u{202e}\"\nfail(red)");
    let ran = sandbox.run(&["run", "s.dsp"]);
    ran.fails(1, &["error[user]: \\u{1b}[31mred\\u{d}|x\\u{202e}"]);
    assert!(!ran.err.contains('\u{1b}'), "{}", ran.err);
}

#[test]
fn a_diff_shows_what_would_steer_as_an_escape() {
    let sandbox = Sandbox::with(
        "print(\"\\u{1b}[31mred\")\ndebug(\"\\u{7}\")\ntest \"t\" { print(\"\\u{1b}[2J\")\nassert false }",
    );
    sandbox.put("s.golden", "plain\n");
    let ran = sandbox.run(&["test"]);
    assert_eq!(ran.code, 1);
    for shown in ["+ \\u{1b}[31mred", "  \\u{7}", "  \\u{1b}[2J"] {
        assert!(ran.out.contains(shown), "{shown}: {}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{7}'), "{}", ran.out);
}

#[test]
fn the_progress_line_of_a_terminal_shows_what_calls_wait_for() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let sandbox = Sandbox::with(&format!(
        "configure(lm: LM(\"openai/m\", api_base: {:?}, rpm: 2))\n\
         evaluate(Predict(\"question -> answer\"), [{{question: f\"q{{i}}\"}} for i in 0..5], metric: |row, p| true)\n",
        server.base
    ));
    let mut command = sandbox.command();
    command
        .args(["run", "s.dsp"])
        .env("TERM", "xterm")
        .env("COLUMNS", "200");
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(60)));
    // Two of the five are answered; the others wait for the next minutes.
    let limits = format!("the limits of `{}`", server.base);
    session.expect("2/5").unwrap();
    session.expect("calls wait ").unwrap();
    session.expect(&limits).unwrap();
    session.send("\u{3}").unwrap();
    session.expect("stopped after 2 of 5 rows").unwrap();
    assert_eq!(server.requests(), 2);
}
