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
fn a_trace_has_a_line_for_every_call_and_no_key() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let sandbox = script(&server.base);
    run(&sandbox, &["run", "--trace", "t.jsonl", "s.dsp"]).prints("yes yes\nyes\n");
    let text = sandbox.text("t.jsonl");
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
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
