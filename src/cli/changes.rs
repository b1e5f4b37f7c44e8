//! Two texts, line by line: a golden file and what came out, a script and its one layout.

use similar::{ChangeTag, TextDiff};

use crate::diag::legible;

/// How many equal lines are shown around a difference.
const AROUND: usize = 3;

/// The lines that differ, with some around them: `-` is in the old text, `+` in the new.
pub fn changes(old: &str, new: &str, color: bool) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut text = String::new();
    for (i, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if i > 0 {
            text.push_str("  ⋮\n");
        }
        for change in group.iter().flat_map(|op| diff.iter_inline_changes(op)) {
            let (sign, paint, strong) = match change.tag() {
                ChangeTag::Delete => ('-', "31", "31;7"),
                ChangeTag::Insert => ('+', "32", "32;7"),
                ChangeTag::Equal => (' ', "2", "2"),
            };
            let parts: String = change
                .iter_strings_lossy()
                .map(|(emphasized, part)| {
                    painted(
                        &legible(part.trim_end_matches('\n')),
                        if emphasized { strong } else { paint },
                        color,
                    )
                })
                .collect();
            text += &format!("{}{parts}\n", painted(&format!("{sign} "), paint, color));
            if change.missing_newline() {
                text += "  (no newline at the end)\n";
            }
        }
    }
    text
}

fn painted(text: &str, code: &str, color: bool) -> String {
    match color && !text.is_empty() {
        true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn a_changed_line_is_shown_twice_among_its_neighbours() {
        assert_eq!(changes("a\nb\nc\n", "a\nx\nc\n", false), "  a\n- b\n+ x\n  c\n");
    }

    #[test]
    fn what_a_script_printed_steers_no_terminal() {
        assert_eq!(changes("a\n", "\u{1b}[31mb\r\n", false), "- a\n+ \\u{1b}[31mb\\u{d}\n");
    }

    #[test]
    fn colours_mark_what_differs_within_a_line() {
        assert!(changes("score 1\n", "score 2\n", true).contains("\u{1b}[32;7m2\u{1b}[0m"));
    }
}
