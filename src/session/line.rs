//! Lines of a REPL: each is checked after the one before, and commits wholly or not at all.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::failure::{Drawn, render_problems};
use super::saved::Entry;
use super::{Failure, Outcome, Script, Session, State, plan};
use crate::check::{Environment, Kind, LAST, Mark};
use crate::diag::{Fault, FaultKind, Format, Problems, Renderer};
use crate::hir::{Definition, Unit};
use crate::source::FileId;
use crate::value::{Type, Value, source_text};
use crate::vm::{Captured, Checkpoint};

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
    /// The type of the value; `none` where the line has none.
    pub ty: Type,
    /// What its check warned of, drawn.
    pub warnings: String,
    /// What became of names that it declared anew, a sentence each.
    pub notes: Vec<String>,
}

impl Session {
    /// Runs one input of a REPL. If anything fails, the session is as it was before.
    pub fn line(&self, text: &str, color: bool) -> Outcome<Line> {
        let input = Input::typed(text);
        self.turn(move |mut state| async move { state.line(input, color).await })
    }

    /// Runs a script (without its `main`) as one line: its names are the session's from then on. Files that it imports
    /// are read anew.
    pub fn load(&self, script: Script, color: bool) -> Outcome<Line> {
        let input = Input {
            text: script.text,
            of: Some((script.name, script.folder)),
        };
        self.turn(move |mut state| async move { state.line(input, color).await })
    }

    /// What a call written as in a line would send first; sends nothing, keeps nothing.
    pub fn prompt_line(&self, call: &str) -> Outcome<Vec<Captured>> {
        let input = Input::typed(call);
        self.turn(move |mut state| async move {
            state.remember();
            let captured = state.captured(&input).await;
            state.take_back();
            captured
        })
    }

    /// Calls use this model from now on, as behind `configure(lm: LM(name))`, also where a builder's `lm` was to stand
    /// above what scripts configure.
    pub fn use_model(&self, name: &str) -> Outcome<Line> {
        let input = Input::typed(&format!("configure(lm: LM({}))", source_text(name)));
        self.turn(move |mut state| async move {
            let forced = state.machine.force_lm(false);
            let line = state.line(input, false).await;
            if line.is_err() {
                state.machine.force_lm(forced);
            }
            line
        })
    }

    /// Forgets all lines: the session is as it was before the first of them.
    pub fn forget_lines(&self) -> Outcome<()> {
        self.turn(|mut state| async move {
            state.take_back();
            state.before_line = state.before_first.take();
            state.take_back();
            state.saved.clear();
            Ok(())
        })
    }

    /// The warnings of the check, each as it is shown.
    pub fn problems(&self, format: Format) -> Outcome<Drawn> {
        self.turn(move |state| async move {
            let renderer = Renderer {
                sources: &state.sources,
                format,
            };
            Ok(Drawn::new(&renderer, &state.warnings.clone().sorted()))
        })
    }

    /// The warnings of the check, drawn.
    pub fn warnings(&self, color: bool) -> Outcome<String> {
        self.turn(move |state| async move { Ok(state.drawn_warnings(color)) })
    }
}

/// What a line is made of.
struct Input {
    text: Arc<str>,
    /// The name and folder of the file that it was read from.
    of: Option<(String, PathBuf)>,
}

impl Input {
    fn typed(text: &str) -> Input {
        Input {
            text: text.into(),
            of: None,
        }
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

    async fn line(&mut self, input: Input, color: bool) -> Result<Line, Failure> {
        self.remember();
        let ran = self.run_line(&input).await;
        if ran.is_err() {
            self.take_back();
        }
        self.lines += 1;
        let (value, ty) = ran?;
        let mut notes = self.declared_anew();
        notes.extend(self.tests_wait(&input));
        if let Some(before) = self.before_line.take()
            && self.before_first.is_none()
        {
            self.before_first = Some(before);
        }
        self.saved.push(Entry::new(
            input.text.to_string(),
            !matches!(ty, Type::None | Type::Never),
        ));
        Ok(Line {
            value,
            ty,
            warnings: self.drawn_warnings(color),
            notes,
        })
    }

    /// What became of `test` blocks that were typed.
    fn tests_wait(&self, input: &Input) -> Option<String> {
        let tests = self.unit.as_ref().is_some_and(|unit| !unit.tests.is_empty());
        let note = "a `test` block was checked and does not run here: `dsp test FILE` runs those of a file";
        (tests && input.of.is_none()).then(|| note.to_owned())
    }

    /// From here on a line can be taken back. One whose future was dropped is taken back now.
    fn remember(&mut self) {
        self.take_back();
        self.before_line = Some(Box::new(Before {
            environment: self.environment.mark(),
            checkpoint: self.machine.checkpoint(),
            files: self.sources.len(),
            done: self.done.clone(),
            unit: self.unit.clone(),
        }));
    }

    pub(super) fn take_back(&mut self) {
        if let Some(before) = self.before_line.take() {
            self.environment.rollback(before.environment);
            self.sources.truncate(before.files);
            self.machine.restore(before.checkpoint);
            self.load();
            (self.done, self.unit, self.warnings) = (before.done, before.unit, Problems::default());
        }
    }

    async fn run_line(&mut self, input: &Input) -> Result<(Value, Type), Failure> {
        let after = self.unit.as_ref().map(|unit| unit.file);
        let file = self.add_line(input);
        self.check(file, Kind::Line { after })?;
        let unit = self.script()?;
        self.prepare(plan::Roots::whole(&unit), plan::Own::Later, &unit).await?;
        self.run_unit(&unit).await?;
        Ok(self.last_value(&unit))
    }

    fn add_line(&mut self, input: &Input) -> FileId {
        let (name, folder) = match &input.of {
            Some((name, folder)) => {
                self.environment.forget_imports();
                (name.clone(), Some(Arc::new(folder.clone())))
            }
            None => (format!("<repl {}>", self.lines + 1), self.folders.get(FOLDER).cloned()),
        };
        if let Some(folder) = folder {
            self.folders.insert(name.clone(), folder);
        }
        self.sources.add(name, input.text.clone())
    }

    /// The value of a line that has run, and its type.
    pub(super) fn last_value(&self, unit: &Unit) -> (Value, Type) {
        match unit.names.iter().find(|(name, _)| name == LAST) {
            Some((_, Definition::Global(id))) => {
                let value = self.machine.global(*id).unwrap_or(Value::None);
                (value, self.environment.global_type(*id).clone())
            }
            _ => (Value::None, Type::None),
        }
    }

    async fn captured(&mut self, input: &Input) -> Result<Vec<Captured>, Failure> {
        let before = self.begin_dry_run();
        let outcome = self.run_line(input).await;
        match (outcome, self.end_dry_run(before)) {
            (Err(failure), captured) if captured.is_empty() => Err(failure),
            (_, captured) => Ok(captured),
        }
    }

    /// The type of what an input comes to; nothing runs, nothing is kept.
    pub(super) fn type_of(&mut self, text: &str) -> Result<Type, Failure> {
        self.take_back();
        let (mark, files) = (self.environment.mark(), self.sources.len());
        let after = self.unit.as_ref().map(|unit| unit.file);
        let file = self.add_line(&Input::typed(text));
        let (unit, problems) = self.check_alone(file, Kind::Line { after });
        let ty = match unit {
            Some(unit) => Ok(line_type(&self.environment, &unit)),
            None => Err(Failure::check(problems, self.sources.clone())),
        };
        self.environment.rollback(mark);
        self.sources.truncate(files);
        match ty {
            Ok(Some(ty)) => Ok(ty),
            Ok(None) => Err(Failure::load(
                Fault::new(FaultKind::Type, "this is no expression, so it has no type")
                    .help("an expression has one: `1 + 2`, `router`, `f(x)`"),
            )),
            Err(failure) => Err(failure),
        }
    }
}

/// The type of a line's value; `None` if it ends in a declaration or in a statement that is no expression.
fn line_type(environment: &Environment, unit: &Unit) -> Option<Type> {
    use crate::hir::{BindTarget, StmtKind};
    let StmtKind::Bind {
        target: BindTarget::Global(id),
        ..
    } = &unit.stmts.last()?.kind
    else {
        return None;
    };
    let global = environment.program.global(*id);
    (global.name == LAST).then(|| global.ty.clone())
}
