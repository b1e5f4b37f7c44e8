//! How far a search or an evaluation is: a bar on a terminal, one line where stderr is none.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::call::Watcher;
use crate::host::{Host, Stream};
use crate::value::EcoString;

/// `evaluate  12/45  score 53.33, 12 calls`
pub struct Progress {
    host: Arc<dyn Host>,
    label: String,
    bar: Option<ProgressBar>,
    started: f64,
    /// No line is left of it.
    quiet: bool,
    /// How it stands, and what calls wait for.
    shown: Mutex<(String, String)>,
}

impl Watcher for Progress {
    fn waits(&self, what: &str) {
        let mut changes = false;
        self.show(|(_, waits)| {
            changes = waits.is_empty() != what.is_empty();
            what.clone_into(waits);
        });
        // While calls wait nothing else may be drawn for a long time, so this must not be left out among many.
        if let Some(bar) = self.bar.as_ref().filter(|_| changes) {
            bar.force_draw();
        }
    }
}

impl Progress {
    pub fn new(host: Arc<dyn Host>, label: String, total: u64, quiet: bool) -> Progress {
        let bar = host.is_terminal(Stream::Err).then(|| bar(host.clone(), &label, total));
        let started = host.elapsed().as_secs_f64();
        Progress {
            host,
            label,
            bar,
            started,
            quiet,
            shown: Mutex::default(),
        }
    }

    fn show(&self, change: impl FnOnce(&mut (String, String))) {
        let Some(bar) = &self.bar else { return };
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut shown);
        let (news, waits) = &*shown;
        bar.set_message(match waits.is_empty() {
            true => news.clone(),
            false => harmless(&format!("{news} ({waits})")),
        });
    }

    /// One more is done; `news` says how it stands.
    pub fn step(&self, news: String) {
        self.show(|(known, _)| *known = news);
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Replaces the bar by one line, which says how it ended and how long it took.
    pub fn finish(&self, summary: &str, failure: Option<&EcoString>) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.quiet {
            return;
        }
        let seconds = self.host.elapsed().as_secs_f64() - self.started;
        let why = failure.map(|message| message.lines().next().unwrap_or_default());
        let why = why.map(harmless);
        let why = why.map_or_else(String::new, |why| format!("; the first failure: {why}"));
        let line = format!("{}: {summary} in {seconds:.1} s{why}\n", self.label);
        // Progress is a courtesy: a stderr that is gone stops nothing.
        let _ = self.host.print(Stream::Err, &line);
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Progress({})", self.label)
    }
}

/// A model or a server may have worded it: nothing in it steers a terminal.
fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{b7}' } else { c })
        .collect()
}

fn bar(host: Arc<dyn Host>, label: &str, total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len}  {msg}  {per_sec}  eta {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let target = ProgressDrawTarget::term_like(Box::new(HostTerminal(host)));
    ProgressBar::with_draw_target(Some(total), target)
        .with_style(style)
        .with_prefix(label.to_owned())
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
