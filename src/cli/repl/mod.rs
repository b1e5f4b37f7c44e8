//! `dsp repl [FILE]`: line by line; a line commits wholly or not at all. At a terminal it converses; else the standard
//! input is a script session, each complete input run in turn.

mod assist;
mod command;
mod past;
mod piped;
mod reader;
mod show;
mod words;

use std::path::Path;

use clap::ArgMatches;

use self::past::Past;
use self::piped::Inputs;
use self::reader::{Input, Reader};
use super::options::Options;
use super::screen::Screen;
use super::usage::Usage;
use super::{Code, Done, Stop, explain_stop, open};
use crate::host::shell;
use crate::session::{Failure, Line, Outcome, Session};
use crate::value::{Type, Value};

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let file = matches.get_one::<String>("file").cloned();
    let session = match &file {
        Some(file) => {
            let script = open::script(file)?;
            let folder = script.folder.clone();
            open::builder(options, &folder).open(script)?
        }
        None => open::builder(options, Path::new(".")).empty(shell::working_folder()),
    };
    let mut repl = Repl {
        session,
        screen,
        loaded: file.filter(|file| file != "-"),
        written: Vec::new(),
        width: None,
    };
    open::block_on(async {
        repl.session.start().await?;
        match shell::is_interactive() {
            true => repl.converse(options).await,
            false => repl.obey().await,
        }
    })?
}

/// What an input came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Went,
    Failed,
    Leave,
}

struct Repl {
    session: Session,
    screen: Screen,
    /// The script that `:reload` means.
    loaded: Option<String>,
    /// The files that `:save` may write over.
    written: Vec<String>,
    /// The columns of the terminal, if values are laid out for one.
    width: Option<usize>,
}

impl Repl {
    /// With a person at a terminal.
    async fn converse(&mut self, options: &Options) -> Done {
        let past = Past::new(open::host(options, Path::new(".")));
        let no_terminal = |error| Usage::new(format!("no REPL here: {error}"));
        let mut reader = Reader::new(self.session.clone(), self.screen.color_out(), &past).map_err(no_terminal)?;
        self.screen.err(&format!(
            "dsp {} · :help lists the commands, Ctrl-D leaves\n",
            env!("CARGO_PKG_VERSION")
        ));
        loop {
            let text = match reader.read() {
                Input::Text(text) => text,
                Input::Cancelled => continue,
                Input::Unreadable => {
                    self.screen.err("\n");
                    let help = "set the terminal to UTF-8, or write characters as `\\u{e9}`";
                    self.screen
                        .complain("what was typed is not UTF-8, and is dropped", Some(help));
                    continue;
                }
                Input::End => return Ok(Code::Done),
            };
            past.keep(&text);
            self.width = Some(reader.width().unwrap_or_else(|| self.screen.width()));
            if self.input(&text).await == After::Leave {
                return Ok(Code::Done);
            }
        }
    }

    /// What stands in a file or pipe, to its end, or until Ctrl-C.
    async fn obey(&mut self) -> Done {
        let mut code = Code::Done;
        let mut inputs = Inputs::default();
        while let Some(text) = inputs.next().map_err(|error| Usage::new(error.message))? {
            let after = tokio::select! {
                biased;
                () = shell::interrupted() => return Ok(Code::Interrupted),
                after = self.input(&text) => after,
            };
            match after {
                After::Went => {}
                After::Failed => code = Code::Failed,
                After::Leave => break,
            }
        }
        Ok(code)
    }

    async fn input(&mut self, text: &str) -> After {
        match text.trim() {
            "" => After::Went,
            command if command.starts_with(':') => self.command(command).await,
            other => {
                if let Some(after) = self.habit(other).await {
                    return after;
                }
                let line = self.session.line(text, self.screen.color());
                self.run(line).await
            }
        }
    }

    /// Runs a line and shows what it came to.
    async fn run(&self, line: Outcome<Line>) -> After {
        let Some(line) = self.heard(line).await else {
            return After::Failed;
        };
        self.screen.err(&line.warnings);
        for note in &line.notes {
            self.screen.err(&format!("note: {note}\n"));
        }
        if !matches!(line.ty, Type::None) && line.value != Value::None {
            self.screen.out(&match self.width {
                Some(width) => show::folded(&line.value, &line.ty, width, self.screen.color_out()),
                None => show::plain(&line.value),
            });
        }
        After::Went
    }

    /// Waits for something; Ctrl-C stops it, and then it never was. What failed is explained.
    async fn heard<T>(&self, outcome: impl Future<Output = Result<T, Failure>>) -> Option<T> {
        let outcome = tokio::select! {
            // First, so that the signal is heard from the beginning.
            biased;
            () = shell::interrupted() => {
                self.screen.err("interrupted; the line is taken back\n");
                return None;
            }
            outcome = outcome => outcome,
        };
        match outcome {
            Ok(value) => Some(value),
            Err(failure) => {
                explain_stop(&self.screen, Stop::from(failure));
                None
            }
        }
    }
}
