//! Programs as values: their predictors, changed copies, traces, files.

use dsp::host::fake::FakeHost;

use super::run::{printed, script};

#[test]
fn predictors_have_dspys_paths() {
    let text = r#"
module Inner { step = ChainOfThought("a -> b")
  forward(a: str) { step(a) } }
module Hop(tools: dict[str, program]) {
  generate_query = [ChainOfThought("context, question -> query") for i in 0..2]
  inner = Inner()
  answer = Predict("context, question -> answer")
  forward(question: str) { answer("", question) }
}
let hop = Hop({"sum": Predict("text -> summary")})
print([p.path for p in predictors(hop)])
print([p.path for p in predictors(Predict("a -> b"))])
print(predictors(ChainOfThought("a -> b"))[0].signature.instructions)
print([f.name for f in predictors(ChainOfThought("a -> b"))[0].signature.outputs])
"#;
    assert_eq!(
        printed(text),
        "[\"tools['sum']\", \"generate_query[0].predict\", \"generate_query[1].predict\", \"inner.step.predict\", \"answer\"]\n\
         [\"self\"]\nGiven the fields `a`, produce the fields `b`.\n[\"reasoning\", \"b\"]\n"
    );
}

#[test]
fn changed_copies_leave_the_program_alone() {
    let text = r#"
let p = ChainOfThought("a -> b")
let q = p.with_demos("predict", [{a: "1", b: "2"}]).with_instructions("*", "Be brief.")
print(len(predictors(p)[0].demos), len(predictors(q)[0].demos), predictors(q)[0].signature.instructions, p == q)
try { with_demos(p, "predct", []) } catch e { print(e.kind, e.message) }
"#;
    assert_eq!(
        printed(text),
        "0 1 Be brief. false\nkey the program has no predictor `predct` (did you mean `predict`?)\n"
    );
}

#[test]
fn a_trace_tells_the_calls_in_program_order() {
    let text = r#"
module Two {
  gen = Predict("question -> draft")
  ans = Predict("question, draft -> answer")
  forward(question: str) { ans(question, gen(question).draft) }
}
with (lm: DummyLM([{draft: "d"}, {answer: "a"}])) {
  let t = trace(Two(), {question: "q", label: "x"})
  print(t.prediction, t.error)
  for call in t.calls { print(call) }
}
let t = trace(|x| fail("no"), {x: 1})
print(t.prediction, t.error?.message, t.calls)
"#;
    assert_eq!(
        printed(text),
        "{answer: \"a\"} none\n\
         {path: \"gen\", inputs: {question: \"q\"}, outputs: {draft: \"d\"}}\n\
         {path: \"ans\", inputs: {question: \"q\", draft: \"d\"}, outputs: {answer: \"a\"}}\n\
         none no []\n"
    );
}

#[test]
fn what_is_saved_is_loaded() {
    let host = FakeHost::new();
    let text = r#"
let p = with_demos(ChainOfThought("question -> answer"), "*", [{question: "1+1", answer: "2"}])
save(p, "p.json")
let q = load(ChainOfThought("question -> answer"), "p.json")
print(p == q, predictors(q)[0].demos)
for other in [ChainOfThought("question -> result"), Predict("question -> answer")] {
  let o: program = other
  try { print(load(o, "p.json")) } catch e { print(e.kind, e.field) }
}
try { print(load(p, "none.json")) } catch e { print(e.kind, e.message) }
"#;
    let out = script(&host, text).unwrap();
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some("true [{question: \"1+1\", answer: \"2\"}]"));
    assert_eq!(lines.next(), Some("state result"));
    assert!(lines.next().unwrap().starts_with("state "));
    assert_eq!(lines.next(), Some("io no file `none.json`"));
    assert!(host.text("/work/p.json").unwrap().contains("\"signatures\""));
}

#[test]
fn an_optimizer_of_ones_own_is_a_function() {
    let text = r#"
let rows = [{a: "1", b: "2"}]
let p = Predict("a -> b")
let q = compile(p, rows, optimizer: |program, trainset, metric| with_demos(program, "*", trainset))
print(predictors(q)[0].demos)
try { print(compile(p, rows, optimizer: |program, trainset, metric| 3)) } catch e { print(e.kind, e.message) }
try { print(compile(p, rows, optimizer: LabeledFewShot)) } catch e { print(e.kind, e.message) }
try { print(compile(p, [], optimizer: LabeledFewShot())) } catch e { print(e.kind, e.message) }
try { print(compile(p, rows, optimizer: BootstrapFewShotWithRandomSearch())) } catch e { print(e.kind, e.message) }
"#;
    let out = printed(text);
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some("[{a: \"1\", b: \"2\"}]"));
    assert_eq!(
        lines.next(),
        Some("type the optimizer returned 3, not a program of the module that it was given")
    );
    assert!(
        lines.next().unwrap().starts_with("type an optimizer takes a job"),
        "{out}"
    );
    assert!(
        lines.next().unwrap().starts_with("value the trainset is empty"),
        "{out}"
    );
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("value `BootstrapFewShotWithRandomSearch` needs a metric"),
        "{out}"
    );
}
