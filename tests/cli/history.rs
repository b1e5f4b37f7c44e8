//! `dsp history`: the last calls, whichever process made them.

use super::sandbox::Sandbox;

const SCRIPT: &str = "configure(lm: DummyLM(|messages| \"[[ ## answer ## ]]\\nsaid\\n\\n[[ ## completed ## ]]\"))\n\
    let ask = Predict(\"question -> answer\")\n\
    fn main(question: str) { ask(question: question).answer }\n";

fn asked(questions: &[&str]) -> Sandbox {
    let sandbox = Sandbox::with(SCRIPT);
    for question in questions {
        sandbox.run(&["run", "s.dsp", "--question", question]).prints("said\n");
    }
    sandbox
}

#[test]
fn calls_of_earlier_processes_are_shown_in_dspys_layout_the_last_one_last() {
    let sandbox = asked(&["first?", "second?", "third?"]);
    let ran = sandbox.run(&["history", "-n", "2"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(!ran.out.contains("first?"), "{}", ran.out);
    assert!(ran.out.find("second?").unwrap() < ran.out.find("third?").unwrap());
    assert!(ran.out.starts_with("\n\n\n\n["), "{}", ran.out);
    for part in [
        "]\n\nSystem message:\n\nYour input fields are:\n",
        "\n\nUser message:\n\n[[ ## question ## ]]\nsecond?\n",
        "\n\nResponse:\n\n[[ ## answer ## ]]\nsaid\n",
    ] {
        assert!(ran.out.contains(part), "`{part}` is not in {}", ran.out);
    }
    assert!(ran.out.ends_with("\n\n\n\n\n"), "{:?}", ran.out);
}

#[test]
fn as_json_each_call_is_an_object() {
    let ran = asked(&["first?", "second?"]).run(&["history", "--json"]);
    let calls: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(calls.as_array().unwrap().len(), 2);
    assert_eq!(calls[0]["messages"][0]["role"], "system");
    assert!(calls[1]["messages"][1]["content"].as_str().unwrap().contains("second?"));
    assert!(calls[1]["outputs"][0].as_str().unwrap().contains("said"));
    assert_eq!(calls[1]["cached"], false);
}

#[test]
fn a_history_without_calls_says_so() {
    let sandbox = Sandbox::with("print(1)");
    sandbox.run(&["run", "s.dsp"]).prints("1\n");
    let ran = sandbox.run(&["history"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("no call"), "{}", ran.err);
    sandbox.run(&["history", "--json"]).prints("[]\n");
}

#[test]
fn calls_before_a_failure_are_kept_and_no_key_is() {
    let server = super::server::Server::saying(
        std::time::Duration::ZERO,
        "[[ ## answer ## ]]\nfine\n\n[[ ## completed ## ]]",
    );
    let script = format!(
        "configure(lm: LM(\"openai/m\", api_base: \"{}\"))\nprint(Predict(\"question -> answer\")(question: \"x\").answer)\nfail(\"no\")",
        server.base
    );
    let sandbox = Sandbox::with(&script);
    let mut command = sandbox.command();
    command.args(["run", "s.dsp"]).env("OPENAI_API_KEY", "sk-very-secret");
    super::sandbox::finish(&mut command).fails(1, &["no"]);
    assert!(sandbox.run(&["history"]).out.contains("fine"));
    for entry in std::fs::read_dir(sandbox.path().join(".cache")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let key = b"sk-very-secret";
        assert!(!bytes.windows(key.len()).any(|window| window == key));
    }
}
