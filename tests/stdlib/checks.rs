//! Every library file checks alone.

use std::sync::Arc;

use dsp::builtins::{LIBRARY, TYPES, registry};
use dsp::check::{Environment, Files, Kind, Natives};
use dsp::diag::Diagnostic;
use dsp::source::{SourceFile, SourceMap};
use dsp::value::Type;

/// Nothing but the library.
struct NoFiles;

impl Files for NoFiles {
    fn import(&mut self, _: &SourceFile, path: &str) -> Result<(String, Arc<str>), String> {
        Err(format!("no file `{path}`"))
    }

    fn rows(&mut self, _: &SourceFile, path: &str) -> Result<Type, String> {
        Err(format!("no file `{path}`"))
    }
}

/// Checks a text as a file of this kind; the problems, each with its place.
fn check(name: &str, text: &str, kind: Kind) -> Vec<String> {
    let bodies = registry();
    let natives = Natives {
        reach: Arc::new(move |name| bodies.reach(name)),
        types: TYPES.to_vec(),
    };
    let mut environment = Environment::new(LIBRARY, natives);
    let mut sources = SourceMap::default();
    let file = sources.add(name, text);
    let (_, problems) = environment.check(&mut sources, file, kind, &mut NoFiles);
    let place = |problem: &Diagnostic| {
        let file = sources.get(problem.span().file);
        let (line, column) = file.line_column(problem.span().start);
        format!("{}:{line}:{column}: {}", file.name, problem.message)
    };
    problems.sorted().iter().map(place).collect()
}

pub fn problems_of(script: &str) -> Vec<String> {
    check("script.dsp", script, Kind::Script)
}

#[test]
fn every_library_file_checks_alone() {
    let mut wrong: Vec<String> = LIBRARY
        .iter()
        .flat_map(|(name, text)| check(name, text, Kind::Library))
        .collect();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
