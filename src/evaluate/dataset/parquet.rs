//! Rows as Parquet. Groups are records, maps dicts; dates and times are texts, as ISO 8601 writes them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

use super::Rows;
use super::shape::rows_type;
use crate::diag::{Fault, FaultKind};
use crate::value::{Dict, EcoString, Record, Value};

pub fn read(bytes: &[u8], path: &str) -> Result<Rows, Fault> {
    // The reader panics at some files that were tampered with.
    let read = catch_unwind(AssertUnwindSafe(|| records(bytes)));
    let broken = |why: &str| {
        Fault::new(
            FaultKind::Value,
            format!("`{path}` is no Parquet file that dsp reads: {why}"),
        )
    };
    let records = match read {
        Ok(Ok(records)) => records,
        Ok(Err(why)) => return Err(broken(&why)),
        Err(_) => return Err(broken("it is damaged")),
    };
    Ok(Rows {
        ty: rows_type(&records),
        records,
    })
}

fn records(bytes: &[u8]) -> Result<Vec<Record>, String> {
    let said = |error: ParquetError| error.to_string();
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(said)?;
    let mut names: Option<Arc<[EcoString]>> = None;
    let mut records = Vec::new();
    for (at, row) in reader.get_row_iter(None).map_err(said)?.enumerate() {
        let row = row.map_err(|error| format!("row {}: {error}", at + 1))?;
        let names = names.get_or_insert_with(|| row.get_column_iter().map(|(name, _)| name.as_str().into()).collect());
        let values = row.get_column_iter().map(|(name, field)| {
            let value = value(field);
            value.map_err(|why| format!("row {}, column `{name}`: {why}", at + 1))
        });
        records.push(Record::new(names.clone(), values.collect::<Result<_, _>>()?));
    }
    Ok(records)
}

fn value(field: &Field) -> Result<Value, String> {
    Ok(match field {
        Field::Null => Value::None,
        Field::Bool(bool) => Value::Bool(*bool),
        Field::Byte(int) => Value::Int((*int).into()),
        Field::Short(int) => Value::Int((*int).into()),
        Field::Int(int) => Value::Int((*int).into()),
        Field::Long(int) => Value::Int(*int),
        Field::UByte(int) => Value::Int((*int).into()),
        Field::UShort(int) => Value::Int((*int).into()),
        Field::UInt(int) => Value::Int((*int).into()),
        Field::ULong(int) => Value::Int(i64::try_from(*int).map_err(|_| format!("{int} is no 64-bit signed integer"))?),
        Field::Float16(float) => finite(float.to_f64())?,
        Field::Float(float) => finite((*float).into())?,
        Field::Double(float) => finite(*float)?,
        Field::Decimal(_) => {
            let text = field.to_string();
            let number = text.parse().map_err(|_| format!("{text} is no number"))?;
            finite(number)?
        }
        Field::Str(text) => Value::str(text.as_str()),
        Field::Bytes(bytes) => {
            let text = std::str::from_utf8(bytes.data()).map_err(|_| "bytes that are no UTF-8 text".to_owned())?;
            Value::str(text)
        }
        Field::Group(row) => Value::Record(Arc::new(record(row)?)),
        Field::ListInternal(list) => {
            let items = list.elements().iter().map(value);
            Value::List(items.collect::<Result<_, _>>()?)
        }
        Field::MapInternal(map) => {
            let entries = map
                .entries()
                .iter()
                .map(|(key, item)| Ok((key_text(key)?, value(item)?)));
            Value::Dict(Arc::new(entries.collect::<Result<Dict, String>>()?))
        }
        // Dates and times print themselves; a `T` makes a time of ISO 8601 of them.
        other => Value::str(other.to_string().replacen(' ', "T", 1).replace(' ', "")),
    })
}

/// What data frames write for a number that is missing is none.
fn finite(number: f64) -> Result<Value, String> {
    match number {
        _ if number.is_nan() => Ok(Value::None),
        _ if number.is_finite() => Ok(Value::Float(number)),
        _ => Err(format!("{number} is no number of dsp")),
    }
}

fn key_text(key: &Field) -> Result<EcoString, String> {
    match key {
        Field::Str(text) => Ok(text.as_str().into()),
        other => Ok(crate::value::show(&value(other)?).into()),
    }
}

fn record(row: &Row) -> Result<Record, String> {
    let fields = row.get_column_iter();
    fields
        .map(|(name, field)| Ok((name.as_str().into(), value(field)?)))
        .collect()
}
