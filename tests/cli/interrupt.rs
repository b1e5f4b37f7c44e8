//! Ctrl-C in the middle of an evaluation.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::sandbox::Sandbox;
use super::server::Server;

pub fn ctrl_c(child: &Child) {
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
}

/// Runs a command and interrupts it when the server was asked a few times; what it said, and how long it took to end.
fn interrupted(sandbox: &Sandbox, arguments: &[&str], server: &Server) -> (Output, Duration) {
    let before = server.requests();
    let mut command = sandbox.command();
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let begun = Instant::now();
    while server.requests() < before + 6 {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "no requests came: {arguments:?}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    ctrl_c(&child);
    let stopped = Instant::now();
    (child.wait_with_output().unwrap(), stopped.elapsed())
}

#[test]
fn an_evaluation_stops_at_once_says_what_was_done_and_keeps_the_cache() {
    let server = Server::saying(
        Duration::from_millis(100),
        "[[ ## answer ## ]]\nyes\n\n[[ ## completed ## ]]",
    );
    let sandbox = Sandbox::new();
    let rows: String = (0..500)
        .map(|i| format!("{{\"question\": \"q{i}\", \"wanted\": \"yes\"}}\n"))
        .collect();
    sandbox.put("rows.jsonl", &rows);
    let script = format!(
        "configure(lm: LM(\"openai/m\", api_base: \"{}\"), max_concurrency: 2)\n\
         let result = evaluate(Predict(\"question -> answer\"), dataset(\"rows.jsonl\"), metric: |row, p| p.answer == row.wanted)\n\
         print(result.score)\n",
        server.base
    );
    sandbox.put("s.dsp", &script);
    let (output, took) = interrupted(&sandbox, &["run", "s.dsp"], &server);
    assert!(took < Duration::from_secs(2), "it took {took:?} to stop");
    assert_eq!(output.status.code(), Some(130));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        err.contains("interrupted") && err.contains("calls") && err.contains("rows"),
        "{err}"
    );
    let stats = sandbox.run(&["cache", "stats"]).out;
    let kept: usize = stats.split(' ').next().unwrap().parse().unwrap();
    assert!(kept >= 2, "{stats}");
}

#[test]
fn a_loop_without_end_stops_too() {
    let sandbox = Sandbox::with("print(\"on\")\nwhile true { }");
    let mut command = sandbox.command();
    command
        .args(["run", "s.dsp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    ctrl_c(&child);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
}

#[test]
fn what_was_recorded_before_it_is_kept_and_compiling_stops_too() {
    let server = Server::saying(
        Duration::from_millis(50),
        "[[ ## answer ## ]]\nyes\n\n[[ ## completed ## ]]",
    );
    let sandbox = Sandbox::new();
    sandbox.put("rows.jsonl", &"{\"question\": \"q\", \"answer\": \"yes\"}\n".repeat(3));
    let script = format!(
        "configure(lm: LM(\"openai/m\", api_base: \"{}\"), cache: false)\nlet ask = Predict(\"question -> answer\")\n\
         fn right(row: {{question: str, answer: str}}, p: {{answer: str}}) -> bool {{ ask(question: \"again\").answer == row.answer }}\n",
        server.base
    );
    sandbox.put("c.dsp", &script);
    sandbox.put(
        "s.dsp",
        &(script + "for i in 0..1000 { print(ask(question: str(i)).answer) }\n"),
    );
    let compile = [
        "compile",
        "c.dsp",
        "ask",
        "--trainset",
        "rows.jsonl",
        "--metric",
        "right",
    ];
    let search = [
        "--optimizer",
        "BootstrapFewShotWithRandomSearch(num_candidate_programs: 500)",
        "-o",
        "state.json",
    ];
    for arguments in [
        vec!["test", "--record", "--update", "s.dsp"],
        [&compile[..], &search].concat(),
    ] {
        let (output, _) = interrupted(&sandbox, &arguments, &server);
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{arguments:?}: {err}");
        assert!(err.contains("interrupted"), "{arguments:?}: {err}");
    }
    let recorded = sandbox.text("s.lm.jsonl");
    assert!(recorded.lines().count() >= 4, "{recorded}");
}
