//! Forecasts against real runs: the count lies between, and where nothing depends on answers it is the one foretold.

use dsp::host::fake::FakeHost;

use super::run::{printed, script};

/// A model that knows some of the answers, more or fewer as `hard` says, and proposes something else each time.
const HEAD: &str = r#"
fn model(messages: list[Message], hard: int) -> any {
  let last = messages[-1].content
  if contains(last, "[[ ## question ## ]]\nq") {
    let i = int((captures(last, "question ## \\]\\]\nq(\\d+)") ?? ["0"])[0])
    let luck = (i * 7 + len(messages) * 3 + len(messages[0].content)) % 5
    return {answer: if luck < hard { "wrong" } else { f"a{i}" }}
  }
  {
    observations: if hard % 2 == 0 { "COMPLETE" } else { "o" }, summary: "s", program_description: "p",
    module_description: "m", natural_language_rules: "r", reasoning: "r", discussion: "d",
    module_advice: {"self": "advice"}, new_instruction: f"Improved {len(last)}",
    proposed_prefix_for_output_field: "A:", proposed_instruction: f"Proposed {len(last)}",
  }
}
fn rows(n: int) -> list[{question: str, answer: str}] { [{question: f"q{i}", answer: f"a{i}"} for i in 0..n] }
fn right(row: any, p: any) -> bool { row.answer == p.answer }
fn calls(f: fn() -> any) -> int {
  let before = usage().calls
  f()
  usage().calls - before
}
# Each of the models in turn; what was foretold does not depend on them.
fn holds(f: fn() -> any) -> bool {
  let foretold = plan(f).calls
  for hard in 0..6 {
    let made = calls(|| with_settings({"lm": DummyLM(|messages| model(messages, hard))}, f))
    if made < foretold.least or made > foretold.most {
      print("made", made, "foretold", foretold)
      return false
    }
  }
  true
}
let start = Predict("question -> answer")
fn search(optimizer: Optimizer, n: int = 12) -> any { compile(start, rows(n), right, optimizer) }
"#;

fn out(text: &str) -> String {
    let lm = "configure(lm: DummyLM(|messages| model(messages, 2)))\n";
    printed(&format!("{lm}{HEAD}{text}"))
}

#[test]
fn the_calls_of_every_search_lie_between_what_was_foretold() {
    let searches = [
        "LabeledFewShot(k: 3)",
        "BootstrapFewShot()",
        "BootstrapFewShot(max_bootstrapped_demos: 9, max_rounds: 3)",
        "BootstrapFewShotWithRandomSearch(num_candidate_programs: 2)",
        "BootstrapFewShotWithRandomSearch(num_candidate_programs: 2, stop_at_score: 60.0)",
        "COPRO(breadth: 3, depth: 2)",
        "MIPROv2()",
        "MIPROv2(max_bootstrapped_demos: 0, max_labeled_demos: 0)",
        "MIPROv2(auto: none, num_candidates: 3, num_trials: 3, minibatch_size: 4, view_data_batch_size: 1)",
        "SIMBA(bsize: 4, num_candidates: 3, max_steps: 2)",
        "SIMBA(bsize: 4, num_candidates: 2, max_steps: 3, max_demos: 0)",
        "GEPA(max_metric_calls: 60)",
        "GEPA(max_metric_calls: 15)",
        "GEPA(max_full_evals: 3, component_selector: \"all\")",
        "InferRules(num_candidates: 2)",
        "BetterTogether(p: BootstrapFewShot(), w: LabeledFewShot(), valset_ratio: 0.3)",
    ];
    let lines: Vec<String> = searches
        .iter()
        .map(|made| format!("print(holds(|| search({made})), {:?})", made))
        .collect();
    let out = out(&lines.join("\n"));
    for (line, made) in out.lines().zip(searches) {
        assert_eq!(line, format!("true {made}"), "{out}");
    }
    assert_eq!(out.lines().count(), searches.len(), "{out}");
}

#[test]
fn where_nothing_depends_on_answers_the_count_is_the_one_foretold() {
    let text = r#"
let calm = Predict("question -> answer", max_retries: 0)
fn same(f: fn() -> any) {
  let foretold = plan(f).calls
  let made = calls(f)
  print(foretold.least == made, foretold.expected == made, foretold.most == made)
}
fn calmly(optimizer: Optimizer) -> any { compile(calm, rows(12), right, optimizer) }
same(|| calm("q1"))
same(|| evaluate(calm, rows(9), right))
same(|| compare(calm, ChainOfThought("question -> answer"), rows(0), right))
same(|| calmly(LabeledFewShot()))
same(|| calmly(BootstrapFewShotWithRandomSearch(restrict: [-3, -2])))
same(|| with_settings({"max_retries": 0}, || calmly(InferRules(num_candidates: 2, max_bootstrapped_demos: 0))))
same(|| with_settings({"max_retries": 0}, || calmly(GEPA(max_metric_calls: 16))))
let copro = plan(|| search(COPRO(breadth: 3, depth: 2))).calls
print(copro.expected == calls(|| search(COPRO(breadth: 3, depth: 2))))
"#;
    assert_eq!(out(text), "true true true\n".repeat(7) + "true\n");
}

#[test]
fn modules_that_ask_more_or_less_have_their_bounds() {
    let text = r#"
fn lookup(word: str) -> str { fail("no tool is used") }
print(plan(|| ReAct("question -> answer", [lookup], max_iters: 4)("?")).calls)
print(plan(|| with_settings({"max_retries": 0}, || BestOfN(start, 3, |i, o| 0.5, 0.9)(question: "?"))).calls)
print(plan(|| with_settings({"max_retries": 0}, || Refine(start, 3, |i, o| 0.5, 0.9)(question: "?"))).calls)
fn routed(text: str) -> any {
  match Predict("text -> kind: 'a' | 'b' | 'c'", max_retries: 0)(text).kind {
    "a" => 1
    "b" => Predict("text -> more", max_retries: 0)(text).more
    "c" => [Predict("text, i: int -> more", max_retries: 0)(text, i).more for i in 0..3]
  }
}
let routes = plan(|| routed("?")).calls
print(routes.least, routes.most)
let near = compile(start, rows(6), right, KNNFewShot(k: 2, vectorizer: |texts| [[float(len(text))] for text in texts]))
print(holds(|| evaluate(near, rows(3), right)))
"#;
    assert_eq!(
        out(text),
        "{least: 2, expected: 3, most: 7}\n{least: 1, expected: 2, most: 3}\n{least: 1, expected: 3, most: 5}\n1 4\ntrue\n"
    );
}

#[test]
fn a_forecast_asks_prints_and_writes_nothing() {
    let host = FakeHost::new();
    let text = r#"
configure(lm: DummyLM(|messages| fail("asked")))
let rows = [{question: "1", answer: "2"}]
fn loud(question: str) -> any {
  print("heard")
  debug("heard")
  write_text("x.txt", "written")
  Predict("question -> answer")(question)
}
let foretold = plan(|| {
  let e = evaluate(loud, rows, metric: |row, p| true, display: 3, save_as: "y.csv")
  let made = compile(Predict("question -> answer"), rows, |row, p| true, BootstrapFewShotWithRandomSearch(num_candidate_programs: 1))
  save(made, "z.json")
  e.score
})
print(foretold.calls.least, foretold.prompt_tokens.expected > 100, usage().calls)
print(plan(|| 1 + 1).calls.most)
try { plan(|| fail("no")) } catch e { print(e.message) }
let dear = LM("openai/gpt-4o-mini", price: {prompt: 1000000, completion: 0})
let cost = plan(|| with_settings({"lm": dear}, || Predict("question -> answer")("?")))
print(cost.cost.expected == float(cost.prompt_tokens.expected), cost.cost.least < cost.cost.most)
"#;
    assert_eq!(script(&host, text).unwrap(), "7 true 0\n0\nno\ntrue true\n");
    assert_eq!(host.stderr(), "");
    for file in ["x.txt", "y.csv", "z.json"] {
        assert_eq!(host.text(file), None, "{file}");
    }
}

#[test]
fn a_budget_bounds_a_forecast() {
    let text = "print(plan(|| compile(start, rows(12), right, BootstrapFewShot(), max_calls: 7)).calls)";
    assert_eq!(out(text), "{least: 4, expected: 7, most: 7}\n");
}
