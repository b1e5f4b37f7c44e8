//! The type that many values have together.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::value::{EcoString, FieldType, Record, RecordType, Type, Value};

/// What was seen in one place: of each kind whether, and what was in it.
#[derive(Default)]
pub struct Shape {
    /// Without lists, dicts and records, in the order in which they were met.
    plain: Vec<Type>,
    list: Option<Box<Shape>>,
    dict: Option<Box<Shape>>,
    record: Option<Fields>,
}

#[derive(Default)]
struct Fields {
    seen: usize,
    fields: IndexMap<EcoString, (usize, Shape)>,
}

impl Shape {
    pub fn add(&mut self, value: &Value) {
        let plain = match value {
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Float(_) => Type::Float,
            Value::Str(_) => Type::Str,
            Value::List(items) => {
                let inner = self.list.get_or_insert_default();
                items.iter().for_each(|item| inner.add(item));
                return;
            }
            Value::Dict(dict) => {
                let inner = self.dict.get_or_insert_default();
                dict.values().for_each(|value| inner.add(value));
                return;
            }
            Value::Record(record) => return self.add_record(record),
            _ => Type::None,
        };
        if !self.plain.contains(&plain) {
            self.plain.push(plain);
        }
    }

    pub fn add_record(&mut self, record: &Record) {
        let all = self.record.get_or_insert_default();
        all.seen += 1;
        for (name, value) in record.iter() {
            let (seen, shape) = all.fields.entry(name.clone()).or_default();
            *seen += 1;
            shape.add(value);
        }
    }

    pub fn ty(&self) -> Type {
        // Nothing was ever in it: anything may be.
        let inside = |inner: &Shape| match inner.ty() {
            Type::Never => Type::Any,
            item => item,
        };
        let list = self.list.iter().map(|inner| Type::list(inside(inner)));
        let dict = self.dict.iter().map(|inner| Type::dict(inside(inner)));
        let record = self.record.iter().map(|fields| Type::Record(Arc::new(fields.ty())));
        Type::union(self.plain.iter().cloned().chain(list).chain(dict).chain(record))
    }
}

impl Fields {
    fn ty(&self) -> RecordType {
        let fields = self.fields.iter().map(|(name, (seen, shape))| {
            let optional = *seen < self.seen;
            let ty = if optional { shape.ty().optional() } else { shape.ty() };
            FieldType {
                optional,
                ..FieldType::new(name.clone(), ty)
            }
        });
        RecordType {
            fields: fields.collect(),
            ..RecordType::default()
        }
    }
}

/// The type of rows; where there are none, nothing says what they would hold.
pub fn rows_type(rows: &[Record]) -> Type {
    if rows.is_empty() {
        return Type::Any;
    }
    let mut shape = Shape::default();
    rows.iter().for_each(|row| shape.add_record(row));
    shape.ty()
}
