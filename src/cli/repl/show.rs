//! Values as a REPL shows them: as source, so that a text is seen to be one; at a terminal with their type, and folded
//! where they are long.

use unicode_width::UnicodeWidthStr;

use crate::diag::legible;
use crate::session::colored;
use crate::value::{Type, Value, show, source_text};

/// A list with more elements shows the first three fifths of so many.
const ITEMS: usize = 20;
/// The same of a list whose elements are short and share lines.
const SHORT_ITEMS: usize = 100;
/// How long such elements are.
const SHORT: usize = 16;
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
    let mut lines: Vec<String> = legible(&laid_out(value, width, 0)).lines().map(str::to_owned).collect();
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

/// A value in lines of this width; `beside` is what stands on its lines already: a key before it, a comma behind it.
fn laid_out(value: &Value, width: usize, beside: usize) -> String {
    let entry = |key: String, value: &Value| {
        let beside = key.width() + ": ,".len();
        format!("{key}: {}", laid_out(value, width.saturating_sub(2), beside))
    };
    let list = Listed { value, width, beside };
    match value {
        Value::Str(text) => long_text(text),
        Value::List(items) => {
            let parts = items.iter().map(|item| laid_out(item, width.saturating_sub(2), 1));
            let short = items.iter().all(is_short);
            list.text(('[', ']'), items.len(), if short { SHORT_ITEMS } else { ITEMS }, parts)
        }
        Value::Dict(entries) => {
            let parts = entries.iter().map(|(key, value)| entry(source_text(key), value));
            list.text(('{', '}'), entries.len(), ITEMS, parts)
        }
        Value::Record(record) => {
            let parts = record.iter().map(|(name, value)| entry(name.to_string(), value));
            list.text(('{', '}'), record.names().len(), ITEMS, parts)
        }
        other => show(other),
    }
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.len() <= SHORT,
        other => matches!(other, Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_)),
    }
}

/// Something in brackets.
struct Listed<'a> {
    value: &'a Value,
    width: usize,
    beside: usize,
}

impl Listed<'_> {
    /// Elements on one line if they fit, else each on a line of its own, short ones on as many as they need; of more than
    /// `most` the first.
    fn text(
        &self,
        (open, close): (char, char),
        count: usize,
        most: usize,
        parts: impl Iterator<Item = String>,
    ) -> String {
        if count <= most {
            let line = show(self.value);
            if line.width() + self.beside <= self.width {
                return line;
            }
        }
        let shown = if count > most { most * 3 / 5 } else { count };
        let mut lines: Vec<String> = Vec::new();
        for part in parts.take(shown) {
            match lines.last_mut() {
                Some(line) if most == SHORT_ITEMS && line.width() + part.width() + 2 <= self.width => {
                    *line += &format!(" {part},");
                }
                _ => lines.push(format!("  {},", part.replace('\n', "\n  "))),
            }
        }
        if count > shown {
            lines.push(format!("  … {} more", count - shown));
        }
        format!("{open}\n{}\n{close}", lines.join("\n"))
    }
}

/// A text in its quotes; a long one is cut and says how long it is.
fn long_text(text: &str) -> String {
    let count = text.chars().count();
    match count > CHARACTERS {
        true => format!("{} ({count} characters)", source_text(&cut(text, CHARACTERS))),
        false => source_text(text),
    }
}
