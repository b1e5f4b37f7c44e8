//! The few-shot optimizers against what DSPy's do with a scripted model: the same demos in the same order, the same
//! calls, the same scores.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use dsp::host::fake::{FakeHost, openai_reply};
use dsp::host::{HttpRequest, HttpResponse};
use serde_json::{Value as Json, json};

use super::run;

/// A case of `optimizer_cases.json`: its id, the program, how many rows it has and how it is compiled.
struct Case {
    id: &'static str,
    program: &'static str,
    rows: usize,
    compile: &'static str,
}

const ONE: &str = "ChainOfThought(\"question -> answer\")";
const TWO: &str = "Two()";
const LOOP: &str = "Loop()";

const CASES: &[Case] = &[
    case(
        "labeled_k4",
        ONE,
        24,
        "compile(program, train, optimizer: LabeledFewShot(k: 4))",
    ),
    case(
        "labeled_default_k16",
        TWO,
        24,
        "compile(program, train, optimizer: LabeledFewShot())",
    ),
    case(
        "labeled_k_gt_n",
        ONE,
        5,
        "compile(program, train, optimizer: LabeledFewShot())",
    ),
    case(
        "bootstrap_default",
        ONE,
        24,
        "compile(program, train, metric, BootstrapFewShot())",
    ),
    case(
        "bootstrap_b4_l6",
        ONE,
        24,
        "compile(program, train, metric, BootstrapFewShot(max_bootstrapped_demos: 4, max_labeled_demos: 6))",
    ),
    case(
        "bootstrap_rounds3",
        ONE,
        24,
        "compile(program, train, metric,
            BootstrapFewShot(max_bootstrapped_demos: 6, max_labeled_demos: 6, max_rounds: 3))",
    ),
    case(
        "bootstrap_no_metric",
        ONE,
        6,
        "compile(program, train, optimizer: BootstrapFewShot(max_bootstrapped_demos: 2, max_labeled_demos: 4))",
    ),
    case(
        "bootstrap_threshold",
        ONE,
        8,
        "compile(program, train, graded,
            BootstrapFewShot(max_bootstrapped_demos: 2, max_labeled_demos: 4, metric_threshold: 0.9))",
    ),
    case(
        "bootstrap_small_train",
        ONE,
        3,
        "compile(program, train, metric, BootstrapFewShot())",
    ),
    case(
        "bootstrap_with_teacher_compiled",
        ONE,
        24,
        "compile(program, train, metric, BootstrapFewShot(max_bootstrapped_demos: 2, max_labeled_demos: 4,
            teacher: compile(program, train[5..], metric,
                BootstrapFewShot(max_bootstrapped_demos: 2, max_labeled_demos: 0))))",
    ),
    case(
        "random_search_default_n4",
        ONE,
        12,
        "compile(program, train, metric,
            BootstrapFewShotWithRandomSearch(num_candidate_programs: 4, on_candidate: tell))",
    ),
    case(
        "random_search_two_pred_n3",
        TWO,
        12,
        "compile(program, train, metric, BootstrapFewShotWithRandomSearch(max_bootstrapped_demos: 3,
            max_labeled_demos: 5, num_candidate_programs: 3, on_candidate: tell))",
    ),
    case(
        "random_search_restrict",
        ONE,
        12,
        "compile(program, train, metric, BootstrapFewShotWithRandomSearch(num_candidate_programs: 6,
            restrict: [-3, 1, 4], on_candidate: tell))",
    ),
    case(
        "loop_multi_trace",
        LOOP,
        10,
        "compile(program, train, metric, BootstrapFewShot(max_bootstrapped_demos: 4, max_labeled_demos: 4))",
    ),
];

const fn case(id: &'static str, program: &'static str, rows: usize, compile: &'static str) -> Case {
    Case {
        id,
        program,
        rows,
        compile,
    }
}

const SCRIPT: &str = r#"
configure(lm: LM("openai/fake", api_base: "http://fake.test/v1"))

module Two {
  gen = ChainOfThought("question -> draft")
  ans = Predict("question, draft -> answer")
  forward(question: str) { ans(question, gen(question).draft) }
}

module Loop {
  p = Predict("question -> answer")
  forward(question: str) {
    let first = p(question)
    p(question)
  }
}

fn metric(example, prediction) -> bool { example.answer == prediction.answer }
fn graded(example, prediction) -> float { if example.answer == prediction.answer { 1.0 } else { 0.5 } }

# A candidate of a search, as the cases have them.
fn tell(candidate: {seed: int, score: float, program: program}) {
  let questions = [{path: p.path, questions: [d["question"] for d in p.demos]} for p in predictors(candidate.program)]
  print(json({candidate: {seed: candidate.seed, score: candidate.score, questions}}))
}

let train = [{question: f"q{i}", answer: f"a{i}"} for i in 0..ROWS]
let program = PROGRAM
let compiled = COMPILE
print(json({demos: [{path: p.path, demos: p.demos} for p in predictors(compiled)], calls: usage().calls}))
"#;

/// The scripted model of the cases: `a<i>` where `i % 3 != 0`, also with three demos and an even `i`; a further round
/// of the teacher, which is asked with a temperature, shifts what is known.
fn fake(request: &HttpRequest, asked: &Mutex<Vec<Json>>, rollouts: &Mutex<HashMap<i64, i64>>) -> HttpResponse {
    let body: Json = serde_json::from_slice(&request.body).unwrap();
    let messages = body["messages"].as_array().unwrap();
    let text = |message: &Json| message["content"].as_str().unwrap_or("").to_owned();
    let demos = messages.iter().filter(|m| m["role"] == "assistant").count();
    let question = text(messages.last().unwrap());
    let i: i64 = digits(question.split("[[ ## question ## ]]\nq").nth(1).unwrap());
    let rollout = match body["temperature"] == json!(1.0) {
        true => {
            let mut rollouts = rollouts.lock().unwrap();
            let rollout = rollouts.entry(i).or_default();
            *rollout += 1;
            *rollout
        }
        false => 0,
    };
    let known = match rollout {
        0 => i % 3 != 0 || (demos >= 3 && i % 2 == 0),
        _ => (i + rollout) % 3 != 0,
    };
    let answer = if known { format!("a{i}") } else { "wrong".to_owned() };
    let wanted: Vec<&str> = ["reasoning", "draft", "answer"]
        .into_iter()
        .filter(|field| {
            question
                .rsplit("corresponding output fields")
                .next()
                .unwrap()
                .contains(&format!("[[ ## {field} ## ]]"))
        })
        .collect();
    asked
        .lock()
        .unwrap()
        .push(json!({"i": i, "n_demo_turns": demos, "rollout_id": rollout, "fields": wanted}));
    let value = |field: &str| match field {
        "reasoning" => format!("r{i}"),
        "draft" => format!("d{i}"),
        _ => answer.clone(),
    };
    let sections = wanted
        .iter()
        .map(|field| format!("[[ ## {field} ## ]]\n{}\n\n", value(field)));
    openai_reply(&(sections.collect::<String>() + "[[ ## completed ## ]]"))
}

fn digits(text: &str) -> i64 {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().unwrap()
}

/// What a case comes to: the final lines of the script, and what the model was asked.
fn compiled(case: &Case) -> (Vec<Json>, Vec<Json>) {
    let script = SCRIPT
        .replace("ROWS", &case.rows.to_string())
        .replace("PROGRAM", case.program)
        .replace("COMPILE", case.compile);
    let asked = std::sync::Arc::new(Mutex::new(Vec::new()));
    let rollouts = Mutex::new(HashMap::new());
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "k");
    let log = asked.clone();
    host.answer(move |request| (Duration::from_millis(1), fake(request, &log, &rollouts)));
    let out = run::script(&host, &script).unwrap_or_else(|message| panic!("{}: {message}", case.id));
    let lines = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let asked = asked.lock().unwrap().clone();
    (lines, asked)
}

fn cases() -> Option<Vec<Json>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/conformance/optimizer_cases.json"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("the shared cases of the optimizers are not here: none ran");
        return None;
    };
    let file: Json = serde_json::from_str(&text).unwrap();
    Some(file["cases"].as_array().unwrap().clone())
}

#[test]
fn few_shot_optimizers_do_what_those_of_dspy_do() {
    let Some(known) = cases() else { return };
    let mut ran = 0;
    for case in CASES {
        let Some(wanted) = known.iter().find(|known| known["id"] == case.id) else {
            continue;
        };
        check(case, wanted);
        ran += 1;
    }
    println!("{ran} of {} shared cases of the optimizers ran", known.len());
    assert_eq!(ran, known.len(), "a shared case has no script here");
}

fn check(case: &Case, wanted: &Json) {
    let (lines, asked) = compiled(case);
    let last = lines.last().unwrap();
    assert_eq!(last["calls"], wanted["lm_call_count"], "{}: calls", case.id);
    let demos: serde_json::Map<String, Json> = last["demos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|predictor| {
            (
                predictor["path"].as_str().unwrap().to_owned(),
                predictor["demos"].clone(),
            )
        })
        .collect();
    assert_eq!(Json::Object(demos), wanted["demos"], "{}: demos", case.id);
    if let Some(order) = wanted.get("lm_call_order") {
        assert_eq!(Json::Array(asked), *order, "{}: calls in their order", case.id);
    }
    if let Some(candidates) = wanted["candidates_sorted"].as_array() {
        check_candidates(case, &lines, candidates);
    }
}

fn check_candidates(case: &Case, lines: &[Json], wanted: &[Json]) {
    let mut found: Vec<Json> = lines.iter().filter_map(|line| line.get("candidate").cloned()).collect();
    found.sort_by(|a, b| b["score"].as_f64().unwrap().total_cmp(&a["score"].as_f64().unwrap()));
    let questions = |candidate: &Json| {
        let paths = candidate["questions"].as_array().unwrap().iter();
        paths
            .map(|path| (path["path"].as_str().unwrap().to_owned(), path["questions"].clone()))
            .collect::<serde_json::Map<_, _>>()
    };
    let found: Vec<Json> = found
        .iter()
        .map(|c| json!({"seed": c["seed"], "score": c["score"], "demo_questions": questions(c)}))
        .collect();
    let wanted: Vec<Json> = wanted
        .iter()
        .map(|c| json!({"seed": c["seed"], "score": c["score"], "demo_questions": c["demo_questions"]}))
        .collect();
    assert_eq!(found, wanted, "{}: candidates", case.id);
}

#[test]
fn every_further_round_of_a_teacher_asks_for_another_answer_despite_the_cache() {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "k");
    host.answer(|_| {
        (
            Duration::from_millis(1),
            openai_reply("[[ ## b ## ]]\nwrong\n\n[[ ## completed ## ]]"),
        )
    });
    let script = r#"
configure(lm: LM("openai/fake", api_base: "http://fake.test/v1"))
let search = BootstrapFewShot(max_rounds: 3, max_labeled_demos: 0)
let p = compile(Predict("a -> b"), [{a: "1", b: "2"}], |row, p| row.b == p.b, search)
print(len(predictors(p)[0].demos))
"#;
    assert_eq!(run::cached(&host, script).unwrap(), "0\n");
    assert_eq!(host.requests().len(), 3);
}
