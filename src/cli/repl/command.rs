//! The commands of a REPL: what begins with a colon.

use std::path::Path;

use super::super::prompt;
use super::{After, Repl, words};
use crate::cli::history::layout;
use crate::diag::nearest;
use crate::host::{Access, Host, Permissions, RealHost};
use crate::session::{About, ModelUsage, Script, colored};
use crate::value::source_text;

/// What stands behind a command's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    Expression,
    Path,
    Setting,
    Word,
}

struct Command {
    name: &'static str,
    takes: &'static str,
    argument: Argument,
    about: &'static str,
}

impl Command {
    /// `:type EXPR         the type of an expression; nothing runs`
    fn line(&self) -> String {
        let usage = format!(":{} {}", self.name, self.takes);
        format!("{usage:<18}{}\n", self.about)
    }
}

const fn command(name: &'static str, takes: &'static str, argument: Argument, about: &'static str) -> Command {
    Command {
        name,
        takes,
        argument,
        about,
    }
}

const COMMANDS: [Command; 12] = [
    command(
        "help",
        "[NAME]",
        Argument::Expression,
        "this text, or what a name stands for",
    ),
    command(
        "type",
        "EXPR",
        Argument::Expression,
        "the type of an expression; nothing runs",
    ),
    command(
        "prompt",
        "CALL",
        Argument::Expression,
        "the messages that a call would send; sends nothing",
    ),
    command("history", "[N]", Argument::Word, "the last N calls of models"),
    command("usage", "", Argument::Word, "what the calls of models used"),
    command(
        "lm",
        "NAME",
        Argument::Word,
        "use another model: `:lm openai/gpt-4o-mini`",
    ),
    command(
        "set",
        "NAME VALUE",
        Argument::Setting,
        "set what `configure` sets: `:set temperature 0.7`",
    ),
    command(
        "load",
        "FILE",
        Argument::Path,
        "run a script here: its names are the session's",
    ),
    command(
        "reload",
        "",
        Argument::Word,
        "load the last script again, with what it imports",
    ),
    command("save", "FILE", Argument::Path, "write the session as a script"),
    command("clear", "", Argument::Word, "forget all lines"),
    command("quit", "", Argument::Word, "leave, as Ctrl-D does"),
];

/// For completion.
pub fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|command| command.name)
}

pub fn argument(name: &str) -> Argument {
    let known = COMMANDS.iter().find(|command| command.name == name);
    known.map_or(Argument::Word, |command| command.argument)
}

impl Repl {
    /// Does what a text says that begins with a colon.
    pub(super) async fn command(&mut self, text: &str) -> After {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let (name, rest) = (&name[1..], rest.trim());
        let Some(known) = COMMANDS.iter().find(|command| command.name == name) else {
            return self.unknown(name);
        };
        let needs = !known.takes.is_empty() && !known.takes.starts_with('[');
        if needs && rest.is_empty() {
            let help = format!("write `:{name} {}`", known.takes);
            return self.refuse(&format!("`:{name}` needs something behind it"), Some(&help));
        }
        if known.takes.is_empty() && !rest.is_empty() {
            return self.refuse(&format!("`:{name}` takes nothing"), Some(&format!("write `:{name}`")));
        }
        match name {
            "help" if rest.is_empty() => self.list(),
            "help" => self.describe(rest).await,
            "type" => match self.heard(self.session.type_of(rest)).await {
                Some(ty) => self.say(&format!("{ty}\n")),
                None => After::Failed,
            },
            "prompt" => match self.heard(self.session.prompt_line(rest)).await {
                Some(calls) if calls.is_empty() => {
                    let help = "write a call with its inputs: `:prompt router(body: \"…\")`";
                    self.refuse("this calls no model", Some(help))
                }
                Some(calls) => {
                    self.screen
                        .shown(&calls.iter().map(prompt::as_text).collect::<String>());
                    After::Went
                }
                None => After::Failed,
            },
            "history" => self.history(rest),
            "usage" => self.usage(),
            "lm" => self.run(self.session.use_model(rest)).await,
            "set" => self.set(rest).await,
            "load" => self.load(rest).await,
            "reload" => match self.loaded.clone() {
                Some(file) => self.load(&file).await,
                None => self.refuse("nothing was loaded yet", Some("`:load FILE` loads a script")),
            },
            "save" => self.save(rest).await,
            "clear" => match self.heard(self.session.forget_lines()).await {
                Some(()) => After::Went,
                None => After::Failed,
            },
            _ => After::Leave,
        }
    }

    fn say(&self, text: &str) -> After {
        self.screen.out(text);
        After::Went
    }

    fn refuse(&self, message: &str, help: Option<&str>) -> After {
        self.screen.complain(message, help);
        After::Failed
    }

    fn unknown(&self, name: &str) -> After {
        let near = nearest(name, names()).or_else(|| names().find(|known| !name.is_empty() && known.starts_with(name)));
        let help = near.map_or("`:help` lists the commands".to_owned(), |near| {
            format!("did you mean `:{near}`?")
        });
        self.refuse(&format!("there is no command `:{name}`"), Some(&help))
    }

    /// `exit()`, `help(len)`: what is a command here, and a function elsewhere.
    pub(super) async fn habit(&self, text: &str) -> Option<After> {
        let (word, argument) = text.split_once('(').unwrap_or((text, ""));
        let argument = argument.trim_end_matches(')');
        let meant = match word {
            "exit" | "quit" => "quit".to_owned(),
            "help" if is_name(argument) && !argument.is_empty() => format!("help {argument}"),
            "help" | "?" => "help".to_owned(),
            _ => return None,
        };
        let own = self.session.about(word).await.is_ok_and(|known| !known.is_empty());
        let help = format!("write `:{meant}`");
        (!own).then(|| self.refuse(&format!("`{word}` is a command here"), Some(&help)))
    }

    fn list(&self) -> After {
        let head = "A statement or an expression is run, and its value printed; `_` is the last value.\n\
                    A line that fails changes nothing. Ctrl-C drops an input or stops a run.\n\n";
        self.say(&format!(
            "{head}{}",
            COMMANDS.iter().map(Command::line).collect::<String>()
        ))
    }

    /// `:help len`
    async fn describe(&self, name: &str) -> After {
        let command = |name: &str| COMMANDS.iter().find(|command| command.name == name);
        if let Some(command) = name.strip_prefix(':').and_then(command) {
            return self.say(&command.line());
        }
        if let Some((form, does)) = words::about(name) {
            return self.say(&format!("{}\n\n{does}\n", self.code(form)));
        }
        let Some(known) = self.heard(self.session.about(name)).await else {
            return After::Failed;
        };
        if let (true, Some(command)) = (known.is_empty(), command(name)) {
            return self.say(&command.line());
        }
        if known.is_empty() {
            let names = self.heard(self.session.names()).await.unwrap_or_default();
            let near = nearest(name, names.iter().map(|name| name.as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            return self.refuse(&format!("there is nothing named `{name}` here"), help.as_deref());
        }
        let one = |about: &About| {
            let description = about.description.as_ref().map(|text| format!("\n{}\n", text.trim()));
            format!("{}\n{}", self.code(&about.head), description.unwrap_or_default())
        };
        self.say(&known.iter().map(one).collect::<Vec<_>>().join("\n"))
    }

    /// Source text, coloured where there are colours.
    fn code(&self, text: &str) -> String {
        match self.screen.color_out() {
            true => colored(text),
            false => text.to_owned(),
        }
    }

    fn history(&self, count: &str) -> After {
        let Ok(count) = (if count.is_empty() { Ok(1) } else { count.parse() }) else {
            return self.refuse(&format!("`{count}` is no number of calls"), Some("write `:history 3`"));
        };
        let calls = self.session.account().calls(count);
        match calls.is_empty() {
            true => self.say("no call of a model was answered yet\n"),
            false => self.say(&layout(calls, &self.screen)),
        }
    }

    fn usage(&self) -> After {
        let usage = self.session.account().usage();
        let models = usage.by_model.iter().map(|(name, usage)| (name.as_str(), usage));
        let total = (usage.by_model.len() != 1).then_some(("all models", &usage.total));
        self.say(&models.chain(total).map(used).collect::<String>())
    }

    /// `:set temperature 0.7`
    async fn set(&self, text: &str) -> After {
        let Some((name, value)) = text.split_once(char::is_whitespace) else {
            return self.refuse(
                &format!("`:set {text}` lacks a value"),
                Some(&format!("write `:set {text} VALUE`")),
            );
        };
        let value = value.trim();
        if name == "lm" && !value.contains('(') && !is_name(value) {
            return self.run(self.session.use_model(value)).await;
        }
        let known = self.heard(self.session.about(value)).await.unwrap_or_default();
        // `:set adapter json` means the text.
        let quoted = is_name(value) && !matches!(value, "true" | "false" | "none") && known.is_empty();
        let value = if quoted || name == "adapter" && is_name(value) {
            source_text(value)
        } else {
            value.to_owned()
        };
        let line = self
            .session
            .line(&format!("configure({name}: {value})"), self.screen.color());
        self.run(line).await
    }

    async fn load(&mut self, file: &str) -> After {
        let script = match Script::read(&RealHost::new(Permissions::default()), Path::new(file)) {
            Ok(script) => script,
            Err(failure) => {
                self.screen.err(&failure.render(self.screen.color()));
                return After::Failed;
            }
        };
        self.loaded = Some(file.to_owned());
        let line = self.session.load(script, self.screen.color());
        self.run(line).await
    }

    async fn save(&mut self, file: &str) -> After {
        let host = RealHost::new(Permissions::default());
        let path = Path::new(file);
        if host.exists(Access::Own, path) && !self.written.iter().any(|written| written == file) {
            let help = "save under another name, or remove the file first";
            return self.refuse(&format!("`{file}` is there already"), Some(help));
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let Some(saved) = self.heard(self.session.lines(folder, self.screen.color())).await else {
            return After::Failed;
        };
        if let Err(error) = host.write(Access::Own, path, saved.text.as_bytes()) {
            return self.refuse(&error.message, None);
        }
        self.written.push(file.to_owned());
        if !saved.problems.is_empty() {
            self.screen.err(&saved.problems);
            let help = "as lines these went one after the other; in a script they stand side by side";
            return self.refuse(&format!("`{file}` is written, but does not run yet"), Some(help));
        }
        self.screen.err(&format!("saved as `{file}`\n"));
        After::Went
    }
}

/// `openai/gpt-4o-mini: 2 calls (1 from the cache), 120 + 30 tokens, $0.0003`
fn used((name, usage): (&str, &ModelUsage)) -> String {
    let calls = if usage.calls == 1 { "call" } else { "calls" };
    let cost = (usage.cost > 0.0).then(|| format!(", ${:.4}", usage.cost));
    format!(
        "{name}: {} {calls} ({} from the cache), {} + {} tokens{}\n",
        usage.calls,
        usage.cached,
        usage.prompt_tokens,
        usage.completion_tokens,
        cost.unwrap_or_default()
    )
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !text.starts_with(|c: char| c.is_ascii_digit())
}
