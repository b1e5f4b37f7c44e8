//! Calls of predictors: scripted models, re-asks, constraints, what a prediction knows of itself.

use std::time::Duration;

use dsp::host::fake::{FakeHost, json_response, openai_reply};
use dsp::vm::Limits;

use super::world::{printed, run, run_on};

#[test]
fn a_scripted_model_answers_in_program_order() {
    let script = "configure(lm: DummyLM([{answer: \"1\"}, {answer: \"2\"}, {answer: \"3\"}, {answer: \"4\"}]))\n\
                  let p = Predict(\"question -> answer\")\n\
                  fn twice(q: str) -> str { let a = p(q).answer\n a + p(q).answer }\nprint([twice(q) for q in [\"a\", \"b\"]])";
    assert_eq!(printed(script), "[\"12\", \"34\"]\n");
}

#[test]
fn a_re_ask_takes_the_next_answer() {
    let script = "configure(lm: DummyLM([\"nonsense\", {answer: \"good\"}]))\nlet r = Predict(\"question -> answer\")(\"q\")\n\
                  print(r.answer, meta(r).attempts)";
    assert_eq!(printed(script), "good 2\n");
}

#[test]
fn re_asks_end() {
    let script = "configure(lm: DummyLM([\"x\", \"y\", \"z\", {answer: \"never\"}]))\nprint(Predict(\"question -> answer\")(\"q\").answer)";
    let ran = run(script);
    assert_eq!(ran.error().0, "parse");
    let ran =
        run("configure(lm: DummyLM([\"x\"]), max_retries: 0)\nprint(Predict(\"question -> answer\")(\"q\").answer)");
    assert_eq!(ran.error().0, "parse");
}

#[test]
fn no_answer_left_is_an_error_of_the_model() {
    let ran = run("configure(lm: DummyLM([]))\nprint(Predict(\"question -> answer\")(\"q\").answer)");
    assert_eq!(ran.error().0, "lm");
}

#[test]
fn a_function_answers_from_the_messages() {
    let script = "fn answer(messages: list[{role: str, content: str}]) -> any { {answer: f\"{len(messages)} {messages[-1].role}\"} }\n\
                  configure(lm: DummyLM(answer))\nprint(Predict(\"question -> answer\")(\"q\").answer)";
    assert_eq!(printed(script), "2 user\n");
}

#[test]
fn a_broken_constraint_is_asked_again_with_its_advice() {
    let script = "signature S {\n  question: str\n  ->\n  answer: str where len(answer) <= 3 \"at most three letters\"\n}\n\
                  configure(lm: DummyLM([{answer: \"too long\"}, {answer: \"ok\"}]))\nlet r = Predict(S)(\"q\")\nprint(r.answer, meta(r).attempts)\n\
                  inspect_history()";
    let out = printed(script);
    assert!(out.starts_with("ok 2\n"), "{out}");
    assert!(out.contains("at most three letters"), "{out}");
}

#[test]
fn constraints_that_stay_broken_are_an_error() {
    let script = "signature S {\n  question: str\n  ->\n  answer: str where len(answer) <= 3\n}\n\
                  configure(lm: DummyLM([{answer: \"too long\"}]), max_retries: 0)\n\
                  try { print(Predict(S)(\"q\").answer) } catch e { print(e.kind, e.field) }";
    assert_eq!(printed(script), "constraint answer\n");
}

#[test]
fn a_trace_tells_the_calls_in_program_order() {
    let script = "module M {\n  a = Predict(\"question -> answer\")\n  b = [Predict(\"question -> answer\")]\n  forward(question: str) -> str {\n\
                  let x = a(question).answer\n b[0](x).answer }\n}\n\
                  let t = trace(M(), {question: \"q\"})\nprint([[c.path, c.outputs.answer] for c in t.calls], t.prediction)";
    assert_eq!(printed(script), "[[\"a\", \"q!\"], [\"b[0]\", \"q!!\"]] q!!\n");
}

#[test]
fn chain_of_thought_is_a_module_of_the_library() {
    let script = "configure(lm: DummyLM([{reasoning: \"because\", answer: \"42\"}]))\n\
                  let r = ChainOfThought(\"question -> answer\")(\"why?\")\nprint(r)";
    assert_eq!(printed(script), "{reasoning: \"because\", answer: \"42\"}\n");
}

#[test]
fn rows_are_evaluated_side_by_side_and_scored() {
    let script = "let p = Predict(\"question -> answer\")\nlet rows = [{question: \"a\", answer: \"a!\"}, {question: \"b\", answer: \"no\"}]\n\
                  let r = evaluate(p, rows, metric: |example, prediction| example.answer == prediction.answer)\nprint(r.score, r.errors)";
    let ran = run(script);
    assert_eq!((ran.out.as_str(), ran.time), ("50.0 0\n", 100), "{:?}", ran.outcome);
}

#[test]
fn an_any_input_is_held_against_its_type() {
    let script = "let x: any = 3\ntry { print(Predict(\"question -> answer\")(x).answer) } catch e { print(e.kind) }";
    assert_eq!(printed(script), "type\n");
}

#[test]
fn a_function_is_a_model_that_says_what_it_took() {
    let script = "let lm = LM(|messages| {text: f\"[[ ## answer ## ]]\\n{len(messages)}\", usage: {prompt_tokens: 10, completion_tokens: 5}}, \
                  price: {prompt: 1.0, completion: 2.0})\nlet r = with (lm: lm) { Predict(\"question -> answer: int\")(\"q\") }\n\
                  print(r.answer, meta(r).usage, lm)\nprint(usage().by_model[\"fn\"].cost)";
    assert_eq!(
        printed(script),
        "2 {prompt_tokens: 10, completion_tokens: 5, cost: 2e-05} <LM fn>\n2e-05\n"
    );
    let script = "fn say(messages: list[{role: str, content: str}]) -> str { \"[[ ## answer ## ]]\\n\" + messages[0].role }\n\
                  with (lm: LM(say)) { print(Predict(\"question -> answer\")(\"q\").answer) }";
    assert_eq!(printed(script), "system\n");
}

#[test]
fn a_function_is_asked_for_each_of_several_answers_and_all_of_them_count() {
    let script = "let lm = LM(|messages| {text: \"[[ ## answer ## ]]\\nx\", usage: {prompt_tokens: 10, completion_tokens: 5}})\n\
                  let p = Predict(\"question -> answer\", n: 3)\nlet r = with (lm: lm) { p(\"q\") }\n\
                  print(len(completions(r)), meta(r).attempts, meta(r).usage.prompt_tokens, usage().calls, usage().completion_tokens)\n\
                  try { with (lm: lm, max_calls: 2) { print(p(\"q\")) } } catch e { print(e.kind) }\nprint(usage().calls)";
    assert_eq!(printed(script), "3 3 30 3 15\nbudget\n5\n");
}

#[test]
fn a_cap_counts_the_calls_made_inside_of_it_and_those_around_it_hold_too() {
    let script = "configure(lm: DummyLM({\"\": {a: \"x\"}}), max_calls: 6)\nlet p = Predict(\"q -> a\")\n\
                  fn asked(times: int) { try { [p(str(i)).a for i in 0..times] |> len } catch e { e.message } }\n\
                  print(asked(2))\n\
                  print(with (max_calls: 1) { asked(1) }, with (max_calls: 1) { asked(2) })\n\
                  print(with (max_calls: 100) { asked(3) })\n\
                  configure(max_calls: 2)\nprint(asked(2))\nprint(asked(1))\nprint(usage().calls)";
    assert_eq!(
        printed(script),
        "2\n1 the budget of 1 call is used up (`max_calls`)\nthe budget of 6 calls is used up (`max_calls`)\n2\n\
         the budget of 2 calls is used up (`max_calls`)\n8\n"
    );
}

#[test]
fn of_several_models_the_one_that_answers_is_counted() {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "test");
    host.answer(|request| {
        let body = String::from_utf8_lossy(&request.body);
        let reply = match body.contains("\"bad\"") {
            true => json_response(400, &serde_json::json!({"error": {"message": "no"}})),
            false => openai_reply("[[ ## answer ## ]]\nx"),
        };
        (Duration::ZERO, reply)
    });
    let script = "configure(lm: LM([\"openai/bad\", \"openai/good\"]), cache: false)\n\
                  print(Predict(\"question -> answer\")(\"q\").answer, keys(usage().by_model))";
    let ran = run_on(host.clone(), script, Limits::default());
    assert_eq!(ran.out, "x [\"openai/good\"]\n", "{:?}", ran.outcome);
}

#[test]
fn an_embedder_that_loses_texts_is_told_so() {
    let script = "configure(embedder: |texts| [[1.0]])\n\
                  try { print(embed([\"a\", \"bb\"])) } catch e { print(e.kind, e.message) }";
    assert_eq!(
        printed(script),
        "value the function that is the `embedder` returned 1 places for 2 texts\n"
    );
}

#[test]
fn texts_are_placed_by_the_configured_embedder() {
    let script = "configure(embedder: |texts| [[float(len(text))] for text in texts])\nprint(embed([\"a\", \"bb\"]))\n\
                  print(try { with (embedder: none) { embed([\"a\"]) } } catch e { e.kind })";
    assert_eq!(printed(script), "[[1.0], [2.0]]\nstate\n");
}

#[test]
fn an_answer_that_the_provider_holds_back_is_not_asked_for_again() {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "test");
    let body = serde_json::json!({"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]});
    host.answer(move |_| (Duration::ZERO, json_response(200, &body)));
    let ran = run_on(
        host.clone(),
        "print(Predict(\"question -> answer\")(\"q\").answer)",
        Limits::default(),
    );
    assert_eq!(ran.error().0, "lm");
    assert_eq!(host.requests().len(), 1);
}
