//! What a saved state says of how it was made, and what refuses to load.

use dsp::host::fake::FakeHost;
use serde_json::{Value as Json, json};

use super::run::script;

const SEARCH: &str = r#"
configure(lm: DummyLM(|messages| {b: "2"}))
fn right(row, p) -> bool { row.b == p.b }
let rows = [{a: "1", b: "2"}, {a: "3", b: "2"}, {a: "5", b: "6"}]
let search = BootstrapFewShotWithRandomSearch(num_candidate_programs: 1)
let best = compile(Predict("a -> b"), rows[..2], right, search, valset: rows[1..], seed: 7)
"#;

fn facts(host: &FakeHost, path: &str) -> Json {
    let state: Json = serde_json::from_str(&host.text(path).unwrap()).unwrap();
    state["metadata"]["dsp"].clone()
}

#[test]
fn a_saved_state_says_which_search_made_it() {
    let host = FakeHost::new();
    script(&host, &format!("{SEARCH}\nsave(best, \"s.json\")")).unwrap();
    let facts = facts(&host, "s.json");
    assert_eq!(facts["format"], 1);
    assert_eq!(facts["metric"], "right");
    assert_eq!(facts["model"], "dummy");
    assert_eq!(facts["seed"], 7);
    assert_eq!(facts["score"], json!(50.0));
    assert_eq!(
        (&facts["data"]["count"], &facts["valset"]["count"]),
        (&json!(2), &json!(2))
    );
    assert_ne!(facts["data"]["hash"], facts["valset"]["hash"]);
    assert!(facts["signatures"]["self"]["hash"].is_string());
}

#[test]
fn a_loaded_program_keeps_what_is_known_of_it_and_one_changed_by_hand_does_not() {
    let host = FakeHost::new();
    let text = r#"
save(best, "s.json")
let loaded = load(Predict("a -> b"), "s.json")
print(loaded == best)
save(loaded, "again.json")
save(with_instructions(loaded, "*", "Add."), "changed.json")
"#;
    assert_eq!(script(&host, &format!("{SEARCH}{text}")).unwrap(), "true\n");
    assert_eq!(host.text("again.json"), host.text("s.json"));
    let changed = facts(&host, "changed.json");
    assert!(
        changed["metric"].is_null() && changed["signatures"].is_object(),
        "{changed}"
    );
}

#[test]
fn a_state_whose_signature_has_changed_names_predictor_and_field() {
    let host = FakeHost::new();
    let text = r#"
save(ChainOfThought("a -> b, c: int"), "s.json")
fn tried(program) { try { load(program, "s.json"); print("loaded") } catch e { print(e.kind, e.field, e.message) } }
tried(ChainOfThought("a -> b, c: int"))
tried(ChainOfThought("a -> b, d: int"))
tried(ChainOfThought("a -> b, c: float"))
tried(ChainOfThought("a, c: int -> b"))
tried(ChainOfThought("a -> b"))
tried(Predict("a -> b, c: int"))
"#;
    let out = script(&host, text).unwrap();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "loaded");
    assert_eq!(lines[1], "state d `s.json`: this state has no field `d` of `predict`");
    assert_eq!(
        lines[2],
        "state c `s.json`: the field `c` of `predict` is `float` here and `int` in this state"
    );
    assert_eq!(
        lines[3],
        "state c `s.json`: the field `c` of `predict` is an input here and an output in this state"
    );
    assert_eq!(
        lines[4],
        "state c `s.json`: this state has a field `c` of `predict` that the program does not have"
    );
    assert!(
        lines[5].starts_with("state none") && lines[5].contains("`self`"),
        "{}",
        lines[5]
    );
}
