//! The layout itself: each `tests/fmt/layouts/NAME.dsp` is laid out as `NAME.out.dsp`.

use std::path::{Path, PathBuf};

use super::{check, formatted};

/// `UPDATE_GOLDENS=1 cargo test --test fmt` writes the layouts.
#[test]
fn each_text_has_its_layout() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fmt/layouts");
    let entries = std::fs::read_dir(folder).unwrap();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let written = paths
        .iter()
        .filter(|path| !path.to_string_lossy().ends_with(".out.dsp"));
    let mut failures = Vec::new();
    for path in written {
        let text = std::fs::read_to_string(path).unwrap();
        let out = formatted(&text).unwrap_or_else(|| panic!("{} does not parse", path.display()));
        let golden = path.with_extension("out.dsp");
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(&golden, &out).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        if expected != out {
            let diff = similar::TextDiff::from_lines(&expected, &out);
            let shown = diff.unified_diff().to_string();
            failures.push(format!("{} (UPDATE_GOLDENS=1 rewrites it)\n{shown}", golden.display()));
        }
        failures.extend(check(&text).err());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn carriage_returns_and_a_byte_order_mark_are_dropped() {
    let out = formatted("\u{FEFF}#! dsp run\r\nlet x = \"\"\"\r\na\r\n\"\"\"\r\n").unwrap();
    assert_eq!(out, "#! dsp run\nlet x = \"\"\"\n  a\n  \"\"\"\n");
}

/// A string holds the two characters of `\r\r\n` that it reads as `\r\n`.
#[test]
fn a_carriage_return_that_a_string_holds_stays() {
    check("let x = \"\"\"a\r\r\nb\"\"\"\n").unwrap();
}

#[test]
fn an_empty_text_stays_empty() {
    assert_eq!(formatted("").unwrap(), "");
    assert_eq!(formatted("\n\n  \n").unwrap(), "");
    assert_eq!(formatted("\n\n# only this\n\n\n").unwrap(), "# only this\n");
}

#[test]
fn a_text_as_deep_as_can_be_read_has_a_layout() {
    for (open, inside, close) in [("(", "1", ")"), ("[", "", "]"), ("f(", "", ")"), ("{a: ", "1", "}")] {
        let text = format!("let x = {}{inside}{}\n", open.repeat(98), close.repeat(98));
        check(&text).unwrap();
    }
    check(&format!("let x = {}\n", vec!["1"; 250].join(" + "))).unwrap();
    check(&format!("let x = y{}\n", ".f(1)".repeat(100))).unwrap();
    check(&format!("let x = {}1\n", "- ".repeat(200))).unwrap();
}
