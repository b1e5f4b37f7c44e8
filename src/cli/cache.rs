//! `dsp cache stats|clear|path|export`: the responses that are kept on disk.

use std::path::Path;

use clap::ArgMatches;

use super::options::Options;
use super::screen::Screen;
use super::{Code, Done, open};
use crate::host::HostResult;
use crate::session::{cache_clear, cache_export, cache_path, cache_stats};

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let host = open::host(options, Path::new("."));
    let host = host.as_ref();
    let said: HostResult<String> = match matches.subcommand_name() {
        Some("stats") => cache_stats(host).map(|(entries, bytes)| format!("{entries} responses, {}", size(bytes))),
        Some("export") => cache_export(host, &mut |line| screen.out(line)).map(|()| String::new()),
        Some("clear") => cache_clear(host).map(|gone| format!("{gone} responses removed")),
        _ => cache_path(host).map(|path| path.display().to_string()),
    };
    match said {
        Ok(text) => {
            if !text.is_empty() {
                screen.out(&format!("{text}\n"));
            }
            Ok(Code::Done)
        }
        Err(error) => {
            screen.complain(&error.message, None);
            Ok(Code::Failed)
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
