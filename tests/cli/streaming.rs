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
