//! Every sentence of the contract's parts on types, declarations, statements and expressions has a program that it accepts
//! and one that it refuses: `contract.txt` lists the sentences, `sentences-*.md` quotes those that a check shows, and
//! `runs/*.md` those that show when a program runs. What shows in time alone is held by the test named behind `by`.

use std::path::{Path, PathBuf};

use super::pages::quotes;
use super::sandbox::{Ran, Sandbox};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

/// A sentence, and the tests that hold it beside the pages: file and name.
struct Sentence {
    text: String,
    by: Vec<(String, String)>,
}

fn sentences() -> Vec<Sentence> {
    let mut sentences: Vec<Sentence> = Vec::new();
    for line in std::fs::read_to_string(folder().join("contract.txt")).unwrap().lines() {
        match line.strip_prefix("  by ") {
            Some(test) => {
                let (file, name) = test.split_once(' ').unwrap();
                let sentence = sentences.last_mut().unwrap();
                sentence.by.push((file.to_owned(), name.to_owned()));
            }
            None if line.is_empty() || line.starts_with("# ") => {}
            None => sentences.push(Sentence {
                text: line.to_owned(),
                by: Vec::new(),
            }),
        }
    }
    sentences
}

/// A program of a page that runs, and what the page says of it.
struct Run {
    text: String,
    /// Where it stands.
    place: String,
    output: Option<String>,
    error: Option<String>,
}

/// A quoted sentence with the programs behind it.
struct Section {
    quote: String,
    runs: Vec<Run>,
}

fn sections(page: &Path) -> Vec<Section> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut sections: Vec<Section> = Vec::new();
    let mut open: Option<(String, String)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```"), line.strip_prefix("> ")) {
            (None, Some(info), _) => open = Some((info.to_owned(), String::new())),
            (Some(_), Some(_), _) => {
                let (info, text) = open.take().unwrap();
                let runs = &mut sections.last_mut().unwrap().runs;
                match (info.as_str(), runs.last_mut()) {
                    ("output", Some(run)) => run.output = Some(text),
                    ("error", Some(run)) => run.error = Some(text),
                    _ => runs.push(Run {
                        place: format!("{}:{number}", page.display()),
                        text,
                        output: None,
                        error: None,
                    }),
                }
            }
            (Some((_, text)), None, _) => *text += &format!("{line}\n"),
            (None, None, Some(quote)) => sections.push(Section {
                quote: quote.to_owned(),
                runs: Vec::new(),
            }),
            (None, None, None) => {}
        }
    }
    sections
}

fn run_pages() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(folder().join("runs")).unwrap();
    let mut pages: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

fn complaint(run: &Run, ran: &Ran) -> Option<String> {
    let missing = |text: &str| text.lines().find(|line| !ran.err.contains(line)).map(str::to_owned);
    match (&run.output, &run.error) {
        (Some(output), None) if ran.code != 0 || ran.out != *output => Some(format!("printed otherwise: {ran:#?}")),
        (None, Some(_)) if ran.code == 0 => Some("was not refused".to_owned()),
        (None, Some(error)) => missing(error).map(|line| format!("no `{line}` in\n{}", ran.err)),
        (Some(_), None) => None,
        _ => Some("has neither one output nor one error behind it".to_owned()),
    }
}

#[test]
fn programs_that_run_do_what_their_pages_say() {
    let mut complaints = Vec::new();
    for run in run_pages()
        .iter()
        .flat_map(|page| sections(page))
        .flat_map(|section| section.runs)
    {
        let ran = Sandbox::with(&run.text).run(&["run", "s.dsp"]);
        complaints.extend(complaint(&run, &ran).map(|said| format!("{}: {said}", run.place)));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The quotes behind which stand both an accepted and a refused program.
fn shown() -> Vec<String> {
    let mut shown = Vec::new();
    for section in run_pages().iter().flat_map(|page| sections(page)) {
        let accepted = section.runs.iter().any(|run| run.output.is_some());
        let refused = section.runs.iter().any(|run| run.error.is_some());
        shown.extend((accepted && refused).then_some(section.quote));
    }
    let whole = quotes().into_iter().filter(|quote| quote.accepted && quote.refused);
    shown.extend(whole.map(|quote| quote.text));
    shown
}

#[test]
fn every_sentence_of_the_contract_is_shown() {
    let shown = shown();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_held = |(file, name): &(String, String)| {
        let test = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        test.contains(&format!("fn {name}("))
    };
    let sentences = sentences();
    let lacking: Vec<&str> = sentences
        .iter()
        .filter(|sentence| {
            let quoted = shown
                .iter()
                .any(|quote| quote.contains(sentence.text.trim_end_matches('.')));
            let held = !sentence.by.is_empty() && sentence.by.iter().all(is_held);
            !quoted && !held
        })
        .map(|sentence| sentence.text.as_str())
        .collect();
    assert!(lacking.is_empty(), "nothing shows:\n{}", lacking.join("\n"));
    assert_eq!(sentences.len(), 64);
}

/// The list against the page itself, where that is at hand: nothing of it is left out, and nothing has changed since.
#[test]
fn the_list_of_sentences_is_the_contract() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/design/language.md");
    let Ok(page) = std::fs::read_to_string(page) else {
        println!("skipped: the contract's page is not at hand");
        return;
    };
    let plain = |text: &str| {
        text.replace("\\|", "|")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let bare = |text: &str| plain(text).replace('*', "");
    let from = page.find("## 3. Types").unwrap();
    let to = page.find("## 6. Command line").unwrap();
    // Headings, the example's block and the table's frame are no sentences.
    let mut left = bare(&page[from..to]);
    for sentence in sentences() {
        let text = bare(&sentence.text);
        assert!(left.contains(&text), "the contract does not say: {}", sentence.text);
        left = left.replacen(&text, "", 1);
    }
    let example = left.find("```dsp").unwrap()..left.rfind("```").unwrap();
    left.replace_range(example, "");
    let frame =
        "3 Types type values 4 Declarations Signatures Modules 5 Statements and expressions Model calls and order";
    let words = left
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let more: Vec<&str> = words
        .filter(|word| !frame.split(' ').any(|known| known == *word))
        .collect();
    assert!(more.is_empty(), "not in the list: {more:?}");
}
