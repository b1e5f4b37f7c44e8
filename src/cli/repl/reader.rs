//! Reading inputs: one goes on over lines until the parser calls it complete, or it is given up. From a terminal with
//! rustyline, where several lines that are pasted are one input; else line by line, as a script would stand.

use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Completer, Config, Editor, Helper};

use crate::cli::usage::Usage;
use crate::host::shell;
use crate::session::is_complete;

/// What a person typed.
pub enum Input {
    Text(String),
    /// Ctrl-C: the line is dropped.
    Cancelled,
    /// Ctrl-D, or the end of the standard input.
    End,
}

/// Where inputs come from.
pub enum Reader {
    Terminal(Box<Editor<Whole, MemHistory>>),
    Lines,
}

/// Knows when an input is whole.
#[derive(Completer, Helper)]
pub struct Whole;

impl Highlighter for Whole {}

impl Hinter for Whole {
    type Hint = String;
}

impl Validator for Whole {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let input = context.input();
        // Two empty lines end even an input that is not complete, so that its problems are shown.
        Ok(match is_whole(input) || input.ends_with("\n\n") {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

fn is_whole(input: &str) -> bool {
    input.trim_start().starts_with(':') || is_complete(input)
}

impl Reader {
    pub fn new(color: bool) -> rustyline::Result<Reader> {
        if !shell::is_interactive() {
            return Ok(Reader::Lines);
        }
        let mode = if color {
            rustyline::ColorMode::Enabled
        } else {
            rustyline::ColorMode::Disabled
        };
        let config = Config::builder().auto_add_history(true).color_mode(mode).build();
        let mut editor = Editor::with_history(config, MemHistory::new())?;
        editor.set_helper(Some(Whole));
        Ok(Reader::Terminal(Box::new(editor)))
    }

    /// The next input; the error is trouble with the standard input.
    pub fn read(&mut self) -> Result<Input, Usage> {
        let Reader::Terminal(editor) = self else { return lines() };
        Ok(match editor.readline("> ") {
            Ok(text) => Input::Text(text),
            Err(ReadlineError::Interrupted) => Input::Cancelled,
            Err(_) => Input::End,
        })
    }
}

fn lines() -> Result<Input, Usage> {
    let mut input = String::new();
    while let Some(line) = shell::standard_input_line().map_err(|error| Usage::new(error.message))? {
        input.push_str(&line);
        input.push('\n');
        if is_whole(&input) {
            return Ok(Input::Text(input));
        }
    }
    Ok(match input.is_empty() {
        true => Input::End,
        false => Input::Text(input),
    })
}
