//! What Tab offers, and the hint of what a call still wants.

use crate::ROUTER;
use crate::sandbox::Sandbox;
use crate::terminal::{CTRL_C, LEFT, TAB, Terminal};

fn router() -> (Sandbox, Terminal) {
    let sandbox = Sandbox::with(ROUTER);
    let terminal = Terminal::new(&sandbox, &["s.dsp"]);
    (sandbox, terminal)
}

#[test]
fn names_are_completed() {
    let (_sandbox, mut terminal) = router();
    terminal.line("let quite_a_name = 42");
    terminal.keys("quite").keys(TAB).line("").sees("42 : int");
    terminal
        .keys("normalize_t")
        .keys(TAB)
        .line("(\"The End\")")
        .sees("\"end\"");
    terminal
        .keys("fn f(parameter: int) { param")
        .keys(TAB)
        .line("eter }")
        .sees("parametereter");
}

#[test]
fn the_rest_of_a_word_is_not_written_twice() {
    let (_sandbox, mut terminal) = router();
    terminal.keys("norm_text(\"The End\")");
    for _ in 0.."_text(\"The End\")".len() {
        terminal.keys(LEFT);
    }
    terminal.keys(TAB).line("").sees("\"end\" : str");
}

#[test]
fn behind_a_prediction_stand_the_outputs_of_its_signature() {
    let (_sandbox, mut terminal) = router();
    terminal.line("let result = router(\"fire\")");
    terminal.keys("result.urg").keys(TAB).line("").sees("\"high\"");
    terminal
        .keys("f\"it is {result.rea")
        .keys(TAB)
        .line("}\"")
        .sees("\"it is it burns\"");
    terminal
        .keys("result.")
        .keys(TAB)
        .keys(TAB)
        .sees("urgency")
        .sees("reason");
    terminal.hand_in(CTRL_C);
    terminal
        .keys("router(\"again\").rea")
        .keys(TAB)
        .line("")
        .sees("\"it burns\"");
}

#[test]
fn behind_an_instance_stand_its_members_and_helpers() {
    let (_sandbox, mut terminal) = router();
    terminal.keys("router.sh").keys(TAB).line("(\"a\")").sees("\"A\" : str");
    terminal.line("import \"std/metrics\" as m");
    terminal
        .keys("m.exa")
        .keys(TAB)
        .line("(\"a\", \"b\")")
        .sees("false : bool");
    terminal.keys("router.cl").keys(TAB).line("").sees("<Predict>");
}

#[test]
fn arguments_are_completed_by_name() {
    let (_sandbox, mut terminal) = router();
    terminal
        .keys("router(bo")
        .keys(TAB)
        .line("\"fire\").urgency")
        .sees("\"high\"");
    terminal
        .keys("router.shout(\"a\", ti")
        .keys(TAB)
        .line("3)")
        .sees("\"A\"");
    terminal
        .keys("with (max_to")
        .keys(TAB)
        .line("7) { 42 }")
        .sees("42 : int");
}

#[test]
fn paths_are_completed_in_strings() {
    let sandbox = Sandbox::new();
    sandbox.put("notes/first.txt", "forty-two");
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal
        .keys("read_text(\"no")
        .keys(TAB)
        .keys("fi")
        .keys(TAB)
        .line("\")")
        .sees("\"forty-two\"");
}

#[test]
fn commands_and_what_they_take_are_completed() {
    let (sandbox, mut terminal) = router();
    sandbox.put("more.dsp", "let from_more = 42");
    terminal.keys(":ty").keys(TAB).line(" router").sees("Router\r\n");
    terminal.keys(":type rout").keys(TAB).line("").sees("Router\r\n");
    terminal.keys(":set temp").keys(TAB).line("0.5");
    terminal
        .keys(":load mo")
        .keys(TAB)
        .line("")
        .line("from_more")
        .sees("42 : int");
}

#[test]
fn a_call_hints_at_its_parameters() {
    let sandbox = Sandbox::with(ROUTER);
    let mut terminal = Terminal::with(&sandbox, &["s.dsp"], &[]);
    terminal
        .keys("router(")
        .sees("\u{1b}[2mbody: str, hint: str = …)\u{1b}[0m");
    terminal.keys("\"fire\", ").sees("\u{1b}[2mhint: str = …)\u{1b}[0m");
    terminal.hand_in(CTRL_C);
    terminal
        .keys("router.shout(")
        .sees("\u{1b}[2mtext: str, times: int = 2)\u{1b}[0m");
    terminal.hand_in(CTRL_C);
    terminal.keys("\"a b\".split(").sees("sep: str? = none)");
    terminal.hand_in(CTRL_C);
    terminal
        .keys("Predict(\"question, n: int -> answer\")(")
        .sees("\u{1b}[2mquestion: str, n: int)");
}
