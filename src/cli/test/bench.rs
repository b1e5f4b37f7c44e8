//! What a case runs on: its world, its recording, and what becomes of that afterwards.

use std::path::Path;
use std::sync::Arc;

use super::case::Case;
use super::report::{Findings, Verdict};
use super::world::World;
use super::{Mode, Record, blocks, golden};
use crate::cli::options::Color;
use crate::cli::screen::Screen;
use crate::diag::legible;
use crate::host::{Access, Host, Permissions, RealHost};
use crate::session::{Answers, Builder, Recording};

/// All tests of a case: its golden, then its `test` blocks. They share a recording.
pub fn run(case: &Case, mode: &Mode) -> Findings {
    let mut findings = Findings::default();
    let bench = match Bench::new(case, mode) {
        Ok(bench) => bench,
        Err(failure) => {
            findings.verdicts.push(Verdict::new(case, "recording", Some(failure)));
            return findings;
        }
    };
    // Whether every test of the case ran, and ran to its end: only then is an unused answer one that nobody needs.
    let mut whole = true;
    if case.golden {
        match mode.wants(&format!("{}: golden", case.name())) {
            true => findings.verdicts.push(golden::run(case, mode, &bench)),
            false => whole = false,
        }
    }
    let failed = |findings: &Findings| findings.verdicts.iter().any(|verdict| verdict.failure.is_some());
    if case.blocks && !(mode.fail_fast && failed(&findings)) {
        let (verdicts, all) = blocks::run(case, mode, &bench);
        findings.verdicts.extend(verdicts);
        whole &= all;
    }
    whole &= !failed(&findings);
    if mode.update && case.named && !case.golden {
        findings.remarks.push(no_golden(case));
    }
    match bench.close(case, mode, whole) {
        Ok(remark) => findings.remarks.extend(remark),
        Err(failure) => findings.verdicts.push(Verdict::new(case, "recording", Some(failure))),
    }
    findings
}

/// `--update` of a script that is named, and has `test` blocks alone.
fn no_golden(case: &Case) -> String {
    let golden = case.beside("golden");
    format!(
        "{}: no golden was written, for its tests are `test` blocks; to hold what it prints too, make an empty \
         `{}` and run this again\n",
        case.name(),
        golden.strip_prefix(".").unwrap_or(&golden).display()
    )
}

/// What a case runs on.
pub struct Bench {
    pub world: Arc<World>,
    answers: Answers,
    recording: Recording,
    /// The recording as it lies on disk.
    before: Option<String>,
}

impl Bench {
    /// Reads the recording; the error is what a failed test shows.
    fn new(case: &Case, mode: &Mode) -> Result<Bench, String> {
        let granted = &mode.options.permissions;
        let mut permissions = Permissions::below([case.folder()]);
        permissions.read.extend(granted.read.iter().cloned());
        permissions.write.extend(granted.write.iter().cloned());
        permissions.net.clone_from(&granted.net);
        permissions.run.clone_from(&granted.run);
        permissions.all = granted.all;
        let world = World::new(permissions, mode.record != Record::Nothing);
        let path = case.beside("lm.jsonl");
        let before = own(&path);
        let recording = match (&before, mode.record) {
            (None, _) | (_, Record::All) => Recording::default(),
            (Some(text), _) => {
                Recording::read(&path.display().to_string(), text).map_err(|fault| format!("{fault}\n"))?
            }
        };
        let recording = recording.redacting(case.redact.as_slice());
        let answers = match mode.record {
            Record::Nothing => Answers::Replay(recording.clone()),
            _ => Answers::Record(recording.clone()),
        };
        Ok(Bench {
            world,
            answers,
            recording,
            before,
        })
    }

    pub fn builder(&self, mode: &Mode) -> Builder {
        let host: Arc<dyn Host> = self.world.clone();
        Builder::new(host)
            .lm(mode.options.lm.clone())
            .cache(false)
            .answers(self.answers.clone())
    }

    pub fn screen(&self) -> Screen {
        let host: Arc<dyn Host> = self.world.clone();
        Screen::on(host, Color::Never)
    }

    /// How a test failed, with the first request of it that is not recorded, where the script kept that to itself: a test
    /// that caught it has failed, too.
    pub fn with_missed(&self, failure: Option<String>) -> Option<String> {
        let missed = self.recording.take_missed();
        let shown = failure.as_deref().unwrap_or_default();
        match missed.first() {
            Some(first) if !shown.contains("this request is not in the recording") => Some(format!("{shown}{first}\n")),
            _ => failure,
        }
    }

    /// Lists or removes what no test used, and writes the recording where it changed.
    fn close(&self, case: &Case, mode: &Mode, whole: bool) -> Result<Option<String>, String> {
        let path = case.beside("lm.jsonl");
        let shown = path.strip_prefix(".").unwrap_or(&path).display();
        let unused = if whole { self.recording.unused() } else { Vec::new() };
        let prunes = mode.prune && !unused.is_empty();
        if prunes {
            self.recording.prune();
        }
        if !whole {
            self.recording.forget_new_failures();
        }
        let mut remark = None;
        if prunes || mode.record != Record::Nothing {
            let text = self.recording.text();
            if self.before.as_deref().unwrap_or_default() != text {
                write(&path, &text)?;
                remark = Some(format!("{shown}: {} recorded answers\n", self.recording.len()));
            }
        }
        if !unused.is_empty() {
            let what = match prunes {
                true => "no test used these recorded answers, which were removed",
                false => "no test used these recorded answers; `dsp test --prune` removes them",
            };
            let list: String = unused.iter().map(|title| format!("  {title}\n")).collect();
            remark = Some(format!("{shown}: {what}:\n{list}"));
        }
        Ok(remark)
    }
}

/// A file of dsp's own; none if it cannot be read.
pub fn own(path: &Path) -> Option<String> {
    let bytes = RealHost::new(Permissions::default()).read(Access::Own, path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

pub fn write(path: &Path, text: &str) -> Result<(), String> {
    let written = RealHost::new(Permissions::default()).write(Access::Own, path, text.as_bytes());
    written.map_err(|error| format!("{error}\n"))
}

/// A part of a failure's text, under what it is of.
pub fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {}\n", legible(line))).collect()
}
