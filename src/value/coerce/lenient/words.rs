//! Which of several words a text means: the word itself, in another spelling, or the only one that it mentions.

use unicode_normalization::UnicodeNormalization;

/// A text in a spelling in which some differences are gone.
type Spelling = fn(&str) -> String;

/// The choice that a text means, and what was mended to see it; of choices that are mentioned equally often, none.
pub fn choose(choices: &[String], text: &str) -> Option<(usize, &'static str)> {
    let text = text.trim();
    let bare = text.trim_matches(|c: char| c.is_whitespace() || "\"'`*_.,!?:;()[]“”‘’".contains(c));
    let same = |spell: Spelling, text: &str| {
        let text = spell(text);
        let mut found = choices.iter().enumerate().filter(|(_, choice)| spell(choice) == text);
        found.next().filter(|_| found.next().is_none()).map(|(i, _)| i)
    };
    let as_it_is = |text: &str| text.to_owned();
    if let Some(i) = same(as_it_is, text) {
        return Some((i, ""));
    }
    if let Some(i) = same(as_it_is, bare) {
        return Some((i, "quotes"));
    }
    let spellings = [
        (str::to_lowercase as Spelling, "case"),
        (plain, "accents"),
        (letters, "punctuation"),
    ];
    for (spell, mend) in spellings {
        if let Some(i) = same(spell, bare).filter(|_| !spell(bare).is_empty()) {
            return Some((i, mend));
        }
    }
    let mentions: [Spelling; 3] = [as_it_is, without_accents, plain];
    mentions
        .into_iter()
        .find_map(|spell| mentioned(choices, text, spell)?)
        .map(|i| (i, "prose"))
}

/// In lower case, without accents.
pub fn plain(text: &str) -> String {
    without_accents(text).to_lowercase()
}

fn without_accents(text: &str) -> String {
    let folded = text
        .replace('ß', "ss")
        .replace('æ', "ae")
        .replace('ø', "o")
        .replace('œ', "oe");
    folded
        .nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .collect()
}

/// Letters and digits only, as they come in `first_name`, `firstName` and `First name`.
pub fn letters(text: &str) -> String {
    plain(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The choice that is mentioned most often: nothing at all if none is, and `Some(None)` if that leaves a doubt.
fn mentioned(choices: &[String], text: &str, spell: Spelling) -> Option<Option<usize>> {
    let text = spell(text);
    let mut hits: Vec<(usize, usize, usize)> = Vec::new();
    for (i, choice) in choices.iter().enumerate() {
        let choice = spell(choice);
        if choice.is_empty() {
            continue;
        }
        let found = text
            .match_indices(&choice)
            .filter(|(at, _)| stands_alone(&text, *at, &choice));
        hits.extend(found.map(|(at, _)| (at, at + choice.len(), i)));
    }
    hits.sort_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
    let mut counts = vec![0_usize; choices.len()];
    let mut covered = 0;
    for (start, end, i) in hits {
        if start >= covered {
            counts[i] += 1;
            covered = end;
        }
    }
    let most = counts.iter().max().copied().filter(|most| *most > 0)?;
    let mut winners = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count == most)
        .map(|(i, _)| i);
    let winner = winners.next();
    Some(winner.filter(|_| winners.next().is_none()))
}

/// Whether a mention is a word of its own: `SLOWER` does not mention `LOW`, and `2.5` not `2`.
fn stands_alone(text: &str, at: usize, choice: &str) -> bool {
    let before = text[..at].chars().next_back();
    let mut after = text[at + choice.len()..].chars();
    let next = after.next();
    let joined = |inside: Option<char>, outside: Option<char>| {
        inside
            .zip(outside)
            .is_some_and(|(a, b)| is_word(a) && is_word(b) && !(is_unspaced(a) || is_unspaced(b)))
    };
    let decimals = next.is_some_and(|c| c == '.' || c == ',') && after.next().is_some_and(|c| c.is_ascii_digit());
    let number = choice.ends_with(|c: char| c.is_ascii_digit());
    !(joined(choice.chars().next(), before) || joined(choice.chars().next_back(), next) || (number && decimals))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Scripts that put no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff)
}
