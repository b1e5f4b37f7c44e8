//! The house rules of the source: layers, the one door, file sizes, headers. Every path in `src/` is read with `syn`,
//! inside macros too, and every rule is shown to fail on a planted violation.

#![allow(clippy::unwrap_used)]

#[path = "structure/paths.rs"]
mod paths;
#[path = "structure/rules.rs"]
mod rules;

use std::path::{Path, PathBuf};

use rules::{Source, check};

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        Source::new(path.strip_prefix(root).unwrap().to_str().unwrap(), text)
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, files),
            false if path.extension().is_some_and(|e| e == "rs") => files.push(path),
            false => {}
        }
    }
}

#[test]
fn the_source_keeps_the_house_rules() {
    let sources = sources();
    assert!(sources.len() > 10, "src/ was not found");
    let broken: Vec<String> = sources.iter().flat_map(check).collect();
    assert!(
        broken.is_empty(),
        "{} broken rules:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

#[test]
fn every_module_of_the_crate_has_a_layer() {
    let unknown: Vec<String> = sources()
        .iter()
        .map(|source| source.module().to_owned())
        .filter(|module| !["lib", "main"].contains(&module.as_str()) && rules::layer(module).is_none())
        .collect();
    assert!(unknown.is_empty(), "without a layer: {unknown:?}");
}

/// The complaints about one planted file.
fn complaints(path: &str, text: &str) -> String {
    check(&Source::new(path, text.to_owned())).join("\n")
}

fn assert_complains(path: &str, text: &str, about: &str) {
    let found = complaints(path, text);
    assert!(found.contains(about), "expected `{about}` of\n{text}\ngot `{found}`");
}

#[test]
fn a_clean_file_passes() {
    let text =
        "//! Values.\nuse crate::diag::Fault;\nuse super::record;\n/// See `std::fs`.\nfn f() -> Fault { todo() }\n";
    assert_eq!(complaints("src/value/clean.rs", text), "");
}

#[test]
fn a_higher_layer_is_refused() {
    assert_complains("src/value/mod.rs", "//! x\nuse crate::hir::Program;\n", "layer");
    assert_complains("src/value/mod.rs", "//! x\nfn f() { crate::vm::run() }\n", "layer");
    assert_complains("src/value/mod.rs", "//! x\nuse crate::{diag::Fault, cli};\n", "layer");
    assert_complains("src/value/mod.rs", "//! x\nuse super::vm;\n", "layer");
    assert_complains(
        "src/value/deep/mod.rs",
        "//! x\nuse super::super::vm::Machine;\n",
        "layer",
    );
    assert_complains(
        "src/value/mod.rs",
        "//! x\nfn f() { g!(a, [crate::vm::run()]) }\n",
        "layer",
    );
    assert_complains(
        "src/value/mod.rs",
        "//! x\nstruct S { x: Option<crate::vm::Machine> }\n",
        "layer",
    );
    assert_complains("src/value/mod.rs", "//! x\npub(in crate::vm) fn f() {}\n", "layer");
}

#[test]
fn a_module_of_the_same_layer_is_refused() {
    assert_complains("src/source.rs", "//! x\nfn f() { crate::host::g() }\n", "same layer");
    assert_eq!(complaints("src/value/mod.rs", "//! x\nuse crate::value::Type;\n"), "");
}

#[test]
fn a_module_without_a_layer_is_refused() {
    assert_complains("src/value/mod.rs", "//! x\nuse crate::misc::f;\n", "no layer");
    assert_complains("src/helpers.rs", "//! x\n", "no layer");
}

#[test]
fn only_host_opens_the_door() {
    for door in [
        "std::fs",
        "std::env",
        "std::process",
        "std::net",
        "reqwest",
        "rusqlite",
        "tokio::process",
        "tokio::net",
    ] {
        assert_complains("src/vm/mod.rs", &format!("//! x\nuse {door};\n"), "the one door");
        assert_complains(
            "src/vm/mod.rs",
            &format!("//! x\nfn f() {{ {door}::f() }}\n"),
            "the one door",
        );
        assert_complains(
            "src/vm/mod.rs",
            &format!("//! x\nfn f() {{ g!({door}::f()) }}\n"),
            "the one door",
        );
        assert_eq!(complaints("src/host/real.rs", &format!("//! x\nuse {door};\n")), "");
    }
    assert_complains("src/vm/mod.rs", "//! x\nuse std::{io, fs as files};\n", "the one door");
    assert_complains("src/vm/mod.rs", "//! x\nuse ::std::fs;\n", "the one door");
    assert_complains("src/vm/mod.rs", "//! x\nuse std as s;\n", "renamed");
    assert_complains("src/vm/mod.rs", "//! x\nextern crate reqwest as r;\n", "the one door");
    assert_eq!(complaints("src/vm/mod.rs", "//! x\nuse std::fmt;\n"), "");
}

#[test]
fn a_long_file_is_refused() {
    assert_complains("src/vm/mod.rs", &format!("//! x\n{}", "\n".repeat(500)), "501 lines");
    assert_eq!(complaints("src/vm/mod.rs", &format!("//! x\n{}", "\n".repeat(499))), "");
}

#[test]
fn a_file_without_a_header_is_refused() {
    assert_complains("src/vm/mod.rs", "use std::fmt;\n", "`//!`");
    assert_complains("src/vm/mod.rs", "//!\nuse std::fmt;\n", "`//!`");
}

#[test]
fn a_note_to_do_something_later_is_refused() {
    assert_complains("src/vm/mod.rs", concat!("//! x\n// TO", "DO: later\n"), "is not done");
    assert_complains("src/vm/mod.rs", concat!("//! x\n/* FIX", "ME */\n"), "is not done");
}

#[test]
fn a_drawer_for_everything_is_refused() {
    for name in ["utils", "helpers", "common", "misc"] {
        assert_complains(&format!("src/vm/{name}.rs"), "//! x\n", "says nothing");
        assert_complains(&format!("src/vm/{name}/mod.rs"), "//! x\n", "says nothing");
    }
}

#[test]
fn the_binary_uses_only_the_library() {
    assert_complains("src/main.rs", "//! x\nmod cli;\n", "embedding API");
    assert_complains("src/main.rs", "//! x\nuse std::fmt;\n", "embedding API");
    assert_complains("src/main.rs", "//! x\nfn main() { dsp::vm::run() }\n", "embedding API");
    assert_eq!(
        complaints(
            "src/main.rs",
            "//! x\nfn main() -> dsp::cli::Exit { dsp::cli::main() }\n"
        ),
        ""
    );
}

#[test]
fn the_command_line_uses_only_the_embedding_api() {
    assert_complains("src/cli/run.rs", "//! x\nuse crate::vm::Machine;\n", "embedding API");
    assert_eq!(
        complaints("src/cli/run.rs", "//! x\nuse crate::session::Session;\n"),
        ""
    );
}

/// The modules and optimizers that the library declares in dsp; `Predict` is what they stand on. What a state holds of a
/// `Calibration` is a value of this name.
fn library_names() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib");
    let mut names = Vec::new();
    for folder in ["predict", "optimize"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let heads = text
                .lines()
                .filter_map(|line| line.strip_prefix("module ").or(line.strip_prefix("fn ")));
            let name = |head: &str| head.split(['(', '[']).next().unwrap_or_default().to_owned();
            names.extend(heads.map(name).filter(|name| name.starts_with(char::is_uppercase)));
        }
    }
    names.retain(|name| name != "Calibration");
    names
}

/// The names that stand in a text as words.
fn named_in<'a>(text: &str, names: &'a [String]) -> Vec<&'a str> {
    let words: std::collections::HashSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    names
        .iter()
        .map(String::as_str)
        .filter(|name| words.contains(name))
        .collect()
}

#[test]
fn the_core_names_no_module_and_no_optimizer_of_its_library() {
    let names = library_names();
    assert!(names.len() > 18 && names.contains(&"ReAct".to_owned()), "{names:?}");
    assert_eq!(named_in("/// As `ReAct` does.", &names), ["ReAct"]);
    let found: Vec<String> = sources()
        .iter()
        .flat_map(|source| {
            let named = named_in(&source.text, &names).into_iter();
            named.map(|name| format!("{}: {name}", source.path)).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
