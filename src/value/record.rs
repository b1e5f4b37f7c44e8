//! What values are held in: lists, and records and dicts, which are ordered maps with names as keys. A record has the
//! fields its type says, a dict has any.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::nested::let_go;
use super::{EcoString, EcoVec, Opaque, Value};

/// Elements in order. Copied where it is changed and shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List(EcoVec<Value>);

/// Entries in the order in which their keys came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dict(Entries);

type Entries = IndexMap<EcoString, Value, FxBuildHasher>;

macro_rules! holder {
    ($holder:ident, $inner:ty, $item:ty, $shared:ty) => {
        impl Deref for $holder {
            type Target = $inner;

            fn deref(&self) -> &$inner {
                &self.0
            }
        }

        impl DerefMut for $holder {
            fn deref_mut(&mut self) -> &mut $inner {
                &mut self.0
            }
        }

        impl Drop for $holder {
            fn drop(&mut self) {
                if !self.0.is_empty() {
                    let_go(std::mem::take(&mut self.0));
                }
            }
        }

        impl Extend<$item> for $holder {
            fn extend<I: IntoIterator<Item = $item>>(&mut self, items: I) {
                self.0.extend(items);
            }
        }

        impl IntoIterator for $holder {
            type Item = $item;
            type IntoIter = <$inner as IntoIterator>::IntoIter;

            fn into_iter(mut self) -> Self::IntoIter {
                std::mem::take(&mut self.0).into_iter()
            }
        }

        impl<'a> IntoIterator for &'a $holder {
            type Item = $shared;
            type IntoIter = <&'a $inner as IntoIterator>::IntoIter;

            fn into_iter(self) -> Self::IntoIter {
                (&self.0).into_iter()
            }
        }
    };
}

holder!(List, EcoVec<Value>, Value, &'a Value);
holder!(Dict, Entries, (EcoString, Value), (&'a EcoString, &'a Value));

impl FromIterator<Value> for List {
    /// By way of a `Vec`, which is moved in as a whole: an `EcoVec` asks at each element whether it is shared.
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> List {
        List(items.into_iter().collect::<Vec<_>>().into())
    }
}

impl FromIterator<(EcoString, Value)> for Dict {
    fn from_iter<I: IntoIterator<Item = (EcoString, Value)>>(items: I) -> Dict {
        Dict(items.into_iter().collect())
    }
}

impl From<EcoVec<Value>> for List {
    fn from(items: EcoVec<Value>) -> List {
        List(items)
    }
}

impl From<&[Value]> for List {
    fn from(items: &[Value]) -> List {
        List(items.into())
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> List {
        List(items.into())
    }
}

/// Field names and values in the order they were written. Records have few fields, so names are searched in line.
/// `meta` rides beside a prediction's fields and never counts in equality or printing.
#[derive(Clone, Debug, Default)]
pub struct Record {
    names: Arc<[EcoString]>,
    values: Box<[Value]>,
    /// What `meta(prediction)` says.
    pub meta: Option<Arc<dyn Opaque>>,
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.values.is_empty() {
            let_go(std::mem::take(&mut self.values));
        }
    }
}

impl Record {
    /// Names and values pairwise; no name twice.
    pub fn new(names: Arc<[EcoString]>, values: Vec<Value>) -> Self {
        debug_assert_eq!(names.len(), values.len());
        Record {
            names,
            values: values.into(),
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
                let values = std::mem::take(&mut self.values);
                self.values = values.into_iter().chain([value]).collect();
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
            values: values.into(),
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
