//! Models and retrievers of the host.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dsp::host::fake::FakeHost;
use dsp::session::{Fault, FaultKind, Passage, Reply, Request};
use dsp::value::Value;
use serde_json::json;

use super::setup::{answer, builder, fault, open, printed};

async fn shouting(request: Request) -> Result<Reply, Fault> {
    let asked = request.messages.last().unwrap().content.clone();
    let question = asked.lines().nth(1).unwrap_or_default().to_uppercase();
    let text = answer(&format!("{question} {:?}", request.temperature));
    Ok(Reply {
        text,
        ..Reply::default()
    })
}

#[test]
fn a_script_names_a_model_of_the_host_as_any_other() {
    let host = FakeHost::new();
    let text = r#"
configure(lm: LM("house", temperature: 0.5))
print(Predict("question -> answer")("how?").answer)
print(meta(Predict("question -> answer")("how?")).model, LM("house"), usage().calls)
"#;
    let said = printed(&host, builder(&host).model("house", shouting), text);
    assert_eq!(said, "HOW? Some(0.5)\nhouse <LM house> 2\n");
    assert!(host.requests().is_empty());
}

#[test]
fn the_host_sets_its_model_for_scripts_that_name_another() {
    let host = FakeHost::new();
    let builder = builder(&host).model("house", shouting).lm(Some("house".to_owned()));
    let text = "configure(lm: LM(\"openai/gpt-4o-mini\"))\nprint(Predict(\"question -> answer\")(\"how?\").answer)";
    assert_eq!(printed(&host, builder, text), "HOW? None\n");
}

#[test]
fn it_is_asked_every_time_and_its_failures_are_errors() {
    let host = FakeHost::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let builder = dsp::session::Builder::new(host.host()).model("house", move |_| {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        async move {
            match number {
                0 | 1 => Ok(Reply {
                    text: answer("yes"),
                    ..Reply::default()
                }),
                _ => Err(Fault::new(FaultKind::RateLimit, "not so fast")),
            }
        }
    });
    let text = r#"
configure(lm: LM("house"))
let ask = Predict("question -> answer")
print(ask("1").answer, ask("1").answer)
try { print(ask("1").answer) } catch e { print(e.kind, e.message) }
"#;
    assert_eq!(printed(&host, builder, text), "yes yes\nrate_limit not so fast\n");
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

async fn library(query: String, k: usize) -> Result<Vec<Passage>, Fault> {
    let passage = |i: usize| Passage {
        text: format!("{query} {i}"),
        score: 1.0 / (i + 1) as f64,
        id: (i == 0).then(|| "first".to_owned()),
        meta: Value::from_json(&json!({"page": i})),
    };
    Ok((0..k).map(passage).collect())
}

#[test]
fn a_script_searches_with_a_retriever_of_the_host() {
    let host = FakeHost::new();
    let text = r#"
print(retrieve("q", k: 1, rm: retriever("books")))
configure(rm: retriever("books"))
print(len(retrieve("q")), retriever("books"))
for found in search("x", k: 2) { print(found.text, found.score, found.id, found.meta["page"]) }
"#;
    let said = printed(&host, builder(&host).retriever("books", library), text);
    assert_eq!(
        said,
        "[\"q 0\"]\n3 <Retriever books>\nx 0 1.0 first 0\nx 1 0.5 none 1\n"
    );
}

#[test]
fn a_search_has_a_row_in_the_trace() {
    let host = FakeHost::new();
    let text = "module M {\n  forward(q: str) { len(retrieve(q, k: 2)) }\n}\nconfigure(rm: retriever(\"books\"))\nprint(M()(\"q\"))";
    let builder = builder(&host).retriever("books", library);
    let said = printed(&host, builder.trace(Some("/work/t.jsonl".into())), text);
    assert_eq!(said, "2\n");
    let trace = host.text("t.jsonl").unwrap();
    let lines: Vec<serde_json::Value> = trace.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| &lines[0][name];
    assert_eq!(
        (of("type"), of("retriever"), of("query"), of("k")),
        (&json!("retrieval"), &json!("books"), &json!("q"), &json!(2))
    );
    assert_eq!((of("span"), of("error")), (&lines[1]["id"], &json!(null)));
    assert_eq!(of("passages")[0], json!({"text": "q 0", "score": 1.0, "id": "first"}));
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_retriever_that_is_not_there_is_an_error_that_helps() {
    let host = FakeHost::new();
    let run = |text: &str| fault(host.block_on(open(builder(&host).retriever("books", library), text).run([])));
    assert_eq!(
        run("print(retriever(\"bokks\"))"),
        (FaultKind::Key, "no retriever `bokks` was registered".to_owned())
    );
    assert_eq!(
        run("print(retrieve(\"q\"))"),
        (FaultKind::State, "no retriever is configured".to_owned())
    );
}
