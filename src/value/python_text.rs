//! Python's view of text, where prompts and replies depend on it: its line ends, its white space, `textwrap.dedent`.

/// White space for Python's `str.strip`: Unicode's, and the four separators of ASCII.
pub fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `str.strip()`
pub fn python_strip(text: &str) -> &str {
    text.trim_matches(is_python_space)
}

/// `str.splitlines()`
pub fn python_lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !is_python_line_end(c) {
            continue;
        }
        lines.push(&text[start..at]);
        if c == '\r' && chars.peek().is_some_and(|(_, next)| *next == '\n') {
            chars.next();
        }
        start = chars.peek().map_or(text.len(), |(next, _)| *next);
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

/// Where `str.splitlines` ends a line.
pub fn is_python_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// `textwrap.dedent`: the margin that all lines with text share goes, blank lines become empty.
pub fn dedent(text: &str) -> String {
    let blank = |line: &str| line.chars().all(|c| c == ' ' || c == '\t');
    let margin = text
        .split('\n')
        .filter(|line| !blank(line))
        .map(|line| &line[..line.len() - line.trim_start_matches([' ', '\t']).len()])
        .reduce(common_prefix)
        .unwrap_or("");
    let lines = text
        .split('\n')
        .map(|line| if blank(line) { "" } else { &line[margin.len()..] });
    lines.collect::<Vec<_>>().join("\n")
}

fn common_prefix<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    &a[..same]
}

/// `inspect.cleandoc`: tabs become spaces, the first line loses its indent, the others their common one, blank lines
/// at both ends go.
pub fn cleandoc(text: &str) -> String {
    let text = expand_tabs(text);
    let mut lines: Vec<&str> = text.split('\n').collect();
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let margin = lines
        .iter()
        .skip(1)
        .filter(|l| !l.trim().is_empty())
        .map(|l| indent(l))
        .min()
        .unwrap_or(0);
    for (i, line) in lines.iter_mut().enumerate() {
        *line = match i {
            0 => line.trim_start(),
            _ => line.get(margin..).unwrap_or(""),
        };
    }
    while lines.last().is_some_and(|l| l.is_empty()) {
        lines.pop();
    }
    let start = lines.iter().position(|l| !l.is_empty()).unwrap_or(lines.len());
    lines[start..].join("\n")
}

fn expand_tabs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let width = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}
