//! A real model behind a server that others wrote, llama.cpp's, as `live` starts it: answers, their tokens and places of
//! texts as a model makes them. It is the small model that dsp knows, where that was fetched.

#![allow(clippy::print_stdout, reason = "a test that cannot run says so")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dsp::chat::{Finish, Message, Mode, Reply, Role};
use dsp::host::{Permissions, RealHost};
use dsp::lm::local::weights;
use dsp::lm::{self, CallSettings, Listener};
use dsp::value::Value;

use super::live::{Server, start};
use super::setup::{model, real, watch};

/// llama.cpp at work on the model; `None`, with a word of it, where either is absent.
fn llama(args: &[&str], tests: usize) -> Option<Server> {
    let host = RealHost::new(Permissions::default());
    let path: Option<PathBuf> = weights::path(&host).ok().filter(|path| path.exists());
    let Some(path) = path else {
        println!("skipped: {tests} exchanges with llamacpp, its model was not fetched");
        return None;
    };
    start("llamacpp", &[&[path.to_str().unwrap()], args].concat(), &[], tests)
}

/// While it loads its model it answers that it is not ready.
fn patient() -> CallSettings {
    CallSettings {
        timeout: Duration::from_secs(120),
        lm_retries: 10,
        ..CallSettings::default()
    }
}

/// The answer to one question, and what was heard while it came.
fn ask(port: u16, name: &str, options: &[(&str, Value)], stream: bool) -> (Reply, String) {
    let base = Value::str(format!("http://127.0.0.1:{port}/v1"));
    let small = [("max_tokens", Value::Int(12)), ("temperature", Value::Float(0.0))];
    let options = [("api_base", base)]
        .into_iter()
        .chain(small)
        .chain(options.iter().cloned());
    let lm = model(name, &options.collect::<Vec<_>>());
    let question = Message::new(Role::User, "What is the capital of France?");
    let request = lm::request(&lm, vec![question], Mode::Chat, []).unwrap();
    let told: Arc<Mutex<String>> = Arc::default();
    let heard = told.clone();
    let listener = stream.then(|| Listener::new(move |text| heard.lock().unwrap().push_str(text)));
    let (client, runtime) = real();
    let answer = runtime.block_on(client.ask(&lm, request, patient(), watch(listener)));
    let told = told.lock().unwrap().clone();
    (answer.unwrap_or_else(|fault| panic!("{name}: {fault:?}")).reply, told)
}

#[test]
fn llama_cpp_says_the_same_in_every_protocol_in_one_piece_and_in_parts() {
    let Some(server) = llama(&[], 6) else { return };
    let responses = [("model_type", Value::str("responses"))];
    let protocols: [(&str, &[(&str, Value)]); 3] = [("openai/x", &[]), ("openai/x", &responses), ("anthropic/x", &[])];
    let mut texts = Vec::new();
    for (name, options) in protocols {
        // It does not say of its responses that they were cut off.
        let finish = if options.is_empty() {
            Finish::Length
        } else {
            Finish::Stop
        };
        let (whole, _) = ask(server.port, name, options, false);
        let (parts, told) = ask(server.port, name, options, true);
        for reply in [&whole, &parts] {
            assert_eq!(reply.finish, finish, "{name}: {reply:?}");
            assert_eq!(reply.usage.completion_tokens, 12, "{name}: {reply:?}");
            assert!(
                reply.usage.prompt_tokens > 10 && !reply.usage.estimated,
                "{name}: {reply:?}"
            );
        }
        assert_eq!((&parts.text, &told), (&whole.text, &whole.text), "{name}");
        texts.push(whole.text);
    }
    assert!(texts.iter().all(|text| text == &texts[0]), "{texts:?}");
}

#[test]
fn llama_cpp_tells_how_likely_its_tokens_are() {
    let Some(server) = llama(&[], 2) else { return };
    let logprobs = [("logprobs", Value::Bool(true))];
    for stream in [false, true] {
        let (reply, _) = ask(server.port, "openai/x", &logprobs, stream);
        let tokens: String = reply.logprobs.iter().map(|one| one.token.as_str()).collect();
        assert_eq!(tokens, reply.text, "{stream}");
        assert!(reply.logprobs.iter().all(|one| one.logprob <= 0.0), "{reply:?}");
    }
}

#[test]
fn llama_cpp_places_texts() {
    let Some(server) = llama(&["places"], 1) else { return };
    let base = format!("http://127.0.0.1:{}/v1", server.port);
    let lm = model("openai/x", &[("api_base", Value::str(base))]);
    let (client, runtime) = real();
    let texts = ["a cat", "a stone", "a cat"].map(str::to_owned).to_vec();
    let placed = runtime.block_on(client.embed(&lm, texts, patient()));
    let vectors = placed.vectors.unwrap();
    assert!(vectors.len() == 3 && vectors[0] == vectors[2] && vectors[0] != vectors[1]);
    assert_eq!(vectors[0].len(), 576);
}
