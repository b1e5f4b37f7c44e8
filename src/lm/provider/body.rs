//! The JSON that servers send. A model writes bytes, and may stop in the middle of a character, of which its server then
//! sends a half: one odd character in a text is no reason to lose an answer that is paid for.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::de::DeserializeOwned;

/// A body or an event of JSON; else why it could not be read.
pub fn of_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let why = |error: serde_json::Error| match error.is_data() {
        true => error.to_string(),
        false => "it is not JSON".to_owned(),
    };
    match serde_json::from_slice(body) {
        Err(error) if !error.is_data() => serde_json::from_str(&in_whole_characters(body)).map_err(why),
        read => read.map_err(why),
    }
}

/// A text in which what is no character is the one that stands for such.
fn in_whole_characters(body: &[u8]) -> String {
    // A backslash, a character in two halves, or a half.
    static HALF: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"\\\\|\\u[dD][89abAB][[:xdigit:]]{2}\\u[dD][c-fC-F][[:xdigit:]]{2}|\\u[dD][89a-fA-F][[:xdigit:]]{2}",
        )
        .ok()
    });
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}');
    let whole = |found: &Captures| match &found[0] {
        half if half.len() == r"\ud83d".len() => r"\ufffd".to_owned(),
        other => other.to_owned(),
    };
    match HALF.as_ref() {
        Some(half) => half.replace_all(text, whole).into_owned(),
        None => text.to_owned(),
    }
}
