//! The results of an evaluation as a table of text that fits a screen.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::host::steers;
use crate::value::{EcoString, Record, Value, show};

/// What stands between two columns.
const GAP: &str = "  ";

/// No column is narrower, however many there are.
const NARROWEST: usize = 6;

/// One line for each result (`{example, prediction, score, error}`) below a line of names: the columns of the examples,
/// what the program said (`pred_x` where an example has an `x`), the score, and the error where a row has one.
pub fn table(results: &[Value], width: usize) -> String {
    let results = records(results);
    let columns = columns(&results);
    let mut lines = vec![columns.iter().map(Column::title).collect::<Vec<_>>()];
    lines.extend(
        results
            .iter()
            .map(|result| columns.iter().map(|column| column.cell(result)).collect()),
    );
    let widths = fitting(&lines, width);
    let line = |cells: &Vec<String>| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| padded(cell, *width));
        format!("{}\n", cells.collect::<Vec<_>>().join(GAP).trim_end())
    };
    lines.iter().map(line).collect()
}

/// The first of the results, and how many are not shown.
pub fn head(results: &[Value], most: usize, width: usize) -> String {
    let shown = table(&results[..most.min(results.len())], width);
    match results.len().saturating_sub(most) {
        0 => shown,
        1 => format!("{shown}… 1 more row\n"),
        n => format!("{shown}… {n} more rows\n"),
    }
}

pub fn records(results: &[Value]) -> Vec<&Record> {
    results.iter().filter_map(as_record).collect()
}

pub enum Column {
    Example(EcoString),
    /// With whether an example has a column of the same name.
    Prediction(EcoString, bool),
    /// What a program says that is no record.
    Whole,
    Score,
    Error,
}

impl Column {
    pub fn title(&self) -> String {
        match self {
            Column::Example(name) | Column::Prediction(name, false) => name.to_string(),
            Column::Prediction(name, true) => format!("pred_{name}"),
            Column::Whole => "prediction".to_owned(),
            Column::Score => "score".to_owned(),
            Column::Error => "error".to_owned(),
        }
    }

    pub fn value<'a>(&self, result: &'a Record) -> Option<&'a Value> {
        let of = |part: &str, name: &str| result.get(part).and_then(|value| entry(value, name));
        match self {
            Column::Example(name) => of("example", name),
            Column::Prediction(name, _) => of("prediction", name),
            Column::Whole => result.get("prediction").filter(|said| entries(said).is_none()),
            Column::Score => result.get("score"),
            Column::Error => of("error", "message"),
        }
    }

    fn cell(&self, result: &Record) -> String {
        match self.value(result) {
            None | Some(Value::None | Value::Absent) => String::new(),
            // One line, and nothing that steers a terminal.
            Some(value) => show(value).replace(|c: char| c.is_control() || steers(c), " "),
        }
    }
}

pub fn columns(results: &[&Record]) -> Vec<Column> {
    let examples = names(results, "example");
    let predictions = names(results, "prediction");
    let said_plainly = |result: &&Record| {
        let said = result.get("prediction");
        said.is_some_and(|said| !said.is_none() && entries(said).is_none())
    };
    let mut columns: Vec<Column> = examples.iter().cloned().map(Column::Example).collect();
    columns.extend(predictions.into_iter().map(|name| {
        let doubled = examples.contains(&name);
        Column::Prediction(name, doubled)
    }));
    if results.iter().any(said_plainly) {
        columns.push(Column::Whole);
    }
    columns.push(Column::Score);
    if results
        .iter()
        .any(|r| r.get("error").is_some_and(|error| !error.is_none()))
    {
        columns.push(Column::Error);
    }
    columns
}

/// The names of a part's entries over all results, in the order in which they are met.
fn names(results: &[&Record], part: &str) -> Vec<EcoString> {
    let mut names: Vec<EcoString> = Vec::new();
    for result in results {
        for name in result.get(part).and_then(entries).unwrap_or_default() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    names
}

fn as_record(value: &Value) -> Option<&Record> {
    match value {
        Value::Record(record) => Some(record),
        _ => None,
    }
}

fn entries(value: &Value) -> Option<Vec<&EcoString>> {
    match value {
        Value::Record(record) => Some(record.iter().map(|(name, _)| name).collect()),
        Value::Dict(dict) => Some(dict.keys().collect()),
        _ => None,
    }
}

fn entry<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Record(record) => record.get(name),
        Value::Dict(dict) => dict.get(name),
        _ => None,
    }
}

/// The width of each column: what it wants, the widest cut first until all fit.
fn fitting(lines: &[Vec<String>], width: usize) -> Vec<usize> {
    let count = lines.first().map_or(0, Vec::len);
    let mut widths: Vec<usize> = (0..count)
        .map(|i| lines.iter().map(|line| line[i].width()).max().unwrap_or(0))
        .collect();
    let room = width.saturating_sub(GAP.len() * count.saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
    widths
}

/// A cell as wide as its column, cut with `…` where it does not fit.
fn padded(cell: &str, width: usize) -> String {
    let mut text = cell.to_owned();
    if cell.width() > width {
        let mut used = 0;
        text = cell
            .chars()
            .take_while(|c| {
                used += c.width().unwrap_or(0);
                used < width
            })
            .collect();
        text.push('…');
    }
    let gap = width.saturating_sub(text.width());
    text.extend(std::iter::repeat_n(' ', gap));
    text
}
