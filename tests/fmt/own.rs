//! The project's own scripts are laid out as `dsp fmt` lays them out: `dsp fmt stdlib/*.dsp …` mends what this finds.

use super::corpus::{blocks, scripts};
use super::formatted;

fn assert_canonical(texts: impl Iterator<Item = (String, String)>) {
    let mut others = Vec::new();
    let mut count = 0;
    for (name, text) in texts {
        count += 1;
        let out = formatted(&text).unwrap_or_else(|| panic!("{name} does not parse:\n{text}"));
        if out != text {
            let diff = similar::TextDiff::from_lines(&text, &out);
            others.push(format!("{name}\n{}", diff.unified_diff()));
        }
    }
    assert!(count > 0, "nothing was looked at");
    assert!(others.is_empty(), "`dsp fmt` would change:\n{}", others.join("\n"));
}

#[test]
fn the_library_the_examples_and_the_script_tests_are_canonical() {
    let files = scripts(&["stdlib", "examples", "tests/scripts", "tests/bench", ".ci"]);
    // Its golden shows the places of its mistakes.
    let files = files.into_iter().filter(|(path, _)| !path.ends_with("check_fails.dsp"));
    assert_canonical(files.map(|(path, text)| (path.display().to_string(), text)));
}

#[test]
fn the_programs_of_the_pages_are_canonical() {
    for page in ["README.md", "grammar/reference.md"] {
        let blocks = blocks(page).into_iter().enumerate();
        assert_canonical(blocks.map(|(i, text)| (format!("{page}, program {}", i + 1), text)));
    }
}
