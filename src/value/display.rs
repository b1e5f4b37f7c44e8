//! The texts that values are written as: for `print` (`show`), as source, as JSON, and as Python prints them in prompts.

use super::Value;

/// What `print` writes: a string as it is, all else as source.
pub fn show(_value: &Value) -> String {
    String::new()
}

/// A string as a dsp literal, in double quotes.
pub fn source_text(text: &str) -> String {
    format!("{text:?}")
}

/// What Python's `json.dumps(x, ensure_ascii=False)` writes; with `indent`, as there.
pub fn json(_value: &Value, _indent: Option<usize>) -> String {
    String::new()
}

/// What Python's `str(x)` writes: `True`, `None`, `1e+20`, `['a']`.
pub fn python_str(_value: &Value) -> String {
    String::new()
}
