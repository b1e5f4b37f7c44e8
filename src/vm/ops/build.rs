//! Literals with spreads.

use crate::diag::Fault;
use crate::value::{Dict, EcoString, List, Value};

use super::{a, wrong_type};

/// What `...x` in a list adds.
pub fn spread_list(items: &mut List, value: &Value) -> Result<(), Fault> {
    match value {
        Value::List(more) => items.extend_from_slice(more),
        other => return Err(wrong_type(format!("`...` in a list takes a list, not {}", a(other)))),
    }
    Ok(())
}

/// What `...x` in a record adds; `meta` is of the whole and stays behind.
pub fn spread_record(record: &mut Vec<(EcoString, Value)>, value: &Value) -> Result<(), Fault> {
    match value {
        Value::Record(more) => record.extend(more.iter().map(|(name, value)| (name.clone(), value.clone()))),
        Value::Dict(more) => record.extend(more.iter().map(|(name, value)| (name.clone(), value.clone()))),
        other => {
            return Err(wrong_type(format!(
                "`...` in a record takes a record, not {}",
                a(other)
            )));
        }
    }
    Ok(())
}

/// What `...x` in a dict adds.
pub fn spread_dict(dict: &mut Dict, value: &Value) -> Result<(), Fault> {
    match value {
        Value::Dict(more) => dict.extend(more.iter().map(|(name, value)| (name.clone(), value.clone()))),
        other => return Err(wrong_type(format!("`...` in a dict takes a dict, not {}", a(other)))),
    }
    Ok(())
}
