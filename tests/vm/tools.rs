//! A question's tools as the request's own: what each provider is sent, what comes of its calls, and what is done where
//! a model knows no tools.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use dsp::host::HttpResponse;
use dsp::host::fake::{FakeHost, json_response, openai_reply};
use dsp::vm::Limits;
use serde_json::{Value as Json, json};

use super::world::{printed, run_on};

const TOOLS: &str = "let search = {name: \"search\", desc: \"Searches.\", args: {\"query\": {\"type\": \"string\"}, \"k\": {\"type\": \"integer\", \"default\": 3}}}\n\
                     let clock = {name: \"clock\", desc: \"Tells the time.\", args: {}}\n";

/// What a script prints where the models' servers say these things, one after the other, and the bodies that were sent.
fn says(text: &str, responses: Vec<HttpResponse>) -> (String, Vec<Json>) {
    let host = FakeHost::new();
    for key in ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"] {
        host.set_env(key, "test");
    }
    let left = Mutex::new(responses.into_iter());
    host.answer(move |_| {
        let next = left.lock().ok().and_then(|mut left| left.next());
        let response = next.unwrap_or_else(|| json_response(400, &json!("one request too many")));
        (Duration::from_millis(100), response)
    });
    let ran = run_on(host.clone(), &format!("{TOOLS}{text}"), Limits::default());
    if let Err(raised) = &ran.outcome {
        panic!("{} after {:?}", raised.fault.message, ran.out);
    }
    let bodies = host.requests();
    let bodies = bodies
        .iter()
        .map(|sent| serde_json::from_slice(&sent.body).unwrap_or_default());
    (ran.out, bodies.collect())
}

fn of_openai(message: Json) -> HttpResponse {
    json_response(200, &json!({"choices": [{"message": message}]}))
}

fn called() -> HttpResponse {
    let call =
        json!({"id": "c1", "type": "function", "function": {"name": "search", "arguments": "{\"query\": \"six\"}"}});
    of_openai(json!({"content": null, "tool_calls": [call]}))
}

/// What means the same is written alike: content that is nothing, the spaces of arguments, the name beside a call's id.
fn told_apart(messages: &Json) -> Json {
    let mut messages = messages.clone();
    for message in messages
        .as_array_mut()
        .into_iter()
        .flatten()
        .filter_map(Json::as_object_mut)
    {
        message.retain(|name, value| !value.is_null() && name != "name");
        let calls = message.get_mut("tool_calls").and_then(Json::as_array_mut);
        for call in calls.into_iter().flatten() {
            let arguments = &mut call["function"]["arguments"];
            *arguments = serde_json::from_str(arguments.as_str().unwrap_or_default()).unwrap_or_default();
        }
    }
    messages
}

#[test]
fn the_request_is_that_of_dspy() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dspy/native_tools.json"));
    let expected: Json = serde_json::from_str(&text.unwrap()).unwrap();
    for adapter in ["chat", "json"] {
        let script = format!(
            "signature Find {{\n  \"Find out.\"\n  question, history: history, tools: list[tool]\n  -> calls: tool_calls, answer: str?\n}}\n\
             fn made(texts: list[str]) -> any {{\n  {{tool_calls: [{{name: \"search\", args: {{\"query\": text}}}} for text in texts]}}\n}}\n\
             let turns = [\n\
               {{question: \"how many?\", calls: made([\"call_0_0\", \"call_0_1\"]), answer: none,\n\
                 tool_call_results: [\"six of them\", {{value: {{\"n\": 6, \"list\": [1, none]}}, is_error: true}}]}},\n\
               {{question: \"sure?\", answer: \"yes\"}},\n\
               {{question: \"and then?\", calls: made([\"call_2_0\"]), answer: \"wait\", tool_call_results: [\"so\"]}},\n\
               {{question: \"well?\", calls: made([\"call_3_0\"]), answer: none}},\n\
             ]\n\
             configure(lm: LM(\"openai/fake\"), adapter: \"{adapter}\"{})\n\
             let ask = with_demos(Predict(Find), \"self\", [{{question: \"q0\", answer: \"a0\"}}])\n\
             print(ask(question: \"and now?\", history: turns, tools: [search, clock]))",
            if adapter == "chat" {
                ", use_native_function_calling: true"
            } else {
                ""
            }
        );
        let (out, sent) = says(&script, vec![called()]);
        assert_eq!(
            out,
            "{calls: {tool_calls: [{name: \"search\", args: {\"query\": \"six\"}}]}, answer: none}\n"
        );
        let (sent, expected) = (&sent[0], &expected[adapter]);
        assert_eq!(sent["tools"], expected["tools"], "{adapter}");
        assert_eq!(sent["response_format"], expected["response_format"], "{adapter}");
        let (sent, expected) = (&sent["messages"], &expected["messages"]);
        assert_eq!(told_apart(sent), told_apart(expected), "{adapter}");
    }
}

const ASKED: &str = "let ask = Predict(\"question, tools: list[tool] -> calls: tool_calls, answer: str?\")\n\
                     print(ask(question: \"how many?\", tools: [search]))";

const CALLED: &str = "{calls: {tool_calls: [{name: \"search\", args: {\"query\": \"six\"}}]}, answer: none}\n";

#[test]
fn each_provider_is_told_of_them_in_its_own_way() {
    let args = json!({"query": "six"});
    let schema = json!({
        "type": "object",
        "properties": {"query": {"type": "string"}, "k": {"type": "integer", "default": 3}},
        "required": ["query"],
    });
    let about = |parameters: &str| {
        let mut about = json!({"name": "search", "description": "Searches."});
        about[parameters] = schema.clone();
        about
    };
    let nested = json!([{"type": "function", "function": about("parameters")}]);
    let mut flat = about("parameters");
    flat["type"] = json!("function");
    let text_of_args = args.to_string();
    let rows = [
        (
            "LM(\"openai/fake\", model_type: \"responses\")",
            json!({"status": "completed", "output": [{"type": "function_call", "call_id": "c", "name": "search", "arguments": text_of_args}]}),
            json!([flat]),
        ),
        (
            "LM(\"anthropic/fake\")",
            json!({"content": [{"type": "tool_use", "id": "t", "name": "search", "input": args}], "stop_reason": "tool_use"}),
            json!([about("input_schema")]),
        ),
        (
            "LM(\"gemini/fake\")",
            json!({"candidates": [{"content": {"parts": [{"functionCall": {"name": "search", "args": args}}]}, "finishReason": "STOP"}]}),
            json!([{"functionDeclarations": [about("parametersJsonSchema")]}]),
        ),
        (
            "LM(\"ollama/fake\")",
            json!({"message": {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "search", "arguments": args}}]}, "done": true}),
            nested,
        ),
    ];
    for (lm, reply, tools) in rows {
        for adapter in ["chat", "json", "xml", "compact"] {
            let script =
                format!("configure(lm: {lm}, adapter: \"{adapter}\", use_native_function_calling: true)\n{ASKED}");
            let (out, sent) = says(&script, vec![json_response(200, &reply)]);
            assert_eq!(out, CALLED, "{lm}, {adapter}");
            let body = &sent[0];
            assert_eq!(body["tools"], tools, "{lm}, {adapter}");
            // A model that is held to a form uses no tools, but for OpenAI's.
            let held = ["tool_choice", "format"].map(|name| body.get(name).is_some());
            let held = held.contains(&true) || body["generationConfig"].get("responseMimeType").is_some();
            assert!(!held, "{lm}, {adapter}: {body}");
            assert!(!body.to_string().contains("whose description is"), "{body}");
        }
    }
}

fn called_with(arguments: &Json) -> HttpResponse {
    let call = json!({"id": "c1", "type": "function", "function": {"name": "search", "arguments": arguments}});
    of_openai(json!({"content": null, "tool_calls": [call]}))
}

#[test]
fn arguments_that_are_no_json_are_mended_as_dspy_does_and_that_is_told() {
    let script = format!(
        "configure(lm: LM(\"openai/fake\"), adapter: \"json\")\n{}\nprint(meta(p).repairs)",
        ASKED.replace(
            "print(ask(question: \"how many?\", tools: [search]))",
            "let p = ask(question: \"q\", tools: [search])\nprint(p)"
        )
    );
    for arguments in [
        "{\"query\": \"six\"",
        "{'query': 'six',}",
        "\"{\\\"query\\\": \\\"six\\\"}\"",
        "```json\n{\"query\": \"six\"}\n```",
        "Here: {\"query\": \"six\"}",
    ] {
        let (out, _) = says(&script, vec![called_with(&json!(arguments))]);
        let (value, repairs) = out.split_once("}\n").unwrap();
        assert_eq!(format!("{value}}}\n"), CALLED, "{arguments}");
        assert!(repairs.starts_with("[\"calls: "), "{arguments}: {repairs}");
    }
    // An object is what some servers send, and no repair; nothing and `null` stand for no arguments.
    for (arguments, args) in [
        (json!({"query": "six"}), "{\"query\": \"six\"}"),
        (json!(""), "{}"),
        (json!("null"), "{}"),
        (json!("[]"), "{}"),
        (Json::Null, "{}"),
    ] {
        let (out, _) = says(&script, vec![called_with(&arguments)]);
        let expected = CALLED.replace("{\"query\": \"six\"}", args);
        assert_eq!(out, format!("{expected}[]\n"), "{arguments}");
    }
}

#[test]
fn arguments_that_need_a_mend_are_asked_for_again_where_that_is_strict_or_none_helps() {
    let ask = ASKED.replace("print(ask(question: \"how many?\", tools: [search]))", "");
    let script = |strict: bool| {
        format!(
            "configure(lm: LM(\"openai/fake\"), adapter: \"json\", strict: {strict})\n{ask}\n\
             let p = ask(question: \"q\", tools: [search])\nprint(p)\nprint(meta(p).attempts)"
        )
    };
    for (strict, arguments) in [(true, "{\"query\": \"six\""), (false, "six")] {
        let (out, sent) = says(&script(strict), vec![called_with(&json!(arguments)), called()]);
        assert_eq!(out, format!("{CALLED}2\n"));
        let again = sent[1]["messages"].to_string();
        assert!(
            again.contains("the arguments of the call of `search` are no JSON object"),
            "{again}"
        );
    }
    let failing = format!(
        "configure(lm: LM(\"openai/fake\"), adapter: \"json\", max_retries: 0)\n{ask}\n\
         try {{ print(ask(question: \"q\", tools: [search])) }} catch e {{ print(e.kind, e.field, e.message) }}"
    );
    let (out, _) = says(&failing, vec![called_with(&json!("six"))]);
    assert!(out.starts_with("parse calls ") && out.contains("`search`"), "{out}");
}

#[test]
fn a_text_without_calls_is_read_without_them() {
    let said = of_openai(json!({"content": "{\"answer\": \"six\"}"}));
    let script = format!("configure(lm: LM(\"openai/fake\"), adapter: \"json\")\n{ASKED}");
    let (out, _) = says(&script, vec![said]);
    assert_eq!(out, "{calls: {tool_calls: []}, answer: \"six\"}\n");

    // One output is enough, and prose beside calls is no answer.
    let script = "configure(lm: LM(\"openai/fake\"), adapter: \"json\")\n\
                  print(Predict(\"question, tools: tool -> calls: tool_calls?\")(question: \"q\", tools: search))\n";
    let (out, sent) = says(script, vec![of_openai(json!({"content": "no need"}))]);
    assert_eq!(out, "{calls: none}\n");
    assert!(sent[0].get("response_format").is_none(), "{}", sent[0]);
}

#[test]
fn a_call_that_breaks_a_constraint_is_shown_to_the_model_that_made_it() {
    let script = "configure(lm: LM(\"openai/fake\"), adapter: \"json\")\n\
                  signature Find {\n  question, tools: list[tool]\n  -> calls: tool_calls where len(calls.tool_calls) < 1 \"no tool\"\n}\n\
                  let p = Predict(Find)(question: \"q\", tools: [search])\nprint(p.calls.tool_calls, meta(p).attempts)";
    let (out, sent) = says(script, vec![called(), of_openai(json!({"content": "well"}))]);
    assert_eq!(out, "[] 2\n");
    let again = sent[1]["messages"].as_array().unwrap();
    let said = "{\"tool_calls\":[{\"name\":\"search\",\"args\":{\"query\":\"six\"}}]}";
    assert_eq!(again[again.len() - 2], json!({"role": "assistant", "content": said}));
    assert!(again[again.len() - 1]["content"].as_str().unwrap().contains("no tool"));
}

#[test]
fn they_stand_in_the_text_for_models_without_and_where_that_is_set() {
    let reply =
        "{\"calls\": {\"tool_calls\": [{\"name\": \"search\", \"args\": {\"query\": \"six\"}}]}, \"answer\": null}";
    let in_text = |body: &Json| {
        body.get("tools").is_none() && body.to_string().contains("whose description is <desc>Searches.</desc>")
    };
    // Chat's own way, and switched off.
    for settings in [
        "adapter: \"chat\"",
        "adapter: \"json\", use_native_function_calling: false",
    ] {
        let script = format!("configure(lm: LM(\"openai/fake\"), {settings})\n{ASKED}");
        let (out, sent) = says(&script, vec![openai_reply(reply)]);
        assert_eq!(out, CALLED);
        assert!(in_text(&sent[0]), "{}", sent[0]);
    }
    // A server that refuses is asked without, and from then on at once.
    let refuses = json_response(400, &json!({"error": {"message": "fake does not support tools"}}));
    let script = format!(
        "configure(lm: LM(\"openai/fake\"), adapter: \"json\")\n{ASKED}\nprint(ask(question: \"again\", tools: [search]).answer)"
    );
    let (out, sent) = says(&script, vec![refuses.clone(), openai_reply(reply), openai_reply(reply)]);
    assert_eq!(out, format!("{CALLED}none\n"));
    assert!(
        sent[0].get("tools").is_some() && in_text(&sent[1]) && in_text(&sent[2]),
        "{sent:?}"
    );
    // Where they are demanded, that is an error.
    let script = format!(
        "configure(lm: LM(\"openai/fake\"), use_native_function_calling: true)\ntry {{\n{ASKED}\n}} catch e {{ print(e.kind, e.message) }}"
    );
    let (out, _) = says(&script, vec![refuses]);
    assert!(
        out.starts_with("lm ") && out.contains("does not support tools"),
        "{out}"
    );
    // A model that is a function, or a script, reads text.
    let script = format!(
        "{TOOLS}configure(lm: LM(|messages| {{\n  print(contains(messages[-1].content, \"whose description is\"))\n  {reply:?}\n}}), adapter: \"json\")\n{ASKED}"
    );
    assert_eq!(printed(&script), format!("true\n{CALLED}"));
}

#[test]
fn the_second_of_two_steps_takes_out_what_else_was_said() {
    let two = "configure(lm: LM(\"openai/fake\"), adapter: TwoStep(LM(\"openai/small\")), use_native_function_calling: true)\n";
    let (out, sent) = says(&format!("{two}{ASKED}"), vec![called()]);
    assert_eq!((out.as_str(), sent.len()), (CALLED, 1));

    let mut both: Json = serde_json::from_slice(&called().body).unwrap();
    both["choices"][0]["message"]["content"] = json!("It is six.");
    let taken = openai_reply("[[ ## answer ## ]]\nsix");
    let (out, sent) = says(&format!("{two}{ASKED}"), vec![json_response(200, &both), taken.clone()]);
    assert_eq!(out, CALLED.replace("none", "\"six\""));
    assert!(
        sent[1].get("tools").is_none() && !sent[1].to_string().contains("tool"),
        "{}",
        sent[1]
    );

    let plain = openai_reply("It is six.");
    let (out, _) = says(&format!("{two}{ASKED}"), vec![plain, taken]);
    assert_eq!(out, "{calls: {tool_calls: []}, answer: \"six\"}\n");
}

#[test]
fn what_came_of_tools_stands_in_every_adapters_text() {
    for (adapter, reply) in [
        ("\"chat\"", "[[ ## answer ## ]]\nx"),
        ("\"json\"", "{\"answer\": \"x\"}"),
        ("\"xml\"", "<answer>x</answer>"),
        ("\"compact\"", " x"),
        ("TwoStep(LM(|messages| \"[[ ## answer ## ]]\\nx\"))", "x"),
    ] {
        let script = format!(
            "let turns = [{{question: \"how many?\", calls: {{tool_calls: [{{name: \"search\", args: {{\"query\": \"six\"}}}}]}}, tool_call_results: [{{value: \"none found\", is_error: true}}]}}]\n\
             configure(lm: LM(|messages| {{\n  print(join([m.content for m in messages], \" \"))\n  {reply:?}\n}}), adapter: {adapter})\n\
             print(Predict(\"question, history: history -> answer, calls: tool_calls?\")(question: \"q\", history: turns).answer)"
        );
        let out = printed(&script);
        assert!(out.ends_with("\nx\n"), "{out}");
        let (called, came) = (out.rfind("six").unwrap(), out.rfind("none found").unwrap());
        assert!(
            called < came && out[came..].to_lowercase().contains("true"),
            "{adapter}: {out}"
        );
    }
}
