//! What a test run says: a line for each test, then the failures, then the sum. How long it took goes to stderr, so that
//! two runs print the same.

use std::time::Duration;

use super::case::Case;
use crate::cli::screen::Screen;

/// How one test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `examples/router.dsp`
    pub file: String,
    /// `golden`, or the name of a `test` block.
    pub test: String,
    /// What is shown of a failure, ending in a newline.
    pub failure: Option<String>,
    /// What was written: `golden updated`.
    pub note: Option<String>,
    pub time: Duration,
}

impl Verdict {
    pub fn new(case: &Case, test: &str, failure: Option<String>) -> Verdict {
        Verdict {
            file: case.name(),
            test: test.to_owned(),
            failure,
            note: None,
            time: Duration::ZERO,
        }
    }

    /// dsp itself failed; it has said so on stderr.
    pub fn broken(case: &Case) -> Verdict {
        Verdict::new(case, "golden", Some("dsp itself failed\n".to_owned()))
    }

    pub fn name(&self) -> String {
        format!("{}: {}", self.file, self.test)
    }
}

/// All that came of one script.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub verdicts: Vec<Verdict>,
    /// Of its recording, each ending in a newline.
    pub remarks: Vec<String>,
}

/// The lines of a run as they come.
pub struct Report<'a> {
    screen: &'a Screen,
    verdicts: Vec<Verdict>,
    remarks: Vec<String>,
}

impl<'a> Report<'a> {
    pub fn new(screen: &'a Screen) -> Self {
        Report {
            screen,
            verdicts: Vec::new(),
            remarks: Vec::new(),
        }
    }

    fn painted(&self, text: &str, code: &str) -> String {
        match self.screen.color_out() {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    pub fn take(&mut self, findings: Findings) {
        for verdict in findings.verdicts {
            let word = match verdict.failure {
                None => self.painted("ok", "32"),
                Some(_) => self.painted("FAILED", "31;1"),
            };
            let note = verdict
                .note
                .as_ref()
                .map(|note| format!(" ({note})"))
                .unwrap_or_default();
            self.screen.out(&format!("{word} {}{note}\n", verdict.name()));
            self.verdicts.push(verdict);
        }
        self.remarks.extend(findings.remarks);
    }

    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// Whether a test has failed so far.
    pub fn has_failed(&self) -> bool {
        self.verdicts.iter().any(|verdict| verdict.failure.is_some())
    }

    /// Says the failures, what is to be said of recordings, and the sum; `left_out` scripts did not run.
    pub fn close(&self, left_out: usize, took: Duration) {
        let failed: Vec<&Verdict> = self
            .verdicts
            .iter()
            .filter(|verdict| verdict.failure.is_some())
            .collect();
        for verdict in &failed {
            let title = self.painted(&format!("── {}", verdict.name()), "1");
            let failure = verdict.failure.as_deref().unwrap_or_default();
            self.screen.out(&format!("\n{title}\n{failure}"));
        }
        for remark in &self.remarks {
            self.screen.out(&format!("\n{remark}"));
        }
        let left_out = match left_out {
            0 => String::new(),
            1 => ", 1 script not run".to_owned(),
            n => format!(", {n} scripts not run"),
        };
        let passed = self.verdicts.len() - failed.len();
        self.screen
            .out(&format!("\n{passed} passed, {} failed{left_out}\n", failed.len()));
        self.screen.err(&self.times(took));
    }

    /// `12 tests in 0.84 s; the slowest: a.dsp: golden 0.31 s`
    fn times(&self, took: Duration) -> String {
        let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
        let slowest = self.verdicts.iter().max_by_key(|verdict| verdict.time);
        let slowest = slowest.filter(|_| self.verdicts.len() > 1);
        let slowest = slowest.map(|verdict| format!("; the slowest: {} {}", verdict.name(), seconds(verdict.time)));
        let tests = match self.verdicts.len() {
            1 => "1 test".to_owned(),
            n => format!("{n} tests"),
        };
        format!("{tests} in {}{}\n", seconds(took), slowest.unwrap_or_default())
    }
}
