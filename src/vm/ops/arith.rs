//! The operators that compute with both sides, on values that were looked at. The machine's fast paths are beside its
//! loop; this is the whole rule.

use crate::diag::{Fault, FaultKind};
use crate::hir::BinaryOp;
use crate::value::Value;

use super::compare::compare;

/// `a op b`.
pub fn binary(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, Fault> {
    match op {
        BinaryOp::Add => add(a, b),
        BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Rem | BinaryOp::Pow => {
            number(op, a, b)
        }
        _ => compare(op, a, b).map(Value::Bool),
    }
}

/// `-x`
pub fn negate(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Int(i) => i.checked_neg().map(Value::Int).ok_or_else(|| overflow("-")),
        Value::Float(f) => Ok(Value::Float(-f)),
        other => Err(Fault::new(
            FaultKind::Type,
            format!("`-` takes a number, not {}", super::a(other)),
        )),
    }
}

/// As it is written.
pub fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Rem => "%",
        BinaryOp::Pow => "**",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::In => "in",
        BinaryOp::NotIn => "not in",
    }
}

fn add(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => {
            let mut joined = a.clone();
            joined.push_str(b);
            Ok(Value::Str(joined))
        }
        (Value::List(a), Value::List(b)) => {
            let mut joined = a.clone();
            joined.extend(b.iter().cloned());
            Ok(Value::List(joined))
        }
        (Value::Str(_), other) | (other, Value::Str(_)) => Err(Fault::new(
            FaultKind::Type,
            format!("`+` joins a string to a string, not to {}", super::a(other)),
        )
        .help("write an f-string, `f\"… {x}\"`, or `str(x)`")),
        _ => number(BinaryOp::Add, a, b),
    }
}

fn number(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => int(op, *a, *b),
        (Value::Float(a), Value::Float(b)) => float(op, *a, *b),
        (Value::Int(a), Value::Float(b)) => float(op, *a as f64, *b),
        (Value::Float(a), Value::Int(b)) => float(op, *a, *b as f64),
        _ => Err(Fault::new(
            FaultKind::Type,
            format!(
                "`{}` takes two numbers, not `{}` and `{}`",
                symbol(op),
                a.type_name(),
                b.type_name()
            ),
        )),
    }
}

fn int(op: BinaryOp, a: i64, b: i64) -> Result<Value, Fault> {
    let divides = matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Rem);
    if divides && b == 0 {
        return Err(by_zero(op));
    }
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div => return Ok(Value::Float(quotient(a, b))),
        BinaryOp::FloorDiv => a.checked_div(b).map(|q| match a % b != 0 && (a < 0) != (b < 0) {
            true => q - 1,
            false => q,
        }),
        BinaryOp::Rem => Some(match a.checked_rem(b) {
            Some(r) if r != 0 && (r < 0) != (b < 0) => r + b,
            Some(r) => r,
            None => 0,
        }),
        _ => match u32::try_from(b) {
            Ok(exponent) => a.checked_pow(exponent),
            Err(_) if b < 0 => {
                return Err(Fault::new(FaultKind::Value, "an int to a negative power is no int")
                    .help("write the base as a float: `2.0 ** -1`"));
            }
            // Beyond 2^32 only these do not overflow.
            Err(_) => match a {
                0 | 1 => Some(a),
                -1 => Some(if b % 2 == 0 { 1 } else { -1 }),
                _ => None,
            },
        },
    };
    result.map(Value::Int).ok_or_else(|| overflow(symbol(op)))
}

fn float(op: BinaryOp, a: f64, b: f64) -> Result<Value, Fault> {
    let divides = matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Rem);
    if divides && b == 0.0 {
        return Err(by_zero(op));
    }
    let result = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::FloorDiv => floored_quotient(a, b),
        BinaryOp::Rem => floored_rem(a, b),
        _ if a == 0.0 && b < 0.0 => return Err(by_zero(op)),
        _ if a < 0.0 && b.fract() != 0.0 => {
            return Err(Fault::new(
                FaultKind::Value,
                "a negative number to a broken power is no number",
            ));
        }
        _ => match a.powf(b) {
            power if power.is_infinite() && a.is_finite() && b.is_finite() => {
                return Err(Fault::new(
                    FaultKind::Value,
                    "the result of `**` does not fit a 64-bit float",
                ));
            }
            power => power,
        },
    };
    Ok(Value::Float(result))
}

/// `a / b` of ints, rounded once: beyond 2^53 the ints themselves are no floats.
fn quotient(a: i64, b: i64) -> f64 {
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    if x <= EXACT && y <= EXACT {
        return a as f64 / b as f64;
    }
    let shift = u128::from(x).leading_zeros();
    let (whole, rest) = (
        (u128::from(x) << shift) / u128::from(y),
        (u128::from(x) << shift) % u128::from(y),
    );
    // What is cut off counts in the rounding: the last of the many digits stands for it.
    let rounded = (whole | u128::from(rest != 0)) as f64 / 2_f64.powi(shift as i32);
    if (a < 0) == (b < 0) { rounded } else { -rounded }
}

/// `a // b` of floats, as CPython computes it.
fn floored_quotient(a: f64, b: f64) -> f64 {
    let quotient = (a - floored_rem(a, b)) / b;
    match quotient {
        0.0 => 0.0_f64.copysign(a / b),
        q if q - q.floor() > 0.5 => q.floor() + 1.0,
        q => q.floor(),
    }
}

/// The remainder with the sign of the divisor, as in Python.
fn floored_rem(a: f64, b: f64) -> f64 {
    let r = a % b;
    match r {
        0.0 => 0.0_f64.copysign(b),
        r if (r < 0.0) != (b < 0.0) => r + b,
        r => r,
    }
}

fn by_zero(op: BinaryOp) -> Fault {
    Fault::new(FaultKind::Value, format!("division by zero in `{}`", symbol(op)))
}

fn overflow(op: &str) -> Fault {
    Fault::new(
        FaultKind::Value,
        format!("the result of `{op}` does not fit a 64-bit int"),
    )
    .help("compute with floats where numbers get this big")
}

/// `not x`
pub fn not(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Bool(b) => Ok(Value::Bool(!b)),
        other => Err(super::wrong_type(format!(
            "`not` takes a `bool`, not {}",
            super::a(other)
        ))),
    }
}

/// `x += e`: lists and strings grow in place where nobody shares them.
pub fn update(op: BinaryOp, target: &mut Value, value: &Value) -> Result<(), Fault> {
    match (op, &mut *target, value) {
        (BinaryOp::Add, Value::Str(text), Value::Str(more)) => text.push_str(more),
        (BinaryOp::Add, Value::List(items), Value::List(more)) => items.extend_from_slice(more),
        _ => *target = binary(op, target, value)?,
    }
    Ok(())
}
