//! The parts of a file that did not parse. What they declare is not known, but it must be named there.

use std::collections::HashSet;

use crate::source::{SourceMap, Span};
use crate::value::EcoString;

/// The words of the parts of a file that did not parse.
#[derive(Clone, Debug, Default)]
pub(super) struct Unread {
    words: HashSet<EcoString>,
    /// `import "rag.dsp"` without names, another language's `from rag import *`: any name may come from there.
    imports: bool,
}

impl Unread {
    pub fn new(sources: &SourceMap, parts: &[Span]) -> Unread {
        let mut unread = Unread::default();
        for part in parts {
            let text = sources.text(*part);
            let not_of_word = |c: char| !(c.is_alphanumeric() || c == '_');
            let words = || text.split(not_of_word).filter(|word| !word.is_empty());
            unread.imports |= words().next().is_some_and(|first| IMPORTS.contains(&first));
            unread.words.extend(words().map(EcoString::from));
        }
        unread
    }

    /// Whether this name may be declared in there.
    pub fn may_declare(&self, name: &str) -> bool {
        self.imports || self.words.contains(name)
    }
}

/// What begins an import here or elsewhere.
const IMPORTS: [&str; 5] = ["import", "from", "use", "require", "include"];
