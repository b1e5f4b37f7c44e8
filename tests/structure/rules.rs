//! The rules themselves, on one file at a time, so that a planted text can be held against them.

use super::paths::{Named, paths};

/// Which layer a module of the crate belongs to: its place in this list. It may name only modules of lower ones.
const LAYERS: [&[&str]; 14] = [
    &["source", "host"],
    &["diag"],
    &["value"],
    &["syntax"],
    &["hir", "chat", "artifact"],
    &["check", "adapter", "trace"],
    &["call"],
    &["lm", "retrieve"],
    &["vm"],
    &["evaluate"],
    &["builtins"],
    &["session"],
    &["lsp", "serve"],
    &["cli"],
];

/// What only `host/` may name.
const DOOR: [&[&str]; 9] = [
    &["std", "fs"],
    &["std", "env"],
    &["std", "process"],
    &["std", "net"],
    &["tokio", "fs"],
    &["tokio", "process"],
    &["tokio", "net"],
    &["reqwest"],
    &["rusqlite"],
];

/// What the command line may name of the crate, since it is the embedding API's first user: the session, and the data
/// that the session hands out.
const EMBEDDING: [&str; 6] = ["cli", "session", "host", "diag", "source", "value"];

const MAX_LINES: usize = 500;

/// One file of `src/`.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// `path` starts with `src/`.
    pub fn new(path: &str, text: String) -> Self {
        Source {
            path: path.replace('\\', "/"),
            text,
        }
    }

    /// `src/vm/fiber.rs` → `vm`
    pub fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
    }

    /// `src/vm/fiber.rs` → `["vm", "fiber"]`, `src/vm/mod.rs` → `["vm"]`
    fn module_path(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let parts = inside.trim_end_matches(".rs").split('/').map(str::to_owned);
        parts
            .filter(|part| !["mod", "lib", "main"].contains(&part.as_str()))
            .collect()
    }
}

pub fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// Everything that is wrong with a file, one line each.
pub fn check(source: &Source) -> Vec<String> {
    let file = match syn::parse_file(&source.text) {
        Ok(file) => file,
        Err(error) => return vec![format!("{}: does not parse: {error}", source.path)],
    };
    let named = paths(&file, &source.module_path());
    let mut wrong = Vec::new();
    wrong.extend(text_rules(source));
    if source.module() == "main" {
        wrong.extend(named.iter().filter_map(|named| binary_rule(source, named)));
        return wrong;
    }
    wrong.extend(named.iter().filter_map(|named| door_rule(source, named)));
    wrong.extend(named.iter().filter_map(|named| layer_rule(source, named)));
    wrong
}

fn text_rules(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    let path = &source.path;
    let lines = source.text.lines().count();
    if lines > MAX_LINES {
        wrong.push(format!(
            "{path}: {lines} lines are too many; cut it by concern at about 400"
        ));
    }
    let header = source
        .text
        .lines()
        .next()
        .unwrap_or("")
        .strip_prefix("//!")
        .map(str::trim);
    if header.is_none_or(str::is_empty) {
        wrong.push(format!("{path}: its first line is no `//!` that says what is here"));
    }
    for (i, line) in source.text.lines().enumerate() {
        if [concat!("TO", "DO"), concat!("FIX", "ME")]
            .iter()
            .any(|note| line.contains(note))
        {
            wrong.push(format!("{path}:{}: a note to do it later is not done", i + 1));
        }
    }
    if source
        .module_path()
        .iter()
        .any(|part| ["utils", "helpers", "common", "misc"].contains(&part.as_str()))
    {
        wrong.push(format!("{path}: this name says nothing; name what is in it"));
    }
    let module = source.module();
    if !["lib", "main"].contains(&module) && layer(module).is_none() {
        wrong.push(format!("{path}: `{module}` has no layer; give it one in the table"));
    }
    wrong
}

fn door_rule(source: &Source, named: &Named) -> Option<String> {
    let place = format!("{}:{}", source.path, named.line);
    let starts = |door: &&[&str]| named.path.len() >= door.len() && door.iter().zip(&named.path).all(|(a, b)| a == b);
    if source.module() == "host" {
        return None;
    }
    if named.renamed && named.path.len() == 1 && ["std", "tokio"].contains(&named.path[0].as_str()) {
        return Some(format!("{place}: `{}` renamed hides what is used of it", named.path[0]));
    }
    let door = DOOR.iter().find(|door| starts(door))?;
    Some(format!(
        "{place}: names `{}`; `host` is the one door to it",
        door.join("::")
    ))
}

fn layer_rule(source: &Source, named: &Named) -> Option<String> {
    let place = format!("{}:{}", source.path, named.line);
    let here = source.module();
    if here == "lib" || named.path.first().is_none_or(|first| first != "crate") {
        return None;
    }
    let there = named.path.get(1)?;
    if there == here {
        return None;
    }
    let Some(upper) = layer(there) else {
        return Some(format!("{place}: `{there}` has no layer; give it one in the table"));
    };
    let own = layer(here)?;
    if here == "cli" && !EMBEDDING.contains(&there.as_str()) {
        return Some(format!(
            "{place}: `cli` uses the embedding API alone, and `{there}` is not of it"
        ));
    }
    match upper.cmp(&own) {
        std::cmp::Ordering::Less => None,
        std::cmp::Ordering::Equal => Some(format!("{place}: `{here}` and `{there}` are of the same layer {own}")),
        std::cmp::Ordering::Greater => Some(format!(
            "{place}: `{here}` of layer {own} names `{there}` of layer {upper} above it"
        )),
    }
}

fn binary_rule(source: &Source, named: &Named) -> Option<String> {
    let allowed = named.path.first().is_some_and(|first| first == "dsp")
        && named
            .path
            .get(1)
            .is_none_or(|module| module == "cli" || EMBEDDING.contains(&module.as_str()));
    (!allowed).then(|| {
        format!(
            "{}:{}: the binary uses the embedding API alone, not `{}`",
            source.path,
            named.line,
            named.path.join("::")
        )
    })
}
