//! Inputs of a session without a terminal: lines are put together until they are whole.

use crate::host::{HostResult, shell};
use crate::session::{goes_on, is_complete};

/// The standard input, input by input.
#[derive(Default)]
pub struct Inputs {
    /// A line that was read to see whether it belongs to the one before.
    ahead: Option<String>,
}

impl Inputs {
    /// The next input; what is left at the end is one, whole or not.
    pub fn next(&mut self) -> HostResult<Option<String>> {
        let Some(mut input) = self.line()? else { return Ok(None) };
        while !is_whole(&input) {
            match self.line()? {
                Some(line) => input += &line,
                None => return Ok(Some(input)),
            }
        }
        if is_command(&input) || input.trim().is_empty() {
            return Ok(Some(input));
        }
        while let Some(line) = self.line()? {
            if !goes_on(&line) {
                self.ahead = Some(line);
                break;
            }
            input += &line;
            while !is_whole(&input) {
                let Some(line) = self.line()? else { break };
                input += &line;
            }
        }
        Ok(Some(input))
    }

    fn line(&mut self) -> HostResult<Option<String>> {
        match self.ahead.take() {
            Some(line) => Ok(Some(line)),
            None => Ok(shell::standard_input_line()?.map(|line| line + "\n")),
        }
    }
}

fn is_command(input: &str) -> bool {
    input.trim_start().starts_with(':')
}

fn is_whole(input: &str) -> bool {
    is_command(input) || is_complete(input)
}
