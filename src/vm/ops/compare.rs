//! `== != < <= > >= in`, and conditions.

use std::cmp::Ordering;

use crate::diag::{Fault, FaultKind};
use crate::hir::BinaryOp;
use crate::value::Value;

use super::arith::symbol;
use super::{a, wrong_type};

pub fn compare(op: BinaryOp, left: &Value, right: &Value) -> Result<bool, Fault> {
    let holds = match op {
        BinaryOp::Eq => left == right,
        BinaryOp::Ne => left != right,
        BinaryOp::In => contains(right, left)?,
        BinaryOp::NotIn => !contains(right, left)?,
        BinaryOp::Lt => order(op, left, right)?.is_lt(),
        BinaryOp::Le => order(op, left, right)?.is_le(),
        BinaryOp::Gt => order(op, left, right)?.is_gt(),
        _ => order(op, left, right)?.is_ge(),
    };
    Ok(holds)
}

/// The same where there is nothing to go wrong; `None` for other operators too.
pub fn compare_known(op: BinaryOp, left: &Value, right: &Value) -> Option<bool> {
    use BinaryOp::{Eq, Ge, Gt, In, Le, Lt, Ne, NotIn};
    match op {
        Eq | Ne | Lt | Le | Gt | Ge | In | NotIn => compare(op, left, right).ok(),
        _ => None,
    }
}

fn order(op: BinaryOp, left: &Value, right: &Value) -> Result<Ordering, Fault> {
    let order = match (left, right) {
        (Value::Int(x), Value::Int(y)) => Some(x.cmp(y)),
        (Value::Float(x), Value::Float(y)) => x.partial_cmp(y),
        (Value::Int(x), Value::Float(y)) => int_to_float(*x, *y),
        (Value::Float(x), Value::Int(y)) => int_to_float(*y, *x).map(Ordering::reverse),
        (Value::Str(x), Value::Str(y)) => Some(x.cmp(y)),
        _ => None,
    };
    order.ok_or_else(|| {
        let message = format!(
            "`{}` compares two numbers or two strings, not {} and {}",
            symbol(op),
            a(left),
            a(right)
        );
        wrong_type(message)
    })
}

/// Exact beyond 2^53, where an int as a float is rounded.
fn int_to_float(int: i64, float: f64) -> Option<Ordering> {
    let rough = (int as f64).partial_cmp(&float)?;
    match rough {
        Ordering::Equal => Some(i128::from(int).cmp(&(float as i128))),
        other => Some(other),
    }
}

fn contains(container: &Value, item: &Value) -> Result<bool, Fault> {
    match (container, item) {
        (Value::List(items), item) => Ok(items.contains(item)),
        (Value::Str(text), Value::Str(part)) => Ok(text.contains(part.as_str())),
        (Value::Dict(dict), Value::Str(key)) => Ok(dict.contains_key(key)),
        (Value::Dict(_), other) => Err(wrong_type(format!("the keys of a dict are `str`, not {}", a(other)))),
        (Value::Str(_), other) => Err(wrong_type(format!("a `str` holds `str`, not {}", a(other)))),
        (other, _) => Err(wrong_type(format!(
            "`in` looks into a list, a `str` or a dict, not {}",
            a(other)
        ))),
    }
}

/// What a condition comes to.
pub fn truth(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(b) => Ok(*b),
        other => Err(Fault::new(
            FaultKind::Type,
            format!("a condition must be a `bool`, not {}", a(other)),
        )
        .help("there is no truthiness: compare, as in `x != none` or `len(xs) > 0`")),
    }
}
