//! Parsed text as a value of a type by pydantic's lax rules, which are DSPy's: `"3.0"` is an int, `yes` a bool, but `[1]`
//! no list of texts. What goes beyond the value that the prompt asked for is a mend.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::value::{EcoString, Form, Literal, Record, RecordType, Type, Value, literal_members};

use super::{Mends, Misfit, Tree, is_missing};

/// How near to the type a text was, as pydantic tells the members of a union apart.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Exactness {
    /// Something was converted.
    Lax,
    /// An int is a float, an object a record.
    Strict,
    #[default]
    Exact,
}

/// What validating a part has come to.
#[derive(Clone, Default)]
struct Fit {
    exactness: Exactness,
    /// How many fields of records were there, if there are records.
    fields: Option<usize>,
    mends: Mends,
}

impl Fit {
    fn floor(&mut self, exactness: Exactness) {
        self.exactness = self.exactness.min(exactness);
    }

    fn add_fields(&mut self, count: usize) {
        *self.fields.get_or_insert(0) += count;
    }

    fn join(&mut self, part: &Fit) {
        self.floor(part.exactness);
        part.fields.into_iter().for_each(|count| self.add_fields(count));
        self.mends.extend(&part.mends);
    }

    /// More fields are better, else what is nearer.
    fn beats(&self, other: &Fit) -> bool {
        match (self.fields, other.fields) {
            (Some(own), Some(others)) if own != others => own > others,
            _ => self.exactness > other.exactness,
        }
    }
}

/// What was found out of parts that stand below several members of a union, by the type and the part: where types stand
/// inside themselves, each level would else double the work.
type Known = FxHashMap<(usize, usize), Option<(Value, Fit)>>;

/// The value, and the names of what was converted.
pub fn validate(ty: &Type, tree: &Tree) -> Result<(Value, Mends), Misfit> {
    let mut known = Known::default();
    let mut validation = Validation {
        fit: Fit::default(),
        known: &mut known,
    };
    let value = validation.value(ty, tree)?;
    Ok((value, validation.fit.mends))
}

struct Validation<'k> {
    fit: Fit,
    known: &'k mut Known,
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
            Type::Text(form) => self.form(form, tree),
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
            _ => {
                self.fit.floor(Exactness::Strict);
                Some(tree.to_value())
            }
        };
        value.ok_or_else(|| Misfit::expected(ty, tree))
    }

    /// Notes a conversion.
    fn converted<T>(&mut self, mend: &'static str, value: T) -> Option<T> {
        self.fit.mends.add(mend);
        self.fit.floor(Exactness::Lax);
        Some(value)
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
        self.converted(mend, Value::Bool(value))
    }

    fn int(&mut self, tree: &Tree) -> Option<Value> {
        match tree {
            Tree::Bool(b) => self.converted("number", Value::Int(i64::from(*b))),
            Tree::Number(number) => match number.parse() {
                Ok(int) => Some(Value::Int(int)),
                Err(_) => self.whole(number),
            },
            Tree::Text(text) => {
                let text = text.trim();
                let plain = text.strip_prefix('+').unwrap_or(text);
                match plain.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
                    true => match plain.replace('_', "").parse() {
                        Ok(int) => self.converted("quotes", Value::Int(int)),
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
        let digits = number
            .split_once('.')
            .filter(|(_, zeros)| zeros.bytes().all(|b| b == b'0'));
        if let Some(Ok(int)) = digits.map(|(digits, _)| digits.parse()) {
            return self.converted("number", Value::Int(int));
        }
        let float: f64 = number.parse().ok()?;
        // Beyond this a float has no place for the last digits.
        let exact = float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0;
        exact
            .then(|| self.converted("number", Value::Int(float as i64)))
            .flatten()
    }

    fn float(&mut self, tree: &Tree) -> Option<Value> {
        match tree {
            Tree::Bool(b) => self.converted("number", Value::Float(f64::from(u8::from(*b)))),
            Tree::Number(number) => {
                if !number.contains(['.', 'e', 'E']) {
                    self.fit.floor(Exactness::Strict);
                }
                number.parse().ok().filter(|x: &f64| x.is_finite()).map(Value::Float)
            }
            Tree::Text(text) => {
                let float: f64 = text.trim().replace('_', "").parse().ok()?;
                let finite = float.is_finite();
                finite.then(|| self.converted("quotes", Value::Float(float))).flatten()
            }
            _ => None,
        }
    }

    /// A text with a form; one that is an object in Python counts as a record of one field.
    fn form(&mut self, form: &Form, tree: &Tree) -> Option<Value> {
        let found = form_value(form, tree).or_else(|| self.stamp(form, tree))?;
        match form {
            Form::Date | Form::DateTime => self.fit.floor(Exactness::Lax),
            _ => {
                self.fit.floor(Exactness::Strict);
                self.fit.add_fields(1);
            }
        }
        Some(found)
    }

    /// A date as a time stamp.
    fn stamp(&mut self, form: &Form, tree: &Tree) -> Option<Value> {
        let (Tree::Number(text) | Tree::Text(text)) = tree else {
            return None;
        };
        let numeric = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        let stamp = form.at_timestamp(text.parse().ok().filter(|_| numeric)?)?;
        self.converted("number", Value::Str(stamp))
    }

    /// The member that fits best, by pydantic's rules; of equals the first.
    fn union(&mut self, ty: &Type, members: &[Type], tree: &Tree) -> Result<Value, Misfit> {
        // In Python `1` is `True`: of such the one of the same kind counts.
        if let Some(literal) = literal_members(members).find(|literal| is_literal(literal, tree)) {
            return Ok(literal.value());
        }
        let several = members.iter().filter_map(address).nth(1).is_some();
        let mut best: Option<(Value, Fit)> = None;
        for member in members {
            let Some((value, fit)) = self.member(member, tree, several) else {
                continue;
            };
            if fit.exactness == Exactness::Exact && fit.fields.is_none() {
                best = Some((value, fit));
                break;
            }
            if best.as_ref().is_none_or(|(_, known)| fit.beats(known)) {
                best = Some((value, fit));
            }
        }
        let (value, fit) = best.ok_or_else(|| Misfit::expected(ty, tree))?;
        self.fit.join(&fit);
        Ok(value)
    }

    fn member(&mut self, member: &Type, tree: &Tree, several: bool) -> Option<(Value, Fit)> {
        let key = address(member)
            .filter(|_| several)
            .map(|ty| (ty, std::ptr::from_ref(tree).addr()));
        if let Some(known) = key.and_then(|key| self.known.get(&key)) {
            return known.clone();
        }
        let mut own = Validation {
            fit: Fit::default(),
            known: self.known,
        };
        let found = own.value(member, tree).ok().map(|value| (value, own.fit));
        if let Some(key) = key {
            self.known.insert(key, found.clone());
        }
        found
    }

    fn record(&mut self, record: &RecordType, entries: &[(EcoString, Tree)]) -> Result<Value, Misfit> {
        let mut values = Vec::with_capacity(record.fields.len());
        self.fit.floor(Exactness::Strict);
        self.fit.add_fields(0);
        for field in &record.fields {
            let given = entries
                .iter()
                .rev()
                .find(|(key, _)| *key == field.name)
                .map(|(_, tree)| tree);
            let value = match given {
                Some(tree) => {
                    self.fit.add_fields(1);
                    let value = self.value(&field.ty, tree);
                    value.map_err(|misfit| misfit.inside(&field.name))?
                }
                None if field.default.is_some() => field.default.clone().unwrap_or_default(),
                None if field.optional || (is_missing(&field.ty) && field.ty != Type::Any) => Value::None,
                None => return Err(Misfit::new(format!("the field `{}` is missing", field.name))),
            };
            values.push(value);
        }
        let names = record.fields.iter().map(|field| field.name.clone());
        Ok(Value::Record(Record::new(names.collect(), values).into()))
    }
}

/// What tells a type of parts from others.
fn address(ty: &Type) -> Option<usize> {
    Some(match ty {
        Type::Again(again) => again.address(),
        Type::Record(record) => Arc::as_ptr(record).addr(),
        Type::List(item) => Arc::as_ptr(item).addr(),
        // No type begins there.
        Type::Dict(item) => Arc::as_ptr(item).addr() + 1,
        _ => return None,
    })
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

/// Whether it is the literal, of the same kind.
fn is_literal(literal: &Literal, tree: &Tree) -> bool {
    match (literal, tree) {
        (Literal::Str(wanted), Tree::Text(text)) => wanted == text,
        (Literal::Int(wanted), Tree::Number(number)) => number.parse::<f64>().is_ok_and(|x| x == *wanted as f64),
        (Literal::Bool(wanted), Tree::Bool(b)) => wanted == b,
        _ => false,
    }
}

fn literal_value(literal: &Literal, tree: &Tree) -> Option<Value> {
    let same = match (literal, tree) {
        _ if is_literal(literal, tree) => true,
        (Literal::Int(wanted), Tree::Bool(b)) => *wanted == i64::from(*b),
        (Literal::Bool(wanted), Tree::Number(number)) => number == if *wanted { "1" } else { "0" },
        _ => false,
    };
    same.then(|| literal.value())
}
