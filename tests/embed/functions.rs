//! Functions of the host, typed by their declarations.

use std::time::Duration;

use dsp::host::Host;
use dsp::host::fake::FakeHost;
use dsp::session::{FailureKind, Fault, FaultKind, Script};
use dsp::value::Value;
use serde_json::json;

use super::setup::{builder, fault, open, printed};

#[test]
fn a_script_calls_it_with_its_arguments_in_order_and_defaults_filled_in() {
    let host = FakeHost::new();
    let builder = builder(&host)
        .function(
            "fn area(width: int, height: int = 3) -> int\n\"How much it covers.\"",
            |args| async move {
                match args.as_slice() {
                    [Value::Int(width), Value::Int(height)] => Ok(Value::Int(width * height)),
                    other => Err(Fault::new(FaultKind::Type, format!("{other:?}"))),
                }
            },
        )
        .unwrap();
    let text = "print(area(2), area(height: 5, width: 4), [area(n, n) for n in 1..4])";
    assert_eq!(printed(&host, builder, text), "6 20 [1, 4, 9]\n");
}

#[test]
fn it_is_checked_as_any_other_function() {
    let host = FakeHost::new();
    let builder = builder(&host)
        .function("fn lookup(id: int) -> {name: str}", |_| async { Ok(Value::None) })
        .unwrap();
    let text = "print(lookup(\"seven\"))\nprint(lookup(7).nmae)\nlookpu(1)\n";
    let failure = builder.open(Script::new("s.dsp", text, "/work")).err().unwrap();
    assert_eq!(failure.kind(), FailureKind::Check);
    let problems: Vec<&str> = failure
        .problems()
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(problems.len(), 3, "{failure}");
    assert!(
        problems[1].contains("nmae") && problems[2].contains("lookpu"),
        "{failure}"
    );
}

#[test]
fn what_it_returns_is_held_against_its_declaration() {
    let host = FakeHost::new();
    let declaration = "fn lookup(id: int) -> {name: str, age: int?}";
    let builder = builder(&host)
        .function(declaration, |args| async move {
            Ok(match args[0] {
                Value::Int(1) => Value::from_json(&json!({"name": "Ada", "age": 36})),
                Value::Int(2) => Value::from_json(&json!({"name": "Bob"})),
                _ => Value::from_json(&json!({"nom": "Zoé"})),
            })
        })
        .unwrap();
    let text = "print(lookup(1).age, lookup(2).age ?? 0)\nfn main() { lookup(3).name }";
    let session = open(builder, text);
    let (kind, message) = fault(host.block_on(session.run([])));
    assert_eq!(host.stdout(), "36 0\n", "{message}");
    assert_eq!(kind, FaultKind::Type);
    assert!(message.starts_with("what `lookup` returned: "), "{message}");
}

#[test]
fn its_failures_are_errors_that_a_script_can_catch() {
    let host = FakeHost::new();
    let builder = builder(&host)
        .function("fn save_order(id: int) -> none", |_| async {
            Err(Fault::new(FaultKind::Io, "the database is away").help("start it"))
        })
        .unwrap();
    let text = "try { save_order(1) } catch e { print(e.kind, e.message) }";
    assert_eq!(printed(&host, builder, text), "io the database is away\n");
}

#[test]
fn calls_keep_the_programs_order_and_elements_of_a_comprehension_overlap() {
    let host = FakeHost::new();
    let slow = host.clone();
    let builder = builder(&host)
        .function("fn fetch(id: int) -> int", move |args| {
            let host = slow.clone();
            async move {
                host.sleep(Duration::from_secs(1)).await;
                Ok(args[0].clone())
            }
        })
        .unwrap();
    let text = "print(sum([fetch(i) for i in 0..10]))\nlet a = fetch(1)\nlet b = fetch(2)\nprint(a + b)";
    assert_eq!(printed(&host, builder, text), "45\n3\n");
    assert_eq!(host.elapsed(), Duration::from_secs(3));
}

#[test]
fn a_declaration_that_is_none_is_refused_at_once() {
    let refused = |declaration: &str| {
        let host = FakeHost::new();
        let failure = builder(&host).function(declaration, |_| async { Ok(Value::None) });
        failure.err().unwrap().to_string()
    };
    assert!(refused("fn f(x: int) -> int { x }").contains("declares no function without a body"));
    assert!(refused("let x = 1").contains("declares no function without a body"));
    assert!(refused("fn f(x: int -> int").contains("host.dsp:1"));
    assert!(refused("fn len(x: str) -> int").contains("there is a function `len` already"));
    let host = FakeHost::new();
    let once = builder(&host)
        .function("fn f() -> int", |_| async { Ok(Value::Int(1)) })
        .unwrap();
    let twice = once.function("fn f() -> int", |_| async { Ok(Value::Int(2)) });
    assert!(
        twice
            .err()
            .unwrap()
            .to_string()
            .contains("there is a function `f` already")
    );
}

#[test]
fn a_declaration_with_a_type_that_nobody_knows_fails_the_check() {
    let host = FakeHost::new();
    let builder = builder(&host)
        .function("fn f() -> Colour", |_| async { Ok(Value::None) })
        .unwrap();
    let failure = builder.open(Script::new("s.dsp", "print(f())", "/work")).err().unwrap();
    assert!(failure.to_string().contains("Colour"), "{failure}");
}

#[test]
fn a_declaration_brings_the_types_that_it_names() {
    let host = FakeHost::new();
    let declaration = "type Customer = {name: str \"full name\", since: int?}\nfn customer(id: int) -> Customer";
    let builder = builder(&host)
        .function(declaration, |args| async move {
            Ok(Value::record([("name", Value::str(format!("number {}", args[0])))]))
        })
        .unwrap();
    let text = "let first: Customer = customer(1)\nprint(first.name, first.since ?? 1999)";
    assert_eq!(printed(&host, builder, text), "number 1 1999\n");
}

#[test]
fn a_script_may_have_a_name_of_its_own_for_the_hosts() {
    let host = FakeHost::new();
    let builder = builder(&host)
        .function("fn fetch(id: int) -> int", |_| async { Ok(Value::Int(0)) })
        .unwrap();
    let text = "fn fetch(id: int) -> int { id + 1 }\nprint(fetch(1))";
    assert_eq!(printed(&host, builder, text), "2\n");
}
