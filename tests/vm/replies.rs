//! What is known of a reply beside its text: the requests that it took, the tools that the model wants used, its thought.

use std::sync::Mutex;
use std::time::Duration;

use dsp::host::HttpResponse;
use dsp::host::fake::{FakeHost, json_response, openai_reply};
use dsp::vm::Limits;
use serde_json::{Value as Json, json};

use super::world::{printed, run_on};

/// What a script prints where the models' servers say these things, one after the other, each after 100 ms.
fn says(text: &str, responses: Vec<HttpResponse>) -> (String, FakeHost) {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "test");
    host.set_env("ANTHROPIC_API_KEY", "test");
    let left = Mutex::new(responses.into_iter());
    host.answer(move |_| {
        let next = left.lock().ok().and_then(|mut left| left.next());
        let response = next.unwrap_or_else(|| json_response(400, &json!("one request too many")));
        (Duration::from_millis(100), response)
    });
    let ran = run_on(host.clone(), text, Limits::default());
    if let Err(raised) = &ran.outcome {
        panic!("{} after {:?}", raised.fault.message, ran.out);
    }
    (ran.out, host)
}

fn message(message: Json) -> HttpResponse {
    json_response(
        200,
        &json!({"choices": [{"message": message}], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}),
    )
}

fn answer(text: &str) -> HttpResponse {
    message(json!({"content": format!("[[ ## answer ## ]]\n{text}")}))
}

const TRIES: &str =
    "print([[t.model, t.outcome, t.seconds, t.prompt_tokens] for t in meta(p).tries], meta(p).attempts)";

#[test]
fn each_request_has_a_row_of_who_was_asked_how_it_ended_how_long_it_took_and_what_it_used() {
    let busy = || json_response(503, &json!({"error": {"message": "overloaded"}}));
    let script =
        format!("let p = Predict(\"question -> answer: int\")(\"q\")\n{TRIES}\nprint(meta(p).tries[0].message)");
    let (out, _) = says(&script, vec![busy(), answer("none"), answer("4")]);
    assert_eq!(
        out,
        "[[\"openai/fake\", \"lm\", 0.1, 0], [\"openai/fake\", \"parse\", 0.1, 7], [\"openai/fake\", \"ok\", 0.1, 7]] 2\n\
         `https://api.openai.com/v1` failed (503): overloaded\n"
    );
}

#[test]
fn the_models_of_a_list_have_their_rows_too() {
    let refuses = json_response(400, &json!({"error": {"message": "no"}}));
    let claude = json_response(
        200,
        &json!({"content": [{"type": "text", "text": "[[ ## answer ## ]]\n4"}], "usage": {"input_tokens": 5, "output_tokens": 1}}),
    );
    let script = format!(
        "configure(lm: LM([\"openai/a\", \"anthropic/b\"]), lm_retries: 0)\nlet p = Predict(\"question -> answer\")(\"q\")\n{TRIES}"
    );
    let (out, _) = says(&script, vec![refuses, claude]);
    assert_eq!(
        out,
        "[[\"openai/a\", \"lm\", 0.1, 0], [\"anthropic/b\", \"ok\", 0.1, 5]] 1\n"
    );
}

#[test]
fn what_is_not_sent_takes_no_time() {
    let script =
        format!("configure(lm: DummyLM([{{answer: \"4\"}}]))\nlet p = Predict(\"question -> answer\")(\"q\")\n{TRIES}");
    assert_eq!(printed(&script), "[[\"dummy\", \"ok\", 0.0, 0]] 1\n");
}

#[test]
fn a_tool_that_the_model_wants_used_is_an_output() {
    let called = || {
        let call = json!({"id": "t1", "function": {"name": "search", "arguments": "{\"query\": \"six\", \"n\": 2}"}});
        message(json!({"content": null, "tool_calls": [call]}))
    };
    let script = "configure(lm: LM(\"openai/fake\", extra: {\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"search\"}}]}))\n\
                  let p = Predict(\"question -> calls: tool_calls, answer: str?\")(\"q\")\n\
                  print([[call.name, call.args[\"query\"]] for call in p.calls.tool_calls], p.answer, meta(p).attempts)";
    let (out, host) = says(script, vec![called()]);
    assert_eq!(out, "[[\"search\", \"six\"]] none 1\n");
    let sent: Json = serde_json::from_slice(&host.requests()[0].body).unwrap();
    assert_eq!(sent["tools"][0]["function"]["name"], "search");

    // Beside it, the reply is read as any other.
    let mut said = called().body;
    said = String::from_utf8(said)
        .unwrap()
        .replace("null", "\"[[ ## answer ## ]]\\nwait\"")
        .into_bytes();
    let both = HttpResponse { body: said, ..called() };
    let (out, _) = says(script, vec![both]);
    assert_eq!(out, "[[\"search\", \"six\"]] wait 1\n");

    // Where nothing takes it, that is said.
    let script = "configure(max_retries: 0)\ntry { print(Predict(\"question -> answer\")(\"q\").answer) } catch e { print(e.kind, e.message) }";
    let (out, _) = says(script, vec![called()]);
    assert_eq!(
        out,
        "parse the model wants `search` used, and no output is of the type `tool_calls`\n"
    );
}

#[test]
fn tools_that_were_wanted_stand_in_the_history() {
    let call = json!({"id": "t1", "function": {"name": "search", "arguments": "{\"query\": \"six\"}"}});
    let script =
        "let p = Predict(\"question -> calls: tool_calls\")(\"q\")\nprint(len(p.calls.tool_calls))\ninspect_history()";
    let (out, _) = says(script, vec![message(json!({"content": null, "tool_calls": [call]}))]);
    assert!(
        out.contains("\nTool calls:\n\nsearch: {\"query\":\"six\"}\n") && !out.contains("Response:"),
        "{out}"
    );
}

#[test]
fn thought_and_the_likelihood_of_tokens_are_known() {
    let mut body: Json = serde_json::from_slice(&openai_reply("[[ ## answer ## ]]\n4").body).unwrap();
    body["choices"][0]["message"]["reasoning_content"] = json!("hm");
    body["choices"][0]["logprobs"] = json!({"content": [{"token": "4", "logprob": -0.5}]});
    let script = "configure(lm: LM(\"openai/fake\", logprobs: true))\nlet p = Predict(\"question -> answer\")(\"q\")\n\
                  print(meta(p).thought, meta(p).logprobs)";
    let (out, host) = says(script, vec![json_response(200, &body)]);
    assert_eq!(out, "hm [{token: \"4\", logprob: -0.5}]\n");
    let sent: Json = serde_json::from_slice(&host.requests()[0].body).unwrap();
    assert_eq!(sent["logprobs"], true);
}

#[test]
fn what_a_provider_cannot_do_is_an_error_where_the_model_is_configured() {
    let script = "try { print(LM(\"anthropic/claude\", logprobs: true)) } catch e { print(e.kind, e.message) }\n\
                  try { print(LM([\"openai/a\", \"gemini/b\"], model_type: \"responses\")) } catch e { print(e.kind) }\n\
                  print(LM(\"openai/a\", model_type: \"responses\"))";
    assert_eq!(
        printed(script),
        "value the model `anthropic/claude` has no `logprobs`\nvalue\n<LM openai/a>\n"
    );
}
