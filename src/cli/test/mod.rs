//! `dsp test`: golden files and `test` blocks, in parallel, offline. It opens no socket unless `--record` asks for it.

mod bench;
mod blocks;
mod case;
mod discover;
mod golden;
mod junit;
mod report;
mod world;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use clap::ArgMatches;

use self::case::Case;
use self::report::{Findings, Report, Verdict};
use super::interrupt::Interrupt;
use super::options::Options;
use super::screen::Screen;
use super::usage::Usage;
use super::{Code, Done};
use crate::host::{Access, Host, Permissions, RealHost};

/// What the command line asks of a test run.
#[derive(Clone, Debug)]
pub struct Mode {
    /// Rewrite the goldens.
    pub update: bool,
    pub record: Record,
    /// Take out of recordings what no test used.
    pub prune: bool,
    /// Stop at the first failure.
    pub fail_fast: bool,
    /// Run only what has this in its name.
    pub filter: Option<String>,
    /// Whether diffs have colours.
    pub color: bool,
    pub options: Options,
    pub interrupt: Interrupt,
}

/// Whether real models are asked and recordings written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    Nothing,
    /// `--record`
    Missing,
    /// `--record=all`
    All,
}

impl Mode {
    fn read(matches: &ArgMatches, options: &Options, screen: &Screen) -> Mode {
        Mode {
            update: matches.get_flag("update"),
            record: match matches.get_one::<String>("record").map(String::as_str) {
                None => Record::Nothing,
                Some("all") => Record::All,
                Some(_) => Record::Missing,
            },
            prune: matches.get_flag("prune"),
            fail_fast: matches.get_flag("fail-fast"),
            filter: matches.get_one::<String>("filter").cloned(),
            color: screen.color_out(),
            options: options.clone(),
            interrupt: Interrupt::listen(|| ()),
        }
    }

    /// Whether a test is asked for; `name` is `file: test`.
    pub fn wants(&self, name: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
    }
}

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let mode = Mode::read(matches, options, &screen);
    let files = matches.get_many::<String>("files").into_iter().flatten();
    let paths: Vec<PathBuf> = files.map(PathBuf::from).collect();
    let cases = discover::cases(&paths, mode.update || mode.record != Record::Nothing)?;
    let jobs = matches.get_one::<usize>("jobs").copied();
    let started = Instant::now();
    let mut report = Report::new(&screen);
    let mut left_out = 0;
    run_all(&cases, &mode, jobs, |findings| {
        match mode.fail_fast && report.has_failed() {
            true => left_out += 1,
            false => report.take(findings),
        }
        !(mode.fail_fast && report.has_failed())
    });
    let took = started.elapsed();
    if report.verdicts().is_empty() {
        screen.out("no test found\n");
        if mode.filter.is_none() {
            let first =
                "a test is a `test` block, or a script with a golden: `dsp test --update FILE` writes its first\n";
            screen.err(first);
        }
    } else {
        report.close(left_out, took);
    }
    if let Some(path) = matches.get_one::<String>("junit") {
        let host = RealHost::new(Permissions::default());
        let text = junit::junit(report.verdicts(), took);
        let written = host.write(Access::Own, Path::new(path), text.as_bytes());
        written.map_err(|error| Usage::new(format!("`--junit {path}` is not written: {}", error.message)))?;
    }
    if mode.interrupt.is_heard() {
        screen.err("interrupted: what was recorded is kept\n");
        return Ok(Code::Interrupted);
    }
    Ok(match report.has_failed() {
        false => Code::Done,
        true => Code::Failed,
    })
}

/// Runs the cases on `jobs` threads, else on as many as the machine has; `take` gets what they found, in the order of
/// the cases, and says whether to go on. What was not begun by then comes to it empty.
fn run_all(cases: &[Case], mode: &Mode, jobs: Option<usize>, mut take: impl FnMut(Findings) -> bool) {
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    let (send, receive) = mpsc::channel();
    let machine = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = jobs.unwrap_or_else(machine).clamp(1, cases.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (send, next, stopped) = (send.clone(), &next, &stopped);
            scope.spawn(move || {
                while let Some((index, case)) = claim(next, cases) {
                    let findings = match stopped.load(Ordering::Relaxed) || mode.interrupt.is_heard() {
                        true => Findings::default(),
                        false => one(case, mode),
                    };
                    // The receiver lives as long as the scope.
                    let _sent = send.send((index, findings));
                }
            });
        }
        drop(send);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (index, findings) in receive {
            waiting.insert(index, findings);
            while let Some(findings) = waiting.remove(&due) {
                if !take(findings) {
                    stopped.store(true, Ordering::Relaxed);
                }
                due += 1;
            }
        }
    });
}

fn one(case: &Case, mode: &Mode) -> Findings {
    if let Some(wrong) = &case.wrong {
        let name = if case.golden { "golden" } else { "tests" };
        return Findings {
            verdicts: vec![Verdict::new(case, name, Some(format!("{wrong}\n")))],
            remarks: Vec::new(),
        };
    }
    let findings = catch_unwind(AssertUnwindSafe(|| bench::run(case, mode)));
    findings.unwrap_or_else(|_| Findings {
        verdicts: vec![Verdict::broken(case)],
        remarks: Vec::new(),
    })
}

fn claim<'a>(next: &AtomicUsize, cases: &'a [Case]) -> Option<(usize, &'a Case)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    cases.get(index).map(|case| (index, case))
}
