//! What must never happen: a panic, a stack that overflows, a parser that hangs.

use std::time::{Duration, Instant};

use dsp::diag::{Format, Renderer};
use dsp::source::SourceMap;
use dsp::syntax::parse::{Written, parse_file, parse_inline_signature};
use dsp::syntax::token;
use proptest::prelude::*;

use crate::{pictures, scripts, seed};

/// Everything that reads a text.
fn read(text: &str) -> usize {
    let mut sources = SourceMap::default();
    let file = sources.add("t.dsp", text);
    let (_, problems) = parse_file(&sources, file);
    let problems = problems.sorted();
    for problem in &problems {
        for format in [Format::Text { color: true }, Format::Json] {
            Renderer {
                sources: &sources,
                format,
            }
            .render(problem);
        }
    }
    let tokens = token::tokens(text);
    assert_eq!(tokens.iter().map(|t| t.text(text)).collect::<String>(), text);
    token::is_complete(text);
    let _ = parse_inline_signature(text, Written::AtRunTime);
    problems.len()
}

#[test]
fn every_prefix_of_every_script_is_read() {
    for path in scripts("trees") {
        let text = std::fs::read_to_string(path).unwrap();
        for (at, _) in text.char_indices().step_by(3) {
            read(&text[..at]);
            read(&text[at..]);
        }
    }
    for page in pictures::pages() {
        read(&std::fs::read_to_string(page).unwrap());
    }
}

/// Elements that are written out, those of the lists around a list too.
#[test]
fn more_elements_than_a_function_has_room_for_are_a_diagnostic() {
    let some = "1, ".repeat(40_000);
    for text in [
        format!("let a = [{some}{some}]"),
        format!("let a = [{some}[{some}]]"),
        format!("f({some}{some})"),
    ] {
        assert_eq!(read(&text), 1);
    }
    assert_eq!(
        read(&format!(
            "let a = [{some}]\nlet b = [{some}]\nlet c = [[{some}], [{some}]]"
        )),
        0
    );
}

#[test]
fn deep_nesting_is_a_diagnostic() {
    let many = 100_000;
    for text in [
        "(".repeat(many),
        "[".repeat(many),
        "{".repeat(many),
        "(".repeat(many) + "1" + &")".repeat(many),
        "-".repeat(many) + "1",
        "not ".repeat(many) + "x",
        "|x| ".repeat(many) + "x",
        "a + ".repeat(many) + "1",
        "a ** ".repeat(many) + "1",
        "a |> ".repeat(many) + "f",
        "x".to_owned() + &".f()".repeat(many),
        "x".to_owned() + &"[0]".repeat(many),
        "if a {1} else ".repeat(many) + "{2}",
        "return ".repeat(many),
        "let x: ".to_owned() + &"fn() -> ".repeat(many) + "int = 1",
        "let x: ".to_owned() + &"list[".repeat(many),
        "f\"{".repeat(many),
        "match x { ".repeat(many),
        "fn f() { ".repeat(many),
        "a ? ".repeat(many),
        "let x = ".repeat(many),
        "try { ".repeat(many),
    ] {
        assert!(read(&text) > 0, "{}…", &text[..20]);
    }
}

#[test]
fn nesting_up_to_the_bound_is_read() {
    for text in [
        "(".repeat(100) + "1" + &")".repeat(100),
        "[".repeat(100) + &"]".repeat(100),
        "|x| {\n let y = ".repeat(60) + "x" + &"\n y }".repeat(60),
        "if a { ".repeat(99) + "1" + &"}".repeat(99),
        "f(|x| ".repeat(80) + "x" + &")".repeat(80),
        "match x { _ => ".repeat(99) + "1" + &"}".repeat(99),
        "a + ".repeat(255) + "1",
        "-".repeat(255) + "1",
        "let x: ".to_owned() + &"list[".repeat(100) + "int" + &"]".repeat(100) + " = 1",
    ] {
        assert_eq!(read(&text), 0, "{}…", &text[..20]);
    }
}

#[test]
fn long_lines_do_not_hang() {
    let start = Instant::now();
    for text in [
        "let x = \"".to_owned() + &"a".repeat(2 << 20),
        "let x = \"".to_owned() + &"a".repeat(10 << 20) + "\"",
        "\0".repeat(1 << 18),
        "let x = \u{201C}".repeat(1 << 16),
        "a".repeat(1 << 20),
        "# ".to_owned() + &"a".repeat(2 << 20),
        "}".repeat(1 << 18),
        "let x = (\n".repeat(1 << 14),
        "let x = 1 2\n".repeat(1 << 12),
        "[".to_owned() + &"1,".repeat(1 << 17) + "]",
        "a".repeat(17 << 20),
    ] {
        read(&text);
    }
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
}

/// Pieces of programs, put together without sense.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "fn",
        "let",
        "var",
        "if",
        "else",
        "for",
        "in",
        "while",
        "break",
        "return",
        "match",
        "try",
        "catch",
        "with",
        "and",
        "or",
        "not",
        "true",
        "none",
        "assert",
        "signature",
        "module",
        "forward",
        "type",
        "test",
        "import",
        "as",
        "where",
        "x",
        "f",
        "Name",
        "1",
        "2.5",
        "\"s\"",
        "\"\"\"",
        "f\"",
        "f\"\"\"",
        "r\"",
        "{x}",
        "'",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ";",
        ":",
        "->",
        "=>",
        "=",
        "+=",
        ".",
        "?.",
        "..",
        "...",
        "?",
        "|",
        "||",
        "|>",
        "??",
        "-",
        "+",
        "*",
        "**",
        "/",
        "//",
        "%",
        "==",
        "<",
        "\n",
        "\n  ",
        " ",
        " ",
        "# c\n",
        "\\",
        "\r\n",
        "é",
        "\u{FEFF}",
        "\0",
        "“",
        "&&",
        "!",
        "@",
    ];
    proptest::sample::select(words.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(seed::cases(600))]

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn no_row_of_tokens_makes_the_reader_panic(pieces in proptest::collection::vec(piece(), 0..60)) {
        read(&pieces.concat());
        read(&pieces.join(" "));
    }
}
