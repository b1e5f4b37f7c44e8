//! What statements and expressions compute.

use super::world::{printed, run};

fn value(expression: &str) -> String {
    printed(&format!("print({expression})"))
        .trim_end_matches('\n')
        .to_owned()
}

#[test]
fn numbers_compute_as_in_python() {
    assert_eq!(value("1 + 2 * 3"), "7");
    assert_eq!(value("7 // 2"), "3");
    assert_eq!(value("-7 // 2"), "-4");
    assert_eq!(value("-7 % 3"), "2");
    assert_eq!(value("7 / 2"), "3.5");
    assert_eq!(value("2 ** 10"), "1024");
    assert_eq!(value("2 == 2.0"), "true");
    assert_eq!(value("f\"{3.14159:.2f} {42:>5}\""), "3.14    42");
}

#[test]
fn a_loop_changes_a_variable_of_the_top_level() {
    let out = printed(
        "var s = 0\nfor i in 0..10 { s += i }\nprint(s)\nvar xs = []\nfor x in [1, 2] { xs += [x * 2] }\nprint(xs)",
    );
    assert_eq!(out, "45\n[2, 4]\n");
}

#[test]
fn functions_recurse() {
    let out = printed("fn fib(n: int) -> int { if n < 2 { return n }\n fib(n - 1) + fib(n - 2) }\nprint(fib(15))");
    assert_eq!(out, "610\n");
}

#[test]
fn values_never_alias() {
    let out = printed("var a = {x: [1, 2], y: 0}\nlet b = a\na.x[0] = 9\na.y += 5\nprint(a, b)");
    assert_eq!(out, "{x: [9, 2], y: 5} {x: [1, 2], y: 0}\n");
}

#[test]
fn comprehensions_filter_and_nest() {
    assert_eq!(
        value("[x * y for x in 1..4 for y in [10, 20] if x != 2]"),
        "[10, 20, 30, 60]"
    );
    assert_eq!(value("[x for x in \"abc\" if x != \"b\"]"), "[\"a\", \"c\"]");
}

#[test]
fn closures_capture_values() {
    assert_eq!(
        printed("let k = 3\nlet f = |x| x + k\nprint([1, 2] |> map(f))"),
        "[4, 5]\n"
    );
}

#[test]
fn matches_and_patterns_bind() {
    let script = "fn f(x: any) -> str { match x { 0 => \"zero\", n: int => f\"int {n}\", {a, b: \"q\"} => f\"rec {a}\", _ => \"other\" } }\n\
                  print(f(0), f(7), f({a: 1, b: \"q\"}), f({a: 1}))";
    assert_eq!(printed(script), "zero int 7 rec 1 other\n");
}

#[test]
fn errors_are_caught_with_their_kind() {
    let script = "try { print([1][5]) } catch e { print(e.kind, e.message) }\n\
                  let r = try { int(\"x\") } catch e { 7 }\nprint(r)\n\
                  try { try { fail(\"inner\") } catch e { fail(e) } } catch e { print(e) }";
    let out = printed(script);
    assert!(out.starts_with("index "), "{out}");
    assert!(out.contains("\n7\n"), "{out}");
    assert!(
        out.ends_with("{kind: \"user\", message: \"inner\", reply: none, field: none}\n"),
        "{out}"
    );
}

#[test]
fn an_uncaught_error_has_a_place_and_a_chain_of_calls() {
    let ran = run("fn inner(x: int) -> int { 1 // x }\nfn outer(x: int) -> int { inner(x) }\nouter(0)");
    let Err(raised) = &ran.outcome else { panic!("no error") };
    assert_eq!(ran.error().0, "value");
    assert_eq!(raised.span.map(|span| ran.sources.text(span)), Some("1 // x"));
    let names: Vec<&str> = raised.frames.iter().map(|frame| frame.name.as_str()).collect();
    assert_eq!(names, ["inner", "outer"]);
}

#[test]
fn defaults_are_evaluated_in_the_callee() {
    let script = "fn f(a: int, b: int = a * 2, c: int = 1) -> int { a + b + c }\nprint(f(1), f(1, 1), f(1, c: 5))";
    assert_eq!(printed(script), "4 3 8\n");
}

#[test]
fn spreads_fill_what_a_function_takes() {
    let script = "fn f(a: int, b: int) -> int { a - b }\nlet r = {b: 1, a: 5, z: 9}\nprint(f(...r), f(...r, a: 2))\n\
                  print({...r, a: 0}, [0, ...[1, 2]])";
    assert_eq!(printed(script), "4 1\n{b: 1, a: 0, z: 9} [0, 1, 2]\n");
}

#[test]
fn modules_hold_members_and_helpers() {
    let script = "module Adder(k: int) {\n  twice = k * 2\n  forward(x: int) -> int { add(x) }\n  fn add(x: int) -> int { x + twice }\n}\n\
                  let a = Adder(3)\nprint(a(1), a.add(2), a.k, a.twice, a)";
    assert_eq!(printed(script), "7 8 3 6 <Adder>\n");
}

#[test]
fn recursion_has_a_limit_that_the_error_names() {
    let ran = run("fn f(n: int) -> int { f(n + 1) }\nf(0)");
    assert_eq!(
        ran.error(),
        ("value".into(), "calls are nested deeper than the limit of 10000".into())
    );
}

#[test]
fn loops_break_and_go_on() {
    let script = "var out = []\nfor i in 0..10 { if i == 2 { continue }\n if i == 5 { break }\n out += [i] }\nprint(out)\n\
                  for i, c in \"ab\" { print(i, c) }\nfor k, v in {\"a\": 1} { print(k, v) }\n\
                  var n = 3\nwhile n > 0 { n -= 1 }\nprint(n)";
    assert_eq!(printed(script), "[0, 1, 3, 4]\n0 a\n1 b\na 1\n0\n");
}

#[test]
fn an_optional_field_that_is_absent_reads_as_none() {
    let script = "type Person = {name: str, age: int?}\nfn age(p: Person) -> int? { p.age }\nfn both(p: Person) { let {name, age} = p\n [name, age] }\n\
                  print(age({name: \"Ada\"}), age({name: \"Ada\", age: 3}), both({name: \"Ada\"}))\n\
                  let d: any = parse_json(\"{}\")\ntry { print(d.age) } catch e { print(e.kind) }";
    assert_eq!(printed(script), "none 3 [\"Ada\", none]\nkey\n");
}
