//! Recorded exchanges with each provider, in `exchanges/`: what is asked for, the request that goes out, the response that
//! comes back in one piece and in events, and the reply that is made of either. A provider is added by one more file.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dsp::chat::{Message, Mode, Reply};
use dsp::diag::Fault;
use dsp::host::fake::{FakeHost, json_response};
use dsp::host::{HttpRequest, HttpResponse};
use dsp::lm::{self, Listener};
use dsp::value::{LmSpec, Value};
use serde_json::{Value as Json, json};

use super::setup::{client, model, once, watch};

/// All exchanges, each with the name of its file before what it shows.
fn exchanges() -> Vec<(String, Json)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client/exchanges");
    let mut exchanges = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file: Vec<Json> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        exchanges.extend(file.into_iter().map(|one| (format!("{name}: {}", one["what"]), one)));
    }
    exchanges
}

/// What is sent, and the reply that is made of what comes back.
fn ran(exchange: &Json, response: HttpResponse, listener: Option<Listener>) -> (HttpRequest, Result<Reply, Fault>) {
    let host = FakeHost::new();
    if let Some(name) = exchange["key"].as_str() {
        host.set_env(name, "sk-secret");
    }
    host.answer(move |_| (Duration::ZERO, response.clone()));
    let options = exchange["options"].as_object().unwrap();
    let options: Vec<(&str, Value)> = options
        .iter()
        .map(|(name, value)| (name.as_str(), Value::from_json(value)))
        .collect();
    let lm: LmSpec = model(exchange["model"].as_str().unwrap(), &options);
    let messages: Vec<Message> = serde_json::from_value(exchange["messages"].clone()).unwrap();
    let mut request = lm::request(&lm, messages, Mode::Chat, []).unwrap();
    request.shape = serde_json::from_value(exchange["shape"].clone()).unwrap();
    let answer = host.block_on(client(&host).ask(&lm, request, once(), watch(listener)));
    (host.requests().remove(0), answer.map(|answer| answer.reply))
}

/// The reply as the fixtures have it: what is not said there is nothing.
fn shown(reply: Result<Reply, Fault>) -> Json {
    let mut json = serde_json::to_value(reply.unwrap()).unwrap();
    let entries = json.as_object_mut().unwrap();
    entries.retain(|_, value| !value.is_null());
    json
}

#[test]
fn the_request_and_the_reply_of_every_exchange_are_as_recorded() {
    let exchanges = exchanges();
    assert!(exchanges.len() > 40, "{} exchanges", exchanges.len());
    for (name, exchange) in exchanges {
        let (sent, reply) = ran(&exchange, json_response(200, &exchange["reply"]), None);
        let body: Json = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(body, exchange["body"], "{name}");
        assert_eq!(Json::from(sent.url.as_str()), exchange["url"], "{name}");
        for (header, value) in exchange["headers"].as_object().into_iter().flatten() {
            let found = sent.headers.iter().find(|(known, _)| known == header);
            assert_eq!(found.map(|(_, value)| json!(value)), Some(value.clone()), "{name}");
        }
        assert_eq!(shown(reply), exchange["answer"], "{name}");
    }
}

#[test]
fn events_make_the_same_reply_and_are_told_as_they_come() {
    let mut streamed = 0;
    for (name, exchange) in exchanges() {
        let Some(events) = exchange["events"].as_array() else {
            continue;
        };
        streamed += 1;
        let lines: String = events
            .iter()
            .map(|line| format!("{}\n", line.as_str().unwrap()))
            .collect();
        let response = HttpResponse {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/event-stream".to_owned())],
            body: lines.into_bytes(),
        };
        let told: Arc<Mutex<String>> = Arc::default();
        let heard = told.clone();
        let listener = Listener::new(move |text| heard.lock().unwrap().push_str(text));
        let (sent, reply) = ran(&exchange, response, Some(listener));
        let body: Json = serde_json::from_slice(&sent.body).unwrap();
        let asks = body["stream"] == json!(true) || sent.url.ends_with("alt=sse");
        assert!(asks, "{name}: {body}");
        assert_eq!(shown(reply), exchange["answer"], "{name}");
        assert_eq!(
            exchange["answer"]["text"],
            json!(told.lock().unwrap().as_str()),
            "{name}"
        );
    }
    assert!(streamed > 12, "{streamed} streams");
}

#[test]
fn arguments_of_a_tool_that_are_no_json_are_left_as_they_are_for_who_reads_the_reply() {
    let all = exchanges();
    let (_, mut exchange) = all
        .into_iter()
        .find(|(name, _)| name.starts_with("openai: \"tools"))
        .unwrap();
    exchange["reply"]["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] = json!("{\"query\": ");
    let (_, reply) = ran(&exchange, json_response(200, &exchange["reply"]), None);
    assert_eq!(reply.unwrap().calls[0].args, json!("{\"query\": "));
}

#[test]
fn what_a_provider_cannot_do_is_said_when_the_model_is_configured() {
    let no = |name: &str, option: &str, value: Value| {
        let fault = lm::check(&model(name, &[(option, value)])).unwrap_err();
        assert_eq!(fault.kind.name(), "value");
        fault.message
    };
    let yes = Value::Bool(true);
    assert_eq!(
        no("anthropic/m", "logprobs", yes.clone()),
        "the model `anthropic/m` has no `logprobs`"
    );
    assert_eq!(
        no("ollama/m", "tool_choice", Value::str("any")),
        "the model `ollama/m` has no `tool_choice`"
    );
    let words = "it is \"none\", \"minimal\", \"low\", \"medium\" or \"high\"";
    for name in ["anthropic/m", "gemini/m"] {
        assert!(no(name, "reasoning_effort", Value::str("hard")).contains(words));
    }
    assert_eq!(
        no("openai/m", "model_type", Value::str("text")),
        "`model_type` of a model cannot be `text`"
    );
    let responses = Value::str("responses");
    assert!(
        no("anthropic/m", "model_type", responses.clone()).starts_with("`anthropic` has no responses, only a chat")
    );
    let stop = [("model_type", responses), ("stop", Value::str("END"))];
    let fault = lm::check(&model("openai/m", &stop)).unwrap_err();
    assert_eq!(fault.message, "the model `openai/m` has no `stop` in its responses");
    // What is not wanted is not refused, nor what is not known.
    for (name, option, value) in [
        ("anthropic/m", "logprobs", Value::Bool(false)),
        ("anthropic/m", "seed", Value::Int(1)),
        ("house", "logprobs", yes),
    ] {
        lm::check(&model(name, &[(option, value)])).unwrap();
    }
}
