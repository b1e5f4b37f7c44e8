//! The results of an evaluation as a file: the columns of the table, whole.

use serde_json::{Map, Value as Json};

use super::table::{Column, columns, records};
use crate::value::{Value, json, show};

/// Comma-separated values, as `dataset` reads them: texts as they are, lists and records as JSON.
pub fn csv(results: &[Value]) -> Result<String, String> {
    let results = records(results);
    let columns = columns(&results);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = (|| {
        writer.write_record(columns.iter().map(Column::title))?;
        for result in &results {
            writer.write_record(columns.iter().map(|column| text(column.value(result))))?;
        }
        writer.flush()?;
        Ok::<(), csv::Error>(())
    })();
    written.map_err(|error| error.to_string())?;
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// A list of one object for each row.
pub fn as_json(results: &[Value]) -> String {
    let results = records(results);
    let columns = columns(&results);
    let rows = results.iter().map(|result| {
        let entries = columns.iter().map(|column| {
            let value = column.value(result).map_or(Json::Null, Value::to_json);
            (column.title(), value)
        });
        Json::Object(entries.collect::<Map<String, Json>>())
    });
    format!("{:#}\n", Json::Array(rows.collect()))
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::None | Value::Absent) => String::new(),
        Some(value @ (Value::List(_) | Value::Dict(_) | Value::Record(_))) => json(value, None),
        Some(value) => show(value),
    }
}
