//! The formats of f-strings, as Python has them: `{x:.2f}`, `{x:>8}`, `{n:,}`.

use crate::diag::{Fault, FaultKind};
use crate::hir::FormatSpec;
use crate::value::{EcoString, Value, show};

use super::a;

/// A value in a format.
pub fn format_value(value: &Value, spec: &FormatSpec) -> Result<EcoString, Fault> {
    let text = match (value, spec.kind) {
        (Value::Int(i), None | Some('d' | 'x')) => signed(*i < 0, int_digits(*i, spec), spec),
        (Value::Int(i), Some('f' | 'e' | 'g' | '%')) => float(*i as f64, spec),
        (Value::Float(f), None | Some('f' | 'e' | 'g' | '%')) => float(*f, spec),
        (other, None | Some('s')) => {
            let text = show(other);
            let cut = match spec.precision {
                Some(n) => text.chars().take(n as usize).collect(),
                None => text,
            };
            pad(String::new(), cut, spec, '<')
        }
        (other, Some(kind)) => {
            return Err(Fault::new(
                FaultKind::Type,
                format!("the format `{kind}` does not take {}", a(other)),
            ));
        }
    };
    Ok(text.into())
}

fn int_digits(i: i64, spec: &FormatSpec) -> String {
    let magnitude = i.unsigned_abs();
    match spec.kind {
        Some('x') => format!("{magnitude:x}"),
        _ => magnitude.to_string(),
    }
}

fn float(f: f64, spec: &FormatSpec) -> String {
    let magnitude = f.abs();
    let negative = f.is_sign_negative();
    if !magnitude.is_finite() {
        return signed(negative, if f.is_nan() { "nan".into() } else { "inf".into() }, spec);
    }
    let precision = spec.precision.map(|p| p as usize);
    let digits = match spec.kind {
        Some('f') => format!("{magnitude:.*}", precision.unwrap_or(6)),
        Some('%') => format!("{:.*}%", precision.unwrap_or(6), magnitude * 100.0),
        Some('e') => exponent(magnitude, precision.unwrap_or(6)),
        Some(_) => general(magnitude, precision.unwrap_or(6), 0),
        None => match precision {
            // One digit is kept for the point.
            Some(precision) => with_point(general(magnitude, precision, 1)),
            None => show(&Value::Float(magnitude)),
        },
    };
    signed(negative, digits, spec)
}

/// Without a kind a float still reads as one: `2.0`.
fn with_point(digits: String) -> String {
    match digits.contains(['.', 'e']) {
        true => digits,
        false => digits + ".0",
    }
}

/// `2.500000e+00`
fn exponent(f: f64, precision: usize) -> String {
    let text = format!("{f:.precision$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let value: i32 = exponent.parse().unwrap_or(0);
            let sign = if value < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", value.abs())
        }
        None => text,
    }
}

/// Python's `g`: as many significant digits, the shorter of the two notations, no trailing zeros.
fn general(f: f64, precision: usize, spare: i32) -> String {
    let precision = precision.max(1);
    let scientific = exponent(f, precision - 1);
    let power: i32 = scientific
        .split_once('e')
        .and_then(|(_, power)| power.parse().ok())
        .unwrap_or(0);
    if power < -4 || power >= i32::try_from(precision).unwrap_or(i32::MAX) - spare {
        return match scientific.split_once('e') {
            Some((mantissa, power)) => format!("{}e{power}", trimmed(mantissa)),
            None => scientific,
        };
    }
    let decimals = usize::try_from(i32::try_from(precision).unwrap_or(i32::MAX) - 1 - power).unwrap_or(0);
    trimmed(&format!("{f:.decimals$}")).to_owned()
}

fn trimmed(digits: &str) -> &str {
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    }
}

/// `1,234,567`: at least `width` characters wide with zeros in front, which are grouped too.
fn group(digits: &str, width: usize) -> String {
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let wide = |n: usize| n + (n - 1) / 3 + rest.len();
    let mut count = whole.len().max(1);
    while wide(count) < width {
        count += 1;
    }
    let mut out = String::new();
    for (i, c) in std::iter::repeat_n('0', count - whole.len())
        .chain(whole.chars())
        .enumerate()
    {
        if i > 0 && (count - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out + rest
}

fn signed(negative: bool, digits: String, spec: &FormatSpec) -> String {
    let sign = match (negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit());
    let digits = match spec.comma && numeric {
        true if fills_with_zeros(spec) => group(&digits, (spec.width.unwrap_or(0) as usize).saturating_sub(sign.len())),
        true => group(&digits, 0),
        false => digits,
    };
    pad(sign.to_owned(), digits, spec, '>')
}

/// Whether zeros are filled in behind the sign, as by `08` and `0=8`.
fn fills_with_zeros(spec: &FormatSpec) -> bool {
    let aligned = matches!(spec.align, Some('=')) || (spec.zero && spec.align.is_none());
    aligned && spec.fill.map_or(spec.zero, |fill| fill == '0')
}

/// Fills up to the width; `=` and a leading `0` fill between sign and digits.
fn pad(sign: String, body: String, spec: &FormatSpec, default: char) -> String {
    let width = spec.width.unwrap_or(0) as usize;
    let missing = width.saturating_sub(sign.chars().count() + body.chars().count());
    let zero = spec.zero && spec.align.is_none() && default == '>';
    let fill = spec.fill.unwrap_or(if spec.zero { '0' } else { ' ' });
    let run = |n: usize| fill.to_string().repeat(n);
    match if zero { '=' } else { spec.align.unwrap_or(default) } {
        '<' => sign + &body + &run(missing),
        '^' => run(missing / 2) + &sign + &body + &run(missing - missing / 2),
        '=' => sign + &run(missing) + &body,
        _ => run(missing) + &sign + &body,
    }
}
