//! `stdlib/metrics.dsp`: text for metrics, with DSPy's definitions: normalization, token overlap, and the tokens that
//! answers are looked for in passages by.

use std::sync::LazyLock;

use regex::Regex;
use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

use super::args::{text, texts};
use super::pure;
use crate::diag::Fault;
use crate::value::{Value, is_python_space};
use crate::vm::Native;

pub const NATIVES: &[Native] = &[
    pure("normalize_text", |memory, args| {
        let text = text(args, 0)?;
        memory.charge(text.len() as u64)?;
        Ok(Value::str(normalize_text(text)))
    }),
    pure("exact_match", |_, args| {
        let prediction = text(args, 0)?;
        Ok(Value::Bool(
            answers(args)?.iter().any(|answer| exact_match(prediction, answer)),
        ))
    }),
    pure("f1", |_, args| {
        let prediction = text(args, 0)?;
        let scores = answers(args)?.into_iter().map(|answer| f1(prediction, answer));
        Ok(Value::Float(scores.fold(0.0, f64::max)))
    }),
    pure("_passage_match", |_, args| {
        let wanted = answers(args)?;
        let found = |passage: &&crate::value::EcoString| passage_has_answer(passage, wanted.iter().copied());
        Ok(Value::Bool(texts(args, 0)?.iter().any(found)))
    }),
];

/// The second argument: one answer, or several of which each will do.
fn answers(args: &[Value]) -> Result<Vec<&str>, Fault> {
    match args.get(1) {
        Some(Value::Str(answer)) => Ok(vec![answer]),
        _ => Ok(texts(args, 1)?.into_iter().map(|answer| answer.as_str()).collect()),
    }
}

/// Decomposed, in lower case, without ASCII punctuation and English articles, white space collapsed.
pub fn normalize_text(text: &str) -> String {
    let plain: String = text.nfd().collect::<String>().to_lowercase();
    let plain: String = plain.chars().filter(|c| !c.is_ascii_punctuation()).collect();
    let kept = without_articles(&plain);
    kept.split(is_python_space)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `a`, `an` and `the` become spaces where Python's `\b` sees a word of its own: a combining mark ends a word there.
fn without_articles(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let word = &rest[start..];
        let end = word.find(|c| !is_word(c)).unwrap_or(word.len());
        out.push_str(&rest[..start]);
        match &word[..end] {
            "a" | "an" | "the" => out.push(' '),
            other => out.push_str(other),
        }
        rest = &word[end..];
    }
    out + rest
}

/// Python's `\w`.
fn is_word(c: char) -> bool {
    static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{N}]$").ok());
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    let mut buffer = [0; 4];
    WORD.as_ref()
        .is_some_and(|word| word.is_match(c.encode_utf8(&mut buffer)))
}

/// Whether both are the same after normalization.
pub fn exact_match(prediction: &str, answer: &str) -> bool {
    normalize_text(prediction) == normalize_text(answer)
}

/// How many tokens two texts share, and how many each has.
struct Overlap {
    shared: usize,
    prediction: usize,
    answer: usize,
}

impl Overlap {
    fn new(prediction: &str, answer: &str) -> Overlap {
        let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
        let mut overlap = Overlap {
            shared: 0,
            prediction: 0,
            answer: 0,
        };
        for token in prediction.split_whitespace() {
            *counts.entry(token).or_default() += 1;
            overlap.prediction += 1;
        }
        for token in answer.split_whitespace() {
            overlap.answer += 1;
            if let Some(left) = counts.get_mut(token).filter(|left| **left > 0) {
                *left -= 1;
                overlap.shared += 1;
            }
        }
        overlap
    }

    fn precision(&self) -> f64 {
        if self.shared == 0 {
            0.0
        } else {
            self.shared as f64 / self.prediction as f64
        }
    }

    fn f1(&self) -> f64 {
        if self.shared == 0 {
            return 0.0;
        }
        let (precision, recall) = (self.precision(), self.shared as f64 / self.answer as f64);
        (2.0 * precision * recall) / (precision + recall)
    }
}

/// Token F1 after normalization; 0 where nothing is shared, also of two empty texts.
pub fn f1(prediction: &str, answer: &str) -> f64 {
    Overlap::new(&normalize_text(prediction), &normalize_text(answer)).f1()
}

/// The share of the prediction's tokens that the answer has.
pub fn precision(prediction: &str, answer: &str) -> f64 {
    Overlap::new(&normalize_text(prediction), &normalize_text(answer)).precision()
}

/// F1 as HotPotQA has it: where one side is `yes`, `no` or `noanswer`, only the same answer counts.
pub fn hotpot_f1(prediction: &str, answer: &str) -> f64 {
    let (prediction, answer) = (normalize_text(prediction), normalize_text(answer));
    let closed = |text: &str| matches!(text, "yes" | "no" | "noanswer");
    match prediction != answer && (closed(&prediction) || closed(&answer)) {
        true => 0.0,
        false => Overlap::new(&prediction, &answer).f1(),
    }
}

/// The tokens of dense passage retrieval: runs of letters, digits and marks, and any other visible character alone.
pub fn passage_tokens(text: &str) -> Vec<String> {
    static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\p{L}\p{N}\p{M}]+|[^\p{Z}\p{C}]").ok());
    let text: String = text.nfd().collect();
    let Some(token) = TOKEN.as_ref() else { return Vec::new() };
    token
        .find_iter(&text)
        .map(|found| found.as_str().to_lowercase())
        .collect()
}

/// Whether the passage contains one of the answers as a run of tokens, both normalized. An empty answer is everywhere.
pub fn passage_has_answer<'a>(passage: &str, answers: impl IntoIterator<Item = &'a str>) -> bool {
    let passage = passage_tokens(&normalize_text(passage));
    answers.into_iter().any(|answer| {
        let answer = passage_tokens(&normalize_text(answer));
        answer.is_empty() || passage.windows(answer.len()).any(|run| run == answer)
    })
}
