//! A user's copy of the library's code, under other names, checks and behaves as the library does.

use std::collections::HashMap;
use std::ops::Range;

use dsp::builtins::LIBRARY;
use dsp::host::fake::FakeHost;
use dsp::session::{Builder, Script};
use dsp::source::{SourceMap, Span};
use dsp::syntax::ast::{FnBody, Function, Item, Stmt, StmtKind};
use dsp::syntax::parse::parse_file;
use dsp::syntax::token::{Kind, tokens};

use super::declarations::{functions, items};
use super::run;

/// One file of the library as a script: what has no body is left out, the rest has other names.
struct Copy {
    file: &'static str,
    text: String,
    /// Functions and modules by their names in the library.
    names: Vec<String>,
    /// The examples of its functions, with the names of the copy.
    examples: Vec<String>,
}

fn renamed(name: &str) -> String {
    match name.strip_prefix('_') {
        Some(rest) => format!("_copy_{rest}"),
        None => format!("copy_{name}"),
    }
}

fn copy(file: &'static str, text: &'static str, declared: &HashMap<String, usize>) -> Copy {
    let mut sources = SourceMap::default();
    let id = sources.add(file, text);
    let (tree, _) = parse_file(&sources, id);
    let range = |span: Span| span.start as usize..span.end as usize;
    let mut natives: Vec<Range<usize>> = Vec::new();
    let mut names = Vec::new();
    let mut descriptions = Vec::new();
    let mut function = |f: &Function| match f.body {
        FnBody::Native => natives.push(range(f.span)),
        FnBody::Block(_) => {
            names.push(f.name.node.to_string());
            descriptions.extend(f.description.as_ref().map(|d| d.node.to_string()));
        }
    };
    let mut modules = Vec::new();
    for item in &tree.items {
        match item {
            Item::Function(f) => function(f),
            Item::Statement(Stmt {
                kind: StmtKind::Function(f),
                ..
            }) => function(f),
            Item::Module(m) => modules.push(m),
            _ => {}
        }
    }
    for module in modules {
        match module.forwards.iter().any(|f| f.body == FnBody::Native) {
            true => natives.push(range(module.span)),
            false => names.push(module.name.node.to_string()),
        }
    }
    let rename = |text: &str| rename(text, &names, declared);
    let examples = descriptions.iter().map(|text| rename(text)).collect();
    let text = rename(&without(text, &natives));
    Copy {
        file,
        text,
        names,
        examples,
    }
}

fn without(text: &str, parts: &[Range<usize>]) -> String {
    let kept = text
        .char_indices()
        .filter(|(at, _)| !parts.iter().any(|part| part.contains(at)));
    kept.map(|(_, c)| c).collect()
}

/// Declarations and calls of these names; one that is declared for several kinds of arguments keeps its name in calls.
fn rename(text: &str, names: &[String], declared: &HashMap<String, usize>) -> String {
    let all: Vec<_> = tokens(text)
        .into_iter()
        .filter(|token| !token.kind.is_trivia())
        .collect();
    let mut out = String::new();
    let mut end = 0;
    for (place, token) in all.iter().enumerate() {
        let word = token.text(text);
        let near = |offset: isize| {
            let token = place.checked_add_signed(offset).and_then(|place| all.get(place));
            token.map_or("", |token| token.text(text))
        };
        let declares = matches!(near(-1), "fn" | "module");
        let reads = !matches!(near(-1), "." | "?.") && near(1) != ":" && (word != "any" || near(1) == "(");
        let meant = names.iter().any(|name| name == word) && (declares || (reads && declared[word] == 1));
        if token.kind == Kind::Word && meant {
            out += &text[end..token.start as usize];
            out += &renamed(word);
            end = token.end as usize;
        }
    }
    out + &text[end..]
}

fn copies() -> Vec<Copy> {
    let items = items();
    let mut declared: HashMap<String, usize> = HashMap::new();
    for function in functions(&items) {
        *declared.entry(function.name.node.to_string()).or_default() += 1;
    }
    for item in &items {
        if let Item::Module(module) = item {
            *declared.entry(module.name.node.to_string()).or_default() += 1;
        }
    }
    LIBRARY.iter().map(|(file, text)| copy(file, text, &declared)).collect()
}

#[test]
fn a_copy_of_each_library_file_checks_as_a_script() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for copy in copies() {
        count += copy.names.len();
        let host = FakeHost::new();
        let script = Script::new("copy.dsp", copy.text.as_str(), "/work");
        if let Err(failure) = Builder::new(host.host()).open(script) {
            wrong.push(format!("{}: {failure}", copy.file));
        }
    }
    assert!(count > 60, "only {count} functions and modules were copied");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_examples_of_a_copied_function_come_out_as_they_say() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for copy in copies() {
        for description in &copy.examples {
            count += description.matches(">>> ").count();
            let own = run::examples_after(&copy.text, description).into_iter();
            wrong.extend(own.map(|problem| format!("{}: {problem}", copy.file)));
        }
    }
    assert!(count > 20, "only {count} examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
