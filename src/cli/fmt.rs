//! `dsp fmt FILE…`: scripts in their one layout. The names of the files that it changed go to stdout; with `--check`
//! nothing is changed, and what would be is shown.

use std::path::Path;

use clap::ArgMatches;

use super::changes::changes;
use super::options::Options;
use super::screen::Screen;
use super::usage::Usage;
use super::{Code, Done, Stop, explain_stop, open};
use crate::host::{Access, Host, Permissions, RealHost};
use crate::session::Script;

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let check = matches.get_flag("check");
    let mut worst = Code::Done;
    for file in matches.get_many::<String>("files").into_iter().flatten() {
        let code = fmt(file, check, &screen).unwrap_or_else(|stop| explain_stop(&screen, stop));
        worst = if code as u8 > worst as u8 { code } else { worst };
    }
    Ok(worst)
}

fn fmt(file: &str, check: bool, screen: &Screen) -> Done {
    let script = open::script(file)?;
    let formatted = script.formatted()?;
    let same = *script.text == *formatted;
    match check {
        true if same => Ok(Code::Done),
        true => {
            let shown = changes(&script.text, &formatted, screen.color_out());
            screen.out(&format!("{}\n{shown}", script.name));
            Ok(Code::Failed)
        }
        false => {
            if file == "-" {
                screen.out(&formatted);
            } else if !same {
                write(&script, &formatted)?;
                screen.out(&format!("{}\n", script.name));
            }
            Ok(Code::Done)
        }
    }
}

/// The user named the file, so no permission is asked.
fn write(script: &Script, text: &str) -> Result<(), Stop> {
    let host = RealHost::new(Permissions::default());
    let written = host.write(Access::Own, Path::new(&script.name), text.as_bytes());
    written.map_err(|error| Usage::new(error.message).into())
}
