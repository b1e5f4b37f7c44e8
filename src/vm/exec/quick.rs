//! The loop of the machine. An instruction that finds what it expects is done here; anything else is left to the slow
//! way, which finds the frame as it was.

use std::sync::Arc;

use crate::hir::BinaryOp;
use crate::value::{List, Record, Value};

use super::super::code::Code;
use super::super::fiber::{Fiber, FrameKind};
use super::super::machine::{Globals, Store};
use super::super::memory::Memory;
use super::super::op::Op;
use super::super::settle::replace_answered;
use super::entry::{Entered, enter, plain_callee};
use super::registers::{copy, hand_over, holds, int_holds, is_heap, present, set, set_int};
use super::steps::Steps;

/// Why the loop was left. The program counter stands behind the instruction: it is read again from there, since what was
/// just written in parts is slow to hand on.
pub enum Leave {
    Slow,
    Finished(Value),
    Slice,
}

pub fn quick(store: &Store, globals: &mut Globals, memory: &mut Memory, fiber: &mut Fiber, steps: &mut Steps) -> Leave {
    let limit = store.depth.saturating_sub(fiber.depth);
    loop {
        let Some(frame) = fiber.frames.last() else {
            return Leave::Finished(Value::None);
        };
        let code: &Code = &store.codes[frame.code as usize];
        let base = frame.base;
        let mut pc = frame.pc as usize;
        let ops = &code.ops;
        let Some(regs) = fiber.stack.get_mut(base..) else {
            return Leave::Finished(Value::None);
        };

        macro_rules! leave {
            ($leave:expr) => {{
                if let Some(frame) = fiber.frames.last_mut() {
                    frame.pc = pc as u32;
                }
                return $leave;
            }};
        }
        macro_rules! count {
            () => {{
                steps.slice = steps.slice.wrapping_sub(1);
                if steps.slice == 0 {
                    pc -= 1;
                    leave!(Leave::Slice);
                }
            }};
        }
        let entered = loop {
            let op = ops[pc];
            pc += 1;
            match op {
                Op::Move { to, from } => match &regs[from as usize] {
                    Value::Int(int) => set_int(regs, to, *int),
                    Value::Str(text) => {
                        let text = text.clone();
                        set(regs, to, Value::Str(text));
                    }
                    other => set(regs, to, other.clone()),
                },
                Op::Take { to, from } => hand_over(regs, from as usize, to as usize),
                Op::Clear { reg } => set(regs, reg, Value::None),
                Op::Constant { to, index } => copy(regs, to, &code.constants[index as usize]),
                Op::Int { to, value } => set_int(regs, to, i64::from(value)),
                Op::None { to } => set(regs, to, Value::None),
                Op::Absent { to } => set(regs, to, Value::Absent),
                Op::Capture { to, index } => {
                    let value = match code.closure.map(|reg| &regs[reg as usize]) {
                        Some(Value::Function(function)) => function.captures.get(index as usize).cloned(),
                        _ => None,
                    };
                    set(regs, to, value.unwrap_or_default());
                }
                Op::Global { to, index } => {
                    let at = index as usize;
                    let value = &globals.values[at];
                    if matches!(value, Value::Absent) || globals.places[at] > fiber.place {
                        leave!(Leave::Slow);
                    }
                    copy(regs, to, value);
                }
                Op::Add { to, left, right } => match (&regs[left as usize], &regs[right as usize]) {
                    (Value::Int(x), Value::Int(y)) => match x.checked_add(*y) {
                        Some(sum) => set_int(regs, to, sum),
                        None => leave!(Leave::Slow),
                    },
                    (Value::Float(x), Value::Float(y)) if (x + y).is_finite() => {
                        let sum = x + y;
                        set(regs, to, Value::Float(sum));
                    }
                    _ => leave!(Leave::Slow),
                },
                Op::AddInt { to, left, right } => match &regs[left as usize] {
                    Value::Int(x) => match x.checked_add(i64::from(right)) {
                        Some(sum) => set_int(regs, to, sum),
                        None => leave!(Leave::Slow),
                    },
                    _ => leave!(Leave::Slow),
                },
                Op::Sub { to, left, right } => match (&regs[left as usize], &regs[right as usize]) {
                    (Value::Int(x), Value::Int(y)) => match x.checked_sub(*y) {
                        Some(rest) => set_int(regs, to, rest),
                        None => leave!(Leave::Slow),
                    },
                    _ => leave!(Leave::Slow),
                },
                Op::Mul { to, left, right } => match (&regs[left as usize], &regs[right as usize]) {
                    (Value::Int(x), Value::Int(y)) => match x.checked_mul(*y) {
                        Some(product) => set_int(regs, to, product),
                        None => leave!(Leave::Slow),
                    },
                    (Value::Float(x), Value::Float(y)) if (x * y).is_finite() => {
                        let product = x * y;
                        set(regs, to, Value::Float(product));
                    }
                    _ => leave!(Leave::Slow),
                },
                Op::Update {
                    op: BinaryOp::Add,
                    target,
                    value,
                } => {
                    let value = match regs[value as usize] {
                        Value::Int(y) => Some(y),
                        _ => None,
                    };
                    match (&mut regs[target as usize], value) {
                        (Value::Int(x), Some(y)) => match x.checked_add(y) {
                            Some(sum) => *x = sum,
                            None => leave!(Leave::Slow),
                        },
                        _ => leave!(Leave::Slow),
                    }
                }
                Op::UpdateGlobal {
                    op: BinaryOp::Add,
                    value,
                    index,
                } => match (&mut globals.values[index as usize], &regs[value as usize]) {
                    (Value::Int(x), Value::Int(y)) => match x.checked_add(*y) {
                        Some(sum) => *x = sum,
                        None => leave!(Leave::Slow),
                    },
                    _ => leave!(Leave::Slow),
                },
                Op::Push { target, value } => {
                    if !matches!(regs[target as usize], Value::List(_))
                        || matches!(regs[value as usize], Value::Promise(_))
                    {
                        leave!(Leave::Slow);
                    }
                    let item = std::mem::take(&mut regs[value as usize]);
                    if let Value::List(items) = &mut regs[target as usize] {
                        steps.push(items, item);
                    }
                    if steps.has_grown_much() {
                        leave!(Leave::Slice);
                    }
                }
                Op::PushGlobal { value, index } => {
                    let Value::List(items) = &mut globals.values[index as usize] else {
                        leave!(Leave::Slow)
                    };
                    if matches!(regs[value as usize], Value::Promise(_)) {
                        leave!(Leave::Slow);
                    }
                    steps.push(items, std::mem::take(&mut regs[value as usize]));
                    if steps.has_grown_much() {
                        leave!(Leave::Slice);
                    }
                }
                Op::Jump { target } => {
                    if (target as usize) < pc {
                        count!();
                    }
                    pc = target as usize;
                }
                Op::JumpUnless { condition, target } => match regs[condition as usize] {
                    Value::Bool(true) => {}
                    Value::Bool(false) => pc = target as usize,
                    _ => leave!(Leave::Slow),
                },
                Op::Compare {
                    op: comparison,
                    left,
                    right,
                    target,
                } => match holds(comparison, &regs[left as usize], &regs[right as usize]) {
                    Some(true) => {}
                    Some(false) => pc = target as usize,
                    None => leave!(Leave::Slow),
                },
                Op::CompareInt {
                    op: comparison,
                    left,
                    right,
                    target,
                } => match &regs[left as usize] {
                    Value::Int(x) => match int_holds(comparison, *x, i64::from(right)) {
                        Some(true) => {}
                        Some(false) => pc = target as usize,
                        None => leave!(Leave::Slow),
                    },
                    _ => leave!(Leave::Slow),
                },
                Op::Binary {
                    op: operator,
                    to,
                    left,
                    right,
                } => match holds(operator, &regs[left as usize], &regs[right as usize]) {
                    Some(result) => set(regs, to, Value::Bool(result)),
                    None => leave!(Leave::Slow),
                },
                Op::JumpPresent { reg, target } => {
                    if !matches!(regs[reg as usize], Value::Absent) {
                        pc = target as usize;
                    }
                }
                Op::RangeNext { base, to, exit } => match (&regs[base as usize], &regs[base as usize + 1]) {
                    (Value::Int(next), Value::Int(end)) if next < end => {
                        let next = *next;
                        set_int(regs, base, next + 1);
                        set_int(regs, to, next);
                    }
                    _ => pc = exit as usize,
                },
                Op::Next { base, to, exit } => {
                    let (head, tail) = regs.split_at_mut(base as usize + 1);
                    let (Value::List(items), Value::Int(at)) = (&head[base as usize], &mut tail[0]) else {
                        leave!(Leave::Slow)
                    };
                    match items.get(*at as usize) {
                        Some(item) => {
                            *at += 1;
                            let item = item.clone();
                            set(regs, to, item);
                        }
                        None => pc = exit as usize,
                    }
                }
                Op::List { to, base, count } => {
                    let (from, to_end) = (base as usize, base as usize + count as usize);
                    if regs[from..to_end].iter().any(|item| matches!(item, Value::Promise(_))) {
                        leave!(Leave::Slow);
                    }
                    let items: List = regs[from..to_end].iter_mut().map(std::mem::take).collect();
                    set(regs, to, Value::List(items));
                }
                Op::Record { to, base, names } => {
                    let names = &code.name_lists[names as usize];
                    let (from, to_end) = (base as usize, base as usize + names.len());
                    if regs[from..to_end].iter().any(|item| matches!(item, Value::Promise(_))) {
                        leave!(Leave::Slow);
                    }
                    let values: Vec<Value> = regs[from..to_end].iter_mut().map(std::mem::take).collect();
                    set(regs, to, Value::Record(Arc::new(Record::new(names.clone(), values))));
                }
                Op::Field { to, object, name, .. } => {
                    let found = match &regs[object as usize] {
                        Value::Record(record) => record.get(&code.names[name as usize]).cloned(),
                        _ => None,
                    };
                    match found {
                        Some(value) => set(regs, to, value),
                        None => leave!(Leave::Slow),
                    }
                }
                Op::Index { to, object, index } => {
                    let found = match (&regs[object as usize], &regs[index as usize]) {
                        (Value::List(items), Value::Int(i)) if *i >= 0 => items.get(*i as usize).cloned(),
                        (Value::Dict(dict), Value::Str(key)) => dict.get(key).cloned(),
                        _ => None,
                    };
                    match found {
                        Some(value) => set(regs, to, value),
                        None => leave!(Leave::Slow),
                    }
                }
                Op::Collect { elements, from } => {
                    let item = std::mem::take(&mut regs[from as usize]);
                    if let (Value::List(items), false) = (&mut regs[elements as usize], matches!(item, Value::Absent)) {
                        if matches!(item, Value::Promise(_)) {
                            replace_answered(items);
                        }
                        steps.push(items, item);
                    }
                }
                Op::Call {
                    function,
                    base: window,
                    to,
                } => {
                    let Some(index) = store.code_of(function) else {
                        leave!(Leave::Slow)
                    };
                    if fiber.frames.len() >= limit {
                        leave!(Leave::Slow);
                    }
                    count!();
                    break Entered {
                        index,
                        base: base + window as usize,
                        to,
                        element: false,
                        closure: false,
                    };
                }
                Op::CallSite { site, base: window, to } => {
                    let Some(index) = plain_callee(store, code, site, &regs[window as usize..]) else {
                        leave!(Leave::Slow)
                    };
                    if fiber.frames.len() >= limit {
                        leave!(Leave::Slow);
                    }
                    count!();
                    break Entered {
                        index,
                        base: base + window as usize + 1,
                        to,
                        element: false,
                        closure: true,
                    };
                }
                Op::CallElement { base: window, to, .. } => {
                    let Value::Function(function) = &regs[window as usize] else {
                        leave!(Leave::Slow)
                    };
                    let Some(index) = store.code_of(function.id) else {
                        leave!(Leave::Slow)
                    };
                    if fiber.frames.len() >= limit {
                        leave!(Leave::Slow);
                    }
                    count!();
                    break Entered {
                        index,
                        base: base + window as usize + 1,
                        to,
                        element: true,
                        closure: store.codes[index as usize].closure.is_some(),
                    };
                }
                Op::CallNative {
                    native,
                    base: window,
                    count,
                    to,
                } => {
                    let Some(&Some(body)) = store.natives.get(native as usize) else {
                        leave!(Leave::Slow)
                    };
                    let (from, to_end) = (window as usize, window as usize + count as usize);
                    if regs[from..to_end].iter().any(|arg| matches!(arg, Value::Promise(_))) {
                        leave!(Leave::Slow);
                    }
                    // One that fails does so again on the slow way, which tells where.
                    let mut result = body(memory, &regs[from..to_end]);
                    if result.is_err() {
                        leave!(Leave::Slow);
                    }
                    for arg in regs[from..to_end].iter_mut().filter(|arg| is_heap(arg)) {
                        *arg = Value::None;
                    }
                    if let Ok(value) = &mut result {
                        set(regs, to, std::mem::take(value));
                    }
                    if memory.is_due() {
                        leave!(Leave::Slice);
                    }
                }
                Op::Return { from } => {
                    for (at, reg) in regs[..code.registers as usize].iter_mut().enumerate() {
                        if is_heap(reg) && at != from as usize {
                            *reg = Value::None;
                        }
                    }
                    let frame = fiber.frames.pop();
                    let (Some(frame), Some(caller)) = (frame, fiber.frames.last()) else {
                        return Leave::Finished(std::mem::take(&mut regs[from as usize]));
                    };
                    let at = caller.base + frame.to as usize;
                    hand_over(&mut fiber.stack, base + from as usize, at);
                    if frame.kind != FrameKind::Plain {
                        fiber.apart -= 1;
                    }
                    if frame.kind == FrameKind::Element {
                        let value = std::mem::take(&mut fiber.stack[at]);
                        fiber.stack[at] = present(value);
                    }
                    break Entered::AGAIN;
                }
                _ => leave!(Leave::Slow),
            }
        };
        if entered.index == u32::MAX {
            continue;
        }
        if let Some(frame) = fiber.frames.last_mut() {
            frame.pc = pc as u32;
        }
        let callee = &store.codes[entered.index as usize];
        enter(fiber, callee, entered);
    }
}
