//! `grammar/reference.md`: every program on it runs and prints what the page says, and what is generated is up to date.
//! And the editor's grammar beside it.
//! `UPDATE_GOLDENS=1 cargo test --test reference` lays out its programs, takes over what they print and generates anew.

#![allow(clippy::unwrap_used, reason = "what a test finds missing is its failure")]

#[path = "reference/editor.rs"]
mod editor;
#[path = "reference/generated.rs"]
mod generated;
#[path = "reference/page.rs"]
mod page;
#[path = "cli/sandbox.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod sandbox;

use page::{Fence, Piece, pieces};
use sandbox::{Ran, Sandbox};

use std::sync::OnceLock;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/reference.md");

/// The page, brought up to date first if that is asked for.
fn page() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let text = std::fs::read_to_string(PAGE).unwrap();
        if std::env::var_os("UPDATE_GOLDENS").is_none() {
            return text;
        }
        let renewed = renewed(&generated::renewed(&text));
        std::fs::write(PAGE, &renewed).unwrap();
        renewed
    })
}

/// A program of the page with what the page says of it.
struct Program {
    text: String,
    /// Other files of the page that it may import.
    files: Vec<(String, String)>,
    output: Option<String>,
    error: Option<String>,
}

fn programs(pieces: &[Piece]) -> Vec<Program> {
    let fences: Vec<&Fence> = pieces.iter().filter_map(Piece::fence).collect();
    let mut files = Vec::new();
    let mut programs = Vec::new();
    for (i, fence) in fences.iter().enumerate() {
        match fence.info.split_once(' ') {
            Some(("dsp", name)) => files.push((name.to_owned(), fence.text.clone())),
            None if fence.info == "dsp" => {
                let said = |info: &str| {
                    let behind = fences[i + 1..]
                        .iter()
                        .take_while(|fence| !fence.info.starts_with("dsp"));
                    behind
                        .into_iter()
                        .find(|fence| fence.info == info)
                        .map(|fence| fence.text.clone())
                };
                programs.push(Program {
                    text: fence.text.clone(),
                    files: files.clone(),
                    output: said("output"),
                    error: said("error"),
                });
            }
            _ => {}
        }
    }
    programs
}

impl Program {
    fn run(&self, command: &str) -> Ran {
        let sandbox = Sandbox::with(&self.text);
        for (name, text) in &self.files {
            sandbox.put(name, text);
        }
        sandbox.run(&[command, "s.dsp"])
    }
}

/// The page with its programs in their layout, and what they print.
fn renewed(text: &str) -> String {
    let mut pieces = pieces(text);
    for fence in pieces.iter_mut().filter_map(Piece::fence_mut) {
        if fence.info.starts_with("dsp") {
            fence.text = generated::laid_out(&fence.text);
        }
    }
    let programs = programs(&pieces);
    let mut programs = programs.iter().filter(|program| program.output.is_some());
    for fence in pieces.iter_mut().filter_map(Piece::fence_mut) {
        match fence.info.as_str() {
            "output" => fence.text = programs.next().unwrap().run("run").out,
            "session" => fence.text = session(&fence.text),
            _ => {}
        }
    }
    pieces.iter().map(Piece::text).collect()
}

#[test]
fn every_program_prints_what_the_page_says() {
    let programs = programs(&pieces(page()));
    assert!(programs.len() > 20, "only {} programs", programs.len());
    for program in &programs {
        let what = if program.output.is_none() && program.error.is_none() {
            "check"
        } else {
            "run"
        };
        let ran = program.run(what);
        if let Some(output) = &program.output {
            assert_eq!(&ran.out, output, "{}\n{}", program.text, ran.err);
        }
        match &program.error {
            None => assert_eq!(ran.code, 0, "{}\n{}", program.text, ran.err),
            Some(error) => {
                assert_ne!(ran.code, 0, "{}", program.text);
                for line in error.lines() {
                    assert!(ran.err.contains(line), "no `{line}` in\n{}", ran.err);
                }
            }
        }
    }
}

/// A transcript of `dsp repl` as it comes out: what is typed stands behind `> `.
fn session(text: &str) -> String {
    let sandbox = Sandbox::new();
    let (mut typed, mut said, mut out) = (String::new(), 0, String::new());
    let mut lines = text.lines().filter(|line| line.starts_with("> ")).peekable();
    while let Some(line) = lines.next() {
        typed += &format!("{}\n", &line[2..]);
        out += &format!("{line}\n");
        let more = lines
            .peek()
            .is_some_and(|next| next.starts_with(">  ") || *next == "> }");
        if !more {
            let all = sandbox.run_with_input(&["repl"], &typed).out;
            out += &all[said..];
            said = all.len();
        }
    }
    out
}

#[test]
fn every_session_goes_as_the_page_says() {
    let pieces = pieces(page());
    let sessions: Vec<&Fence> = pieces
        .iter()
        .filter_map(Piece::fence)
        .filter(|f| f.info == "session")
        .collect();
    assert!(!sessions.is_empty(), "no session");
    for fence in sessions {
        assert_eq!(session(&fence.text), fence.text);
    }
}

#[test]
fn what_is_generated_is_up_to_date() {
    let text = page();
    let renewed = generated::renewed(text);
    let diff = similar::TextDiff::from_lines(text, &renewed);
    assert!(
        text == renewed,
        "grammar/reference.md is not up to date (UPDATE_GOLDENS=1 cargo test --test reference):\n{}",
        diff.unified_diff()
    );
}

#[test]
fn the_table_of_contents_leads_to_every_part() {
    let text = page();
    let parts = text.lines().filter_map(|line| line.strip_prefix("## "));
    for part in parts {
        let anchor: String = part.to_lowercase().replace(' ', "-").replace([',', '.', ':'], "");
        assert!(text.contains(&format!("](#{anchor})")), "`{part}` is not in the table");
    }
}
