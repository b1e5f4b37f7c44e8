//! A key is planted, and every server repeats it wherever it can: there is one answer or one typed error, as many requests as
//! are worth it, and no key in anything that is said or kept: messages, cache, history, recording, trace.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};

use super::sandbox::{Ran, Sandbox, finish};
use super::server::listening;

const KEY: &str = "sk-planted-key-0123456789";

/// A server that says the same to everybody, and how many requests it was sent.
fn server(says: String) -> (String, Arc<AtomicUsize>) {
    let (base, count) = listening(move |_, stream| {
        stream.write_all(says.as_bytes()).ok()?;
        None
    });
    (base + "/v1", count)
}

fn response(head: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn completion(text: &str, finish: &str) -> Json {
    let tokens: Vec<Json> = [text, &KEY[..5], &KEY[5..]]
        .map(|token| json!({"token": token, "logprob": -0.5}))
        .into();
    let choice = json!({"message": {"content": text}, "finish_reason": finish, "logprobs": {"content": tokens}});
    json!({"id": KEY, "model": KEY, "choices": [choice]})
}

/// A text as it is streamed, three letters at a time.
fn parts(text: &str) -> Vec<Json> {
    let parts = text.as_bytes().chunks(3).map(String::from_utf8_lossy);
    let mut events: Vec<Json> = parts
        .map(|part| json!({"choices": [{"delta": {"content": part}}]}))
        .collect();
    events.push(json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}));
    events
}

/// A fault, what the server sends, what the script prints, and how many requests that takes.
fn rows() -> Vec<(&'static str, String, &'static str, usize)> {
    let error = |head: &str| {
        response(
            head,
            &json!({"error": {"message": format!("not with {KEY}")}}).to_string(),
        )
    };
    let well = |text: &str, finish: &str| response("200 OK", &completion(text, finish).to_string());
    let answer = format!("[[ ## answer ## ]]\n{KEY}");
    let events = |events: &[Json]| {
        let lines: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n{lines}")
    };
    let said = json!({"choices": [{"delta": {"content": answer}}]});
    let page = format!("<html>{KEY}</html>");
    let whole = completion(&answer, "stop").to_string();
    vec![
        ("an answer", well(&answer, "stop"), "… none\n", 1),
        ("an answer that is cut off", well(&answer, "length"), "length\n", 1),
        (
            "an answer that is held back",
            well(&answer, "content_filter"),
            "lm\n",
            1,
        ),
        ("a reply in another layout", well(KEY, "stop"), "parse\n", 1),
        ("400", error("400 No"), "lm\n", 1),
        ("401", error("401 No"), "auth\n", 1),
        ("407", error("407 No"), "lm\n", 1),
        ("429", error("429 No"), "rate_limit\n", 2),
        ("429 with a pause", error("429 No\r\nretry-after: 0"), "rate_limit\n", 2),
        ("500", error("500 No"), "lm\n", 2),
        ("502", response("502 No", &page), "lm\n", 2),
        ("a page", response("200 OK", &page), "lm\n", 1),
        (
            "JSON that ends in the middle",
            response("200 OK", &whole[..whole.len() - 9]),
            "lm\n",
            1,
        ),
        (
            "no choices",
            response("200 OK", &json!({"choices": [], "key": KEY}).to_string()),
            "lm\n",
            1,
        ),
        ("no HTTP", format!("{KEY}\r\n\r\n"), "lm\n", 2),
        (
            "a redirect",
            response(&format!("308 Go\r\nlocation: /{KEY}?{KEY}"), ""),
            "lm\n",
            11,
        ),
        (
            "a stream that breaks off",
            events(std::slice::from_ref(&said)),
            "lm\n",
            1,
        ),
        (
            "a stream that cuts the key into parts",
            events(&parts(&answer)),
            "… none\n",
            1,
        ),
        (
            "a stream that fails",
            events(&[said, json!({"error": {"type": "server_error", "message": KEY}})]),
            "lm\n",
            1,
        ),
    ]
}

/// Every file below a folder that holds the key.
fn kept(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(kept(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            let holds = bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
            found.extend(holds.then(|| path.display().to_string()));
        }
    }
    found
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let ran = finish(sandbox.command().env("KEY", KEY).args(args));
    let said = format!("{}{}", ran.out, ran.err);
    assert!(!said.contains(KEY), "{args:?}: {said}");
    assert!(ran.code < 2, "{args:?}: {said}");
    ran
}

#[test]
fn no_key_is_in_what_is_told_of_places_and_of_evaluations() {
    let error = |head: &str| {
        response(
            head,
            &json!({"error": {"message": format!("not with {KEY}")}}).to_string(),
        )
    };
    let placed = json!({"data": [{"index": 0, "embedding": [1.0]}], "model": KEY, "id": KEY});
    let rows = [
        ("places", response("200 OK", &placed.to_string()), "[[1.0]]\n", 1),
        ("places, 401", error("401 No"), "auth\n", 1),
        ("places, 503", error("503 No"), "lm\n", 2),
        (
            "places in a page",
            response("200 OK", &format!("<p>{KEY}</p>")),
            "lm\n",
            1,
        ),
    ];
    for (name, says, prints, requests) in rows {
        let (base, count) = server(says);
        let sandbox = Sandbox::with(&format!(
            "configure(embedder: LM(\"openai/m\", api_base: \"{base}\", api_key_env: \"KEY\"), lm_retries: 1)\n\
             try {{ print(embed([\"one\"])) }} catch e {{\n  debug(e)\n  print(e.kind)\n}}\n"
        ));
        run(&sandbox, &["test", "--record", "--update", "s.dsp"]);
        count.store(0, Ordering::Relaxed);
        assert_eq!(
            run(&sandbox, &["run", "--trace", "t.jsonl", "s.dsp"]).out,
            prints,
            "{name}"
        );
        assert_eq!(count.load(Ordering::Relaxed), requests, "{name}");
        assert!(sandbox.text("t.jsonl").contains("\"embedding\""), "{name}");
        assert_eq!(kept(sandbox.path()), Vec::<String>::new(), "{name}");
    }

    for says in [
        error("401 No"),
        response(
            "200 OK",
            &completion(&format!("[[ ## answer ## ]]\n{KEY}"), "stop").to_string(),
        ),
    ] {
        let (base, _) = server(says);
        let sandbox = Sandbox::with(&format!(
            "configure(lm: LM(\"openai/m\", api_base: \"{base}\", api_key_env: \"KEY\"), lm_retries: 0, max_retries: 0)\n\
             let p = Predict(\"question -> answer\")\nfn same(row, said) {{ said.answer == row.answer }}\n"
        ));
        sandbox.put("d.jsonl", "{\"question\": \"a\", \"answer\": \"b\"}\n");
        let on = ["--devset", "d.jsonl", "--metric", "same", "--json"];
        run(&sandbox, &[&["eval", "s.dsp", "p"], &on[..]].concat());
        let on = ["--trainset", "d.jsonl", "--metric", "same", "-o", "state.json"];
        run(&sandbox, &[&["compile", "s.dsp", "p"], &on[..]].concat());
        run(&sandbox, &["prompt", "s.dsp", "p", "--question", "a", "--json"]);
        run(&sandbox, &["history"]);
        assert_eq!(kept(sandbox.path()), Vec::<String>::new());
    }
}

#[test]
fn whatever_a_server_says_of_the_key_it_is_in_nothing_that_is_said_or_kept() {
    std::thread::scope(|scope| {
        for (name, says, prints, requests) in rows() {
            scope.spawn(move || {
                let (base, count) = server(says);
                let sandbox = Sandbox::with(&format!(
                    "configure(lm: LM(\"openai/m\", api_base: \"{base}\", api_key_env: \"KEY\"), lm_retries: 1, max_retries: 0)\n\
                     let p = try {{ Predict(\"question -> answer\")(\"one\") }} catch e {{\n  debug(e)\n  print(e.kind)\n  none\n}}\n\
                     if p != none {{\n  debug(meta(p))\n  print(p.answer, meta(p).tries[0].message)\n}}\n"
                ));
                let streams = name.contains("stream");
                if !streams {
                    run(&sandbox, &["test", "--record", "--update", "s.dsp"]);
                    count.store(0, Ordering::Relaxed);
                }
                let stream: &[&str] = if streams { &["--stream"] } else { &[] };
                let args = [&["run", "--trace", "t.jsonl"], stream, &["s.dsp"]].concat();
                assert_eq!(run(&sandbox, &args).out, prints, "{name}");
                assert_eq!(count.load(Ordering::Relaxed), requests, "{name}");
                assert!(!sandbox.text("t.jsonl").is_empty(), "{name}");
                run(&sandbox, &["history", "--json"]);
                run(&sandbox, &["cache", "export"]);
                assert_eq!(kept(sandbox.path()), Vec::<String>::new(), "{name}");
            });
        }
    });
}
