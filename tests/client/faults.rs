//! Everything that a server can do wrong: for each fault there is the answer or one typed error, as many requests as are
//! worth it, and no key in anything that is said or kept.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dsp::call::{Recording, Source};
use dsp::chat::Reply;
use dsp::diag::Fault;
use dsp::host::{Host, Permissions, RealHost};
use dsp::lm::{Answer, CallSettings, Client, ClientOptions, Listener};
use dsp::value::{LmSpec, Value};
use serde_json::json;

use super::faulty::Act::{self, Drips, Packs, Says, Sends, Stalls, Waits};
use super::faulty::server;
use super::setup::{ask, model, watch};

/// A variable that is set in every test stands for the one that holds the key.
const KEY: &str = "CARGO_MANIFEST_DIR";

fn reply(text: &str, finish: &str) -> String {
    json!({"choices": [{"message": {"content": text}, "finish_reason": finish}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
        .to_string()
}

fn good() -> Act {
    Says("200 OK", reply("fine", "stop"))
}

fn error(head: &'static str) -> Act {
    // The worst of servers: it repeats the key that it was sent.
    let key = std::env::var(KEY).unwrap();
    Says(head, json!({"error": {"message": format!("no, {key}")}}).to_string())
}

/// A fault, what a server does, what comes of it (`kind: words`, or the text), and how many requests that takes.
type Row = (&'static str, Vec<Act>, &'static str, usize);

fn faults() -> Vec<Row> {
    let whole = reply("fine", "stop");
    let sse = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    vec![
        (
            "429, then well",
            vec![error("429 No\r\nretry-after: 0"), good()],
            "fine",
            2,
        ),
        (
            "429 for ever",
            vec![error("429 No")],
            "rate_limit: takes no more requests",
            2,
        ),
        (
            "429 that asks for a pause in milliseconds",
            vec![error("429 No\r\nretry-after-ms: 1\r\nretry-after: 30"), good()],
            "fine",
            2,
        ),
        ("407", vec![error("407 No")], "lm: a proxy on the way to", 1),
        ("500, then well", vec![error("500 No"), good()], "fine", 2),
        (
            "502 in HTML",
            vec![Says("502 No\r\ncontent-type: text/html", "<h1>Bad Gateway</h1>".into())],
            "lm: Bad Gateway",
            2,
        ),
        ("400", vec![error("400 No")], "lm: refused the request", 1),
        ("401", vec![error("401 No")], "auth: refused the key", 1),
        ("reset, then well", vec![Sends(String::new()), good()], "fine", 2),
        ("reset for ever", vec![Sends(String::new())], "lm: broke", 2),
        ("no HTTP", vec![Sends("what?\r\n\r\n".into())], "lm: ", 2),
        ("never answering", vec![Waits], "timeout: no answer", 2),
        ("a drop at a time", vec![Drips("200 OK")], "timeout: no answer", 2),
        (
            "a length that is wrong",
            vec![Sends(format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n{whole}"
            ))],
            "lm: broke",
            2,
        ),
        (
            "a length that is too short",
            vec![Sends(format!("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{whole}"))],
            "lm: it is not JSON",
            1,
        ),
        (
            "gzip that is none",
            vec![Says("200 OK\r\ncontent-encoding: gzip", "\u{1f}\u{b}zip".into())],
            "lm: broke",
            2,
        ),
        (
            "gzip",
            vec![Packs(
                "200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip",
                whole.clone(),
            )],
            "fine",
            1,
        ),
        (
            "gzip that does not say so",
            vec![Packs("200 OK", whole.clone())],
            "lm: compressed, and the server does not say so",
            1,
        ),
        (
            "HTML",
            vec![Says(
                "200 OK\r\ncontent-type: text/html",
                "<html>Please log in</html>".into(),
            )],
            "lm: Please log in",
            1,
        ),
        (
            "JSON that ends in the middle",
            vec![Says("200 OK", whole[..30].into())],
            "lm: it is not JSON",
            1,
        ),
        ("nothing", vec![Says("200 OK", String::new())], "lm: empty answer", 1),
        (
            "no choices",
            vec![Says("200 OK", json!({"choices": []}).to_string())],
            "lm: no `choices`",
            1,
        ),
        (
            "null content",
            vec![Says(
                "200 OK",
                json!({"choices": [{"message": {"content": null}}]}).to_string(),
            )],
            "",
            1,
        ),
        ("other JSON", vec![Says("200 OK", "[1, 2]".into())], "lm: ", 1),
        (
            "a stream nobody asked for",
            vec![Sends(format!("{sse}data: {{\"choices\": []}}\n\n"))],
            "lm: it is not JSON",
            1,
        ),
        (
            "redirected for ever",
            vec![Says("308 Go\r\nlocation: /v1", String::new())],
            "lm: redirects more than",
            11,
        ),
    ]
}

/// What all of this says, in one text: `kind: message help reply`.
fn told(answer: &Result<Answer, Fault>) -> String {
    match answer {
        Ok(answer) => answer.reply.text.clone(),
        Err(fault) => format!("{}: {fault:?}", fault.kind.name()),
    }
}

fn settings() -> CallSettings {
    CallSettings {
        timeout: Duration::from_millis(700),
        lm_retries: 1,
        ..CallSettings::default()
    }
}

fn at(base: &str) -> LmSpec {
    let options = [("api_base", Value::str(base)), ("api_key_env", Value::str(KEY))];
    model("openai/test", &options)
}

fn asked(base: &str, listener: Option<Listener>, source: Source) -> Result<Answer, Fault> {
    let lm = at(base);
    let (client, runtime) = client(source);
    runtime.block_on(client.ask(&lm, ask(&lm, "hi"), settings(), watch(listener)))
}

/// Where a text stands, as an answer that says so.
fn placed(base: &str, source: Source) -> Result<Answer, Fault> {
    let (client, runtime) = client(source);
    let placed = runtime.block_on(client.embed(&at(base), vec!["hi".to_owned()], settings()));
    let rows = format!("{:?}", placed.queries);
    assert!(!rows.contains(&std::env::var(KEY).unwrap()), "{rows}");
    let vectors = placed.vectors?;
    Ok(Answer {
        reply: Reply::text(format!("{vectors:?}")),
        cached: false,
        requests: 0,
        tries: Vec::new(),
    })
}

fn client(source: Source) -> (Client, tokio::runtime::Runtime) {
    let host: Arc<dyn Host> = Arc::new(RealHost::new(Permissions::default()));
    let options = ClientOptions {
        cache: false,
        source,
        ..ClientOptions::default()
    };
    let client = Client::new(host, options);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    (client, runtime)
}

/// Every row at a time of its own, side by side: most of them only wait.
fn check(rows: Vec<Row>, ask: impl Fn(&str) -> (Result<Answer, Fault>, String) + Sync) {
    let key = std::env::var(KEY).unwrap();
    let wrong: Mutex<Vec<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for (name, acts, expected, requests) in rows {
            let (wrong, ask, key) = (&wrong, &ask, &key);
            scope.spawn(move || {
                let (base, count) = server(acts);
                let (answer, kept) = ask(&base);
                let (said, sent) = (told(&answer), count.load(Ordering::Relaxed));
                let words = expected.split_once(": ");
                let fits = match words {
                    Some((kind, words)) => said.starts_with(&format!("{kind}:")) && said.contains(words),
                    None => said == expected,
                };
                if !fits || sent != requests || said.contains(key) || kept.contains(key) {
                    wrong
                        .lock()
                        .unwrap()
                        .push(format!("{name}: {sent} requests, {said}\n{kept}"));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn whatever_a_server_does_there_is_the_answer_or_one_typed_error() {
    check(faults(), |base| {
        let recording = Recording::default();
        let answer = asked(base, None, Source::Record(recording.clone()));
        (answer, recording.text())
    });
}

#[test]
fn the_same_holds_for_places_of_texts() {
    let well = json!({"data": [{"index": 0, "embedding": [1.0]}], "usage": {"prompt_tokens": 1}}).to_string();
    let mut rows = faults();
    for row in &mut rows {
        match row.2 {
            "fine" => {
                row.2 = "[[1.0]]";
                if let Some(Says(_, body) | Packs(_, body)) = row.1.last_mut() {
                    body.clone_from(&well);
                }
            }
            "" | "lm: no `choices`" => row.2 = "lm: not what a model's should be",
            _ => {}
        }
    }
    let two = json!({"data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0]}]});
    rows.push((
        "a place too many",
        vec![Says("200 OK", two.to_string())],
        "lm: 2 embeddings for 1 texts",
        1,
    ));
    let words = json!({"data": [{"index": 0, "embedding": ["a"]}]});
    rows.push((
        "places that are no numbers",
        vec![Says("200 OK", words.to_string())],
        "lm: ",
        1,
    ));
    check(rows, |base| {
        let recording = Recording::default();
        let answer = placed(base, Source::Record(recording.clone()));
        (answer, recording.text())
    });
}

#[test]
fn the_same_holds_for_answers_that_are_read_while_they_come() {
    // What nobody asks for in one piece is what is asked for here: it ends without a word of its end.
    let mut rows = faults();
    rows.retain(|(name, ..)| *name != "a stream nobody asked for");
    for row in &mut rows {
        match row.0 {
            // These are read as streams: an answer that says nothing of its end was cut off.
            "gzip that does not say so"
            | "nothing"
            | "JSON that ends in the middle"
            | "no choices"
            | "null content"
            | "a length that is too short"
            | "other JSON" => row.2 = "lm: ",
            "a drop at a time" => row.2 = "timeout: no end of the answer of",
            "429, then well" | "429 that asks for a pause in milliseconds" | "500, then well" | "reset, then well" => {
                row.1[1] = Says("200 OK\r\ncontent-type: application/json", reply("fine", "stop"));
            }
            _ => {}
        }
    }
    let stream = |events: &[&str]| {
        let events: String = events.iter().map(|event| format!("{event}\n\n")).collect();
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n{events}")
    };
    let events = |events: &[&str]| vec![Sends(stream(events))];
    let one = r#"data: {"choices": [{"delta": {"content": "fi"}}]}"#;
    let end = r#"data: {"choices": [{"delta": {"content": "ne"}, "finish_reason": "stop"}]}"#;
    let failure = r#"data: {"error": {"type": "server_error", "message": "out of order"}}"#;
    let done = "data: [DONE]";
    rows.extend([
        ("a stream that breaks off", events(&[one]), "lm: was cut off", 1),
        (
            "a stream in gzip",
            vec![Packs(
                "200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip",
                [one, end, done].map(|event| format!("{event}\n\n")).concat(),
            )],
            "fine",
            1,
        ),
        (
            "a stream that stalls",
            vec![Stalls(stream(&[one]))],
            "timeout: was cut off: no end of the answer",
            1,
        ),
        (
            "a stream that stalls before it says anything",
            vec![Stalls(stream(&[]))],
            "timeout: no end of the answer",
            2,
        ),
        ("a stream that ends with no word", events(&[one, done]), "fi", 1),
        (
            "a last event that comes twice",
            events(&[one, end, end, done, done]),
            "fine",
            1,
        ),
        (
            "an event that comes twice",
            events(&[
                &format!("id: 1\n{one}"),
                &format!("id: 1\n{one}"),
                &format!("id: 2\n{end}"),
                done,
            ]),
            "fine",
            1,
        ),
        (
            "an event that is no JSON",
            events(&[one, "data: {\"choices", end, done]),
            "lm: was cut off",
            1,
        ),
        (
            "a stream that fails before it says anything",
            events(&[failure]),
            "lm: out of order",
            2,
        ),
        (
            "a stream that fails behind what it said",
            events(&[one, failure]),
            "lm: out of order",
            1,
        ),
    ]);
    check(rows, |base| {
        (asked(base, Some(Listener::new(|_| {})), Source::Live), String::new())
    });
}

#[test]
fn who_cannot_be_reached_is_an_error_that_says_so() {
    let rows = [
        (
            "http://no-such-host.invalid/v1",
            "the name `no-such-host.invalid` is not found",
            "is the server's name in `api_base` right",
        ),
        (
            "http://127.0.0.1:1/v1",
            "connection refused; is the server running?",
            "start the server, or correct `api_base`",
        ),
    ];
    for (base, says, help) in rows {
        for answer in [asked(base, None, Source::Live), placed(base, Source::Live)] {
            let said = told(&answer);
            assert!(said.starts_with("lm:") && said.contains("could not connect"), "{said}");
            assert!(said.contains(says) && said.contains(help), "{said}");
        }
    }
    for (base, says) in [
        ("htp://x/v1", "must begin with `http://`"),
        ("nonsense", "is not a url"),
    ] {
        let said = told(&asked(base, None, Source::Live));
        assert!(
            said.starts_with("lm:") && said.contains(says) && said.contains("https://host/v1"),
            "{said}"
        );
    }
    // A server that does not speak TLS where it should.
    let (base, _) = server(vec![good()]);
    let said = told(&asked(&base.replace("http:", "https:"), None, Source::Live));
    assert!(said.starts_with("lm:"), "{said}");
}
