//! `grammar/dsp.tmLanguage.json` knows the words and operators that the lexer knows, and no others.
//! `tests/tmgrammar/run.sh` tries it on a text.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use dsp::syntax::token::{CONTEXTUAL, Kind, RESERVED, tokens};

fn grammar() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/dsp.tmLanguage.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The patterns of an entry, also of one that has several.
fn matches(grammar: &Value, entry: &str) -> Vec<String> {
    let entry = &grammar["repository"][entry];
    let own = std::slice::from_ref(entry);
    let all = entry["patterns"].as_array().map_or(own, Vec::as_slice);
    all.iter()
        .filter_map(|pattern| pattern["match"].as_str().map(str::to_owned))
        .collect()
}

/// The words in the first parentheses of some patterns.
fn words(patterns: &[String]) -> BTreeSet<String> {
    let group = Regex::new(r"\(([a-z|]+)\)").unwrap();
    let groups = patterns.iter().filter_map(|pattern| group.captures(pattern));
    groups
        .flat_map(|found| found[1].split('|').map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn the_editor_knows_every_word_of_the_language() {
    let grammar = grammar();
    let reserved: BTreeSet<String> = ["constant", "keyword", "word-operator"]
        .iter()
        .flat_map(|entry| words(&matches(&grammar, entry)))
        .collect();
    assert_eq!(reserved, RESERVED.iter().map(|word| (*word).to_owned()).collect());
    let mut declared = words(&matches(&grammar, "declaration"));
    assert!(declared.remove("fn"), "`fn` declares too");
    assert_eq!(declared, CONTEXTUAL.iter().map(|word| (*word).to_owned()).collect());
}

/// Every text of up to three signs that the lexer reads as one operator.
fn operators() -> BTreeSet<String> {
    let signs: Vec<char> = "+-*/%<>=!|?.&^~@:".chars().collect();
    let mut texts: Vec<String> = vec![String::new()];
    let mut found = BTreeSet::new();
    for _ in 0..3 {
        texts = texts
            .iter()
            .flat_map(|text| signs.iter().map(move |sign| format!("{text}{sign}")))
            .collect();
        found.extend(texts.iter().filter(|text| is_operator(text)).cloned());
    }
    found
}

fn is_operator(text: &str) -> bool {
    let read = tokens(text);
    read.len() == 1 && !matches!(read[0].kind, Kind::Unknown | Kind::Colon)
}

#[test]
fn the_editor_knows_every_operator_of_the_language() {
    let operators = operators();
    assert!(operators.len() > 25, "{operators:?}");
    let patterns = matches(&grammar(), "operator");
    let first = Regex::new(&format!("^({})", patterns[0])).unwrap();
    for operator in &operators {
        let found = first.find(operator).map(|found| found.as_str());
        assert_eq!(found, Some(operator.as_str()), "the editor splits `{operator}`");
    }
    let whole = Regex::new(&format!("^({})$", patterns[0])).unwrap();
    for other in ["!", "&", "&&", "===", "<>", ":=", "++", "~", "@", "|||", "->>"] {
        assert!(!whole.is_match(other), "`{other}` is no operator");
    }
}
