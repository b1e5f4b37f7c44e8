//! `dsp models list|pull|rm`: the local models that have a name, and their files.

use std::path::Path;

use clap::ArgMatches;

use super::options::Options;
use super::screen::Screen;
use super::{Code, Done, open};
use crate::diag::Fault;
use crate::host::Host;
use crate::session::{local_models, pull_local_model, remove_local_model};

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let host = open::host(options, Path::new("."));
    let host = host.as_ref();
    let name = |matches: &ArgMatches| matches.get_one::<String>("name").cloned().unwrap_or_default();
    let said = match matches.subcommand() {
        Some(("pull", matches)) => open::block_on(pull_local_model(host, &name(matches)))?.map(|paths| {
            let lines = paths.iter().map(|path| format!("{}\n", path.display()));
            lines.collect()
        }),
        Some(("rm", matches)) => removed(host, &name(matches)),
        _ => Ok(list(host)),
    };
    match said {
        Ok(text) => {
            screen.out(&text);
            Ok(Code::Done)
        }
        Err(fault) => {
            screen.complain(&fault.message, fault.help.as_deref());
            Ok(Code::Failed)
        }
    }
}

/// A line for each model.
fn list(host: &dyn Host) -> String {
    let lines = local_models(host).into_iter().map(|model| {
        format!(
            "{:<20} {:>7} MB  {:<12}  {:<11}  {}\n",
            model.name,
            model.bytes / 1_000_000,
            if model.is_present { "fetched" } else { "not fetched" },
            model.licence,
            model.about
        )
    });
    lines.collect()
}

fn removed(host: &dyn Host, name: &str) -> Result<String, Fault> {
    Ok(match remove_local_model(host, name)? {
        true => format!("removed {name}\n"),
        false => format!("{name} was not fetched\n"),
    })
}
