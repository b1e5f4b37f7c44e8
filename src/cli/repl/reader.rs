//! Reading inputs with rustyline: an input goes on over lines until the parser calls it complete.

use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Completer, Config, Editor, Helper};

use crate::session::is_complete;

/// What a person typed.
pub enum Input {
    Text(String),
    /// Ctrl-C: the line is dropped.
    Cancelled,
    /// Ctrl-D, or the end of the standard input.
    End,
}

/// The editor of the terminal.
pub struct Reader {
    editor: Editor<Whole, MemHistory>,
}

/// Knows when an input is whole.
#[derive(Completer, Helper)]
struct Whole;

impl Highlighter for Whole {}

impl Hinter for Whole {
    type Hint = String;
}

impl Validator for Whole {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let input = context.input();
        // An empty line ends even an input that is not whole, so that its problems are shown.
        let given_up = input.ends_with("\n\n");
        Ok(
            match input.trim_start().starts_with(':') || given_up || is_complete(input) {
                true => ValidationResult::Valid(None),
                false => ValidationResult::Incomplete,
            },
        )
    }
}

impl Reader {
    pub fn new(color: bool) -> rustyline::Result<Reader> {
        let mode = if color {
            rustyline::ColorMode::Enabled
        } else {
            rustyline::ColorMode::Disabled
        };
        let config = Config::builder().auto_add_history(true).color_mode(mode).build();
        let mut editor = Editor::with_history(config, MemHistory::new())?;
        editor.set_helper(Some(Whole));
        Ok(Reader { editor })
    }

    pub fn read(&mut self) -> Input {
        match self.editor.readline("> ") {
            Ok(text) => Input::Text(text),
            Err(ReadlineError::Interrupted) => Input::Cancelled,
            Err(_) => Input::End,
        }
    }
}
