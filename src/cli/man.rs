//! `dsp man [COMMAND]`: a page of the manual, for `man -l -` or a folder of the manual.

use clap::{ArgMatches, Command};

use super::options::{self, Options};
use super::screen::Screen;
use super::usage::Usage;
use super::{Code, Done};
use crate::session::nearest_name;

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let mut page = Vec::new();
    let command = match matches.get_one::<String>("command") {
        None => options::command(),
        Some(name) => one(name)?,
    };
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|error| Usage::new(error.to_string()))?;
    Screen::new(options.color).out(&String::from_utf8_lossy(&page));
    Ok(Code::Done)
}

/// A command under the name of its page: `dsp-run`.
fn one(name: &str) -> Result<Command, Usage> {
    let all = options::command();
    let Some(command) = all.find_subcommand(name) else {
        let near = nearest_name(name, all.get_subcommands().map(Command::get_name));
        let help = near.map_or_else(
            || "`dsp --help` lists them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(Usage::new(format!("there is no command `{name}`")).help(help));
    };
    let page = command
        .clone()
        .display_name(format!("dsp-{name}"))
        .bin_name(format!("dsp {name}"));
    Ok(page.version(env!("CARGO_PKG_VERSION")))
}
