//! Wrong usage: what was wrong with the command line, and what to do. Exit code 2.

/// A complaint about the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    pub message: String,
    pub help: Option<String>,
}

impl Usage {
    pub fn new(message: impl Into<String>) -> Usage {
        Usage {
            message: message.into(),
            help: None,
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Usage {
        self.help = Some(help.into());
        self
    }
}
