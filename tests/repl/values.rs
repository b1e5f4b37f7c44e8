//! What a line comes to: values, types, the last value, lines that fail, names that are declared anew.

use crate::ROUTER;
use crate::sandbox::Sandbox;
use crate::terminal::{CTRL_C, Terminal};

#[test]
fn values_are_printed_with_their_types_and_names_stay() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal.line("let x = 40").line("x + 2").sees("42 : int");
    terminal.line("upper(\"text\")").sees("\"TEXT\" : str");
    terminal.line("[1, x]").sees("[1, 40] : list[int]");
}

#[test]
fn the_last_value_has_a_name() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal.line("6 * 7").sees("42 : int");
    terminal.line("print(\"nothing\")").sees("nothing\r\n");
    terminal.line("let other = 1");
    terminal.line("_ + 1").sees("43 : int");
    terminal.line("nope").sees("`nope` is not declared");
    terminal.line("_ + 1").sees("44 : int");
}

#[test]
fn the_type_is_dimmed_where_there_are_colours() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::with(&sandbox, &[], &[]);
    terminal.line("1 + 1").sees("\u{1b}[2m : int\u{1b}[0m");
}

#[test]
fn a_line_that_fails_changes_nothing() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal.line("var x = 1").line("x = 2");
    terminal.line("{ x = 3; fail(\"no\") }").sees("no");
    terminal.line("let y = x + nope").sees("`nope`");
    terminal.line("x").sees("2 : int");
    terminal.line("y").sees("`y` is not declared");
}

#[test]
fn a_let_runs_once() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal.line("configure(lm: DummyLM([{answer: \"only\"}]))");
    terminal.line("let first = Predict(\"question -> answer\")(\"?\")");
    terminal.line("first.answer").sees("\"only\" : str");
    terminal.line("first.answer + \"!\"").sees("\"only!\" : str");
    terminal.line(":usage").sees("dummy: 1 call (0 from the cache)");
}

#[test]
fn ctrl_c_stops_what_waits_and_takes_the_line_back() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal.line("var x = 1");
    terminal
        .line("{ x = 2; print(\"begun\"); sleep(60) }")
        .sees("begun\r\n");
    terminal.signal(CTRL_C).sees("interrupted; the line is taken back");
    terminal.line("x + 41").sees("42 : int");
}

#[test]
fn ctrl_c_stops_what_computes() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .line("{ print(\"begun\"); var n = 0; while true { n = (n + 1) % 7 } }")
        .sees("begun\r\n");
    terminal.signal(CTRL_C).sees("interrupted; the line is taken back");
    terminal.line("20 + 22").sees("42 : int");
}

#[test]
fn long_lists_are_folded_and_wide_ones_laid_out() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .line("[{n: n} for n in range(1000)]")
        .sees("  {n: 11},\r\n  … 988 more\r\n] : list[{n: int}]");
    // Short elements share lines.
    terminal
        .line("range(1000)")
        .sees("18, 19, 20,")
        .sees(" 57, 58, 59,\r\n  … 940 more\r\n] : list[int]");
    // A key takes its part of the line.
    terminal.line("{key: {a: repeat(\"x\", 61), b: 1}}").sees(&format!(
        "{{\r\n  key: {{\r\n    a: \"{}\",\r\n    b: 1,\r\n  }},\r\n}} : ",
        "x".repeat(61)
    ));
    terminal.line("{a: repeat(\"x\", 70), b: repeat(\"y\", 70)}");
    terminal.sees(&format!(
        "{{\r\n  a: \"{}\",\r\n  b: \"{}\",\r\n}} : ",
        "x".repeat(70),
        "y".repeat(70)
    ));
    terminal
        .line("repeat(\"z\", 5000)")
        .sees("z…\" (5000 characters) : str");
}

#[test]
fn a_name_declared_anew_says_who_keeps_the_old_one() {
    let sandbox = Sandbox::with(ROUTER);
    let mut terminal = Terminal::new(&sandbox, &["s.dsp"]);
    terminal.line("signature Classify { body: str -> urgency: str }");
    terminal.sees("note: `Classify` is declared anew; `Router`, `router` keep the old one until they are made again");
    terminal.line("router(\"x\").urgency").sees("\"high\"");
    terminal
        .line("fn one() -> int { 1 }")
        .line("fn two() -> int { one() + 1 }");
    terminal.line("fn one() -> int { 5 }");
    terminal.sees("note: `one` is declared anew; `two` keeps the old one until it is made again");
    terminal.line("one() * 10 + two()").sees("52 : int");
}

#[test]
fn a_name_that_nothing_uses_is_declared_anew_in_silence() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .line("fn one() -> int { 1 }")
        .line("fn one() -> int { 2 }")
        .line("one()");
    assert!(!terminal.until("2 : int").contains("note"));
}
