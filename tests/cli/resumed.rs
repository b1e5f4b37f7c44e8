//! A search whose process is killed goes on where it was.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::sandbox::Sandbox;
use super::server::{Server, chat_reply};

/// Knows more with some demos than with others, so that candidates score differently.
fn answer(messages: &[Json]) -> String {
    let question = messages.last().unwrap()["content"].as_str().unwrap();
    let number = question.split("\nq").nth(1).unwrap();
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap();
    let number: usize = number[..end].parse().unwrap();
    let known = match (number * 7 + messages.len()) % 5 {
        0 | 1 => "wrong".to_owned(),
        _ => format!("a{number}"),
    };
    format!("[[ ## answer ## ]]\n{known}\n\n[[ ## completed ## ]]")
}

fn script(server: &Server) -> String {
    format!(
        r#"configure(lm: LM("openai/m", api_base: "{}"), cache: false)
let rows = [{{question: f"q{{i}}", answer: f"a{{i}}"}} for i in 0..12]
let search = BootstrapFewShotWithRandomSearch(num_candidate_programs: 4, max_labeled_demos: 6)
let best = compile(Predict("question -> answer"), rows, |row, p| row.answer == p.answer, search)
print(predictors(best)[0].demos)
save(best, "state.json")
"#,
        server.base
    )
}

/// The journal of the only search in a sandbox.
fn journal(sandbox: &Sandbox) -> Option<PathBuf> {
    let files = std::fs::read_dir(sandbox.path().join(".cache/searches")).ok()?;
    files.flatten().map(|file| file.path()).next()
}

fn finished_trials(sandbox: &Sandbox) -> Vec<Json> {
    let text = journal(sandbox).and_then(|path| std::fs::read_to_string(path).ok());
    let text = text.unwrap_or_default();
    let lines = text.lines();
    lines.filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn a_killed_search_ends_with_the_same_program_and_pays_for_no_finished_trial_again() {
    let server = Server::answering(Duration::from_millis(5), answer);
    let whole = Sandbox::with(&script(&server));
    let ran = whole.run(&["run", "s.dsp"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let paid = server.requests();
    assert_eq!(journal(&whole), None, "a search that ended leaves no journal");

    let killed = Sandbox::with(&script(&server));
    let mut command = killed.command();
    command
        .args(["run", "s.dsp"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    while finished_trials(&killed).len() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no trial ended");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let finished = finished_trials(&killed);
    let calls: u64 = finished.iter().map(|trial| trial["calls"].as_u64().unwrap()).sum();
    let torn = journal(&killed).unwrap();
    let text = std::fs::read_to_string(&torn).unwrap();
    std::fs::write(&torn, text + "{\"trial\": \"candidate 9").unwrap();

    let before = server.requests();
    let again = killed.run(&["run", "s.dsp"]);
    again.prints(&ran.out);
    let says = format!("going on behind the {} trials", finished.len());
    assert!(again.err.contains(&says), "{}", again.err);
    assert_eq!((server.requests() - before) as u64, paid as u64 - calls);
    assert_eq!(killed.text("state.json"), whole.text("state.json"));
    assert_eq!(journal(&killed), None);
}

#[test]
fn a_row_that_failed_on_the_way_is_asked_again_by_a_run_that_goes_on() {
    let broken = Arc::new(AtomicBool::new(true));
    let breaks = broken.clone();
    let server = Server::judging(Duration::ZERO, move |request| {
        let request: Json = serde_json::from_slice(request).unwrap();
        let said = answer(request["messages"].as_array().unwrap());
        match breaks.load(Ordering::Relaxed) && said.contains("a3") {
            true => (500, String::new()),
            false => (200, chat_reply(&said)),
        }
    });
    let text = script(&server)
        .replace(", cache: false", ", lm_retries: 0")
        .replace(
            "max_labeled_demos: 6",
            "max_labeled_demos: 6, on_candidate: |c| print(c.seed, c.score)",
        )
        .replace(
            "let best = compile(",
            "let cap = int(env(\"CAP\", \"10000\"))\nlet best = compile(max_calls: cap, ",
        );
    let sandbox = Sandbox::with(&text);
    let mut command = sandbox.command();
    let cut = command.args(["run", "s.dsp"]).env("CAP", "13").output().unwrap();
    let said = String::from_utf8(cut.stderr).unwrap();
    assert!(said.contains("the budget of 13 calls is used up"), "{said}");

    broken.store(false, Ordering::Relaxed);
    let again = sandbox.run(&["run", "s.dsp"]);
    let whole = Sandbox::with(&text);
    whole.run(&["run", "s.dsp"]).prints(&again.out);
    assert_eq!(sandbox.text("state.json"), whole.text("state.json"));
}

/// The latency of the server, in milliseconds: shorter than the cache waits for others to write an answer with, where
/// nothing is held for it.
const LATENCY: u64 = 3;
/// As many requests are in flight at most.
const IN_FLIGHT: usize = 16;

/// A search of 31 trials whose answers are kept, as they are by default.
fn long_script(server: &Server) -> String {
    let text = script(server).replace(", cache: false", "");
    text.replace("num_candidate_programs: 4", "num_candidate_programs: 28")
}

#[test]
fn a_search_killed_behind_any_of_its_trials_ends_the_same_and_repeats_only_what_was_in_flight() {
    let fresh = || Server::answering(Duration::from_millis(LATENCY), answer);
    let server = fresh();
    let whole = Sandbox::with(&long_script(&server));
    let ran = whole.run(&["run", "s.dsp"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let (paid, state) = (server.requests(), whole.text("state.json"));

    let mut stopped = 0;
    for k in 1..=30 {
        let server = fresh();
        let killed = Sandbox::with(&long_script(&server));
        let mut command = killed.command();
        command
            .args(["run", "s.dsp"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let begun = Instant::now();
        while finished_trials(&killed).len() < k && child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "trial {k} did not end");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        stopped += usize::from(journal(&killed).is_some());

        let again = killed.run(&["run", "s.dsp"]);
        assert_eq!(
            (again.code, &again.out),
            (0, &ran.out),
            "after {k} trials: {}",
            again.err
        );
        assert_eq!(killed.text("state.json"), state, "after {k} trials");
        let repeated = server.requests() as i64 - paid as i64;
        assert!(
            (0..=IN_FLIGHT as i64).contains(&repeated),
            "after {k} trials {repeated} calls were repeated"
        );
    }
    // The last trials of a run may end before the kill arrives.
    assert!(stopped >= 25, "only {stopped} runs were stopped in the middle");
}
