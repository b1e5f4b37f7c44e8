//! Every library file checks alone.

use std::sync::Arc;

use dsp::builtins::{LIBRARY, TYPES, registry};
use dsp::check::{Environment, Files, Kind, Natives};
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

#[test]
fn every_library_file_checks_alone() {
    let mut wrong = Vec::new();
    for (name, text) in LIBRARY {
        let bodies = registry();
        let natives = Natives {
            reach: Arc::new(move |name| bodies.reach(name)),
            types: TYPES.to_vec(),
        };
        let mut environment = Environment::new(LIBRARY, natives);
        let mut sources = SourceMap::default();
        let file = sources.add(*name, *text);
        let (_, problems) = environment.check(&mut sources, file, Kind::Library, &mut NoFiles);
        for problem in problems.sorted() {
            let place = sources.get(problem.span().file);
            let (line, column) = place.line_column(problem.span().start);
            wrong.push(format!("{}:{line}:{column}: {}", place.name, problem.message));
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
