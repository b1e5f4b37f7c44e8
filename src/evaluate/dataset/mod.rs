//! Files of rows: `.jsonl`, `.json`, `.csv`, `.tsv`, `.parquet`. A row is a record of the columns. What is wrong with a
//! text is said with its line and column.

mod json;
mod parquet;
mod shape;
mod table;

use crate::diag::{Fault, FaultKind};
use crate::value::{Record, Type, Value};

/// All rows that a file holds.
struct Rows {
    records: Vec<Record>,
    ty: Type,
}

/// The rows of a file, at most `limit`; the path says the format.
pub fn rows(bytes: &[u8], path: &str, limit: Option<usize>) -> Result<Value, Fault> {
    let rows = read(bytes, path)?.records.into_iter();
    Ok(Value::list(
        rows.take(limit.unwrap_or(usize::MAX))
            .map(|row| Value::Record(row.into())),
    ))
}

/// The type of a row, as all rows of the file say it: a column that some row lacks or has as `null` is `T?`.
pub fn row_type(bytes: &[u8], path: &str) -> Result<Type, Fault> {
    Ok(read(bytes, path)?.ty)
}

fn read(bytes: &[u8], path: &str) -> Result<Rows, Fault> {
    let extension = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    if extension == "parquet" {
        return parquet::read(bytes, path);
    }
    let text = decoded(bytes, path)?;
    match extension.as_str() {
        "jsonl" | "ndjson" => json::lines(text, path),
        "json" => json::array(text, path),
        "csv" => table::read(text, path, b','),
        "tsv" => table::read(text, path, b'\t'),
        _ => Err(
            Fault::new(FaultKind::Value, format!("`{path}` is no dataset that dsp reads"))
                .help("a dataset is a file that ends in .jsonl, .json, .csv, .tsv or .parquet"),
        ),
    }
}

fn decoded<'a>(bytes: &'a [u8], path: &str) -> Result<&'a str, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let before = &bytes[..e.valid_up_to()];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
        broken(path, line, column, "this is no UTF-8 text")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// `tickets.jsonl:3:17: …`
fn broken(path: &str, line: usize, column: usize, reason: impl std::fmt::Display) -> Fault {
    Fault::new(
        FaultKind::Value,
        format!("`{path}`, line {line}, column {column}: {reason}"),
    )
}
