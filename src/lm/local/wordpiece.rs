//! The tokenizer of BERT's uncased models: text is cleaned, lowered and stripped of accents, cut into words and marks, and
//! each word into the longest pieces that the vocabulary has.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

/// Longer words are unknown ones.
const LONGEST: usize = 100;

/// A pattern of this file.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// Characters that are neither shown nor space.
static UNSEEN: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"[\x00\x{FFFD}\p{C}&&[^\t\n\r]]"));
static ACCENTS: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\p{Mn}"));
/// Each Chinese character is a word.
static IDEOGRAPHS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"[\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{20000}-\x{2A6DF}\x{2A700}-\x{2B73F}\x{2B740}-\x{2B81F}\x{2B820}-\x{2CEAF}\x{F900}-\x{FAFF}\x{2F800}-\x{2FA1F}]",
    )
});
/// A mark, or what stands between marks and spaces.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"[\p{P}$+<=>^`|~]|[^\s\p{P}$+<=>^`|~]+"));

/// A vocabulary of pieces.
pub(super) struct WordPiece {
    pieces: HashMap<String, u32>,
    unknown: u32,
    begin: u32,
    end: u32,
}

impl WordPiece {
    /// Reads a vocabulary: a piece a line. `None` where it lacks one that is needed.
    pub(super) fn read(vocabulary: &str) -> Option<WordPiece> {
        let lines = vocabulary.lines().zip(0..);
        let pieces: HashMap<String, u32> = lines.map(|(piece, number)| (piece.to_owned(), number)).collect();
        let known = |piece: &str| pieces.get(piece).copied();
        Some(WordPiece {
            unknown: known("[UNK]")?,
            begin: known("[CLS]")?,
            end: known("[SEP]")?,
            pieces,
        })
    }

    /// How many pieces there are.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The pieces of a text between the marks of its beginning and end, `most` in all.
    pub(super) fn tokens(&self, text: &str, most: usize) -> Vec<u32> {
        let text = replaced(&UNSEEN, text, "");
        let text = replaced(&IDEOGRAPHS, &text, " $0 ");
        let text: String = text.nfd().collect();
        let text = replaced(&ACCENTS, &text, "").to_lowercase();
        let words = WORDS.iter().flat_map(|words| words.find_iter(&text));
        let mut tokens = vec![self.begin];
        for word in words {
            self.word(word.as_str(), &mut tokens);
            if tokens.len() >= most {
                break;
            }
        }
        tokens.truncate(most.saturating_sub(1).max(1));
        tokens.push(self.end);
        tokens
    }

    /// The pieces of a word, or the mark of an unknown one.
    fn word(&self, word: &str, tokens: &mut Vec<u32>) {
        let start = tokens.len();
        let mut rest = word;
        while !rest.is_empty() {
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST);
            let ends: Vec<usize> = ends.collect();
            let inner = rest.len() < word.len();
            let found = ends.iter().rev().find_map(|end| {
                let piece = if inner {
                    format!("##{}", &rest[..*end])
                } else {
                    rest[..*end].to_owned()
                };
                self.pieces.get(&piece).map(|token| (*token, *end))
            });
            let Some((token, end)) = found.filter(|_| word.chars().count() <= LONGEST) else {
                tokens.truncate(start);
                return tokens.push(self.unknown);
            };
            tokens.push(token);
            rest = &rest[end..];
        }
    }
}

fn replaced(pattern: &Option<Regex>, text: &str, with: &str) -> String {
    pattern.as_ref().map_or_else(
        || text.to_owned(),
        |pattern| pattern.replace_all(text, with).into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_into_the_longest_pieces_that_are_known() {
        let vocabulary = "[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\nhello\n,\n世\n!\n##a";
        let words = WordPiece::read(vocabulary).unwrap();
        assert_eq!(words.tokens("Hello, UNaffable!", 20), [1, 6, 7, 3, 4, 5, 9, 2]);
        assert_eq!(words.tokens("hélló\u{200b} 世世 xyz", 20), [1, 6, 8, 8, 0, 2]);
        assert_eq!(words.tokens("hello hello hello", 4), [1, 6, 6, 2]);
        assert_eq!(words.tokens("", 4), [1, 2]);
        assert_eq!(words.tokens(&format!("un{}", "a".repeat(99)), 9), [1, 0, 2]);
        assert!(WordPiece::read("a\nb").is_none());
    }
}
