//! Signatures in strings.

use dsp::diag::{Diagnostic, Format, Renderer};
use dsp::source::{SourceMap, Span};
use dsp::syntax::parse::{Written, parse_inline_signature};

use crate::tree;

fn run_time(text: &str) -> Result<String, String> {
    parse_inline_signature(text, Written::AtRunTime)
        .map(|body| tree::signature(&body).trim().to_owned())
        .map_err(|problems| problems[0].message.clone())
}

#[test]
fn inline_signatures_have_types_and_single_quotes() {
    for (text, expected) in [
        ("question -> answer", "(question) -> (answer)"),
        ("a,b->c,d", "(a) (b) -> (c) (d)"),
        (
            "question, context: list[str] -> answer: str, score: float",
            "(question) (context : (list[] str)) -> (answer : str) (score : float)",
        ),
        (
            "text -> label: 'spam' | 'ham'",
            "(text) -> (label : (| \"spam\" \"ham\"))",
        ),
        (
            "text -> label: \"spam\" | 'ham',",
            "(text) -> (label : (| \"spam\" \"ham\"))",
        ),
        (
            "match: str, x: {a: int, b: str?} -> in: dict[str, list[int]]",
            "(match : str) (x : {(a: int) (b: (? str))}) -> (in : (dict[] str (list[] int)))",
        ),
        ("\n  a: int\n  -> b: bool\n", "(a : int) -> (b : bool)"),
        ("-> a", "-> (a)"),
    ] {
        assert_eq!(run_time(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_no_inline_signature_says_why() {
    for (text, expected) in [
        ("", "`` is not a signature: it is empty"),
        ("question", "`question` is not a signature: `->` is missing"),
        ("a ->", "this signature has no outputs"),
        (
            "a -> b -> c",
            "`a -> b -> c` is not a signature: it has more than one `->`",
        ),
        (
            "a b -> c",
            "`a b -> c` is not a signature: a comma is missing before `b`",
        ),
        ("1x -> y", "`1x -> y` is not a signature: unexpected `1x`"),
        (
            "x: str = 'd' -> y",
            "`x: str = 'd' -> y` is not a signature: `=` cannot stand in it",
        ),
        (
            "x -> y 'the answer'",
            "`x -> y 'the answer'` is not a signature: a description cannot stand in it",
        ),
        (
            "if -> y",
            "`if -> y` is not a signature: `if` is a reserved word, which needs a type: `if: str`",
        ),
        ("x -> y: list[", "`x -> y: list[` is not a signature: it ends too early"),
        (
            "x -> y: Literal['a', 'b']",
            "`Literal[…]` is Python's spelling of a type",
        ),
        ("história -> y", "`história -> y` is not a signature: unexpected `ó`"),
        ("a -> b # c", "`a -> b # c` is not a signature: unexpected `# c`"),
    ] {
        assert_eq!(run_time(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn types_of_python_are_shown_in_dsps_spelling() {
    for (text, help) in [
        ("x -> y: Literal['a', 'b']", "write `'a' | 'b'`"),
        ("x -> y: Optional[int]", "write `int?`"),
        ("x -> y: List[str]", "write `list[str]`"),
        ("x -> y: Dict[str, int]", "write `dict[str, int]`"),
        ("x -> y: Union[int, str]", "write `int | str`"),
        ("x -> y: Optional[int | str]", "write `(int | str)?`"),
    ] {
        let problems = parse_inline_signature(text, Written::AtRunTime).unwrap_err();
        assert_eq!(problems[0].help.as_deref(), Some(help), "{text}");
    }
}

fn in_file(source: &str, text: &str) -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let file = sources.add("t.dsp", source);
    let start = source.find(['"', 'r']).unwrap();
    let span = Span::new(file, start..source.trim_end().len());
    let problems = parse_inline_signature(text, Written::Literal(&sources, span)).unwrap_err();
    (sources, problems)
}

#[test]
fn mistakes_point_inside_the_literal() {
    for (source, text, marked) in [
        ("\"a b -> c\"", "a b -> c", "b"),
        (r#""a: \"x\" | \"y\" b -> c""#, r#"a: "x" | "y" b -> c"#, "b"),
        (
            "\"\"\"\n  a -> b: List[int]\n  \"\"\"",
            "a -> b: List[int]",
            "List[int]",
        ),
        ("r\"a -> b: List[int]\"", "a -> b: List[int]", "List[int]"),
    ] {
        let (sources, problems) = in_file(source, text);
        assert_eq!(sources.text(problems[0].span()), marked, "{source}");
    }
}

#[test]
fn a_literal_that_ends_too_early_is_marked_at_its_end() {
    let (sources, problems) = in_file("\"question\"", "question");
    let picture = Renderer {
        sources: &sources,
        format: Format::Text { color: false },
    }
    .render(&problems[0]);
    assert!(picture.contains("t.dsp:1:10"), "{picture}");
}
