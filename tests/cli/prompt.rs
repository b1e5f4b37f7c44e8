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
        .fails(2, &["did you mean `Router`?"]);
    sandbox
        .run(&["prompt", "s.dsp", "router.clasify"])
        .fails(2, &["did you mean `classify`?"]);
}

#[test]
fn a_compiled_program_shows_its_demos() {
    let script = "configure(lm: DummyLM([]))\n\
        let rows = [{q: \"one\", a: \"1\"}, {q: \"two\", a: \"2\"}]\n\
        let taught = compile(ChainOfThought(\"q -> a\"), trainset: rows, optimizer: LabeledFewShot(k: 2))\n";
    let ran = Sandbox::with(script).run(&["prompt", "s.dsp", "taught.predict", "--q", "three"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("[[ ## a ## ]]\n2"), "{}", ran.out);
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

#[test]
fn behind_the_program_its_inputs_come_first_then_dsps_options() {
    let sandbox = Sandbox::with(SCRIPT);
    let ran = sandbox.run(&[
        "prompt", "s.dsp", "router", "--json", "--body", "b", "--lm", "openai/x", "--color", "never",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("[\n"), "{}", ran.out);
    sandbox
        .run(&["prompt", "s.dsp", "router", "--body", "b", "--nope"])
        .fails(2, &["`--nope`"]);
    sandbox
        .run(&["prompt", "s.dsp", "router", "--boddy", "b"])
        .fails(2, &["did you mean `--body`?"]);
    sandbox.put("lm.dsp", "let p = Predict(\"lm, color -> x\")");
    let ran = sandbox.run(&["prompt", "lm.dsp", "p", "--lm", "the input", "--color", "blue"]);
    assert!(
        ran.out.contains("[[ ## lm ## ]]\nthe input") && ran.out.contains("[[ ## color ## ]]\nblue"),
        "{ran:?}"
    );
}

#[test]
fn permissions_behind_the_program_hold_for_its_lets() {
    let outside = Sandbox::new();
    let note = outside.put("note.txt", "from outside");
    let script = format!(
        "let note = read_text({:?})\nlet p = with_instructions(Predict(\"a -> b\"), \"self\", note)\n",
        note.display().to_string()
    );
    let sandbox = Sandbox::with(&script);
    sandbox
        .run(&["prompt", "s.dsp", "p", "--a", "x"])
        .fails(1, &["permission", "--allow-read"]);
    let folder = outside.path().display().to_string();
    let ran = sandbox.run(&["prompt", "s.dsp", "p", "--a", "x", "--allow-read", &folder]);
    assert!(ran.out.contains("from outside"), "{ran:?}");
}

#[test]
fn what_is_written_out_wins_over_the_file_of_inputs() {
    let sandbox = Sandbox::with(SCRIPT);
    sandbox.put("in.json", "{\"body\": \"from the file\", \"hint\": \"filed\"}");
    let ran = sandbox.run(&[
        "prompt",
        "s.dsp",
        "router",
        "--inputs",
        "in.json",
        "--body",
        "written out",
    ]);
    assert!(
        ran.out.contains("written out") && ran.out.contains("filed") && !ran.out.contains("from the file"),
        "{ran:?}"
    );
}

#[test]
fn nothing_is_sent_even_if_a_let_would() {
    let server = super::server::Server::saying(std::time::Duration::ZERO, "[[ ## b ## ]]\nx");
    let script = format!(
        "configure(lm: LM(\"openai/m\", api_base: \"{}\"))\nlet said = Predict(\"a -> b\")(a: \"x\").b\n\
         let p = with_instructions(Predict(\"a -> b\"), \"self\", said)\n",
        server.base
    );
    Sandbox::with(&script)
        .run(&["prompt", "s.dsp", "p", "--a", "x"])
        .fails(1, &["`dsp prompt` sends nothing"]);
    assert_eq!(server.requests(), 0);
}

#[test]
fn help_behind_the_program_lists_its_inputs() {
    let ran = Sandbox::with(SCRIPT).run(&["prompt", "s.dsp", "router", "--help"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("--body TEXT") && ran.out.contains("--hint TEXT"),
        "{}",
        ran.out
    );
}
