//! What the commands themselves print, with colours where they are wanted.

use std::sync::Arc;

use super::options::Color;
use crate::diag::legible;
use crate::host::{Host, Permissions, RealHost, Stream};

/// The two streams.
#[derive(Clone)]
pub struct Screen {
    host: Arc<dyn Host>,
    color: bool,
    color_out: bool,
}

impl Screen {
    /// The process's own streams. Colours by the option, else `NO_COLOR` forbids them, else they are for terminals.
    pub fn new(color: Color) -> Screen {
        Screen::on(Arc::new(RealHost::new(Permissions::default())), color)
    }

    /// The streams of another host.
    pub fn on(host: Arc<dyn Host>, color: Color) -> Screen {
        let plain = || {
            host.env("NO_COLOR").is_some_and(|value| !value.is_empty()) || host.env("TERM").as_deref() == Some("dumb")
        };
        let wanted = |stream: Stream| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => host.is_terminal(stream) && !plain(),
        };
        let (color, color_out) = (wanted(Stream::Err), wanted(Stream::Out));
        Screen { host, color, color_out }
    }

    /// Whether stderr has colours.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Whether stdout has colours.
    pub fn color_out(&self) -> bool {
        self.color_out
    }

    /// How many columns a table may have.
    pub fn width(&self) -> usize {
        self.host.columns()
    }

    /// A result.
    pub fn out(&self, text: &str) {
        self.print(Stream::Out, text);
    }

    /// A result that may hold what others said: on a terminal nothing in it steers it.
    pub fn shown(&self, text: &str) {
        // Where a text cannot be printed there is nobody to tell.
        let _unheard = self.host.print_shown(Stream::Out, text);
    }

    /// Whether a person reads stdout.
    pub fn is_terminal(&self) -> bool {
        self.host.is_terminal(Stream::Out)
    }

    /// Everything else.
    pub fn err(&self, text: &str) {
        self.print(Stream::Err, text);
    }

    fn print(&self, stream: Stream, text: &str) {
        if !text.is_empty() {
            // Where a text cannot be printed there is nobody to tell.
            let _unheard = self.host.print(stream, text);
        }
    }

    /// `error: …` with a help.
    pub fn complain(&self, message: &str, help: Option<&str>) {
        let word = match self.color {
            true => "\u{1b}[31;1merror\u{1b}[0m",
            false => "error",
        };
        let help = help
            .map(|help| format!("  help: {}\n", legible(help)))
            .unwrap_or_default();
        self.err(&format!("{word}: {}\n{help}", legible(message)));
    }
}
