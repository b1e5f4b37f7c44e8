//! What begins with a colon.

use crate::ROUTER;
use crate::sandbox::Sandbox;
use crate::terminal::Terminal;

fn router() -> (Sandbox, Terminal) {
    let sandbox = Sandbox::with(ROUTER);
    let terminal = Terminal::new(&sandbox, &["s.dsp"]);
    (sandbox, terminal)
}

#[test]
fn help_lists_the_commands_and_describes_names() {
    let (_sandbox, mut terminal) = router();
    terminal.line(":help").sees(":type EXPR").sees(":quit");
    terminal
        .line(":help truncate")
        .sees("fn truncate(s: str, n: int) -> str")
        .sees(">>> truncate(");
    terminal
        .line(":help Router")
        .sees("forward(body: str, hint: str = \"none\")")
        .sees("Routes what comes in.");
    terminal.line(":help Classify").sees("urgency: \"low\" | \"high\"");
    terminal.line(":help router").sees("let router: Router");
    terminal.line(":help match").sees("every value must have one");
    terminal
        .line("import \"std/metrics\" as m")
        .line(":help m.f1")
        .sees("fn f1(");
    terminal
        .line(":help truncat")
        .sees("nothing named `truncat`")
        .sees("did you mean `truncate`?");
}

#[test]
fn an_unknown_command_names_the_nearest() {
    let (_sandbox, mut terminal) = router();
    terminal
        .line(":histroy")
        .sees("there is no command `:histroy`")
        .sees("did you mean `:history`?");
    terminal.line(":type").sees("write `:type EXPR`");
    terminal.line(":clear all").sees("`:clear` takes nothing");
    terminal.line(":help :load").sees(":load FILE");
    terminal.line(":help prompt").sees(":prompt CALL");
}

#[test]
fn what_is_a_function_elsewhere_names_its_command() {
    let (_sandbox, mut terminal) = router();
    terminal
        .line("exit()")
        .sees("`exit` is a command here")
        .sees("write `:quit`");
    terminal.line("help(len)").sees("write `:help len`");
    terminal.line("?").sees("write `:help`");
    terminal
        .line("fn help(x: int) -> int { x }")
        .line("help(42)")
        .sees("42 : int");
}

#[test]
fn a_type_is_told_without_running_anything() {
    let (_sandbox, mut terminal) = router();
    terminal
        .line(":type router(\"fire\")")
        .sees("{urgency: \"low\" | \"high\", reason: str}");
    terminal.line(":type |x: int| x + 1").sees("fn(int) -> int");
    terminal.line(":type fail(\"no\")").sees("never");
    terminal.line(":type 1 + nope").sees("`nope` is not declared");
    terminal.line(":type let x = 1").sees("this is no expression");
    terminal.line(":usage").sees("all models: 0 calls");
}

#[test]
fn a_prompt_is_shown_and_not_sent() {
    let (_sandbox, mut terminal) = router();
    terminal
        .line(":prompt router(\"fire!\")")
        .sees("── system")
        .sees("Classify it.")
        .sees("── user")
        .sees("fire!");
    terminal.line(":usage").sees("all models: 0 calls");
    terminal.line(":prompt upper(\"x\")").sees("this calls no model");
}

#[test]
fn history_and_usage_tell_of_the_calls() {
    let (_sandbox, mut terminal) = router();
    terminal.line(":history").sees("no call of a model was answered yet");
    terminal.line("router(\"first fire\").reason").sees("\"it burns\"");
    terminal.line("router(\"second fire\").reason").sees("\"it burns\"");
    terminal.line(":history 2").sees("first fire").sees("second fire");
    terminal.line(":usage").sees("dummy: 2 calls");
}

#[test]
fn a_script_is_loaded_and_loaded_again() {
    let sandbox = Sandbox::new();
    sandbox.put("part.dsp", "fn one() -> int { 1 }");
    sandbox.put(
        "all.dsp",
        "import \"part.dsp\" (one)\nlet base = 40\nfn sum() -> int { base + one() }",
    );
    let mut terminal = Terminal::new(&sandbox, &[]);
    terminal.line(":reload").sees("nothing was loaded yet");
    terminal
        .line(":load all.dsp")
        .line("let kept = 5")
        .line("sum()")
        .sees("41 : int");
    sandbox.put("part.dsp", "fn one() -> int { 2 }");
    terminal.line(":reload").line("sum()").sees("42 : int");
    sandbox.put("part.dsp", "fn one() -> int { nope }");
    terminal.line(":reload").sees("`nope` is not declared");
    terminal.line("sum() + kept").sees("47 : int");
    terminal.line(":load gone.dsp").sees("gone.dsp");
}

#[test]
fn a_session_is_saved_as_a_script_that_runs() {
    let (sandbox, mut terminal) = router();
    terminal.line("6 * 7").sees("42 : int");
    terminal.line("let answer = _").line("nope").sees("error");
    terminal.line("fn show(x: int) { print(\"first\", x) }");
    terminal.line("fn show(x: int) { print(\"now\", x) }");
    terminal.line("show(answer)").sees("now 42\r\n");
    terminal.line("router(\"fire\").urgency").sees("\"high\"");
    terminal.line("print(_)").sees("high\r\n");
    terminal.line(":save saved.dsp").sees("saved as `saved.dsp`");
    terminal.line(":save s.dsp").sees("`s.dsp` is there already");
    terminal.line(":quit").ends();
    sandbox.run(&["run", "saved.dsp"]).prints("now 42\nhigh\n");
}

#[test]
fn a_model_is_chosen_over_the_one_of_the_command_line() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::new(&sandbox, &["--lm", "openai/one"]);
    terminal.line("Predict(\"a -> b\")(\"x\")").sees("OPENAI_API_KEY");
    terminal
        .line(":lm nobody/two")
        .line("Predict(\"a -> b\")(\"x\")")
        .sees("nobody");
    terminal.line("configure(lm: DummyLM([{b: \"three\"}]))");
    terminal.line("Predict(\"a -> b\")(\"x\").b").sees("\"three\"");
}

#[test]
fn settings_are_set() {
    let (_sandbox, mut terminal) = router();
    terminal.line(":prompt router(\"fire\")").sees("[[ ## urgency ## ]]");
    terminal
        .line(":set adapter nonsense")
        .sees("there is no adapter `nonsense`");
    terminal
        .line("configure(adapter: \"chat\")")
        .line(":prompt router(\"fire\")")
        .sees("[[ ## urgency ## ]]");
    terminal.line(":set temprature 1").sees("did you mean `temperature`?");
    terminal.line(":set max_tokens").sees("write `:set");
    terminal
        .line("let cheap = DummyLM([{b: \"bee\"}])")
        .line(":set lm cheap");
    terminal.line("Predict(\"a -> b\")(\"x\").b").sees("\"bee\"");
    terminal
        .line(":set lm nobody/two")
        .line("Predict(\"a -> b\")(\"x\")")
        .sees("nobody");
}

#[test]
fn clear_forgets_all_lines() {
    let (_sandbox, mut terminal) = router();
    terminal.line("let mine = 1").line("let router = 2").line(":clear");
    terminal.line("mine").sees("`mine` is not declared");
    terminal.line("router").sees("<Router> : Router");
}

#[test]
fn quit_leaves() {
    let (_sandbox, mut terminal) = router();
    terminal.line(":quit").ends();
}
