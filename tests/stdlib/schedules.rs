//! The searches against the schedules of DSPy's: how many calls there are, how many rows each evaluation has, and how
//! often each kind of proposer is asked.

use serde_json::Value as Json;

use super::run::printed;

/// A case of `optimizer_schedules.json`: its name, and the search on `rows(n)`.
const SEARCHES: &[(&str, &str)] = &[
    ("mipro_light_40", "search(rows(40), none, MIPROv2(on_candidate: told))"),
    (
        "mipro_light_150_minibatch",
        "search(rows(150), none, MIPROv2(on_candidate: told))",
    ),
    (
        "mipro_zeroshot_light",
        "search(rows(40), none, MIPROv2(max_bootstrapped_demos: 0, max_labeled_demos: 0, on_candidate: told))",
    ),
    (
        "mipro_manual_5cand_7trials_mb",
        "search(rows(20), rows(80)[20..], MIPROv2(auto: none, num_candidates: 5, num_trials: 7, minibatch_size: 10, on_candidate: told))",
    ),
    (
        "copro_b4_d2",
        "search(rows(10), none, COPRO(breadth: 4, depth: 2, on_candidate: told))",
    ),
    (
        "simba_b8_c3_s2",
        "search(rows(20), none, SIMBA(bsize: 8, num_candidates: 3, max_steps: 2))",
    ),
    (
        "infer_rules_c3",
        "search(rows(12), none, InferRules(num_candidates: 3, on_candidate: told))",
    ),
];

/// A model that knows two thirds of the answers and proposes something else each time.
const HEAD: &str = r#"
fn model(messages: list[Message]) -> any {
  let system = messages[0].content
  let last = messages[-1].content
  if contains(last, "[[ ## question ## ]]\nq") {
    let i = int((captures(last, "question ## \\]\\]\nq(\\d+)") ?? ["0"])[0])
    return {answer: if i % 3 == 1 { "wrong" } else { f"a{i}" }}
  }
  let said = {
    observations: "o", summary: "s", program_description: "p", module_description: "m", natural_language_rules: "r",
    reasoning: "r", discussion: "d", module_advice: {"self": "advice"}, new_instruction: f"Improved {len(last)}",
    proposed_prefix_for_output_field: "A:",
  }
  {...said, proposed_instruction: f"Proposed {len(last)} {len(system)}"}
}
fn rows(n: int) -> list[{question: str, answer: str}] { [{question: f"q{i}", answer: f"a{i}"} for i in 0..n] }
fn metric(row: any, p: any) -> bool { row.answer == p.answer }
fn size(t: any) -> int { get(t, "rows") ?? 0 }
fn told(t: any) { print(json({rows: size(t), score: t.score})) }
fn search(trainset: list[any], valset: any, optimizer: Optimizer) {
  let made = with (lm: DummyLM(model)) { compile(Predict("question -> answer"), trainset, metric, optimizer, valset: valset) }
  print(json({calls: usage().calls, made: predictors(made)[0].signature.instructions}))
}
"#;

fn schedules() -> Option<Json> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/conformance/optimizer_schedules.json"
    );
    match std::fs::read_to_string(path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            println!("the shared schedules are not here: none ran");
            None
        }
    }
}

fn lines(text: &str) -> Vec<Json> {
    let out = printed(&format!("{HEAD}{text}\n"));
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn searches_make_as_many_calls_and_evaluations_as_dspys() {
    let Some(known) = schedules() else { return };
    for (name, text) in SEARCHES {
        let wanted = &known[*name];
        let lines = lines(text);
        let (last, told) = lines.split_last().unwrap();
        assert_eq!(last["calls"], wanted["lm_calls"], "{name}: calls");
        let sizes: Vec<&Json> = wanted["evaluate_calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| &e["n"])
            .collect();
        assert_eq!(told.len(), sizes.len(), "{name}: evaluations");
        if name.starts_with("mipro") {
            let found: Vec<&Json> = told.iter().map(|line| &line["rows"]).collect();
            assert_eq!(found, sizes, "{name}: the rows of each evaluation");
        }
    }
    println!("{} schedules ran", SEARCHES.len());
}

#[test]
fn parts_of_the_valset_are_drawn_as_dspy_draws_them() {
    let Some(known) = schedules() else { return };
    let name = "mipro_light_150_minibatch";
    let lines = lines(SEARCHES.iter().find(|(known, _)| *known == name).unwrap().1);
    let scores: Vec<&Json> = lines.iter().filter_map(|line| line.get("score")).collect();
    let wanted = known[name]["evaluate_calls"].as_array().unwrap().iter();
    assert_eq!(scores, wanted.map(|e| &e["score"]).collect::<Vec<_>>());
}

#[test]
fn a_budget_of_metric_calls_is_never_exceeded() {
    let Some(known) = schedules() else { return };
    let text = "search(rows(18)[..12], rows(18)[12..], GEPA(max_metric_calls: 40, on_candidate: told))";
    let lines = lines(text);
    let (_, told) = lines.split_last().unwrap();
    let sizes: Vec<u64> = told.iter().map(|line| line["rows"].as_u64().unwrap()).collect();
    let wanted = known["gepa_40calls"]["evaluate_calls"].as_array().unwrap().iter();
    let wanted: Vec<u64> = wanted.map(|e| e["n"].as_u64().unwrap()).collect();
    assert!(sizes.iter().sum::<u64>() <= 40, "{sizes:?}");
    assert_eq!(sizes, wanted[..sizes.len()]);
    // The next round would not fit.
    assert!(sizes.iter().sum::<u64>() + 6 > 40, "{sizes:?}");
}

#[test]
fn an_automatic_evolution_has_the_budget_of_dspys() {
    let Some(known) = schedules() else { return };
    for (auto, val) in [("light", 20), ("medium", 20), ("light", 100)] {
        let key = format!("preds=1,val={val}");
        let budget = known["gepa_auto_budget"][auto][&key].as_u64().unwrap();
        // All answers are right: a round is three calls, and starts while six would fit.
        let text = format!(
            "fn right(row: any, p: any) -> bool {{ true }}
             let made = with (lm: DummyLM(model)) {{
               compile(Predict(\"question -> answer\"), rows(9), right, GEPA(auto: \"{auto}\"), valset: rows({val}))
             }}
             print(json({{calls: usage().calls, demos: len(predictors(made)[0].demos)}}))"
        );
        let calls = lines(&text)[0]["calls"].as_u64().unwrap();
        let rounds = (budget - 6 - val) / 3 + 1;
        assert_eq!(calls, val + 3 * rounds, "{auto} {val}");
    }
}

#[test]
fn what_a_search_is_given_wrong_is_said() {
    let text = r#"
fn tried(make: fn() -> any) { try { print(make()) } catch e { print(e.kind, e.message) } }
fn go(optimizer: Optimizer) -> any { compile(Predict("question -> answer"), rows(5), metric, optimizer) }
tried(|| MIPROv2(auto: none))
tried(|| MIPROv2(num_trials: 3))
tried(|| GEPA())
tried(|| GEPA(auto: "light", max_metric_calls: 3))
tried(|| go(SIMBA()))
tried(|| go(MIPROv2(auto: none, num_candidates: 3, num_trials: 3, minibatch_size: 9)))
tried(|| COPRO(breadth: 1))
tried(|| BetterTogether(strategy: "p -> x"))
tried(|| compile(Predict("question -> answer"), rows(3), optimizer: COPRO()))
"#;
    let out = printed(&format!("{HEAD}{text}\n"));
    assert_eq!(
        out,
        "value without `auto`, `MIPROv2` needs `num_candidates` and `num_trials`\n\
         value `auto` decides on `num_candidates` and `num_trials`: give it as `none`, or leave them out\n\
         value `GEPA` needs exactly one of `auto`, `max_full_evals` and `max_metric_calls`\n\
         value `GEPA` needs exactly one of `auto`, `max_full_evals` and `max_metric_calls`\n\
         value `SIMBA` needs at least 32 rows (`bsize`), the trainset has 5\n\
         value `minibatch_size` is 9, but the valset has 4 rows\n\
         value `breadth` must be at least 2\n\
         value the strategy names `x`, but there is no such optimizer: give it as `x:` or in `optimizers`\n\
         value `COPRO` needs a metric: `compile(…, metric: accuracy)`\n"
    );
}

const TWO: &str = r#"
module Two {
  draft = Predict("question -> draft")
  answer = ChainOfThought("question, draft -> answer")
  forward(question: str) { answer(question, draft(question).draft) }
}
fn say(messages: list[Message]) -> any {
  let system = messages[0].content
  let last = messages[-1].content
  let good = |word: str| contains(system, word)
  if contains(last, "[[ ## question ## ]]\nq") {
    let i = int((captures(last, "question ## \\]\\]\nq(\\d+)") ?? ["0"])[0])
    if not contains(last, "[[ ## draft ## ]]\nd") { return {draft: if good("careful") { f"d{i}" } else { "d" }} }
    let right = len(messages) > 3 or i % 4 == 3 or (i % 2 == 0 and contains(last, f"d{i}")) or (i % 2 == 1 and good("careful"))
    return {reasoning: "r", answer: if right { f"a{i}" } else { "no" }}
  }
  {...model(messages), new_instruction: f"Be careful. {len(last)}", proposed_instruction: f"Be careful. {len(last)}",
    module_advice: {"draft": "Be careful.", "answer.predict": "Be careful."}, natural_language_rules: "Be careful."}
}
fn told2(t: any) { print(size(t), t.score) }
fn improved(optimizer: Optimizer) {
  let made = with (lm: DummyLM(say)) { compile(Two(), rows(16), metric, optimizer) }
  let score = with (lm: DummyLM(say)) { evaluate(made, rows(16), metric).score }
  print([p.path for p in predictors(made)], score)
}
"#;

#[test]
fn every_search_improves_a_program_of_two_predictors() {
    let text = r#"
improved(COPRO(breadth: 3, depth: 2))
improved(InferRules(num_candidates: 2))
improved(MIPROv2())
improved(SIMBA(bsize: 8, num_candidates: 4, max_steps: 4))
improved(GEPA(max_metric_calls: 200))
improved(GEPA(max_metric_calls: 200, component_selector: "all", candidate_selection_strategy: "current_best"))
improved(BetterTogether(p: COPRO(breadth: 3, depth: 1), w: LabeledFewShot(k: 2), strategy: "p -> w", valset_ratio: 0.3))
"#;
    let out = printed(&format!("{HEAD}{TWO}{text}\n"));
    for line in out.lines() {
        let (paths, score) = line.rsplit_once(' ').unwrap();
        assert_eq!(paths, r#"["draft", "answer.predict"]"#);
        assert!(score.parse::<f64>().unwrap() > 25.0, "{out}");
    }
    assert_eq!(out.lines().count(), 7, "{out}");
}

#[test]
fn where_rollouts_of_a_row_differ_a_model_writes_a_rule() {
    let text = r#"
let said = [{answer: "a0"}, {answer: "no"}, {discussion: "d", module_advice: {"self": "Say a0."}}, {answer: "a0"},
  {answer: "no"}, {answer: "a0"}]
let rules = SIMBA(bsize: 1, num_candidates: 2, max_steps: 1, max_demos: 0)
let made = with (lm: DummyLM(said)) { compile(Predict("question -> answer"), rows(1), metric, rules) }
print(predictors(made)[0].signature.instructions)
"#;
    let out = printed(&format!("{HEAD}{text}\n"));
    assert_eq!(
        out,
        "Given the fields `question`, produce the fields `answer`.\n\nSay a0.\n"
    );
}

#[test]
fn a_program_of_two_predictors_is_searched_twice_as_long() {
    let Some(known) = schedules() else { return };
    let text = r#"
let trials = DummyLM(say)
let made = with (lm: trials) { compile(Two(), rows(20), metric, MIPROv2(on_candidate: |t| print(json({trial: t.trial})))) }
print(json({done: len(predictors(made))}))
"#;
    let lines = lines(&format!("{TWO}{text}"));
    let trials = lines.iter().filter(|line| line.get("trial").is_some()).count() as u64;
    assert_eq!(
        Json::from(trials - 1),
        known["mipro_num_trials"]["preds=2,zeroshot=False"]["light"]
    );
}

#[test]
fn the_feedback_of_a_metric_reaches_the_model_that_reflects() {
    let text = r#"
fn strict(row: any, p: any) -> {score: float, feedback: str} {
  let right = row.answer == p.answer
  {score: if right { 1.0 } else { 0.0 }, feedback: f"the answer to {row.question} is {row.answer}"}
}
fn seen(messages: list[Message]) -> any {
  let last = messages[-1].content
  if contains(last, "examples_with_feedback") {
    print((captures(last, "(\\{\"Inputs\".*?\\})\\]") ?? captures(last, "(\\{\"Inputs\"[^\n]*)") ?? ["nothing"])[0])
    return {new_instruction: "x"}
  }
  {answer: "wrong"}
}
let made = with (lm: DummyLM(seen)) {
  compile(Predict("question -> answer"), rows(1), strict, GEPA(max_metric_calls: 7, reflection_minibatch_size: 1), valset: rows(2))
}
print(predictors(made)[0].signature.instructions)
"#;
    let out = printed(&format!("{HEAD}{text}\n"));
    assert!(
        out.contains(r#"{"Inputs": {"question": "q0"}, "Generated Outputs": {"answer": "wrong"}, "Feedback": "the answer to q0 is a0"}"#),
        "{out}"
    );
}

#[test]
fn demos_from_near_rows_are_chosen_at_each_call() {
    let text = r#"
let near = KNNFewShot(k: 2, vectorizer: |texts| [[float(len(text)), -1.0] for text in texts], max_labeled_demos: 0)
let long = [{question: f"q{repeat("0", i)}{i}", answer: f"a{i}"} for i in 0..4]
fn shown(messages: list[Message]) -> any {
  print([replace(split(m.content, "\n")[1], "\n", "") for m in messages if m.role == "user"])
  model(messages)
}
let made = compile(Predict("question -> answer"), long, metric, near)
with (lm: DummyLM(shown)) { print(made("q5").answer) }
print([p.path for p in predictors(made)])
"#;
    let out = printed(&format!("{HEAD}{text}\n"));
    assert_eq!(
        out.lines().collect::<Vec<_>>(),
        [
            r#"["q0003"]"#,
            r#"["q002"]"#,
            r#"["q0003", "q002", "q5"]"#,
            "a5",
            r#"["self"]"#
        ]
    );
}
