//! Cutting a command line at its script: what stands before and at FILE is dsp's, what stands behind it is the
//! script's `main`'s where that declares the name, else dsp's.

use clap::{ArgMatches, Command};

use super::usage::Usage;
use crate::diag::nearest;

/// The part of the line that dsp reads itself, and what follows the last of the named positions.
pub struct Split {
    pub own: Vec<String>,
    pub rest: Vec<String>,
}

/// Cuts behind the `positions`th word that is no option.
pub fn split(command: &Command, args: &[String], positions: usize) -> Split {
    let mut seen = 0;
    let mut i = 0;
    while i < args.len() && seen < positions {
        let arg = &args[i];
        match option(command, arg) {
            _ if arg == "-" || !arg.starts_with('-') => seen += 1,
            Some(true) if !arg.contains('=') => i += 1,
            _ => {}
        }
        i += 1;
    }
    let cut = i.min(args.len());
    Split {
        own: args[..cut].to_vec(),
        rest: args[cut..].to_vec(),
    }
}

/// Whether an argument is one of the command's options, and whether that takes a value.
fn option(command: &Command, arg: &str) -> Option<bool> {
    let name = arg.strip_prefix("--")?.split('=').next()?;
    let found = command.get_arguments().find(|known| known.get_long() == Some(name));
    found.map(|known| known.get_action().takes_values())
}

/// What stands behind the script, sorted.
#[derive(Debug, Default)]
pub struct Behind {
    /// The script's own: name and text; a flag without a value has none.
    pub named: Vec<(String, Option<String>)>,
    /// dsp's.
    pub own: Vec<String>,
    pub help: bool,
}

/// Sorts what stands behind the script by the names that it declares; `is_flag` says which of them are `bool`.
pub fn behind(
    command: &Command,
    rest: &[String],
    declared: &[String],
    is_flag: impl Fn(&str) -> bool,
) -> Result<Behind, Usage> {
    let mut behind = Behind::default();
    let mut words = rest.iter().peekable();
    while let Some(word) = words.next() {
        let Some(body) = word.strip_prefix("--").filter(|body| !body.is_empty()) else {
            return Err(
                Usage::new(format!("`{word}` has no name in front of it")).help("arguments are written `--name value`")
            );
        };
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (body, None),
        };
        let plain = name.replace('-', "_");
        let negated = plain
            .strip_prefix("no_")
            .filter(|bare| declared.iter().any(|d| d == bare) && is_flag(bare));
        if declared.contains(&plain) {
            let value = value.or_else(|| words.next_if(|next| takes(next, is_flag(&plain))).cloned());
            behind.named.push((plain, value));
        } else if let (Some(bare), None) = (negated, &value) {
            behind.named.push((bare.to_owned(), Some("false".to_owned())));
        } else if word == "--help" {
            behind.help = true;
        } else if let Some(takes_value) = option(command, word) {
            behind.own.push(word.clone());
            if takes_value && value.is_none() {
                behind.own.extend(words.next().cloned());
            }
        } else {
            return Err(unknown(command, name, declared));
        }
    }
    Ok(behind)
}

/// What of the words behind the script would be dsp's if the script declared no name.
pub fn presumed(command: &Command, rest: &[String]) -> Vec<String> {
    let mut own = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        if let Some(takes_value) = option(command, word) {
            own.push(word.clone());
            if takes_value && !word.contains('=') {
                own.extend(words.next().cloned());
            }
        }
    }
    own
}

/// Whether a word is the value of the name before it. A flag takes `true` and `false` alone; what looks like another
/// name is none, but `-5` is.
fn takes(word: &str, flag: bool) -> bool {
    match flag {
        true => matches!(word, "true" | "false"),
        false => !word.starts_with("--"),
    }
}

fn unknown(command: &Command, name: &str, declared: &[String]) -> Usage {
    let own = command
        .get_arguments()
        .filter_map(|arg| arg.get_long().map(str::to_owned));
    let known: Vec<String> = declared.iter().map(|d| d.replace('_', "-")).chain(own).collect();
    let usage = Usage::new(format!("there is no argument `--{name}`"));
    match nearest(&name.replace('_', "-"), known.iter().map(String::as_str)) {
        Some(near) => usage.help(format!("did you mean `--{near}`?")),
        None => usage.help("`--help` at the end lists the arguments"),
    }
}

/// Reads the part that is dsp's.
pub fn parse(command: Command, own: &[String]) -> Result<ArgMatches, clap::Error> {
    let name = command.get_name().to_owned();
    let bin_name = format!("dsp {name}");
    command
        .bin_name(&bin_name)
        .try_get_matches_from(std::iter::once(&bin_name).chain(own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::options;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn sorted(line: &str) -> Result<Behind, Usage> {
        let declared = words("max_items verbose lm");
        behind(&options::run(), &words(line), &declared, |name| name == "verbose")
    }

    #[test]
    fn the_line_is_cut_behind_the_script() {
        let split = split(&options::run(), &words("--lm a --color=never s.dsp --lm b -"), 1);
        assert_eq!(split.own, words("--lm a --color=never s.dsp"));
        assert_eq!(split.rest, words("--lm b -"));
    }

    #[test]
    fn a_name_that_main_declares_is_mains_in_every_spelling() {
        for line in ["--max-items 3", "--max-items=3", "--max_items 3"] {
            assert_eq!(
                sorted(line).unwrap().named,
                [("max_items".to_owned(), Some("3".to_owned()))]
            );
        }
        assert_eq!(
            sorted("--lm x").unwrap().named,
            [("lm".to_owned(), Some("x".to_owned()))]
        );
        assert_eq!(
            sorted("--max-items -3").unwrap().named,
            [("max_items".to_owned(), Some("-3".to_owned()))]
        );
    }

    #[test]
    fn a_flag_takes_only_true_and_false() {
        let named = |line: &str| sorted(line).unwrap().named.remove(0).1;
        assert_eq!(named("--verbose"), None);
        assert_eq!(named("--verbose true"), Some("true".to_owned()));
        assert_eq!(named("--no-verbose"), Some("false".to_owned()));
    }

    #[test]
    fn what_main_does_not_declare_is_dsps_or_wrong() {
        assert_eq!(
            sorted("--color never --max-items 3").unwrap().own,
            words("--color never")
        );
        assert!(sorted("--help").unwrap().help);
        assert_eq!(
            sorted("--max-itens 3").unwrap_err().help.as_deref(),
            Some("did you mean `--max-items`?")
        );
    }
}
