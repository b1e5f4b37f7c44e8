//! A REPL behind a pseudo-terminal. Nothing is typed before the editor listens, so nothing depends on how fast it is.

use std::time::Duration;

use expectrl::session::{OsSession, Session};
use expectrl::{Eof, Expect};

use crate::sandbox::Sandbox;

/// What the editor writes when it begins to listen.
const LISTENS: &str = "\u{1b}[?2004h";

pub const TAB: &str = "\t";
pub const ENTER: &str = "\r";
pub const LEFT: &str = "\u{1b}[D";
pub const UP: &str = "\u{1b}[A";
pub const BACKSPACE: &str = "\u{7f}";
pub const CTRL_A: &str = "\u{1}";
pub const CTRL_C: &str = "\u{3}";
pub const CTRL_D: &str = "\u{4}";
pub const CTRL_F: &str = "\u{6}";
pub const CTRL_K: &str = "\u{b}";
pub const CTRL_R: &str = "\u{12}";

pub struct Terminal {
    session: OsSession,
    listens: bool,
}

impl Terminal {
    /// Without colours.
    pub fn new(sandbox: &Sandbox, args: &[&str]) -> Terminal {
        Terminal::with(sandbox, args, &[("NO_COLOR", "1")])
    }

    pub fn with(sandbox: &Sandbox, args: &[&str], environment: &[(&str, &str)]) -> Terminal {
        let mut command = sandbox.command();
        command.arg("repl").args(args).env("TERM", "xterm");
        command.envs(environment.iter().copied());
        let mut session = Session::spawn(command).unwrap();
        session.set_expect_timeout(Some(Duration::from_secs(60)));
        Terminal {
            session,
            listens: false,
        }
    }

    /// Types keys into the present input.
    #[track_caller]
    pub fn keys(&mut self, keys: &str) -> &mut Terminal {
        if !self.listens {
            self.sees(LISTENS);
            self.listens = true;
        }
        self.session.send(keys).unwrap();
        self
    }

    /// Bytes that are no text, which end the input.
    #[track_caller]
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Terminal {
        self.keys("");
        self.session.send(bytes).unwrap();
        self.listens = false;
        self
    }

    /// Types a whole input and hands it in.
    #[track_caller]
    pub fn line(&mut self, text: &str) -> &mut Terminal {
        self.keys(text).hand_in(ENTER)
    }

    /// A key that ends the input.
    #[track_caller]
    pub fn hand_in(&mut self, key: &str) -> &mut Terminal {
        self.keys(key);
        self.listens = false;
        self
    }

    /// To the process, while no input is read.
    pub fn signal(&mut self, key: &str) -> &mut Terminal {
        self.session.send(key).unwrap();
        self
    }

    /// Waits for a text behind what was seen last.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> &mut Terminal {
        if let Err(error) = self.session.expect(text) {
            let rest = self
                .session
                .check(expectrl::NBytes(100_000))
                .map(|rest| rest.as_bytes().to_vec());
            let rest = rest.unwrap_or_default();
            panic!("`{text}` does not appear: {error}\n{}", String::from_utf8_lossy(&rest));
        }
        self
    }

    /// All that is written up to a text, and that text.
    #[track_caller]
    pub fn until(&mut self, text: &str) -> String {
        let found = self.session.expect(text).unwrap();
        let before = String::from_utf8_lossy(found.before()).into_owned();
        before + text
    }

    /// The process ends by itself.
    #[track_caller]
    pub fn ends(&mut self) {
        self.session.expect(Eof).unwrap();
    }
}
