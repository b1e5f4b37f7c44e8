//! What the command line says of itself: `--help`, completions, pages of the manual.

use std::process::Command;

use super::sandbox::{Sandbox, finish};

/// The commands as `dsp --help` lists them.
fn commands(sandbox: &Sandbox) -> Vec<String> {
    let all = sandbox.run(&["--help"]).out;
    let listed = all.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let names = listed.take_while(|line| line.starts_with("  "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_help_of_each_command_fits_one_screen() {
    let sandbox = Sandbox::new();
    let mut pages = vec![("dsp".to_owned(), sandbox.run(&["--help"]).out)];
    for name in commands(&sandbox) {
        pages.push((name.clone(), sandbox.run(&[&name, "--help"]).out));
    }
    assert!(pages.len() > 12, "{} pages", pages.len());
    for (name, page) in pages {
        let rows: usize = page.lines().map(|line| line.chars().count().div_ceil(80).max(1)).sum();
        assert!(rows <= 40, "{name} takes {rows} rows of 80 columns:\n{page}");
        assert!(page.contains("Usage: dsp"), "{name}: {page}");
    }
}

#[test]
fn each_shell_gets_a_script_that_knows_every_command() {
    let sandbox = Sandbox::new();
    for (shell, head) in [("bash", "_dsp()"), ("zsh", "#compdef dsp"), ("fish", "complete -c dsp")] {
        let script = sandbox.run(&["completions", shell]);
        assert_eq!((script.code, script.err.as_str()), (0, ""));
        assert!(script.out.contains(head), "{shell}: {}", script.out);
        for name in commands(&sandbox) {
            assert!(script.out.contains(&name), "{shell} does not know `{name}`");
        }
        assert!(script.out.contains("allow-net"), "{shell} does not know the options");
    }
    sandbox.run(&["completions", "tcsh"]).fails(2, &["tcsh", "SHELL"]);
}

#[test]
fn bash_completes_commands_and_options() {
    let sandbox = Sandbox::new();
    sandbox.put("dsp.bash", &sandbox.run(&["completions", "bash"]).out);
    let completed = |words: &str, word: &str| {
        let script = format!(
            "source dsp.bash; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _dsp dsp '{word}' dsp; echo \"${{COMPREPLY[@]}}\""
        );
        finish(
            Command::new("bash")
                .args(["--norc", "-c", &script])
                .current_dir(sandbox.path()),
        )
        .out
    };
    assert_eq!(completed("dsp fm", "fm").trim(), "fmt");
    assert_eq!(completed("dsp test --fail", "--fail").trim(), "--fail-fast");
}

#[test]
fn the_manual_has_a_page_for_dsp_and_one_for_each_command() {
    let sandbox = Sandbox::new();
    let page = sandbox.run(&["man"]).out;
    assert!(page.contains(".TH dsp 1"), "{page}");
    for name in commands(&sandbox) {
        assert!(page.contains(&format!("dsp\\-{name}(1)")), "{name} is not in {page}");
        let own = sandbox.run(&["man", &name]).out;
        assert!(own.contains(&format!(".TH dsp-{name} 1")), "{own}");
        assert!(own.contains(".SH SYNOPSIS"), "{own}");
    }
    sandbox
        .run(&["man", "tset"])
        .fails(2, &["there is no command `tset`", "did you mean `test`?"]);
}
