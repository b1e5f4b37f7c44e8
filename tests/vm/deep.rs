//! Values that are nested far deeper than Rust's stack: made, printed, compared, converted, written, let go of.

use super::world::{printed, run_with};

#[test]
fn a_deep_value_is_printed_compared_converted_and_let_go_of() {
    let script = "fn deep() -> any { var x: any = []\n for i in 0..100000 { x = [x] }\n x }\nlet x = deep()\nlet y = deep()\n\
                  print(x == y, x != [y], len(str(x)), len(json(x)), sort([x, y]) == [y, x], len(unique([x, y])))\n\
           let z: list[list[any]] = x\nprint(z == y, contains([x], y), flatten([x]) == x)";
    assert_eq!(printed(script), "true true 200002 200002 true 1\ntrue true true\n");
}

#[test]
fn deep_dicts_and_records_are_printed_and_let_go_of() {
    let script = "var d: any = {\"a\": 1}\nvar r: any = {a: 1}\nfor i in 0..100000 { d = {\"a\": d}\n r = {a: r} }\n\
                  print(len(str(d)), len(str(r)), len(json(d)), d == d, d[\"a\"] == d, r == r)";
    assert_eq!(printed(script), "700008 500006 700008 true false true\n");
}

#[test]
fn deep_promises_are_awaited_and_let_go_of() {
    let script = "let p = Predict(\"question -> answer\")\nfn ask() -> any { p(\"a\").answer }\n\
                  var x: any = ask()\nvar y: any = {n: ask()}\nvar f: any = |v: any| v\n\
                  for i in 0..50000 { x = [x]\n y = {n: y}\n let g = f\n f = |v: any| g }\n\
                  print(len(str(x)))\nfor i in 0..50000 { y = y.n }\nprint(y)";
    for latency in [0, 100] {
        let ran = run_with(script, move |_| latency);
        assert_eq!(ran.out, "100004\n{n: \"a!\"}\n", "{:?}", ran.outcome);
    }
}

/// A list, dict or record that holds another one twice, forty levels deep: 2^40 parts, of which there are forty.
const SHARED: &str = "fn list() -> any { var x: any = [1]\n for i in 0..40 { x = [x, x] }\n x }\n\
    fn dict() -> any { var x: any = {\"k\": 1}\n for i in 0..40 { x = {\"a\": x, \"b\": x} }\n x }\n\
    fn record() -> any { var x: any = {k: 1}\n for i in 0..40 { x = {a: x, b: x} }\n x }\n";

#[test]
fn values_that_hold_others_many_times_over_are_compared_in_time() {
    let script = format!(
        "{SHARED}for f in [list, dict, record] {{ let x = f()\n let y = f()\n\
         print(x == y, x == x, [x] != [y], x in [y], x == [y], len(unique([x, y, [x]])), index_of([1, y], x)) }}"
    );
    let line = "true true false true false 2 1\n";
    assert_eq!(printed(&script), line.repeat(3));
}

#[test]
fn a_text_that_nobody_could_hold_is_an_error() {
    let script = format!(
        "{SHARED}for f in [list, dict, record] {{ let x = f()\n\
         let kinds = [try {{ write() }} catch e {{ e.kind }} for write in [|| str(x), || json(x), || f\"{{x}}\", || f\"{{x:>3}}\",\n\
         || {{ print(x); \"no\" }}, || {{ debug(x); \"no\" }}, || fail(x), || Predict(\"a: list[any] | any -> b\")(x).b]]\nprint(kinds) }}"
    );
    let ran = run_with(&script, |_| 0);
    let line = "[\"value\", \"value\", \"value\", \"value\", \"value\", \"value\", \"type\", \"value\"]\n";
    assert_eq!(ran.out, line.repeat(3), "{:?}", ran.outcome);
}

#[test]
fn a_value_of_a_type_that_contains_itself_may_be_nested_and_shared() {
    let script = format!(
        "{SHARED}type Node = {{v: int, next: Node?}}\ntype Half = {{v: float, next: Half?}}\ntype Nest = int | list[Nest]\n\
         fn chain(n: int) -> any {{ var x: any = none\n for i in 0..n {{ x = {{v: i, next: x}} }}\n x }}\n\
         let long: Node = chain(100000)\nlet short: Half = chain(200)\nlet nest: Nest = list()\n\
         let many = try {{ let x: Half = chain(202)\n \"no\" }} catch e {{ f\"{{e.kind}}: {{e.message}}\" }}\n\
         print(long.v, short.v, short.next?.v, many)"
    );
    let many = "value: a `Half` is nested deeper than 200 levels";
    assert_eq!(printed(&script), format!("99999 199.0 198.0 {many}\n"));
}
