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
    let indented = |line: &'_ str| line.len() - line.trim_start_matches(is_python_space).len();
    let indent = |line: &str| line[..indented(line)].chars().count();
    let behind = text.split('\n').skip(1);
    let margin = behind
        .clone()
        .filter(|line| indented(line) < line.len())
        .map(indent)
        .min()
        .unwrap_or(0);
    let cut = |line: &'_ str| line.char_indices().nth(margin).map_or(line.len(), |(at, _)| at);
    let first = text.split('\n').next().unwrap_or("");
    let first = &first[indented(first)..];
    let lines: Vec<&str> = std::iter::once(first)
        .chain(behind.map(|line| &line[cut(line)..]))
        .collect();
    let filled = |line: &&str| !line.is_empty();
    let start = lines.iter().position(filled).unwrap_or(lines.len());
    let end = lines.iter().rposition(filled).map_or(start, |last| last + 1);
    lines[start..end].join("\n")
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
