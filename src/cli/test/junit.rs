//! The verdicts as JUnit's XML: a suite for each script.

use std::time::Duration;

use super::report::Verdict;

/// The file's text.
pub fn junit(verdicts: &[Verdict], took: Duration) -> String {
    let mut files: Vec<&str> = Vec::new();
    for verdict in verdicts {
        if files.last() != Some(&verdict.file.as_str()) {
            files.push(&verdict.file);
        }
    }
    let suites: String = files
        .into_iter()
        .map(|file| suite(file, verdicts.iter().filter(|verdict| verdict.file == file).collect()))
        .collect();
    let counts = counts(verdicts.iter(), took);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dsp test\" {counts}>\n{suites}</testsuites>\n"
    )
}

fn suite(file: &str, verdicts: Vec<&Verdict>) -> String {
    let took = verdicts.iter().map(|verdict| verdict.time).sum();
    let counts = counts(verdicts.iter().copied(), took);
    let cases: String = verdicts.into_iter().map(case).collect();
    format!(
        "  <testsuite name=\"{}\" {counts}>\n{cases}  </testsuite>\n",
        escaped(file)
    )
}

fn counts<'a>(verdicts: impl Iterator<Item = &'a Verdict> + Clone, took: Duration) -> String {
    let failures = verdicts.clone().filter(|verdict| verdict.failure.is_some()).count();
    format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"{}\"",
        verdicts.count(),
        seconds(took)
    )
}

fn case(verdict: &Verdict) -> String {
    let head = format!(
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
        escaped(&verdict.file),
        escaped(&verdict.test),
        seconds(verdict.time)
    );
    match &verdict.failure {
        None => format!("{head}/>\n"),
        Some(failure) => format!(
            "{head}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
            escaped(failure.lines().next().unwrap_or_default()),
            escaped(failure)
        ),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

/// Text for an element or an attribute. XML 1.0 has no form at all for most control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\r' => escaped.push_str("&#13;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_say_is_replaced() {
        assert_eq!(
            escaped("a<b> & \"c\"\u{1b}[31m\0\r\n"),
            "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}[31m\u{fffd}&#13;\n"
        );
    }
}
