//! The one renderer: every problem and every failure is drawn here, with miette, or as JSON lines.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use serde_json::json;

use crate::source::{FileId, SourceFile, SourceMap, Span};

use super::excerpt::Excerpt;
use super::reply::{Declaration, Said};
use super::words::legible;
use super::{Diagnostic, Label, Misfit, Severity};

/// Longer messages of problems are cut.
const LONGEST_MESSAGE: usize = 2_000;

/// How problems are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pictures for people, with colours or without.
    Text { color: bool },
    /// One JSON object a line.
    Json,
}

/// Draws diagnostics against the texts they point into.
pub struct Renderer<'a> {
    pub sources: &'a SourceMap,
    pub format: Format,
}

/// A run that failed: an error of the language that nobody caught.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// `parse`, `lm`, `user` …
    pub kind: &'a str,
    pub message: &'a str,
    pub span: Option<Span>,
    /// What was called and where, innermost first.
    pub calls: &'a [(&'a str, Span)],
    /// What the model said, where that is the trouble.
    pub reply: Option<&'a str>,
    /// The output that is the trouble, and what is known of how.
    pub field: Option<&'a str>,
    pub misfit: Option<&'a Misfit>,
    pub help: Option<&'a str>,
}

impl Renderer<'_> {
    /// One problem: a picture or a JSON line, ending in a newline.
    pub fn render(&self, diagnostic: &Diagnostic) -> String {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        match self.format {
            Format::Json => self.json(severity, diagnostic),
            Format::Text { color } => {
                let head = format!("{severity}[{}]:", diagnostic.code.0);
                let help = diagnostic.help.as_deref();
                self.picture(
                    color,
                    diagnostic.severity,
                    &head,
                    &cut(&diagnostic.message),
                    &diagnostic.labels,
                    help,
                )
            }
        }
    }

    /// An uncaught error: its message, source line, the chain of calls, the model's reply.
    pub fn failure(&self, failure: &Failure) -> String {
        let Format::Text { color } = self.format else {
            return self.failure_json(failure);
        };
        let head = format!("error[{}]:", failure.kind);
        let labels: Vec<Label> = failure
            .span
            .map(|span| Label {
                span,
                text: String::new(),
            })
            .into_iter()
            .collect();
        let mut out = self.picture(color, Severity::Error, &head, failure.message, &labels, None);
        for (name, span) in failure.calls {
            let file = self.sources.get(span.file);
            let (line, column) = file.line_column(span.start);
            out += &format!("  in `{}`, called at {}:{line}:{column}\n", legible(name), file.name);
        }
        if let Some(reply) = failure.reply {
            out += &self.said(reply, failure);
        }
        if let Some(help) = failure.help {
            out += &format!("  help: {}\n", legible(help).replace('\n', "\n        "));
        }
        out
    }

    /// The model's reply under the declaration of the field that it does not fit.
    fn said(&self, reply: &str, failure: &Failure) -> String {
        let misfit = failure.misfit;
        let declaration = misfit.and_then(|misfit| misfit.declared).map(|span| {
            let file = self.sources.get(span.file);
            let (number, column) = file.line_column(span.start);
            Declaration {
                place: format!("{}:{number}:{column}", file.name),
                number,
                line: file.line(number),
            }
        });
        let said = Said {
            reply,
            of: misfit.and_then(|misfit| misfit.of.as_deref()),
            part: misfit.and_then(|misfit| misfit.part.as_deref()),
            within: misfit.map(|misfit| misfit.within.as_slice()).unwrap_or_default(),
            found: misfit.and_then(|misfit| misfit.found.as_deref()),
            field: failure.field,
        };
        said.picture(declaration)
    }

    fn picture(
        &self,
        color: bool,
        severity: Severity,
        head: &str,
        message: &str,
        labels: &[Label],
        help: Option<&str>,
    ) -> String {
        let mut files: Vec<FileId> = Vec::new();
        for label in labels {
            if !files.contains(&label.span.file) {
                files.push(label.span.file);
            }
        }
        let mut out = String::new();
        let main = files.first().map(|id| self.sources.get(*id));
        let picture = Picture::new(message, severity, main, labels);
        draw(&mut out, color, head, &picture);
        for id in files.iter().skip(1) {
            let file = self.sources.get(*id);
            let picture = Picture::new("see also", severity, Some(file), labels);
            draw(&mut out, color, "note:", &picture);
        }
        if let Some(help) = help {
            out += &format!("  help: {}\n", legible(help).replace('\n', "\n        "));
        }
        out
    }

    fn json(&self, severity: &str, diagnostic: &Diagnostic) -> String {
        let mut object = json!({
            "severity": severity,
            "code": diagnostic.code.0,
            "message": diagnostic.message,
        });
        self.put_place(&mut object, diagnostic.span());
        let labels = diagnostic.labels.iter().map(|label| {
            let mut object = json!({});
            self.put_place(&mut object, label.span);
            object["text"] = json!(label.text);
            object
        });
        object["labels"] = labels.collect();
        object["help"] = json!(diagnostic.help);
        format!("{object}\n")
    }

    fn failure_json(&self, failure: &Failure) -> String {
        let mut object = json!({"severity": "error", "kind": failure.kind, "message": failure.message});
        if let Some(span) = failure.span {
            self.put_place(&mut object, span);
        }
        let calls = failure.calls.iter().map(|(name, span)| {
            let mut object = json!({"name": name});
            self.put_place(&mut object, *span);
            object
        });
        object["calls"] = calls.collect();
        object["reply"] = json!(failure.reply);
        object["field"] = json!(failure.field);
        if let Some(declared) = failure.misfit.and_then(|misfit| misfit.declared) {
            let mut place = json!({});
            self.put_place(&mut place, declared);
            object["declared"] = place;
        }
        object["help"] = json!(failure.help);
        format!("{object}\n")
    }

    fn put_place(&self, object: &mut serde_json::Value, span: Span) {
        let file = self.sources.get(span.file);
        let (line, column) = file.line_column(span.start);
        let (end_line, end_column) = file.line_column(span.end);
        object["file"] = json!(file.name);
        object["line"] = json!(line);
        object["column"] = json!(column);
        object["end_line"] = json!(end_line);
        object["end_column"] = json!(end_column);
    }
}

/// Names in a message may be as long as the file.
fn cut(message: &str) -> Cow<'_, str> {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        None => Cow::Borrowed(message),
        Some((at, _)) => Cow::Owned(format!("{}…", &message[..at])),
    }
}

/// What miette draws: a message with the labels of one file.
#[derive(Debug)]
struct Picture {
    message: String,
    severity: Severity,
    excerpt: Option<Excerpt>,
    labels: Vec<LabeledSpan>,
}

impl Picture {
    fn new(message: &str, severity: Severity, file: Option<&Arc<SourceFile>>, labels: &[Label]) -> Picture {
        let mut picture = Picture {
            message: legible(message).into_owned(),
            severity,
            excerpt: None,
            labels: Vec::new(),
        };
        let Some(file) = file else { return picture };
        let here: Vec<&Label> = labels.iter().filter(|label| label.span.file == file.id).collect();
        let excerpt = Excerpt::new(file, &here.iter().map(|label| label.span).collect::<Vec<_>>());
        for (i, label) in here.iter().enumerate() {
            let place = excerpt.place(file, label.span);
            let text = (!label.text.is_empty()).then(|| label.text.clone());
            picture.labels.push(match i {
                0 => LabeledSpan::new_primary_with_span(text, place),
                _ => LabeledSpan::new_with_span(text, place),
            });
        }
        picture.excerpt = Some(excerpt);
        picture
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Picture {}

impl miette::Diagnostic for Picture {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
}

/// miette's picture with `head` for its icon, from the left margin.
fn draw(out: &mut String, color: bool, head: &str, picture: &Picture) {
    let mut theme = if color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    theme.characters.error = head.to_owned();
    theme.characters.warning = head.to_owned();
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(200)
        .with_wrap_lines(false)
        .with_links(false);
    let mut drawn = String::new();
    if handler.render_report(&mut drawn, picture).is_err() {
        drawn = format!("{head} {}\n", picture.message);
    }
    out.push_str(drawn.trim_start());
}
