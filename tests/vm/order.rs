//! Errors and effects stand where they stand in the program, whatever order answers come in.

use super::world::{run, run_with};

const P: &str = "let p = Predict(\"question -> answer\", max_retries: 0)\n";

fn out(text: &str) -> String {
    let ran = run(&format!("{P}{text}"));
    if let Err(raised) = &ran.outcome {
        panic!("{} after {:?}", raised.fault.message, ran.out);
    }
    ran.out
}

#[test]
fn a_failed_call_raises_where_it_is_looked_at() {
    let script = "try {\n  let a = p(\"bad\")\n  print(\"before\")\n  print(a.answer)\n  print(\"never\")\n} catch e { print(e.kind, e.reply) }";
    assert_eq!(out(script), "before\nparse no idea\n");
}

#[test]
fn a_failure_that_nobody_looks_at_raises_at_the_end_of_its_try() {
    assert_eq!(
        out("try {\n  let a = p(\"bad\")\n  print(\"end\")\n} catch e { print(e.kind) }\nprint(\"on\")"),
        "end\nparse\non\n"
    );
}

#[test]
fn a_failure_that_nobody_looks_at_raises_at_the_end_of_the_script() {
    let ran = run(&format!("{P}let a = p(\"bad\")\nprint(\"end\")"));
    assert_eq!((ran.out.as_str(), ran.error().0.as_str()), ("end\n", "parse"));
    let Err(raised) = &ran.outcome else { panic!() };
    assert_eq!(raised.span.map(|span| ran.sources.text(span)), Some("p(\"bad\")"));
}

#[test]
fn of_several_failures_the_first_in_program_order_raises() {
    let script = format!(
        "{P}fn f(q: str) -> str {{ let a = p(q).answer\n fail(\"after \" + a) }}\nlet a = f(\"one\")\nlet b = f(\"two\")"
    );
    for first in [10, 200] {
        let ran = run_with(&script, move |q| if q == "one" { first } else { 100 });
        assert_eq!(ran.error().1, "after one!");
    }
}

#[test]
fn the_body_of_a_try_wins_over_what_it_started() {
    let script = "try {\n  let a = p(\"bad\")\n  fail(\"body\")\n} catch e { print(e.message) }";
    assert_eq!(out(script), "body\n");
}

#[test]
fn a_function_that_fails_before_it_waits_raises_at_its_call() {
    let script = "fn f(q: str) -> str { if q == \"\" { fail(\"empty\") }\n p(q).answer }\n\
                  try { let a = f(\"\")\n print(\"not here\") } catch e { print(e.message) }";
    assert_eq!(out(script), "empty\n");
}

#[test]
fn a_function_that_fails_after_it_waited_raises_where_it_is_looked_at() {
    let script = "fn f(q: str) -> str { let a = p(q).answer\n if a == \"x!\" { fail(\"late\") }\n a }\n\
                  try { let a = f(\"x\")\n print(\"here\")\n print(a) } catch e { print(e.message) }";
    assert_eq!(out(script), "here\nlate\n");
}

#[test]
fn elements_fail_as_if_they_ran_one_after_the_other() {
    let script = "fn f(q: str) -> str { if q == \"now\" { fail(\"at once\") }\n let a = p(q).answer\n if q == \"late\" { fail(\"late\") }\n a }\n\
                  try { print([f(q) for q in [\"a\", \"late\", \"now\", \"b\"]]) } catch e { print(e.message) }\n\
                  try { print([f(q) for q in [\"a\", \"now\", \"late\"]]) } catch e { print(e.message) }";
    assert_eq!(out(script), "late\nat once\n");
}

#[test]
fn a_caught_failure_is_not_raised_again() {
    assert_eq!(
        out("let a = p(\"bad\")\ntry { print(a.answer) } catch e { print(\"caught\") }\nprint(\"end\")"),
        "caught\nend\n"
    );
}

#[test]
fn a_list_that_was_looked_at_is_looked_at_whole() {
    let script = "let xs = [p(\"bad\"), p(\"bad2\")]\ntry { print(xs) } catch e { print(\"caught\") }\nprint(\"end\")";
    assert_eq!(out(script), "caught\nend\n");
}

#[test]
fn a_try_waits_for_what_it_started_also_when_it_is_left_early() {
    let script = "fn f() -> int { try { let a = p(\"bad\")\n return 1 } catch e { return 2 } }\nprint(f())";
    assert_eq!(out(script), "2\n");
    let script = "for i in 0..3 { try { let a = p(\"bad\")\n if i == 1 { break } } catch e { print(i, e.kind) } }";
    assert_eq!(out(script), "0 parse\n1 parse\n2 parse\n");
}

#[test]
fn effects_happen_in_program_order() {
    let script = "fn log(q: str) -> none { let a = p(q).answer\n write_text(\"log.txt\", read_text(\"log.txt\") + a + \";\") }\n\
                  write_text(\"log.txt\", \"\")\nlog(\"slow\")\nlog(\"quick\")\nwrite_text(\"log.txt\", read_text(\"log.txt\") + \"end\")\nprint(read_text(\"log.txt\"))";
    let ran = run_with(&format!("{P}{script}"), |q| if q == "slow" { 300 } else { 100 });
    assert_eq!((ran.out.as_str(), ran.time), ("slow!;quick!;end\n", 300));
}

#[test]
fn a_model_call_alone_delays_no_effect() {
    let ran = run(&format!(
        "{P}let a = p(\"a\")\nwrite_text(\"x.txt\", \"1\")\nlet t = now()\nsleep(0.05)\nprint(a.answer)"
    ));
    assert_eq!((ran.out.as_str(), ran.time), ("a!\n", 100));
}

#[test]
fn sleeps_of_different_elements_overlap() {
    let script =
        format!("{P}fn f(q: str) -> str {{ sleep(0.1)\n p(q).answer }}\nprint([f(q) for q in [\"a\", \"b\", \"c\"]])");
    let ran = run(&script);
    assert_eq!((ran.out.as_str(), ran.time), ("[\"a!\", \"b!\", \"c!\"]\n", 200));
}

#[test]
fn usage_counts_what_stands_before_it() {
    let script = "let a = p(\"a\")\nlet b = p(\"b\")\nlet n = usage().calls\nlet c = p(\"c\")\nprint(n, usage().calls)";
    assert_eq!(out(script), "2 3\n");
}

#[test]
fn settings_are_those_of_the_place_where_a_call_starts() {
    let script = "let dummy = DummyLM({\"q\": {answer: \"dummy\"}})\nfn ask() -> str { p(\"q\").answer }\n\
                  let f = || ask()\nlet inside = with (lm: dummy) { [ask(), f()] }\nprint(inside, ask(), f())";
    assert_eq!(out(script), "[\"dummy\", \"dummy\"] q! q!\n");
}

#[test]
fn a_global_that_is_set_later_is_not_there_yet() {
    let script =
        format!("{P}fn f() -> int {{ let a = p(\"a\").answer\n print(a)\n y }}\nlet x = f()\nlet y = 3\nprint(x)");
    for latency in [0, 100] {
        assert_eq!(run_with(&script, move |_| latency).error().0, "state");
    }
}

#[test]
fn a_check_that_fails_unseen_raises_at_the_end_of_its_try() {
    let any = "fn raw(q: str) -> any { let a = p(q).answer\n parse_json(f\"{{\\\"n\\\": \\\"{a}\\\"}}\") }\n";
    let script = format!(
        "{any}try {{ let _n: {{n: int}} = raw(\"a\")\n print(\"end 1\") }} catch e {{ print(e.kind, e.message) }}\n\
         try {{ let _n = raw(\"a\").m\n print(\"end 2\") }} catch e {{ print(e.kind) }}\n\
         fn take(n: int) -> none {{ print(\"in\") }}\n\
         try {{ let v = raw(\"a\")\n take(v.n)\n print(\"end 3\") }} catch e {{ print(e.kind) }}\n\
         let _fine: {{n: str}} = raw(\"a\")\nprint(\"on\")"
    );
    assert_eq!(
        out(&script),
        "end 1\ntype at .n: expected `int`, found the str `\"a!\"`\nend 2\nkey\nin\nend 3\ntype\non\n"
    );
    let ran = run(&format!("{P}{any}let _n: list[int] = raw(\"a\")\nprint(\"end\")"));
    assert_eq!((ran.out.as_str(), ran.error().0.as_str()), ("end\n", "type"));
}

#[test]
fn of_failed_checks_and_calls_the_first_in_program_order_raises() {
    let script = "fn raw(q: str) -> any { p(q).answer }\n\
                  try { let _a: int = raw(\"a\")\n let _b = p(\"bad\") } catch e { print(e.kind) }\n\
                  try { let _b = p(\"bad\")\n let _a: int = raw(\"a\") } catch e { print(e.kind) }\n\
                  let bad = p(\"bad\")\ntry { print(bad) } catch e { print(e.kind) }\nlet _c = bad.answer\nprint(\"end\")";
    assert_eq!(out(script), "type\nparse\nparse\nend\n");
}

#[test]
fn a_place_behind_a_promised_part_is_assigned() {
    let script = "var x = {a: [p(\"q\").answer], b: 1}\nx.a[0] = \"z\"\nprint(x)\nvar y = {a: [[p(\"q\").answer]]}\nlet before = y\ny.a[0][0] = p(\"r\").answer\ny.a[0] += [\"s\"]\nprint(y, before)";
    assert_eq!(
        out(script),
        "{a: [\"z\"], b: 1}\n{a: [[\"r!\", \"s\"]]} {a: [[\"q!\"]]}\n"
    );
}
