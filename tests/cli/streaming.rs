//! What a model says is there for the script while the model still speaks, in every protocol, and is the same as without.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::sandbox::Sandbox;
use super::server::listening;

/// Longer than any test takes that goes well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that says the first half, and the second once it is told to; later requests get nothing.
fn server(first: String, second: String, go: Receiver<()>) -> String {
    let go = Mutex::new(go);
    let (base, _) = listening(move |_, stream| {
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n";
        stream.write_all(format!("{head}{first}").as_bytes()).ok()?;
        go.lock().ok()?.recv_timeout(PATIENCE).ok()?;
        stream.write_all(second.as_bytes()).ok()?;
        None
    });
    base
}

/// What stands before the model's name and behind `LM(…`, how a text is said, how the answer ends.
type Protocol = (&'static str, &'static str, fn(&str) -> String, String);

fn protocols() -> [Protocol; 5] {
    fn event(json: &Json) -> String {
        format!("data: {json}\n\n")
    }
    fn line(json: &Json) -> String {
        format!("{json}\n")
    }
    let stop = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
    let response = json!({"status": "completed", "output": [], "usage": {"input_tokens": 1, "output_tokens": 2}});
    [
        (
            "openai",
            "",
            |text| event(&json!({"choices": [{"delta": {"content": text}}]})),
            event(&stop),
        ),
        (
            "openai",
            ", model_type: \"responses\"",
            |text| event(&json!({"type": "response.output_text.delta", "delta": text})),
            event(&json!({"type": "response.completed", "response": response})),
        ),
        (
            "anthropic",
            "",
            |text| {
                event(
                    &json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
                )
            },
            event(&json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}))
                + &event(&json!({"type": "message_stop"})),
        ),
        (
            "gemini",
            "",
            |text| event(&json!({"candidates": [{"content": {"parts": [{"text": text}]}}]})),
            event(&json!({"candidates": [{"finishReason": "STOP"}]})),
        ),
        (
            "ollama",
            "",
            |text| line(&json!({"message": {"content": text}, "done": false})),
            line(&json!({"message": {"content": ""}, "done": true, "done_reason": "stop"})),
        ),
    ]
}

#[test]
fn a_part_is_there_before_the_reply_is_whole_and_the_value_is_kept_as_any_other() {
    for (provider, options, says, end) in protocols() {
        let (tell, go) = channel();
        let base = server(says("[[ ## answer ## ]]\nPar"), says("is") + &end, go);
        let sandbox = Sandbox::with(&format!(
            "configure(lm: LM(\"{provider}/m\", api_base: \"{base}\", api_key_env: \"KEY\"{options}), lm_retries: 0)\n\
             module M {{\n  ask = Predict(\"question -> answer\")\n  forward(question: str) -> str {{ ask(question).answer }}\n}}\n\
             let m = M()\nfor part in stream(|| m(\"?\")) {{ print(part.path, part.field, part.delta) }}\nprint(m(\"?\"))\n"
        ));
        let mut command = sandbox.command();
        command
            .env("KEY", "k")
            .args(["run", "s.dsp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        // The rest comes only once this was read.
        out.read_line(&mut line).unwrap();
        assert_eq!(line, "ask answer Par\n", "{provider}{options}");
        tell.send(()).unwrap();
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        // The second call is answered from the cache: the server takes no more.
        assert_eq!(rest, "ask answer is\nParis\n", "{provider}{options}");
        assert!(child.wait().unwrap().success(), "{provider}{options}");
        let again = super::sandbox::finish(sandbox.command().env("KEY", "k").args(["run", "s.dsp"]));
        again.prints("ask answer Paris\nParis\n");
    }
}

#[test]
fn where_the_next_model_is_asked_all_is_said_anew_a_part_at_a_time() {
    let (base, _) = listening(|request, stream| {
        let request: Json = serde_json::from_slice(request).ok()?;
        let says = |text: &str| format!("data: {}\n\n", json!({"choices": [{"delta": {"content": text}}]}));
        let end = format!(
            "data: {}\n\n",
            json!({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        );
        let parts = match request["model"] == "cut" {
            true => vec![says("[[ ## answer ## ]]\nPar")],
            false => vec![says("[[ ## answer ## ]]\nRo"), says("me"), end],
        };
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n";
        stream.write_all(head.as_bytes()).ok()?;
        for part in parts {
            stream.write_all(part.as_bytes()).ok()?;
            std::thread::sleep(Duration::from_millis(150));
        }
        None
    });
    let sandbox = Sandbox::with(&format!(
        "configure(lm: LM([\"openai/cut\", \"openai/good\"], api_base: \"{base}\"), lm_retries: 0)\n\
         for part in stream(|| Predict(\"question -> answer\")(\"?\")) {{ print(part.delta) }}\n"
    ));
    let ran = super::sandbox::finish(sandbox.command().args(["run", "s.dsp"]));
    ran.prints("Par\nRo\nme\n");
}

/// A server that says the same in one piece and in parts.
fn either() -> String {
    let (base, _) = listening(|request, stream| {
        let request: Json = serde_json::from_slice(request).ok()?;
        let text = "[[ ## answer ## ]]\nParis, and more\n\n[[ ## completed ## ]]";
        let usage = json!({"prompt_tokens": 11, "completion_tokens": 7});
        let about = |mut json: Json| {
            json["id"] = "c1".into();
            json["model"] = "m-1".into();
            json
        };
        let (kind, body) = match request["stream"] == true {
            true => {
                let parts = text.as_bytes().chunks(4).map(String::from_utf8_lossy);
                let said = parts.map(|part| json!({"choices": [{"delta": {"content": part}}]}));
                let ends = [
                    json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}),
                    json!({"choices": [], "usage": usage}),
                ];
                let events = said.chain(ends).map(|event| format!("data: {}\n\n", about(event)));
                ("text/event-stream", events.collect::<String>() + "data: [DONE]\n\n")
            }
            false => {
                let message = json!({"role": "assistant", "content": text});
                let whole = json!({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage});
                ("application/json", about(whole).to_string())
            }
        };
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(format!("{head}{body}").as_bytes()).ok()
    });
    base
}

#[test]
fn values_cache_and_recordings_are_the_same_as_without() {
    let base = either();
    let asks = [
        "m(\"?\")",
        "{\n  let said = stream(|| m(\"?\"))\n  debug(said)\n  m(\"?\")\n}",
    ];
    let runs: [(&str, &[&str]); 3] = [(asks[0], &[]), (asks[0], &["--stream"]), (asks[1], &[])];
    let found = runs.map(|(ask, stream)| {
        let sandbox = Sandbox::with(&format!(
            "configure(lm: LM(\"openai/m\", api_base: \"{base}\", api_key_env: \"KEY\"))\n\
             module M {{\n  ask = Predict(\"question -> answer\")\n  forward(question: str) {{ ask(question) }}\n}}\n\
             let m = M()\nlet p = {ask}\nprint(p.answer, meta(p).usage, meta(p).id, meta(p).model)\n"
        ));
        let run = |args: &[&str]| super::sandbox::finish(sandbox.command().env("KEY", "k").args(args));
        let ran = run(&[&["run"], stream, &["s.dsp"]].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        let kept = run(&["cache", "export"]).out;
        let mut kept: Vec<Json> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        kept.iter_mut().for_each(|entry| {
            entry.as_object_mut().unwrap().shift_remove("at");
        });
        assert_eq!(run(&["test", "--record", "--update", "s.dsp"]).code, 0);
        (ran.out, kept, sandbox.text("s.lm.jsonl"))
    });
    assert!(
        found[0]
            .0
            .starts_with("Paris, and more {prompt_tokens: 11, completion_tokens: 7"),
        "{}",
        found[0].0
    );
    assert_eq!((found[0].1.len(), found[0].2.lines().count() > 0), (1, true));
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0], found[2]);
}
