//! Why a session could not do what it was asked, and how that is shown.

use std::fmt;
use std::sync::Arc;

use crate::diag::{self, Diagnostic, Fault, Format, Problems, Renderer, Severity};
use crate::source::{SourceMap, Span};
use crate::value::Raised;

/// How many calls of a chain are shown.
const FRAMES: usize = 8;

/// What kind of failure it is; the command line's exit code hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The script could not be read, or has nothing of the name that was asked for.
    Load,
    /// The script has problems; nothing of it ran.
    Check,
    /// Something failed as it ran.
    Run,
}

/// One failure with the texts that it points into.
#[derive(Clone, Debug)]
pub struct Failure {
    kind: FailureKind,
    cause: Cause,
    sources: SourceMap,
}

#[derive(Clone, Debug)]
enum Cause {
    Problems(Vec<Diagnostic>),
    Raised(Arc<Raised>),
}

impl Failure {
    pub(super) fn load(fault: Fault) -> Failure {
        let cause = Cause::Raised(Arc::new(Raised::bare(fault)));
        Failure {
            kind: FailureKind::Load,
            cause,
            sources: SourceMap::default(),
        }
    }

    pub(super) fn check(problems: Problems, sources: SourceMap) -> Failure {
        Failure {
            kind: FailureKind::Check,
            cause: Cause::Problems(problems.sorted()),
            sources,
        }
    }

    pub(super) fn raised(raised: Arc<Raised>, sources: SourceMap) -> Failure {
        Failure {
            kind: FailureKind::Run,
            cause: Cause::Raised(raised),
            sources,
        }
    }

    /// Whether it could not be read, did not check, or failed as it ran.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The problems of a check, sorted by place.
    pub fn problems(&self) -> &[Diagnostic] {
        match &self.cause {
            Cause::Problems(problems) => problems,
            Cause::Raised(_) => &[],
        }
    }

    /// The failure of a run.
    pub fn fault(&self) -> Option<&Fault> {
        match &self.cause {
            Cause::Problems(_) => None,
            Cause::Raised(raised) => Some(&raised.fault),
        }
    }

    /// The problems of a check; nothing where it failed in another way.
    pub fn drawn(&self, format: Format) -> Option<Drawn> {
        let Cause::Problems(problems) = &self.cause else {
            return None;
        };
        let renderer = Renderer {
            sources: &self.sources,
            format,
        };
        Some(Drawn::new(&renderer, problems))
    }

    /// The text for a terminal, ending in a newline.
    pub fn render(&self, color: bool) -> String {
        let renderer = Renderer {
            sources: &self.sources,
            format: Format::Text { color },
        };
        match &self.cause {
            Cause::Problems(problems) => render_problems(&renderer, problems),
            Cause::Raised(raised) => render_raised(&renderer, raised),
        }
    }
}

/// The problems of a check as they are shown: pictures, or lines of JSON.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// Sorted by place, with what each is.
    problems: Vec<(Severity, String)>,
}

impl Drawn {
    pub(super) fn new(renderer: &Renderer<'_>, problems: &[Diagnostic]) -> Drawn {
        let draw = |problem: &Diagnostic| (problem.severity, renderer.render(problem));
        Drawn {
            problems: problems.iter().map(draw).collect(),
        }
    }

    /// How many of them are errors; the others are warnings.
    pub fn errors(&self) -> usize {
        let is_error = |(severity, _): &&(Severity, String)| *severity == Severity::Error;
        self.problems.iter().filter(is_error).count()
    }

    /// Adds those of another check that are not known yet: scripts may import the same file.
    pub fn extend(&mut self, other: Drawn) {
        for problem in other.problems {
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }

    /// One after the other.
    pub fn lines(&self) -> String {
        self.problems.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// One after the other, with the number of errors where there are several.
    pub fn text(&self) -> String {
        match self.errors() {
            0 | 1 => self.lines(),
            errors => format!("{}{errors} errors\n", self.lines()),
        }
    }
}

pub(super) fn render_problems(renderer: &Renderer<'_>, problems: &[Diagnostic]) -> String {
    Drawn::new(renderer, problems).text()
}

fn render_raised(renderer: &Renderer<'_>, raised: &Raised) -> String {
    let fault = &raised.fault;
    // The calls inside the library say nothing to those who did not write it.
    let shown = raised
        .frames
        .iter()
        .filter(|frame| !frame.library && !frame.name.is_empty());
    let calls: Vec<(&str, Span)> = shown
        .map(|frame| (frame.name.as_str(), frame.span))
        .take(FRAMES)
        .collect();
    renderer.failure(&diag::Failure {
        kind: fault.kind.name(),
        message: &fault.message,
        span: raised.place(),
        calls: &calls,
        reply: fault.reply.as_deref(),
        field: fault.field.as_deref(),
        misfit: fault.misfit.as_deref(),
        help: fault.help.as_deref(),
    })
}

/// Without colours.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Failure {}
