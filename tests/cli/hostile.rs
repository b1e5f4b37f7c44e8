//! Files that no one would write, through the binary: each ends with a diagnostic or a result, never with a panic, an
//! overflowing stack or a hang.

use std::path::{Path, PathBuf};

use super::sandbox::{Ran, Sandbox};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
/// How many files one process checks.
const BATCH: usize = 400;

/// All scripts below a folder of the repository.
fn scripts(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(REPOSITORY).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|e| e == "dsp") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

#[track_caller]
fn survives(ran: &Ran) {
    assert!(matches!(ran.code, 0..=2), "{ran:?}");
    assert!(!ran.err.contains("dsp itself failed"), "{}", ran.err);
}

#[test]
fn every_prefix_of_a_script_is_checked() {
    let sandbox = Sandbox::new();
    let mut names = Vec::new();
    for folder in ["examples", "stdlib", "tests/scripts"] {
        for (number, path) in scripts(folder).iter().enumerate() {
            let text = std::fs::read_to_string(path).unwrap();
            // All prefixes take minutes; these begin elsewhere in each file.
            for (at, _) in text.char_indices().skip(number * 7 % 101).step_by(101) {
                let name = format!("{}.dsp", names.len());
                sandbox.put(&name, &text[..at]);
                names.push(name);
            }
        }
    }
    assert!(names.len() > 500);
    for batch in names.chunks(BATCH) {
        let args: Vec<&str> = std::iter::once("check")
            .chain(batch.iter().map(String::as_str))
            .collect();
        survives(&sandbox.run(&args));
    }
}

#[test]
fn a_hundred_thousand_brackets_are_a_diagnostic() {
    let many = 100_000;
    for text in [
        "(".repeat(many),
        "[".repeat(many),
        "{".repeat(many),
        "let x: list[".to_owned() + &"list[".repeat(many),
        "f(".repeat(many),
        "f\"{".repeat(many),
        "if true {".repeat(many),
        "match x { _ => ".repeat(many),
        "print(".to_owned() + &"(".repeat(many) + "1" + &")".repeat(many) + ")",
        "print(".to_owned() + &"[".repeat(many) + &"]".repeat(many) + ")",
        "-".repeat(many) + "1",
        "not ".repeat(many) + "true",
        "print(1".to_owned() + &" + 1".repeat(many) + ")",
        "\"\"".to_owned() + &".upper()".repeat(many),
        ")".repeat(many),
    ] {
        let sandbox = Sandbox::with(&text);
        for command in ["check", "run"] {
            sandbox.run(&[command, "s.dsp"]).fails(2, &["s.dsp:1"]);
        }
    }
}

#[test]
fn a_line_of_ten_megabytes_is_a_line() {
    let long = "x".repeat(10 << 20);
    Sandbox::with(&format!("print(len(\"{long}\"))"))
        .run(&["run", "s.dsp"])
        .prints(&format!("{}\n", 10 << 20));
    Sandbox::with(&format!("# {long}\nprint(1)"))
        .run(&["run", "s.dsp"])
        .prints("1\n");
    let ran = Sandbox::with(&format!("print({long})")).run(&["run", "s.dsp"]);
    ran.fails(2, &["s.dsp:1"]);
    let ran = Sandbox::with(&format!("print(1) {long} \"")).run(&["check", "s.dsp"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.len() < 100_000,
        "the picture of a long line is short, not {} bytes",
        ran.err.len()
    );
}

#[test]
fn bytes_that_are_no_text_are_named_with_their_line() {
    let sandbox = Sandbox::new();
    let put = |name: &str, bytes: &[u8]| std::fs::write(sandbox.path().join(name), bytes).unwrap();
    put("s.dsp", b"print(1)\nprint(\"\xff\xfe\")\n");
    for command in ["check", "run"] {
        sandbox.run(&[command, "s.dsp"]).fails(2, &["UTF-8", "line 2"]);
    }
    put("cut.dsp", b"print(\"\xe2\x80");
    sandbox.run(&["run", "cut.dsp"]).fails(2, &["UTF-8"]);
    put("utf16.dsp", b"\xff\xfep\0r\0i\0n\0t\0");
    sandbox.run(&["run", "utf16.dsp"]).fails(2, &["UTF-8"]);
    put("t.dsp", b"import \"cut.dsp\" as cut\n");
    sandbox.run(&["run", "t.dsp"]).fails(2, &["UTF-8", "t.dsp:1"]);
    put("rows.jsonl", b"{\"a\": \"\xff\"}\n");
    put("u.dsp", b"print(dataset(\"rows.jsonl\"))");
    sandbox.run(&["run", "u.dsp"]).fails(2, &["rows.jsonl"]);
}

#[test]
fn nul_and_other_controls_are_a_diagnostic_outside_of_strings() {
    for control in [
        "\0",
        "\u{1}",
        "\u{7f}",
        "\u{85}",
        "\u{1b}[2J",
        "\u{202e}",
        "\u{200b}",
        "\u{2028}",
    ] {
        let sandbox = Sandbox::with(&format!("print(1)\nlet x {control}= 1\n"));
        for command in ["check", "run"] {
            let ran = sandbox.run(&[command, "s.dsp"]);
            ran.fails(2, &["s.dsp:2"]);
            let harmless = ["\u{200b}", "\u{2028}"].contains(&control);
            assert!(harmless || !ran.err.contains(control), "{:?}", ran.err);
        }
    }
    Sandbox::with("print(len(\"a\0b\"))")
        .run(&["run", "s.dsp"])
        .prints("3\n");
}

#[test]
fn a_byte_order_mark_and_dos_line_ends_do_not_count() {
    let script = "\u{feff}#!/usr/bin/env dsp\r\nlet text = \"\"\"\r\n  a\r\n  b\r\n  \"\"\"\r\nprint(len(text),\r\n  1)\r\nif true {\r\n  print(2)\r\n}\r\nelse {\r\n  print(3)\r\n}\r\n";
    let sandbox = Sandbox::with(script);
    assert_eq!(sandbox.run(&["check", "s.dsp"]).err, "");
    sandbox.run(&["run", "s.dsp"]).prints("3 1\n2\n");
    sandbox.run_with_input(&["run", "-"], script).prints("3 1\n2\n");
    sandbox.put("t.dsp", "import \"part.dsp\" (one)\nprint(one)");
    sandbox.put("part.dsp", "\u{feff}let one = 1\r\n");
    sandbox.run(&["run", "t.dsp"]).prints("1\n");
}

#[test]
fn recursion_and_nesting_have_bounds() {
    let ran = Sandbox::with("fn f(n: int) -> int { 1 + f(n + 1) }\nprint(f(0))").run(&["run", "s.dsp"]);
    ran.fails(1, &["10000"]);
    let ran = Sandbox::with("print(parse_json(repeat(\"[\", 100000)))").run(&["run", "s.dsp"]);
    ran.fails(1, &["error[value]"]);
}
