//! `stdlib/random.dsp`: generators as values. Each draw gives what it drew and the generator's next state.

use std::sync::Arc;

use super::args::{bad_value, int, list, misfit, opt_int, size};
use super::lists::draw;
use super::{pure, stores};
use crate::diag::Fault;
use crate::value::{Random, Value};
use crate::vm::{Memory, Native};

pub const NATIVES: &[Native] = &[
    pure("random", random),
    stores("random_sample", sample),
    stores("random_shuffle", shuffle),
    stores("random_choice", choice),
    pure("random_randint", randint),
    pure("random_random", next_float),
];

type Outcome = Result<Value, Fault>;

fn random(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(Value::Opaque(Arc::new(Random::new(opt_int(args, 0)?.unwrap_or(0)))))
}

/// Draws with a copy of the generator in the first argument.
pub(super) fn drawn(args: &[Value], draw: impl FnOnce(&mut Random) -> Outcome) -> Outcome {
    let generator = match args.first() {
        Some(Value::Opaque(opaque)) => opaque.as_any().downcast_ref::<Random>(),
        _ => None,
    };
    let Some(generator) = generator else {
        return Err(misfit("Random", args.first().unwrap_or(&Value::None)));
    };
    let mut rng = generator.clone();
    let value = draw(&mut rng)?;
    Ok(Value::record([("value", value), ("rng", Value::Opaque(Arc::new(rng)))]))
}

fn sample(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (items, k) = (list(args, 1)?, size(args, 2, "k")?);
    memory.charge((k.min(items.len()) * size_of::<Value>()) as u64)?;
    drawn(args, |rng| draw(rng, items, k))
}

fn shuffle(memory: &mut Memory, args: &[Value]) -> Outcome {
    let mut items = list(args, 1)?.to_vec();
    memory.charge((items.len() * size_of::<Value>()) as u64)?;
    drawn(args, |rng| {
        rng.shuffle(&mut items);
        Ok(Value::list(items))
    })
}

fn choice(_: &mut Memory, args: &[Value]) -> Outcome {
    let items = list(args, 1)?;
    drawn(args, |rng| {
        rng.choice(items)
            .cloned()
            .ok_or_else(|| bad_value("cannot choose from an empty list"))
    })
}

fn randint(_: &mut Memory, args: &[Value]) -> Outcome {
    let (low, high) = (int(args, 1)?, int(args, 2)?);
    if low > high {
        return Err(bad_value(format!("no integer lies between {low} and {high}")));
    }
    drawn(args, |rng| Ok(Value::Int(rng.randint(low, high))))
}

fn next_float(_: &mut Memory, args: &[Value]) -> Outcome {
    drawn(args, |rng| Ok(Value::Float(rng.random())))
}
