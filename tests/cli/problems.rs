//! `dsp check --format json` and `dsp explain`.

use serde_json::Value;

use super::sandbox::Sandbox;

fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn problems_of_all_files_are_json_objects_sorted_by_place() {
    let sandbox = Sandbox::with("import \"shared.dsp\" (f)\nprint(f(1), totl)\nprint(\"a\" + 1)\n");
    sandbox.put("shared.dsp", "fn f(x) { x.nothing() }\nfn g() { let a = 1 }\n");
    sandbox.put("other.dsp", "import \"shared.dsp\" (f)\nprint(f(1))\n");
    let ran = sandbox.run(&["check", "--format", "json", "s.dsp", "other.dsp"]);
    assert_eq!(ran.code, 2);
    let found = objects(&ran.out);
    let places: Vec<(&str, &str, u64)> = found
        .iter()
        .map(|p| {
            (
                p["file"].as_str().unwrap(),
                p["code"].as_str().unwrap(),
                p["line"].as_u64().unwrap(),
            )
        })
        .collect();
    let wanted = [
        ("s.dsp", "E0101", 2),
        ("s.dsp", "E0128", 3),
        ("shared.dsp", "E0102", 1),
        ("shared.dsp", "W0103", 2),
    ];
    for place in wanted {
        assert!(places.contains(&place), "{place:?} is not in {places:?}");
    }
    let warnings = places.iter().filter(|place| **place == wanted[3]).count();
    assert_eq!(warnings, 1, "a file that two scripts import is told of once");
    let first = &found[0];
    for key in [
        "severity",
        "code",
        "message",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "labels",
        "help",
    ] {
        assert!(first.get(key).is_some(), "{key}");
    }
    for problem in &found {
        assert!(problem["labels"].as_array().unwrap().len() <= 2);
    }
}

#[test]
fn a_script_without_problems_has_no_objects_and_exits_with_0() {
    let ran = Sandbox::with("print(1)\n").run(&["check", "--format=json", "s.dsp"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
}

#[test]
fn explain_prints_the_page_of_a_code() {
    let sandbox = Sandbox::with("");
    let ran = sandbox.run(&["explain", "e0107"]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.out, include_str!("../explain/E0107.md"));
    let list = sandbox.run(&["explain"]).out;
    assert!(
        list.lines()
            .any(|line| line == "E0107: a value of another type than is wanted")
    );
    sandbox
        .run(&["explain", "E01077"])
        .fails(2, &["no code `E01077`", "did you mean `E0107`"]);
}
