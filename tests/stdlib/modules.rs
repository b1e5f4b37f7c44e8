//! Modules against every model call that those of DSPy make in scripted runs; and copies of them under other names.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dsp::builtins::LIBRARY;
use dsp::host::fake::{FakeHost, openai_reply};
use serde_json::Value as Json;

use super::declarations::items;
use super::run::{printed, script};

/// A run of `module_transcripts.json`: its id, and the script that prints the result's fields as JSON.
const RUNS: &[(&str, &str)] = &[
    (
        "chain_of_thought",
        r#"print(json(ChainOfThought("question -> answer")("1+1?")))"#,
    ),
    (
        "react_two_steps",
        r#"print(json(ReAct("question -> answer", tools: [get_weather, add])(question: "weather in Oslo?")))"#,
    ),
    (
        "react_max_iters",
        r#"print(json(ReAct("question -> answer", tools: [add], max_iters: 1)(question: "q")))"#,
    ),
    (
        "multi_chain_comparison",
        r#"print(json(MultiChainComparison("question -> answer")([
            {rationale: "think a", answer: "1"}, {reasoning: "think b\nmore", answer: "2"}, {rationale: "think c", answer: "3"},
        ], question: "q?")))"#,
    ),
    (
        "best_of_n",
        r#"print(json(BestOfN(ChainOfThought("question -> answer"), N: 3, reward_fn: one_word, threshold: 1.0)(
            question: "capital of Belgium?")))"#,
    ),
    (
        "refine",
        r#"print(json(Refine(QA(), N: 3, reward_fn: one_word, threshold: 1.0)("capital of Belgium?")))"#,
    ),
    (
        "complete_and_grounded",
        r#"print(json({score: complete_and_grounded({question: "q", response: "gt"}, {response: "sys", context: ["c1", "c2"]})}))"#,
    ),
];

const HEAD: &str = r#"
configure(lm: LM("openai/fake", api_base: "http://fake.test/v1"))

fn get_weather(city: str) -> str {
  "Get the weather."
  f"sunny in {city}"
}
fn add(a: int, b: int = 2) -> int { a + b }
fn one_word(args: {question: str}, pred: {answer: str}) -> float { if len(words(pred.answer)) == 1 { 1.0 } else { 0.0 } }
module QA {
  qa = ChainOfThought("question -> answer")
  forward(question: str) { qa(question) }
}
"#;

fn transcripts() -> Option<Vec<Json>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/conformance/module_transcripts.json"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("the shared transcripts are not here: none ran");
        return None;
    };
    let file: Json = serde_json::from_str(&text).unwrap();
    Some(file["cases"].as_array().unwrap().clone())
}

/// What the script prints, and the bodies of its requests; the model says the answers in order.
fn run(text: &str, answers: Vec<String>) -> (String, Vec<Json>) {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "k");
    let given = AtomicUsize::new(0);
    host.answer(move |_| {
        let answer = answers.get(given.fetch_add(1, Ordering::Relaxed)).cloned();
        (Duration::ZERO, openai_reply(&answer.unwrap_or_default()))
    });
    let out = script(&host, text).unwrap_or_else(|message| panic!("{message}"));
    let requests = host.requests();
    let bodies = requests
        .iter()
        .map(|r| serde_json::from_slice(&r.body).unwrap())
        .collect();
    (out, bodies)
}

fn answers(case: &Json) -> Vec<String> {
    let all = case["scripted_answers"].as_array().unwrap().iter();
    all.map(|answer| answer.as_str().unwrap().to_owned()).collect()
}

fn content<'a>(call: &'a Json, role: &str) -> &'a str {
    let messages = call["messages"].as_array().unwrap();
    let message = messages.iter().rfind(|m| m["role"] == role).unwrap();
    message["content"].as_str().unwrap()
}

/// The fields and the fixed lines; the instructions behind them are prose.
fn fields(system: &str) -> &str {
    system.split("In adhering to this structure").next().unwrap_or("")
}

/// The lines that head fields: where a model is shown source code, the rest is not DSPy's.
fn headers(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("[[ ## ")).collect()
}

#[test]
fn modules_make_the_calls_of_dspys() {
    let Some(cases) = transcripts() else { return };
    let mut ran = 0;
    for (id, text) in RUNS {
        let Some(case) = cases.iter().find(|case| case["id"] == *id) else {
            continue;
        };
        let (out, calls) = run(&format!("{HEAD}{text}\n"), answers(case));
        let result: Json = serde_json::from_str(&out).unwrap();
        assert_eq!(result, case["result"], "{id}: the result");
        let wanted = case["lm_calls"].as_array().unwrap();
        assert_eq!(calls.len(), wanted.len(), "{id}: the number of calls");
        for (call, wanted) in calls.iter().zip(wanted) {
            let (user, known) = (content(call, "user"), content(wanted, "user"));
            match user.contains("[[ ## program_code ## ]]") {
                true => assert_eq!(headers(user), headers(known), "{id}"),
                false => {
                    assert_eq!(user, known, "{id}: what is asked");
                    assert_eq!(
                        fields(content(call, "system")),
                        fields(content(wanted, "system")),
                        "{id}"
                    );
                }
            }
        }
        ran += 1;
    }
    println!("{ran} of {} shared transcripts ran here", cases.len());
    assert!(ran >= 6, "only {ran} transcripts ran");
}

/// The library's modules, each under another name: what is declared in their files gets a name of its own.
fn copied(text: &str) -> String {
    let files = LIBRARY.iter().filter(|(name, _)| name.starts_with("std/predict/"));
    let library: String = files.map(|(_, text)| format!("{text}\n")).collect();
    let cot = LIBRARY.iter().find(|(name, _)| *name == "std/models.dsp").unwrap().1;
    let cot = &cot[cot.find("module ChainOfThought").unwrap()..];
    let cot = &cot[..cot.find("\n}\n").unwrap() + 3];
    let whole = format!("{library}\n{cot}\n{text}");
    let own: Vec<String> = format!("{library}\n{cot}").lines().filter_map(declared).collect();
    let mut out = String::new();
    let mut word = String::new();
    for c in whole.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        out.push_str(&word);
        if own.contains(&word) {
            out.push_str("Copy");
        }
        word.clear();
        out.push(c);
    }
    out
}

fn declared(line: &str) -> Option<String> {
    let rest = ["fn ", "module ", "type ", "signature "]
        .iter()
        .find_map(|word| line.strip_prefix(word))?;
    let name: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    Some(name)
}

#[test]
fn a_copy_of_a_module_under_another_name_makes_the_same_calls() {
    let Some(cases) = transcripts() else { return };
    for (id, text) in RUNS {
        let Some(case) = cases.iter().find(|case| case["id"] == *id) else {
            continue;
        };
        let (out, calls) = run(&format!("{HEAD}{text}\n"), answers(case));
        let (copy_out, copy_calls) = run(&copied(&format!("{HEAD}{text}\n")), answers(case));
        assert_eq!(copy_out, out, "{id}");
        let plain = |calls: &[Json]| serde_json::to_string(calls).unwrap().replace("Copy", "");
        assert_eq!(plain(&copy_calls), plain(&calls), "{id}");
    }
    assert!(!items().is_empty());
}

#[test]
fn a_bad_step_of_an_agent_is_an_observation() {
    let text = r#"
fn add(a: int, b: int = 2) -> int { a + b }
fn broken(x: str) -> str { fail(f"no {x} today") }
let say = |name: str, arguments: dict[str, any]| { {next_thought: "t", next_tool_name: name, next_tool_args: arguments} }
let steps = [say("nope", {}), say("add", {"a": "x"}), say("add", {"a": 1, "c": 2}), say("add", {}), say("broken", {"x": "milk"}),
  say("add", {"a": 1}), say("finish", {}), {reasoning: "r", answer: "3"}]
let agent = ReAct("question -> answer", tools: [add, broken])
with (lm: DummyLM(steps)) {
  let p = agent("q")
  print(p.answer)
  for key, value in p.trajectory {
    if starts_with(key, "observation") { print(key, lines(str(value))[0]) }
  }
}
print(usage().calls)
try { print(ReAct("q -> a", tools: [|x| x])("q")) } catch e { print(e.message) }
"#;
    assert_eq!(
        printed(text),
        "3\n\
         observation_0 This step could not be read: `next_tool_name`: expected \"add\" | \"broken\" | \"finish\", found \"nope\"\n\
         observation_1 Execution error in add: the argument `a`: expected `int`, found the str `\"x\"`\n\
         observation_2 Execution error in add: `add` takes no `c`, it takes [\"a\", \"b\"]\n\
         observation_3 Execution error in add: `add` is not given `a`\n\
         observation_4 Execution error in broken: no milk today\n\
         observation_5 3\nobservation_6 Completed.\n8\n\
         each tool needs a name of its own, other than `finish`: declare it by `fn`\n"
    );
}

#[test]
fn the_best_of_several_attempts_is_the_first_that_is_worth_enough_or_the_best_of_all() {
    let text = r#"
let qa = Predict("q -> n: int")
fn best(N: int, threshold: float, fail_count: int? = none) -> int { BestOfN(qa, N, |args, p| p.n / 10, threshold, fail_count)("x").n }
fn say(answers: list[any]) -> LM { DummyLM(answers) }
with (lm: say([{n: 3}, {n: 7}, {n: 5}, {n: 9}])) { print(best(3, 1.0), usage().calls) }
with (lm: say([{n: 3}, {n: 7}, {n: 5}])) { print(best(3, 0.6), usage().calls) }
with (lm: say(["?", "?", "?", {n: 4}])) { print(best(2, 0.3)) }
try { with (lm: say([])) { print(best(3, 0.3)) } } catch e { print(e.kind) }
try { with (lm: say(["?", "?", "?", {n: 4}])) { print(best(2, 0.3, fail_count: 0)) } } catch e { print(e.kind) }
let flag = BestOfN(qa, N: 2, reward_fn: |args, p| p.n > 5, threshold: 1.0)
with (lm: say([{n: 3}, {n: 7}])) { print(flag(q: "x").n) }
"#;
    assert_eq!(printed(text), "7 3\n7 5\n4\nlm\nparse\n7\n");
}

#[test]
fn a_majority_is_counted_after_normalization_and_the_first_of_equals_wins() {
    let text = r#"
let said = [{reasoning: "a", answer: "Rome"}, {reasoning: "b", answer: "The Paris!"}, {reasoning: "c", answer: "paris"}]
print(majority(said).reasoning, majority(said, normalize: none).reasoning, majority(said, field: "reasoning").reasoning)
print(majority([{n: 2}, {n: 3}, {n: 3}]).n, majority([{a: ""}, {a: ""}, {a: "x"}]).a)
try { print(majority([])) } catch e { print(e.kind) }
let p = Predict("q -> a")
let vote = Ensemble([p, p, p], reduce_fn: majority)
with (lm: DummyLM([{a: "x"}, {a: "y"}, {a: "Y"}])) { print(vote("q").a) }
with (lm: DummyLM([{a: "x"}, {a: "y"}])) { print(Ensemble([p, p, p], size: 2)(q: "q")) }
let rows = [{q: "aa", a: 1}, {q: "b", a: 2}, {q: "aaaa", a: 3}]
print(KNN(2, rows, |texts| [[float(len(text))] for text in texts])({q: "x"}))
"#;
    assert_eq!(
        printed(text),
        "b a b\n3 x\nvalue\ny\n[{a: \"x\"}, {a: \"y\"}]\n[{q: \"aaaa\", a: 3}, {q: \"aa\", a: 1}]\n"
    );
}

#[test]
fn several_answers_are_asked_for_in_one_request_where_the_model_can() {
    let choice = |text: &str| serde_json::json!({"message": {"content": format!("[[ ## answer ## ]]\n{text}\n\n[[ ## completed ## ]]")}});
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "k");
    host.answer(move |request| {
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        let n = body["n"].as_u64().unwrap_or(1).min(2);
        let choices: Vec<Json> = (0..n).map(|i| choice(&format!("a{i}"))).collect();
        let mut response = openai_reply("");
        response.body = serde_json::to_vec(&serde_json::json!({"choices": choices})).unwrap();
        (Duration::ZERO, response)
    });
    let text = r#"
configure(lm: LM("openai/fake", api_base: "http://fake.test/v1"))
print(Predict("question -> answer", n: 2)("q").completions())
print(len(completions(Predict("question -> answer", n: 5, temperature: 0.9)("q"))), usage().calls)
print(completions(Predict("question -> answer")("q")))
"#;
    let out = script(&host, text).unwrap();
    assert_eq!(out, "[{answer: \"a0\"}, {answer: \"a1\"}]\n5 4\n[{answer: \"a0\"}]\n");
    let sent = host.requests().into_iter().map(|request| {
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        (body["n"].clone(), body["temperature"].clone())
    });
    let wanted: Vec<(Json, Json)> = [(2, 0.7), (5, 0.9), (3, 0.9)]
        .into_iter()
        .map(|(n, temperature)| (n.into(), temperature.into()))
        .chain([(Json::Null, 0.9.into()), (Json::Null, Json::Null)])
        .collect();
    assert_eq!(sent.collect::<Vec<_>>(), wanted);
}

#[test]
fn of_several_answers_those_that_fail_are_left_out_while_one_holds() {
    let text = r#"
signature Short { q: str -> a: str where len(a) < 3 "short" }
let p = Predict(Short, n: 3)
with (lm: DummyLM([{a: "long one"}, "[[ ## b ## ]]", {a: "ok"}])) {
  let said = p("q")
  print(said, completions(said), meta(said).attempts)
}
with (lm: DummyLM([{a: "long"}, {a: "longer"}, {a: "long again"}, {a: "ok"}, {a: "no"}, {a: "so long"}])) {
  print(completions(p("q")))
}
print(usage().calls)
print(majority(with (lm: DummyLM([{a: "x"}, {a: "y"}, {a: "y"}])) { completions(p("q")) }))
print(completions(with (lm: DummyLM([{reasoning: "r", a: "x"}, {reasoning: "s", a: "y"}])) { ChainOfThought("q -> a", n: 2)("q") }))
"#;
    assert_eq!(
        printed(text),
        "{a: \"ok\"} [{a: \"ok\"}] 1\n[{a: \"ok\"}, {a: \"no\"}]\n3\n{a: \"y\"}\n\
         [{reasoning: \"r\", a: \"x\"}, {reasoning: \"s\", a: \"y\"}]\n"
    );
}

#[test]
fn a_signature_that_is_known_only_when_it_runs_makes_any_module() {
    let text = r#"
fn tool(x: str) -> str { x }
let qa = join(["question", "answer"], " -> ")
let said = DummyLM([{rationale: "r", answer: "b"}])
let all: list[any] = [ReAct(qa, [tool]), ProgramOfThought(qa), CodeAct(qa, [tool]), ChainOfThought(qa)]
for made in all { print([p.path for p in predictors(made)]) }
let compare: any = MultiChainComparison(qa)
print(with (lm: said) { compare([{answer: "a"}, {answer: "b"}, {answer: "c"}], question: "q") })
"#;
    assert_eq!(
        printed(text),
        "[\"react\", \"extract.predict\"]\n\
         [\"code_generate.predict\", \"code_regenerate.predict\", \"generate_output.predict\"]\n\
         [\"codeact\", \"extractor.predict\"]\n[\"predict\"]\n{rationale: \"r\", answer: \"b\"}\n"
    );
}
