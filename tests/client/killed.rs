//! What is left in the cache when a process is killed.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dsp::host::{Host, Permissions, RealHost};

use super::server::{Deed, Server};

/// The process is killed while it waits for an answer: those before are on the disk, though it never came to its end.
#[test]
fn a_process_that_is_killed_leaves_its_answers_in_the_cache() {
    const ANSWERED: usize = 40;
    let server = Server::start(|n, _| {
        let deed = Deed::says("[[ ## answer ## ]]\nfine");
        match n < ANSWERED {
            true => deed,
            // Longer than the test takes.
            false => deed.after(Duration::from_secs(600)),
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script.dsp");
    let text = format!(
        "configure(lm: LM(\"openai/test\", api_base: {:?}))\nlet p = Predict(\"question -> answer\")\n\
         for i in 0..1000 {{ print(p(question: f\"{{i}}\").answer) }}\n",
        server.base
    );
    std::fs::write(&script, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dsp"));
    command.arg("run").arg(&script).env("DSP_CACHE_DIR", folder.path());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let host = RealHost::new(Permissions::default());
    let path = folder.path().join("responses.sqlite3");
    let kept = || host.store(&path).unwrap().stats().unwrap().0 as usize;
    while server.requests().len() <= ANSWERED {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(1));
    }
    let asked = Instant::now();
    while kept() < ANSWERED {
        assert!(
            asked.elapsed() < Duration::from_secs(60),
            "{} of {ANSWERED} answers are kept",
            kept()
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    println!(
        "all answers were on the disk {} ms after the last was used",
        asked.elapsed().as_millis()
    );
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(kept(), ANSWERED);
    assert!(!folder.path().join("responses.sqlite3.damaged").exists());
}
