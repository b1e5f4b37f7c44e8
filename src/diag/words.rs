//! Words of messages: texts of others made legible, a type's name with its article, and two texts against each other, word by word: `how
//! [-far-]{+deep+} is it`.

use std::borrow::Cow;

use similar::{ChangeTag, TextDiff};

use crate::host::steers;

/// How many equal lines are shown around a difference.
const AROUND: usize = 2;

/// A text that a script, a model or a server worded, with what would steer a terminal as escapes.
pub fn legible(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match steers(c) {
            // The end of a line.
            true if c == '\r' && rest.peek() == Some(&'\n') => {}
            true => shown += &format!("\\u{{{:x}}}", u32::from(c)),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// A type's name in a message: ``a `str` ``, ``an `int` ``, `none`.
pub fn a(name: &str) -> String {
    match name {
        "none" => "`none`".to_owned(),
        name if name.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an `{name}`"),
        name => format!("a `{name}`"),
    }
}

/// The lines in which the texts differ, with some around them; what is only in the first stands in `[-…-]`, what is only
/// in the second in `{+…+}`.
pub fn word_diff(old: &str, new: &str, color: bool) -> String {
    let lines = marked_lines(old, new, color);
    let near = |i: usize| {
        lines[i.saturating_sub(AROUND)..lines.len().min(i + AROUND + 1)]
            .iter()
            .any(|line| line.changed)
    };
    let mut text = String::new();
    let mut left_out = false;
    for (i, line) in lines.iter().enumerate() {
        if !near(i) {
            left_out = true;
            continue;
        }
        if std::mem::take(&mut left_out) {
            text += "⋮\n";
        }
        text += &line.text;
        text.push('\n');
    }
    if left_out && !text.is_empty() {
        text += "⋮\n";
    }
    text
}

#[derive(Default)]
struct Line {
    text: String,
    changed: bool,
}

fn marked_lines(old: &str, new: &str, color: bool) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    for (tag, run) in runs(old, new) {
        for (i, part) in run.split('\n').enumerate() {
            if i > 0 {
                // A line break that only one of the texts has is a change, too.
                if let Some(line) = lines.last_mut() {
                    line.changed |= tag != ChangeTag::Equal;
                }
                lines.push(Line::default());
            }
            if let Some(line) = lines.last_mut() {
                line.changed |= tag != ChangeTag::Equal && (!part.is_empty() || i > 0);
                line.text += &marked(tag, part, color);
            }
        }
    }
    if lines.last().is_some_and(|line| line.text.is_empty()) {
        lines.pop();
    }
    lines
}

/// Neighbouring words of one kind, joined, across blanks between changed words too.
fn runs(old: &str, new: &str) -> Vec<(ChangeTag, String)> {
    let mut runs = Vec::new();
    let (mut deleted, mut inserted, mut blank) = (String::new(), String::new(), String::new());
    let close = |runs: &mut Vec<(ChangeTag, String)>, deleted: &mut String, inserted: &mut String| {
        for (tag, run) in [(ChangeTag::Delete, deleted), (ChangeTag::Insert, inserted)] {
            if !run.is_empty() {
                runs.push((tag, std::mem::take(run)));
            }
        }
    };
    for change in TextDiff::from_words(old, new).iter_all_changes() {
        let word = change.value();
        if change.tag() != ChangeTag::Equal {
            for side in [&mut deleted, &mut inserted] {
                side.push_str(&blank);
            }
            blank.clear();
            match change.tag() {
                ChangeTag::Delete => deleted.push_str(word),
                _ => inserted.push_str(word),
            }
        } else if !(deleted.is_empty() && inserted.is_empty()) && blank.is_empty() && word.chars().all(|c| c == ' ') {
            blank.push_str(word);
        } else {
            close(&mut runs, &mut deleted, &mut inserted);
            runs.push((ChangeTag::Equal, std::mem::take(&mut blank) + word));
        }
    }
    close(&mut runs, &mut deleted, &mut inserted);
    runs.push((ChangeTag::Equal, blank));
    runs
}

fn marked(tag: ChangeTag, text: &str, color: bool) -> String {
    let (open, close, code) = match tag {
        ChangeTag::Equal => return text.to_owned(),
        _ if text.is_empty() => return String::new(),
        ChangeTag::Delete => ("[-", "-]", 31),
        ChangeTag::Insert => ("{+", "+}", 32),
    };
    match color {
        true => format!("\u{1b}[{code}m{open}{text}{close}\u{1b}[0m"),
        false => format!("{open}{text}{close}"),
    }
}

#[cfg(test)]
mod tests {
    use super::word_diff;

    #[test]
    fn changed_words_are_marked_in_their_line() {
        assert_eq!(
            word_diff("how far is it", "how deep is it", false),
            "how [-far-]{+deep+} is it\n"
        );
        assert_eq!(word_diff("same", "same", false), "");
    }

    #[test]
    fn only_lines_near_a_change_are_shown() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n";
        let diff = word_diff(old, &old.replace('5', "five"), false);
        assert_eq!(diff, "⋮\n3\n4\n[-5-]{+five+}\n6\n7\n⋮\n");
    }

    #[test]
    fn lines_that_only_one_text_has_are_marked_one_by_one() {
        assert_eq!(word_diff("a\n", "a\nb c\nd\n", false), "a\n{+b c+}\n{+d+}\n");
    }
}
