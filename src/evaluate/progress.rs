//! How far a search or an evaluation is: a bar on a terminal, one line where stderr is none.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::bars::{self, Bar};
use crate::call::Watcher;
use crate::host::{Host, steers};
use crate::value::EcoString;

/// `evaluate  12/45  score 53.33, 12 calls`
pub struct Progress {
    host: Arc<dyn Host>,
    label: String,
    bar: Option<Bar>,
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
            bar.draw();
        }
    }
}

impl Progress {
    pub fn new(host: Arc<dyn Host>, label: String, total: u64, quiet: bool) -> Progress {
        let bar = Bar::new(&host, &label, total);
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
            bar.step();
        }
    }

    /// Replaces the bar by one line, which says how it ended and how long it took.
    pub fn finish(&self, summary: &str, failure: Option<&EcoString>) {
        if let Some(bar) = &self.bar {
            bar.clear();
        }
        if self.quiet {
            return;
        }
        let seconds = self.host.elapsed().as_secs_f64() - self.started;
        let why = failure.map(|message| message.lines().next().unwrap_or_default());
        let why = why.map(harmless);
        let why = why.map_or_else(String::new, |why| format!("; the first failure: {why}"));
        // Progress is a courtesy: a stderr that is gone stops nothing.
        let _ = bars::say(
            self.host.as_ref(),
            &format!("{}: {summary} in {seconds:.1} s{why}", self.label),
        );
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
        .map(|c| if c.is_control() || steers(c) { '\u{b7}' } else { c })
        .collect()
}
