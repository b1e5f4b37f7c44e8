//! The texts that values are written as: for `print` (`show`), as source, and as Python prints them in prompts. JSON is
//! in `json`.

use std::fmt::{self, Write};
use std::sync::LazyLock;

use regex::Regex;

use super::walk::{self, Style};
use super::{Program, Promise, Value};

/// As `print` writes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show(self))
    }
}

/// What `print` writes: a string as it is, all else as source.
pub fn show(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        Value::Promise(promise) => resolved(promise).map_or_else(|| PENDING.to_owned(), show),
        other => {
            let mut out = String::new();
            walk::write(&mut out, other, &Source);
            out
        }
    }
}

/// How many bytes the text of a value takes, at least.
pub fn text_size(value: &Value) -> u64 {
    walk::text_size(value)
}

/// What stands for an answer that nobody has looked at yet; only a debugger can see it.
const PENDING: &str = "<promise>";

/// The value of a promise whose answer is there.
pub(super) fn resolved(promise: &Promise) -> Option<&Value> {
    promise.0.outcome.get().and_then(|outcome| outcome.as_ref().ok())
}

/// A string as a dsp literal, in double quotes.
pub fn source_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_quoted(&mut out, text);
    out
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:X}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// As dsp source.
struct Source;

impl Style for Source {
    fn leaf(&self, out: &mut String, value: &Value) {
        match value {
            Value::None => out.push_str("none"),
            Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Value::Int(i) => {
                let _ = write!(out, "{i}");
            }
            Value::Float(x) => out.push_str(&float_text(*x)),
            Value::Str(text) => write_quoted(out, text),
            Value::Function(function) if function.name.is_empty() => out.push_str("<fn>"),
            Value::Function(function) => named(out, &["fn ", &function.name]),
            Value::Signature(signature) => named(out, &["signature ", &signature.name]),
            Value::Program(program) => named(out, &[program_name(program)]),
            Value::Lm(lm) => named(out, &["LM ", &lm.name]),
            Value::Opaque(opaque) => out.push_str(&opaque.show()),
            Value::Promise(_) => out.push_str(PENDING),
            Value::Absent => out.push_str("<absent>"),
            Value::List(_) | Value::Dict(_) | Value::Record(_) => {}
        }
    }

    fn key(&self, out: &mut String, key: &str, of: &Value) {
        match matches!(of, Value::Record(_)) && is_name(key) {
            true => out.push_str(key),
            false => write_quoted(out, key),
        }
        out.push_str(": ");
    }

    fn before(&self, out: &mut String, first: bool, _: usize) {
        out.push_str(if first { "" } else { ", " });
    }
}

fn named(out: &mut String, parts: &[&str]) {
    out.push('<');
    parts.iter().for_each(|part| out.push_str(part));
    out.push('>');
}

fn program_name(program: &Program) -> &str {
    match program {
        Program::Predictor(_) => "Predict",
        Program::Instance(instance) => &instance.name,
    }
}

/// Whether a text can stand as a field name without quotes.
fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A float as Python's `repr` writes it: `2.0`, `0.1`, `1e+20`, `1e-05`, `inf`, `nan`.
pub fn float_text(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = shortest(x);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return plain(mantissa, exponent);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// The fewest digits that say the number; of two such texts that are as near to it the even one, as in Python.
fn shortest(x: f64) -> String {
    let text = format!("{x:e}");
    let digits = text
        .bytes()
        .take_while(|b| *b != b'e')
        .filter(u8::is_ascii_digit)
        .count();
    // With fewer digits no two texts are as near.
    if digits < 15 {
        return text;
    }
    let even = format!("{x:.*e}", digits - 1);
    match even.parse::<f64>() {
        Ok(same) if x == same => even,
        _ => text,
    }
}

/// Digits with the point where the exponent says: `1.25` and 1 are `12.5`.
fn plain(mantissa: &str, exponent: i32) -> String {
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    let Ok(whole) = usize::try_from(exponent + 1) else {
        return format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1));
    };
    match digits.split_at_checked(whole) {
        None => format!("{sign}{digits:0<whole$}.0"),
        Some((_, "")) => format!("{sign}{digits}.0"),
        Some(("", rest)) => format!("{sign}0.{rest}"),
        Some((front, rest)) => format!("{sign}{front}.{rest}"),
    }
}

/// What Python's `str(x)` writes: `True`, `None`, `1e+20`, `['a']`.
pub fn python_str(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        Value::Promise(promise) => resolved(promise).map_or_else(|| PENDING.to_owned(), python_str),
        other => {
            let mut out = String::new();
            walk::write(&mut out, other, &Repr);
            out
        }
    }
}

/// As Python's `repr`.
struct Repr;

impl Style for Repr {
    fn leaf(&self, out: &mut String, value: &Value) {
        match value {
            Value::None | Value::Absent => out.push_str("None"),
            Value::Bool(b) => out.push_str(if *b { "True" } else { "False" }),
            Value::Str(text) => write_python_quoted(out, text),
            other => Source.leaf(out, other),
        }
    }

    fn key(&self, out: &mut String, key: &str, _: &Value) {
        write_python_quoted(out, key);
        out.push_str(": ");
    }

    fn before(&self, out: &mut String, first: bool, depth: usize) {
        Source.before(out, first, depth);
    }
}

/// Python's `repr` of a string: single quotes unless only single quotes are in it.
fn write_python_quoted(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_ascii_graphic() || c == ' ' || is_printable(c) => out.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..0x100 => write!(out, "\\x{code:02x}"),
                    0x100..0x1_0000 => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
}

/// Python's `str.isprintable`: neither a separator nor one of Unicode's others.
fn is_printable(c: char) -> bool {
    static UNSEEN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{Z}\p{C}]$").ok());
    let mut buffer = [0; 4];
    !c.is_ascii()
        && UNSEEN
            .as_ref()
            .is_some_and(|unseen| !unseen.is_match(c.encode_utf8(&mut buffer)))
}
