//! `dsp eval` and `dsp compile`: programs of a script scored and compiled from the shell.

use super::sandbox::Sandbox;

const SCRIPT: &str = "configure(lm: DummyLM(|messages| {\n  \
    let text = messages[-1].content\n  \
    if \"late\" in text { {label: \"complaint\"} } else { {label: \"praise\"} }\n}))\n\
    print(\"never printed\")\n\
    signature Sort { text: str -> label: \"praise\" | \"complaint\" }\n\
    module Sorter {\n  sort = Predict(Sort)\n  forward(text: str) { {label: sort(text).label} }\n}\n\
    let sorter = Sorter()\n\
    fn right(example, prediction) -> bool { example.label == prediction.label }\n";

const ROWS: &str = "text,label\nso late,complaint\nlovely,praise\nlate again,praise\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with(SCRIPT);
    sandbox.put("rows.csv", ROWS);
    sandbox
}

const EVAL: [&str; 7] = ["eval", "s.dsp", "sorter", "--devset", "rows.csv", "--metric", "right"];

#[test]
fn a_program_is_scored_on_the_rows_of_a_file() {
    sandbox().run(&EVAL).prints(
        "text        label      pred_label  score\n\
         so late     complaint  complaint   1.0\n\
         lovely      praise     praise      1.0\n\
         late again  praise     complaint   0.0\n\
         \n\
         score 66.67 (95 % interval 20.77 to 93.85) on 3 rows\n",
    );
}

#[test]
fn a_module_is_a_program_and_the_result_can_be_json() {
    let args = [
        "eval", "s.dsp", "Sorter", "--devset", "rows.csv", "--metric", "right", "--json",
    ];
    let ran = sandbox().run(&args);
    assert_eq!(ran.code, 0, "{ran:?}");
    let result: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(result["score"], 66.67);
    assert_eq!(result["results"][2]["prediction"]["label"], "complaint");
}

#[test]
fn a_score_below_the_least_fails() {
    let with = |least| [&EVAL[..], &["--min-score", least]].concat();
    assert_eq!(sandbox().run(&with("60")).code, 0);
    sandbox()
        .run(&with("70"))
        .fails(1, &["the score 66.67 is below 70.00 (`--min-score`)"]);
}

#[test]
fn a_metric_that_does_not_fit_is_found_before_anything_is_asked() {
    let args = ["eval", "s.dsp", "sorter", "--devset", "rows.csv", "--metric", "wrong"];
    sandbox().run(&args).fails(2, &["`wrong` is not declared"]);
    let script = SCRIPT.replace("example.label ==", "example.lable ==");
    let sandbox = sandbox();
    sandbox.put("s.dsp", &script);
    sandbox.run(&EVAL).fails(2, &["`lable`", "did you mean `label`?"]);
}

#[test]
fn a_compiled_state_is_saved_and_scored() {
    let sandbox = sandbox();
    let args = [
        "compile",
        "s.dsp",
        "sorter",
        "--trainset",
        "rows.csv",
        "--metric",
        "right",
        "--optimizer",
        "LabeledFewShot(k: 2)",
        "--seed",
        "1",
        "--max-calls",
        "50",
        "-o",
        "out.json",
    ];
    sandbox.run(&args).prints("out.json\n");
    let state: serde_json::Value = serde_json::from_str(&sandbox.text("out.json")).expect("JSON");
    assert_eq!(state["sort"]["demos"].as_array().map(Vec::len), Some(2));
    let ran = sandbox.run(&[&EVAL[..], &["--state", "out.json"]].concat());
    assert!(
        ran.out
            .ends_with("score 66.67 (95 % interval 20.77 to 93.85) on 3 rows\n"),
        "{ran:?}"
    );
}

#[test]
fn a_plan_forecasts_and_does_nothing() {
    let table = |calls: [u32; 3]| {
        let [least, expected, most] = calls;
        format!(
            "{:<18}{:>12}{:>12}{:>12}\ncalls             {least:>12}{expected:>12}{most:>12}\n",
            "", "least", "expected", "most"
        )
    };
    let sandbox = sandbox();
    let ran = sandbox.run(&[&EVAL[..], &["--plan"]].concat());
    assert!(ran.code == 0 && ran.out.starts_with(&table([3, 3, 9])), "{ran:?}");
    let ran = sandbox.run(&[&EVAL[..], &["--plan", "--json"]].concat());
    let plan: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(plan["calls"]["most"], 9);

    let compile = [
        "compile",
        "s.dsp",
        "sorter",
        "--trainset",
        "rows.csv",
        "--metric",
        "right",
    ];
    let ran = sandbox.run(&[&compile[..], &["--plan", "--optimizer", "COPRO(breadth: 2, depth: 1)"]].concat());
    assert!(ran.out.starts_with(&table([7, 7, 21])), "{ran:?}");
    sandbox.run(&compile).fails(2, &["--output"]);

    sandbox.put(
        "run.dsp",
        "configure(lm: DummyLM([\"unused\"]))\nprint(\"never printed\")\n\
         fn main(n: int = 2) { for i in 0..n { print(Predict(\"q -> a: int\")(f\"{i}\").a + 1) } }\n",
    );
    let ran = sandbox.run(&["run", "run.dsp", "--plan", "--n", "4"]);
    assert!(ran.code == 0 && ran.out.starts_with(&table([4, 4, 12])), "{ran:?}");
    let ran = sandbox.run(&["run", "--plan", "run.dsp"]);
    assert!(ran.out.starts_with(&table([2, 2, 6])), "{ran:?}");
}

#[test]
fn the_first_failure_steers_no_terminal_and_a_pipe_gets_what_is_printed_as_it_is() {
    let script = "print(\"a\\u{1b}[31mred\\u{7}\")\n\
        fn f(q: str) -> str { fail(\"bad \\u{1b}[31mred\\u{9b}2J\\u{7}\") }\n\
        print(evaluate(f, [{q: \"x\", a: \"y\"}], metric: |a, b| true).score)\n";
    let ran = Sandbox::with(script).run(&["run", "s.dsp"]);
    ran.prints("a\u{1b}[31mred\u{7}\n0.0\n");
    assert!(ran.err.ends_with("; the first failure: bad ·[31mred·2J·\n"), "{ran:?}");
}
