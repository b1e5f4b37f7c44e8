//! The default model itself. Its tests are skipped where the weights are not in the user's cache folder: `dsp` puts
//! them there when `local` is first used.

use std::io::Write;
use std::sync::Arc;

use dsp::chat::{Message, Mode, Reply, Request, Role};
use dsp::host::{Host, Permissions, RealHost};
use dsp::lm::local::{Local, weights};
use futures_util::future::join_all;
use serde::Deserialize;

/// What llama.cpp made of a prompt; `record.py` makes the file.
#[derive(Deserialize)]
struct Golden {
    mode: Mode,
    messages: Vec<Message>,
    prompt: Vec<u32>,
    text: String,
    /// How far each token's score was above the next best one's.
    margins: Vec<f64>,
}

/// The model, if it can be run.
fn model(cases: usize) -> Option<Local> {
    let host: Arc<dyn Host> = Arc::new(RealHost::new(Permissions::default()));
    let trouble = match (weights::is_present(host.as_ref()), cfg!(debug_assertions)) {
        (true, false) => return Some(Local::new(host)),
        (true, true) => "this build is not optimised (`--release`)",
        (false, _) => "the weights of `local` are not in the cache folder",
    };
    note(&format!("skipped {cases} cases of the real model: {trouble}"));
    None
}

/// Said aloud: what the test macros print is hidden when the test passes.
fn note(words: &str) {
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

/// llama.cpp rounds activations to 8 bits and dsp does not, so where two tokens are nearly as likely as each other
/// either may come first. Up to the first such place the two must agree.
#[test]
fn replies_are_those_of_llama_cpp() {
    const NEAR: f64 = 0.2;
    let goldens: Vec<Golden> = serde_json::from_str(include_str!("goldens.json")).unwrap();
    let Some(local) = model(goldens.len()) else { return };
    let (mut firsts, mut tokens) = (Vec::new(), 0);
    for golden in &goldens {
        let sure = golden.margins.iter().take_while(|margin| **margin >= NEAR).count();
        let request = |limit: usize| Request {
            mode: golden.mode,
            max_tokens: Some(limit as u32),
            ..Request::new("local", golden.messages.clone())
        };
        let reply = answers(&local, vec![request(sure.max(1))]).remove(0);
        assert_eq!(
            reply.usage.prompt_tokens,
            golden.prompt.len() as u64,
            "{:?}",
            golden.messages
        );
        if sure > 0 {
            assert!(
                golden.text.starts_with(&reply.text),
                "{:?} is not the start of {:?}",
                reply.text,
                golden.text
            );
            let first = answers(&local, vec![request(1)]).remove(0).text;
            firsts.push(first);
            tokens += sure;
        }
    }
    firsts.sort();
    firsts.dedup();
    note(&format!(
        "{} prompts, {tokens} tokens as llama.cpp has them, {} first ones",
        goldens.len(),
        firsts.len()
    ));
    assert!(firsts.len() >= 6, "{firsts:?}");
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
