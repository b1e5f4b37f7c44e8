//! What a newcomer gets wrong, and what the binary says to it. The client's own tests look at every refusal of a server;
//! here is what reaches the terminal.

use std::process::Command;
use std::time::Duration;

use super::sandbox::{Ran, Sandbox};
use super::server::Server;

fn run(script: &str) -> Ran {
    Sandbox::with(script).run(&["run", "s.dsp"])
}

#[test]
fn habits_from_python_are_recognized() {
    run("def f(x):\n    return x\n").fails(2, &["`fn`", "s.dsp:1"]);
    run("if 1 < 2:\n    print(1)\n").fails(2, &["s.dsp:1", "{"]);
    run("let p = dspy.Predict(\"a -> b\")\n").fails(2, &["dspy"]);
    run("let text = “hello”\n").fails(2, &["s.dsp:1"]);
    run("let x = 1\nif x = 1 { print(x) }\n").fails(2, &["=="]);
    run("let x = True\n").fails(2, &["true"]);
}

#[test]
fn a_missing_brace_is_placed() {
    run("fn f() {\n  print(1)\n\nprint(2)\n").fails(2, &["s.dsp"]);
}

#[test]
fn names_fields_and_types_are_checked() {
    run("let urgency = 1\nprint(urgnecy)").fails(2, &["`urgnecy`", "`urgency`"]);
    run("print(Predict(\"body -> label\")(body: \"x\").lable)").fails(2, &["`lable`", "`label`"]);
    run("print(Predict(\"body -> label: 'a' | 'b'\")(body: \"x\").label == \"c\")").fails(2, &["\"c\""]);
    run("fn f(n: int) -> int { n }\nf(\"three\")").fails(2, &["int", "str"]);
}

#[test]
fn scripts_that_are_none() {
    let sandbox = Sandbox::with("print(1)");
    sandbox.run(&["run", "missing.dsp"]).fails(2, &["missing.dsp"]);
    sandbox.run(&["run", "."]).fails(2, &["folder"]);
    std::fs::write(sandbox.path().join("bytes.dsp"), [0xff, 0xfe, b'a']).unwrap();
    sandbox.run(&["run", "bytes.dsp"]).fails(2, &["UTF-8"]);
    Sandbox::with("").run(&["run", "s.dsp"]).prints("");
}

#[test]
fn datasets_that_are_missing_broken_or_empty() {
    run("print(dataset(\"rows.jsonl\"))").fails(2, &["rows.jsonl"]);
    let sandbox = Sandbox::with("print(len(dataset(\"rows.jsonl\")))");
    sandbox.put("rows.jsonl", "{\"a\": 1}\n{\"a\": }\n");
    sandbox.run(&["run", "s.dsp"]).fails(2, &["rows.jsonl", "line 2"]);
    sandbox.put("rows.jsonl", "");
    sandbox.run(&["run", "s.dsp"]).prints("0\n");
    let sandbox = Sandbox::with(
        "let p = Predict(\"question -> answer\")\n\
         print(evaluate(p, dataset(\"rows.jsonl\"), metric: |row, said| said.answer == row.wanted).score)",
    );
    sandbox.put("rows.jsonl", "");
    let ran = sandbox.run(&["run", "s.dsp"]);
    ran.prints("0.0\n").fails(0, &["the devset has no rows"]);
    sandbox.put("rows.jsonl", "{\"qestion\": \"x\", \"wanted\": \"y\"}\n");
    sandbox.run(&["run", "s.dsp"]).fails(2, &["`question`", "`qestion`"]);
}

const ASK: &str = "print(Predict(\"question -> answer\")(question: \"x\").answer)";

fn ask(base: &str, settings: &str) -> Ran {
    let script = format!("configure(lm: LM(\"openai/m\", api_base: \"{base}\"), lm_retries: 0{settings})\n{ASK}");
    Sandbox::with(&script).run(&["run", "s.dsp"])
}

#[test]
fn no_key_and_no_server() {
    run(&format!("configure(lm: LM(\"openai/gpt-4o-mini\"))\n{ASK}")).fails(1, &["OPENAI_API_KEY", "s.dsp:2"]);
    ask("http://127.0.0.1:9/v1", "").fails(1, &["127.0.0.1:9"]);
    run(&format!("configure(lm: LM(\"opnai/gpt\"))\n{ASK}")).fails(1, &["openai"]);
}

#[test]
fn servers_that_refuse() {
    let refusing = |status: u16| {
        ask(
            &Server::new(Duration::ZERO, status, "{\"error\": {\"message\": \"no\"}}").base,
            "",
        )
    };
    refusing(401).fails(1, &["401"]);
    refusing(404).fails(1, &["404"]);
    refusing(429).fails(1, &["429"]);
    refusing(500).fails(1, &["500"]);
}

#[test]
fn replies_that_are_none() {
    let replied = |body: &str| ask(&Server::new(Duration::ZERO, 200, body).base, "");
    replied("<html><body>Bad gateway</body></html>").fails(1, &["JSON"]);
    replied("{\"unexpected\": true}").fails(1, &["s.dsp:2"]);
    let said = |text: &str| ask(&Server::saying(Duration::ZERO, text).base, ", max_retries: 0");
    said("").fails(1, &["empty"]);
    let script = "configure(lm: DummyLM([\"what?\"]), max_retries: 0)\nprint(Predict(\"q -> n: int\")(q: \"x\").n)";
    run(script).fails(1, &["[[ ## n ## ]]", "what?"]);
}

#[test]
fn a_server_that_sleeps_is_not_waited_for() {
    let server = Server::saying(Duration::from_secs(20), "late");
    ask(&server.base, ", timeout: 0.2").fails(1, &["0.2"]);
}

#[test]
fn a_saved_state_of_another_program_is_refused() {
    let sandbox = Sandbox::with(
        "save(Predict(\"a -> b\"), \"p.json\")\nprint(try { load(Predict(\"x -> y\"), \"p.json\") } catch e { e.kind })",
    );
    sandbox.run(&["run", "s.dsp"]).prints("state\n");
    sandbox.put("p.json", "not json");
    sandbox.put("s.dsp", "load(Predict(\"a -> b\"), \"p.json\")");
    sandbox.run(&["run", "s.dsp"]).fails(1, &["p.json"]);
}

#[test]
fn a_corrupt_cache_costs_only_the_cache() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nfine\n\n[[ ## completed ## ]]");
    let script = format!("configure(lm: LM(\"openai/m\", api_base: \"{}\"))\n{ASK}", server.base);
    let sandbox = Sandbox::with(&script);
    let path = sandbox.run(&["cache", "path"]).out;
    let path = std::path::Path::new(path.trim_end());
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "this is no database, whatever it may look like at first sight").unwrap();
    let ran = sandbox.run(&["run", "s.dsp"]);
    ran.prints("fine\n");
    assert!(ran.err.contains("cache"), "{}", ran.err);
}

#[test]
fn a_full_disk_keeps_the_old_state_and_says_what_to_do() {
    let sandbox = Sandbox::with(
        "let rows = [{a: repeat(\"x\", 9000), b: f\"{i}\"} for i in 0..16]\n\
         save(Predict(\"a -> b\"), \"disk/s.json\")\n\
         print(\"saved\")\n\
         save(compile(Predict(\"a -> b\"), rows, optimizer: LabeledFewShot()), \"disk/s.json\")\n",
    );
    let disk = sandbox.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&disk)
        .output();
    if !mount.is_ok_and(|output| output.status.success()) {
        println!("skipped: a small disk could not be mounted");
        return;
    }
    let ran = sandbox.run(&["run", "s.dsp"]);
    let left: Vec<_> = std::fs::read_dir(&disk)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    let state = std::fs::read_to_string(disk.join("s.json"));
    let unmounted = Command::new("umount").arg(&disk).status().unwrap();
    assert!(unmounted.success());
    ran.fails(1, &["error[io]", "disk/s.json", "the disk is full", "make room"]);
    assert_eq!(ran.out, "saved\n");
    assert_eq!(left, ["s.json"]);
    let state: serde_json::Value = serde_json::from_str(&state.unwrap()).unwrap();
    assert_eq!(state["demos"], serde_json::json!([]));
}
