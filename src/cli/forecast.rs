//! `--plan`: what a run would ask, as a table.

use crate::value::Value;

/// A line for each measure: at the least, to be expected, at the most.
pub fn table(plan: &Value) -> String {
    let mut text = format!("{:<18}{:>12}{:>12}{:>12}\n", "", "least", "expected", "most");
    let lines = [
        ("calls", "calls"),
        ("prompt tokens", "prompt_tokens"),
        ("completion tokens", "completion_tokens"),
        ("cost in dollars", "cost"),
    ];
    for (title, measure) in lines {
        let cells = ["least", "expected", "most"].map(|end| shown(entry(entry(plan, measure), end)));
        text += &format!("{title:<18}{:>12}{:>12}{:>12}\n", cells[0], cells[1], cells[2]);
    }
    text
}

fn entry<'a>(value: &'a Value, name: &str) -> &'a Value {
    match value {
        Value::Record(record) => record.get(name).unwrap_or(&Value::None),
        _ => &Value::None,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Float(dollars) => format!("{dollars:.4}"),
        other => crate::value::show(other),
    }
}
