//! `stdlib/text.dsp`. Lengths and places count code points.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;

use super::args::{bad_value, given, list, misfit, opt_text, size, text};
use super::pure;
use crate::diag::Fault;
use crate::value::{EcoString, Value, is_python_space, python_lines, python_strip};
use crate::vm::{Memory, Native};

pub const NATIVES: &[Native] = &[
    pure("len", len),
    pure("lower", lower),
    pure("upper", upper),
    pure("strip", strip),
    pure("split", split),
    pure("lines", lines),
    pure("words", words),
    pure("join", join),
    pure("replace", replace),
    pure("starts_with", starts_with),
    pure("ends_with", ends_with),
    pure("contains", contains),
    pure("find", find),
    pure("repeat", repeat),
    pure("pad_left", pad_left),
    pure("pad_right", pad_right),
    pure("truncate", truncate),
    pure("matches", matches_pattern),
    pure("captures", captures),
];

type Outcome = Result<Value, Fault>;

fn count(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// A list of texts, its memory charged first. The parts are walked over twice, which costs less than to keep them.
fn pieces<'a>(memory: &mut Memory, parts: impl Iterator<Item = &'a str> + Clone) -> Outcome {
    let (mut count, mut bytes) = (0, 0);
    parts.clone().for_each(|part| {
        count += 1;
        bytes += part.len();
    });
    list_of(memory, count, bytes, parts)
}

/// A list of so many texts with so many bytes together.
fn list_of<'a>(memory: &mut Memory, count: usize, bytes: usize, parts: impl Iterator<Item = &'a str>) -> Outcome {
    memory.charge((bytes + count * size_of::<Value>()) as u64)?;
    let mut list = Vec::with_capacity(count);
    list.resize_with(count, || const { Value::Str(EcoString::new()) });
    // Each text is written where it stands: one that is moved right after it was written costs a wait.
    for (place, part) in list.iter_mut().zip(parts) {
        if let Value::Str(text) = place {
            text.push_str(part);
        }
    }
    Ok(Value::List(list.into()))
}

/// `s.split(byte)`, without the standard library's detours, which tell in short texts.
fn split_at_byte(s: &str, byte: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(s);
    std::iter::from_fn(move || {
        let whole = rest?;
        let Some(at) = whole.bytes().position(|b| b == byte) else {
            return rest.take();
        };
        rest = Some(&whole[at + 1..]);
        Some(&whole[..at])
    })
}

fn made(memory: &mut Memory, text: impl Into<EcoString>) -> Outcome {
    let text = text.into();
    memory.charge(text.len() as u64)?;
    Ok(Value::Str(text))
}

fn len(_: &mut Memory, args: &[Value]) -> Outcome {
    match args.first() {
        Some(Value::Str(s)) if s.is_ascii() => Ok(count(s.len())),
        Some(Value::Str(s)) => Ok(count(s.chars().count())),
        Some(Value::List(items)) => Ok(count(items.len())),
        Some(Value::Dict(dict)) => Ok(count(dict.len())),
        Some(Value::Record(record)) => Ok(count(record.len())),
        other => Err(misfit("str, list or dict", other.unwrap_or(&Value::None))),
    }
}

fn lower(memory: &mut Memory, args: &[Value]) -> Outcome {
    made(memory, text(args, 0)?.to_lowercase())
}

fn upper(memory: &mut Memory, args: &[Value]) -> Outcome {
    made(memory, text(args, 0)?.to_uppercase())
}

fn strip(memory: &mut Memory, args: &[Value]) -> Outcome {
    let s = text(args, 0)?;
    match opt_text(args, 1)? {
        Some(chars) => made(memory, s.trim_matches(|c| chars.contains(c))),
        None => made(memory, python_strip(s)),
    }
}

fn split(memory: &mut Memory, args: &[Value]) -> Outcome {
    let s = text(args, 0)?;
    match opt_text(args, 1)? {
        Some(sep) if sep.is_empty() => Err(bad_value("`sep` must not be empty")
            .help("`split(s)` splits at white space, `for c in s` walks over the characters")),
        Some(sep) => match sep.as_bytes() {
            [byte] => {
                let count = s.bytes().filter(|b| b == byte).count() + 1;
                list_of(memory, count, s.len(), split_at_byte(s, *byte))
            }
            _ => pieces(memory, s.split(sep.as_str())),
        },
        None => pieces(memory, between_spaces(s)),
    }
}

/// White space is what Python takes for it, as everywhere where texts are compared.
fn between_spaces(s: &str) -> impl Iterator<Item = &str> + Clone {
    s.split(is_python_space).filter(|part| !part.is_empty())
}

fn lines(memory: &mut Memory, args: &[Value]) -> Outcome {
    pieces(memory, python_lines(text(args, 0)?).into_iter())
}

fn words(memory: &mut Memory, args: &[Value]) -> Outcome {
    pieces(memory, between_spaces(text(args, 0)?))
}

fn join(memory: &mut Memory, args: &[Value]) -> Outcome {
    let parts = list(args, 0)?;
    let sep = opt_text(args, 1)?.map_or("", |s| s.as_str());
    let mut bytes = sep.len().saturating_mul(parts.len().saturating_sub(1));
    for part in parts {
        bytes = bytes.saturating_add(part.as_str().ok_or_else(|| misfit("str", part))?.len());
    }
    memory.charge(bytes as u64)?;
    let mut out = String::with_capacity(bytes);
    for (i, part) in parts.iter().filter_map(Value::as_str).enumerate() {
        if i > 0 {
            out.push_str(sep);
        }
        out.push_str(part);
    }
    Ok(Value::str(out))
}

fn replace(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (s, old, new) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let places = s.matches(old.as_str()).count();
    memory.charge((s.len() + places.saturating_mul(new.len())) as u64)?;
    Ok(Value::Str(EcoString::from(s.as_str().replace(old.as_str(), new))))
}

fn starts_with(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(Value::Bool(text(args, 0)?.starts_with(text(args, 1)?.as_str())))
}

fn ends_with(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(Value::Bool(text(args, 0)?.ends_with(text(args, 1)?.as_str())))
}

fn contains(_: &mut Memory, args: &[Value]) -> Outcome {
    match given(args, 0) {
        Some(Value::List(_)) => Ok(Value::Bool(
            list(args, 0)?.contains(args.get(1).unwrap_or(&Value::None)),
        )),
        _ => Ok(Value::Bool(text(args, 0)?.contains(text(args, 1)?.as_str()))),
    }
}

fn find(_: &mut Memory, args: &[Value]) -> Outcome {
    let (s, wanted) = (text(args, 0)?, text(args, 1)?);
    let place = s.find(wanted.as_str()).map(|byte| s[..byte].chars().count());
    Ok(place.map_or(Value::None, count))
}

fn repeat(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (s, n) = (text(args, 0)?, size(args, 1, "n")?);
    memory.charge((s.len() as u64).saturating_mul(n as u64))?;
    Ok(Value::Str(EcoString::from(s.as_str().repeat(n))))
}

/// The padding that brings a text to a width.
fn padding(memory: &mut Memory, args: &[Value]) -> Result<String, Fault> {
    let fill = opt_text(args, 2)?.map_or(" ", |s| s.as_str());
    if fill.chars().count() != 1 {
        return Err(bad_value("`fill` must be one character"));
    }
    let missing = size(args, 1, "n")?.saturating_sub(text(args, 0)?.chars().count());
    memory.charge((missing as u64).saturating_mul(fill.len() as u64))?;
    Ok(fill.repeat(missing))
}

fn pad_left(memory: &mut Memory, args: &[Value]) -> Outcome {
    let padding = padding(memory, args)?;
    made(memory, padding + text(args, 0)?)
}

fn pad_right(memory: &mut Memory, args: &[Value]) -> Outcome {
    let padding = padding(memory, args)?;
    made(memory, text(args, 0)?.to_string() + &padding)
}

fn truncate(memory: &mut Memory, args: &[Value]) -> Outcome {
    let (s, n) = (text(args, 0)?, size(args, 1, "n")?);
    if s.chars().count() <= n {
        return Ok(Value::Str(s.clone()));
    }
    let Some(kept) = n.checked_sub(1) else {
        return Ok(Value::str(""));
    };
    let mut cut: String = s.chars().take(kept).collect();
    cut.push('…');
    made(memory, cut)
}

/// Runs a regular expression; the last few stay compiled.
fn with_regex<T>(pattern: &str, run: impl FnOnce(&Regex) -> T) -> Result<T, Fault> {
    const KEPT: usize = 64;
    thread_local! {
        static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::new(HashMap::new());
    }
    let known = COMPILED.with_borrow(|compiled| compiled.get(pattern).cloned());
    let regex = match known {
        Some(regex) => regex,
        None => {
            let regex = Regex::new(pattern).map_err(|e| broken_pattern(pattern, &e))?;
            COMPILED.with_borrow_mut(|compiled| {
                if compiled.len() >= KEPT {
                    compiled.clear();
                }
                compiled.insert(pattern.to_owned(), regex.clone());
            });
            regex
        }
    };
    Ok(run(&regex))
}

fn broken_pattern(pattern: &str, error: &regex::Error) -> Fault {
    let reason = match error {
        regex::Error::CompiledTooBig(_) => "it is too big".to_owned(),
        other => other
            .to_string()
            .lines()
            .last()
            .unwrap_or("")
            .trim_start_matches("error: ")
            .to_owned(),
    };
    bad_value(format!("`{pattern}` is no regular expression: {reason}"))
        .help("write patterns as raw strings, r\"\\d+\"; look-around and back-references are not supported")
}

fn matches_pattern(_: &mut Memory, args: &[Value]) -> Outcome {
    let s = text(args, 0)?;
    with_regex(text(args, 1)?, |regex| Value::Bool(regex.is_match(s)))
}

fn captures(memory: &mut Memory, args: &[Value]) -> Outcome {
    let s = text(args, 0)?;
    with_regex(text(args, 1)?, |regex| match regex.captures(s) {
        None => Ok(Value::None),
        Some(found) => {
            let groups: Vec<&str> = found
                .iter()
                .skip(1)
                .map(|group| group.map_or("", |g| g.as_str()))
                .collect();
            pieces(memory, groups.into_iter())
        }
    })?
}
