//! Records and dicts: ordered maps with names as keys. A record has the fields its type says, a dict has any.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::{EcoString, Value};

/// Keys and values in the order they were put in.
pub type Dict = IndexMap<EcoString, Value, FxBuildHasher>;

/// Field names and values in the order they were written. Records have few fields, so names are searched in line.
/// `meta` rides beside a prediction's fields and never counts in equality or printing.
#[derive(Clone, Debug, Default)]
pub struct Record {
    names: Arc<[EcoString]>,
    values: Vec<Value>,
    /// What `meta(prediction)` says.
    pub meta: Option<Arc<Value>>,
}

impl Record {
    /// Names and values pairwise; no name twice.
    pub fn new(names: Arc<[EcoString]>, values: Vec<Value>) -> Self {
        debug_assert_eq!(names.len(), values.len());
        Record {
            names,
            values,
            meta: None,
        }
    }

    /// The names of the fields, in order.
    pub fn names(&self) -> &Arc<[EcoString]> {
        &self.names
    }

    /// The values of the fields, in order.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The values of the fields, to be replaced.
    pub fn values_mut(&mut self) -> &mut [Value] {
        &mut self.values
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The place of a field.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.index_of(name).map(|i| &self.values[i])
    }

    /// Sets a field, adding it at the end if there is none.
    pub fn set(&mut self, name: impl Into<EcoString>, value: Value) {
        let name = name.into();
        match self.index_of(&name) {
            Some(i) => self.values[i] = value,
            None => {
                self.names = self.names.iter().cloned().chain([name]).collect();
                self.values.push(value);
            }
        }
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&EcoString, &Value)> {
        self.names.iter().zip(&self.values)
    }
}

/// Later fields replace earlier ones of the same name.
impl FromIterator<(EcoString, Value)> for Record {
    fn from_iter<I: IntoIterator<Item = (EcoString, Value)>>(fields: I) -> Self {
        let mut names: Vec<EcoString> = Vec::new();
        let mut values = Vec::new();
        for (name, value) in fields {
            match names.iter().position(|n| *n == name) {
                Some(i) => values[i] = value,
                None => {
                    names.push(name);
                    values.push(value);
                }
            }
        }
        Record {
            names: names.into(),
            values,
            meta: None,
        }
    }
}

/// An absent field equals `none`; order and `meta` do not count.
impl PartialEq for Record {
    fn eq(&self, other: &Record) -> bool {
        let covered = |a: &Record, b: &Record| {
            a.iter()
                .all(|(name, value)| b.get(name).unwrap_or(&Value::None) == value)
        };
        covered(self, other) && covered(other, self)
    }
}
