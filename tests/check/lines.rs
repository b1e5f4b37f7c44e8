//! Lines that are checked one after the other, as in a session.

use std::collections::HashMap;

use dsp::check::Kind;
use dsp::source::SourceMap;

use super::{Memory, environment, library};

/// Checks lines one after the other as a REPL does; a line that fails is taken back.
fn lines(texts: &[&str]) -> Vec<Result<String, String>> {
    let library = library();
    let mut environment = environment(&library);
    let mut sources = SourceMap::default();
    let mut after = None;
    let mut results = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let mark = environment.mark();
        let known = sources.len();
        let file = sources.add(format!("<repl {}>", number + 1), *text);
        let (unit, problems) = environment.check(&mut sources, file, Kind::Line { after }, &mut Memory(HashMap::new()));
        results.push(match unit {
            Some(unit) => {
                after = Some(file);
                let global = environment.program.globals.iter().rev().find(|g| g.file == file);
                let _ = unit;
                Ok(global.map(|g| g.ty.to_string()).unwrap_or_default())
            }
            None => {
                environment.rollback(mark);
                sources.truncate(known);
                Err(problems
                    .sorted()
                    .first()
                    .map(|p| format!("{} {}", p.code.0, p.message))
                    .unwrap_or_default())
            }
        });
    }
    results
}

#[test]
fn a_line_sees_the_lines_before_it_and_may_declare_their_names_anew() {
    let results = lines(&[
        "let x = 1",
        "fn f(n) { n + x }",
        "let y = f(2)",
        "let z = y + \"a\"",
        "let x = \"new\"",
        "let w = f(3)",
        "let v = upper(x)",
        "var n = 0",
        "n += 1",
        "n = \"a\"",
        "x + 1",
    ]);
    let shown: Vec<&str> = results
        .iter()
        .map(|r| r.as_deref().unwrap_or_else(|e| &e[..5]))
        .collect();
    assert_eq!(
        shown,
        [
            "int", "", "int", "E0128", "str", "int", "str", "int", "", "E0107", "E0128"
        ]
    );
}
