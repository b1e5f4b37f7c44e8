//! A model's reply that does not fit, as a source of its own: under the declaration of the field that it was to be, with
//! a label at the words that are not.

use unicode_width::UnicodeWidthStr;

/// How many lines of a reply are shown, and how much of a line.
const LINES: usize = 40;
const LINE: usize = 400;
/// How many lines before a label that lies further down, and how much of a cut line before it.
const LINES_BEFORE: usize = 10;
const BEFORE: usize = 80;

/// The line of a script that declares a field.
pub(super) struct Declaration<'a> {
    /// `router.dsp:6:3`
    pub place: String,
    pub number: usize,
    pub line: &'a str,
}

/// What a model said, and what is wrong with it.
pub(super) struct Said<'a> {
    pub reply: &'a str,
    /// Who was asked.
    pub of: Option<&'a str>,
    pub part: Option<&'a str>,
    /// Where in the part: the fields of records, from the outside, and what stands there.
    pub within: &'a [String],
    pub found: Option<&'a str>,
    pub field: Option<&'a str>,
}

/// A label: a line, the bytes of it that do not fit.
struct Mark {
    line: usize,
    from: usize,
    to: usize,
}

impl Said<'_> {
    pub(super) fn picture(&self, declaration: Option<Declaration>) -> String {
        let lines: Vec<&str> = self.reply.lines().collect();
        let mark = self.mark();
        let first = mark
            .as_ref()
            .map_or(0, |mark| mark.line.saturating_sub(LINES_BEFORE))
            .min(lines.len().saturating_sub(LINES));
        let shown = &lines[first..lines.len().min(first + LINES)];
        let last = (first + shown.len()).max(1);
        let width = declaration
            .as_ref()
            .map_or(last, |declaration| declaration.number.max(last))
            .to_string()
            .len();
        let pad = " ".repeat(width + 2);
        let title = self
            .of
            .map_or_else(|| "the model's reply".to_owned(), |of| format!("reply of {of}"));
        let mut out = String::new();
        let mut corner = '╭';
        if let Some(Declaration { place, number, line }) = declaration {
            out += &format!("{pad}╭─[{place}]\n");
            let whole = Cut::new(line, 0);
            out += &numbered(number, width, &whole.text);
            corner = '├';
        }
        out += &format!("{pad}{corner}─[{title}]\n");
        if self.reply.trim().is_empty() {
            out += &format!("{pad}│ (empty)\n");
        }
        if first > 0 {
            out += &format!("{pad}· {first} lines before\n");
        }
        for (i, line) in shown.iter().enumerate() {
            let mark = mark.as_ref().filter(|mark| mark.line == first + i);
            let cut = Cut::new(line, mark.map_or(0, |mark| mark.from));
            out += &numbered(first + i + 1, width, &cut.text);
            if let (Some(mark), Some(label)) = (mark, self.label()) {
                let (space, under) = cut.columns(mark);
                out += &format!("{pad}· {}{} `{label}`\n", " ".repeat(space), "─".repeat(under.max(1)));
            }
        }
        let rest = lines.len() - first - shown.len();
        if rest > 0 {
            out += &format!("{pad}· {rest} more lines\n");
        }
        out + &format!("{pad}╰────\n")
    }

    /// Where the words that do not fit begin: behind their field's name, if that is there.
    fn mark(&self) -> Option<Mark> {
        let (part, field) = self.part.zip(self.field)?;
        let behind = self.behind(field, 0).unwrap_or_default();
        let (at, words) = self.inner(behind).or_else(|| {
            let words = first_line(part)?;
            let anywhere = || self.reply.find(words);
            Some((self.find(words, behind).or_else(anywhere)?, words))
        })?;
        let before = &self.reply[..at];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Some(Mark {
            line: before.matches('\n').count(),
            from: at - start,
            to: at - start + words.len(),
        })
    }

    /// What does not fit inside of the field's words.
    fn inner(&self, behind: usize) -> Option<(usize, &str)> {
        if self.within.is_empty() {
            return None;
        }
        let mut within = self.within.iter();
        let behind = within.try_fold(behind, |behind, name| self.behind(name, behind))?;
        let words = first_line(self.found?)?;
        Some((self.find(words, behind)?, words))
    }

    /// Where a name ends that stands at a place or behind it, in the layouts of all adapters.
    fn behind(&self, name: &str, from: usize) -> Option<usize> {
        let heads = [
            format!("[[ ## {name} ## ]]"),
            format!("\"{name}\""),
            format!("<{name}>"),
            format!("{name}:"),
            name.to_owned(),
        ];
        let mut heads = heads.iter();
        heads.find_map(|head| Some(self.find(head, from)? + head.len()))
    }

    fn find(&self, words: &str, from: usize) -> Option<usize> {
        Some(from + self.reply[from..].find(words)?)
    }

    /// `person.address.zip`
    fn label(&self) -> Option<String> {
        let path = std::iter::once(self.field?).chain(self.within.iter().map(String::as_str));
        Some(path.collect::<Vec<_>>().join("."))
    }
}

fn first_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| !line.is_empty())
}

/// As much of a line as is shown, around its label.
struct Cut {
    text: String,
    /// The line's byte that it begins with, and what stands before that.
    from: usize,
    dots: &'static str,
}

impl Cut {
    fn new(line: &str, label: usize) -> Cut {
        let from = match line.len() <= LINE || label < LINE / 2 {
            true => 0,
            false => line.floor_char_boundary(label - BEFORE),
        };
        let to = line.floor_char_boundary(from + LINE);
        let dots = if from > 0 { "…" } else { "" };
        let mut text = dots.to_owned();
        text.extend(line[from..to].chars().map(printable));
        if to < line.len() {
            text.push('…');
        }
        Cut { text, from, dots }
    }

    /// The columns before a label, and those under it.
    fn columns(&self, mark: &Mark) -> (usize, usize) {
        let into = |byte: usize| self.dots.len() + byte.saturating_sub(self.from);
        let (from, to) = (into(mark.from).min(self.text.len()), into(mark.to).min(self.text.len()));
        let (from, to) = (self.text.floor_char_boundary(from), self.text.floor_char_boundary(to));
        (self.text[..from].width(), self.text[from..to].width())
    }
}

/// Control characters steer a terminal, and some turn the direction of writing. What stands for one has as many bytes.
fn printable(c: char) -> char {
    match c {
        c if c.is_ascii_control() => ' ',
        c if c.is_control() => '\u{b7}',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    }
}

fn numbered(number: usize, width: usize, text: &str) -> String {
    let mut line = format!(" {number:>width$} │ {text}");
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}
