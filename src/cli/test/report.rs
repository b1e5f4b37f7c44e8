//! What a test run says: a line for each test, then the failures, then the sum.

use super::case::Case;
use crate::cli::screen::Screen;

/// How one test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `examples/router.dsp: golden`
    pub name: String,
    /// What is shown of a failure, ending in a newline.
    pub failure: Option<String>,
    /// What was written: `recorded 12 calls`.
    pub note: Option<String>,
}

impl Verdict {
    pub fn new(case: &Case, test: &str, failure: Option<String>) -> Verdict {
        Verdict {
            name: format!("{}: {test}", case.name()),
            failure,
            note: None,
        }
    }

    /// dsp itself failed; it has said so on stderr.
    pub fn broken(case: &Case) -> Verdict {
        Verdict::new(case, "golden", Some("dsp itself failed\n".to_owned()))
    }
}

/// The lines of a run as they come.
pub struct Report<'a> {
    screen: &'a Screen,
    passed: usize,
    failed: Vec<Verdict>,
}

impl<'a> Report<'a> {
    pub fn new(screen: &'a Screen) -> Self {
        Report {
            screen,
            passed: 0,
            failed: Vec::new(),
        }
    }

    fn painted(&self, text: &str, code: &str) -> String {
        match self.screen.color_out() {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    pub fn take(&mut self, verdict: Verdict) {
        let word = match verdict.failure {
            None => self.painted("ok", "32"),
            Some(_) => self.painted("FAILED", "31;1"),
        };
        let note = verdict
            .note
            .as_ref()
            .map(|note| format!(" ({note})"))
            .unwrap_or_default();
        self.screen.out(&format!("{word} {}{note}\n", verdict.name));
        match verdict.failure {
            None => self.passed += 1,
            Some(_) => self.failed.push(verdict),
        }
    }

    /// Says the failures and the sum; whether all passed.
    pub fn close(self) -> bool {
        for verdict in &self.failed {
            let title = self.painted(&format!("── {}", verdict.name), "1");
            self.screen.out(&format!(
                "\n{title}\n{}",
                verdict.failure.as_deref().unwrap_or_default()
            ));
        }
        self.screen
            .out(&format!("\n{} passed, {} failed\n", self.passed, self.failed.len()));
        self.failed.is_empty()
    }
}
