//! Pictures of problems and of failures.

use dsp::diag::{Diagnostic, Failure, Format, Renderer};
use dsp::source::{SourceMap, Span};

fn sources() -> SourceMap {
    let mut sources = SourceMap::default();
    sources.add("router.dsp", "let größe = 1\nfn f(x) {\n  g(x)\n}\n\tlet tab = 2\n");
    sources.add("other.dsp", "fn g(x) { x }\n");
    sources
}

fn span(sources: &SourceMap, file: usize, text: &str) -> Span {
    let id = [dsp::source::FileId(0), dsp::source::FileId(1)][file];
    let start = sources.get(id).text.find(text).unwrap();
    Span::new(id, start..start + text.len())
}

fn plain(sources: &SourceMap, problem: &Diagnostic) -> String {
    Renderer {
        sources,
        format: Format::Text { color: false },
    }
    .render(problem)
}

#[test]
fn columns_count_code_points() {
    let sources = sources();
    let problem = Diagnostic::error("E0100", "one", span(&sources, 0, "1"), "here").help("two\nlines");
    let expected = "error[E0100]: one\n   ╭─[router.dsp:1:13]\n 1 │ let größe = 1\n   ·             ┬\n   ·             ╰── here\n   ╰────\n  help: two\n        lines\n";
    assert_eq!(plain(&sources, &problem), expected);
}

#[test]
fn a_second_file_has_a_picture_of_its_own() {
    let sources = sources();
    let problem = Diagnostic::warning("W0001", "two files", span(&sources, 0, "g(x)"), "this call")
        .label(span(&sources, 1, "fn g(x)"), "declared here");
    let picture = plain(&sources, &problem);
    assert!(picture.starts_with("warning[W0001]: two files\n"), "{picture}");
    assert!(
        picture.contains("router.dsp:3:3") && picture.contains("other.dsp:1:1"),
        "{picture}"
    );
}

#[test]
fn a_label_over_lines_shows_its_first_line() {
    let sources = sources();
    let problem = Diagnostic::error(
        "E0100",
        "body",
        span(&sources, 0, "fn f(x) {\n  g(x)\n}"),
        "the function",
    );
    let picture = plain(&sources, &problem);
    assert!(
        picture.contains("2 │ fn f(x) {") && !picture.contains("g(x)"),
        "{picture}"
    );
}

#[test]
fn a_place_at_the_end_of_the_file_is_drawn() {
    let mut sources = SourceMap::default();
    for text in ["", "\n", "x", "x\n"] {
        let file = sources.add("end.dsp", text);
        let problem = Diagnostic::error("E0100", "end", Span::new(file, text.len()..text.len()), "here");
        assert!(plain(&sources, &problem).contains("end.dsp:"), "{text:?}");
    }
}

#[test]
fn json_is_one_object_a_line() {
    let sources = sources();
    let problem = Diagnostic::error("E0100", "m", span(&sources, 0, "g(x)"), "l").help("h");
    let line = Renderer {
        sources: &sources,
        format: Format::Json,
    }
    .render(&problem);
    let expected = r#"{"severity":"error","code":"E0100","message":"m","file":"router.dsp","line":3,"column":3,"end_line":3,"end_column":7,"labels":[{"file":"router.dsp","line":3,"column":3,"end_line":3,"end_column":7,"text":"l"}],"help":"h"}"#;
    assert_eq!(line, format!("{expected}\n"));
}

#[test]
fn a_failure_shows_its_calls_and_the_reply() {
    let sources = sources();
    let calls = [
        ("f", span(&sources, 0, "g(x)")),
        ("SupportRouter.forward", span(&sources, 1, "x }")),
    ];
    let failure = Failure {
        kind: "parse",
        message: "the reply has no `urgency`",
        span: Some(span(&sources, 0, "g(x)")),
        calls: &calls,
        reply: Some("Sure!\n\n  urgency is high\u{1b}[2J"),
        field: None,
        misfit: None,
        help: Some("raise `max_retries`"),
    };
    let picture = Renderer {
        sources: &sources,
        format: Format::Text { color: false },
    }
    .failure(&failure);
    let expected = "error[parse]: the reply has no `urgency`\n   ╭─[router.dsp:3:3]\n 3 │   g(x)\n   ·   ────\n   ╰────\n  in `f`, called at router.dsp:3:3\n  in `SupportRouter.forward`, called at other.dsp:1:11\n   ╭─[the model's reply]\n 1 │ Sure!\n 2 │\n 3 │   urgency is high [2J\n   ╰────\n  help: raise `max_retries`\n";
    assert_eq!(picture, expected);
}
