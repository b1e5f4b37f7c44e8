//! `BootstrapFinetune`: the rows that it makes, and the job at a server that speaks OpenAI's protocol.

use std::time::Duration;

use dsp::host::HttpResponse;
use dsp::host::fake::{self, FakeHost};
use serde_json::{Value as Json, json};

use super::run::{cached, printed, script};

/// The rows that DSPy makes, from `../shared/conformance/finetune_data.json`.
#[test]
fn rows_are_dspys() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/conformance/finetune_data.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("2 cases skipped: there is no {path}");
        return;
    };
    let cases: Json = serde_json::from_str(&text).unwrap();
    for (name, demos) in [("chat", "[]"), ("chat_with_demo", "[{q: \"d\", a: 1}]")] {
        let text = format!(
            "signature S {{ \"Do.\" q: str -> a: int }}\n\
             print(json(_finetune_row(S, {demos}, {{q: \"1+1\"}}, {{a: 2}})))"
        );
        let row: Json = serde_json::from_str(&printed(&text)).unwrap();
        assert_eq!(row, cases[name], "{name}");
    }
    assert_eq!(cases.as_object().unwrap().len(), 2);
}

/// A server that answers questions and trains models: a job is done at the third look.
fn server() -> FakeHost {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "sk-planted");
    let looks = std::sync::Mutex::new(0);
    host.answer(move |request| {
        let path = request.url.split("/v1").nth(1).unwrap();
        let answer = match (request.method, path) {
            ("POST", "/files") => json!({"id": "file-1"}),
            ("POST", "/fine_tuning/jobs") => json!({"id": "job-1", "status": "queued"}),
            ("GET", "/fine_tuning/jobs/job-1") => {
                let mut looks = looks.lock().unwrap();
                *looks += 1;
                match *looks {
                    3.. => json!({"status": "succeeded", "fine_tuned_model": "ft:mini:1"}),
                    _ => json!({"status": "running"}),
                }
            }
            _ => {
                let wrong = fake::last_user_message(request).contains("3+3");
                let text = format!(
                    "[[ ## answer ## ]]\n{}\n\n[[ ## completed ## ]]",
                    if wrong { "7" } else { "2" }
                );
                return (Duration::from_millis(100), fake::openai_reply(&text));
            }
        };
        let response = HttpResponse {
            status: 200,
            headers: Vec::new(),
            body: answer.to_string().into_bytes(),
        };
        (Duration::from_millis(10), response)
    });
    host
}

const TRAINING: &str = r#"
configure(lm: LM("openai/mini"))
let rows = [{question: "1+1", answer: "2"}, {question: "3+3", answer: "6"}, {question: "4-2", answer: "2"}]
let better = compile(
  Predict("question -> answer"),
  rows,
  metric: |row, p| p.answer == row.answer,
  optimizer: BootstrapFinetune(train_kwargs: {"n_epochs": 2}),
)
print(predictors(better)[0].lm)
"#;

#[test]
fn a_model_is_trained_on_the_runs_that_the_metric_likes() {
    let host = server();
    assert_eq!(cached(&host, TRAINING).unwrap(), "<LM openai/ft:mini:1>\n");
    let requests = host.requests();
    let sent = |method: &str, path: &str| {
        let found = requests
            .iter()
            .find(|sent| sent.method == method && sent.url.ends_with(path));
        String::from_utf8_lossy(&found.unwrap().body).into_owned()
    };
    let file = sent("POST", "/files");
    let rows: Vec<Json> = file
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 2, "{file}");
    assert!(
        !file.contains("3+3") && file.contains("1+1") && file.contains("4-2"),
        "{file}"
    );
    let job: Json = serde_json::from_str(&sent("POST", "/fine_tuning/jobs")).unwrap();
    let wanted = json!({"model": "mini", "training_file": "file-1", "hyperparameters": {"n_epochs": 2}});
    assert_eq!(job, wanted);
    assert!(!host.stderr().contains("sk-planted"));
}

#[test]
fn a_run_that_was_stopped_waits_for_its_own_job() {
    let host = server();
    cached(&host, TRAINING).unwrap();
    cached(&host, TRAINING).unwrap();
    let begun = host.requests();
    let begun = begun
        .iter()
        .filter(|sent| sent.method == "POST" && sent.url.ends_with("/jobs"));
    assert_eq!(begun.count(), 1);
}

#[test]
fn what_cannot_be_trained_is_said() {
    let out = script(
        &FakeHost::new(),
        r#"
let rows = [{q: "1", a: "2"}]
let fails = |lm: LM, optimizer: Optimizer| try {
  with (lm: lm) { compile(Predict("q -> a"), rows, |row, p| p.a == row.a, optimizer) }
  "no"
} catch e { f"{e.kind}: {e.message}" }
print(fails(DummyLM([{a: "2"}]), BootstrapFinetune()))
print(fails(DummyLM([{a: "3"}]), BootstrapFinetune()))
print(fails(DummyLM([{a: "2"}]), BootstrapFinetune(adapter: "json")))
"#,
    );
    let wanted = "lm: the model `dummy` cannot be trained from here\n\
                  value: no run of the teacher is good enough for the metric: there is nothing to train on\n\
                  value: the adapter `json` has no rows to train on\n";
    assert_eq!(out.unwrap(), wanted);
}
