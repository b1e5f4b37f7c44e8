//! What `dsp eval` and `dsp compile` share: their data and metric on the command line, and the script's session, asked
//! for values by expressions of the language.

use std::path::PathBuf;

use clap::ArgMatches;

use super::options::Options;
use super::screen::Screen;
use super::{Stop, open};
use crate::host::shell;
use crate::session::Session;
use crate::value::{Value, json, source_text};

/// A session for FILE that may also read the files that the command line names, and write `output`.
pub fn session(
    matches: &ArgMatches,
    options: &Options,
    inputs: &[&str],
    output: Option<&str>,
) -> Result<Session, Stop> {
    let mut options = options.clone();
    let named = |name: &&str| path(matches, name);
    options.permissions.read.extend(inputs.iter().filter_map(named));
    options.permissions.write.extend(output.iter().filter_map(named));
    let script = open::script(&text(matches, "file"))?;
    let builder = open::builder(&options, &script.folder);
    Ok(builder.open(script)?)
}

/// What came of an expression, with a table of what it used if that is wanted.
pub fn used<T>(outcome: T, session: &Session, options: &Options, screen: &Screen) -> T {
    if options.usage {
        screen.err(&session.account().table());
    }
    outcome
}

/// The expression of PROGRAM.
pub async fn program(session: &Session, matches: &ArgMatches) -> Result<String, Stop> {
    Ok(session.program_expression(&text(matches, "program")).await?)
}

pub fn text(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}

/// `dataset("…")` of the file that an option names; relative paths are the working folder's.
pub fn dataset(matches: &ArgMatches, name: &str) -> Option<String> {
    let path = path(matches, name)?;
    Some(format!("dataset({})", source_text(&path.to_string_lossy())))
}

/// The path that an option names, from the working folder.
pub fn path(matches: &ArgMatches, name: &str) -> Option<PathBuf> {
    let given = matches.get_one::<String>(name)?;
    Some(shell::working_folder().join(given))
}

/// A value as JSON, with a newline.
pub fn as_json(value: &Value) -> String {
    format!("{}\n", json(value, Some(2)))
}
