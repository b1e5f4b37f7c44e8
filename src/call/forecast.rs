//! What a program would ask, without asking. A forecast rides in the settings of a call, as a budget does; calls made under
//! it are counted and answered by values that stand for answers. What depends on answers comes out one way or another in
//! each of several forecasts of one program, and the bounds of all of them are the bounds of the program.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::value::{Bent, Chooser, Opaque, Settings, Type, Value};

/// The setting that carries it.
pub const FORECAST: &str = "_forecast";

/// How many forecasts a program needs: answers at one end or the other, questions about them decided one way or the
/// other; then all at random.
pub const WAYS: u32 = 8;
/// How many of them are at one end or another.
const CHOSEN: u32 = 4;

/// What calls come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    pub calls: f64,
    pub prompt_tokens: f64,
    pub completion_tokens: f64,
    /// In US dollars, where prices are known.
    pub dollars: f64,
}

impl Cost {
    fn each(self, other: Cost, f: impl Fn(f64, f64) -> f64) -> Cost {
        Cost {
            calls: f(self.calls, other.calls),
            prompt_tokens: f(self.prompt_tokens, other.prompt_tokens),
            completion_tokens: f(self.completion_tokens, other.completion_tokens),
            dollars: f(self.dollars, other.dollars),
        }
    }

    pub fn plus(self, other: Cost) -> Cost {
        self.each(other, |a, b| a + b)
    }

    pub fn times(self, n: f64) -> Cost {
        self.each(self, |a, _| a * n)
    }
}

/// The least, what is to be expected, and the most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bill {
    pub least: Cost,
    pub expected: Cost,
    pub most: Cost,
}

impl Bill {
    pub fn plus(self, other: Bill) -> Bill {
        Bill {
            least: self.least.plus(other.least),
            expected: self.expected.plus(other.expected),
            most: self.most.plus(other.most),
        }
    }

    /// What is one of these.
    pub fn either(bills: &[Bill]) -> Bill {
        let Some((first, rest)) = bills.split_first() else {
            return Bill::default();
        };
        let ends = rest.iter().fold(*first, |all, bill| Bill {
            least: all.least.each(bill.least, f64::min),
            expected: all.expected.plus(bill.expected),
            most: all.most.each(bill.most, f64::max),
        });
        Bill {
            expected: ends.expected.times(1.0 / bills.len() as f64),
            ..ends
        }
    }

    /// What the forecasts of a program come to, each with its way. The ends are those of all; what is to be expected is what
    /// the ways that were drawn say, since the others were chosen for their ends.
    pub fn of_ways(ways: &[(u32, Bill)]) -> Bill {
        let bills: Vec<Bill> = ways.iter().map(|(_, bill)| *bill).collect();
        let drawn = ways.iter().filter(|(way, _)| *way >= CHOSEN).map(|(_, bill)| *bill);
        let drawn: Vec<Bill> = drawn.collect();
        let all = Bill::either(&bills);
        match drawn.is_empty() {
            true => all,
            false => Bill {
                expected: Bill::either(&drawn).expected,
                ..all
            },
        }
    }
}

#[derive(Debug)]
pub struct Forecast {
    way: u32,
    standing: Mutex<Standing>,
}

#[derive(Debug)]
struct Standing {
    bill: Bill,
    values: Chooser,
    coins: Chooser,
}

impl Opaque for Forecast {
    fn type_name(&self) -> &'static str {
        "Forecast"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Forecast {
    /// The forecast of one way that answers may come out.
    pub fn new(way: u32) -> Forecast {
        let bent = |bit: u32| match way {
            0..CHOSEN if way & bit == 0 => Bent::First,
            0..CHOSEN => Bent::Last,
            _ => Bent::Drawn,
        };
        Forecast {
            way,
            standing: Mutex::new(Standing {
                bill: Bill::default(),
                values: Chooser::new(bent(1), i64::from(way)),
                coins: Chooser::new(bent(2), i64::from(way)),
            }),
        }
    }

    /// A fresh one of the same way.
    pub fn again(&self) -> Forecast {
        Forecast::new(self.way)
    }

    /// That of a call, if it is only forecast.
    pub fn of(settings: &Settings) -> Option<Arc<dyn Opaque>> {
        match settings.get(FORECAST) {
            Some(Value::Opaque(opaque)) => Some(opaque.clone()),
            _ => None,
        }
    }

    /// Whether calls under these settings are only forecast.
    pub fn covers(settings: &Settings) -> bool {
        settings.get(FORECAST).is_some_and(|value| !value.is_none())
    }

    /// The same, to be asked.
    pub fn within<T>(settings: &Settings, ask: impl FnOnce(&Forecast) -> T) -> Option<T> {
        let opaque = Forecast::of(settings)?;
        opaque.as_any().downcast_ref().map(ask)
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add(&self, bill: Bill) {
        let mut standing = self.standing();
        standing.bill = standing.bill.plus(bill);
    }

    pub fn bill(&self) -> Bill {
        self.standing().bill
    }

    /// What stands for an answer.
    pub fn value(&self, ty: &Type) -> Value {
        self.standing().values.value(ty)
    }

    /// Whether only one of several answers can be read, which is unlikely and so never drawn.
    pub fn is_sparse(&self) -> bool {
        self.way < CHOSEN && !self.coin()
    }

    /// How a question that only a real run answers comes out.
    pub fn coin(&self) -> bool {
        self.standing().coins.coin()
    }
}
