//! Lists that are written as prose writes them: bullets, lines, commas.

/// The items of a text, and how they were told apart.
pub fn items(text: &str) -> Option<(Vec<&str>, &'static str)> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let bullets: Vec<&str> = lines.iter().filter_map(|line| bullet(line)).collect();
    if !bullets.is_empty() {
        return Some((bullets, "bullets"));
    }
    let short = |item: &&str| item.chars().count() <= 60 && !item.ends_with(['.', ':', '!', '?']);
    if lines.len() > 1 {
        return lines.iter().all(short).then_some((lines, "lines"));
    }
    let parts: Vec<&str> = text
        .split([',', ';'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let words = |part: &&str| part.split_whitespace().count() <= 4;
    match parts.len() {
        0 => None,
        1 => parts
            .iter()
            .all(|part| short(part) && words(part))
            .then_some((parts, "list")),
        _ => parts
            .iter()
            .all(|part| short(part) && words(part))
            .then_some((parts, "commas")),
    }
}

/// The text behind `-`, `*`, `•`, `1.` or `1)`.
fn bullet(line: &str) -> Option<&str> {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = match digits {
        0 => line.strip_prefix(['-', '*', '•', '–'])?,
        1..=3 => line[digits..].strip_prefix(['.', ')'])?,
        _ => return None,
    };
    let item = rest.trim();
    (rest.starts_with(char::is_whitespace) && !item.is_empty()).then_some(item)
}
