//! `stream(f)`: parts in program order, whatever speaks; and nothing else changes.

use super::world::{printed, run};

const MODELS: &str = "configure(lm: DummyLM(|messages| \"[[ ## answer ## ]]\\nParis\\n\\n[[ ## score ## ]]\\n0.5\"))\n\
                      module M {\n  a = Predict(\"q -> answer, score: float\")\n  b = [Predict(\"q -> answer, score: float\")]\n\
                      forward(q: str) -> str {\n    let x = a(q)\n    let y = b[0](q)\n    x.answer + y.answer\n  }\n}\n";

#[test]
fn an_answer_that_is_there_is_one_part_for_each_field() {
    let script =
        format!("{MODELS}let m = M()\nfor part in stream(|| m(\"?\")) {{ print(part.path, part.field, part.delta) }}");
    assert_eq!(
        printed(&script),
        "a answer Paris\na score 0.5\nb[0] answer Paris\nb[0] score 0.5\n"
    );
}

#[test]
fn a_record_of_a_scripted_model_is_parts_too() {
    let script = "configure(lm: DummyLM([{answer: \"A\", n: 3}]))\n\
                  print(stream(|| Predict(\"q -> answer, n: int\")(\"?\")))";
    assert_eq!(
        printed(script),
        "[{path: \"self\", field: \"answer\", delta: \"A\"}, {path: \"self\", field: \"n\", delta: \"3\"}]\n"
    );
}

#[test]
fn a_failure_raises_behind_the_parts_that_were_said() {
    let script = "configure(lm: DummyLM([\"[[ ## answer ## ]]\\nA\"]), max_retries: 0)\n\
                  let e = try { for part in stream(|| Predict(\"q -> answer, n: int\")(\"?\")) { print(part.delta) }\nnone } catch e { e }\n\
                  print(e?.kind)";
    assert_eq!(printed(script), "A\nparse\n");
}

#[test]
fn what_an_error_left_of_a_stream_is_known_behind_the_try() {
    let script = format!(
        "{MODELS}let m = M()\n\
         try {{ for part in stream(|| {{ print(\"inside\")\n m(\"?\")\n fail(\"late\") }}) {{ print(part.path) }} }} catch e {{ print(e.message) }}\n\
         print(usage().calls)\n\
         try {{ for part in stream(|| m(\"?\")) {{ fail(\"in the loop\") }} }} catch e {{ print(e.message) }}\nprint(usage().calls)"
    );
    assert_eq!(printed(&script), "a\na\nb[0]\nb[0]\ninside\nlate\n2\nin the loop\n4\n");
}

#[test]
fn what_the_function_prints_comes_behind_the_loop_and_what_follows_sees_its_calls() {
    let script = format!(
        "{MODELS}let m = M()\nfor part in stream(|| {{ print(\"inside\")\n m(\"?\") }}) {{ print(part.field) }}\nprint(\"behind\", usage().calls)\n\
         for part in stream(|| m(\"?\")) {{ break }}\nprint(usage().calls)\n\
         let parts = stream(|| {{ print(\"first\")\n m(\"?\") }})\nprint(len(parts), usage().calls)"
    );
    assert_eq!(
        printed(&script),
        "answer\nscore\nanswer\nscore\ninside\nbehind 2\n4\nfirst\n4 6\n"
    );
}

#[test]
fn streams_inside_of_streams_and_comprehensions_keep_their_order() {
    let script = format!(
        "{MODELS}let m = M()\nlet texts = [join([part.path for part in stream(|| m(q))], \" \") for q in [\"x\", \"y\"]]\nprint(texts)\n\
         for part in stream(|| {{ let inner = len(stream(|| m(\"?\")))\n Predict(\"q -> answer, score: float\")(str(inner)) }}) {{ print(part.path) }}"
    );
    assert_eq!(
        printed(&script),
        "[\"a a b[0] b[0]\", \"a a b[0] b[0]\"]\na\na\nb[0]\nb[0]\nself\nself\n"
    );
}

#[test]
fn calls_that_overlap_are_told_in_program_order() {
    // The fake model answers `q!` after a while; the first call waits for one more than the second.
    let script = "module M {\n  slow = Predict(\"question -> answer\")\n  fast = Predict(\"question -> answer\")\n\
                  forward(q: str) -> list[str] {\n    let x = slow(slow(q).answer)\n    let y = fast(q)\n    [x.answer, y.answer]\n  }\n}\n\
                  let m = M()\nfor part in stream(|| m(\"q\")) { print(part.path, part.delta) }";
    let ran = run(script);
    assert!(ran.outcome.is_ok(), "{:?}", ran.outcome);
    assert_eq!(ran.out, "slow q!\nslow q!!\nfast q!\n");
}
