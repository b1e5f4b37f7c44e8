//! Values that stand for what a model would say, where only the form matters: what a forecast goes on with.

use super::{EcoString, Literal, Random, RecordType, Type, Value};

/// Which of the values that a type allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bent {
    /// The first: `"low"` of `"low" | "high"`, `true`, `1`, a list of one.
    First,
    /// The last: `"high"`, `false`, `0`, an empty list.
    Last,
    /// Any of them.
    Drawn,
}

/// Chooses values of types.
#[derive(Debug)]
pub struct Chooser {
    bent: Bent,
    rng: Random,
}

impl Chooser {
    /// With this bent; the seed is for what is drawn.
    pub fn new(bent: Bent, seed: i64) -> Chooser {
        Chooser {
            bent,
            rng: Random::new(seed),
        }
    }

    /// A place among `len`.
    fn place(&mut self, len: usize) -> usize {
        match self.bent {
            Bent::First => 0,
            Bent::Last => len.saturating_sub(1),
            Bent::Drawn => self.rng.below(len.max(1)),
        }
    }

    fn number(&mut self) -> i64 {
        match self.bent {
            Bent::First => 1,
            Bent::Last => 0,
            Bent::Drawn => self.rng.randint(0, 5),
        }
    }

    /// A value of the type.
    pub fn value(&mut self, ty: &Type) -> Value {
        match ty {
            Type::Bool => Value::Bool(self.place(2) == 0),
            Type::Int => Value::Int(self.number()),
            Type::Float => Value::Float(self.number() as f64),
            // A number is a text that more can be done with than with any other.
            Type::Str | Type::Any => Value::str(self.number().to_string()),
            Type::Text(form) => form.canonical("2000-01-01").map_or_else(|| Value::str("1"), Value::Str),
            Type::Literal(literal) => literal.value(),
            Type::Union(members) => {
                let at = self.place(members.len());
                members.get(at).map_or(Value::None, |member| self.value(member))
            }
            Type::List(item) => {
                let len = self.number().min(3);
                Value::list((0..len).map(|_| self.value(item)))
            }
            Type::Dict(of) => {
                let len = self.number().min(1);
                Value::dict((0..len).map(|_| (EcoString::from("key"), self.value(of))))
            }
            Type::Record(record) => self.record(record),
            _ => Value::None,
        }
    }

    fn record(&mut self, record: &RecordType) -> Value {
        let fields = record.fields.iter();
        Value::record(fields.map(|field| (field.name.clone(), self.value(&field.ty))))
    }

    /// How a question comes out whose answer only a real run knows.
    pub fn coin(&mut self) -> bool {
        self.place(2) == 0
    }
}

/// How long the texts of a type are, roughly, in tokens: what a reply of it takes.
pub fn usual_tokens(ty: &Type) -> u64 {
    match ty {
        Type::Bool | Type::Int | Type::Float | Type::None => 2,
        Type::Literal(Literal::Str(text)) => 1 + text.len() as u64 / 4,
        Type::Literal(_) => 2,
        Type::Union(members) => members.iter().map(usual_tokens).max().unwrap_or(2),
        Type::List(item) => 3 * usual_tokens(item),
        Type::Record(record) => record.fields.iter().map(|field| 3 + usual_tokens(&field.ty)).sum(),
        _ => 40,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_their_types_whatever_the_bent() {
        let mood = Type::Union(
            ["low", "high"]
                .map(|text| Type::Literal(Literal::Str(text.into())))
                .into(),
        );
        let ty = Type::record([("mood", mood), ("names", Type::list(Type::Str)), ("n", Type::Int)]);
        let shown = |bent| super::super::show(&Chooser::new(bent, 1).value(&ty));
        assert_eq!(shown(Bent::First), "{mood: \"low\", names: [\"1\"], n: 1}");
        assert_eq!(shown(Bent::Last), "{mood: \"high\", names: [], n: 0}");
        assert_eq!(shown(Bent::Drawn), shown(Bent::Drawn));
    }
}
