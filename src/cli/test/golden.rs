//! A script's run against its golden.

use std::time::Instant;

use super::Mode;
use super::bench::{Bench, indented, own, write};
use super::case::Case;
use super::report::Verdict;
use crate::cli::changes::changes;
use crate::cli::explain_stop;
use crate::cli::run::{Order, perform};
use crate::session::Script;

pub fn run(case: &Case, mode: &Mode, bench: &Bench) -> Verdict {
    let started = Instant::now();
    let screen = bench.screen();
    let order = Order {
        file: case.file_name(),
        script: Script::new(case.file_name(), case.text.as_str(), case.folder()),
        rest: case.args.clone(),
        options: mode.options.clone(),
        plan: false,
        account: false,
    };
    let done = perform(
        order,
        |_| screen.clone(),
        |_, _| bench.builder(mode),
        |_, _| {
            let interrupt = mode.interrupt.clone();
            async move { interrupt.heard().await }
        },
    );
    let code = done.unwrap_or_else(|stop| explain_stop(&screen, stop)) as u8;
    let (out, err) = bench.world.take();
    let mut updated = Vec::new();
    let failure = judge(case, mode, code, [&out, &err], &mut updated);
    let failure = bench.with_missed(failure);
    Verdict {
        note: (!updated.is_empty()).then(|| format!("{} updated", updated.join(", "))),
        time: started.elapsed(),
        ..Verdict::new(case, "golden", failure)
    }
}

/// Holds a run against its goldens, or rewrites them.
fn judge(case: &Case, mode: &Mode, code: u8, found: [&str; 2], updated: &mut Vec<&'static str>) -> Option<String> {
    let mut failure = String::new();
    let fails = code != case.exit;
    if fails {
        failure += &format!("the exit code is {code}, not {}\n", case.exit);
        if mode.update {
            failure += &format!("no golden was written; `# exit: {code}` at the top of the script expects this\n");
        }
    }
    for (extension, found) in ["golden", "err.golden"].into_iter().zip(found) {
        let path = case.beside(extension);
        match own(&path) {
            Some(golden) if golden == found => {}
            None if extension == "err.golden" => {}
            _ if mode.update && fails => {}
            _ if mode.update => match write(&path, found) {
                Ok(()) => updated.push(extension),
                Err(error) => failure += &error,
            },
            None => failure += &format!("there is no `{}`; `dsp test --update` writes it\n", path.display()),
            Some(golden) => {
                failure += &format!("{extension} (-) and what came out (+); `dsp test --update` takes it over:\n");
                failure += &changes(&golden, found, mode.color);
            }
        }
    }
    let [_, err] = found;
    if !failure.is_empty() && !err.is_empty() {
        failure += &format!("stderr:\n{}", indented(err));
    }
    (!failure.is_empty()).then_some(failure)
}
