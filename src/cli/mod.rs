//! The command line: one file for each command. It uses the embedding API alone. Results go to stdout, everything else
//! to stderr; exit codes: 0 done, 1 a run or test failed, 2 wrong usage or a failed check, 130 interrupted.

mod arguments;
mod cache;
mod changes;
mod check;
mod compile;
mod completions;
mod diff;
mod eval;
mod evaluation;
mod explain;
mod fmt;
mod forecast;
mod history;
mod interrupt;
mod man;
mod models;
mod open;
mod options;
mod prompt;
mod repl;
mod run;
mod screen;
mod split;
mod test;
mod usage;

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::ArgMatches;

use self::options::Options;
use self::screen::Screen;
use self::usage::Usage;
use crate::host::shell;
use crate::session::{Failure, FailureKind};

/// What `main` returns.
pub use crate::host::shell::Exit;
/// What the binary allocates with: a call makes many small values, and glibc's allocator takes a third longer for them.
/// A host chooses its own.
pub use mimalloc::MiMalloc as Allocator;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Interrupted = 130,
}

/// Why a command stopped early.
enum Stop {
    Usage(Usage),
    Failure(Box<Failure>),
    /// clap's own words: help, version, wrong usage.
    Clap(Box<clap::Error>),
    /// Nothing more to say.
    Code(Code),
}

type Done = Result<Code, Stop>;

impl From<Usage> for Stop {
    fn from(usage: Usage) -> Stop {
        Stop::Usage(usage)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failure(Box::new(failure))
    }
}

impl From<clap::Error> for Stop {
    fn from(error: clap::Error) -> Stop {
        Stop::Clap(Box::new(error))
    }
}

/// The whole program: reads the process's arguments and does what they say.
pub fn main() -> Exit {
    shell::explain_panics();
    shell::end_unread();
    shell::raise_descriptors();
    let args = shell::arguments();
    let screen = Screen::new(early_color(&args));
    // The hook has said what happened; a panic is a failed run.
    let run = AssertUnwindSafe(|| dispatch(&args).unwrap_or_else(|stop| explain_stop(&screen, stop)));
    let code = catch_unwind(run);
    Exit::from(code.unwrap_or(Code::Failed) as u8)
}

/// Runs a command. What stands behind a script's name is not clap's to read, so it is cut off first.
fn dispatch(args: &[String]) -> Done {
    let words = || std::iter::once("dsp").chain(args.iter().map(String::as_str));
    match args.split_first() {
        Some((name, rest)) if name == "run" => run::main(rest),
        Some((name, rest)) if name == "prompt" => prompt::main(rest),
        _ => {
            let matches = options::command().try_get_matches_from(words())?;
            match matches.subcommand() {
                Some(("check", matches)) => check::main(matches, &read(matches)),
                Some(("explain", matches)) => explain::main(matches, &read(matches)),
                Some(("fmt", matches)) => fmt::main(matches, &read(matches)),
                Some(("test", matches)) => test::main(matches, &read(matches)),
                Some(("repl", matches)) => repl::main(matches, &read(matches)),
                Some(("eval", matches)) => eval::main(matches, &read(matches)),
                Some(("compile", matches)) => compile::main(matches, &read(matches)),
                Some(("diff", matches)) => diff::main(matches, &read(matches)),
                Some(("history", matches)) => history::main(matches, &read(matches)),
                Some(("cache", matches)) => cache::main(matches, &read(matches)),
                Some(("models", matches)) => models::main(matches, &read(matches)),
                Some(("completions", matches)) => completions::main(matches, &read(matches)),
                Some(("man", matches)) => man::main(matches, &read(matches)),
                _ => Ok(Code::Usage),
            }
        }
    }
}

fn read(matches: &ArgMatches) -> Options {
    Options::read(matches, Options::default())
}

/// `--color` as far as it is known before the arguments are read in earnest.
fn early_color(args: &[String]) -> options::Color {
    let after = |wanted: &str| {
        args.iter().enumerate().any(|(i, arg)| {
            arg == &format!("--color={wanted}")
                || (arg == "--color" && args.get(i + 1).is_some_and(|next| next == wanted))
        })
    };
    match (after("never"), after("always")) {
        (true, _) => options::Color::Never,
        (_, true) => options::Color::Always,
        _ => options::Color::Auto,
    }
}

fn explain_stop(screen: &Screen, stop: Stop) -> Code {
    match stop {
        Stop::Usage(usage) => {
            screen.complain(&usage.message, usage.help.as_deref());
            Code::Usage
        }
        Stop::Failure(failure) => {
            screen.err(&failure.render(screen.color()));
            match failure.kind() {
                FailureKind::Load | FailureKind::Check => Code::Usage,
                FailureKind::Run => Code::Failed,
            }
        }
        Stop::Clap(error) => {
            let text = error.render().to_string();
            match error.use_stderr() {
                true => {
                    screen.err(&text);
                    Code::Usage
                }
                false => {
                    screen.out(&text);
                    Code::Done
                }
            }
        }
        Stop::Code(code) => code,
    }
}
