//! The one layout of a text: 100 columns, two blanks a level. What is written decides it, not how it was laid out, but for
//! single empty lines between statements, which are kept.
//!
//! `write` takes the tokens one by one beside the tree, so comments and spellings survive; the files named like those of
//! `ast` say what may break; `print` decides what does.

mod brackets;
mod chain;
mod control;
mod doc;
mod expr;
mod item;
mod pattern;
mod print;
mod remark;
mod signature;
mod stmt;
mod string;
mod types;
mod write;

use crate::diag::Problems;
use crate::source::{FileId, SourceMap};
use crate::syntax::parse::read_tree;

use write::Writer;

/// A text without a byte order mark and carriage returns before newlines: what `format` takes.
pub fn plain(text: &str) -> String {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\r\n") {
        // `\r\r\n` reads as `\r\n` inside a string, and stays.
        let (kept, dropped) = if rest[..at].ends_with('\r') {
            (at + 1, 0)
        } else {
            (at, 1)
        };
        out.push_str(&rest[..kept]);
        rest = &rest[kept + dropped..];
        out.extend(rest.starts_with('\n').then_some('\n'));
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    out.push_str(rest);
    out
}

/// A file's text in its one layout, or what keeps it from being read.
pub fn format(sources: &SourceMap, file: FileId) -> Result<String, Problems> {
    let source = &sources.get(file).text;
    read_tree(sources, file, |items, tokens| {
        let mut writer = Writer::new(source, tokens);
        writer.file(items);
        print::print(&writer.doc)
    })
}
