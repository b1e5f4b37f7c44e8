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
