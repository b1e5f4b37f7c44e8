//! What a host lets a program use up: steps, memory, depth, time.

use std::time::Duration;

use dsp::host::fake::{self, FakeHost};
use dsp::vm::Limits;

use super::world::{Ran, run_on};

const SMALL: Limits = Limits {
    depth: 100,
    steps: 2_000_000,
    memory: 8 << 20,
    time: None,
};

fn limited(text: &str) -> Ran {
    run_on(FakeHost::new(), text, SMALL)
}

/// The kind and the beginning of the message of what ends the script.
fn refused(text: &str) -> String {
    let (kind, message) = limited(text).error();
    format!("{kind}: {message}")
}

const TOO_MUCH: &str = "value: this value would need";

#[test]
fn a_value_beyond_the_limit_is_refused_before_it_is_made() {
    for text in [
        "print(len(repeat(\"x\", 10 ** 12)))",
        "print(len(repeat(\"ab\", 9223372036854775807)))",
        "print(len(range(10 ** 12)))",
        "print(len(range(0, 9223372036854775807)))",
        "let n = 10 ** 12\nprint(len([...0..n]))",
        "let n = 10 ** 12\nlet xs = 0..n\nprint(len(xs))",
        "print(len(pad_left(\"x\", 10 ** 12)))",
        "print(len(pad_right(\"x\", 10 ** 12)))",
        "let x = 1\nprint(len(f\"{x:>999999999}\"))",
        "let s = repeat(\"x\", 10 ** 6)\nprint(len(join([s for i in 0..1000])))",
        "let s = repeat(\"x\", 10 ** 6)\nprint(len(join(repeat(\"x,\", 1000) |> split(\",\"), s)))",
        "let s = repeat(\"x\", 10 ** 6)\nprint(len(replace(s, \"x\", s)))",
    ] {
        assert!(refused(text).starts_with(TOO_MUCH), "{text}: {}", refused(text));
    }
}

#[test]
fn a_value_that_grows_in_a_loop_is_refused() {
    for text in [
        "var s = \"x\"\nwhile true { s = s + s }",
        "var s = \"x\"\nwhile true { s += s }",
        "fn f() -> none { var s = \"xy\"\n while true { s += \"more and more\" } }\nf()",
        "var xs = [1]\nwhile true { xs = xs + xs }",
        "var xs = [1]\nwhile true { xs += xs }",
        "var xs = [1]\nwhile true { xs += [1] }",
        "fn f() -> none { var xs = []\n while true { xs += [1] } }\nf()",
        "fn f() -> none { var xs: list[any] = [1]\n while true { xs = [xs, [...xs, 1]] } }\nf()",
        "print(len([i for i in 0..100000000]))",
        "print(len([[i, i + 1] for i in 0..100000000]))",
        "print(len([x for i in 0..100000 for x in 0..1000]))",
        "fn f() -> none { var d = {\"a\": [0]}\n var n = 0\n while true { n += 1\n d[str(n)] = [n, n, n] } }\nf()",
        "var s = \"x\"\nwhile true { s = f\"{s}{s}\" }",
        "var xs = [1]\nwhile true { xs = [...xs, ...xs] }",
        "fn f() -> none { var xs = [0 for i in 0..2000]\n var all = [xs]\n while true { let ys = xs\n xs[0] = xs[0] + 1\n all += [ys] } }\nf()",
    ] {
        assert!(refused(text).starts_with(TOO_MUCH), "{text}: {}", refused(text));
    }
}

#[test]
fn what_was_let_go_of_does_not_count() {
    let text = "var total = 0\nfor i in 0..100 { let s = repeat(\"x\", 200000)\n let xs = split(s, \"y\")\n total += len(s) + len(xs) }\nprint(total)";
    let ran = limited(text);
    assert_eq!(ran.out, "20000100\n", "{:?}", ran.outcome);
}

#[test]
fn a_refused_value_can_be_caught() {
    let ran = limited("try { print(len(repeat(\"x\", 10 ** 12))) } catch e { print(e.kind) }\nprint(\"on\")");
    assert_eq!(ran.out, "value\non\n");
}

#[test]
fn the_depth_of_calls_is_named_by_the_error() {
    let text = "fn f(n: int) -> int { if n == 0 { 0 } else { 1 + f(n - 1) } }\nprint(f(90))\nprint(f(100))";
    let ran = limited(text);
    assert_eq!(ran.out, "90\n");
    assert_eq!(ran.error().1, "calls are nested deeper than the limit of 100");
}

#[test]
fn a_program_that_never_ends_takes_too_many_steps() {
    let text = "try { while true { } } catch e { print(\"never\") }";
    assert_eq!(refused(text), "budget: the program took more than 2000000 steps");
}

#[test]
fn a_run_ends_when_its_time_is_over() {
    let script = "let p = Predict(\"question -> answer\")\nprint(\"before\")\ntry { print(p(\"a\").answer) } catch e { print(\"never\") }";
    for (limit, in_time) in [(99, false), (101, true)] {
        let host = FakeHost::new();
        host.set_env("OPENAI_API_KEY", "test");
        host.answer(|_| {
            let reply = "[[ ## answer ## ]]\nyes\n\n[[ ## completed ## ]]";
            (Duration::from_millis(100), fake::openai_reply(reply))
        });
        let time = Some(Duration::from_millis(limit));
        let ran = run_on(
            host,
            script,
            Limits {
                time,
                ..Limits::default()
            },
        );
        match in_time {
            true => assert_eq!(ran.out, "before\nyes\n"),
            false => {
                assert_eq!(ran.out, "before\n");
                let error = ran.error();
                assert_eq!(
                    error,
                    (
                        "budget".into(),
                        "the program ran longer than the limit of 0.099 s".into()
                    )
                );
            }
        }
    }
}
