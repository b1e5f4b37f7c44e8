//! Rows of `.csv` and `.tsv`. A column is `int`, `float` or `bool` if each cell that is not empty is one as dsp would
//! print it, else `str`; an empty cell is `none` in such a column and `""` in a `str` one.

use std::sync::Arc;

use super::shape::rows_type;
use super::{Rows, broken};
use crate::diag::Fault;
use crate::value::{EcoString, Record, Type, Value, show};

pub fn read(text: &str, path: &str, delimiter: u8) -> Result<Rows, Fault> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| refused(path, &e))?.clone();
    let names: Arc<[EcoString]> = header.iter().map(|name| EcoString::from(name.trim())).collect();
    check_names(&names, path)?;
    let mut cells: Vec<csv::StringRecord> = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|e| refused(path, &e))?;
        check_width(&row, &names, path)?;
        cells.push(row);
    }
    let columns: Vec<Column> = (0..names.len())
        .map(|i| Column::of(cells.iter().map(|row| &row[i])))
        .collect();
    let record = |row: &csv::StringRecord| {
        let values = row.iter().zip(&columns).map(|(cell, column)| column.value(cell));
        Record::new(names.clone(), values.collect())
    };
    let records: Vec<Record> = cells.iter().map(record).collect();
    let ty = match records.is_empty() {
        // Without rows nothing says what a column holds.
        true => Type::record(names.iter().map(|name| (name.clone(), Type::Str))),
        false => rows_type(&records),
    };
    Ok(Rows { records, ty })
}

fn check_names(names: &[EcoString], path: &str) -> Result<(), Fault> {
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() && names.len() > 1 {
            return Err(broken(path, 1, 1, format!("column {} has no name", i + 1)));
        }
        if names[..i].contains(name) {
            return Err(broken(path, 1, 1, format!("the column `{name}` occurs twice")));
        }
    }
    Ok(())
}

fn check_width(row: &csv::StringRecord, names: &[EcoString], path: &str) -> Result<(), Fault> {
    if row.len() == names.len() {
        return Ok(());
    }
    let line = row.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
    let (found, wanted) = (row.len(), names.len());
    // The first cell too many, or the end of the last that is there.
    let kept = row
        .iter()
        .take(wanted)
        .map(|cell| cell.chars().count() + 1)
        .sum::<usize>();
    let reason = format!("this row has {found} cells, the header has {wanted}");
    Err(broken(path, line, kept.max(1), reason))
}

fn refused(path: &str, error: &csv::Error) -> Fault {
    let line = error.position().map_or(1, |p| usize::try_from(p.line()).unwrap_or(1));
    broken(path, line, 1, error)
}

#[derive(Clone, Copy)]
enum Column {
    Int,
    Float,
    Bool,
    Text,
}

impl Column {
    fn of<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Column {
        let mut filled = cells.filter(|cell| !cell.is_empty()).peekable();
        if filled.peek().is_none() {
            return Column::Text;
        }
        let fits = |column: Column| filled.clone().all(|cell| column.read(cell).is_some());
        let typed = [Column::Int, Column::Float, Column::Bool];
        typed.into_iter().find(|column| fits(*column)).unwrap_or(Column::Text)
    }

    /// The cell as one of this column, if it is written as dsp would print it.
    fn read(self, cell: &str) -> Option<Value> {
        let value = match self {
            Column::Int => Value::Int(cell.parse().ok()?),
            Column::Float => Value::Float(cell.parse().ok().filter(|x: &f64| x.is_finite())?),
            Column::Bool => Value::Bool(cell.parse().ok()?),
            Column::Text => return Some(Value::str(cell)),
        };
        (show(&value) == cell).then_some(value)
    }

    fn value(self, cell: &str) -> Value {
        self.read(cell).unwrap_or_default()
    }
}
