//! What the library's functions give and refuse, beyond their examples.

use super::run::{error, printed};

/// Prints the value of each line; compares line by line.
fn gives(cases: &[(&str, &str)]) {
    let script: String = cases.iter().map(|(text, _)| format!("print({text})\n")).collect();
    let out = printed(&script);
    for ((text, wanted), found) in cases.iter().zip(out.lines()) {
        assert_eq!(found, *wanted, "{text}");
    }
    assert_eq!(out.lines().count(), cases.len());
}

#[test]
fn texts_are_counted_in_code_points() {
    gives(&[
        (r#"len("日本")"#, "2"),
        (r#"truncate("日本語", 2)"#, "日…"),
        (r#"truncate("ab", 0) == """#, "true"),
        (r#"pad_left("日", 3, "・")"#, "・・日"),
        (r#"find("日本語", "語")"#, "2"),
        (r#"split("a,b", ",")"#, r#"["a", "b"]"#),
        (r#"split("")"#, "[]"),
        (r#"lines("a\r\nb\n\nc")"#, r#"["a", "b", "", "c"]"#),
        (r#"captures("ab", "(x)?(b)")"#, r#"["", "b"]"#),
        (r#"replace("aaa", "a", "b")"#, "bbb"),
        (r#"upper("straße")"#, "STRASSE"),
    ]);
}

#[test]
fn numbers_round_as_in_python() {
    gives(&[
        ("round(0.5)", "0"),
        ("round(1.5)", "2"),
        ("round(-2.5)", "-2"),
        ("round(2.675, 2)", "2.67"),
        ("round(0.125, 2)", "0.12"),
        ("round(3, 1)", "3.0"),
        ("round(-0.4)", "0"),
        ("int(-2.9)", "-2"),
        ("int(true)", "1"),
        (r#"int(" 42 ")"#, "42"),
        (r#"float("1e3")"#, "1000.0"),
        ("mean([0.1, 0.2, 0.3])", "0.2"),
        ("median([4, 1, 3, 2])", "2.5"),
        ("sum([0.1, 0.2, 0.3])", "0.6000000000000001"),
        ("sum([])", "0"),
        ("max(2, 7.5, 3)", "7.5"),
        (r#"min("b", "a")"#, "a"),
        ("floor(2)", "2"),
    ]);
}

#[test]
fn lists_keep_their_order() {
    gives(&[
        (
            r#"sort([{n: 1, s: "a"}, {n: 0, s: "b"}, {n: 1, s: "c"}], by: |x| x.n, desc: true)"#,
            r#"[{n: 1, s: "a"}, {n: 1, s: "c"}, {n: 0, s: "b"}]"#,
        ),
        ("unique([1, 2.0, 1.0, 2, 3])", "[1, 2.0, 3]"),
        ("unique([{a: 1, b: 2}, {b: 2, a: 1}])", "[{a: 1, b: 2}]"),
        ("first([])", "none"),
        ("take([1], 5)", "[1]"),
        ("drop([1], 5)", "[]"),
        ("range(0)", "[]"),
        ("range(2, 5)", "[2, 3, 4]"),
        ("range(0, 10, 4)", "[0, 4, 8]"),
        ("range(3, 0)", "[]"),
        ("shuffle(range(10))", "[7, 8, 1, 5, 3, 4, 2, 0, 9, 6]"),
        ("sample(range(100), 4, 0)", "[49, 97, 53, 5]"),
        ("split_at(range(5), 0.5)", "{train: [0, 1], test: [2, 3, 4]}"),
        ("split_at(range(3), 0.67, 0)", "{train: [0, 2], test: [1]}"),
        ("all([], |x| false)", "true"),
        ("count([1, 2, 3], |x| x > 1)", "2"),
        ("group_by([1, 2, 3], |x| x % 2)", r#"{"1": [1, 3], "0": [2]}"#),
        (r#"merge({a: 1}, {b: 2})"#, "{a: 1, b: 2}"),
        (r#"items({a: 1})"#, r#"[{key: "a", value: 1}]"#),
        (r#"has({a: 1}, "a")"#, "true"),
        (r#"keys({a: 1, b: 2})"#, r#"["a", "b"]"#),
    ]);
}

#[test]
fn any_and_all_stop_where_the_answer_is_known() {
    assert_eq!(
        printed("print(any([1, 2, 3], |x| { print(x)\n x == 2 }))"),
        "1\n2\ntrue\n"
    );
}

#[test]
fn json_is_what_python_writes() {
    gives(
        &[
            (
                r#"json({a: [1, 2.0, "é", none, true], b: {}})"#,
                r#"{"a": [1, 2.0, "é", null, true], "b": {}}"#,
            ),
            (r#"parse_json("{\"a\": {\"b\": [1]}}")["a"]["b"][0]"#, "1"),
            (r#"json({a: 1}, 2)"#, "{"),
        ][..2],
    );
    assert_eq!(
        printed("print(json({a: [1]}, indent: 2))"),
        "{\n  \"a\": [\n    1\n  ]\n}\n"
    );
}

#[test]
fn what_is_out_of_range_is_an_error_of_kind_value() {
    for (text, wanted) in [
        ("max([])", "value: an empty list has neither `max` nor `min`"),
        ("mean([])", "value: `mean` needs at least 1 numbers, the list has 0"),
        ("sqrt(-1)", "value: `sqrt` of the negative number -1"),
        (r#"int("x")"#, r#"value: "x" is no int"#),
        (r#"int("2.9")"#, r#"value: "2.9" is no int"#),
        ("sample([1], 2)", "value: cannot draw 2 elements from 1"),
        ("chunk([1], 0)", "value: `n` must be at least 1"),
        ("range(0, 1, 0)", "value: `step` must not be 0"),
        ("take([1], -1)", "value: `n` must not be negative, it is -1"),
        (
            "sum([9223372036854775807, 1])",
            "value: the result does not fit in 64 bits",
        ),
        (
            "split_at([1], 2.0)",
            "value: `fraction` must lie between 0 and 1, it is 2",
        ),
        (r#"split("a", "")"#, "value: `sep` must not be empty"),
    ] {
        assert_eq!(error(text), wanted, "{text}");
    }
    assert!(error(r#"parse_json("{\"a\": }")"#).starts_with("value: no JSON: expected value at line 1, column 7"));
    assert!(error(r#"matches("a", "(")"#).starts_with("value: `(` is no regular expression"));
    assert!(error(r#"repeat("x", 10 ** 12)"#).starts_with("value: this value would need"));
}

#[test]
fn generators_are_values_that_share_one_stream() {
    let script = r"
let rng = random(0)
let a = rng.randint(1, 4)
let b = a.rng.randint(1, 4)
let c = b.rng.randint(1, 4)
print(a.value, b.value, c.value, rng.randint(1, 4).value)
";
    assert_eq!(printed(script), "4 4 1 4\n");
}

#[test]
fn the_greatest_of_values_whose_type_is_not_known_is_found() {
    let text = r#"
let d = parse_json("{\"a\": 1, \"b\": 2.5, \"xs\": [3, 1]}")
print(max(d["a"], d["b"]), min(d["a"], d["b"], 0), max(d["xs"]))
print(max(d["xs"], |x| -x), min(d["xs"], by: |x| -x), max("a", "b"), max(1, 2.5))
"#;
    assert_eq!(printed(text), "2.5 0 3\n1 3 b 2.5\n");
}
