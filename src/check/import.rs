//! `import`: each file once, cycles reported as a path.

use crate::diag::nearest;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Import, ImportNames};
use crate::value::EcoString;

use super::checker::Checker;
use super::codes;
use super::environment::Kind;
use super::scope::Entry;

impl Checker<'_> {
    pub fn import(&mut self, import: &Import) {
        let file = self.imported_file(&import.path.node, import.path.span);
        match (&import.names, file) {
            (ImportNames::As(name), Some(file)) => self.declare(name, Entry::Namespace(file)),
            (ImportNames::As(name), None) => self.declare(name, Entry::Broken),
            (ImportNames::Some(names), file) => {
                for name in names {
                    let entry = file
                        .and_then(|file| self.foreign_entry(file, name))
                        .unwrap_or(Entry::Broken);
                    self.declare(name, entry);
                }
            }
        }
    }

    fn imported_file(&mut self, path: &EcoString, span: Span) -> Option<FileId> {
        if path.starts_with("std/") {
            let file = self.library_by_path(path);
            if file.is_none() {
                let near = nearest(path, self.env.library.paths());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "the library's files are imported as `std/…`; most need no import at all".to_owned(),
                };
                self.advise(
                    codes::IMPORT,
                    format!("the library has no file `{path}`"),
                    span,
                    "not found",
                    help,
                );
            }
            return file;
        }
        let (name, text) = match self.files.import(&self.sources.get(self.cx.file).clone(), path) {
            Ok(found) => found,
            Err(message) => {
                let help = "the path is relative to the folder of this file";
                self.advise(codes::IMPORT, message, span, "cannot be imported", help);
                return None;
            }
        };
        if let Some(file) = self.env.imported.get(&name).copied() {
            if let Some(from) = self.importing.iter().position(|f| *f == file) {
                let chain = self.importing[from..].iter().map(|f| self.sources.get(*f).name.clone());
                let chain: Vec<String> = chain.chain([name]).collect();
                let message = format!("these files import each other: {}", chain.join(" → "));
                let help = "move what both need into a third file";
                self.advise(codes::IMPORT_CYCLE, message, span, "this closes the circle", help);
                return None;
            }
            return Some(file);
        }
        let file = self.sources.add(name.clone(), text);
        self.env.imported.insert(name, file);
        self.load(file, Kind::Import);
        Some(file)
    }
}
