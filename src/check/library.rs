//! The library: every public name is known from the start, a file is parsed when one of its names is used.

use std::collections::HashMap;
use std::sync::Arc;

use crate::source::FileId;

use super::checker::Checker;
use super::environment::Kind;
use super::scope::Entry;

#[derive(Clone, Debug, Default)]
pub(super) struct Library {
    files: Vec<LibraryFile>,
    /// Which files declare a name: a function may be declared for several kinds of arguments.
    index: HashMap<String, Vec<usize>>,
}

#[derive(Clone, Debug)]
struct LibraryFile {
    name: Arc<str>,
    text: Arc<str>,
    loaded: Option<FileId>,
}

impl Library {
    pub fn new(files: &[(&str, &str)]) -> Library {
        let mut library = Library::default();
        files.iter().for_each(|(name, text)| library.add(name, text));
        library
    }

    pub fn add(&mut self, name: &str, text: &str) {
        let place = self.files.len();
        for name in text.lines().filter_map(declared_name) {
            let places = self.index.entry(name.to_owned()).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        self.files.push(LibraryFile {
            name: name.into(),
            text: text.into(),
            loaded: None,
        });
    }

    /// The name and text of each file.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|file| (&*file.name, &*file.text))
    }

    /// The names that scripts can use.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.index
            .keys()
            .map(String::as_str)
            .filter(|name| !name.starts_with('_'))
    }

    /// The file that `import "std/metrics"` means.
    fn by_path(&self, path: &str) -> Option<usize> {
        let path = path.strip_suffix(".dsp").unwrap_or(path);
        self.files
            .iter()
            .position(|file| file.name.strip_suffix(".dsp").unwrap_or(&file.name) == path)
    }

    /// Marks a file as there, when it is checked as the main one.
    pub fn set_loaded(&mut self, name: &str, file: FileId) {
        if let Some(known) = self.files.iter_mut().find(|f| *f.name == *name) {
            known.loaded = Some(file);
        }
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .map(|f| f.name.strip_suffix(".dsp").unwrap_or(&f.name))
    }
}

/// The name that a line declares, if it stands at the line's beginning.
fn declared_name(line: &str) -> Option<&str> {
    let rest = ["fn ", "module ", "type ", "signature ", "let "]
        .iter()
        .find_map(|word| line.strip_prefix(word))?;
    let rest = rest.trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    rest.get(..end).filter(|name| !name.is_empty())
}

impl Checker<'_> {
    /// What the library declares by this name. Its files see each other's private names, and so does a script, which
    /// may hold a copy of the library's code; they are never suggested.
    pub fn library_entry(&mut self, name: &str) -> Option<Entry> {
        let places = self.env.library.index.get(name)?.clone();
        let mut found: Option<Entry> = None;
        for place in places {
            let file = self.library_file(place);
            let Some((entry, _)) = self.env.scopes.get(&file)?.names.get(name).cloned() else {
                continue;
            };
            found = Some(match found {
                None => entry,
                Some(known) => known.or_overload(entry),
            });
        }
        found
    }

    /// The file of `import "std/metrics"`.
    pub fn library_by_path(&mut self, path: &str) -> Option<FileId> {
        let place = self.env.library.by_path(path)?;
        Some(self.library_file(place))
    }

    fn library_file(&mut self, place: usize) -> FileId {
        if let Some(file) = self.env.library.files[place].loaded {
            return file;
        }
        let LibraryFile { name, text, .. } = &self.env.library.files[place];
        let file = self.sources.add(&**name, text.clone());
        self.env.library.files[place].loaded = Some(file);
        self.load(file, Kind::LibraryPart);
        file
    }
}
