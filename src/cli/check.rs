//! `dsp check FILE…`: all problems of scripts; nothing runs.

use clap::ArgMatches;

use super::options::Options;
use super::screen::Screen;
use super::{Code, Done, Stop, explain, open};

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let mut worst = Code::Done;
    for file in matches.get_many::<String>("files").into_iter().flatten() {
        if let Err(stop) = check(file, options, &screen) {
            explain(&screen, stop);
            worst = Code::Usage;
        }
    }
    Ok(worst)
}

fn check(file: &str, options: &Options, screen: &Screen) -> Result<(), Stop> {
    let script = open::script(file)?;
    let folder = script.folder.clone();
    let session = open::builder(options, &folder).open(script)?;
    screen.err(&open::block_on(session.warnings(screen.color()))??);
    Ok(())
}
