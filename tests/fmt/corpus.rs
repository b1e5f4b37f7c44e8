//! The texts that the tests are held against: all scripts of the project, whole and in pieces.

use std::path::{Path, PathBuf};

use super::tree;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The scripts below some folders of the project, with their paths in it.
pub fn scripts(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.strip_prefix(root()).unwrap().to_owned(), text)
    };
    paths.into_iter().map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, paths),
            false if path.extension().is_some_and(|e| e == "dsp") => paths.push(path),
            false => {}
        }
    }
}

/// The fenced `dsp` blocks of a page of the project.
pub fn blocks(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(page)).unwrap_or_default();
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.split(' ').next() == Some("dsp"), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take().filter(|block| block.0).map(|block| block.1)),
            (Some((_, block)), None) => *block += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

/// All scripts cut at their empty lines, as far as the pieces parse.
pub fn pieces() -> Vec<String> {
    let scripts = scripts(&["stdlib", "examples", "tests"]);
    let pieces = scripts.iter().flat_map(|(_, text)| text.split("\n\n"));
    let piece = |text: &str| format!("{}\n", text.trim_matches('\n'));
    pieces
        .map(piece)
        .filter(|text| text.len() > 8 && tree(text).is_some())
        .collect()
}
