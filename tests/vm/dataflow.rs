//! What overlaps and what waits, on the simulated clock: each call takes 100 ms.

use super::world::{printed, run, run_with};

const P: &str = "let p = Predict(\"question -> answer\", max_retries: 0)\n";

/// The virtual time of a script, and what it printed.
fn timed(text: &str) -> (u128, String) {
    let ran = run(&format!("{P}{text}"));
    if let Err(raised) = &ran.outcome {
        panic!("{} after {:?}", raised.fault.message, ran.out);
    }
    (ran.time, ran.out)
}

#[test]
fn independent_calls_overlap_in_one_forward() {
    let script = "module M {\n  forward(a: str, b: str) {\n    let x = p(a).answer\n    let y = p(b).answer\n    {x, y}\n  }\n}\n\
                  print(M()(\"a\", \"b\"))";
    // A member of a file's top level is not a module's: the predictor is a global here.
    assert_eq!(timed(script), (100, "{x: \"a!\", y: \"b!\"}\n".into()));
}

#[test]
fn a_call_that_is_fed_by_another_waits_for_it_and_nothing_else_does() {
    let script =
        "let a = p(\"a\").answer\nlet b = p(a).answer\nlet c = p(\"c\").answer\nlet d = p(c).answer\nprint(a, b, c, d)";
    assert_eq!(timed(script), (200, "a! a!! c! c!!\n".into()));
}

#[test]
fn calls_overlap_in_helper_functions() {
    let script = "fn ask(q: str) -> str { let first = p(q).answer\n f\"{first}/{p(first).answer}\" }\n\
                  let a = ask(\"a\")\nlet b = ask(\"b\")\nprint(a, b)";
    assert_eq!(timed(script), (200, "a!/a!! b!/b!!\n".into()));
}

#[test]
fn calls_overlap_in_a_branch() {
    let script = "fn ask(q: str, twice: bool) {\n  if twice {\n    let a = p(q).answer\n    let b = p(q + \"2\").answer\n    [a, b]\n  } else { [] }\n}\n\
                  print(ask(\"q\", true))";
    assert_eq!(timed(script), (100, "[\"q!\", \"q2!\"]\n".into()));
}

#[test]
fn elements_of_a_comprehension_that_prints_overlap_and_print_in_order() {
    let ran = run_with(
        &format!(
            "{P}fn ask(q: str) -> str {{ print(\"ask\", q)\n let a = p(q).answer\n print(\"got\", a)\n a }}\nprint([ask(q) for q in [\"a\", \"b\", \"c\"]])"
        ),
        |input| if input == "a" { 300 } else { 100 },
    );
    assert_eq!(
        ran.out,
        "ask a\ngot a!\nask b\ngot b!\nask c\ngot c!\n[\"a!\", \"b!\", \"c!\"]\n"
    );
    assert_eq!(ran.time, 300);
}

#[test]
fn calls_overlap_through_map() {
    assert_eq!(
        timed("print(map([\"a\", \"b\"], |q| p(q).answer))"),
        (100, "[\"a!\", \"b!\"]\n".into())
    );
    let twice = "fn twice(q: str) -> str { let a = p(q).answer\n p(a).answer }\nprint(map([\"a\", \"b\"], twice))";
    assert_eq!(timed(twice), (200, "[\"a!!\", \"b!!\"]\n".into()));
}

#[test]
fn calls_overlap_in_a_member_module() {
    let script = "module Inner {\n  ask = Predict(\"question -> answer\")\n  forward(q: str) -> str { let a = ask(q).answer\n f\"<{a}>\" }\n}\n\
                  module Outer {\n  inner = Inner()\n  forward(q: str) { let a = inner(q)\n let b = inner(q + \"2\")\n {a, b} }\n}\n\
                  print(Outer()(\"q\"))";
    let ran = run(script);
    assert_eq!((ran.time, ran.out.as_str()), (100, "{a: \"<q!>\", b: \"<q2!>\"}\n"));
}

#[test]
fn calls_overlap_five_deep() {
    let script = "fn f1(q: str) -> str { let a = p(q).answer\n a + \".\" }\nfn f2(q: str) -> str { f1(q) + \".\" }\nfn f3(q: str) -> str { f2(q) + \".\" }\n\
                  fn f4(q: str) -> str { f3(q) + \".\" }\nfn f5(q: str) -> str { f4(q) + \".\" }\nlet a = f5(\"a\")\nlet b = f5(\"b\")\nprint(a, b)";
    assert_eq!(timed(script), (100, "a!..... b!.....\n".into()));
}

#[test]
fn a_filtered_comprehension_does_not_delay_what_follows() {
    let script = "fn keep(q: str) -> bool { p(q).answer != \"b!\" }\nlet kept = [q for q in [\"a\", \"b\"] if keep(q)]\nlet c = p(\"c\").answer\nprint(c, kept)";
    assert_eq!(timed(script), (100, "c! [\"a\"]\n".into()));
}

#[test]
fn a_promised_program_is_called_without_delaying_the_caller() {
    let script = "fn make(q: str) { let a = p(q).answer\n if a == \"a!\" { |x: str| p(x).answer } else { |x: str| x } }\n\
                  let f = make(\"a\")\nlet x = f(\"x\")\nlet y = p(\"y\").answer\nlet z = p(y).answer\nprint(x, z)";
    assert_eq!(timed(script), (200, "x! y!!\n".into()));
}

#[test]
fn storing_and_taking_a_field_do_not_look() {
    let script = "let r = {a: p(\"a\"), b: [p(\"b\")]}\nlet x = r.a\nlet {b} = r\nlet y = first(b)\nlet c = p(\"c\")\nprint(x.answer, c.answer)";
    assert_eq!(timed(script), (100, "a! c!\n".into()));
}

#[test]
fn an_answer_that_is_there_at_once_changes_nothing_but_time() {
    let script = format!(
        "{P}fn ask(q: str) -> str {{ print(\"in\", q)\n let a = p(q).answer\n print(\"out\", a)\n a }}\n\
         let xs = [ask(q) for q in [\"a\", \"b\", \"c\"]]\nprint(\"after\")\n\
         try {{ let bad = ask(\"bad\")\n print(\"no look\") }} catch e {{ print(e.kind) }}\nprint(xs)"
    );
    let outputs: Vec<String> = [
        run_with(&script, |_| 0),
        run_with(&script, |_| 100),
        run_with(&script, |q| if q == "b" { 0 } else { 50 }),
        run_with(&script, |q| if q == "a" { 500 } else { 0 }),
    ]
    .into_iter()
    .map(|ran| ran.out)
    .collect();
    assert!(outputs.iter().all(|out| *out == outputs[0]), "{outputs:#?}");
    assert!(outputs[0].contains("after\nin bad\nno look\nparse\n"), "{}", outputs[0]);
}

#[test]
fn a_module_is_called_while_its_members_are_awaited() {
    let script = "module M(q: str) {\n  hint = p(q).answer\n  forward(x: str) -> str { p(x).answer + hint }\n}\nlet m = M(\"h\")\nprint(m(\"x\"))";
    assert_eq!(timed(script), (100, "x!h!\n".into()));
}

#[test]
fn what_is_looked_at_in_a_condition_is_awaited() {
    assert_eq!(
        printed(&format!(
            "{P}if p(\"a\").answer == \"a!\" {{ print(\"yes\") }} else {{ print(\"no\") }}"
        )),
        "yes\n"
    );
    assert_eq!(
        printed(&format!(
            "{P}print(match p(\"a\") {{ {{answer: \"a!\"}} => 1, _ => 2 }})"
        )),
        "1\n"
    );
    assert_eq!(
        printed(&format!("{P}for c in p(\"a\").answer {{ print(c) }}")),
        "a\n!\n"
    );
}

#[test]
fn what_a_model_that_is_a_function_sleeps_overlaps_in_nested_elements_too() {
    let text = r#"
fn said(messages: list[{role: str, content: str}]) -> any { sleep(0.1); {answer: "a"} }
fn nap(i: int) -> int { sleep(0.1); i }
let ask = Predict("q -> answer")
fn asked(i: int) -> int { len([ask(f"{i} {j}").answer for j in 0..3]) }
fn napped(i: int) -> int { sum([nap(j) for j in 0..3]) }
fn kept(i: int) -> int {
  let n = asked(i)
  write_text(f"{i}.txt", f"{n}")
  n
}
with (lm: DummyLM(said)) {
  let start = now()
  print([ask(f"{j}").answer for j in 0..5], round(now() - start, 1))
  let nested = now()
  print([asked(i) for i in 0..4], round(now() - nested, 1))
  let ordered = now()
  print([kept(i) for i in 0..4], round(now() - ordered, 1))
  let naps = now()
  print([napped(i) for i in 0..4], round(now() - naps, 1))
}
"#;
    assert_eq!(
        printed(text),
        "[\"a\", \"a\", \"a\", \"a\", \"a\"] 0.1\n[3, 3, 3, 3] 0.1\n[3, 3, 3, 3] 0.1\n[3, 3, 3, 3] 0.1\n"
    );
}

/// Calls of a model that is a function and takes 100 ms.
fn by_function(script: &str) -> (u128, String) {
    timed(&format!(
        "let slow = DummyLM(|messages| {{ sleep(0.1); {{answer: \"x\"}} }})\n\
         with (lm: slow) {{ {script} }}"
    ))
}

#[test]
fn a_model_that_is_a_function_overlaps_like_one_that_is_not() {
    let both = "let a = p(\"a\"); let b = p(\"b\"); print(a.answer + b.answer)";
    assert_eq!(by_function(both), (100, "xx\n".into()));
    let mixed = "let all = [p(str(i)) for i in 0..3]; let b = p(\"b\"); print(len(all), b.answer)";
    assert_eq!(by_function(mixed), (100, "3 x\n".into()));
}

#[test]
fn as_many_functions_answer_at_a_time_as_requests_may_be_in_flight() {
    let ten = "print(len([p(str(i)).answer for i in 0..10]))";
    for (limit, time) in [(1, 1_000), (3, 400), (10, 100)] {
        let script = format!("with (max_concurrency: {limit}) {{ {ten} }}");
        assert_eq!(by_function(&script), (time, "10\n".into()));
    }
    let many = "print(len([p(str(i)).answer for i in 0..32]))";
    assert_eq!(by_function(many), (200, "32\n".into()));
}

#[test]
fn a_function_that_asks_models_itself_waits_for_no_place_of_its_own() {
    let outer = "let outer = LM(|messages| { let v = with (lm: slow) { p(\"in\").answer }; f\"[[ ## answer ## ]]\\n{v}\" })\n\
                 with (lm: outer, max_concurrency: 1) { print([p(str(i)).answer for i in 0..3]) }";
    assert_eq!(by_function(outer), (300, "[\"x\", \"x\", \"x\"]\n".into()));
    // The second element has the only place while the first, whose effects come first, asks once more.
    let twice = "let two = |i| { let a = p(str(i)).answer; a + p(a + str(i)).answer }\n\
                 with (max_concurrency: 1) { print(map([0, 1], two)) }";
    assert_eq!(by_function(twice).1, "[\"xx\", \"xx\"]\n");
}

#[test]
fn a_function_that_fails_gives_its_place_back() {
    let script = "let picky = LM(|messages| { sleep(0.1); if contains(messages[-1].content, \"1\") { fail(\"no\") }; \"[[ ## answer ## ]]\\nx\" })\n\
                  with (lm: picky, max_concurrency: 1) { \
                  print([try { p(str(i)).answer } catch e { e.message } for i in 0..3]) }";
    assert_eq!(by_function(script), (300, "[\"x\", \"no\", \"x\"]\n".into()));
}
