//! Values as a REPL shows them: as source, so that a text is seen to be one; at a terminal with their type, and folded
//! where they are long.

use unicode_width::UnicodeWidthStr;

use crate::session::colored;
use crate::value::{Type, Value, show, source_text};

/// A longer list shows its first elements only.
const ITEMS: usize = 20;
/// How many elements of such a list are shown.
const SHOWN: usize = 12;
/// A longer text shows its beginning only.
const CHARACTERS: usize = 2_000;
/// A longer value shows its first lines only.
const LINES: usize = 40;
/// A longer type is cut.
const TYPE: usize = 60;

/// On one line, whole.
pub fn plain(value: &Value) -> String {
    format!("{}\n", source(value))
}

fn source(value: &Value) -> String {
    match value {
        Value::Str(text) => source_text(text),
        other => show(other),
    }
}

/// For a terminal of this width.
pub fn folded(value: &Value, ty: &Type, width: usize, color: bool) -> String {
    let mut lines: Vec<String> = laid_out(value, width).lines().map(str::to_owned).collect();
    let more = lines.len().saturating_sub(LINES);
    if more > 0 {
        lines.truncate(LINES);
    }
    let mut text = lines.join("\n");
    if color {
        text = colored(&text);
    }
    if more > 0 {
        text += &dimmed(&format!("\n… {more} more lines; `print(_)` shows all"), color);
    }
    text + &dimmed(&format!(" : {}", cut(&ty.to_string(), TYPE)), color) + "\n"
}

fn dimmed(text: &str, color: bool) -> String {
    match color {
        true => format!("\u{1b}[2m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn laid_out(value: &Value, width: usize) -> String {
    let inner = width.saturating_sub(2);
    match value {
        Value::Str(text) => long_text(text),
        Value::List(items) => {
            let parts = items.iter().map(|item| laid_out(item, inner));
            listed(value, ('[', ']'), items.len(), parts, width)
        }
        Value::Dict(entries) => {
            let parts = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", source_text(key), laid_out(value, inner)));
            listed(value, ('{', '}'), entries.len(), parts, width)
        }
        Value::Record(record) => {
            let parts = record
                .iter()
                .map(|(name, value)| format!("{name}: {}", laid_out(value, inner)));
            listed(value, ('{', '}'), record.names().len(), parts, width)
        }
        other => show(other),
    }
}

/// Elements on one line if they fit, else each on a line of its own; of many, the first.
fn listed(
    value: &Value,
    (open, close): (char, char),
    count: usize,
    parts: impl Iterator<Item = String>,
    width: usize,
) -> String {
    if count <= ITEMS {
        let line = show(value);
        if line.width() <= width {
            return line;
        }
    }
    let shown = if count > ITEMS { SHOWN } else { count };
    let mut lines = vec![open.to_string()];
    lines.extend(
        parts
            .take(shown)
            .map(|part| format!("  {},", part.replace('\n', "\n  "))),
    );
    if count > shown {
        lines.push(format!("  … {} more", count - shown));
    }
    lines.push(close.to_string());
    lines.join("\n")
}

/// A text in its quotes; a long one is cut and says how long it is.
fn long_text(text: &str) -> String {
    let count = text.chars().count();
    match count > CHARACTERS {
        true => format!("{} ({count} characters)", source_text(&cut(text, CHARACTERS))),
        false => source_text(text),
    }
}
