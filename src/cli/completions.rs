//! `dsp completions SHELL`: the script by which a shell completes the command line.

use clap::ArgMatches;
use clap_complete::Shell;

use super::options::{self, Options};
use super::screen::Screen;
use super::{Code, Done};

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let mut script = Vec::new();
    if let Some(shell) = matches.get_one::<Shell>("shell") {
        clap_complete::generate(*shell, &mut options::command(), "dsp", &mut script);
    }
    Screen::new(options.color).out(&String::from_utf8_lossy(&script));
    Ok(Code::Done)
}
