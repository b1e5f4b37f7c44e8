//! What the quick loop does with registers: writes, comparisons, what a frame leaves behind.

use crate::hir::BinaryOp;
use crate::value::{Promise, Source, Value};

use super::super::op::Reg;
use super::super::ops;

/// An element's own promise is no sign that it may have been dropped.
pub fn present(value: Value) -> Value {
    match &value {
        Value::Promise(promise) if matches!(promise.0.source, Source::Call) => {
            Value::Promise(Promise::of(Source::Parts(value)))
        }
        _ => value,
    }
}

pub fn set(regs: &mut [Value], to: Reg, value: Value) {
    let reg = &mut regs[to as usize];
    match is_heap(reg) {
        true => *reg = value,
        false => std::mem::forget(std::mem::replace(reg, value)),
    }
}

/// Puts a copy into a register, by its kind: a whole value that was just written in parts is slow to read.
pub fn copy(regs: &mut [Value], to: Reg, value: &Value) {
    match value {
        Value::Int(int) => set_int(regs, to, *int),
        Value::Str(text) => set(regs, to, Value::Str(text.clone())),
        other => set(regs, to, other.clone()),
    }
}

/// Moves a value from one register to another. An int is copied as such: most values on their way are ints, and a whole
/// value that was just written in parts is slow to read.
pub fn hand_over(regs: &mut [Value], from: usize, to: usize) {
    match regs[from] {
        Value::Int(int) => set_int_at(&mut regs[to], int),
        _ => {
            let value = std::mem::take(&mut regs[from]);
            regs[to] = value;
        }
    }
}

/// Writing an int over an int has nothing to let go of.
pub fn set_int(regs: &mut [Value], to: Reg, int: i64) {
    set_int_at(&mut regs[to as usize], int);
}

fn set_int_at(reg: &mut Value, int: i64) {
    match reg {
        Value::Int(old) => *old = int,
        other => *other = Value::Int(int),
    }
}

pub fn is_heap(value: &Value) -> bool {
    !matches!(
        value,
        Value::Int(_) | Value::None | Value::Bool(_) | Value::Float(_) | Value::Absent
    )
}

pub fn int_holds(op: BinaryOp, x: i64, y: i64) -> Option<bool> {
    match op {
        BinaryOp::Eq => Some(x == y),
        BinaryOp::Ne => Some(x != y),
        BinaryOp::Lt => Some(x < y),
        BinaryOp::Le => Some(x <= y),
        BinaryOp::Gt => Some(x > y),
        BinaryOp::Ge => Some(x >= y),
        _ => None,
    }
}

/// Comparisons of what is there; the rest is slow.
pub fn holds(op: BinaryOp, left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Int(x), Value::Int(y)) => int_holds(op, *x, *y),
        (Value::Promise(_), _) | (_, Value::Promise(_)) => None,
        _ => ops::compare_known(op, left, right),
    }
}
