//! The pages `tests/check/*.md`: their programs, the problems that comments in these ask for, and the sentences that they
//! quote.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// One program of a page, with the files that stand before it.
pub struct Program {
    pub page: String,
    pub line: usize,
    pub text: String,
    pub files: HashMap<String, String>,
}

pub fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    pages.retain(|p| p.extension().is_some_and(|e| e == "md"));
    pages.sort();
    pages
}

pub fn programs(page: &Path) -> Vec<Program> {
    let text = std::fs::read_to_string(page).unwrap();
    let name = page.file_name().unwrap().to_string_lossy().into_owned();
    let mut programs = Vec::new();
    let mut files = HashMap::new();
    let mut open: Option<(usize, String, String)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((number + 1, info.to_owned(), String::new())),
            (Some(_), Some(_)) => {
                let (start, info, text) = open.take().unwrap();
                match info.split_once(' ') {
                    Some((_, file)) => {
                        files.insert(file.to_owned(), text);
                    }
                    None => {
                        let files = std::mem::take(&mut files);
                        programs.push(Program {
                            page: name.clone(),
                            line: start,
                            text,
                            files,
                        });
                    }
                }
            }
            (Some((_, _, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    programs
}

/// A problem that a comment asks for: file, line, code, part of the message.
pub type Wanted = (String, usize, String, String);

pub fn wanted(file: &str, text: &str) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for part in line.split("# ").skip(1) {
            let Some(rest) = part.strip_prefix("error: ").or_else(|| part.strip_prefix("warning: ")) else {
                continue;
            };
            let (code, message) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
            let message = message.trim().trim_start_matches('"').trim_end_matches('"');
            wanted.push((
                file.to_owned(),
                number + 1,
                code.to_owned(),
                message.replace("\\\"", "\""),
            ));
        }
    }
    wanted
}

/// A sentence that a page quotes, and whether a program behind it is accepted, and one refused.
pub struct Quote {
    page: String,
    line: usize,
    pub text: String,
    pub accepted: bool,
    pub refused: bool,
}

impl Quote {
    pub fn place(&self) -> String {
        format!("{}:{}: {}", self.page, self.line, self.text)
    }
}

/// The quotes of the pages `sentences-*.md`.
pub fn quotes() -> Vec<Quote> {
    pages().iter().flat_map(|page| quotes_of(page)).collect()
}

fn quotes_of(page: &Path) -> Vec<Quote> {
    let name = page.file_name().unwrap().to_string_lossy().into_owned();
    if !name.starts_with("sentences-") {
        return Vec::new();
    }
    let text = std::fs::read_to_string(page).unwrap();
    let starts: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .filter_map(|(number, line)| Some((number + 1, line.strip_prefix("> ")?)))
        .collect();
    let all = programs(page);
    let quote = |(place, &(line, sentence)): (usize, &(usize, &str))| {
        let end = starts.get(place + 1).map_or(usize::MAX, |(next, _)| *next);
        let behind = || all.iter().filter(|program| line < program.line && program.line < end);
        Quote {
            page: name.clone(),
            line,
            text: sentence.to_owned(),
            accepted: behind().any(|program| wanted("", &program.text).is_empty()),
            refused: behind().any(|program| !wanted("", &program.text).is_empty()),
        }
    };
    starts.iter().enumerate().map(quote).collect()
}
