//! Running one case: its golden, then its `test` blocks.

use std::sync::Arc;

use super::Mode;
use super::case::Case;
use super::diff::diff;
use super::report::Verdict;
use super::world::World;
use crate::cli::options::Color;
use crate::cli::run::{Order, perform};
use crate::cli::screen::Screen;
use crate::cli::{explain, open};
use crate::host::{Access, Host, Permissions, RealHost};
use crate::session::{Answers, Builder, Failure, Recording, Script};

/// All tests of a case; they share a recording.
pub fn run(case: &Case, mode: &Mode) -> Vec<Verdict> {
    let bench = match Bench::new(case, mode) {
        Ok(bench) => bench,
        Err(failure) => return vec![Verdict::new(case, "recording", Some(failure))],
    };
    let mut verdicts = Vec::new();
    if case.golden {
        verdicts.push(golden(case, mode, &bench));
    }
    if case.blocks {
        verdicts.extend(blocks(case, mode, &bench));
    }
    if let Answers::Record(recording) = &bench.answers
        && !recording.is_empty()
    {
        let failure = write(&case.beside("lm.jsonl"), &recording.text()).err();
        let note = Some(format!("{} calls", recording.len()));
        verdicts.push(Verdict {
            note,
            ..Verdict::new(case, "recording", failure)
        });
    }
    verdicts
}

/// What a case runs on.
struct Bench {
    world: Arc<World>,
    answers: Answers,
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
        let world = World::new(permissions, mode.record);
        let answers = match mode.record {
            true => Answers::Record(Recording::default()),
            false => Answers::Replay(recording(case)?),
        };
        Ok(Bench { world, answers })
    }

    fn builder(&self, mode: &Mode) -> Builder {
        let host: Arc<dyn Host> = self.world.clone();
        Builder::new(host)
            .lm(mode.options.lm.clone())
            .cache(false)
            .answers(self.answers.clone())
    }

    fn screen(&self) -> Screen {
        let host: Arc<dyn Host> = self.world.clone();
        Screen::on(host, Color::Never)
    }
}

fn own(path: &std::path::Path) -> Option<String> {
    let bytes = RealHost::new(Permissions::default()).read(Access::Own, path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn write(path: &std::path::Path, text: &str) -> Result<(), String> {
    let written = RealHost::new(Permissions::default()).write(Access::Own, path, text.as_bytes());
    written.map_err(|error| format!("{error}\n"))
}

fn recording(case: &Case) -> Result<Recording, String> {
    let path = case.beside("lm.jsonl");
    match own(&path) {
        Some(text) => Recording::read(&path.display().to_string(), &text).map_err(|fault| format!("{fault}\n")),
        None => Ok(Recording::default()),
    }
}

fn golden(case: &Case, mode: &Mode, bench: &Bench) -> Verdict {
    let screen = bench.screen();
    let order = Order {
        file: case.file_name(),
        script: Script::new(case.file_name(), case.text.as_str(), case.folder()),
        rest: case.args.clone(),
        options: mode.options.clone(),
    };
    let done = perform(
        order,
        |_| screen.clone(),
        |_, _| bench.builder(mode),
        |_, _| std::future::pending(),
    );
    let code = done.unwrap_or_else(|stop| explain(&screen, stop)) as u8;
    let (out, err) = bench.world.take();
    let mut updated = Vec::new();
    let failure = judge(case, mode, code, [&out, &err], &mut updated);
    let note = (!updated.is_empty()).then(|| format!("{} updated", updated.join(", ")));
    Verdict {
        note,
        ..Verdict::new(case, "golden", failure)
    }
}

/// Holds a run against its goldens, or rewrites them.
fn judge(case: &Case, mode: &Mode, code: u8, found: [&str; 2], updated: &mut Vec<&'static str>) -> Option<String> {
    let mut failure = String::new();
    if code != case.exit {
        failure += &format!("the exit code is {code}, not {}\n", case.exit);
    }
    for (extension, found) in ["golden", "err.golden"].into_iter().zip(found) {
        let path = case.beside(extension);
        match own(&path) {
            Some(golden) if golden == found => {}
            None if extension == "err.golden" => {}
            _ if mode.update => match write(&path, found) {
                Ok(()) => updated.push(extension),
                Err(error) => failure += &error,
            },
            None => failure += &format!("there is no `{}`; `dsp test --update` writes it\n", path.display()),
            Some(golden) => {
                failure += &format!("{extension} (-) and what came out (+); `dsp test --update` takes it over:\n");
                failure += &diff(&golden, found, mode.color);
            }
        }
    }
    let [_, err] = found;
    if !failure.is_empty() && !err.is_empty() {
        failure += &format!("stderr:\n{}", indented(err));
    }
    (!failure.is_empty()).then_some(failure)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn blocks(case: &Case, mode: &Mode, bench: &Bench) -> Vec<Verdict> {
    let failed = |failure: String| vec![Verdict::new(case, "tests", Some(failure))];
    let script = Script::new(case.file_name(), case.text.as_str(), case.folder());
    let session = match bench.builder(mode).open(script) {
        Ok(session) => session,
        Err(failure) => return failed(failure.render(mode.color)),
    };
    let run = open::block_on(async {
        let names = session.tests().await?;
        let mut verdicts = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let outcome = session.test(index).await;
            let (out, err) = bench.world.take();
            let failure = outcome
                .err()
                .map(|failure| failure.render(mode.color) + &printed(&out, &err));
            verdicts.push(Verdict::new(case, name, failure));
        }
        Ok::<_, Failure>(verdicts)
    });
    match run {
        Ok(Ok(verdicts)) => verdicts,
        Ok(Err(failure)) => failed(failure.render(mode.color)),
        Err(_) => failed("the runtime could not be started\n".to_owned()),
    }
}

/// What a failed test had printed.
fn printed(out: &str, err: &str) -> String {
    let part = |name: &str, text: &str| match text.is_empty() {
        true => String::new(),
        false => format!("{name}:\n{}", indented(text)),
    };
    part("stdout", out) + &part("stderr", err)
}
