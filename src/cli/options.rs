//! The commands and options of `dsp`, as clap knows them.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, RangedU64ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};

use crate::host::Permissions;

/// What holds for every command that runs a script.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// `--lm NAME`
    pub lm: Option<String>,
    pub color: Color,
    /// Whether what models say is shown while they say it.
    pub stream: bool,
    /// Whether it ends with a table of what was used.
    pub usage: bool,
    /// The file that every call is written to.
    pub trace: Option<PathBuf>,
    /// What was granted beyond the script's folder and the working folder.
    pub permissions: Permissions,
}

/// `--color auto|always|never`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// The whole command line.
pub fn command() -> Command {
    Command::new("dsp")
        .about("A small pipeline language for language-model programs.")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(run())
        .subcommand(
            Command::new("check")
                .about("Show all problems of scripts; run nothing")
                .arg(
                    files()
                        .required(true)
                        .num_args(1..)
                        .help("Scripts to check; `-` reads the standard input"),
                )
                .arg(
                    value("format", "FORMAT", "text, or json: an object for each problem")
                        .value_parser(PossibleValuesParser::new(["text", "json"]))
                        .hide_possible_values(true)
                        .default_value("text"),
                )
                .args(script_options()),
        )
        .subcommand(explain())
        .subcommand(fmt())
        .subcommand(test())
        .subcommand(prompt())
        .subcommand(
            Command::new("repl")
                .about("Try things out, line by line")
                .arg(
                    file()
                        .required(false)
                        .help("A script that is run first, without its `main`"),
                )
                .args(script_options()),
        )
        .subcommand(eval())
        .subcommand(compile())
        .subcommand(diff())
        .subcommand(history())
        .subcommand(cache())
        .subcommand(models())
        .subcommand(completions())
        .subcommand(man())
}

/// `dsp run FILE`; what stands behind FILE is read by `script`.
pub fn run() -> Command {
    Command::new("run")
        .about("Check a script, run it, then call its `main` with the arguments")
        .arg(flag("stream", "Show what the models say while they say it"))
        .arg(value(
            "trace",
            "FILE",
            "Write every request and every span to FILE, as JSON, one a line",
        ))
        .arg(file().help("The script; `-` reads it from the standard input"))
        .arg(plan())
        .arg(usage())
        .arg(rest().help("Arguments of the script's `main`; `dsp run FILE --help` lists them"))
        .args(script_options())
}

pub fn prompt() -> Command {
    Command::new("prompt")
        .about("Show the messages that a program's first calls would send")
        .arg(file())
        .arg(program())
        .arg(inputs())
        .arg(json())
        .arg(rest().help("The program's inputs"))
        .args(script_options())
}

fn fmt() -> Command {
    Command::new("fmt")
        .about("Give scripts their one layout")
        .arg(color())
        .arg(
            files()
                .required(true)
                .num_args(1..)
                .help("Scripts to lay out; `-` reads the standard input and prints the result"),
        )
        .arg(flag(
            "check",
            "Change nothing; show what would change, and fail if something would",
        ))
}

fn test() -> Command {
    Command::new("test")
        .about("Run golden files and `test` blocks, offline")
        .arg(files().num_args(0..).help("Files and folders to look for tests in"))
        .arg(flag("update", "Rewrite the golden files with what came out"))
        .arg(
            Arg::new("record")
                .long("record")
                .value_name("WHAT")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("missing")
                .value_parser(PossibleValuesParser::new(["missing", "all"]))
                .hide_possible_values(true)
                .help("Ask real models for what is not recorded; `=all`: for all"),
        )
        .arg(flag("prune", "Remove recorded answers that no test used"))
        .arg(value(
            "filter",
            "NAME",
            "Run only tests with NAME in their `file: name`",
        ))
        .arg(
            value("jobs", "N", "Run N scripts at a time")
                .short('j')
                .value_parser(RangedU64ValueParser::<usize>::new().range(1..)),
        )
        .arg(flag("fail-fast", "Stop at the first failure"))
        .arg(value("junit", "FILE", "Write the results as JUnit XML too"))
        .args(script_options())
}

fn eval() -> Command {
    Command::new("eval")
        .about("Score a program on the rows of a file")
        .arg(file())
        .arg(program())
        .arg(value("devset", "D", "The rows: .jsonl, .json, .csv, .tsv or .parquet").required(true))
        .arg(value("metric", "NAME", "A function of the script or the library").required(true))
        .arg(value("state", "S", "A saved state to load into the program"))
        .arg(
            value("max-errors", "N", "Stop when more rows have failed (default 10)")
                .value_parser(clap::value_parser!(u64)),
        )
        .arg(value("min-score", "X", "Exit with 1 if the score is lower").value_parser(clap::value_parser!(f64)))
        .arg(plan())
        .arg(usage())
        .arg(json())
        .args(script_options())
}

fn compile() -> Command {
    Command::new("compile")
        .about("Search for better instructions and demos, and save them")
        .arg(file())
        .arg(program())
        .arg(value("trainset", "D", "The rows to learn from").required(true))
        .arg(value("metric", "NAME", "A function of the script or the library"))
        .arg(value("valset", "D", "The rows to choose by"))
        .arg(value(
            "optimizer",
            "EXPR",
            "What makes it, as in a script; if left out, what `compile` itself takes",
        ))
        .arg(value("seed", "N", "Which random choices (default 0)").value_parser(clap::value_parser!(i64)))
        .arg(value("max-calls", "N", "End the search after N requests").value_parser(clap::value_parser!(u64)))
        .arg(value("max-cost", "X", "End the search after X dollars").value_parser(clap::value_parser!(f64)))
        .arg(
            value("output", "STATE", "Where to save the state")
                .short('o')
                .required_unless_present("plan"),
        )
        .arg(plan())
        .arg(usage())
        .args(script_options())
}

fn diff() -> Command {
    let state = |id: &'static str, name: &'static str, help: &'static str| {
        Arg::new(id).value_name(name).required(true).help(help)
    };
    Command::new("diff")
        .about("Compare two saved states: instructions word by word, demos, score")
        .arg(state("a", "A.json", "The older state"))
        .arg(state("b", "B.json", "The newer one"))
        .arg(color())
}

fn history() -> Command {
    Command::new("history")
        .about("Show the last calls of models")
        .arg(
            Arg::new("n")
                .short('n')
                .value_name("N")
                .value_parser(clap::value_parser!(usize))
                .default_value("10")
                .help("How many"),
        )
        .arg(json())
        .arg(color())
}

fn explain() -> Command {
    Command::new("explain")
        .about("Explain a diagnostic, with an example")
        .arg(
            Arg::new("code")
                .value_name("CODE")
                .help("Such as E0107; without it all codes are listed"),
        )
        .arg(color())
}

fn cache() -> Command {
    Command::new("cache")
        .about("The responses that are kept on disk")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .arg(color())
        .subcommand(Command::new("stats").about("How many responses, and how large"))
        .subcommand(Command::new("clear").about("Forget them all"))
        .subcommand(Command::new("path").about("Where they are"))
        .subcommand(Command::new("export").about("Print them all as JSON, one a line"))
}

fn models() -> Command {
    let name = || {
        Arg::new("name")
            .value_name("NAME")
            .required(true)
            .help("As `dsp models list` prints it")
    };
    Command::new("models")
        .about("The local models that have a name, and their files")
        .disable_help_subcommand(true)
        .arg(color())
        .subcommand(Command::new("list").about("All of them, and which are here"))
        .subcommand(Command::new("pull").about("Fetch the files of one").arg(name()))
        .subcommand(Command::new("rm").about("Remove the files of one").arg(name()))
}

fn completions() -> Command {
    Command::new("completions")
        .about("Print what makes a shell complete dsp's commands and options")
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(clap::value_parser!(clap_complete::Shell))
                .hide_possible_values(true)
                .help("bash, zsh, fish, elvish or powershell"),
        )
}

fn man() -> Command {
    Command::new("man")
        .about("Print the manual page of dsp or of one of its commands")
        .arg(
            Arg::new("command")
                .value_name("COMMAND")
                .help("Such as `run`; without it the page of dsp itself"),
        )
}

fn file() -> Arg {
    Arg::new("file")
        .value_name("FILE")
        .required(true)
        .value_hint(ValueHint::FilePath)
        .help("The script")
}

fn files() -> Arg {
    Arg::new("files").value_name("FILE").value_hint(ValueHint::AnyPath)
}

fn rest() -> Arg {
    Arg::new("rest")
        .value_name("--NAME VALUE")
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
}

fn program() -> Arg {
    Arg::new("program")
        .value_name("PROGRAM")
        .required(true)
        .help("A `let`, a module, or a path in one")
}

fn inputs() -> Arg {
    Arg::new("inputs")
        .long("inputs")
        .value_name("F.json")
        .value_hint(ValueHint::FilePath)
        .help("A JSON object with the program's inputs")
}

fn plan() -> Arg {
    flag("plan", "Forecast calls, tokens and cost, and stop")
}

fn usage() -> Arg {
    flag("usage", "End with a table of calls, tokens and cost by model")
}

fn json() -> Arg {
    flag("json", "Print JSON")
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn value(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn color() -> Arg {
    Arg::new("color")
        .long("color")
        .value_name("WHEN")
        .value_parser(PossibleValuesParser::new(["auto", "always", "never"]))
        .hide_possible_values(true)
        .help("Colours: auto, always or never")
}

/// What every command takes that runs scripts; it stands last in their help.
fn script_options() -> [Arg; 7] {
    let several = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .action(ArgAction::Append)
            .help(help)
    };
    [
        value("lm", "NAME", "The model, in place of the script's `configure`"),
        color(),
        several("allow-read", "PATH", "Let the script read below PATH"),
        several("allow-write", "PATH", "Let the script write below PATH"),
        several("allow-net", "HOST", "Let the script talk to HOST"),
        several("allow-run", "NAME", "Let the script run the program NAME"),
        flag("allow-all", "Let the script do all of this"),
    ]
}

impl Options {
    /// What was given on one stretch of the command line; `over` what stood before it.
    pub fn read(matches: &ArgMatches, over: Options) -> Options {
        let many = |name: &str| {
            let values = matches.try_get_many::<String>(name).ok().flatten();
            values.into_iter().flatten().cloned().collect::<Vec<String>>()
        };
        let one = |name: &str| matches.try_get_one::<String>(name).ok().flatten();
        let mut permissions = over.permissions;
        permissions.read.extend(many("allow-read").into_iter().map(Into::into));
        permissions
            .write
            .extend(many("allow-write").into_iter().map(Into::into));
        permissions.net.extend(many("allow-net"));
        permissions.run.extend(many("allow-run"));
        let set = |name: &str| {
            matches
                .try_get_one::<bool>(name)
                .ok()
                .flatten()
                .copied()
                .unwrap_or_default()
        };
        permissions.all |= set("allow-all");
        let color = match one("color").map(String::as_str) {
            Some("always") => Color::Always,
            Some("never") => Color::Never,
            Some(_) => Color::Auto,
            None => over.color,
        };
        Options {
            lm: one("lm").cloned().or(over.lm),
            color,
            stream: over.stream || set("stream"),
            usage: over.usage || set("usage"),
            trace: one("trace").map(PathBuf::from).or(over.trace),
            permissions,
        }
    }
}
