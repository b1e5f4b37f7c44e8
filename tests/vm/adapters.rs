//! What a server is asked for beside the messages: structured output, images.

use std::time::Duration;

use dsp::host::fake::{self, FakeHost, json_response};
use dsp::vm::Limits;
use serde_json::{Value as Json, json};

use super::world::run_on;

fn body(request: &dsp::host::HttpRequest) -> Json {
    serde_json::from_slice(&request.body).expect("a body of JSON")
}

/// A server that takes what `takes` says of the wanted form.
fn server(takes: impl Fn(&Json) -> bool + Send + Sync + 'static) -> FakeHost {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "test");
    host.answer(move |request| {
        let reply = match takes(&body(request)["response_format"]) {
            true => fake::openai_reply("{\"answer\": \"yes\"}"),
            false => json_response(
                400,
                &json!({"error": {"message": "this `response_format` is not supported"}}),
            ),
        };
        (Duration::from_millis(1), reply)
    });
    host
}

/// The forms that the requests wanted.
fn forms(host: &FakeHost) -> Vec<Json> {
    let requests = host.requests();
    requests
        .iter()
        .map(|request| body(request)["response_format"]["type"].clone())
        .collect()
}

#[test]
fn the_json_adapter_asks_for_a_schema_and_for_less_where_the_server_refuses() {
    let host = server(|form| form["type"] != "json_schema");
    let script = r#"
        let ask = Predict("question -> answer", adapter: "json")
        let first = ask("a")
        print(first.answer, meta(first).attempts)
        let second = ask("b")
        print(second.answer, meta(second).attempts)
        with (structured: "off") { print(ask("c").answer) }
        print(try { with (structured: "on") { ask("d").answer } } catch e { e.kind })
    "#;
    let ran = run_on(host.clone(), script, Limits::default());
    assert!(ran.outcome.is_ok(), "{:?}", ran.outcome);
    assert_eq!(ran.out, "yes 2\nyes 1\nyes\nlm\n");
    let wanted = ["json_schema", "json_object", "json_object"].map(|form| json!(form));
    assert_eq!(forms(&host)[..3], wanted);
    assert_eq!(forms(&host)[3..], [Json::Null, json!("json_schema")]);
}

#[test]
fn a_schema_is_strict_and_only_the_json_adapter_asks_for_it() {
    let host = server(|_| true);
    let script = r#"
        let outputs = Predict("question -> answer: 'yes' | 'no'", adapter: "json")("a")
        print(outputs.answer)
        print(Predict("question -> answer", max_retries: 0)("a").answer)
    "#;
    let ran = run_on(host.clone(), script, Limits::default());
    assert_eq!(ran.out, "yes\nyes\n");
    let format = body(&host.requests()[0])["response_format"].clone();
    assert_eq!(format["json_schema"]["strict"], true);
    let answer = &format["json_schema"]["schema"]["properties"]["answer"];
    assert_eq!(answer["enum"], json!(["yes", "no"]));
    assert_eq!(forms(&host)[1], Json::Null);
}

#[test]
fn a_dict_is_never_held_to_be_empty() {
    let host = server(|_| true);
    let script = r#"
        type Book = {title: str, tags: dict[str, str]}
        configure(adapter: "json", max_retries: 0)
        try { print(Predict("q -> answer: Book")("a").answer) } catch e { none }
        try { print(Predict("q -> answer: list[dict[str, any]]")("a").answer) } catch e { none }
        try { print(Predict("q -> answer: list[str]")("a").answer) } catch e { none }
    "#;
    run_on(host.clone(), script, Limits::default());
    let wanted = ["json_object", "json_object", "json_schema"].map(|form| json!(form));
    assert_eq!(forms(&host), wanted);
}

#[test]
fn images_are_parts_of_the_message_and_a_text_model_is_not_asked_in_vain() {
    let host = server(|_| true);
    let script = r#"
        let ask = Predict("question, photo: image -> answer", adapter: "json")
        print(ask("a", "https://example.org/cat.png").answer)
        with (lm: LM("ollama/llama3")) {
            print(try { ask("a", "https://example.org/cat.png").answer } catch e { e.kind })
        }
    "#;
    let ran = run_on(host.clone(), script, Limits::default());
    assert_eq!(ran.out, "yes\nlm\n");
    assert_eq!(host.requests().len(), 1);
    let content = body(&host.requests()[0])["messages"][1]["content"].clone();
    assert_eq!(content[0]["type"], "text");
    let image = json!({"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}});
    assert_eq!(content[1], image);
    assert!(
        content[2]["text"]
            .as_str()
            .unwrap()
            .starts_with("\n\nRespond with a JSON object")
    );
}

#[test]
fn a_local_model_is_held_to_a_form_in_json_where_its_outputs_are_literals() {
    let ask = |signature: &str| {
        let script = format!(
            "configure(lm: LM(\"local/tiny.gguf\"), adapter: \"json\", structured: \"on\")\nprint(Predict(\"{signature}\")(\"x\"))"
        );
        let ran = run_on(FakeHost::new(), &script, Limits::default());
        ran.error().1
    };
    // The file is not there: what is wrong with the second is told before it is looked for.
    let literals = ask("text -> mood: 'good' | 'bad'");
    assert!(
        literals.contains("tiny.gguf") && !literals.contains("form"),
        "{literals}"
    );
    let free = ask("text -> mood: 'good' | 'bad', why");
    assert!(
        free.ends_with("only where every output is a union of strings"),
        "{free}"
    );
}

#[test]
fn a_model_that_takes_no_form_is_refused_where_it_is_configured() {
    for configured in [
        "configure(lm: DummyLM([]), adapter: \"json\", structured: \"on\")",
        "configure(adapter: \"json\", structured: \"on\")\nwith (lm: DummyLM([])) { print(1) }",
    ] {
        let ran = run_on(FakeHost::new(), &format!("{configured}\nprint(2)"), Limits::default());
        let (kind, message) = ran.error();
        assert_eq!(kind, "lm");
        assert!(
            message.ends_with("cannot be held to a form (`structured: \"on\"`)"),
            "{message}"
        );
        assert_eq!(ran.out, "");
    }
}
