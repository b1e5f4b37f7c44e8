//! Lines of a REPL: each is checked after the one before, and commits wholly or not at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::failure::render_problems;
use super::{Failure, Outcome, Session, State, plan};
use crate::check::{Kind, Mark};
use crate::diag::{Format, Problems, Renderer};
use crate::hir::Unit;
use crate::source::FileId;
use crate::value::Value;
use crate::vm::Checkpoint;

/// The name under which the folder of lines is kept.
pub(super) const FOLDER: &str = "<repl>";

/// A session as it was before a line.
pub(super) struct Before {
    environment: Mark,
    checkpoint: Checkpoint,
    files: usize,
    done: BTreeSet<(FileId, u32)>,
    unit: Option<Arc<Unit>>,
}

/// What a line came to.
#[derive(Clone, Debug)]
pub struct Line {
    /// What the line came to; `none` for a statement.
    pub value: Value,
    /// What its check warned of, drawn.
    pub warnings: String,
}

impl Session {
    /// Runs one input of a REPL. If anything fails, the session is as it was before.
    pub fn line(&self, text: &str, color: bool) -> Outcome<Line> {
        let text = text.to_owned();
        self.turn(move |mut state| async move { state.line(&text, color).await })
    }

    /// The warnings of the check, drawn.
    pub fn warnings(&self, color: bool) -> Outcome<String> {
        self.turn(move |state| async move { Ok(state.drawn_warnings(color)) })
    }
}

impl State {
    fn drawn_warnings(&self, color: bool) -> String {
        let renderer = Renderer {
            sources: &self.sources,
            format: Format::Text { color },
        };
        render_problems(&renderer, &self.warnings.clone().sorted())
    }

    async fn line(&mut self, text: &str, color: bool) -> Result<Line, Failure> {
        // A line whose future was dropped is taken back now.
        self.take_back();
        self.before_line = Some(Box::new(Before {
            environment: self.environment.mark(),
            checkpoint: self.machine.checkpoint(),
            files: self.sources.len(),
            done: self.done.clone(),
            unit: self.unit.clone(),
        }));
        let value = self.run_line(text).await;
        if value.is_err() {
            self.take_back();
        }
        self.before_line = None;
        self.lines += 1;
        Ok(Line {
            value: value?,
            warnings: self.drawn_warnings(color),
        })
    }

    fn take_back(&mut self) {
        if let Some(before) = self.before_line.take() {
            self.environment.rollback(before.environment);
            self.sources.truncate(before.files);
            self.machine.restore(before.checkpoint);
            self.load();
            (self.done, self.unit, self.warnings) = (before.done, before.unit, Problems::default());
        }
    }

    async fn run_line(&mut self, text: &str) -> Result<Value, Failure> {
        let after = self.unit.as_ref().map(|unit| unit.file);
        let name = format!("<repl {}>", self.lines + 1);
        if let Some(folder) = self.folders.get(FOLDER).cloned() {
            self.folders.insert(name.clone(), folder);
        }
        let file = self.sources.add(name, text);
        self.check(file, Kind::Line { after })?;
        let unit = self.script()?;
        self.prepare(plan::Roots::whole(&unit), plan::Own::Later, &unit).await?;
        self.run_unit(&unit).await
    }
}
