//! `dsp diff`: what changed from one saved state to another.

use super::sandbox::Sandbox;

const SCRIPT: &str = "module Pair {\n  first = Predict(\"a -> b\")\n  second = Predict(\"b -> c\")\n\
    forward(a: str) { second(first(a).b) }\n}\nlet old = with_demos(Pair(), \"first\", [{a: \"1\", b: \"2\"}])\n\
    let new = old |> with_instructions(\"first\", \"Be brief with the `a`.\") |> with_demos(\"first\", [{a: \"3\", b: \"4\"}])\n\
    save(old, \"old.json\")\nsave(new, \"new.json\")\n";

fn states() -> Sandbox {
    let sandbox = Sandbox::with(SCRIPT);
    sandbox.run(&["run", "s.dsp"]).prints("");
    sandbox
}

#[test]
fn instructions_differ_word_by_word_and_demos_are_added_and_removed() {
    let ran = states().run(&["diff", "old.json", "new.json"]);
    ran.prints(
        "── first\ninstructions:\n  [-Given the fields `a`, produce-]{+Be brief with+} the [-fields `b`.-]{+`a`.+}\n\
         demos: 1 removed, 1 added\n  - {\"a\":\"1\",\"b\":\"2\"}\n  + {\"a\":\"3\",\"b\":\"4\"}\n",
    );
}

#[test]
fn the_same_state_has_no_difference() {
    states()
        .run(&["diff", "old.json", "old.json"])
        .prints("no difference\n");
}

#[test]
fn scores_and_predictors_that_one_state_lacks_are_shown() {
    let sandbox = states();
    let scored = |name: &str, score: f64, gone: Option<&str>| {
        let mut json: serde_json::Value = serde_json::from_str(&sandbox.text("old.json")).unwrap();
        json["metadata"]["dsp"]["score"] = score.into();
        if let Some(gone) = gone {
            json.as_object_mut().unwrap().remove(gone);
        }
        sandbox.put(name, &json.to_string());
    };
    scored("a.json", 70.0, None);
    scored("b.json", 90.5, Some("second"));
    sandbox
        .run(&["diff", "a.json", "b.json"])
        .prints("- the predictor `second`\nscore: 70.0 → 90.5\n");
    let colored = sandbox.run(&["diff", "a.json", "b.json", "--color", "always"]);
    assert!(colored.out.contains("\u{1b}[32m90.5\u{1b}[0m"), "{}", colored.out);
}

#[test]
fn which_row_each_demo_was_is_not_told_twice() {
    let sandbox = Sandbox::with(
        "let rows = [{a: \"1\", b: \"2\"}, {a: \"3\", b: \"4\"}]\nlet made = |k| compile(Predict(\"a -> b\"), trainset: rows, \
         optimizer: LabeledFewShot(k: k))\nsave(made(1), \"one.json\")\nsave(made(2), \"two.json\")\n",
    );
    sandbox.run(&["run", "s.dsp"]);
    sandbox
        .run(&["diff", "one.json", "two.json"])
        .prints("── self\ndemos: 0 removed, 1 added\n  + {\"a\":\"1\",\"b\":\"2\"}\n");
}

#[test]
fn a_file_that_is_no_state_is_wrong_usage() {
    let sandbox = states();
    sandbox
        .run(&["diff", "old.json", "none.json"])
        .fails(2, &["`none.json`"]);
    sandbox
        .run(&["diff", "old.json", "s.dsp"])
        .fails(2, &["`s.dsp`", "no saved state"]);
    sandbox.run(&["diff", "old.json"]).fails(2, &["<B.json>"]);
}
