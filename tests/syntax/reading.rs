//! Tokens, newlines at the edges, and what the REPL asks.

use dsp::syntax::token::{self, Kind, RESERVED, is_complete};

use crate::{parse, scripts, tree};

fn shown(text: &str) -> String {
    let (file, problems) = parse(text);
    assert!(problems.is_empty(), "{text}: {problems:#?}");
    tree::file(&file).trim().to_owned()
}

#[test]
fn the_slices_of_the_tokens_glue_back_to_the_file() {
    for path in scripts("trees") {
        let text = std::fs::read_to_string(&path).unwrap();
        let tokens = token::tokens(&text);
        let glued: String = tokens.iter().map(|t| t.text(&text)).collect();
        assert_eq!(glued, text);
        let wrong = |k| {
            matches!(
                k,
                Kind::Unknown | Kind::BadNumber | Kind::Unterminated | Kind::SingleString
            )
        };
        assert!(!tokens.iter().any(|t| wrong(t.kind)), "{}", path.display());
    }
}

#[test]
fn logos_and_the_grammar_agree_on_the_reserved_words() {
    let grammar = include_str!("../../grammar/lexical.pest");
    let rule = grammar
        .split("reserved  = _{")
        .nth(1)
        .unwrap()
        .split('}')
        .next()
        .unwrap();
    let mut words: Vec<&str> = rule.split('"').skip(1).step_by(2).collect();
    let mut reserved = RESERVED.to_vec();
    words.sort_unstable();
    reserved.sort_unstable();
    assert_eq!(words, reserved);
    for word in RESERVED {
        assert_eq!(token::tokens(word)[0].kind, Kind::Reserved, "{word}");
        assert_eq!(token::tokens(&format!("{word}s"))[0].kind, Kind::Word, "{word}s");
    }
}

#[test]
fn a_description_may_share_its_line_with_what_it_describes() {
    for (one_line, apart) in [
        (
            "fn f(a: int) -> int { \"Adds.\" a + 1 }",
            "fn f(a: int) -> int {\n\"Adds.\"\na + 1\n}",
        ),
        ("fn f() { \"Says.\" \"yes\" }", "fn f() {\n\"Says.\"\n\"yes\"\n}"),
        (
            "module M { \"Adds.\" p = 1; forward(x) { \"Runs.\" if x { 1 } else { 2 } } }",
            "module M {\n\"Adds.\"\np = 1\nforward(x) {\n\"Runs.\"\nif x { 1 } else { 2 }\n}\n}",
        ),
    ] {
        assert_eq!(shown(one_line), shown(apart));
    }
    for value in [
        "\"a\" |> f",
        "\"a\" + b",
        "\"a\"[0]",
        "\"a\".f()",
        "\"a\" in b",
        "\"a\" == b",
    ] {
        let in_body = shown(&format!("fn f(b) {{ {value} }}"));
        assert_eq!(in_body, shown(&format!("fn f(b) {{\n{value}\n}}")), "{value}");
    }
}

#[test]
fn carriage_returns_and_a_byte_order_mark_change_nothing() {
    for path in scripts("trees") {
        let text = std::fs::read_to_string(&path).unwrap();
        let windows = format!("\u{FEFF}{}", text.replace('\n', "\r\n"));
        assert_eq!(shown(&windows), shown(&text), "{}", path.display());
    }
}

#[test]
fn an_empty_file_is_a_script() {
    for text in ["", "\n", "# only a comment", "#!/usr/bin/env dsp\n\n", "  \n;\n"] {
        assert_eq!(shown(text), "", "{text:?}");
    }
}

#[test]
fn a_brace_before_one_name_is_a_record_wherever_the_lines_break() {
    assert_eq!(shown("let f = |x| {x}"), "(let f (lambda (x) (record x)))");
    assert_eq!(shown("let f = |x| {\n  x\n}"), "(let f (lambda (x) (record x)))");
    assert_eq!(shown("let f = |x| { none }"), "(let f (lambda (x) (block none)))");
    assert_eq!(shown("if a {b}"), "(if a (block b))");
    assert_eq!(
        shown("if {a} == {a: 1} {b}"),
        "(if (== (record a) (record a: 1)) (block b))"
    );
    assert_eq!(
        shown("match {a: 1} { {a} => {a}, _ => {} }"),
        "(match (record a: 1) ({a} => (record a)) (_ => (dict)))"
    );
}

#[test]
fn long_strings_lose_the_indent_of_their_closing_line() {
    let text = |source: &str| shown(source);
    assert_eq!(text("\"\"\"\n\"\"\""), "\"\"");
    assert_eq!(text("\"\"\"\n  a\n\"\"\""), "\"  a\"");
    assert_eq!(text("\"\"\"\n  a\"\"\""), "\"  a\"");
    assert_eq!(text("\"\"\"\n  a\n \n   b\n  \"\"\""), "\"a\\n\\n b\"");
    assert_eq!(text("\"\"\"\r\n  a\r\n  b\r\n  \"\"\""), "\"a\\nb\"");
    assert_eq!(text("f\"\"\"\n  {x}\n  b\n  \"\"\""), "(f {x} \"\\nb\")");
}

#[test]
fn unfinished_input_waits_for_its_rest() {
    for text in [
        "fn f(x) {",
        "f(1,",
        "let x =",
        "[1, 2",
        "x +",
        "\"\"\"text",
        "a |>",
        "if",
        "f\"\"\"{",
        "{a: 1",
        "x and",
    ] {
        assert!(!is_complete(text), "{text}");
    }
    for text in [
        "",
        "let x = 1",
        "fn f(x) { x }",
        "\"open",
        "f(1))",
        "x",
        "xs[1..]",
        "f\"{x\"",
        "|x| x",
    ] {
        assert!(is_complete(text), "{text}");
    }
}

#[test]
fn a_broken_declaration_leaves_the_others_and_its_name() {
    let (file, problems) =
        parse("fn f(x) { x + }\nlet {a, b: c} = = 1\nlet d = 2\nsignature S {\n q -> \n\nfn g() { 1 }\n");
    assert_eq!(problems.len(), 3, "{problems:#?}");
    assert_eq!(tree::file(&file), "(let d 2)\n(fn g () 1)\n");
    let broken: Vec<&str> = file.broken.iter().map(|n| n.node.as_str()).collect();
    assert_eq!(broken, ["f", "a", "b", "c", "S"]);
}
