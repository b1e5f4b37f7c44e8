//! Text to tree: trees, error pictures, layout, and what must never happen.

#![allow(clippy::unwrap_used, reason = "what a test finds missing is its failure")]

#[path = "syntax/braces.rs"]
mod braces;
#[path = "syntax/colours.rs"]
mod colours;
#[path = "syntax/hostile.rs"]
mod hostile;
#[path = "syntax/inline.rs"]
mod inline;
#[path = "syntax/pictures.rs"]
mod pictures;
#[path = "syntax/reading.rs"]
mod reading;
#[path = "syntax/rendering.rs"]
mod rendering;
#[path = "syntax/seed.rs"]
mod seed;
#[path = "syntax/tree.rs"]
mod tree;

use dsp::source::SourceMap;
use dsp::syntax::parse::parse_file;

fn parse(text: &str) -> (dsp::syntax::ast::File, Vec<dsp::diag::Diagnostic>) {
    let mut sources = SourceMap::default();
    let file = sources.add("t.dsp", text);
    let (file, problems) = parse_file(&sources, file);
    (file, problems.sorted())
}

/// The file's content must be `actual`; `UPDATE_GOLDENS=1 cargo test --test syntax` writes it instead.
fn golden(path: &std::path::Path, actual: &str) -> Result<(), String> {
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        return std::fs::write(path, actual).map_err(|e| e.to_string());
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(&expected, actual);
    let path = path.display();
    Err(format!(
        "{path} differs (UPDATE_GOLDENS=1 cargo test --test syntax rewrites it):\n{}",
        diff.unified_diff()
    ))
}

/// The `.dsp` files of a folder below `tests/syntax/`.
fn scripts(folder: &str) -> Vec<std::path::PathBuf> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/syntax")
        .join(folder);
    let mut list: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "dsp"))
        .collect();
    list.sort();
    list
}

#[test]
fn every_construct_has_its_tree() {
    let mut failures = Vec::new();
    for path in scripts("trees") {
        let (file, problems) = parse(&std::fs::read_to_string(&path).unwrap());
        assert!(problems.is_empty(), "{}: {problems:#?}", path.display());
        failures.extend(golden(&path.with_extension("tree"), &tree::file(&file)).err());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_mistake_has_its_picture() {
    let mut failures = Vec::new();
    for path in pictures::pages() {
        let page = std::fs::read_to_string(&path).unwrap();
        failures.extend(golden(&path, &pictures::redraw(&page)).err());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
