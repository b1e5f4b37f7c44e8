//! `compile` under a budget, and its journal.

use std::path::Path;

use dsp::host::Access;
use dsp::host::fake::FakeHost;

use super::run::{cached, script};

/// A model that knows more with demos, and a search over it that tells of every candidate.
const SEARCH: &str = r#"
fn knows(messages: list[{role: str, content: str}]) -> any {
  let i = int((captures(messages[-1].content, "q([0-9]+)") ?? ["0"])[0])
  let demos = count(messages, |m| m.role == "assistant")
  {answer: if i % 3 != 0 or (demos >= 3 and i % 2 == 0) { f"a{i}" } else { "wrong" }}
}
configure(lm: DummyLM(knows))
fn right(row, p) -> bool { row.answer == p.answer }
let rows = [{question: f"q{i}", answer: f"a{i}"} for i in 0..12]
let search = BootstrapFewShotWithRandomSearch(num_candidate_programs: 1, on_candidate: |c| print(c.seed, c.score))
let start = Predict("question -> answer")
"#;

fn journals(host: &FakeHost) -> usize {
    let found = host.host().list(Access::Own, Path::new("/cache"));
    found
        .unwrap()
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .count()
}

#[test]
fn a_spent_budget_ends_the_search_with_the_best_program_so_far_and_says_so() {
    let host = FakeHost::new();
    let text = r#"
let best = compile(start, rows, right, search, max_calls: 40)
print(len(predictors(best)[0].demos), usage().calls)
"#;
    let out = script(&host, &format!("{SEARCH}{text}")).unwrap();
    assert_eq!(out, "-3 66.67\n-2 83.33\n12 40\n");
    let said = "the budget of 40 calls is used up (`max_calls`): the search ends with the best program of 2 trials (score 83.33)";
    assert!(host.stderr().contains(said), "{}", host.stderr());
}

#[test]
fn a_budget_too_small_for_one_trial_leaves_the_program_as_it_was() {
    let text = r#"
let best = compile(start, rows, right, search, max_calls: 5)
print(best == start, usage().calls)
let none_at_all = compile(start, rows, right, search, max_cost: 0)
print(none_at_all == start, usage().calls)
"#;
    let out = script(&FakeHost::new(), &format!("{SEARCH}{text}")).unwrap();
    assert_eq!(out, "true 5\ntrue 5\n");
}

#[test]
fn bootstrapping_keeps_the_demos_that_its_budget_paid_for() {
    let host = FakeHost::new();
    let text = r#"
let best = compile(start, rows, right, BootstrapFewShot(max_labeled_demos: 0), max_calls: 3)
print([demo.question for demo in predictors(best)[0].demos], usage().calls)
"#;
    let out = script(&host, &format!("{SEARCH}{text}")).unwrap();
    assert_eq!(out, "[\"q1\", \"q2\"] 3\n");
    assert!(host.stderr().contains("the budget of 3 calls"), "{}", host.stderr());
}

#[test]
fn caps_around_a_search_end_it_too_and_hold_for_scripted_models() {
    let text = r#"
with (max_calls: 20) {
  let best = compile(start, rows, right, search)
  print(best == start, usage().calls)
  try { print(start("q1")) } catch e { print(e.kind, e.message) }
}
try { with (max_cost: 0) { print(start("q1")) } } catch e { print(e.kind, e.message) }
"#;
    let out = script(&FakeHost::new(), &format!("{SEARCH}{text}")).unwrap();
    assert_eq!(
        out,
        "-3 66.67\ntrue 20\nbudget the budget of 20 calls is used up (`max_calls`)\n\
         budget the budget of 0 dollars is used up (`max_cost`)\n"
    );
}

/// Every search that asks a model for proposals, with a model that refuses, one that does not exist and one that mumbles.
const PROPOSERS: &str = r#"
fn refused(messages: list[Message]) -> any { fail({kind: "auth", message: "no key"}) }
fn gone(messages: list[Message]) -> any { fail({kind: "lm", message: "no such model"}) }
fn mumbling(messages: list[Message]) -> any { "hm" }
fn graded(row, p) -> float {
  if row.answer != p.answer { 0.0 } else if row.answer in ["a1", "a4", "a7", "a10"] { 1.0 } else { 0.5 }
}
let searches = {
  "COPRO": |lm| COPRO(prompt_model: lm, breadth: 3, depth: 2),
  "MIPROv2": |lm| MIPROv2(prompt_model: lm),
  "GEPA": |lm| GEPA(reflection_lm: lm, max_metric_calls: 60),
  "SIMBA": |lm| SIMBA(prompt_model: lm, bsize: 4, max_steps: 2, max_demos: 0),
  "InferRules": |lm| InferRules(num_candidates: 2, teacher_settings: {"lm": lm}, max_bootstrapped_demos: 0),
}
for name, make in searches {
  for model in [refused, gone, mumbling] {
    try {
      print(name, predictors(compile(start, rows, graded, make(DummyLM(model))))[0].signature.instructions)
    } catch e {
      print(name, e.kind, e.message)
    }
  }
}
"#;

#[test]
fn a_proposer_that_cannot_be_asked_ends_the_search_and_a_proposal_that_cannot_be_read_does_not() {
    let host = FakeHost::new();
    let out = script(&host, &format!("{SEARCH}{PROPOSERS}")).unwrap();
    let told = |name| {
        format!(
            "{name} auth no key\n{name} lm no such model\n{name} Given the fields `question`, produce the fields `answer`.\n"
        )
    };
    assert_eq!(
        out,
        ["COPRO", "MIPROv2", "GEPA", "SIMBA", "InferRules"].map(told).concat()
    );
    let said = "is left out, since the model's reply is of no use";
    assert!(host.stderr().contains(said), "{}", host.stderr());
}

#[test]
fn a_search_inside_another_ends_alone() {
    let text = r#"
fn twice(program, trainset, metric) {
  let inner = compile(program, trainset, metric, BootstrapFewShot(max_labeled_demos: 0), max_calls: 3)
  print("inner", len(predictors(inner)[0].demos))
  compile(inner, trainset, metric, LabeledFewShot(k: 2))
}
let best = compile(start, rows, right, twice, max_calls: 100)
print(len(predictors(best)[0].demos))
"#;
    let host = FakeHost::new();
    let out = script(&host, &format!("{SEARCH}{text}")).unwrap();
    assert_eq!(out, "inner 2\n2\n");
    assert!(!host.stderr().contains("budget of 100"), "{}", host.stderr());
}

#[test]
fn a_larger_budget_goes_on_from_the_journal_and_the_same_one_ends_where_it_ended() {
    // The cap comes from outside, so that the script stays the same.
    let text = format!(
        "{SEARCH}{}",
        r#"
let cap = int(env("CAP", "0"))
let best = compile(start, rows, right, search, max_calls: if cap == 0 { none } else { cap })
print(len(predictors(best)[0].demos), usage().calls)
"#
    );
    let host = FakeHost::new();
    let run = |cap: &str| {
        host.set_env("CAP", cap);
        let before = host.stdout().len();
        cached(&host, &text).unwrap();
        host.stdout()[before..].to_owned()
    };
    assert_eq!(run("20"), "-3 66.67\n0 20\n");
    assert_eq!(journals(&host), 1);
    assert_eq!(run("20"), "-3 66.67\n0 8\n");
    assert_eq!(run("0"), "-3 66.67\n-2 83.33\n-1 83.33\n0 83.33\n12 46\n");
    assert!(
        host.stderr().contains("going on behind the 1 trial"),
        "{}",
        host.stderr()
    );
    assert_eq!(journals(&host), 0);
}

#[test]
fn a_model_that_gives_out_answers_in_order_is_not_journalled() {
    let host = FakeHost::new();
    let text = r#"
let said = DummyLM([{answer: f"a{i}"} for i in 0..100])
let best = with (lm: said) { compile(start, rows, right, search, max_calls: 20) }
"#;
    cached(&host, &format!("{SEARCH}{text}")).unwrap();
    assert!(host.stderr().contains("the budget of 20 calls"), "{}", host.stderr());
    assert_eq!(journals(&host), 0);
}

#[test]
fn negative_budgets_are_refused() {
    let text = r#"
try { compile(start, rows, right, search, max_calls: -1) } catch e { print(e.kind, e.message) }
try { compile(start, rows, right, search, max_cost: -0.5) } catch e { print(e.kind, e.message) }
"#;
    let out = script(&FakeHost::new(), &format!("{SEARCH}{text}")).unwrap();
    assert_eq!(
        out,
        "value `max_calls` must not be negative\nvalue `max_cost` must not be negative\n"
    );
}

/// How long a search takes on the simulated clock, with a model that takes a tenth of a second.
fn seconds(optimizer: &str, rows: usize) -> f64 {
    let text = format!(
        r#"
fn said(messages: list[{{role: str, content: str}}]) -> any {{
  sleep(0.1)
  if contains(messages[-1].content, "attempted") or contains(messages[-1].content, "basic_instruction ##") {{
    return {{proposed_instruction: f"Be good {{len(messages[-1].content)}}.", proposed_prefix_for_output_field: "A:"}}
  }}
  let last = messages[-1].content
  if contains(last, "examples_text ##") {{
    return {{reasoning: "r", natural_language_rules: "Add one."}}
  }}
  {{answer: "a"}}
}}
configure(lm: DummyLM(said))
let rows = [{{question: f"q{{i}}", answer: "a"}} for i in 0..{rows}]
let before = now()
let best = compile(Predict("question -> answer"), rows, |row, p| row.answer == p.answer, {optimizer})
print(now() - before)
"#
    );
    script(&FakeHost::new(), &text).unwrap().trim().parse().unwrap()
}

#[test]
fn candidates_that_do_not_depend_on_each_other_overlap() {
    // Two calls one after the other to bootstrap, then all rows of all candidates.
    let overlapped = seconds(
        "BootstrapFewShotWithRandomSearch(num_candidate_programs: 4, max_bootstrapped_demos: 2)",
        4,
    );
    assert!(overlapped < 0.45, "{overlapped}");
    let one_by_one = seconds(
        "BootstrapFewShotWithRandomSearch(num_candidate_programs: 4, max_bootstrapped_demos: 2, stop_at_score: 200.0)",
        4,
    );
    assert!(one_by_one > 1.3, "{one_by_one}");
    // With one thread each candidate has one row at a time.
    let narrow = seconds(
        "BootstrapFewShotWithRandomSearch(num_candidate_programs: 4, max_bootstrapped_demos: 2, num_threads: 1)",
        4,
    );
    assert!(narrow > 0.55, "{narrow}");
    // Seven proposals, which a scripted model makes one by one, then eight candidates of two rows at once.
    let coordinates = seconds("COPRO(breadth: 8, depth: 1)", 2);
    assert!(coordinates < 0.85, "{coordinates}");
    // Bootstrapped, then five times rules and two rows.
    let rules = seconds("InferRules(num_candidates: 5, max_bootstrapped_demos: 1)", 4);
    assert!(rules < 0.45, "{rules}");
}

#[test]
fn a_proposal_that_nobody_can_read_is_left_out_and_the_search_goes_on() {
    let text = r#"
fn said(messages: list[{role: str, content: str}]) -> any {
  let last = messages[-1].content
  if contains(last, "[[ ## question ## ]]\nq") { {answer: "a"} } else { "I would rather not." }
}
configure(lm: DummyLM(said))
let rows = [{question: f"q{i}", answer: "a"} for i in 0..10]
let start = Predict("question -> answer")
let best = compile(start, rows, |row, p| row.answer == p.answer, MIPROv2())
print(predictors(best)[0].signature.instructions == start.signature.instructions)
fn locked(messages: list[{role: str, content: str}]) -> any { fail({kind: "auth", message: "no key"}) }
try {
  compile(start, rows, |row, p| row.answer == p.answer, MIPROv2(prompt_model: DummyLM(locked)))
} catch e { print(e.kind) }
"#;
    let host = FakeHost::new();
    assert_eq!(script(&host, text).unwrap(), "true\nauth\n");
    let said = host.stderr();
    for what in ["description of the data", "description of the program", "proposal"] {
        let line = format!("compile: a {what} is left out, since the model's reply is of no use: ");
        assert!(said.contains(&line), "{said}");
    }
}

#[test]
fn a_trial_whose_evaluation_failed_is_tried_again_by_a_run_that_goes_on() {
    // The server is down in the first run, so that two candidates score 0 and the third cannot be made.
    let text = format!(
        "{}{}",
        SEARCH.replace("configure(lm: DummyLM(knows))", ""),
        r#"
fn down(messages: list[Message]) -> any { if env("DOWN", "") == "1" { fail({kind: "timeout", message: "no answer"}) } else { knows(messages) } }
configure(lm: DummyLM(down))
let long = [{question: f"q{i}", answer: f"a{i}"} for i in 0..24]
let best = compile(start, long, right, search)
print(best != start)
"#
    );
    let host = FakeHost::new();
    host.set_env("DOWN", "1");
    assert!(cached(&host, &text).unwrap_err().contains("no answer"));
    assert_eq!(host.stdout(), "-3 0.0\n-2 0.0\n");
    host.set_env("DOWN", "0");
    let before = host.stdout().len();
    cached(&host, &text).unwrap();
    assert_eq!(
        &host.stdout()[before..],
        "-3 66.67\n-2 83.33\n-1 83.33\n0 83.33\ntrue\n"
    );
}

#[test]
fn what_dspys_searches_are_told_is_taken_here_too() {
    let host = FakeHost::new();
    let text = r#"
fn knows(messages: list[Message]) -> any {
  let last = messages[-1].content
  if contains(last, "examples_with_feedback") {
    print(contains(last, "could not be read"), contains(last, "garbage"))
    return {new_instruction: "Answer well."}
  }
  if contains(last, "[[ ## question ## ]]\nq") {
    let i = int((captures(last, "q([0-9]+)") ?? ["0"])[0])
    return if contains(messages[0].content, "well") { {answer: f"a{i}"} } else { "garbage" }
  }
  {proposed_instruction: "Answer well.", observations: "o", summary: "s", program_description: "p", module_description: "m"}
}
configure(lm: DummyLM(knows))
let rows = [{question: f"q{i}", answer: f"a{i}"} for i in 0..10]
let start = Predict("question -> answer", max_retries: 0)
fn right(row, p) -> bool { row.answer == p.answer }
fn tried(optimizer: Optimizer) {
  let made = compile(start, rows, right, optimizer)
  print(predictors(made)[0].signature.instructions, report(made).score)
}
tried(GEPA(max_metric_calls: 40, add_format_failure_as_feedback: true, log_dir: "g", track_stats: true, seed: 3))
tried(GEPA(max_metric_calls: 40, add_format_failure_as_feedback: true,
  instruction_proposer: |texts, seen, wanted| {"self": f"{texts["self"]} Do it well: {len(seen["self"])}, {wanted}"}))
tried(GEPA(max_metric_calls: 40))
tried(MIPROv2(max_bootstrapped_demos: 0, max_labeled_demos: 0, verbose: true, log_dir: "m", track_stats: false))
try { print(GEPA(max_metric_calls: 9, gepa_kwargs: {"engine": 1})) } catch e { print(e.kind) }
"#;
    let out = script(&host, text).unwrap();
    let plain = "Given the fields `question`, produce the fields `answer`.";
    assert_eq!(
        out,
        format!(
            "true true\nAnswer well. 100.0\n{plain} Do it well: 3, [\"self\"] 100.0\n{plain} 0.0\nAnswer well. 100.0\nvalue\n"
        )
    );
    let says = "compile: instructions for `self`: Answer well.";
    assert!(host.stderr().contains(says), "{}", host.stderr());
    for state in [
        "g/evaluated_programs/program_1.json",
        "m/evaluated_programs/program_2.json",
    ] {
        let found = host.text(Path::new("/work").join(state)).or_else(|| host.text(state));
        assert!(found.is_some_and(|text| text.contains("Answer")), "{state}");
    }
}
