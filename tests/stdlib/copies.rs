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
    /// The modules among them.
    modules: Vec<String>,
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
    let (mut modules, mut copied) = (Vec::new(), Vec::new());
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
            false => copied.push(module.name.node.to_string()),
        }
    }
    names.extend(copied.iter().cloned());
    let rename = |text: &str| rename(text, &names, declared);
    let examples = descriptions.iter().map(|text| rename(text)).collect();
    let text = rename(&without(text, &natives));
    Copy {
        file,
        text,
        names,
        modules: copied,
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

/// How often each name is declared in the library.
fn declared() -> HashMap<String, usize> {
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
    declared
}

fn copies() -> Vec<Copy> {
    let declared = declared();
    LIBRARY.iter().map(|(file, text)| copy(file, text, &declared)).collect()
}

#[test]
fn the_library_is_all_files_of_its_folder() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(format!("std/{}", path.strip_prefix(&root).unwrap().display())),
            }
        }
    }
    files.sort();
    let mut known: Vec<&str> = LIBRARY.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(known, files);
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

/// What each module of the library does in a script; `heard` answers with the length of what it was told.
const USES: &[(&str, &str)] = &[
    (
        "ChainOfThought",
        "with (lm: DummyLM(heard)) { print(ChainOfThought(\"question -> answer\", temperature: 0.3)(\"1+1?\")) }",
    ),
    (
        "ReAct",
        "let steps = [{next_thought: \"t\", next_tool_name: \"add\", next_tool_args: {\"a\": 1}}, {next_thought: \"u\",\n\
         next_tool_name: \"finish\", next_tool_args: {}}, {reasoning: \"r\", answer: \"3\"}]\n\
         with (lm: DummyLM(steps)) { let p = ReAct(\"question -> answer\", tools: [add])(\"q\"); print(p, p.trajectory) }",
    ),
    (
        "MultiChainComparison",
        "let said = [{reasoning: \"a\", answer: \"1\"}, {reasoning: \"b\", answer: \"2\"}, {reasoning: \"c\", answer: \"3\"}]\n\
         with (lm: DummyLM(|messages| { {rationale: \"r\", answer: f\"{len(json(messages))}\"} })) {\n\
         print(MultiChainComparison(\"question -> answer\")(said, question: \"q?\")) }",
    ),
    (
        "BestOfN",
        "with (lm: DummyLM([{n: 3}, {n: 7}, {n: 5}])) { print(BestOfN(Predict(\"q -> n: int\"), N: 3, reward_fn: |args, p| p.n / 10,\n\
         threshold: 1.0)(\"x\")) }",
    ),
    (
        "Refine",
        "let refined = Refine(Predict(\"q -> n: int\"), N: 2, reward_fn: |args, p| p.n > 5, threshold: 1.0)\n\
         with (lm: DummyLM([{n: 3}, {discussion: \"d\", advice: {\"self\": \"more\"}}, {n: 7}])) { print(refined(\"x\")) }\n\
         print(usage().calls)",
    ),
    (
        "Ensemble",
        "let p = Predict(\"question -> answer\")\nwith (lm: DummyLM(heard)) { print(Ensemble([p, p], reduce_fn: majority)(\"q\")) }",
    ),
    (
        "KNN",
        "let rows = [{q: \"aa\", a: 1}, {q: \"b\", a: 2}, {q: \"aaaa\", a: 3}]\n\
         print(KNN(2, rows, |texts| [[float(len(text))] for text in texts])({q: \"x\"}))",
    ),
    (
        "ProgramOfThought",
        "let writer = [{reasoning: \"r\", generated_code: \"6 * 7\"}, {reasoning: \"r\", answer: \"42\"}]\n\
         with (lm: DummyLM(writer)) { print(ProgramOfThought(\"question -> answer\")(\"6*7?\")) }",
    ),
    (
        "CodeAct",
        "let steps = [{generated_code: \"add(1)\", finished: true}, {reasoning: \"r\", answer: \"3\"}]\n\
         with (lm: DummyLM(steps)) { let p = CodeAct(\"question -> answer\", [add])(\"q\"); print(p, p.trajectory) }",
    ),
    (
        "SemanticF1",
        "with (lm: DummyLM([{reasoning: \"r\", recall: 0.5, precision: 1.0}])) {\n\
         print(SemanticF1()({question: \"q\", response: \"a\"}, {response: \"b\"})) }",
    ),
    (
        "CompleteAndGrounded",
        "let judge = DummyLM(|messages| { {reasoning: \"r\", ground_truth_key_ideas: \"i\", system_response_key_ideas: \"i\",\n\
         system_response_claims: \"c\", discussion: \"d\", completeness: 0.5, groundedness: 1.0} })\n\
         with (lm: judge) { print(CompleteAndGrounded()({question: \"q\", response: \"a\"}, {response: \"b\", context: [\"c\"]})) }",
    ),
];

const HEARD: &str = "fn heard(messages: list[any]) -> any { {reasoning: \"r\", answer: f\"{len(json(messages))}\"} }\n\
                     fn add(a: int, b: int = 2) -> int { a + b }\n";

#[test]
fn a_copy_of_each_module_does_what_the_library_s_does() {
    let declared = declared();
    let mut left: Vec<&str> = USES.iter().map(|(name, _)| *name).collect();
    for copy in copies() {
        for module in copy.modules.iter().filter(|name| !name.starts_with('_')) {
            let found = USES.iter().position(|(name, _)| name == module);
            let (_, text) =
                USES[found.unwrap_or_else(|| panic!("what does a copy of `{module}` do? add it to `USES`"))];
            left.retain(|name| name != module);
            let own = run::printed(&format!("{HEARD}{text}"));
            let renamed = rename(text, &copy.names, &declared);
            assert_ne!(renamed, text, "{module}");
            assert_eq!(
                run::printed(&format!("{}\n{HEARD}{renamed}", copy.text)),
                own,
                "{module}"
            );
        }
    }
    assert!(left.is_empty(), "no module of the library is called {left:?}");
}
