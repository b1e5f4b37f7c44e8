//! A call of the quick loop: which code it enters, and the frame of it.

use crate::value::Value;

use super::super::code::Code;
use super::super::fiber::{Fiber, Frame, FrameKind};
use super::super::machine::Store;
use super::super::op::Reg;

/// A call that was found.
pub struct Entered {
    pub index: u32,
    pub base: usize,
    pub to: Reg,
    pub element: bool,
    /// Whether the closure that runs stands in the register below, for its captures.
    pub closure: bool,
}

impl Entered {
    /// No call: the top frame goes on.
    pub const AGAIN: Entered = Entered {
        index: u32::MAX,
        base: 0,
        to: 0,
        element: false,
        closure: false,
    };
}

pub fn enter(fiber: &mut Fiber, callee: &Code, entered: Entered) {
    grow(&mut fiber.stack, entered.base + callee.registers as usize);
    if entered.closure {
        let closure = std::mem::take(&mut fiber.stack[entered.base - 1]);
        if let Some(reg) = callee.closure {
            fiber.stack[entered.base + reg as usize] = closure;
        }
    }
    let kind = match (callee.reach.model, entered.element) {
        (_, true) => FrameKind::Element,
        (true, false) => FrameKind::Apart,
        (false, false) => FrameKind::Plain,
    };
    fiber.apart += usize::from(kind != FrameKind::Plain);
    fiber.frames.push(Frame {
        code: entered.index,
        pc: 0,
        base: entered.base,
        to: entered.to,
        kind,
    });
}

fn grow(stack: &mut Vec<Value>, len: usize) {
    if stack.len() < len {
        stack.resize(len + 32, Value::None);
    }
}

/// The code of a closure that takes its arguments as they stand, if the window has one.
pub fn plain_callee(store: &Store, code: &Code, site: u32, window: &[Value]) -> Option<u32> {
    let site = &code.calls[site as usize];
    if !site.plain {
        return None;
    }
    let Some(Value::Function(function)) = window.first() else {
        return None;
    };
    let index = store.code_of(function.id)?;
    let callee = &store.codes[index as usize];
    let signature = &callee.signature;
    let fits = signature.plain && !signature.instance;
    (fits && signature.params.len() == site.args.len()).then_some(index)
}
