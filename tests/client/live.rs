//! Servers that others wrote: `DSP_TEST_SERVERS=1 cargo test --test client live` starts them by `tests/servers/start.sh`
//! and asks them what a script may ask a provider.

#![allow(clippy::print_stdout, reason = "a test that cannot run says so")]

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dsp::chat::{Attachment, Finish, Message, Mode, Part, Reply, Role, Shape};
use dsp::diag::Fault;
use dsp::lm::{self, CallSettings, Listener};
use dsp::value::Value;
use serde_json::{Value as Json, json};

use super::setup::{model, real, watch};

/// A variable that is set in every test stands for the one that holds the key.
const KEY: &str = "CARGO_MANIFEST_DIR";

const IMAGE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

pub struct Server {
    pub port: u16,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _best_effort = self.child.kill();
        let _best_effort = self.child.wait();
    }
}

fn script() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/start.sh"))
}

/// A server, once it listens; `None`, with a word of it, where these tests are off or what installs it is absent.
pub fn start(name: &str, args: &[&str], env: &[(&str, &str)], tests: usize) -> Option<Server> {
    if std::env::var_os("DSP_TEST_SERVERS").is_none() {
        println!("skipped: {tests} exchanges with {name}, DSP_TEST_SERVERS is not set");
        return None;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = script();
    command
        .args([name, &port.to_string()])
        .args(args)
        .envs(env.iter().copied());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut server = Server { port, child };
    // An install and a start take minutes where little else does.
    for _ in 0..6000 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(server);
        }
        if let Some(status) = server.child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(77), "{name} did not start");
            println!("skipped: {tests} exchanges with {name}, npm or pip is absent");
            return None;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{name} does not listen");
}

/// How a server is asked: the model's name, what its address ends with, further options.
type Protocol = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const PROTOCOLS: [Protocol; 6] = [
    ("openai/gpt-x", "/v1", &[]),
    ("openai/gpt-x", "/v1", &[("model_type", "responses")]),
    ("anthropic/claude-x", "/v1", &[]),
    ("gemini/gemini-x", "/v1beta", &[]),
    ("ollama/llama-x", "", &[]),
    ("azure/gpt-x", "", &[]),
];

/// One question and what came of it.
#[derive(Default)]
struct Asked<'a> {
    text: &'a str,
    image: bool,
    shape: Option<Shape>,
    tools: bool,
    stream: bool,
}

/// The answer, how many requests it took, and what was heard while it came.
fn ask(port: u16, (name, path, options): Protocol, asked: &Asked<'_>) -> (Result<Reply, Fault>, Vec<String>) {
    let base = format!("http://127.0.0.1:{port}{path}");
    let mut all = vec![
        ("api_base", Value::str(base.as_str())),
        ("api_key_env", Value::str(KEY)),
    ];
    all.extend(options.iter().map(|(name, value)| (*name, Value::str(*value))));
    if asked.tools {
        let search = json!([{"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}]);
        all.push(("tools", Value::from_json(&search)));
    }
    let lm = model(name, &all);
    let mut message = Message::new(Role::User, asked.text);
    if asked.image {
        let part = Part::Image(IMAGE.into());
        message.attachments = vec![Attachment { at: 0, part }];
    }
    let mut request = lm::request(
        &lm,
        vec![Message::new(Role::System, "be brief"), message],
        Mode::Chat,
        [],
    )
    .unwrap();
    request.shape = asked.shape.clone();
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = told.clone();
    let listener = Listener::new(move |text| heard.lock().unwrap().push(text.to_owned()));
    let settings = CallSettings {
        lm_retries: 1,
        timeout: Duration::from_secs(20),
        ..CallSettings::default()
    };
    let (client, runtime) = real();
    let answer = runtime.block_on(client.ask(&lm, request, settings, watch(asked.stream.then_some(listener))));
    let told = told.lock().unwrap().clone();
    (answer.map(|answer| answer.reply), told)
}

fn get(port: u16, path: &str) -> Json {
    let url = format!("http://127.0.0.1:{port}{path}");
    let body = Command::new("curl").args(["-s", &url]).output().unwrap().stdout;
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn aimock_answers_in_every_protocol() {
    let Some(server) = start("aimock", &[], &[], PROTOCOLS.len() * 16) else {
        return;
    };
    let schema = json!({"type": "object", "properties": {"answer": {"type": "string"}}});
    let shape = Shape::Schema {
        name: "Outputs".to_owned(),
        schema,
    };
    for protocol in PROTOCOLS {
        let is = |name: &str| protocol.0.starts_with(name);
        for stream in [false, true] {
            let of = |text: &'static str| Asked {
                text,
                stream,
                ..Asked::default()
            };
            let well = |asked: &Asked<'_>| {
                let (reply, told) = ask(server.port, protocol, asked);
                let reply = reply.unwrap_or_else(|fault| panic!("{protocol:?} {}: {fault:?}", asked.text));
                if stream {
                    assert_eq!(reply.text, told.concat(), "{protocol:?}");
                }
                (reply, told)
            };
            let (reply, told) = well(&of("say something"));
            assert_eq!(
                (reply.text.as_str(), reply.finish),
                ("[[ ## answer ## ]]\nParis it is", Finish::Stop)
            );
            assert_eq!(told.len() > 2, stream, "{protocol:?}: {told:?}");
            // Ollama's counts are 0 there whatever is said.
            if !is("ollama") {
                let usage = (reply.usage.prompt_tokens, reply.usage.completion_tokens);
                assert_eq!(usage, (11, 3), "{protocol:?} {stream}");
            }

            // What it thinks has another name there than Ollama gives it.
            let (reply, _) = well(&of("think first"));
            assert_eq!(reply.text, "fine");
            assert!(is("ollama") || reply.thought == "hm hm", "{protocol:?}: {reply:?}");

            let tools = Asked {
                tools: true,
                ..of("use a tool")
            };
            let (reply, _) = well(&tools);
            let calls: Vec<_> = reply
                .calls
                .iter()
                .map(|call| (call.name.as_str(), &call.args["query"]))
                .collect();
            assert_eq!(calls, [("search", &json!("six"))], "{protocol:?} {stream}");

            let image = Asked {
                image: true,
                ..of("see this")
            };
            assert_eq!(well(&image).0.text, "seen");
            let journal = get(server.port, "/__aimock/journal");
            let last = journal.as_array().unwrap().last().unwrap().to_string();
            // What it notes of other protocols is in part their texts alone.
            let noted = last.contains(IMAGE.split_once(',').unwrap().1);
            assert!(noted || protocol != PROTOCOLS[0], "{protocol:?}");

            let form = Asked {
                shape: Some(shape.clone()),
                ..of(if is("anthropic") {
                    "fill a tool's form"
                } else {
                    "fill a form"
                })
            };
            let filled: Json = serde_json::from_str(&well(&form).0.text).unwrap();
            assert_eq!(filled, json!({"answer": "6"}), "{protocol:?} {stream}");

            for (text, kind, requests) in [
                ("be overloaded", "lm", 2),
                ("be busy", "rate_limit", 2),
                ("know nobody", "auth", 1),
                ("have no such model", "lm", 1),
                ("find it too long", "context_length", 1),
                ("find it odd", "lm", 1),
            ] {
                let before = get(server.port, "/__aimock/journal").as_array().unwrap().len();
                let fault = ask(server.port, protocol, &of(text)).0.unwrap_err();
                assert_eq!(fault.kind.name(), kind, "{protocol:?} {text}: {fault:?}");
                let after = get(server.port, "/__aimock/journal").as_array().unwrap().len();
                assert_eq!(after - before, requests, "{protocol:?} {text}");
            }
        }
        let cut = Asked {
            text: "break off",
            stream: true,
            ..Asked::default()
        };
        let (reply, told) = ask(server.port, protocol, &cut);
        let fault = reply.unwrap_err();
        assert_eq!(
            (fault.kind.name(), fault.reply.unwrap_or_default().to_string()),
            ("lm", told.concat()),
            "{protocol:?}"
        );
    }
}

#[test]
fn aimock_places_texts_in_every_protocol_that_has_places() {
    // What it answers as Ollama is Ollama's older way, of one text.
    let protocols = [
        ("openai/text-embedding-3-small", "/v1"),
        ("azure/text-embedding-3-small", ""),
    ];
    let Some(server) = start("aimock", &[], &[], protocols.len()) else {
        return;
    };
    for (name, path) in protocols {
        let base = format!("http://127.0.0.1:{}{path}", server.port);
        let lm = model(
            name,
            &[("api_base", Value::str(base)), ("api_key_env", Value::str(KEY))],
        );
        let (client, runtime) = real();
        let texts = ["a", "b", "a"].map(str::to_owned).to_vec();
        let placed = runtime.block_on(client.embed(&lm, texts, CallSettings::default()));
        let vectors = placed.vectors.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        assert!(
            vectors.len() == 3 && vectors[0] == vectors[2] && vectors[0] != vectors[1],
            "{name}"
        );
        assert!(vectors[0].len() > 1 && vectors[0].len() == vectors[1].len(), "{name}");
        assert_eq!(placed.queries.len(), 1, "{name}");
    }
}

#[test]
fn litellm_answers_itself_and_from_another_server() {
    let Some(behind) = start("aimock", &[], &[], 0) else {
        println!("skipped: 18 exchanges with litellm");
        return;
    };
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/litellm.yaml");
    let base = format!("http://127.0.0.1:{}/v1", behind.port);
    let args = ["--config", config.to_str().unwrap()];
    let key = std::env::var(KEY).unwrap();
    let env = [("BEHIND", base.as_str()), ("LITELLM_MASTER_KEY", key.as_str())];
    let Some(server) = start("litellm", &args, &env, 18) else {
        return;
    };
    let interfaces: [(&str, Protocol); 3] = [
        ("chat", ("openai/", "/v1", &[])),
        ("responses", ("openai/", "/v1", &[("model_type", "responses")])),
        ("messages", ("anthropic/", "/v1", &[])),
    ];
    let base = format!("http://127.0.0.1:{}/v1", server.port);
    let lm = model(
        "openai/own",
        &[
            ("api_base", Value::str(base)),
            ("api_key_env", Value::str(KEY)),
            ("n", Value::Int(3)),
        ],
    );
    let request = lm::request(&lm, vec![Message::new(Role::User, "say something")], Mode::Chat, []).unwrap();
    let (client, runtime) = real();
    let several = runtime
        .block_on(client.call(&lm, request, CallSettings::default()))
        .unwrap();
    assert_eq!(several.reply.others, ["Paris it is", "Paris it is"]);

    for (interface, (provider, path, options)) in interfaces {
        let to = |name: &str| -> Protocol { (format!("{provider}{name}").leak(), path, options) };
        for stream in [false, true] {
            let of = |text: &'static str| Asked {
                text,
                stream,
                ..Asked::default()
            };
            // It fails to stream its own answers as responses.
            if !stream || interface != "responses" {
                let (reply, _) = ask(server.port, to("own"), &of("say something"));
                assert_eq!(reply.unwrap().text, "Paris it is", "{interface} {stream}");
            }
            let (reply, told) = ask(server.port, to("behind"), &of("say something"));
            let reply = reply.unwrap();
            assert_eq!(reply.text, "[[ ## answer ## ]]\nParis it is", "{interface} {stream}");
            assert!(!stream || told.concat() == reply.text, "{interface}: {told:?}");
            assert_eq!(reply.usage.completion_tokens, 3, "{interface} {stream}");
            let tools = Asked {
                tools: true,
                ..of("use a tool")
            };
            let (reply, _) = ask(server.port, to("behind"), &tools);
            assert_eq!(reply.unwrap().calls[0].name, "search", "{interface} {stream}");
        }
    }
}

/// What came of so many questions in all protocols that llmock has too, and what it says of the client.
fn with_llmock(faults: &[&str], stream: bool) -> Option<(Vec<Fault>, Json)> {
    const CALLS: usize = 40;
    let server = start("llmock", faults, &[], CALLS)?;
    let (client, runtime) = real();
    let mut bad = Vec::new();
    for n in 0..CALLS {
        let (name, path, options) = [
            ("openai/gpt-4o", "/v1", None),
            ("openai/gpt-4o", "/v1", Some(("model_type", Value::str("responses")))),
            ("anthropic/claude-x", "/anthropic/v1", None),
            ("gemini/gemini-x", "/gemini/v1beta", None),
        ][n % 4]
            .clone();
        let base = format!("http://127.0.0.1:{}{path}", server.port);
        let options = [("api_base", Value::str(base)), ("api_key_env", Value::str(KEY))]
            .into_iter()
            .chain(options);
        let lm = model(name, &options.collect::<Vec<_>>());
        let request = lm::request(
            &lm,
            vec![Message::new(Role::User, format!("number {n}"))],
            Mode::Chat,
            [],
        )
        .unwrap();
        let settings = CallSettings {
            lm_retries: 6,
            timeout: Duration::from_secs(20),
            ..CallSettings::default()
        };
        let listener = stream.then(|| Listener::new(|_| {}));
        match runtime.block_on(client.ask(&lm, request, settings, watch(listener))) {
            Ok(answer) => assert!(!answer.reply.text.is_empty(), "{answer:?}"),
            Err(fault) => bad.push(fault),
        }
    }
    let key = std::env::var(KEY).unwrap();
    assert!(bad.iter().all(|fault| !format!("{fault:?}").contains(&key)), "{bad:?}");
    let report = script()
        .args(["llmock-report", &server.port.to_string()])
        .output()
        .unwrap();
    let report: Json = serde_json::from_slice(&report.stdout).unwrap();
    println!("{CALLS} calls, {} errors; llmock: {report}", bad.len());
    assert!(
        report["faults_injected"].as_u64() > Some(5) && report["calls"] == CALLS,
        "{report}"
    );
    Some((bad, report))
}

#[test]
fn llmock_finds_no_fault_with_the_client_that_it_refuses() {
    let faults = [
        "--error-rate",
        "429=0.2",
        "--error-rate",
        "503=0.1",
        "--error-rate",
        "500=0.05",
    ];
    if let Some((bad, report)) = with_llmock(&faults, false) {
        assert!(bad.is_empty(), "{bad:?}");
        assert_eq!(report["findings"], json!([]));
    }
}

#[test]
fn each_stream_that_llmock_breaks_behind_its_first_word_is_one_error_and_is_not_asked_for_again() {
    let faults = [
        "--stream-fault",
        "truncate=0.2",
        "--stream-fault",
        "malformed=0.1",
        "--stream-fault",
        "disconnect=0.1",
    ];
    if let Some((bad, report)) = with_llmock(&faults, true) {
        assert!(bad.iter().all(|fault| fault.kind.name() == "lm"), "{bad:?}");
        // It takes whoever does not ask again for one who took half an answer for a whole one. Only where nothing was said
        // before the connection broke it is asked again.
        let count = |name: &str| report[name].as_u64().unwrap() as usize;
        assert_eq!(count("faults_injected"), bad.len() + count("attempts") - count("calls"));
    }
}
