//! The texts that a reply has for the outputs, as their values.

use crate::value::{EcoString, Field, Record, Signature, Value, coerce};

use super::{ParseFault, Parsed};

/// The texts found for each output, in the signature's order: several where a reply has an output several times.
pub struct Found {
    texts: Vec<Vec<String>>,
    repairs: Vec<String>,
}

impl Found {
    pub fn new(signature: &Signature) -> Found {
        Found {
            texts: vec![Vec::new(); signature.outputs.len()],
            repairs: Vec::new(),
        }
    }

    pub fn add(&mut self, output: usize, text: impl Into<String>) {
        self.texts[output].push(text.into());
    }

    pub fn has(&self, output: usize) -> bool {
        !self.texts[output].is_empty()
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
        let texts = std::mem::take(&mut self.texts);
        let mut values: Vec<(EcoString, Value)> = Vec::new();
        for (field, texts) in signature.outputs.iter().zip(&texts) {
            let value = match texts.is_empty() {
                true => Value::None,
                false => self.value(field, texts, strict)?,
            };
            values.push((field.name.clone(), value));
        }
        Ok(Parsed {
            values: Record::from_iter(values),
            repairs: self.repairs,
        })
    }

    /// The first text counts; a later one only where that cannot be read.
    fn value(&mut self, field: &Field, texts: &[String], strict: bool) -> Result<Value, ParseFault> {
        let mut first_misfit = None;
        for (i, text) in texts.iter().take(if strict { 1 } else { usize::MAX }).enumerate() {
            match coerce::read(&field.ty, text, strict) {
                Ok(read) => {
                    let repeated = (i > 0).then_some("repeated");
                    read.mends
                        .into_iter()
                        .chain(repeated)
                        .for_each(|mend| self.mend(&field.name, mend));
                    return Ok(read.value);
                }
                Err(misfit) => first_misfit = first_misfit.or(Some(misfit)),
            }
        }
        let misfit = first_misfit.map(|misfit| misfit.to_string()).unwrap_or_default();
        Err(ParseFault::new(format!("`{}`: {misfit}", field.name)).field(&field.name))
    }
}
