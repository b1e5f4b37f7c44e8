//! `dsp repl [FILE]`: line by line; a line commits wholly or not at all.

mod reader;

use std::path::Path;

use clap::ArgMatches;

use self::reader::{Input, Reader};
use super::options::Options;
use super::screen::Screen;
use super::usage::Usage;
use super::{Code, Done, Stop, explain, open};
use crate::host::shell;
use crate::session::{Line, Session};
use crate::value::{Value, show, source_text};

const HELP: &str = "Type a statement or an expression; its value is printed. A line that fails changes nothing.\n\
    :help     this text\n\
    :names    the names that can be used\n\
    :quit     leave, as Ctrl-D does\n";

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let session = match matches.get_one::<String>("file") {
        Some(file) => {
            let script = open::script(file)?;
            let folder = script.folder.clone();
            open::builder(options, &folder).open(script)?
        }
        None => open::builder(options, Path::new(".")).empty(shell::working_folder()),
    };
    let mut reader = Reader::new(screen.color_out()).map_err(|error| Usage::new(format!("no REPL here: {error}")))?;
    open::block_on(async {
        session.start().await?;
        if shell::is_interactive() {
            screen.err(&format!("dsp {} · :help\n", env!("CARGO_PKG_VERSION")));
        }
        loop {
            match reader.read()? {
                Input::Text(text) if text.trim().is_empty() => {}
                Input::Text(text) if matches!(text.trim(), ":quit" | ":q") => return Ok(Code::Done),
                Input::Text(text) if text.trim().starts_with(':') => command(text.trim(), &session, &screen).await?,
                Input::Text(text) => run(&text, &session, &screen).await,
                Input::Cancelled => {}
                Input::End => return Ok(Code::Done),
            }
        }
    })?
}

/// Runs one input; Ctrl-C stops it, and then it never was.
async fn run(text: &str, session: &Session, screen: &Screen) {
    let outcome = tokio::select! {
        outcome = session.line(text, screen.color()) => outcome,
        () = shell::interrupted() => return screen.err("interrupted; the line is taken back\n"),
    };
    match outcome {
        Ok(Line { value, warnings }) => {
            screen.err(&warnings);
            if !matches!(value, Value::None) {
                screen.out(&format!("{}\n", shown(&value)));
            }
        }
        Err(failure) => {
            explain(screen, Stop::from(failure));
        }
    }
}

/// As source, so that a text is seen to be one.
fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => source_text(text),
        other => show(other),
    }
}

async fn command(text: &str, session: &Session, screen: &Screen) -> Result<(), Stop> {
    match text {
        ":help" | ":h" => screen.out(HELP),
        ":names" => {
            let names = session.names().await?;
            screen.out(&format!("{}\n", names.join(" ")));
        }
        other => screen.complain(&format!("there is no command `{other}`"), Some("`:help` lists them")),
    }
    Ok(())
}
