//! What the editor knows of the language while a person types: whether an input is whole, its colours, what a word may
//! become, which arguments a call still wants.

use std::borrow::Cow;

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::line_buffer::LineBuffer;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Changeset, Context, Helper};

use super::command;
use crate::session::{Session, colored, is_complete};

pub struct Assist {
    session: Session,
    color: bool,
    files: FilenameCompleter,
}

impl Assist {
    pub fn new(session: Session, color: bool) -> Assist {
        Assist {
            session,
            color,
            files: FilenameCompleter::new(),
        }
    }
}

impl Helper for Assist {}

impl Validator for Assist {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let input = context.input();
        // Empty lines end even an input that is not whole, so that its problems are shown.
        let given_up = input.ends_with("\n\n");
        Ok(
            match input.trim_start().starts_with(':') || given_up || is_complete(input) {
                true => ValidationResult::Valid(None),
                false => ValidationResult::Incomplete,
            },
        )
    }
}

impl Highlighter for Assist {
    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        match line.split_once(char::is_whitespace) {
            _ if !line.starts_with(':') => Cow::Owned(colored(line)),
            Some((name, _)) => Cow::Owned(format!("\u{1b}[35m{name}\u{1b}[0m{}", &line[name.len()..])),
            None => Cow::Owned(format!("\u{1b}[35m{line}\u{1b}[0m")),
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m"))
    }

    fn highlight_char(&self, _line: &str, _pos: usize, kind: CmdKind) -> bool {
        // Moving the cursor changes no colour.
        self.color && kind != CmdKind::MoveCursor
    }
}

/// Shown behind the cursor, never taken over.
pub struct Wanted(String);

impl Hint for Wanted {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Assist {
    type Hint = Wanted;

    /// Without colours a hint could not be told from what was typed.
    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Wanted> {
        let here = self.color && pos == line.len() && !line.starts_with(':');
        here.then(|| self.session.hint(line)).flatten().map(Wanted)
    }
}

impl Completer for Assist {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let text = &line[..pos];
        if let Some(command) = text.strip_prefix(':') {
            return self.command(command, line, pos);
        }
        match self.session.complete(text) {
            Some(found) => Ok((found.start, found.candidates.into_iter().map(pair).collect())),
            None => self.files.complete_path(line, pos),
        }
    }

    /// In the middle of a word: what stands behind the cursor and ends the word that was chosen is not written twice.
    fn update(&self, line: &mut LineBuffer, start: usize, elected: &str, changes: &mut Changeset) {
        let behind = &line.as_str()[line.pos()..];
        let rest = behind
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(behind.len());
        let rest = if elected.ends_with(&behind[..rest]) { rest } else { 0 };
        let end = line.pos() + rest;
        line.replace(start..end, elected, changes);
    }
}

impl Assist {
    fn command(&self, text: &str, line: &str, pos: usize) -> rustyline::Result<(usize, Vec<Pair>)> {
        let Some((name, argument)) = text.split_once(' ') else {
            let fitting = command::names().filter(|name| name.starts_with(text));
            return Ok((1, fitting.map(|name| pair(name.to_owned())).collect()));
        };
        let from = pos - argument.len();
        match command::argument(name) {
            command::Argument::Path => self.files.complete_path(line, pos),
            command::Argument::Expression => {
                let found = self.session.complete(argument).unwrap_or_default();
                let candidates = found.candidates.into_iter().map(pair).collect();
                Ok((from + found.start, candidates))
            }
            command::Argument::Setting => {
                let found = self
                    .session
                    .complete(&format!("configure({argument}"))
                    .unwrap_or_default();
                let settings = found.candidates.iter().filter_map(|name| name.strip_suffix(": "));
                Ok((from, settings.map(|name| pair(format!("{name} "))).collect()))
            }
            command::Argument::Word => Ok((pos, Vec::new())),
        }
    }
}

fn pair(text: String) -> Pair {
    Pair {
        display: text.clone(),
        replacement: text,
    }
}
