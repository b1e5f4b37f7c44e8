//! Whether the lenient reading of broken JSON keeps what repairing it has lost.

use crate::value::coerce::Mends;
use crate::value::{Type, Value};

use super::blobs;
use super::node::from_node;

/// The reading of a text whose one part that looks like data keeps more than `value` does, which repairing the text
/// gave: that drops what it cannot place. A reading that itself leaves something out is none, nor is one whose texts
/// have swallowed what stands around them.
pub(in crate::value::coerce) fn fuller(ty: &Type, text: &str, value: &Value) -> Option<(Value, Mends)> {
    if text.contains("[[ ##") {
        return None;
    }
    let candidates = blobs::candidates(blobs::without_thoughts(text));
    let [node] = candidates.as_slice() else { return None };
    let fit = from_node(ty, node)?.mended("json", 0);
    let whole = !fit.mends.0.iter().any(|mend| matches!(*mend, "item" | "missing"));
    let (own, other) = (Told::of(&fit.value), Told::of(value));
    // A text that was cut at a quote inside of it is several.
    let fuller = match own.texts < other.texts {
        true => own.letters >= other.letters && !own.separates,
        false => own.letters > other.letters,
    };
    let keeps = own.plain >= other.plain && own.parts >= other.parts && own.brackets <= other.brackets;
    (whole && fuller && keeps && !own.swallows).then_some((fit.value, fit.mends))
}

/// What a value says.
#[derive(Default)]
struct Told {
    /// How much text there is; quotes and brackets are none.
    letters: usize,
    texts: usize,
    /// How many of them are constants and numbers.
    plain: usize,
    /// What begins as a list or an object of texts and is none: it stands in a text.
    brackets: usize,
    /// Lists and objects.
    parts: usize,
    /// A text closes a bracket that it does not open, or a key holds a quote.
    swallows: bool,
    /// A text has a comma beside a quote, as what separates texts.
    separates: bool,
}

impl Told {
    fn of(value: &Value) -> Told {
        let mut told = Told::default();
        told.add(value);
        told
    }

    fn add(&mut self, value: &Value) {
        self.parts += usize::from(matches!(value, Value::List(_) | Value::Dict(_) | Value::Record(_)));
        match value {
            Value::Str(text) => self.text(text),
            Value::List(items) => items.iter().for_each(|item| self.add(item)),
            Value::Dict(dict) => dict.iter().for_each(|(key, value)| {
                self.swallows |= key.contains('"') || closes(key);
                self.letters += letters(key);
                self.add(value);
            }),
            Value::Record(record) => record.values().iter().for_each(|value| self.add(value)),
            Value::None => (self.texts, self.plain) = (self.texts + 1, self.plain + 1),
            other => {
                self.plain += 1;
                self.text(&crate::value::show(other));
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.texts += 1;
        self.letters += letters(text);
        self.swallows |= closes(text);
        self.brackets += ["[\"", "{\""]
            .iter()
            .map(|begin| text.matches(begin).count())
            .sum::<usize>();
        let mut before = None;
        for c in text.chars().filter(|c| !c.is_whitespace()) {
            let pair = (before.replace(c), c);
            self.separates |= matches!(pair, (Some('"' | '\''), ',') | (Some(','), '"' | '\''));
        }
    }
}

fn letters(text: &str) -> usize {
    let counts = |c: &char| !c.is_whitespace() && !"_\"'`“”{}[]".contains(*c);
    text.chars().filter(counts).count()
}

fn closes(text: &str) -> bool {
    let mut open = Vec::new();
    text.chars().any(|c| {
        match c {
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => return open.pop() != Some(c),
            _ => {}
        }
        false
    })
}
