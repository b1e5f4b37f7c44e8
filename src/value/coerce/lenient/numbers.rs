//! Numbers as people write them: `1,234`, `$5`, `50%`, `1/2`, and the one number of a sentence.

use std::sync::LazyLock;

use regex::Regex;

/// Whether a text is a number of JSON, or nearly: `.5`, `+3`, `1.`.
pub fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'))
        && text.parse::<f64>().is_ok()
}

/// The one number of a text, and whether the text is nothing else. Of several, none is taken.
pub fn find(text: &str) -> Option<(String, bool)> {
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"[-+]?\p{Sc}?[-+]?(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?")
            .ok()
    });
    let text = text.trim();
    if let Some(quotient) = fraction(text) {
        return Some((quotient.to_string(), true));
    }
    let mut found = NUMBER.as_ref()?.find_iter(text).filter(|found| {
        let apart = |c: char| !c.is_alphanumeric() && c != '_';
        text[..found.start()].chars().next_back().is_none_or(apart)
            && text[found.end()..].chars().next().is_none_or(apart)
    });
    let (first, second) = (found.next()?, found.next());
    if second.is_some() {
        return None;
    }
    let plain: String = first
        .as_str()
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e' | 'E'))
        .collect();
    let rest = [&text[..first.start()], &text[first.end()..]].concat();
    let alone = rest.chars().all(|c| !c.is_alphanumeric());
    Some((plain, alone))
}

/// `1/2`
fn fraction(text: &str) -> Option<f64> {
    let (above, below) = text.split_once('/')?;
    let (above, below): (f64, f64) = (above.trim().parse().ok()?, below.trim().parse().ok()?);
    let quotient = above / below;
    quotient.is_finite().then_some(quotient)
}
