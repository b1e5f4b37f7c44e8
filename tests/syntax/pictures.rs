//! Pages of mistakes with their pictures: `## title`, a block of dsp, a block with what is drawn.

use std::path::{Path, PathBuf};

use dsp::diag::{Format, Renderer};
use dsp::source::SourceMap;
use dsp::syntax::parse::parse_file;

const FENCE: &str = "````";

/// The page with its pictures drawn anew.
pub fn redraw(page: &str) -> String {
    let mut out = String::new();
    let mut source: Option<String> = None;
    let mut skipping = false;
    for line in page.split_inclusive('\n') {
        let fence = line.trim_end();
        if skipping {
            skipping = fence != FENCE;
            if !skipping {
                out += line;
            }
        } else if fence == "````dsp" {
            source = Some(String::new());
            out += line;
        } else if fence == "````text" {
            out += line;
            out += &pictures(&source.take().unwrap_or_default());
            skipping = true;
        } else {
            if let (Some(source), true) = (&mut source, fence != FENCE) {
                source.push_str(line);
            }
            out += line;
        }
    }
    out
}

fn pictures(text: &str) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add("t.dsp", text);
    let (_, problems) = parse_file(&sources, file);
    let renderer = Renderer {
        sources: &sources,
        format: Format::Text { color: false },
    };
    problems
        .sorted()
        .iter()
        .map(|problem| renderer.render(problem))
        .collect()
}

pub fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/syntax/errors");
    let mut list: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    list.sort();
    list
}
