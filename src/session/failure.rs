//! Why a session could not do what it was asked, and how that is shown.

use std::fmt;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Fault, Format, Label, Problems, Renderer, Severity};
use crate::source::SourceMap;
use crate::value::{Frame, Raised};

/// How many calls of a chain are shown.
const FRAMES: usize = 8;

/// What kind of failure it is; the command line's exit code hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The script could not be read.
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
        Failure { kind: FailureKind::Load, cause, sources: SourceMap::default() }
    }

    pub(super) fn check(problems: Problems, sources: SourceMap) -> Failure {
        Failure { kind: FailureKind::Check, cause: Cause::Problems(problems.sorted()), sources }
    }

    pub(super) fn raised(raised: Arc<Raised>, sources: SourceMap) -> Failure {
        Failure { kind: FailureKind::Run, cause: Cause::Raised(raised), sources }
    }

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

    /// The text for a terminal, ending in a newline.
    pub fn render(&self, color: bool) -> String {
        let renderer = Renderer { sources: &self.sources, format: Format::Text { color } };
        match &self.cause {
            Cause::Problems(problems) => render_problems(&renderer, problems),
            Cause::Raised(raised) => render_raised(&renderer, raised),
        }
    }
}

pub(super) fn render_problems(renderer: &Renderer<'_>, problems: &[Diagnostic]) -> String {
    let mut text: String = problems.iter().map(|problem| renderer.render(problem)).collect();
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if errors > 1 {
        text += &format!("{errors} errors\n");
    }
    text
}

fn render_raised(renderer: &Renderer<'_>, raised: &Raised) -> String {
    let fault = &raised.fault;
    let Some(span) = raised.place() else {
        return bare(fault) + &reply(fault);
    };
    let diagnostic = Diagnostic {
        severity: Severity::Error,
        code: Code(fault.kind.name()),
        message: fault.message.clone(),
        labels: vec![Label { span, text: "here".to_owned() }],
        help: fault.help.clone(),
    };
    renderer.render(&diagnostic) + &chain(renderer.sources, raised) + &reply(fault)
}

/// A failure without a place.
fn bare(fault: &Fault) -> String {
    let help = fault.help.as_ref().map(|help| format!("  help: {help}\n"));
    format!("error: {}\n{}", fault.message, help.unwrap_or_default())
}

/// The calls that led there, innermost first; those inside the library are left out.
fn chain(sources: &SourceMap, raised: &Raised) -> String {
    let calls: Vec<&Frame> = raised.frames.iter().filter(|frame| !frame.library && !frame.name.is_empty()).collect();
    let line = |frame: &&Frame| {
        let file = sources.get(frame.span.file);
        let (line, column) = file.line_column(frame.span.start);
        format!("  in `{}`, called at {}:{line}:{column}\n", frame.name, file.name)
    };
    let mut text: String = calls.iter().take(FRAMES).map(line).collect();
    if calls.len() > FRAMES {
        text += &format!("  and {} more calls\n", calls.len() - FRAMES);
    }
    text
}

/// What the model said, where that is the trouble.
fn reply(fault: &Fault) -> String {
    match &fault.reply {
        Some(reply) if reply.trim().is_empty() => "  the model's reply is empty\n".to_owned(),
        Some(reply) => {
            let lines: String = reply.lines().map(|line| format!("  │ {line}\n")).collect();
            format!("  the model replied:\n{lines}")
        }
        None => String::new(),
    }
}

/// Without colours.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Failure {}
