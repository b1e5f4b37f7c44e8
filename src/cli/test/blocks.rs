//! The `test` blocks of a script, each in a session of its own.

use std::time::Instant;

use super::Mode;
use super::bench::{Bench, indented};
use super::case::Case;
use super::report::Verdict;
use crate::cli::open;
use crate::session::{Failure, Script, Session};

/// Runs the blocks that are asked for; whether those are all.
pub fn run(case: &Case, mode: &Mode, bench: &Bench) -> (Vec<Verdict>, bool) {
    let mut verdicts = Vec::new();
    let names = opened(case, mode, bench).and_then(|session| Ok(wait(mode, session.tests())??));
    let names = match names {
        Ok(names) => names,
        Err(failure) => return (vec![Verdict::new(case, "tests", Some(failure.shown(mode)))], false),
    };
    let mut all = true;
    for (index, name) in names.iter().enumerate() {
        if !mode.wants(&format!("{}: {name}", case.name())) {
            all = false;
            continue;
        }
        let started = Instant::now();
        let outcome = opened(case, mode, bench).and_then(|session| Ok(wait(mode, session.test(index))??));
        let (out, err) = bench.world.take();
        let failure = outcome.err().map(|failure| failure.shown(mode) + &printed(&out, &err));
        let failure = bench.with_missed(failure);
        let failed = failure.is_some();
        verdicts.push(Verdict {
            time: started.elapsed(),
            ..Verdict::new(case, name, failure)
        });
        if failed && mode.fail_fast {
            return (verdicts, false);
        }
    }
    (verdicts, all)
}

/// Why a block could not run, or how it failed.
enum Trouble {
    Failure(Box<Failure>),
    NoRuntime,
    Interrupted,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Failure(Box::new(failure))
    }
}

impl Trouble {
    fn shown(&self, mode: &Mode) -> String {
        match self {
            Trouble::Failure(failure) => failure.render(mode.color),
            Trouble::NoRuntime => "the runtime could not be started\n".to_owned(),
            Trouble::Interrupted => "interrupted\n".to_owned(),
        }
    }
}

fn opened(case: &Case, mode: &Mode, bench: &Bench) -> Result<Session, Trouble> {
    let script = Script::new(case.file_name(), case.text.as_str(), case.folder());
    Ok(bench.builder(mode).open(script)?)
}

fn wait<T>(mode: &Mode, future: impl Future<Output = T>) -> Result<T, Trouble> {
    let outcome = open::block_on(async {
        tokio::select! {
            result = future => Ok(result),
            () = mode.interrupt.heard() => Err(Trouble::Interrupted),
        }
    });
    outcome.map_err(|_| Trouble::NoRuntime)?
}

/// What a failed test had printed.
fn printed(out: &str, err: &str) -> String {
    let part = |name: &str, text: &str| match text.is_empty() {
        true => String::new(),
        false => format!("{name}:\n{}", indented(text)),
    };
    part("stdout", out) + &part("stderr", err)
}
