//! `dsp prompt`: the messages, and nothing sent.

use super::sandbox::Sandbox;

const SCRIPT: &str = "configure(lm: LM(\"openai/none\"))\n\
    print(\"never printed\")\n\
    module Router {\n  classify = ChainOfThought(\"body, hint: str -> label\")\n  second = Predict(\"label -> x\")\n\
    forward(body: str, hint: str = \"none\") { second(label: classify(body: body, hint: hint).label) }\n}\n\
    let router = Router()\n";

#[test]
fn a_program_shows_the_messages_of_its_first_calls() {
    let ran = Sandbox::with(SCRIPT).run(&["prompt", "s.dsp", "router", "--body", "the body"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out
            .starts_with("── system\nYour input fields are:\n1. `body` (str):"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("\n── user\n[[ ## body ## ]]\nthe body\n"),
        "{}",
        ran.out
    );
    assert_eq!(
        ran.out.matches("── user").count(),
        1,
        "the second call needs the first one's answer"
    );
    assert!(!ran.out.contains("never printed"));
}

#[test]
fn a_module_and_a_path_in_a_let_are_programs_too() {
    let sandbox = Sandbox::with(SCRIPT);
    assert!(
        sandbox
            .run(&["prompt", "s.dsp", "Router", "--body", "b"])
            .out
            .contains("`body`")
    );
    let ran = sandbox.run(&[
        "prompt",
        "s.dsp",
        "router.classify.predict",
        "--body",
        "b",
        "--hint",
        "h",
    ]);
    assert!(ran.out.contains("[[ ## hint ## ]]\nh"), "{ran:?}");
    sandbox
        .run(&["prompt", "s.dsp", "rooter"])
        .fails(1, &["did you mean `Router`?"]);
    sandbox
        .run(&["prompt", "s.dsp", "router.clasify"])
        .fails(1, &["did you mean `classify`?"]);
}

#[test]
fn inputs_come_from_a_file_and_messages_as_json() {
    let sandbox = Sandbox::with(SCRIPT);
    sandbox.put("in.json", "{\"body\": \"from the file\", \"label\": \"x\"}");
    let ran = sandbox.run(&["prompt", "s.dsp", "router", "--inputs", "in.json", "--json"]);
    let messages: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(messages[0]["role"], "system");
    assert!(messages[1]["content"].as_str().unwrap().contains("from the file"));
    sandbox
        .run(&["prompt", "s.dsp", "router"])
        .fails(2, &["`--body` is missing"]);
}
