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

/// What makes a big value of one that just fits must not have room for both.
#[test]
fn everything_that_makes_a_big_value_is_charged_for_it() {
    let text = "let s = repeat(\"ab \", 250000)\n";
    let list = "let xs = range(31250)\n";
    let of_text = [
        "upper(s)",
        "lower(s)",
        "s + \"x\"",
        "f\"{s}x\"",
        "f\"{s:>750001}\"",
        "s[1..]",
        "s[..749999]",
        "strip(s, \"a\")",
        "split(s)",
        "split(s, \" \")",
        "split(s, \"b \")",
        "words(s)",
        "lines(s)",
        "[c for c in s]",
        "replace(s, \"a\", \"c\")",
        "replace(s, \"zz\", \"c\")",
        "pad_left(s, 750001)",
        "pad_right(s, 750001)",
        "truncate(s, 749999)",
        "join([s, \"x\"])",
        "join([\"x\", \"y\"], s)",
        "normalize_text(s)",
        "captures(s, r\"(?s)(.*)\")",
        "str([s])",
        "json(s)",
        "json({s})",
        "parse_json(json(s))",
        "repeat(s, 2)",
    ];
    let of_list = [
        "xs + [1]",
        "[...xs, 1]",
        "xs[1..]",
        "xs[..31249]",
        "reverse(xs)",
        "sort(xs)",
        "sort(xs, |x| -x)",
        "unique(xs)",
        "enumerate(xs)",
        "zip(xs, xs)",
        "zip(xs, xs, |a, b| a)",
        "take(xs, 31249)",
        "drop(xs, 1)",
        "flatten([xs, [1]])",
        "chunk(xs, 2)",
        "shuffle(xs)",
        "sample(xs, 30000)",
        "split_at(xs, 0.5)",
        "split_at(xs, 0.5, 1)",
        "group_by(xs, |x| x)",
        "random(0).shuffle(xs)",
        "random(0).sample(xs, 30000)",
        "range(31250)",
        "[str(x) for x in xs]",
        "values({\"a\": xs, \"b\": [...xs]})",
        "parse_json(str(xs))",
    ];
    let limited = |script: &str| {
        run_on(
            FakeHost::new(),
            script,
            Limits {
                memory: 1 << 20,
                ..SMALL
            },
        )
    };
    let mut let_through = Vec::new();
    for (before, expressions) in [(text, &of_text[..]), (list, &of_list[..])] {
        for expression in expressions {
            let ran = limited(&format!("{before}let made: any = {expression}\nprint(\"made\")"));
            let refusal = ran.outcome.as_ref().err().map(|raised| raised.fault.message.as_str());
            if refusal.is_none_or(|message| !message.starts_with("this value would need")) {
                let_through.push(format!("{expression}: {refusal:?}"));
            }
        }
    }
    assert!(let_through.is_empty(), "{}", let_through.join("\n"));
}

/// A list that holds one list twice, sixty levels deep, is small; its text is not.
#[test]
fn the_text_of_a_small_value_may_be_too_long() {
    let shared = "var x: any = [\"a\"]\nvar r: any = {a: 1}\nvar d: any = {\"a\": 1}\n\
                  for i in 0..60 { x = [x, x]\n r = {a: r, b: r}\n d = {\"a\": d, \"b\": d} }\n";
    for value in ["x", "r", "d", "[x]"] {
        for text in [
            format!("str({value})"),
            format!("json({value})"),
            format!("json({value}, 2)"),
            format!("f\"{{{value}}}\""),
            format!("f\"{{{value}:>8}}\""),
            format!("debug({value})"),
        ] {
            let said = refused(&format!("{shared}let made = {text}\nprint(len(made))"));
            assert!(said.starts_with(TOO_MUCH), "{text}: {said}");
        }
        let said = refused(&format!("{shared}print({value})"));
        assert!(said.starts_with(TOO_MUCH), "print({value}): {said}");
    }
    let deep = "var x: any = []\nfor i in 0..2000 { x = [x] }\n";
    let ran = limited(&format!("{deep}print(len(json(x, 1)), len(json(x)))"));
    assert_eq!(ran.out, "4008002 4002\n", "{:?}", ran.outcome);
    let said = refused(&format!("{deep}print(len(json(x, 5)))"));
    assert!(said.starts_with(TOO_MUCH), "{said}");
}

#[test]
fn a_width_or_count_beyond_reason_is_refused() {
    for text in [
        "print(json([1], 1000000000000))",
        "print(len(f\"{1.5:.999999999f}\"))",
        "let x = 1.5\nprint(len(f\"{x:>999999999.3f}\"))",
        "print(len(sample([1, 2], 1000000000000)))",
        "print(len(chunk([1, 2], 0)))",
        "print(round(1.5, 1000000000000))",
        "print(len(range(0, 9223372036854775807, 1)))",
        "print(len(pad_left(\"\", 9223372036854775807, \"é\")))",
        "print(truncate(\"abc\", 9223372036854775807))",
        "print(len(take([1], 9223372036854775807)), len(drop([1], 9223372036854775807)))",
        "print([1, 2][-9223372036854775807..9223372036854775807])",
    ] {
        let ran = limited(text);
        let kind = ran.outcome.as_ref().err().map(|raised| raised.fault.kind.name());
        assert!(matches!(kind, None | Some("value")), "{text}: {kind:?}");
        assert!(ran.out.len() < 100, "{text}: {}", ran.out);
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
