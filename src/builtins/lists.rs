//! `stdlib/lists.dsp`: what does not call a function. The rest is written in dsp there.

use std::collections::HashMap;
use std::sync::Arc;

use super::args::{bad_value, flag, int, list, misfit, number, opt_int, size, texts};
use super::numbers::compare;
use super::{pure, stores};
use crate::diag::Fault;
use crate::value::{EcoString, List, Random, Record, Value, fingerprint};
use crate::vm::{Memory, Native};

pub const NATIVES: &[Native] = &[
    pure("unique", unique),
    stores("reverse", reverse),
    stores("enumerate", enumerate),
    stores("zip", zip),
    stores("first", first),
    stores("last", last),
    stores("take", take),
    stores("drop", drop_first),
    pure("flatten", flatten),
    pure("range", range),
    pure("index_of", index_of),
    stores("chunk", chunk),
    stores("shuffle", shuffle),
    stores("sample", sample),
    stores("split_at", split_at),
    pure("_sort_by_keys", sort_by_keys),
    pure("_group", group),
];

type Outcome = Result<Value, Fault>;

/// What a list of `n` elements of its own takes.
fn charge(memory: &mut Memory, n: usize) -> Result<(), Fault> {
    memory.charge((n as u64).saturating_mul(size_of::<Value>() as u64))
}

fn count(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Records with the same two fields, sharing their names.
fn pairs(names: [&str; 2], values: impl Iterator<Item = (Value, Value)>) -> Value {
    let names: Arc<[EcoString]> = names.map(EcoString::from).into();
    Value::list(values.map(|(a, b)| Value::Record(Arc::new(Record::new(names.clone(), vec![a, b])))))
}

fn unique(memory: &mut Memory, args: &[Value]) -> Outcome {
    let items = list(args, 0)?;
    charge(memory, items.len())?;
    let mut seen: HashMap<u64, Vec<&Value>> = HashMap::new();
    let fresh = items.iter().filter(|item| {
        let same_print = seen.entry(fingerprint(item)).or_default();
        let new = !same_print.contains(item);
        if new {
            same_print.push(item);
        }
        new
    });
    Ok(Value::list(fresh.cloned()))
}

fn reverse(memory: &mut Memory, args: &[Value]) -> Outcome {
    let items = list(args, 0)?;
    charge(memory, items.len())?;
    Ok(Value::list(items.iter().rev().cloned()))
}

fn enumerate(memory: &mut Memory, args: &[Value]) -> Outcome {
    let items = list(args, 0)?;
    charge(memory, items.len() * 4)?;
    Ok(pairs(
        ["index", "value"],
        items.iter().enumerate().map(|(i, item)| (count(i), item.clone())),
    ))
}

fn zip(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (xs, ys) = (list(args, 0)?, list(args, 1)?);
    charge(memory, xs.len().min(ys.len()) * 4)?;
    Ok(pairs(["first", "second"], xs.iter().cloned().zip(ys.iter().cloned())))
}

fn first(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(list(args, 0)?.first().cloned().unwrap_or_default())
}

fn last(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(list(args, 0)?.last().cloned().unwrap_or_default())
}

fn take(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (items, n) = (list(args, 0)?, size(args, 1, "n")?);
    charge(memory, n.min(items.len()))?;
    Ok(Value::list(items.iter().take(n).cloned()))
}

fn drop_first(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (items, n) = (list(args, 0)?, size(args, 1, "n")?);
    charge(memory, items.len().saturating_sub(n))?;
    Ok(Value::list(items.iter().skip(n).cloned()))
}

fn flatten(memory: &mut Memory, args: &[Value]) -> Outcome {
    let mut flat = List::default();
    for inner in list(args, 0)? {
        let Value::List(items) = inner else {
            return Err(misfit("list", inner));
        };
        charge(memory, items.len())?;
        flat.extend(items.iter().cloned());
    }
    Ok(Value::List(flat))
}

fn range(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (start, stop) = match opt_int(args, 1)? {
        Some(stop) => (int(args, 0)?, stop),
        None => (0, int(args, 0)?),
    };
    let step = opt_int(args, 2)?.unwrap_or(1);
    let width = match step {
        0 => return Err(bad_value("`step` must not be 0")),
        1.. => i128::from(stop) - i128::from(start),
        _ => i128::from(start) - i128::from(stop),
    };
    let stride = i128::from(step).abs();
    let n = usize::try_from((width.max(0) + stride - 1) / stride).unwrap_or(usize::MAX);
    charge(memory, n)?;
    let numbers = (0..n as i64).map(|i| Value::Int(start + i * step));
    Ok(Value::list(numbers))
}

fn index_of(_: &mut Memory, args: &[Value]) -> Outcome {
    let wanted = args.get(1).unwrap_or(&Value::None);
    let place = list(args, 0)?.iter().position(|item| item == wanted);
    Ok(place.map_or(Value::None, count))
}

fn chunk(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (items, n) = (list(args, 0)?, int(args, 1)?);
    let n = usize::try_from(n)
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| bad_value("`n` must be at least 1"))?;
    charge(memory, items.len() * 2)?;
    Ok(Value::list(
        items.chunks(n).map(|part| Value::list(part.iter().cloned())),
    ))
}

fn shuffle(memory: &mut Memory, args: &[Value]) -> Outcome {
    let mut items = list(args, 0)?.to_vec();
    charge(memory, items.len())?;
    Random::new(opt_int(args, 1)?.unwrap_or(0)).shuffle(&mut items);
    Ok(Value::list(items))
}

/// `k` elements in the order in which CPython draws them; more than there are is an error, as there.
pub fn draw(rng: &mut Random, items: &List, k: usize) -> Outcome {
    if k > items.len() {
        return Err(bad_value(format!("cannot draw {k} elements from {}", items.len()))
            .help("a sample has no element twice; take `min(n, len(xs))`"));
    }
    Ok(Value::list(
        rng.sample(items.len(), k).into_iter().map(|i| items[i].clone()),
    ))
}

fn sample(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (items, n) = (list(args, 0)?, size(args, 1, "n")?);
    charge(memory, n.min(items.len()))?;
    draw(&mut Random::new(opt_int(args, 2)?.unwrap_or(0)), items, n)
}

fn split_at(memory: &mut Memory, args: &[Value]) -> Outcome {
    let mut items = list(args, 0)?.to_vec();
    let fraction = number(args.get(1).unwrap_or(&Value::None))?;
    if !(0.0..=1.0).contains(&fraction) {
        return Err(bad_value(format!(
            "`fraction` must lie between 0 and 1, it is {fraction}"
        )));
    }
    charge(memory, items.len())?;
    if let Some(seed) = opt_int(args, 2)? {
        Random::new(seed).shuffle(&mut items);
    }
    let test = items.split_off((items.len() as f64 * fraction) as usize);
    Ok(Value::record([
        ("train", Value::list(items)),
        ("test", Value::list(test)),
    ]))
}

/// `xs` in the order of `keys`; stable, also when `desc`.
fn sort_by_keys(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (items, keys) = (list(args, 0)?, list(args, 1)?);
    let desc = flag(args, 2)?;
    charge(memory, items.len())?;
    let mut order: Vec<usize> = (0..items.len().min(keys.len())).collect();
    let mut trouble = None;
    order.sort_by(|a, b| {
        let (a, b) = if desc { (b, a) } else { (a, b) };
        compare(&keys[*a], &keys[*b]).unwrap_or_else(|fault| {
            trouble.get_or_insert(fault);
            std::cmp::Ordering::Equal
        })
    });
    match trouble {
        Some(fault) => Err(fault),
        None => Ok(Value::list(order.into_iter().map(|i| items[i].clone()))),
    }
}

/// The elements of `xs` by their `keys`, keys in the order of their first element.
fn group(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (items, keys) = (list(args, 0)?, texts(args, 1)?);
    charge(memory, items.len())?;
    let mut groups = crate::value::Dict::default();
    for (item, key) in items.iter().zip(keys) {
        if let Value::List(members) = groups.entry(key.clone()).or_insert_with(|| Value::list([])) {
            members.push(item.clone());
        }
    }
    Ok(Value::Dict(Arc::new(groups)))
}
