//! The checker held against prose: `tests/check/*.md`. A fenced `dsp` block is a program; a comment `# error: E0107 "…"`
//! or `# warning: W0102 "…"` at the end of a line is a problem that must be reported there, with a message that
//! contains the text; `# type: T` is the type of what the line's `let` binds. Nothing else may be reported. A block
//! `dsp rag.dsp` or `jsonl rows.jsonl` is a file that the next program can import or read.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "check/contract.rs"]
mod contract;
#[path = "check/lines.rs"]
mod lines;
#[path = "check/pages.rs"]
mod pages;
#[path = "cli/sandbox.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod sandbox;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use dsp::check::{Environment, Files, Kind, Natives};
use dsp::diag::{Problems, Severity};
use dsp::hir::Reach;
use dsp::source::{FileId, SourceFile, SourceMap};
use dsp::value::Type;

use self::pages::{Program, Quote, pages, programs, quotes, wanted};

/// Files in memory.
struct Memory(HashMap<String, String>);

impl Files for Memory {
    fn import(&mut self, _: &SourceFile, path: &str) -> Result<(String, Arc<str>), String> {
        let text = self.0.get(path).ok_or_else(|| format!("there is no file `{path}`"))?;
        Ok((path.to_owned(), text.as_str().into()))
    }

    fn rows(&mut self, _: &SourceFile, path: &str) -> Result<Type, String> {
        let text = self.0.get(path).ok_or_else(|| format!("there is no file `{path}`"))?;
        let line = text.lines().next().unwrap_or("{}");
        let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).map_err(|e| e.to_string())?;
        Ok(Type::record(
            row.into_iter().map(|(name, value)| (name, json_type(&value))),
        ))
    }
}

fn json_type(value: &serde_json::Value) -> Type {
    match value {
        serde_json::Value::Null => Type::None,
        serde_json::Value::Bool(_) => Type::Bool,
        serde_json::Value::Number(n) if n.is_i64() => Type::Int,
        serde_json::Value::Number(_) => Type::Float,
        serde_json::Value::String(_) => Type::Str,
        serde_json::Value::Array(items) => Type::list(Type::union(items.iter().map(json_type))),
        serde_json::Value::Object(_) => Type::dict(Type::Any),
    }
}

fn library() -> Vec<(&'static str, &'static str)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for path in entries.map(|e| e.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "dsp") {
                let name = format!("std/{}", path.strip_prefix(&root).unwrap().display());
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((&*name.leak(), &*text.leak()));
            }
        }
    }
    files.sort_unstable();
    files
}

fn environment(library: &[(&'static str, &'static str)]) -> Environment {
    let reach = |name: &str| match name {
        "Predict" => Some(Reach::NOTHING),
        _ => Some(Reach {
            model: false,
            effect: false,
        }),
    };
    Environment::new(
        library,
        Natives {
            reach: Arc::new(reach),
            types: dsp::builtins::TYPES.to_vec(),
        },
    )
}

fn check(program: &Program, library: &[(&'static str, &'static str)]) -> Vec<String> {
    let mut environment = environment(library);
    let mut sources = SourceMap::default();
    let file = sources.add("script.dsp", program.text.as_str());
    let mut files = Memory(program.files.clone());
    files.0.insert("script.dsp".to_owned(), program.text.clone());
    let (unit, problems) = environment.check(&mut sources, file, Kind::Script, &mut files);
    let mut complaints = compare(program, &sources, &problems);
    if unit.is_some() == problems.has_errors() {
        complaints.push("a unit comes out if and only if there is no error".to_owned());
    }
    for (number, line) in program.text.lines().enumerate() {
        if let Some((_, wanted)) = line.split_once("# type: ") {
            let found = type_at(&environment, &sources, file, number + 1);
            if found.as_deref() != Some(wanted.trim()) {
                complaints.push(format!(
                    "line {}: the type is {found:?}, not `{}`",
                    number + 1,
                    wanted.trim()
                ));
            }
        }
    }
    complaints
}

fn type_at(environment: &Environment, sources: &SourceMap, file: FileId, line: usize) -> Option<String> {
    let here = |span: dsp::source::Span| span.file == file && sources.get(file).line_column(span.start).0 == line;
    let global = environment.program.globals.iter().find(|g| here(g.span))?;
    Some(global.ty.to_string())
}

fn compare(program: &Program, sources: &SourceMap, problems: &Problems) -> Vec<String> {
    let mut wanted = wanted("script.dsp", &program.text);
    program
        .files
        .iter()
        .for_each(|(name, text)| wanted.extend(pages::wanted(name, text)));
    let mut complaints = Vec::new();
    for problem in problems.clone().sorted() {
        if !(1..=2).contains(&problem.labels.len()) {
            complaints.push(format!("{} labels: {}", problem.labels.len(), problem.message));
        }
        let place = sources.get(problem.span().file);
        let (line, _) = place.line_column(problem.span().start);
        let known = wanted.iter().position(|(file, l, code, message)| {
            *file == place.name && *l == line && code == problem.code.0 && problem.message.contains(message.as_str())
        });
        match known {
            Some(known) => {
                wanted.remove(known);
            }
            None => {
                let kind = if problem.severity == Severity::Error {
                    "error"
                } else {
                    "warning"
                };
                let help = problem.help.unwrap_or_default();
                let text = format!("{kind} {} {} ({help})", problem.code.0, problem.message);
                complaints.push(format!("not wanted: {}:{line}: {text}", place.name));
            }
        }
    }
    for (file, line, code, message) in wanted {
        complaints.push(format!("not reported: {file}:{line}: {code} {message}"));
    }
    complaints
}

#[test]
fn programs_of_the_pages_check_as_they_say() {
    let library = library();
    let mut failed = 0;
    let mut count = 0;
    for program in pages().iter().flat_map(|page| programs(page)) {
        count += 1;
        let complaints = check(&program, &library);
        if !complaints.is_empty() {
            failed += 1;
            println!("tests/check/{}:{}", program.page, program.line);
            complaints.iter().for_each(|complaint| println!("  {complaint}"));
        }
    }
    println!("{count} programs");
    assert_eq!(
        failed, 0,
        "{failed} of {count} programs check otherwise than their comments say"
    );
}

/// `sentences-*.md`: behind each quoted sentence stand programs that it accepts and programs that it refuses.
#[test]
fn every_sentence_has_a_program_that_it_accepts_and_one_that_it_refuses() {
    let lacking = |quote: &Quote| !(quote.accepted && quote.refused);
    let lacking: Vec<String> = quotes()
        .into_iter()
        .filter(lacking)
        .map(|quote| quote.place())
        .collect();
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn every_library_file_checks_whole() {
    let library = library();
    let mut problems = Vec::new();
    for (name, text) in &library {
        let mut environment = environment(&library);
        let mut sources = SourceMap::default();
        let file = sources.add(*name, *text);
        let (_, found) = environment.check(&mut sources, file, Kind::Library, &mut Memory(HashMap::new()));
        for problem in found.sorted() {
            let place = sources.get(problem.span().file);
            let (line, _) = place.line_column(problem.span().start);
            problems.push(format!(
                "{}:{line}: {} {} ({:?})",
                place.name, problem.code.0, problem.message, problem.help
            ));
        }
    }
    problems.sort();
    problems.dedup();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_code_has_a_title_of_its_own() {
    let mut seen = std::collections::HashSet::new();
    for (code, title) in dsp::check::codes::CODES {
        assert!(seen.insert(code), "{code} stands twice");
        assert!(!title.is_empty());
    }
}

/// Checks a text that should have no problems.
fn accepted(text: &str) -> Problems {
    let library = library();
    let mut environment = environment(&library);
    let mut sources = SourceMap::default();
    let file = sources.add("script.dsp", text);
    environment
        .check(&mut sources, file, Kind::Script, &mut Memory(HashMap::new()))
        .1
}

#[test]
fn long_chains_of_functions_do_not_exhaust_the_stack() {
    let mut text = String::new();
    for n in 0..2000 {
        text += &format!(
            "fn f{n}(x) {{ if x > 0 {{ [y for y in [f{}(x)] if true][0] }} else {{ x }} }}\n",
            n + 1
        );
    }
    text += "fn f2000(x) { x }\nlet a = f0(1)\nprint(a)\n";
    let problems = accepted(&text);
    assert!(!problems.has_errors(), "{:?}", problems.sorted().first());
}

/// Each function uses the next for two types, each of which makes two more: the checker does not follow all of them.
#[test]
fn uses_that_double_at_each_call_come_to_an_end() {
    let mut text = String::new();
    for n in 0..60 {
        text += &format!("fn f{n}(x) {{ [f{0}({{l: x}}), f{0}([x])] }}\n", n + 1);
        text += &format!("let g{0} = |x| [g{n}({{l: x}}), g{n}([x])]\n", n + 1);
    }
    text += "fn f60(x) { x }\nlet g0 = |x| x\n";
    let lambdas = text.lines().filter(|line| line.starts_with("let")).collect::<Vec<_>>();
    let functions = text.lines().filter(|line| line.starts_with("fn")).collect::<Vec<_>>();
    let (last, chain) = lambdas.split_last().unwrap();
    let text = [&[*last], chain, &functions[..], &["print(f0(1), g60(1))\n"]]
        .concat()
        .join("\n");
    let problems = accepted(&text);
    assert!(!problems.has_errors(), "{:?}", problems.sorted().first());
}

/// A type that holds the one before twice has a text of 2^50 words: it is neither walked nor written to its end.
#[test]
fn types_that_double_at_each_level_come_to_an_end() {
    let mut text = "let r0 = {a: 1}\n".to_owned();
    for n in 0..50 {
        text += &format!("let r{} = {{a: r{n}, b: r{n}}}\n", n + 1);
    }
    text += "fn id(x) { x }\nlet same = r50 == id(r50)\nlet back: int = id(r50)\nprint(same, back)\n";
    let problems = accepted(&text).sorted();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].message.len() < 100_000 && problems[0].message.contains('…'));
}

#[test]
fn deep_expressions_do_not_exhaust_the_stack() {
    for (open, close) in [
        ("(", ")"),
        ("[", "][0]"),
        ("str(", ")"),
        ("if true { ", " } else { 0 }"),
        ("|x| ", ""),
        ("-", ""),
    ] {
        let text = format!("let a = {}1{}\nprint(a)\n", open.repeat(150), close.repeat(150));
        accepted(&text);
    }
}

/// All scripts of a folder, each with the other files of its folder at hand.
fn scripts(folder: &Path) -> Vec<Program> {
    let files: HashMap<String, String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter_map(|p| {
            Some((
                p.file_name()?.to_string_lossy().into_owned(),
                std::fs::read_to_string(&p).ok()?,
            ))
        })
        .collect();
    let mut names: Vec<&String> = files.keys().filter(|name| name.ends_with(".dsp")).collect();
    names.sort();
    let program = |name: &String| Program {
        page: name.clone(),
        line: 1,
        text: files[name].clone(),
        files: files.clone(),
    };
    names.into_iter().map(program).collect()
}

#[test]
fn examples_and_scripts_check_without_a_word() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = library();
    let mut folders = vec![root.join("tests/scripts")];
    folders.extend(
        std::fs::read_dir(root.join("examples"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.is_dir()),
    );
    let mut failed = Vec::new();
    for program in folders
        .iter()
        .flat_map(|folder| scripts(folder))
        .filter(|p| p.page != "check_fails.dsp")
    {
        let complaints = check(&program, &library);
        if !complaints.is_empty() {
            failed.push(format!("{}\n  {}", program.page, complaints.join("\n  ")));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
