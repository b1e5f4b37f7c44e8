//! `--trace`: every span of a run and every request in it, where they belong, and how they ended.

use std::time::Duration;

use serde_json::Value as Json;

use super::sandbox::{Sandbox, finish};
use super::server::{Server, chat_reply};

const MODULES: &str = "module Inner {\n  ask = ChainOfThought(\"question -> answer\")\n  forward(q: str) { ask(question: q) }\n}\n\
    module Outer {\n  inner = Inner()\n  two = Predict(\"question -> answer\")\n  forward(q: str) {\n\
    let a = inner(q)\n    let b = two(question: q)\n    {answer: a.answer, b: b.answer}\n  }\n}\n";

/// A server that does well, but for what it is told in the question: `busy` is so every first time, `never` always refused.
fn server() -> Server {
    let busy = std::sync::atomic::AtomicBool::new(false);
    Server::judging(Duration::ZERO, move |request| {
        let request = String::from_utf8_lossy(request);
        let failed = |what: &str| format!("{{\"error\": {{\"message\": \"{what}\"}}}}");
        if request.contains("never") {
            return (400, failed("no"));
        }
        if request.contains("busy") && !busy.fetch_xor(true, std::sync::atomic::Ordering::Relaxed) {
            return (503, failed("not now"));
        }
        let odd = request.contains("odd") && !request.contains("has no");
        let text = if odd {
            "?"
        } else {
            "[[ ## reasoning ## ]]\nr\n\n[[ ## answer ## ]]\nyes"
        };
        (200, chat_reply(text))
    })
}

/// What a script leaves in its trace.
fn traced(body: &str, args: &[&str]) -> (Vec<Json>, String) {
    let server = server();
    let configure = format!(
        "configure(lm: LM(\"openai/m\", api_base: \"{}\", api_key_env: \"KEY\"), cache: false, max_concurrency: 1)\n",
        server.base
    );
    let sandbox = Sandbox::with(&format!("{configure}{MODULES}{body}\n"));
    let args = [&["run", "--trace", "t.jsonl"], args, &["s.dsp"]].concat();
    let ran = finish(sandbox.command().env("KEY", "k").args(args));
    let text = sandbox.text("t.jsonl");
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let calls = lines.iter().filter(|line| line["type"] == "call").count();
    assert_eq!(calls, server.requests(), "{text}");
    (lines, ran.err)
}

/// `Outer > Inner > ChainOfThought > inner.ask.predict`
fn chain(lines: &[Json], id: &Json) -> String {
    let Some(span) = lines.iter().find(|line| line["type"] == "span" && line["id"] == *id) else {
        assert!(id.is_null(), "there is no span {id}");
        return String::new();
    };
    let name = span["path"].as_str().or(span["name"].as_str()).unwrap();
    match chain(lines, &span["parent"]) {
        outer if outer.is_empty() => name.to_owned(),
        outer => format!("{outer} > {name}"),
    }
}

fn told(lines: &[Json]) -> Vec<String> {
    let line = |line: &Json| match line["type"].as_str().unwrap() {
        "span" => format!(
            "{} {}: {}",
            line["kind"].as_str().unwrap(),
            chain(lines, &line["id"]),
            line["outcome"].as_str().unwrap()
        ),
        _ => format!(
            "call {}: attempt {}, {}",
            chain(lines, &line["span"]),
            line["attempt"],
            line["error"]
        ),
    };
    lines.iter().map(line).collect()
}

fn named(lines: &[Json], id: u64) -> &Json {
    lines
        .iter()
        .find(|line| line["type"] == "span" && line["id"] == id)
        .unwrap()
}

#[test]
fn every_call_stands_in_its_predictor_and_that_in_its_modules() {
    let (lines, _) = traced("print(Outer()(\"one\").answer)", &[]);
    let expected = [
        "call Outer > Inner > ChainOfThought > inner.ask.predict: attempt 1, null",
        "predictor Outer > Inner > ChainOfThought > inner.ask.predict: ok",
        "module Outer > Inner > ChainOfThought: ok",
        "module Outer > Inner: ok",
        "call Outer > two: attempt 1, null",
        "predictor Outer > two: ok",
        "module Outer: ok",
    ];
    assert_eq!(told(&lines), expected);
    for span in lines.iter().filter(|line| line["type"] == "span") {
        let (start, end) = (span["start"].as_str().unwrap(), span["end"].as_str().unwrap());
        assert!(start <= end && span["seconds"].as_f64().unwrap() >= 0.0, "{span}");
        if let Some(parent) = span["parent"].as_u64() {
            let outer = named(&lines, parent);
            // A span lasts until all in it is done, whenever its own work was.
            assert!(outer["start"].as_str().unwrap() <= start, "{span} {outer}");
            assert!(outer["end"].as_str().unwrap() >= end, "{span} {outer}");
        }
    }
}

#[test]
fn a_failure_is_told_of_in_every_span_that_it_leaves() {
    let (lines, _) = traced("print(try { Outer()(\"never\").b } catch e { e.kind })", &[]);
    let spans: Vec<&Json> = lines.iter().filter(|line| line["type"] == "span").collect();
    let failed: Vec<&str> = spans.iter().filter_map(|span| span["error"].as_str()).collect();
    assert!(
        spans
            .iter()
            .all(|span| (span["outcome"] == "ok") == span["error"].is_null())
    );
    assert!(
        failed.iter().all(|error| error.starts_with("lm: `http://127.0.0.1:")),
        "{failed:?}"
    );
    assert_eq!((spans.len(), failed.len()), (5, 5));

    // An error that leaves several frames at once.
    let (lines, _) = traced(
        "module Bad {\n  forward(q: str) { Outer()(q).answer + fail(\"mine\") }\n}\nprint(Bad()(\"one\"))",
        &[],
    );
    let last = lines.last().unwrap();
    assert_eq!((&last["name"], &last["error"]), (&"Bad".into(), &"user: mine".into()));
    assert!(
        lines.iter().filter(|line| line["outcome"] == "failed").count() == 1,
        "{:?}",
        told(&lines)
    );
}

#[test]
fn every_attempt_has_a_row_of_its_own() {
    let (lines, _) = traced("print(Predict(\"question -> answer\")(\"busy\").answer)", &[]);
    let expected = [
        "call self: attempt 1, \"lm: ",
        "call self: attempt 2, null",
        "predictor self: ok",
    ];
    let told = told(&lines);
    assert!(
        told.len() == 3
            && told
                .iter()
                .zip(expected)
                .all(|(told, expected)| told.starts_with(expected)),
        "{told:?}"
    );
    assert_eq!((&lines[0]["reply"], &lines[1]["requests"]), (&"".into(), &2.into()));

    // Asked again for what did not parse: a call of its own in the same span.
    let (lines, _) = traced("print(Predict(\"question -> answer\")(\"odd\").answer)", &[]);
    let calls: Vec<&Json> = lines.iter().filter(|line| line["type"] == "call").collect();
    assert!(calls.len() == 2 && calls[0]["span"] == calls[1]["span"] && calls[0]["reply"] == "?");
    assert_eq!(calls[1]["messages"].as_array().unwrap().len(), 4);
}

#[test]
fn what_is_streamed_is_traced_as_what_is_not() {
    let plain = traced("print(Outer()(\"one\").answer)", &[]).0;
    let streamed = traced("print(Outer()(\"one\").answer)", &["--stream"]).0;
    assert_eq!(told(&plain), told(&streamed));
    let heard = traced("for part in stream(|| Outer()(\"one\")) { debug(part.delta) }", &[]).0;
    assert_eq!(told(&heard), told(&plain));
}

#[test]
fn evaluations_and_searches_are_spans_around_their_rows() {
    let rows = "[{q: \"one\", w: \"yes\"}, {q: \"never\", w: \"no\"}]";
    let metric = "|row, said| said.answer == row.w";
    let (lines, err) = traced(&format!("print(evaluate(Outer(), {rows}, {metric}).score)"), &[]);
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["kind"], &last["outcome"]),
        (&"evaluate".into(), &"ok".into()),
        "{err}"
    );
    let inside = lines.iter().filter(|line| line["parent"] == last["id"]);
    assert_eq!(
        inside.map(|line| line["outcome"].as_str().unwrap()).collect::<Vec<_>>(),
        ["ok", "failed"]
    );

    let optimizer = "BootstrapFewShotWithRandomSearch(num_candidate_programs: 1, max_bootstrapped_demos: 1)";
    let (lines, err) = traced(
        &format!("let better = compile(Outer(), {rows}, metric: {metric}, optimizer: {optimizer})"),
        &[],
    );
    let last = lines.last().unwrap();
    assert_eq!(last["kind"], "compile", "{err}");
    let trials: Vec<&Json> = lines.iter().filter(|line| line["kind"] == "trial").collect();
    assert_eq!(trials.len(), 4);
    assert!(trials.iter().all(|trial| trial["parent"] == last["id"]));
    // Predictors keep their paths in every program that a search makes.
    let paths = lines.iter().filter_map(|line| line["path"].as_str());
    assert!(
        paths.clone().all(|path| path == "two" || path == "inner.ask.predict"),
        "{:?}",
        paths.collect::<Vec<_>>()
    );
}

#[test]
fn placed_texts_have_rows_as_questions_have() {
    let busy = std::sync::atomic::AtomicBool::new(true);
    let server = Server::judging(Duration::ZERO, move |request| {
        if busy.swap(false, std::sync::atomic::Ordering::Relaxed) {
            return (503, "{\"error\": {\"message\": \"not now\"}}".to_owned());
        }
        let asked: Json = serde_json::from_slice(request).unwrap();
        let one = |i| serde_json::json!({"index": i, "embedding": [1.0, 2.0]});
        let data: Vec<Json> = (0..asked["input"].as_array().unwrap().len()).map(one).collect();
        (
            200,
            serde_json::json!({"data": data, "usage": {"prompt_tokens": 4}}).to_string(),
        )
    });
    let script = format!(
        "configure(embedder: LM(\"openai/e\", api_base: \"{}\"))\n\
         module M {{\n  forward(q: str) {{ len(embed([q, \"b\"])[0]) }}\n}}\n\
         print(M()(\"a\"), len(embed([\"b\"])), usage().calls, usage().cached)\n",
        server.base
    );
    let sandbox = Sandbox::with(&script);
    sandbox.run(&["run", "--trace", "t.jsonl", "s.dsp"]).prints("2 1 2 1\n");
    let text = sandbox.text("t.jsonl");
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown: Vec<String> = lines
        .iter()
        .map(|line| match line["type"].as_str().unwrap() {
            "span" => format!("{} {}", line["name"].as_str().unwrap(), line["outcome"]),
            _ => format!(
                "{} {} {} {} {}",
                line["span"], line["attempt"], line["texts"], line["cached"], line["usage"]
            ),
        })
        .collect();
    let module = &lines[2]["id"];
    assert_eq!(
        shown,
        [
            format!("{module} 1 [\"a\",\"b\"] false {{\"prompt_tokens\":0}}"),
            format!("{module} 2 [\"a\",\"b\"] false {{\"prompt_tokens\":4}}"),
            "M \"ok\"".to_owned(),
            "null 1 [\"b\"] true {\"prompt_tokens\":0}".to_owned(),
        ],
        "{text}"
    );
    assert!(lines[0]["error"].as_str().unwrap().contains("not now"));
    assert_eq!(
        (&lines[1]["error"], &lines[1]["model"]),
        (&Json::Null, &"openai/e".into())
    );
}

#[test]
fn what_is_under_way_at_an_interrupt_is_told_of() {
    // The first question is never answered; the second, behind it, is at once.
    let server = Server::answering(Duration::ZERO, |messages| {
        if messages.last().unwrap()["content"].as_str().unwrap().contains("slow") {
            std::thread::sleep(Duration::from_secs(30));
        }
        "[[ ## answer ## ]]\nyes".to_owned()
    });
    let sandbox = Sandbox::with(&format!(
        "configure(lm: LM(\"openai/m\", api_base: \"{}\"))\nlet ask = Predict(\"question -> answer\")\n\
         module M {{\n  a = Predict(\"question -> answer\")\n  forward() {{\n    let a = a(\"slow\")\n    \
         {{a: a.answer, b: ask(\"fast\").answer, c: sleep(1.0)}}\n  }}\n}}\nprint(M()())\n",
        server.base
    ));
    let mut command = sandbox.command();
    let command = command.args(["run", "--trace", "t.jsonl", "s.dsp"]);
    let child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let begun = std::time::Instant::now();
    while server.requests() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(20), "no requests came");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    super::interrupt::ctrl_c(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&output.stderr).contains("1 calls were answered"));
    let text = sandbox.text("t.jsonl");
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<String> = told(&lines);
    assert_eq!(
        told,
        [
            "call M > self: attempt 1, null",
            "predictor M > self: ok",
            "predictor M > a: interrupted",
            "module M: interrupted"
        ],
        "{text}"
    );
    let history = sandbox.run(&["history", "--json"]);
    assert!(
        history.out.contains("fast") && !history.out.contains("slow"),
        "{history:?}"
    );
}
