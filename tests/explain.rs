//! Pages with a wrong program, its picture and the mended program: `tests/explain/CODE.md`, which `dsp explain` prints,
//! and `tests/mistakes/*.md`, where each section quotes the best message that another compiler has for the mistake.
//! `UPDATE_GOLDENS=1 cargo test --test explain` draws the pictures anew. A block `dsp other.dsp` is a file beside the
//! program.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use dsp::host::fake::FakeHost;
use dsp::session::{Builder, Format, Script};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn pages(name: &str) -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder(name))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    pages.sort();
    pages
}

/// A fenced block: what stands behind its fence, and its text.
struct Block {
    info: String,
    text: String,
    line: usize,
}

/// The blocks of a page by section; a section begins with a heading.
fn sections(page: &str) -> Vec<Vec<Block>> {
    let mut sections = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block {
                    info: info.to_owned(),
                    text: String::new(),
                    line: number + 1,
                });
            }
            (Some(_), Some(_)) => {
                let section: &mut Vec<Block> = sections.last_mut().expect("a heading stands first");
                section.extend(open.take());
            }
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) if line.starts_with('#') => sections.push(Vec::new()),
            (None, None) => {}
        }
    }
    sections.retain(|section| !section.is_empty());
    sections
}

/// What a check says of a program, in pictures.
fn checked(text: &str, files: &[&Block]) -> String {
    let host = FakeHost::new();
    for file in files {
        let name = file.info.trim_start_matches("dsp ");
        host.put(format!("/work/{name}"), file.text.clone());
    }
    host.put("/work/t.dsp", text);
    let format = Format::Text { color: false };
    match Builder::new(host.host()).open(Script::new("t.dsp", text, "/work")) {
        Ok(session) => host.block_on(session.problems(format)).unwrap().text(),
        Err(failure) => failure.drawn(format).expect("a failed check").text(),
    }
}

/// The page with its pictures drawn anew, and what is wrong with its programs.
fn redraw(page: &str, code: Option<&str>) -> (String, Vec<String>) {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let mut complaints = Vec::new();
    for section in sections(page).iter().rev() {
        let files: Vec<&Block> = section.iter().filter(|block| block.info.starts_with("dsp ")).collect();
        let programs: Vec<&Block> = section.iter().filter(|block| block.info == "dsp").collect();
        let picture = section.iter().find(|block| block.info == "text");
        let ([wrong, mended], Some(picture)) = (programs.as_slice(), picture) else {
            complaints.push(format!(
                "line {}: a wrong program, its picture and a mended one are wanted",
                section[0].line
            ));
            continue;
        };
        let drawn = checked(&wrong.text, &files);
        let heads = |line: &&str| line.starts_with("error[") || line.starts_with("warning[");
        for head in drawn.lines().filter(heads) {
            if code.is_some_and(|code| !head.contains(&format!("[{code}]"))) {
                complaints.push(format!("line {}: {head}", wrong.line));
            }
        }
        if drawn.is_empty() {
            complaints.push(format!("line {}: nothing is wrong with this program", wrong.line));
        }
        let left = checked(&mended.text, &files);
        if !left.is_empty() {
            complaints.push(format!(
                "line {}: the mended program is not in order\n{left}",
                mended.line
            ));
        }
        let count = picture.text.lines().count();
        lines.splice(picture.line..picture.line + count, drawn.lines().map(str::to_owned));
    }
    (lines.join("\n") + "\n", complaints)
}

fn hold(path: &Path, code: Option<&str>) -> Vec<String> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let page = std::fs::read_to_string(path).unwrap();
    let (drawn, complaints) = redraw(&page, code);
    let mut complaints: Vec<String> = complaints.iter().map(|c| format!("{name}: {c}")).collect();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(path, &drawn).unwrap();
    } else if drawn != page {
        let differs = drawn
            .lines()
            .zip(page.lines())
            .position(|(new, old)| new != old)
            .unwrap_or(0);
        complaints.push(format!(
            "{name}:{}: the picture differs; `UPDATE_GOLDENS=1 cargo test --test explain` draws it anew",
            differs + 1
        ));
    }
    complaints
}

#[test]
fn every_page_shows_its_code_and_how_to_mend_it() {
    let mut complaints = Vec::new();
    for path in pages("explain") {
        let code = path.file_stem().unwrap().to_string_lossy().into_owned();
        complaints.extend(hold(&path, Some(&code)));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn thirty_mistakes_are_told_as_well_as_others_tell_them() {
    let mut complaints = Vec::new();
    let mut count = 0;
    for path in pages("mistakes") {
        let page = std::fs::read_to_string(&path).unwrap();
        for section in page.split("\n## ").skip(1) {
            count += 1;
            let title = section.lines().next().unwrap();
            if !section.contains("\n> ") || !section.contains("\nAs good: ") {
                complaints.push(format!(
                    "{title}: quotes no other compiler, or does not say where it is as good"
                ));
            }
        }
        complaints.extend(hold(&path, None));
    }
    assert!(count >= 30, "{count} mistakes");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Two codes have no program that could show them: a text of many megabytes, a system without threads.
#[test]
fn every_code_has_a_page_with_its_title() {
    let codes = dsp::check::codes::CODES.iter().chain(dsp::syntax::parse::TITLES);
    let mut wanted = Vec::new();
    for (code, title) in codes {
        let page = std::fs::read_to_string(folder("explain").join(format!("{code}.md"))).unwrap_or_default();
        let head = format!("# {code}: {title}");
        assert_eq!(page.lines().next(), Some(head.as_str()), "tests/explain/{code}.md");
        assert!(
            ["E0032", "E0140"].contains(code) || !sections(&page).is_empty(),
            "{code} has no program"
        );
        wanted.push(format!("{code}.md"));
    }
    wanted.sort();
    let found: Vec<String> = pages("explain")
        .iter()
        .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(found, wanted);
}

/// Files with pictures in them, wherever they are kept.
fn pictured() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["tests", "grammar", "examples"].map(|name| root.join(name)).to_vec();
    let mut files = vec![root.join("README.md")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("md" | "golden" | "txt") => files.push(path),
                _ => {}
            }
        }
    }
    files
}

/// How many labels and helps the problem has whose first line is `lines[0]`.
fn parts(lines: &[&str]) -> (usize, usize) {
    let begins = |line: &str| ["error", "warning"].iter().any(|word| line.starts_with(word));
    let own = lines[1..]
        .iter()
        .take_while(|line| !begins(line) && !line.starts_with("```"));
    own.fold((0, 0), |(labels, helps), line| {
        (
            labels + line.matches("╰── ").count(),
            helps + usize::from(line.starts_with("  help: ")),
        )
    })
}

#[test]
fn every_picture_has_at_most_two_labels_and_one_help() {
    let (mut pictures, mut too_much) = (0, Vec::new());
    for path in pictured() {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.starts_with("error[E") || line.starts_with("warning[W") {
                let (labels, helps) = parts(&lines[number..]);
                pictures += usize::from(labels > 0);
                if labels > 2 || helps > 1 {
                    too_much.push(format!(
                        "{}:{}: {labels} labels, {helps} helps",
                        path.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(too_much.is_empty(), "{}", too_much.join("\n"));
    assert!(pictures > 100, "only {pictures} pictures were found");
}
