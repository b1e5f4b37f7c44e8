//! Modules whose model writes code: what they ask, and what the code may do.

use dsp::host::fake::FakeHost;

use super::run::{printed, script};

#[test]
fn a_program_that_fails_is_mended_and_its_output_is_read() {
    let text = r#"
let say = DummyLM([
  {reasoning: "r", generated_code: "```dsp\n1 / 0\n```"},
  {reasoning: "r", generated_code: "print(\"so\")\nlet y = 6 * 7"},
  {reasoning: "r", answer: 42},
])
with (lm: say) { print(ProgramOfThought("question -> answer: int")("6*7?")) }
inspect_history(2)
print(usage().calls)
print([p.path for p in predictors(ProgramOfThought("q -> a"))])
"#;
    let out = printed(text);
    assert!(out.starts_with("{reasoning: \"r\", answer: 42}\n"), "{out}");
    let asked = "[[ ## previous_code ## ]]\n1 / 0\n\n[[ ## error ## ]]\nerror[value]: division by zero";
    assert!(out.contains(asked), "{out}");
    let read = "[[ ## final_generated_code ## ]]\nprint(\"so\")\nlet y = 6 * 7\ny\n\n[[ ## code_output ## ]]\nso\n42\n";
    assert!(out.contains(read), "{out}");
    let tail = "3\n[\"code_generate.predict\", \"code_regenerate.predict\", \"generate_output.predict\"]\n";
    assert!(out.ends_with(tail), "{out}");
}

#[test]
fn after_as_many_attempts_as_allowed_it_fails_with_the_last_error() {
    let text = r#"
let say = DummyLM(|messages| {reasoning: "r", generated_code: "nonsense("})
try { with (lm: say) { ProgramOfThought("q -> a", max_iters: 2)("?") } } catch e { print(e.kind, usage().calls, "at attempt 2, the last" in e.message) }
"#;
    assert_eq!(printed(text), "user 2 true\n");
}

/// What a step of an agent that writes this code comes to.
fn seen(code: &str) -> String {
    let host = FakeHost::new();
    host.put("/work/secret.txt", "secret");
    host.set_env("SECRET", "secret");
    let text = format!(
        r#"
fn size(word: str, times: int = 1) -> {{n: int}} {{
  if word == "" {{ fail("no word") }}
  print("called")
  {{n: len(word) * times}}
}}
let say = DummyLM([{{generated_code: {code:?}, finished: true}}, {{reasoning: "r", answer: "x"}}])
with (lm: say) {{
  let t = CodeAct("question -> answer", [size])("?").trajectory
  print(get(t, "code_output_0") ?? t["observation_0"])
}}
"#
    );
    script(&host, &text).unwrap_or_else(|message| panic!("{message}"))
}

#[test]
fn code_calls_the_tools_of_its_program_each_as_often_as_it_says() {
    assert_eq!(
        seen("let a = size(\"abc\")\nsize(\"ab\", times: a.n).n"),
        "called\ncalled\n6\n"
    );
    assert_eq!(seen("[size(w).n for w in [\"a\", \"bb\"]]"), "called\ncalled\n[1, 2]\n");
    let failed = seen("try { size(\"\") } catch e { print(e.message) }");
    assert_eq!(failed, "Execution error in size: no word\n");
    assert!(seen("size(1, 2, 3)").starts_with("Failed to execute the generated code: error[E"));
    assert!(seen("for i in 0..101 { size(\"a\") }").ends_with("calls its functions more than 100 times\n"));
}

#[test]
fn code_sees_no_file_no_environment_no_network_and_no_model() {
    for code in [
        "read_text(\"/work/secret.txt\")",
        "write_text(\"x.txt\", \"y\")",
        "dataset(join([\"secret\", \"txt\"], \".\"))",
        "import \"secret.txt\" as s\ns",
        "http_get(\"http://fake.test\")",
        "Predict(\"q -> a\")(\"?\").a",
        "with (lm: LM(\"openai/x\", api_base: \"http://fake.test/v1\")) { Predict(\"q -> a\")(\"?\").a }",
        "save(Predict(\"q -> a\"), \"x.json\")",
        "with (lm: DummyLM(|m| {reasoning: \"r\", generated_code: \"1\"})) { ProgramOfThought(\"q -> a\")(\"?\").a }",
    ] {
        let said = seen(code);
        assert!(
            said.starts_with("Failed to execute the generated code: error["),
            "{code}: {said}"
        );
        assert!(
            !said.contains("secret\n") && !said.contains("= \"secret\""),
            "{code}: {said}"
        );
    }
    assert_eq!(seen("print(env(\"SECRET\"), args(), now())"), "none [] 0.0\n");
}

#[test]
fn code_that_uses_too_much_is_ended() {
    let endless = seen("while true { 1 + 1 }");
    assert!(endless.contains("more than 5000000 steps"), "{endless}");
    let large = seen("var xs = [1]\nwhile true { xs = xs + xs }");
    assert!(
        large.contains("error[value]") || large.contains("error[budget]"),
        "{large}"
    );
    let deep = seen("fn f(n: int) -> int { f(n + 1) }\nf(0)");
    assert!(deep.contains("error["), "{deep}");
    let asleep = seen("sleep(60)");
    assert!(asleep.contains("longer than the limit of 5 s"), "{asleep}");
    let loud = seen("for i in 0..100000 { print(\"0123456789\") }");
    assert!(loud.len() < 21_000, "{}", loud.len());
}

#[test]
fn an_agent_that_writes_code_goes_on_until_it_has_finished() {
    let text = r#"
let say = DummyLM([
  {generated_code: "1 + 1", finished: false},
  {generated_code: "nonsense", finished: false},
  {generated_code: "let x = 3", finished: true},
  {reasoning: "r", answer: "3"},
])
with (lm: say) {
  let p = CodeAct("question -> answer", [])("?")
  print(keys(p.trajectory), p.trajectory["code_output_2"], p.answer)
}
print([p.path for p in predictors(CodeAct("q -> a", []))])
try { CodeAct("q -> a", [|x: int| x], language: "python") } catch e { print(e.kind) }
"#;
    assert_eq!(
        printed(text),
        "[\"generated_code_0\", \"code_output_0\", \"generated_code_1\", \"observation_1\", \"generated_code_2\", \
         \"code_output_2\"] 3 3\n[\"codeact\", \"extractor.predict\"]\nvalue\n"
    );
}

#[test]
fn an_agent_may_use_several_tools_at_once() {
    let text = r#"
fn slow(word: str) -> int {
  sleep(1)
  len(word)
}
fn other(n: int) -> int { fail("broken") }
let say = DummyLM([
  {next_thought: "t", next_tool_calls: [{name: "slow", args: {"word": "abc"}}, {name: "slow", args: {"word": "x"}}, {name: "other", args: {"n": 1}}]},
  {next_thought: "t", next_tool_calls: [{name: "finish", args: {}}]},
  {reasoning: "r", answer: "4"},
])
let before = now()
with (lm: say) { print(ReAct("question -> answer", [slow, other], parallel: true)("?").trajectory["observations_0"]) }
print(round(now() - before), usage().calls)
"#;
    assert_eq!(printed(text), "[3, 1, \"Execution error in other: broken\"]\n1 3\n");
}
