//! Real models: the default one, and those of the table that are there. Tests are skipped where the weights are not in
//! the user's cache folder, where `dsp models pull NAME` puts them, nor in the folder `DSP_TEST_MODELS`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use dsp::chat::{Message, Mode, Reply, Request, Role, Slot};
use dsp::host::{Host, Permissions, RealHost};
use dsp::lm::local::{Local, weights};
use futures_util::future::join_all;
use serde::Deserialize;

/// What llama.cpp made of a prompt; `record.py` makes the files.
#[derive(Deserialize)]
struct Golden {
    mode: Mode,
    messages: Vec<Message>,
    prompt: Vec<u32>,
    /// For each step the likeliest tokens: number, text, logarithm of the probability.
    top: Vec<Vec<(u32, String, f64)>>,
    /// Texts that are one token each, and how likely they were at the first step.
    options: Vec<(String, f64)>,
}

/// The default model, if it can be run.
fn model(cases: usize) -> Option<Local> {
    let host = host();
    let there = weights::is_present(host.as_ref());
    runnable("local", there, cases).then(|| Local::new(host))
}

fn host() -> Arc<dyn Host> {
    Arc::new(RealHost::new(Permissions::all()))
}

pub fn runnable(name: &str, there: bool, cases: usize) -> bool {
    let trouble = match (there, cfg!(debug_assertions)) {
        (true, false) => return true,
        (true, true) => "this build is not optimised (`--release`)",
        (false, _) => "its weights are not there",
    };
    note(&format!("skipped {cases} cases of the model `{name}`: {trouble}"));
    false
}

/// The file of a model in the folder for tests.
fn file(name: &str) -> PathBuf {
    let folder = std::env::var_os("DSP_TEST_MODELS").map(PathBuf::from);
    let cache = || weights::path(host().as_ref()).unwrap().parent().unwrap().to_owned();
    folder.unwrap_or_else(cache).join(format!("{name}.gguf"))
}

/// Said aloud: what the test macros print is hidden when the test passes.
pub fn note(words: &str) {
    let line = format!("{words}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

#[tokio::main(flavor = "current_thread")]
async fn answers(local: &Local, requests: Vec<Request>) -> Vec<Reply> {
    let replies = join_all(requests.into_iter().map(|request| local.complete(request))).await;
    replies.into_iter().map(Result::unwrap).collect()
}

fn completion(text: &str, limit: u32) -> Request {
    Request {
        mode: Mode::Completion,
        max_tokens: Some(limit),
        ..Request::new("local", vec![Message::new(Role::User, text)])
    }
}

/// By how much llama.cpp itself must find a token likelier than the next one for its choice to be held against dsp's, in the
/// logarithm of the probability: `record.py` has the rule, and keeps no prompt whose first token is not that clear.
const CLEAR: f64 = 0.5;

/// A text without the character that is cut off at its end, which dsp does not show.
fn whole(text: &str) -> String {
    text.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned()
}

/// Holds every prompt against what llama.cpp made of it: the number of its tokens, the first token, those that follow as
/// long as each is clear, and how likely the likeliest first ones are, at most `apart` from llama.cpp's.
fn agrees(model: &str, goldens: &str, local: &Local, apart: f64) {
    let goldens: Vec<Golden> = serde_json::from_str(goldens).unwrap();
    let (mut wrong, mut tokens, mut compared) = (Vec::new(), 0, 0);
    let (mut furthest, mut sum) = (0f64, 0f64);
    for golden in &goldens {
        let clear = golden.top.iter().take_while(|step| step[0].2 - step[1].2 >= CLEAR);
        let said: Vec<&str> = clear.map(|step| step[0].1.as_str()).collect();
        assert!(!said.is_empty(), "{:?} has no clear first token", golden.messages);
        let request = |limit: usize| Request {
            mode: golden.mode,
            max_tokens: Some(limit as u32),
            ..Request::new(model, golden.messages.clone())
        };
        let scored = Request {
            form: vec![Slot::Choice {
                field: "next".to_owned(),
                options: golden.options.iter().map(|(text, _)| text.clone()).collect(),
                prior: Vec::new(),
            }],
            ..request(1)
        };
        let scored = (!golden.options.is_empty()).then_some(scored);
        let written = [request(1), request(said.len())];
        let replies = answers(local, written.into_iter().chain(scored).collect());
        assert_eq!(
            replies[0].usage.prompt_tokens,
            golden.prompt.len() as u64,
            "{:?}",
            golden.messages
        );
        for (reply, right) in replies.iter().zip([&said[..1], &said]) {
            if reply.text != whole(&right.concat()) {
                wrong.push((&golden.messages, reply.text.clone(), right.concat()));
            }
        }
        let scores = replies
            .get(2)
            .map(|reply| reply.scores[0].1.as_slice())
            .unwrap_or_default();
        for ((text, score), (option, found)) in scores.iter().zip(&golden.options) {
            assert_eq!(text, option.trim());
            furthest = furthest.max((score - found).abs());
            sum += (score - found).abs();
            compared += 1;
        }
        tokens += said.len();
    }
    note(&format!(
        "{model}: the first token of {} prompts, {tokens} tokens in all; {compared} log-probabilities, {:.3} apart on average \
         and {furthest:.3} at most",
        goldens.len(),
        sum / f64::from(compared)
    ));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(goldens.len() >= 30 && compared >= 200, "{compared}");
    assert!(furthest < apart, "{furthest}");
}

#[test]
fn replies_are_those_of_llama_cpp() {
    let Some(local) = model(48) else { return };
    agrees("local", include_str!("goldens/smollm2-135m.json"), &local, 0.8);
}

#[test]
fn replies_of_qwen2_are_those_of_llama_cpp() {
    let models = [
        (
            "qwen2.5-coder-0.5b",
            55,
            include_str!("goldens/qwen2.5-coder-0.5b.json"),
        ),
        (
            "qwen2.5-coder-1.5b",
            57,
            include_str!("goldens/qwen2.5-coder-1.5b.json"),
        ),
    ];
    for (name, cases, goldens) in models {
        let file = file(name);
        if runnable(name, file.exists(), cases) {
            let model = format!("local/{}", file.display());
            agrees(&model, goldens, &Local::new(host()), 0.5);
        }
    }
}

#[test]
fn a_kept_beginning_and_company_change_no_reply_of_the_real_model() {
    let demos = "Sentence: All human beings are born free.\nLanguage: english\n\n".repeat(5);
    let sentences = [
        "Nadie será sometido a esclavitud.",
        "Everyone has the right to life.",
        "Tout individu a droit à la vie.",
    ];
    let requests = || -> Vec<Request> {
        let prompt = |sentence: &&str| completion(&format!("{demos}Sentence: {sentence}\nLanguage:"), 6);
        sentences.iter().map(prompt).collect()
    };
    let Some(local) = model(sentences.len()) else { return };
    let together = answers(&local, requests());
    for (request, right) in requests().into_iter().zip(&together) {
        // With a beginning kept, and by an engine that has read nothing yet.
        assert_eq!(answers(&local, vec![request.clone()])[0], *right);
        let fresh = model(1).unwrap();
        assert_eq!(answers(&fresh, vec![request])[0], *right);
    }
}
