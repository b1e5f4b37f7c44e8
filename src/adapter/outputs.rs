//! What a reply has for the outputs, as their values.

use std::borrow::Cow;

use crate::value::{Field, Record, Signature, Value, coerce, coerce::Tree};

use super::{ParseFault, Parsed};

/// One reading of an output.
#[derive(Clone, Debug)]
pub enum Given<'a> {
    Text(Cow<'a, str>),
    /// Parsed data, in the ways that it can be understood.
    Data(Vec<Tree>),
    /// The same, from among tags.
    Marked(Vec<Tree>),
    /// A value, with what was mended on the way to it.
    Value(Value, Vec<&'static str>),
}

/// The readings found for each output, in the signature's order: several where a reply has an output several times.
pub struct Found<'a> {
    given: Vec<Option<Given<'a>>>,
    /// Those behind the first.
    again: Vec<(usize, Given<'a>)>,
    repairs: Vec<String>,
    /// The reply is what outputs can be in, even if none is.
    pub empty: bool,
}

impl<'a> Found<'a> {
    pub fn new(signature: &Signature) -> Self {
        Found {
            given: vec![None; signature.outputs.len()],
            again: Vec::new(),
            repairs: Vec::new(),
            empty: false,
        }
    }

    pub fn add(&mut self, output: usize, text: impl Into<Cow<'a, str>>) {
        self.give(output, Given::Text(text.into()));
    }

    pub fn give(&mut self, output: usize, given: Given<'a>) {
        match &mut self.given[output] {
            Some(_) => self.again.push((output, given)),
            first => *first = Some(given),
        }
    }

    pub fn has(&self, output: usize) -> bool {
        self.given[output].is_some()
    }

    /// Whether there is anything.
    pub fn any(&self) -> bool {
        self.given.iter().any(Option::is_some)
    }

    /// Whether something has to be looked for elsewhere.
    pub fn lacks(&self, signature: &Signature) -> bool {
        !(self.any() || self.empty) || !self.missing(signature).is_empty()
    }

    /// Records a mend of the layout: `answer: header`, `reply: prose`.
    pub fn mend(&mut self, what: impl AsRef<str>, mend: &str) {
        let repair = format!("{}: {mend}", what.as_ref());
        if !self.repairs.contains(&repair) {
            self.repairs.push(repair);
        }
    }

    /// The outputs that are not there and may not be left out.
    pub fn missing<'s>(&self, signature: &'s Signature) -> Vec<&'s Field> {
        let outputs = signature.outputs.iter().enumerate();
        outputs
            .filter(|(i, field)| !self.has(*i) && !field.ty.allows_none())
            .map(|(_, field)| field)
            .collect()
    }

    /// Itself, if every output is there and nothing was left out of any.
    pub fn whole(self, signature: &Signature) -> Option<Self> {
        let whole = !self.lacks(signature) && !self.repairs.iter().any(|repair| repair.ends_with(": item"));
        whole.then_some(self)
    }

    fn absent(&self, signature: &Signature, place: impl Fn(&Field) -> String) -> Option<ParseFault> {
        if self.given.iter().all(Option::is_some) {
            return None;
        }
        let missing = self.missing(signature);
        let (first, rest) = missing.split_first()?;
        let places: Vec<String> = rest.iter().map(|field| format!(" and no {}", place(field))).collect();
        let message = format!("the reply has no {}{}", place(first), places.concat());
        Some(ParseFault::new(message).field(&first.name))
    }

    /// The values, or what is wrong; `place` names the place of an output in a reply.
    pub fn read(
        mut self,
        signature: &Signature,
        strict: bool,
        place: impl Fn(&Field) -> String,
    ) -> Result<Parsed, ParseFault> {
        let absent = self.absent(signature, place);
        if absent.is_none()
            && let Some(repair) = self.repairs.first().filter(|_| strict)
        {
            return Err(ParseFault::new(format!(
                "the reply is not in the format that was asked for ({repair})"
            )));
        }
        let given = std::mem::take(&mut self.given);
        let mut again = std::mem::take(&mut self.again);
        // The first of each output come first, too.
        again.sort_by_key(|(output, _)| *output);
        let mut again = again.as_slice();
        let mut values = Vec::with_capacity(given.len());
        let mut faults = Vec::new();
        for (i, (field, first)) in signature.outputs.iter().zip(given).enumerate() {
            let own = again.partition_point(|(output, _)| *output <= i);
            let (repeated, rest) = again.split_at(own);
            again = rest;
            values.push(match first {
                None => Value::None,
                Some(first) => self.value(field, &first, repeated, strict).unwrap_or_else(|fault| {
                    faults.push(fault);
                    Value::None
                }),
            });
        }
        // What is there shows where the trouble is, so that what is not there is said after it.
        faults.extend(absent);
        if let Some(fault) = ParseFault::of_all(faults) {
            return Err(fault);
        }
        let names = signature.outputs.iter().map(|field| field.name.clone());
        Ok(Parsed {
            values: Record::new(names.collect(), values),
            repairs: self.repairs,
        })
    }

    /// The first reading counts; a later one only where that cannot be read.
    fn value(
        &mut self,
        field: &Field,
        first: &Given<'_>,
        again: &[(usize, Given<'_>)],
        strict: bool,
    ) -> Result<Value, ParseFault> {
        let misfit = match read(field, first, strict) {
            Ok(read) => return Ok(self.mended(field, read)),
            Err(misfit) => misfit,
        };
        let mut others = again.iter().filter(|_| !strict);
        if let Some(read) = others.find_map(|(_, given)| read(field, given, strict).ok()) {
            let value = self.mended(field, read);
            self.mend(&field.name, "repeated");
            return Ok(value);
        }
        let mut fault = ParseFault::new(format!("`{}`: {misfit}", field.name)).field(&field.name);
        fault.within = misfit.within().cloned().collect();
        fault.found = misfit.found().cloned();
        fault.text = match first {
            Given::Text(text) => Some(text.as_ref().into()),
            Given::Data(ways) | Given::Marked(ways) => ways.first().map(Tree::source),
            Given::Value(..) => None,
        };
        Err(fault)
    }

    fn mended(&mut self, field: &Field, read: coerce::Coerced) -> Value {
        read.mends.iter().for_each(|mend| self.mend(&field.name, mend));
        read.value
    }
}

fn read(field: &Field, given: &Given<'_>, strict: bool) -> Result<coerce::Coerced, coerce::Misfit> {
    match given {
        Given::Text(text) => coerce::read(&field.ty, text, strict),
        Given::Data(ways) => coerce::read_data(&field.ty, ways, false, strict),
        Given::Marked(ways) => coerce::read_data(&field.ty, ways, true, strict),
        Given::Value(value, mends) => Ok(coerce::Coerced {
            value: value.clone(),
            mends: mends.clone(),
        }),
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
