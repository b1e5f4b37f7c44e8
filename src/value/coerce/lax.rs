//! Parsed text as a value of a type by pydantic's lax rules, which are DSPy's: `"3.0"` is an int, `yes` a bool, but `[1]`
//! no list of texts. What goes beyond the value that the prompt asked for is a mend.

use crate::value::{EcoString, Form, Literal, Record, RecordType, Type, Value};

use super::{Mends, Misfit, Tree, is_missing};

/// How a value fits: as it is, or by a conversion.
#[derive(Clone, Copy, PartialEq)]
enum Rigour {
    Strict,
    Lax,
}

/// The value, and the names of what was converted.
pub fn validate(ty: &Type, tree: &Tree) -> Result<(Value, Mends), Misfit> {
    let mut mends = Mends::default();
    let value = Validation {
        rigour: Rigour::Lax,
        mends: &mut mends,
    }
    .value(ty, tree)?;
    Ok((value, mends))
}

struct Validation<'a> {
    rigour: Rigour,
    mends: &'a mut Mends,
}

impl Validation<'_> {
    fn value(&mut self, ty: &Type, tree: &Tree) -> Result<Value, Misfit> {
        let value = match ty {
            Type::None => matches!(tree, Tree::Null).then_some(Value::None),
            Type::Bool => self.bool(tree),
            Type::Int => self.int(tree),
            Type::Float => self.float(tree),
            Type::Str => match tree {
                Tree::Text(text) => Some(Value::Str(text.clone())),
                _ => None,
            },
            Type::Text(form) => form_value(form, tree).or_else(|| self.stamp(form, tree)),
            Type::Literal(literal) => literal_value(literal, tree),
            Type::Union(members) => return self.union(ty, members, tree),
            Type::List(item) => match tree {
                Tree::List(items) => {
                    let items = items
                        .iter()
                        .map(|tree| self.value(item, tree))
                        .collect::<Result<Vec<_>, _>>()?;
                    Some(Value::list(items))
                }
                _ => None,
            },
            Type::Dict(value) => match tree {
                Tree::Object(entries) => {
                    let entries = entries
                        .iter()
                        .map(|(key, tree)| Ok((key.clone(), self.value(value, tree)?)));
                    Some(Value::dict(entries.collect::<Result<Vec<_>, Misfit>>()?))
                }
                _ => None,
            },
            Type::Record(record) => match tree {
                Tree::Object(entries) => Some(self.record(record, entries)?),
                _ => None,
            },
            Type::Again(again) if let Some(ty) = again.definition() => return self.value(&ty, tree),
            _ => Some(tree.to_value()),
        };
        value.ok_or_else(|| Misfit::expected(ty, tree))
    }

    fn converted(&mut self, mend: &'static str) -> bool {
        if self.rigour == Rigour::Lax {
            self.mends.add(mend);
        }
        self.rigour == Rigour::Lax
    }

    fn bool(&mut self, tree: &Tree) -> Option<Value> {
        let word = match tree {
            Tree::Bool(b) => return Some(Value::Bool(*b)),
            Tree::Number(number) => match number.parse::<f64>() {
                Ok(0.0) => "0",
                Ok(1.0) => "1",
                _ => return None,
            },
            Tree::Text(text) => text.as_str(),
            _ => return None,
        };
        let lower = word.to_lowercase();
        let value = match lower.as_str() {
            "0" | "off" | "f" | "false" | "n" | "no" => false,
            "1" | "on" | "t" | "true" | "y" | "yes" => true,
            _ => return None,
        };
        let mend = match lower.as_str() {
            "true" | "false" if matches!(word, "True" | "False" | "true" | "false") => "quotes",
            "true" | "false" => "case",
            _ => "bool",
        };
        self.converted(mend).then_some(Value::Bool(value))
    }

    fn int(&mut self, tree: &Tree) -> Option<Value> {
        match tree {
            Tree::Bool(b) => self.converted("number").then_some(Value::Int(i64::from(*b))),
            Tree::Number(number) => match number.parse() {
                Ok(int) => Some(Value::Int(int)),
                Err(_) => self.whole(number),
            },
            Tree::Text(text) => {
                let text = text.trim();
                let plain = text.strip_prefix('+').unwrap_or(text);
                match plain.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
                    true => match plain.replace('_', "").parse() {
                        Ok(int) => self.converted("quotes").then_some(Value::Int(int)),
                        Err(_) => self.whole(plain),
                    },
                    false => None,
                }
            }
            _ => None,
        }
    }

    /// `3.0`, where an int is wanted.
    fn whole(&mut self, number: &str) -> Option<Value> {
        let float: f64 = number.parse().ok()?;
        // Beyond this a float has no place for the last digits.
        let exact = float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0;
        (exact && self.converted("number")).then_some(Value::Int(float as i64))
    }

    fn float(&mut self, tree: &Tree) -> Option<Value> {
        match tree {
            Tree::Bool(b) => self
                .converted("number")
                .then_some(Value::Float(f64::from(u8::from(*b)))),
            Tree::Number(number) => number.parse().ok().filter(|x: &f64| x.is_finite()).map(Value::Float),
            Tree::Text(text) => {
                let float: f64 = text.trim().replace('_', "").parse().ok()?;
                (float.is_finite() && self.converted("quotes")).then_some(Value::Float(float))
            }
            _ => None,
        }
    }

    /// A date as a time stamp.
    fn stamp(&mut self, form: &Form, tree: &Tree) -> Option<Value> {
        let (Tree::Number(text) | Tree::Text(text)) = tree else {
            return None;
        };
        let numeric = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        let stamp = form.at_timestamp(text.parse().ok().filter(|_| numeric)?)?;
        self.converted("number").then_some(Value::Str(stamp))
    }

    /// The member that fits best: one that fits as it is, among records the one with the most fields; else the first
    /// that fits by a conversion.
    fn union(&mut self, ty: &Type, members: &[Type], tree: &Tree) -> Result<Value, Misfit> {
        let mut best: Option<(usize, Value)> = None;
        for member in members {
            let mut ignored = Mends::default();
            let strict = Validation {
                rigour: Rigour::Strict,
                mends: &mut ignored,
            }
            .value(member, tree);
            if let Ok(value) = strict {
                let fields = fields_set(member, tree);
                if best.as_ref().is_none_or(|(most, _)| fields > *most) {
                    best = Some((fields, value));
                }
            }
        }
        if let Some((_, value)) = best {
            return Ok(value);
        }
        if self.rigour == Rigour::Lax {
            for member in members {
                let mut mends = Mends::default();
                if let Ok(value) = (Validation {
                    rigour: Rigour::Lax,
                    mends: &mut mends,
                })
                .value(member, tree)
                {
                    self.mends.extend(&mends);
                    return Ok(value);
                }
            }
        }
        Err(Misfit::expected(ty, tree))
    }

    fn record(&mut self, record: &RecordType, entries: &[(EcoString, Tree)]) -> Result<Value, Misfit> {
        let mut values = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            let given = entries
                .iter()
                .rev()
                .find(|(key, _)| *key == field.name)
                .map(|(_, tree)| tree);
            let value = match given {
                Some(tree) => self
                    .value(&field.ty, tree)
                    .map_err(|misfit| misfit.inside(&field.name))?,
                None if field.default.is_some() => field.default.clone().unwrap_or_default(),
                None if field.optional || is_missing(&field.ty) => Value::None,
                None => return Err(Misfit(format!("the field `{}` is missing", field.name))),
            };
            values.push(value);
        }
        let names = record.fields.iter().map(|field| field.name.clone());
        Ok(Value::Record(Record::new(names.collect(), values).into()))
    }
}

fn fields_set(ty: &Type, tree: &Tree) -> usize {
    match (ty, tree) {
        (Type::Record(record), Tree::Object(entries)) => record
            .fields
            .iter()
            .filter(|field| entries.iter().any(|(key, _)| *key == field.name))
            .count(),
        _ => 0,
    }
}

/// A text in the form; of code and images also the object that they are in JSON.
fn form_value(form: &Form, tree: &Tree) -> Option<Value> {
    let text = match tree {
        Tree::Text(text) => text,
        Tree::Object(entries) => {
            let key = match form {
                Form::Code(_) => "code",
                Form::Image => "url",
                Form::Audio => "data",
                Form::File => "file_data",
                Form::Date | Form::DateTime => return None,
            };
            match entries.iter().rev().find(|(name, _)| name == key) {
                Some((_, Tree::Text(text))) => text,
                _ => return None,
            }
        }
        _ => return None,
    };
    form.canonical(text).map(Value::Str)
}

fn literal_value(literal: &Literal, tree: &Tree) -> Option<Value> {
    let same = match (literal, tree) {
        (Literal::Str(wanted), Tree::Text(text)) => wanted == text,
        (Literal::Int(wanted), Tree::Number(number)) => number.parse::<f64>().is_ok_and(|x| x == *wanted as f64),
        (Literal::Bool(wanted), Tree::Bool(b)) => wanted == b,
        // `1` is `True` in Python.
        (Literal::Int(wanted), Tree::Bool(b)) => *wanted == i64::from(*b),
        (Literal::Bool(wanted), Tree::Number(number)) => number == if *wanted { "1" } else { "0" },
        _ => false,
    };
    same.then(|| literal.value())
}
