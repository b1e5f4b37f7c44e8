//! What a reply has for the outputs, as their values.

use crate::value::{EcoString, Field, Record, Signature, Value, coerce, coerce::Tree};

use super::{ParseFault, Parsed};

/// One reading of an output.
#[derive(Clone, Debug)]
pub enum Given {
    Text(String),
    /// Parsed data, in the ways that it can be understood.
    Data(Vec<Tree>),
    /// A value, with what was mended on the way to it.
    Value(Value, Vec<&'static str>),
}

/// The readings found for each output, in the signature's order: several where a reply has an output several times.
pub struct Found {
    given: Vec<Vec<Given>>,
    repairs: Vec<String>,
}

impl Found {
    pub fn new(signature: &Signature) -> Found {
        Found {
            given: vec![Vec::new(); signature.outputs.len()],
            repairs: Vec::new(),
        }
    }

    pub fn add(&mut self, output: usize, text: impl Into<String>) {
        self.give(output, Given::Text(text.into()));
    }

    pub fn give(&mut self, output: usize, given: Given) {
        self.given[output].push(given);
    }

    pub fn has(&self, output: usize) -> bool {
        !self.given[output].is_empty()
    }

    /// Whether there is anything.
    pub fn any(&self) -> bool {
        self.given.iter().any(|given| !given.is_empty())
    }

    /// Records a mend of the layout: `answer: header`, `reply: prose`.
    pub fn mend(&mut self, what: impl AsRef<str>, mend: &str) {
        let repair = format!("{}: {mend}", what.as_ref());
        if !self.repairs.contains(&repair) {
            self.repairs.push(repair);
        }
    }

    /// The outputs that are not there and may not be left out.
    pub fn missing<'a>(&self, signature: &'a Signature) -> Vec<&'a Field> {
        let outputs = signature.outputs.iter().enumerate();
        outputs
            .filter(|(i, field)| !self.has(*i) && !field.ty.allows_none())
            .map(|(_, field)| field)
            .collect()
    }

    /// The values, or what is wrong; `place` names the place of an output in a reply.
    pub fn read(
        mut self,
        signature: &Signature,
        strict: bool,
        place: impl Fn(&Field) -> String,
    ) -> Result<Parsed, ParseFault> {
        if let [first, rest @ ..] = self.missing(signature).as_slice() {
            let places: Vec<String> = rest.iter().map(|field| format!(" and no {}", place(field))).collect();
            let message = format!("the reply has no {}{}", place(first), places.concat());
            return Err(ParseFault::new(message).field(&first.name));
        }
        if let Some(repair) = self.repairs.first().filter(|_| strict) {
            return Err(ParseFault::new(format!(
                "the reply is not in the format that was asked for ({repair})"
            )));
        }
        let given = std::mem::take(&mut self.given);
        let mut values: Vec<(EcoString, Value)> = Vec::new();
        for (field, given) in signature.outputs.iter().zip(&given) {
            let value = match given.is_empty() {
                true => Value::None,
                false => self.value(field, given, strict)?,
            };
            values.push((field.name.clone(), value));
        }
        Ok(Parsed {
            values: Record::from_iter(values),
            repairs: self.repairs,
        })
    }

    /// The first reading counts; a later one only where that cannot be read.
    fn value(&mut self, field: &Field, given: &[Given], strict: bool) -> Result<Value, ParseFault> {
        let mut first_misfit = None;
        for (i, given) in given.iter().take(if strict { 1 } else { usize::MAX }).enumerate() {
            let read = match given {
                Given::Text(text) => coerce::read(&field.ty, text, strict),
                Given::Data(ways) => coerce::read_data(&field.ty, ways, strict),
                Given::Value(value, mends) => Ok(coerce::Coerced {
                    value: value.clone(),
                    mends: mends.clone(),
                }),
            };
            match read {
                Ok(read) => {
                    let repeated = (i > 0).then_some("repeated");
                    read.mends
                        .into_iter()
                        .chain(repeated)
                        .for_each(|mend| self.mend(&field.name, mend));
                    return Ok(read.value);
                }
                Err(misfit) => first_misfit = first_misfit.or(Some((misfit, given))),
            }
        }
        let (misfit, given) = match first_misfit {
            Some((misfit, given)) => (misfit.to_string(), Some(given)),
            None => (String::new(), None),
        };
        let mut fault = ParseFault::new(format!("`{}`: {misfit}", field.name)).field(&field.name);
        if let Some(Given::Text(text)) = given {
            fault.text = Some(text.as_str().into());
        }
        Err(fault)
    }
}

/// The outputs that a record names, each by itself: nothing in them can be layout.
pub fn of_record(signature: &Signature, outputs: &Record, strict: bool) -> Result<Parsed, ParseFault> {
    let mut found = Found::new(signature);
    for (i, field) in signature.outputs.iter().enumerate() {
        if let Some(value) = outputs.get(&field.name).filter(|value| !matches!(value, Value::Absent)) {
            found.add(i, super::fields::value_text(&field.ty, value));
        }
    }
    found.read(signature, strict, |field| format!("`{}`", field.name))
}
