//! `evaluate`: what counts, what fails, in which order, and how far it goes.

use dsp::host::fake::FakeHost;

use super::run::{printed, script};

const ROWS: &str = r#"
let rows = [{n: i, wanted: i * 2} for i in 0..10]
fn exact(row, p) -> bool { p == row.wanted }
"#;

fn evaluated(text: &str) -> String {
    printed(&format!("{ROWS}{text}"))
}

#[test]
fn the_score_is_a_percentage_and_results_stand_in_the_order_of_the_rows() {
    let out = evaluated(
        "let e = evaluate(|n| if n < 3 { n * 2 } else { 0 }, rows[1..], metric: exact)
         print(e.score, e.errors, len(e.results), e.results[0], e.usage.calls)",
    );
    assert_eq!(
        out,
        "22.22 0 9 {example: {n: 1, wanted: 2}, prediction: 2, score: 1.0, error: none} 0\n"
    );
}

#[test]
fn a_metric_may_say_a_number_or_a_score_with_feedback_and_may_take_the_trace() {
    let out = evaluated(
        "print(evaluate(|n| n, rows, metric: |row, p| 0.125).score)
         print(evaluate(|n| n, rows, metric: |row, p| {score: 0.5, feedback: \"so so\"}).score)
         print(evaluate(|n| n, rows, metric: |row, p, trace| trace == none).score)
         print(evaluate(|n| n, [], metric: |row, p| true).score)",
    );
    assert_eq!(out, "12.5\n50.0\n100.0\n0.0\n");
}

#[test]
fn a_program_that_fails_scores_0_and_counts() {
    let out = evaluated(
        "fn double(n: int) -> int { if n == 4 { fail(\"no four\") } else { n * 2 } }
         let e = evaluate(double, rows, metric: exact)
         print(e.score, e.errors, e.results[4].score, e.results[4].prediction, e.results[4].error?.message)",
    );
    assert_eq!(out, "90.0 1 0.0 none no four\n");
}

#[test]
fn past_max_errors_the_evaluation_fails_with_the_first_failure() {
    let text = "fn broken(n: int) -> int { if n > 1 { fail(f\"row {n}\") } else { n * 2 } }
         try { print(evaluate(broken, rows, metric: exact, max_errors: 3).score) } catch e { print(e.kind, e.message) }
         print(evaluate(broken, rows, metric: exact, max_errors: 8).errors)";
    assert_eq!(evaluated(text), "user row 2\n8\n");
}

#[test]
fn a_metric_that_fails_leaves_its_row_out_of_the_mean() {
    let out = evaluated(
        "fn picky(row, p) -> bool { if row.n == 0 { fail(\"cannot say\") } else { row.n < 5 } }
         let e = evaluate(|n| n, rows, metric: picky)
         print(e.score, e.errors, e.results[0].error?.message)",
    );
    assert_eq!(out, "44.44 1 cannot say\n");
}

#[test]
fn replies_that_do_not_parse_score_0_and_never_end_it() {
    let host = FakeHost::new();
    let text = r#"
let say = DummyLM(|messages| "no format at all")
let rows = [{question: f"{i}", n: i} for i in 0..20]
with (lm: say, max_retries: 0) {
  let e = evaluate(Predict("question -> n: int"), rows, metric: |row, p| p.n == row.n, max_errors: 0)
  print(e.score, e.errors, e.results[0].error?.kind, e.usage.calls)
}
"#;
    assert_eq!(script(&host, text).unwrap(), "0.0 20 parse 20\n");
}

#[test]
fn a_column_that_is_missing_is_an_error_before_the_first_call() {
    let text = r#"
let rows = parse_json("[{\"qestion\": \"a\"}]")
let say = DummyLM(|messages| fail("called"))
try {
  with (lm: say) { print(evaluate(Predict("question -> answer"), rows, metric: |row, p| true).score) }
} catch e { print(e.kind, e.message) }
"#;
    let out = printed(text);
    assert!(out.starts_with("key row 0 has no column `question`"), "{out}");
    assert!(out.contains("`qestion`"), "{out}");
}

#[test]
fn rows_run_at_the_same_time_and_print_in_order() {
    let host = FakeHost::new();
    let text = "
let rows = [{n: i} for i in 0..8]
let before = now()
let e = evaluate(|n| { sleep(1)\n n }, rows, metric: |row, p| { print(p)\n true })
print(e.score, now() - before < 2)
";
    assert_eq!(script(&host, text).unwrap(), "0\n1\n2\n3\n4\n5\n6\n7\n100.0 true\n");
}

#[test]
fn one_line_on_stderr_says_how_it_went() {
    let host = FakeHost::new();
    script(
        &host,
        &format!("{ROWS}print(evaluate(|n| n * 2, rows, metric: exact).score)"),
    )
    .unwrap();
    let line = host.stderr();
    assert!(
        line.starts_with("evaluate: 10 of 10 rows, score 100.00, 0 calls in "),
        "{line}"
    );
}

#[test]
fn what_an_element_does_itself_stays_in_order() {
    let text = "
fn nap() { sleep(1) }
fn twice(i: int) -> int {
  nap()
  nap()
  i
}
let start = now()
let xs = [twice(i) for i in 0..3]
print(xs, round(now() - start))
let between = now()
let e = evaluate(twice, [{i: 1}, {i: 2}], metric: |row, p| true)
print(e.score, round(now() - between))
";
    assert_eq!(printed(text), "[0, 1, 2] 2\n100.0 2\n");
}

#[test]
fn rows_weigh_as_much_as_the_metric_says() {
    let out = evaluated(
        "fn careful(row, p) { {score: p == row.wanted, weight: if row.n >= 8 { 4 } else { 1 }} }
         let e = evaluate(|n| if n < 8 { n * 2 } else { 0 }, rows, metric: careful)
         print(e.score, e.results[9].score)
         print(evaluate(|n| n, rows[..2], metric: |row, p| {score: 1.0, weight: 0}).score)
         let odd = evaluate(|n| n, rows[..1], metric: |row, p| {score: 1.0, weight: -1})
         print(odd.errors, odd.results[0].error?.message)",
    );
    assert_eq!(
        out,
        "50.0 0.0\n0.0\n1 the metric's `weight` must be a number of at least 0, it is -1\n"
    );
}

#[test]
fn the_score_has_an_interval() {
    let out = evaluated(
        "let e = evaluate(|n| if n < 7 { n * 2 } else { 0 }, rows[1..], metric: exact)
         print(e.score, e.interval)
         print(evaluate(|n| n, rows, metric: |row, p| row.n / 10).interval)
         print(evaluate(|n| n, [], metric: |row, p| true).interval)",
    );
    assert_eq!(
        out,
        "66.67 {low: 35.42, high: 87.94}\n{low: 23.34, high: 66.66}\n{low: 0.0, high: 100.0}\n"
    );
}

#[test]
fn the_first_rows_are_printed_as_a_table_that_fits() {
    let host = FakeHost::new();
    host.set_env("COLUMNS", "40");
    let text = "let rows = [{text: f\"number {i} of a long row of words\", n: i} for i in 0..4]
         print(\"before\")
         let e = evaluate(|text| {n: len(text)}, rows, metric: |row, p| row.n == 3, display: 2)
         print(e.score)";
    assert_eq!(
        script(&host, text).unwrap(),
        "before\n\
         text                    n  pred_n  score\n\
         number 0 of a long ro…  0  31      0.0\n\
         number 1 of a long ro…  1  31      0.0\n\
         … 2 more rows\n25.0\n"
    );
}

#[test]
fn results_are_saved_as_tables() {
    let host = FakeHost::new();
    let text = r#"
let rows = [{text: "a, \"b\"", tags: ["x"], label: "p"}, {text: "c", tags: [], label: "q"}]
fn read(text: str) -> any { if text == "c" { fail("no c") } else { {label: "p"} } }
let e = evaluate(read, rows, metric: |row, p| p.label == row.label, save_as: "out/rows.csv")
let same = evaluate(read, rows, metric: |row, p| p.label == row.label, save_as: "rows.json")
print(dataset(strip("out/rows.csv "))[0])
try { evaluate(|text| fail("run"), rows, metric: |row, p| true, save_as: "rows.txt") } catch e { print(e.kind, e.message) }
"#;
    assert_eq!(
        script(&host, text).unwrap(),
        "{text: \"a, \\\"b\\\"\", tags: \"[\\\"x\\\"]\", label: \"p\", pred_label: \"p\", score: 1.0, error: \"\"}\n\
         value `save_as` ends in `.csv` or `.json`, unlike `rows.txt`\n"
    );
    let saved: serde_json::Value = serde_json::from_str(&host.text("rows.json").unwrap()).unwrap();
    assert_eq!(
        saved[1],
        serde_json::json!({"text": "c", "tags": [], "label": "q", "pred_label": null, "score": 0.0, "error": "no c"})
    );
}

#[test]
fn two_programs_are_compared_row_by_row() {
    let out = evaluated(
        "let found = compare(|n| if n < 6 { n * 2 } else { 0 }, |n| if n > 1 { n * 2 } else { 7 }, rows, metric: exact)
         print(found.a, found.b, found.difference, found.interval)
         print([row.example.n for row in found.gained], [row.example.n for row in found.lost], found.same, found.errors)
         print(found.lost[1])
         let half = compare(|n| n, |n| n + 1, rows, metric: |row, p| p / 20)
         print(half.difference, half.interval)
         let picky = compare(|n| n, |n| n, rows, metric: |row, p| if row.n == 0 { fail(\"?\") } else { true })
         print(picky.a, picky.same, picky.errors)",
    );
    assert_eq!(
        out,
        "60.0 80.0 20.0 {low: -25.51, high: 58.84}\n[6, 7, 8, 9] [0, 1] 4 0\n\
         {example: {n: 1, wanted: 2}, a: 2, b: 7, scores: {a: 1.0, b: 0.0}}\n5.0 {low: 5.0, high: 5.0}\n100.0 9 2\n"
    );
}
