//! The classes of tokens, and what a terminal is sent.

use dsp::syntax::highlight::{Class, classes, colored};

use crate::scripts;

/// The words of a text that are of a class.
fn words(text: &str, class: Class) -> Vec<&str> {
    let of_class = classes(text).into_iter().filter(|(_, found)| *found == class);
    of_class.map(|(token, _)| token.text(text)).collect()
}

#[test]
fn a_contextual_word_is_a_keyword_only_where_its_construct_begins() {
    let text = "signature S { module: str -> type: str where len(type) < 3 }\nlet module = signature.type\n\
                module M { forward(x) { forward } }\nimport \"a\" as b\ntype T = {test: int}\ntest \"t\" {}";
    let expected = [
        "signature",
        "where",
        "let",
        "module",
        "forward",
        "import",
        "as",
        "type",
        "test",
    ];
    assert_eq!(words(text, Class::Keyword), expected);
}

#[test]
fn any_word_is_plain_as_a_field() {
    assert_eq!(words("r.match + {if: 1, x: true}.none", Class::Keyword), [""; 0]);
    assert_eq!(words("r.match + {if: 1, x: true}.none", Class::Constant), ["1", "true"]);
}

#[test]
fn the_value_of_an_fstring_is_code() {
    let text = "f\"a {if b { 1 } else { 2 }:>3} c\"";
    assert_eq!(words(text, Class::Keyword), ["if", "else"]);
    assert_eq!(words(text, Class::Text), ["f\"", "a ", ":>3", " c", "\""]);
}

#[test]
fn a_string_that_is_still_typed_is_no_mistake() {
    assert_eq!(words("print(\"ab", Class::Wrong), [""; 0]);
    assert_eq!(words("print(\"ab\n1", Class::Wrong), ["\"ab"]);
    assert_eq!(words("1x ? $", Class::Wrong), ["1x", "$"]);
}

#[test]
fn colours_add_nothing_but_escapes() {
    let escape = regex::Regex::new("\u{1b}\\[[0-9]+m").unwrap();
    for path in scripts("trees") {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(escape.replace_all(&colored(&text), ""), text, "{}", path.display());
    }
}
