//! Arguments behind the script's name.

use super::sandbox::Sandbox;

const SCRIPT: &str = "fn main(max_items: int, ratio: float = 0.5, loud: bool = false, mood: (\"good\" | \"bad\")? = none) {\n\
                      \"Counts things.\"\n print(max_items, ratio, loud, mood)\n}\n";

#[test]
fn names_have_three_spellings() {
    let sandbox = Sandbox::with(SCRIPT);
    for args in [&["--max-items", "3"][..], &["--max-items=3"], &["--max_items", "3"]] {
        sandbox
            .run(&[&["run", "s.dsp"], args].concat())
            .prints("3 0.5 false none\n");
    }
}

#[test]
fn flags_may_be_bare_negated_or_spelled_out() {
    let sandbox = Sandbox::with(SCRIPT);
    let run = |args: &[&str]| sandbox.run(&[&["run", "s.dsp", "--max-items", "1"], args].concat());
    run(&["--loud"]).prints("1 0.5 true none\n");
    run(&["--no-loud"]).prints("1 0.5 false none\n");
    run(&["--loud", "true", "--mood", "good"]).prints("1 0.5 true good\n");
}

#[test]
fn missing_unknown_and_unfit_arguments_are_wrong_usage() {
    let sandbox = Sandbox::with(SCRIPT);
    sandbox.run(&["run", "s.dsp"]).fails(2, &["`--max-items` is missing"]);
    sandbox
        .run(&["run", "s.dsp", "--max-itms", "3"])
        .fails(2, &["did you mean `--max-items`?"]);
    sandbox
        .run(&["run", "s.dsp", "--max-items", "many"])
        .fails(2, &["`--max-items many`", "int"]);
    sandbox
        .run(&["run", "s.dsp", "--max-items", "1", "--mood", "fine"])
        .fails(2, &["\"good\""]);
    sandbox.run(&["run", "s.dsp", "stray"]).fails(2, &["`stray`"]);
}

#[test]
fn what_may_be_none_may_be_left_out() {
    let sandbox = Sandbox::with("fn main(limit: int?, q: str, mood: str? = \"calm\") { print(limit, q, mood) }");
    sandbox.run(&["run", "s.dsp", "--q", "x"]).prints("none x calm\n");
    sandbox
        .run(&["run", "s.dsp", "--q", "x", "--limit", "3"])
        .prints("3 x calm\n");
}

#[test]
fn a_parameter_without_a_type_has_that_of_its_default_or_takes_json_or_a_text() {
    let sandbox = Sandbox::with("fn main(x, n = 3, s = \"a\", loud = false) { print(json([x, n, s, loud])) }");
    let run = |args: &[&str]| sandbox.run(&[&["run", "s.dsp"], args].concat());
    run(&["--x", "7", "--n", "4", "--s", "5", "--loud"]).prints("[7, 4, \"5\", true]\n");
    run(&["--x", "seven"]).prints("[\"seven\", 3, \"a\", false]\n");
    run(&["--x", "1", "--n", "many"]).fails(2, &["`--n many`", "int"]);
}

#[test]
fn a_record_keeps_what_it_is_given_and_lacks_what_it_may() {
    let sandbox = Sandbox::with("fn main(p: {name: str, age: int?}) { print(p) }");
    sandbox
        .run(&["run", "s.dsp", "--p", "{\"name\": \"A\", \"shoe\": 40}"])
        .prints("{name: \"A\", shoe: 40}\n");
}

#[test]
fn nothing_runs_when_an_argument_is_wrong() {
    let ran = Sandbox::with(&format!("print(\"ran\")\n{SCRIPT}")).run(&["run", "s.dsp"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
}

#[test]
fn help_lists_the_arguments_of_main() {
    let ran = Sandbox::with(SCRIPT).run(&["run", "s.dsp", "--help"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for text in [
        "Counts things.",
        "--max-items <int>",
        "--mood",
        "--loud",
        "may be left out: 0.5",
    ] {
        assert!(ran.out.contains(text), "{}", ran.out);
    }
}

#[test]
fn a_script_without_main_takes_no_arguments_but_dsps_own() {
    let sandbox = Sandbox::with("print(args())");
    sandbox.run(&["run", "s.dsp", "--x", "1"]).fails(2, &["`--x`"]);
    sandbox
        .run(&["run", "s.dsp", "--color", "never"])
        .prints("[\"--color\", \"never\"]\n");
}
