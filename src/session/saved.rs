//! The lines of a session as a script.

use std::path::Path;
use std::sync::Arc;

use super::failure::render_problems;
use super::{Outcome, Session, State};
use crate::check::{Environment, Kind, LAST};
use crate::diag::{Format, Renderer};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Item, StmtKind};
use crate::syntax::parse::parse_file;
use crate::value::EcoString;

use super::files::Loader;

/// One line that committed.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    text: String,
    /// Whether its value became the last one.
    kept: bool,
}

impl Entry {
    pub fn new(text: String, kept: bool) -> Entry {
        Entry { text, kept }
    }
}

/// A session as a script.
#[derive(Clone, Debug)]
pub struct SavedLines {
    /// The script.
    pub text: String,
    /// What a check of it complains of, drawn; empty if it runs.
    pub problems: String,
}

impl Session {
    /// What was loaded and typed, as one script: of what was declared several times the last declaration. It is checked
    /// as a script in `folder` would be.
    pub fn lines(&self, folder: &Path, color: bool) -> Outcome<SavedLines> {
        let folder = folder.to_owned();
        self.turn(move |mut state| async move {
            state.take_back();
            let text = state.as_script();
            let problems = state.problems_of(&text, &folder, color);
            Ok(SavedLines { text, problems })
        })
    }
}

impl State {
    fn as_script(&self) -> String {
        let script = self.opened.map(|file| self.sources.get(file));
        let script = script.map(|file| Entry::new(file.text.to_string(), false));
        let entries: Vec<Entry> = script.into_iter().chain(self.saved.iter().cloned()).collect();
        let parsed: Vec<Vec<Item>> = entries.iter().map(|entry| items(&entry.text)).collect();
        let mut text = String::new();
        for (at, entry) in entries.iter().enumerate() {
            let later: Vec<&EcoString> = parsed[at + 1..].iter().flatten().filter_map(declared).collect();
            let rewritten = rewritten(entry, &parsed[at], &later);
            let rewritten = rewritten.trim();
            if !rewritten.is_empty() {
                text += rewritten;
                text.push('\n');
            }
        }
        text
    }

    /// What is wrong with a text as a script.
    fn problems_of(&mut self, text: &str, folder: &Path, color: bool) -> String {
        const NAME: &str = "<saved>";
        let mut sources = SourceMap::default();
        let file = sources.add(NAME, text);
        let mut folders = self.folders.clone();
        folders.insert(NAME.to_owned(), Arc::new(folder.to_owned()));
        let mut loader = Loader {
            host: self.host.as_ref(),
            folders: &mut folders,
        };
        let mut environment: Environment = self.environment.fresh();
        let (unit, problems) = environment.check(&mut sources, file, Kind::Script, &mut loader);
        let renderer = Renderer {
            sources: &sources,
            format: Format::Text { color },
        };
        match unit {
            Some(_) => String::new(),
            None => render_problems(&renderer, &problems.sorted()),
        }
    }
}

fn items(text: &str) -> Vec<Item> {
    let mut sources = SourceMap::default();
    let file = sources.add("<line>", text);
    parse_file(&sources, file).0.items
}

/// The name that an item declares and no other may.
fn declared(item: &Item) -> Option<&EcoString> {
    match item {
        Item::Type(decl) => Some(&decl.name.node),
        Item::Signature(decl) => Some(&decl.name.node),
        Item::Function(function) => Some(&function.name.node),
        Item::Module(module) => Some(&module.name.node),
        Item::Import(_) | Item::Test(_) | Item::Statement(_) => None,
    }
}

fn place(item: &Item) -> Span {
    match item {
        Item::Type(decl) => decl.span,
        Item::Signature(decl) => decl.span,
        Item::Function(function) => function.span,
        Item::Module(module) => module.span,
        Item::Import(import) => import.span,
        Item::Test(test) => test.span,
        Item::Statement(stmt) => stmt.span,
    }
}

/// A line without what later ones declare anew; the value that it left is bound, so that it is no lost one.
fn rewritten(entry: &Entry, items: &[Item], later: &[&EcoString]) -> String {
    let mut text = entry.text.clone();
    let last = items.len().saturating_sub(1);
    for (at, item) in items.iter().enumerate().rev() {
        let range = place(item).range();
        if declared(item).is_some_and(|name| later.contains(&name)) {
            text.replace_range(range, "");
        } else if at == last
            && entry.kept
            && matches!(item, Item::Statement(stmt) if matches!(stmt.kind, StmtKind::Expr(_)))
        {
            text.insert_str(range.start, &format!("let {LAST} = "));
        }
    }
    text
}
