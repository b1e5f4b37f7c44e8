//! Typing: inputs of several lines, keys, history, colours, what is pasted.

use crate::sandbox::Sandbox;
use crate::terminal::{BACKSPACE, CTRL_A, CTRL_C, CTRL_D, CTRL_F, CTRL_K, CTRL_R, ENTER, LEFT, Terminal, UP};

#[test]
fn an_input_goes_on_until_it_is_whole() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .keys("fn twice(n: int) -> int {")
        .keys(ENTER)
        .keys("n * 2")
        .keys(ENTER);
    terminal.line("}").line("twice(21)").sees("42 : int");
    terminal.keys("1 +").keys(ENTER).line("41").sees("42 : int");
    terminal
        .keys("\"\"\"")
        .keys(ENTER)
        .keys("two")
        .keys(ENTER)
        .line("\"\"\"")
        .sees("\"two\" : str");
}

#[test]
fn two_empty_lines_give_up_an_input() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .keys("let x = [1,")
        .keys(ENTER)
        .keys(ENTER)
        .hand_in(ENTER)
        .sees("error");
    terminal.line("1 + 1").sees("2 : int");
}

#[test]
fn ctrl_c_drops_an_input() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal.keys("nonsense (").keys(ENTER).keys("more").hand_in(CTRL_C);
    terminal.line("20 + 22");
    let seen = terminal.until("42 : int");
    assert!(!seen.contains("error"), "{seen}");
}

#[test]
fn ctrl_d_leaves_an_empty_input_and_deletes_in_another() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .keys("x42")
        .keys(CTRL_A)
        .keys(CTRL_D)
        .hand_in(ENTER)
        .sees("42 : int");
    terminal.hand_in(CTRL_D).ends();
}

#[test]
fn keys_move_and_delete() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .keys("1 + 3")
        .keys(BACKSPACE)
        .keys("2")
        .keys(LEFT)
        .line("1")
        .sees("13 : int");
    terminal.keys("7 * 6 + junk").keys(CTRL_A);
    for _ in 0..5 {
        terminal.keys(CTRL_F);
    }
    terminal.keys(CTRL_K).hand_in(ENTER).sees("42 : int");
}

#[test]
fn wide_characters_keep_their_places() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .keys("\"日本\"")
        .keys(LEFT)
        .keys(LEFT)
        .line("é𝄞")
        .sees("\"日é𝄞本\" : str");
    terminal.line("len(_)").sees("4 : int");
}

#[test]
fn what_is_pasted_is_one_input() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal.keys("\u{1b}[200~let a = 20\nlet b = 22\n\nif a > b { \"more\" }\nelse { a + b }\u{1b}[201~");
    terminal.hand_in(ENTER).sees("42 : ");
    terminal.line("a").sees("20 : int");
}

#[test]
fn what_is_no_utf_8_is_dropped_and_the_session_goes_on() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal.line("let kept = 42");
    terminal
        .bytes(b"let x = \"\xff")
        .sees("what was typed is not UTF-8, and is dropped");
    terminal.line("kept").sees("42 : int");
}

#[test]
fn earlier_inputs_come_back_whole() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .keys("[20,")
        .keys(ENTER)
        .line("21]")
        .sees("[20, 21] : list[int]");
    terminal
        .keys(UP)
        .keys(BACKSPACE)
        .line(", 22]")
        .sees("[20, 21, 22] : list[int]");
}

#[test]
fn inputs_are_remembered_from_session_to_session() {
    let sandbox = Sandbox::new();
    let mut first = Terminal::new(&sandbox, &[]);
    first.line("40 + 2").sees("42 : int");
    first
        .line(" \"a blank in front keeps it secret\"")
        .sees("secret\" : str");
    first.line(":quit").ends();
    let mut second = Terminal::new(&sandbox, &[]);
    second.keys(UP).keys(UP).line(" + 1").sees("43 : int");
    assert!(!sandbox.text(".cache/repl_history.jsonl").contains("secret"));
}

#[test]
fn ctrl_r_searches_what_was_typed() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .line("let answer = 42")
        .line("let other = 1")
        .line("answer + 100")
        .sees("142 : int");
    terminal.keys(CTRL_R).keys("ans").hand_in(ENTER).sees("142 : int");
}

#[test]
fn inputs_are_coloured_as_they_are_typed() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::with(&sandbox, &[], &[]);
    terminal
        .keys("let x = \"a")
        .sees("\u{1b}[35mlet\u{1b}[0m x = \u{1b}[32m\"a\u{1b}[0m");
    terminal.keys("\" # why").sees("\u{1b}[90m# why\u{1b}[0m");
    terminal.hand_in(ENTER);
    terminal.line(":type x").sees("\u{1b}[35m:type\u{1b}[0m x").sees("str");
}
