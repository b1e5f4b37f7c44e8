//! What `stdlib/*.dsp` declares and what `src/builtins` has bodies for are the same.

use std::collections::{BTreeMap, BTreeSet};

use dsp::builtins::models::OPTIONS;
use dsp::builtins::{LIBRARY, registry};
use dsp::source::SourceMap;
use dsp::syntax::ast::{FnBody, Function, Item, Module, ParamKind, Stmt, StmtKind};
use dsp::syntax::parse::parse_file;

/// All declarations of the library; a file that does not parse fails the test that asks.
pub fn items() -> Vec<Item> {
    let mut sources = SourceMap::default();
    let mut all = Vec::new();
    for (name, text) in LIBRARY {
        let file = sources.add(*name, *text);
        let (tree, problems) = parse_file(&sources, file);
        if let Some(problem) = problems.sorted().first() {
            let place = sources.get(file).line_column(problem.span().start);
            panic!("{name}:{place:?}: {}", problem.message);
        }
        all.extend(tree.items);
    }
    all
}

pub fn functions(items: &[Item]) -> Vec<&Function> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Function(function) => Some(function),
            Item::Statement(Stmt {
                kind: StmtKind::Function(function),
                ..
            }) => Some(&**function),
            _ => None,
        })
        .collect()
}

fn modules(items: &[Item]) -> impl Iterator<Item = &Module> {
    items.iter().filter_map(|item| match item {
        Item::Module(module) => Some(module),
        _ => None,
    })
}

#[test]
fn every_file_parses() {
    assert!(!items().is_empty());
}

#[test]
fn every_declaration_without_a_body_has_exactly_one_in_rust() {
    let items = items();
    let mut declared: BTreeSet<&str> = functions(&items)
        .into_iter()
        .filter(|function| function.body == FnBody::Native)
        .map(|function| function.name.node.as_str())
        .collect();
    let native_modules = modules(&items).filter(|m| m.forwards.iter().any(|f| f.body == FnBody::Native));
    declared.extend(native_modules.map(|module| module.name.node.as_str()));
    let mut bodies: BTreeMap<&str, usize> = BTreeMap::new();
    let registry = registry();
    for name in registry.names() {
        *bodies.entry(name).or_default() += 1;
    }
    let doubled: Vec<_> = bodies.iter().filter(|(_, n)| **n > 1).collect();
    assert!(doubled.is_empty(), "bodies that stand twice: {doubled:?}");
    let without_body: Vec<_> = declared.iter().filter(|name| !bodies.contains_key(*name)).collect();
    assert!(without_body.is_empty(), "declared without a body: {without_body:?}");
    let undeclared: Vec<_> = bodies.keys().filter(|name| !declared.contains(*name)).collect();
    assert!(undeclared.is_empty(), "bodies that nothing declares: {undeclared:?}");
}

#[test]
fn every_public_function_has_a_description() {
    let items = items();
    let silent: Vec<_> = functions(&items)
        .into_iter()
        .filter(|f| !f.name.node.starts_with('_') && f.description.is_none())
        .map(|f| f.name.node.as_str())
        .collect();
    assert!(silent.is_empty(), "without a description: {silent:?}");
}

#[test]
fn a_model_takes_the_options_that_its_declaration_names_in_their_order() {
    let items = items();
    let model = functions(&items).into_iter().find(|f| f.name.node == "LM").unwrap();
    let names: Vec<&str> = model
        .params
        .iter()
        .filter_map(|param| match &param.kind {
            ParamKind::Named { name, .. } => Some(name.node.as_str()),
            ParamKind::Rest { .. } | ParamKind::Fields(_) => None,
        })
        .collect();
    assert_eq!(names[0], "name");
    assert_eq!(names[1..], OPTIONS);
}

/// The public natives that name `any`, and what may really be anything there. Helpers of library code (`_x`) are not
/// listed: what they get was checked where the public function was called.
const MAY_BE_ANYTHING: &[(&str, &str)] = &[
    (
        "DummyLM",
        "an answer is a text or a record of whatever the signature's outputs are",
    ),
    ("LM", "`extra` is passed through to the provider"),
    ("collect", "what the function returns"),
    ("dataset", "rows, where the path is no literal"),
    ("has", "the values of a dict"),
    ("json", "any value has a JSON text"),
    ("keys", "the values of a dict"),
    ("len", "the elements of what is counted"),
    ("meta", "a prediction of whatever signature"),
    ("parse_json", "what the text holds"),
    ("predictors", "demos of whatever signature"),
    ("print", "any value has a text"),
    ("round_robin", "its `extra` is that of `LM`"),
    ("str", "any value has a text"),
    ("type_of", "any value has a type"),
    ("with_demos", "demos of whatever signature"),
    ("with_input", "a default of the field's type, which a text names"),
    ("with_settings", "what the function returns"),
];

#[test]
fn any_stands_only_where_a_value_may_really_be_anything() {
    let items = items();
    let found: BTreeSet<String> = functions(&items)
        .into_iter()
        .filter(|f| f.body == FnBody::Native && !f.name.node.starts_with('_'))
        .filter(|f| format!("{:?}{:?}", f.params, f.result).contains("node: \"any\""))
        .map(|f| f.name.node.to_string())
        .collect();
    let listed: BTreeSet<String> = MAY_BE_ANYTHING.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed);
}
