//! `dsp test`: golden files and `test` blocks, in parallel, offline. It opens no socket unless `--record` asks for it.

mod case;
mod diff;
mod discover;
mod golden;
mod report;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use clap::ArgMatches;

use self::case::Case;
use self::report::{Report, Verdict};
use super::options::Options;
use super::screen::Screen;
use super::{Code, Done};

/// What the command line asks of a test run.
#[derive(Clone, Debug)]
pub struct Mode {
    /// Rewrite the goldens.
    pub update: bool,
    /// Ask the real models and write the recordings.
    pub record: bool,
    /// Whether diffs have colours.
    pub color: bool,
    pub options: Options,
}

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let mode = Mode {
        update: matches.get_flag("update"),
        record: matches.get_flag("record"),
        color: screen.color_out(),
        options: options.clone(),
    };
    let paths: Vec<PathBuf> = matches
        .get_many::<String>("files")
        .into_iter()
        .flatten()
        .map(PathBuf::from)
        .collect();
    let cases = discover::cases(&paths, mode.update || mode.record)?;
    if cases.is_empty() {
        screen.out("no test found\n");
        return Ok(Code::Done);
    }
    let mut report = Report::new(&screen);
    run_all(&cases, &mode, |verdicts| {
        verdicts.into_iter().for_each(|verdict| report.take(verdict))
    });
    Ok(match report.close() {
        true => Code::Done,
        false => Code::Failed,
    })
}

/// Runs the cases on as many threads as the machine has; `take` gets their verdicts in the order of the cases.
fn run_all(cases: &[Case], mode: &Mode, mut take: impl FnMut(Vec<Verdict>)) {
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(cases.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || {
                while let Some((index, case)) = claim(next, cases) {
                    let verdicts = catch_unwind(AssertUnwindSafe(|| golden::run(case, mode)));
                    let verdicts = verdicts.unwrap_or_else(|_| vec![Verdict::broken(case)]);
                    // The receiver lives as long as the scope.
                    let _sent = send.send((index, verdicts));
                }
            });
        }
        drop(send);
        let mut waiting = std::collections::BTreeMap::new();
        let mut due = 0;
        for (index, verdicts) in receive {
            waiting.insert(index, verdicts);
            while let Some(verdicts) = waiting.remove(&due) {
                take(verdicts);
                due += 1;
            }
        }
    });
}

fn claim<'a>(next: &AtomicUsize, cases: &'a [Case]) -> Option<(usize, &'a Case)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    cases.get(index).map(|case| (index, case))
}
