//! Reading inputs at a terminal, with rustyline.

use std::io::ErrorKind;

use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{ColorMode, CompletionType, Config, Editor};

use super::assist::Assist;
use super::past::Past;
use crate::session::Session;

/// What a person typed.
pub enum Input {
    Text(String),
    /// Ctrl-C: the input is dropped.
    Cancelled,
    /// Bytes that are no text.
    Unreadable,
    /// Ctrl-D, or a terminal that went away.
    End,
}

/// The editor of the terminal.
pub struct Reader {
    editor: Editor<Assist, MemHistory>,
}

impl Reader {
    pub fn new(session: Session, color: bool, past: &Past) -> rustyline::Result<Reader> {
        let mode = match color {
            true => ColorMode::Enabled,
            false => ColorMode::Disabled,
        };
        let config = Config::builder()
            .auto_add_history(true)
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .bracketed_paste(true)
            .color_mode(mode)
            .build();
        let history = MemHistory::with_config(&config);
        let mut editor = Editor::with_history(config, history)?;
        for input in past.inputs() {
            let _new = editor.add_history_entry(input)?;
        }
        editor.set_helper(Some(Assist::new(session, color)));
        Ok(Reader { editor })
    }

    pub fn read(&mut self) -> Input {
        match self.editor.readline("> ") {
            Ok(text) => Input::Text(text),
            Err(ReadlineError::Interrupted) => Input::Cancelled,
            Err(ReadlineError::Io(error)) if error.kind() == ErrorKind::InvalidData => Input::Unreadable,
            Err(_) => Input::End,
        }
    }

    /// The columns of the terminal.
    pub fn width(&mut self) -> Option<usize> {
        let (columns, _) = self.editor.dimensions()?;
        Some(usize::from(columns)).filter(|columns| *columns > 0)
    }
}
