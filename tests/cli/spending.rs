//! What `dsp run` tells of the calls that it made: a line at its end, a trace, what models say while they say it; and
//! what the cache has kept of them.

use std::time::Duration;

use serde_json::Value as Json;

use super::sandbox::Sandbox;
use super::server::Server;

const KEY: &str = "sk-planted-key-0123456789";

fn script(base: &str) -> Sandbox {
    Sandbox::with(&format!(
        "configure(lm: LM(\"openai/m\", api_base: \"{base}\", api_key_env: \"KEY\", price: {{prompt: 1.0, completion: 2.0}}))\n\
         module M {{\n  ask = Predict(\"question -> answer\")\n  forward(question: str) -> str {{ ask(question).answer }}\n}}\n\
         let m = M()\nprint(m(\"one\"), m(\"two\"))\nprint(m(\"one\"))\n"
    ))
}

fn run(sandbox: &Sandbox, args: &[&str]) -> super::sandbox::Ran {
    super::sandbox::finish(sandbox.command().env("KEY", KEY).args(args))
}

#[test]
fn a_run_ends_with_what_it_spent() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let sandbox = script(&server.base);
    let ran = run(&sandbox, &["run", "s.dsp"]);
    ran.prints("yes yes\nyes\n");
    assert!(ran.err.starts_with("3 calls (1 from the cache), "), "{}", ran.err);
    assert!(ran.err.contains(" tokens, $0.0000"), "{}", ran.err);
    let scripted = Sandbox::with("with (lm: DummyLM([{a: \"b\"}])) { print(Predict(\"q -> a\")(\"?\").a) }");
    assert_eq!(scripted.run(&["run", "s.dsp"]).prints("b\n").err, "");
}

#[test]
fn usage_is_a_table_by_model_whichever_command_used_it() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let sandbox = script(&server.base);
    let ran = run(&sandbox, &["run", "--usage", "s.dsp"]);
    ran.prints("yes yes\nyes\n");
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.err);
    let cells = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        cells(lines[0]),
        ["model", "calls", "cached", "prompt", "completion", "cost"]
    );
    assert_eq!(cells(lines[1])[..3], ["openai/m", "3", "1"]);
    assert!(lines[2].starts_with("prices of October 2025"), "{}", ran.err);

    sandbox.put("d.jsonl", "{\"question\": \"a\", \"answer\": \"yes\"}\n");
    let script = sandbox.text("s.dsp");
    sandbox.put("e.dsp", script.split("print(").next().unwrap());
    let ask = ["e.dsp", "m", "--metric", "|row, said| said == row.answer", "--usage"];
    let evaluated = run(&sandbox, &[&["eval", "--devset", "d.jsonl"], &ask[..]].concat());
    assert_eq!(evaluated.code, 0, "{}", evaluated.err);
    assert!(evaluated.err.contains("openai/m      1       0"), "{}", evaluated.err);
    let compile = [
        "compile",
        "--trainset",
        "d.jsonl",
        "--optimizer",
        "LabeledFewShot()",
        "-o",
        "state.json",
    ];
    let compiled = run(&sandbox, &[&compile[..], &ask[..2], &ask[4..]].concat());
    assert_eq!(compiled.code, 0, "{}", compiled.err);
    assert!(compiled.err.contains("all        0       0"), "{}", compiled.err);
}

#[test]
fn a_comprehension_that_asks_one_question_twice_is_warned_of() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let asking = |body: &str| {
        let head = format!("configure(lm: LM(\"openai/m\", api_base: \"{}\"))\n", server.base);
        let text = format!("{head}let p = Predict(\"question -> answer\")\nfn ask(q: str) {{ p(q).answer }}\n{body}\n");
        let before = server.requests();
        let ran = run(&Sandbox::with(&text), &["run", "s.dsp"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        (ran.err, server.requests() - before)
    };
    let (err, requests) = asking("print(len([ask(\"a\") for i in 0..3]))");
    assert_eq!(err.matches("warning:").count(), 1, "{err}");
    assert!(
        err.starts_with("warning: s.dsp:3:18: this comprehension asks the same question twice"),
        "{err}"
    );
    assert_eq!(requests, 1);
    let (err, requests) = asking("print(len([with (rollout: i) { ask(\"a\") } for i in 0..3]))");
    assert!(!err.contains("warning:") && requests == 3, "{requests}: {err}");
    let quiet = [
        "print(len([ask(f\"{i}\") for i in 0..3]))",
        "print(ask(\"a\"))\nprint(ask(\"a\"))",
        "with (cache: false) { print(len([ask(\"a\") for i in 0..3])) }",
        "print(len(map([1, 2], |n| ask(\"a\"))))",
        "print(evaluate(p, [{question: \"a\"}, {question: \"a\"}], |row, said| true).score)",
    ];
    for body in quiet {
        let (err, _) = asking(body);
        assert!(!err.contains("warning:"), "{body}\n{err}");
    }
}

#[test]
fn a_trace_has_a_line_for_every_call_and_no_key() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let sandbox = script(&server.base);
    run(&sandbox, &["run", "--trace", "t.jsonl", "s.dsp"]).prints("yes yes\nyes\n");
    let text = sandbox.text("t.jsonl");
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<Json> = lines.filter(|line: &Json| line["type"] == "call").collect();
    let told: Vec<(&Json, &Json)> = lines.iter().map(|line| (&line["path"], &line["cached"])).collect();
    assert_eq!(
        told,
        [
            (&"ask".into(), &false.into()),
            (&"ask".into(), &false.into()),
            (&"ask".into(), &true.into())
        ]
    );
    assert_eq!(lines[0]["messages"][0]["role"], "system");
    assert!(!text.contains(KEY));

    let broken = Server::new(
        Duration::ZERO,
        400,
        format!("{{\"error\": {{\"message\": \"not with {KEY}\"}}}}"),
    );
    let ran = run(&script(&broken.base), &["run", "--trace", "t.jsonl", "s.dsp"]);
    ran.fails(1, &["refused the request (400)"]);
    assert!(!ran.err.contains(KEY), "{}", ran.err);
    run(&sandbox, &["run", "--trace", ".", "s.dsp"]).fails(2, &["`.`"]);
}

#[test]
fn the_cache_is_printed_as_json() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let sandbox = script(&server.base);
    assert_eq!(run(&sandbox, &["cache", "export"]).prints("").code, 0);
    run(&sandbox, &["run", "s.dsp"]);
    let exported = run(&sandbox, &["cache", "export"]);
    let lines: Vec<Json> = exported
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["reply"]["text"], "[[ ## answer ## ]]\nyes");
    assert!(lines[0]["key"].is_string() && !exported.out.contains(KEY));
}

#[test]
fn what_models_say_is_shown_on_stderr_while_they_say_it() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes\u{1b}[31m\nindeed");
    let ran = run(&script(&server.base), &["run", "--stream", "s.dsp"]);
    let shown = "── ask · answer\nyes\u{b7}[31m\nindeed\n";
    assert!(ran.err.starts_with(&shown.repeat(2)), "{:?}", ran.err);
    assert!(ran.out.starts_with("yes"), "{}", ran.out);
}

#[test]
fn no_key_is_in_what_is_kept_and_a_proxy_that_refuses_is_an_error() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let sandbox = script(&server.base);
    run(&sandbox, &["run", "s.dsp"]);
    for command in [&["history", "--json"][..], &["cache", "export"]] {
        let kept = run(&sandbox, command);
        assert!(kept.out.contains("yes") && !kept.out.contains(KEY), "{}", kept.out);
    }
    let sandbox = script("http://model.example/v1");
    let mut command = sandbox.command();
    command
        .env("KEY", KEY)
        .env("http_proxy", "http://127.0.0.1:1")
        .args(["run", "s.dsp"]);
    let ran = super::sandbox::finish(&mut command);
    ran.fails(1, &["could not connect to `http://model.example/v1/chat/completions`"]);
    assert!(!ran.err.contains(KEY), "{}", ran.err);
}

#[test]
fn a_cap_on_costs_that_cannot_count_says_so_once() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let capped = |options: &str| {
        let script = format!(
            "configure(lm: LM(\"openai/m\", api_base: \"{}\"{options}), max_cost: 1.0)\n\
             let ask = Predict(\"question -> answer\")\nprint(ask(\"one\").answer, ask(\"two\").answer)\n",
            server.base
        );
        let sandbox = Sandbox::with(&script);
        let ran = sandbox.run(&["run", "s.dsp"]);
        ran.prints("yes yes\n")
            .err
            .matches("`max_cost` does not count it")
            .count()
    };
    assert_eq!(capped(""), 1);
    assert_eq!(capped(", price: {prompt: 1.0, completion: 2.0}"), 0);
}

#[test]
fn a_cache_that_is_locked_to_the_end_is_said_and_costs_the_cache_alone() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let sandbox = Sandbox::with(&server.script("first"));
    sandbox.run(&["run", "s.dsp"]).prints("yes\n");
    let cache = sandbox.path().join(".cache/responses.sqlite3");
    let holder = rusqlite::Connection::open(cache).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    sandbox.put("s.dsp", &server.script("second"));
    let ran = sandbox.run(&["run", "s.dsp"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "yes\n"));
    let told = ran.err.matches("the response cache is left aside").count();
    assert!(told == 1 && ran.err.contains("database is locked"), "{}", ran.err);
}
