//! Dates in prose: `2024-02-29`, `February 29, 2024`, `29 Feb 2024`.

use std::sync::LazyLock;

use regex::Regex;

use crate::value::{EcoString, Form};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The dates or points in time that a text mentions, each once. Numbers alone (`3/4/2024`) could mean two days.
pub fn find(form: &Form, text: &str) -> Vec<EcoString> {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let month = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?";
        let day = r"(\d{1,2})(?:st|nd|rd|th)?";
        let iso = r"\b(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?)\b";
        Regex::new(&format!(
            r"(?i){iso}|\b{month}\s+{day},?\s+(\d{{4}})\b|\b{day}\s+{month},?\s+(\d{{4}})\b"
        ))
        .ok()
    });
    let Some(pattern) = PATTERN.as_ref().filter(|_| matches!(form, Form::Date | Form::DateTime)) else {
        return Vec::new();
    };
    let mut found: Vec<EcoString> = Vec::new();
    for date in pattern.captures_iter(text) {
        let part = |group: usize| date.get(group).map(|part| part.as_str());
        let written = |month: Option<&str>, day: Option<&str>, year: Option<&str>| {
            let month = month?.to_lowercase();
            let number = MONTHS.iter().position(|name| month == *name)? + 1;
            Some(format!("{}-{number:02}-{:0>2}", year?, day?))
        };
        let text = part(1).map(str::to_owned);
        let text = text.or_else(|| written(part(2), part(3), part(4)));
        let text = text.or_else(|| written(part(6), part(5), part(7)));
        let text = text.and_then(|text| form.canonical(&text));
        found.extend(text.filter(|text| !found.contains(text)));
    }
    found
}
