//! The deepest texts that the parser lets through, on a thread with as little stack as hosts have.

use dsp::host::fake::FakeHost;
use dsp::session::Script;

use super::setup::{builder, open};

/// What a thread of tokio or of Rust's standard library has.
const SMALL: usize = 2 << 20;

fn on_a_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(SMALL).spawn_scoped(scope, work);
        thread.unwrap().join().unwrap()
    })
}

fn nested(open: &str, times: usize, inside: &str, close: &str) -> String {
    open.repeat(times) + inside + &close.repeat(times)
}

/// Scripts as deep as may be, each with what it prints.
fn deep() -> Vec<(String, String)> {
    let printed = |expression: String| format!("print({expression})");
    let list = |depth: usize| nested("[", depth, "", "]");
    let same = |expression: String, value: &str| (printed(expression), value.to_owned());
    vec![
        same(nested("(", 98, "1", ")"), "1"),
        same(list(98), &list(98)),
        same(nested("{a: ", 98, "1", "}"), &nested("{a: ", 98, "1", "}")),
        same(nested("{\"a\": ", 98, "1", "}"), &nested("{\"a\": ", 98, "1", "}")),
        same("1".to_owned() + &" + 1".repeat(253), "254"),
        same("1 ** ".repeat(253) + "1", "1"),
        same("\"a\"".to_owned() + &" + \"a\"".repeat(253), &"a".repeat(254)),
        same("-".repeat(253) + "1", "-1"),
        same("not ".repeat(253) + "true", "false"),
        same("true".to_owned() + &" and true".repeat(253), "true"),
        same(format!("0{}", " |> abs".repeat(253)), "0"),
        same("[1]".to_owned() + &" + [1]".repeat(120) + " |> len", "121"),
        same(format!("1{}", ".abs()".repeat(120)), "1"),
        same(nested("abs(", 97, "1", ")"), "1"),
        same(nested("(|x| x + ", 48, "1", ")(1)"), "49"),
        same(nested("[x for x in ", 97, "[1]", "]"), "[1]"),
        same(nested("if true { ", 97, "1", " } else { 2 }"), "1"),
        same("if false { 0 } else ".repeat(120) + "{ 1 }", "1"),
        same(nested("match 1 { 1 => ", 97, "1", ", _ => 2 }"), "1"),
        same(nested("try { ", 97, "1", " } catch e { 2 }"), "1"),
        same(nested("with (temperature: 0.5) { ", 97, "1", " }"), "1"),
        same(nested("{ let x = 1\n", 97, "1", "\n}"), "1"),
        same(nested("f\"{", 60, "1", "}\""), "1"),
        (nested("if true { ", 99, "print(1)", " }"), "1".into()),
        (nested("for i in 0..1 { ", 80, "print(1)", " }"), "1".into()),
        (nested("while true { ", 99, "print(1)", "\nbreak }"), "1".into()),
        (
            nested(
                "fn f(x: int) -> int {\nlet g = |y: int| ",
                1,
                &nested("{\n", 97, "x + 0", "\n}"),
                "\ng(1) }",
            ) + "\nprint(f(1))",
            "1".into(),
        ),
        (
            format!("let x: {} = {}\nprint(x)", nested("list[", 100, "int", "]"), list(100)),
            list(100),
        ),
        (
            format!("type T = {}\nprint(1)", nested("{a: ", 100, "int", "}")),
            "1".into(),
        ),
        (
            format!(
                "let x: {} = 1\nprint(x)",
                (0..250).map(|n| n.to_string()).collect::<Vec<_>>().join(" | ")
            ),
            "1".into(),
        ),
        (
            format!(
                "fn f(x: {}) -> int {{ 1 }}\nprint(1)",
                nested("fn(", 95, "int", ") -> int")
            ),
            "1".into(),
        ),
        (
            format!(
                "let p = Predict(\"a -> b: {}\")\nprint(1)",
                nested("list[", 90, "int", "]")
            ),
            "1".into(),
        ),
        (
            format!(
                "let {} = {}\nprint(x)",
                nested("{a: ", 1, "x", "}"),
                nested("{a: ", 98, "1", "}")
            ),
            nested("{a: ", 97, "1", "}"),
        ),
        (
            format!(
                "match {} {{ {} => print(x), _ => print(2) }}",
                nested("{a: ", 97, "1", "}"),
                nested("{a: ", 97, "x", "}")
            ),
            "1".into(),
        ),
    ]
}

#[test]
fn the_deepest_scripts_run_on_a_small_stack() {
    for (text, printed) in deep() {
        let said = on_a_small_stack(|| {
            let host = FakeHost::new();
            let session = open(builder(&host), &text);
            host.block_on(session.run([]))
                .unwrap_or_else(|failure| panic!("{failure}"));
            drop(session);
            host.stdout()
        });
        assert_eq!(said, printed + "\n", "{text}");
    }
}

/// Values have no bound, unlike what is written out.
#[test]
fn prompts_show_values_that_are_deeper_than_a_stack() {
    let text = r#"type Tree = {label: str, children: list[Tree]}
        configure(lm: DummyLM(|messages| {answer: f"{len(messages[-1].content) > 200000}"}))
        var tree: Tree = {label: "x", children: []}
        for i in 0..10000 { tree = {label: "x", children: [tree]} }
        let show = Predict("old: Tree -> answer, new: Tree?")
        for name in ["chat", "json", "xml", "compact"] { with (adapter: name) { print(show(tree).answer) } }
        with (adapter: "xml") { print(with_demos(show, "*", [{old: tree, new: tree, answer: "a"}])(tree).answer) }
        with (adapter: TwoStep(DummyLM([{answer: "true"}]))) { print(show(tree).answer) }"#;
    let said = on_a_small_stack(|| {
        let host = FakeHost::new();
        let session = open(builder(&host), text);
        host.block_on(session.run([]))
            .unwrap_or_else(|failure| panic!("{failure}"));
        drop(session);
        host.stdout()
    });
    assert_eq!(said, "true\n".repeat(6));
}

#[test]
fn the_deepest_scripts_are_formatted_on_a_small_stack() {
    let formatted = |text: &str| {
        on_a_small_stack(|| Script::new("s.dsp", text, "/work").formatted())
            .unwrap_or_else(|failure| panic!("{failure}\n{text}"))
    };
    for (text, _) in deep() {
        let once = formatted(&text);
        assert_eq!(once, formatted(&once));
    }
}

#[test]
fn deep_scripts_that_are_wrong_are_refused_on_a_small_stack() {
    for (text, _) in deep() {
        let wrong = text.replace("true", "treu").replace("1", "nme");
        let failure = on_a_small_stack(|| {
            let host = FakeHost::new();
            builder(&host)
                .open(Script::new("s.dsp", wrong.as_str(), "/work"))
                .err()
                .map(|failure| failure.to_string())
        });
        assert!(
            failure.is_some_and(|failure| failure.contains("s.dsp:")) || !wrong.contains("nme"),
            "{wrong}"
        );
    }
}
