//! What a search says of itself: as data, on stderr, and where its rows are no test.

use dsp::host::fake::FakeHost;

use super::run::{printed, script};

const HEAD: &str = r#"
fn knows(messages: list[Message]) -> any {
  let last = messages[-1].content
  if not contains(last, "[[ ## question ## ]]\nq") {
    return {proposed_instruction: f"Be good. {len(last)}", proposed_prefix_for_output_field: "A:", draft: "d"}
  }
  let i = int((captures(last, "question ## \\]\\]\nq([0-9]+)") ?? ["0"])[0])
  let demos = count(messages, |m| m.role == "assistant")
  {draft: f"d{i}", answer: if i % 3 != 0 or (demos >= 3 and i % 2 == 0) { f"a{i}" } else { "wrong" }}
}
configure(lm: DummyLM(knows))
fn right(row, p) -> bool { row.answer == p.answer }
fn rows(n: int) -> list[{question: str, answer: str}] { [{question: f"q{i}", answer: f"a{i}"} for i in 0..n] }
let start = Predict("question -> answer")
let search = BootstrapFewShotWithRandomSearch(num_candidate_programs: 1)
"#;

#[test]
fn a_report_tells_trials_seed_and_the_row_of_each_demo() {
    let text = r#"
let best = compile(start, rows(12), right, search, valset: rows(20)[12..], seed: 4)
let said = report(best)
print(said.seed, said.metric, said.trainset.count, said.valset?.count)
print([trial.name for trial in said.trials], max([trial.score for trial in said.trials]) == said.score)
print(sum([trial.calls for trial in said.trials]) == usage().calls)
let scores = [evaluate(trial.program ?? start, rows(20)[12..], right).score for trial in said.trials]
print(scores == [trial.score for trial in said.trials])
for demo in said.demos {
  assert rows(12)[demo.row ?? 99].question == predictors(best)[0].demos[demo.demo].question
}
print(len(said.demos) == len(predictors(best)[0].demos))
try { report(start) } catch e { print(e.kind) }
"#;
    assert_eq!(
        printed(&format!("{HEAD}{text}")),
        "4 right 12 8\n[\"candidate -3\", \"candidate -2\", \"candidate -1\", \"candidate 0\"] true\ntrue\ntrue\ntrue\nstate\n"
    );
}

#[test]
fn the_demos_of_inner_steps_know_the_row_of_the_run() {
    let text = r#"
module Two {
  draft = Predict("question -> draft")
  answer = Predict("draft, question -> answer")
  forward(question: str) { answer(draft: upper(draft(question).draft), question: question) }
}
let made = compile(Two(), rows(12), right, BootstrapFewShot(max_labeled_demos: 0))
print([f"{demo.path} {demo.row} {demo.augmented}" for demo in report(made).demos])
"#;
    assert_eq!(
        printed(&format!("{HEAD}{text}")),
        "[\"draft 1 true\", \"draft 2 true\", \"draft 4 true\", \"draft 5 true\", \"answer 1 true\", \"answer 2 true\", \"answer 4 true\", \"answer 5 true\"]\n"
    );
}

#[test]
fn a_saved_report_is_loaded_without_the_candidates() {
    let host = FakeHost::new();
    let text = r#"
let best = compile(start, rows(12), right, search)
save(best, "s.json")
let said = report(load(start, "s.json"))
let known = report(best)
print(said.demos == known.demos, said.trials[1].score == known.trials[1].score, said.trials[1].program)
"#;
    assert_eq!(script(&host, &format!("{HEAD}{text}")).unwrap(), "true true none\n");
    assert!(!host.text("s.json").unwrap().contains("_trainset"));
}

#[test]
fn each_trial_is_one_line_on_stderr() {
    let host = FakeHost::new();
    let text = "let best = compile(start, rows(12), right, search, valset: rows(30)[12..])";
    script(&host, &format!("{HEAD}{text}")).unwrap();
    let said = host.stderr();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 4, "{said}");
    // Candidates overlap: how many calls there were when one ended is not known beforehand.
    let begins = |i: usize, how: &str| assert!(lines[i].starts_with(how), "{said}");
    begins(0, "compile: candidate -3: score 66.67 (best 66.67), 1 of 4 trials, ");
    begins(
        1,
        "compile: candidate -2: score 83.33 (best 83.33, +16.66), 2 of 4 trials, ",
    );
    begins(2, "compile: candidate -1: ");
    assert!(lines[0].contains(" s left"), "{said}");
    assert!(lines[3].ends_with(" 4 of 4 trials, 82 calls"), "{said}");
}

#[test]
fn a_search_without_a_valset_says_what_it_chooses_by() {
    let said = |optimizer: &str| {
        let host = FakeHost::new();
        let text = format!("let best = compile(start, rows(12), right, {optimizer})");
        script(&host, &format!("{HEAD}{text}")).unwrap();
        host.stderr().lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        said("search"),
        "compile: without a valset, all 12 rows of the trainset are what candidates are chosen by"
    );
    assert_eq!(
        said("BetterTogether(p: LabeledFewShot(), strategy: \"p\", valset_ratio: 0.25)"),
        "compile: without a valset, 9 rows of the trainset are to learn from and 3 to choose by"
    );
}

#[test]
fn a_loaded_program_is_not_tested_by_the_rows_that_made_it() {
    let host = FakeHost::new();
    let text = r#"
save(compile(start, rows(12), right, search, valset: rows(20)[12..]), "s.json")
let loaded = load(start, "s.json")
evaluate(loaded, rows(12), right)
evaluate(loaded, rows(20)[12..], right)
"#;
    script(&host, &format!("{HEAD}{text}")).unwrap();
    let said = host.stderr();
    let warnings: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("warning: ")).collect();
    assert_eq!(
        warnings,
        ["the program was compiled on 12 of these 12 rows, so the score says little about new rows"]
    );
}

#[test]
fn rows_that_are_no_test_are_warned_of() {
    let host = FakeHost::new();
    let text = r#"
let few = compile(start, [...rows(5), {question: "q7", answer: none}], optimizer: LabeledFewShot(k: 2))
let best = compile(start, rows(12), right, search, valset: rows(20)[10..])
evaluate(best, rows(30)[12..], right)
evaluate(best, rows(14)[10..], right)
let blind = compile(start, rows(12), |row, p| 0.5, search, valset: rows(20)[12..])
"#;
    script(&host, &format!("{HEAD}{text}")).unwrap();
    let said = host.stderr();
    let mut warnings: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("warning: ")).collect();
    // The searches and evaluations overlap, and warn when they come to it.
    warnings.sort_unstable();
    assert_eq!(
        warnings,
        [
            "2 of the 10 rows of the valset are in the trainset too, so their scores say little about new rows",
            "the metric said 0.5 of every row in every trial, so it could not tell one from another",
            "the program was compiled on 2 of these 4 rows, so the score says little about new rows",
            "the trainset has 5 labelled rows; with fewer than 10, luck decides more than the search",
        ]
    );
}
