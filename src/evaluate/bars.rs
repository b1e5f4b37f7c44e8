//! The bars of what is under way on a terminal, where evaluations may overlap: it shows the first of them, and lines that
//! are said meanwhile go above it.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::host::{Host, HostResult, Stream};

/// In the order in which they began. A process has one terminal, whatever sessions are in it.
static UNDER_WAY: Mutex<Vec<(u64, ProgressBar)>> = Mutex::new(Vec::new());

fn under_way() -> MutexGuard<'static, Vec<(u64, ProgressBar)>> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One of them.
pub struct Bar {
    host: Arc<dyn Host>,
    number: u64,
    bar: ProgressBar,
}

impl Bar {
    /// Where a person reads stderr.
    pub fn new(host: &Arc<dyn Host>, label: &str, total: u64) -> Option<Bar> {
        if !host.is_terminal(Stream::Err) {
            return None;
        }
        let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len}  {msg}  {per_sec}  eta {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let mut all = under_way();
        let number = all.last().map_or(0, |(last, _)| last + 1);
        let target = match all.is_empty() {
            true => target(host),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(total), target)
            .with_style(style)
            .with_prefix(label.to_owned());
        all.push((number, bar.clone()));
        Some(Bar {
            host: host.clone(),
            number,
            bar,
        })
    }

    pub fn set_message(&self, message: String) {
        self.bar.set_message(message);
    }

    /// Draws it now, however short ago it was drawn.
    pub fn force_draw(&self) {
        self.bar.force_draw();
    }

    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Gives its place to the next one.
    pub fn clear(&self) {
        let mut all = under_way();
        let Some(at) = all.iter().position(|(number, _)| *number == self.number) else {
            return;
        };
        all.remove(at);
        self.bar.finish_and_clear();
        if let Some((_, next)) = all.first().filter(|_| at == 0) {
            next.set_draw_target(target(&self.host));
            next.tick();
        }
    }
}

/// Says a line on stderr, above the bar that is shown.
pub fn say(host: &dyn Host, line: &str) -> HostResult<()> {
    let print = || host.print_shown(Stream::Err, &format!("{line}\n"));
    let shown = under_way().first().map(|(_, bar)| bar.clone());
    match shown {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

fn target(host: &Arc<dyn Host>) -> ProgressDrawTarget {
    ProgressDrawTarget::term_like(Box::new(HostTerminal(host.clone())))
}

/// The host's stderr as indicatif draws on it.
struct HostTerminal(Arc<dyn Host>);

impl fmt::Debug for HostTerminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostTerminal")
    }
}

impl HostTerminal {
    fn write(&self, text: &str) -> io::Result<()> {
        self.0.print(Stream::Err, text).map_err(io::Error::other)
    }

    fn escape(&self, n: usize, direction: char) -> io::Result<()> {
        match n {
            0 => Ok(()),
            _ => self.write(&format!("\u{1b}[{n}{direction}")),
        }
    }
}

impl TermLike for HostTerminal {
    fn width(&self) -> u16 {
        u16::try_from(self.0.columns()).unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.escape(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.escape(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.escape(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.escape(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.write(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}
