//! `dsp check FILE…`: all problems of scripts; nothing runs. As pictures, or with `--format json` as one object a line
//! on the standard output.

use clap::ArgMatches;

use super::options::Options;
use super::screen::Screen;
use super::{Code, Done, Stop, explain_stop, open};
use crate::session::{Drawn, Format};

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let json = matches
        .get_one::<String>("format")
        .is_some_and(|format| format == "json");
    let format = match json {
        true => Format::Json,
        false => Format::Text { color: screen.color() },
    };
    let mut all = Drawn::default();
    let mut worst = Code::Done;
    for file in matches.get_many::<String>("files").into_iter().flatten() {
        match problems(file, options, format) {
            Ok(found) => {
                if found.errors() > 0 {
                    worst = Code::Usage;
                }
                all.extend(found);
            }
            Err(stop) => worst = explain_stop(&screen, stop),
        }
    }
    match json {
        true => screen.out(&all.lines()),
        false => screen.err(&all.text()),
    }
    Ok(worst)
}

fn problems(file: &str, options: &Options, format: Format) -> Result<Drawn, Stop> {
    let script = open::script(file)?;
    let folder = script.folder.clone();
    match open::builder(options, &folder).open(script) {
        Ok(session) => Ok(open::block_on(session.problems(format))??),
        Err(failure) => match failure.drawn(format) {
            Some(drawn) => Ok(drawn),
            None => Err(failure.into()),
        },
    }
}
