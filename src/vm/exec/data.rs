//! Values: the instructions that look at promises, raise errors, or are too rare for the quick loop.

use crate::diag::{Fault, FaultKind};
use crate::hir::{BinaryOp, PlaceRoot};
use crate::value::{Value, show, source_text};

use super::super::code::Step;
use super::super::convert::fits;
use super::super::fiber::Fiber;
use super::super::memory::{Memory, of_elements, of_outside};
use super::super::op::{Op, Reg};
use super::super::paced::Paced;
use super::super::run::Run;
use super::super::settle::close;
use super::super::{ops, tree};
use super::Stop;

impl Run<'_> {
    pub(super) fn data(&mut self, fiber: &mut Fiber, op: Op) -> Result<(), Stop> {
        match op {
            Op::Add { to, left, right } => self.binary(fiber, BinaryOp::Add, to, left, right),
            Op::Sub { to, left, right } => self.binary(fiber, BinaryOp::Sub, to, left, right),
            Op::Mul { to, left, right } => self.binary(fiber, BinaryOp::Mul, to, left, right),
            Op::Binary { op, to, left, right } => self.binary(fiber, op, to, left, right),
            Op::AddInt { to, left, right } => {
                let left = self.look(fiber, left)?;
                let sum = match right {
                    0.. => ops::binary(BinaryOp::Add, &left, &Value::Int(i64::from(right)))?,
                    _ => ops::binary(BinaryOp::Sub, &left, &Value::Int(-i64::from(right)))?,
                };
                fiber.set(to, sum);
                Ok(())
            }
            Op::Not { to, from } => {
                let value = ops::not(&self.look(fiber, from)?)?;
                fiber.set(to, value);
                Ok(())
            }
            Op::Negate { to, from } => {
                let value = ops::negate(&self.look(fiber, from)?)?;
                fiber.set(to, value);
                Ok(())
            }
            Op::Look { to, from } => {
                let value = self.look(fiber, from)?;
                fiber.set(to, value);
                Ok(())
            }
            Op::JumpUnless { condition, target } => {
                let holds = ops::truth(&self.look(fiber, condition)?)?;
                jump(fiber, target, !holds);
                Ok(())
            }
            Op::Compare {
                op,
                left,
                right,
                target,
            } => {
                let (left, right) = (self.look(fiber, left)?, self.look(fiber, right)?);
                jump(fiber, target, !ops::compare(op, &left, &right)?);
                Ok(())
            }
            Op::CompareInt {
                op,
                left,
                right,
                target,
            } => {
                let left = self.look(fiber, left)?;
                jump(fiber, target, !ops::compare(op, &left, &Value::Int(i64::from(right)))?);
                Ok(())
            }
            Op::JumpNotNone { reg, target } => {
                let value = self.look(fiber, reg)?;
                jump(fiber, target, !value.is_none());
                Ok(())
            }
            Op::MatchEqual { .. }
            | Op::MatchType { .. }
            | Op::MatchRecord { .. }
            | Op::MatchField { .. }
            | Op::NoMatch { .. } => self.matching(fiber, op),
            Op::Update { .. }
            | Op::Push { .. }
            | Op::UpdateGlobal { .. }
            | Op::PushGlobal { .. }
            | Op::SetGlobal { .. }
            | Op::Global { .. }
            | Op::Assign { .. } => self.changing(fiber, op),
            Op::RangeStart { .. }
            | Op::Iterate { .. }
            | Op::Follow { .. }
            | Op::Unfollow { .. }
            | Op::Next { .. }
            | Op::NextPair { .. } => self.iterating(fiber, op),
            Op::AssertFailed { message } => {
                let message = show(&self.look(fiber, message)?);
                Err(Fault::new(FaultKind::Assert, message).into())
            }
            Op::AssertFailedBare { source } => {
                let source = &self.code(fiber).names[source as usize];
                Err(Fault::new(FaultKind::Assert, format!("the assertion `{source}` does not hold")).into())
            }
            _ => self.making(fiber, op),
        }
    }

    fn binary(&mut self, fiber: &mut Fiber, op: BinaryOp, to: Reg, left: Reg, right: Reg) -> Result<(), Stop> {
        let (left, right) = (self.look(fiber, left)?, self.look(fiber, right)?);
        if op == BinaryOp::Add {
            let bytes = of_outside(&left) + of_outside(&right);
            self.machine.memory.charge(bytes)?;
        }
        fiber.set(to, ops::binary(op, &left, &right)?);
        Ok(())
    }

    fn matching(&mut self, fiber: &mut Fiber, op: Op) -> Result<(), Stop> {
        let code = self.code(fiber);
        match op {
            Op::MatchEqual { value, index, fail } => {
                let equal = *fiber.reg(value) == code.constants[index as usize];
                jump(fiber, fail, !equal);
            }
            Op::MatchType { value, index, fail } => {
                let of_type = fits(fiber.reg(value), &code.types[index as usize]);
                jump(fiber, fail, !of_type);
            }
            Op::MatchRecord { value, fail } => {
                let record = matches!(fiber.reg(value), Value::Record(_) | Value::Dict(_));
                jump(fiber, fail, !record);
            }
            Op::MatchField { value, name, fail } => {
                let has = match fiber.reg(value) {
                    Value::Record(record) => record.get(&code.names[name as usize]).is_some(),
                    Value::Dict(dict) => dict.get(&code.names[name as usize]).is_some(),
                    _ => false,
                };
                jump(fiber, fail, !has);
            }
            Op::NoMatch { value } => {
                let shown = match fiber.reg(value) {
                    Value::Str(text) => source_text(text),
                    other => show(other),
                };
                let fault = Fault::new(FaultKind::Type, format!("no arm of this `match` takes `{shown}`"));
                return Err(fault.help("add an arm `_ => …` for what is left").into());
            }
            _ => {}
        }
        Ok(())
    }

    fn iterating(&mut self, fiber: &mut Fiber, op: Op) -> Result<(), Stop> {
        match op {
            Op::RangeStart { base } => {
                for reg in [base, base + 1] {
                    let bound = self.look(fiber, reg)?;
                    if !matches!(bound, Value::Int(_)) {
                        return Err(range_of(&bound).into());
                    }
                    fiber.set(reg, bound);
                }
            }
            Op::Iterate { base, from, pairs } => {
                let over = match (self.look(fiber, from)?, pairs) {
                    (Value::Dict(dict), false) => {
                        self.machine.memory.charge(of_elements(dict.len()))?;
                        Value::list(dict.keys().cloned().map(Value::Str))
                    }
                    (Value::Str(text), _) => {
                        self.machine.memory.charge(of_elements(text.len()))?;
                        Value::list(text.chars().map(ops::char_value))
                    }
                    (over @ (Value::List(_) | Value::Dict(_)), _) => over,
                    (over, false) if Paced::of(&over).is_some() => over,
                    (other, _) => {
                        let message = format!("`for` goes through a list, a dict or a `str`, not `{}`", show(&other));
                        return Err(Fault::new(FaultKind::Type, message).into());
                    }
                };
                fiber.set(base, over);
                fiber.set(base + 1, Value::Int(0));
            }
            Op::NextPair {
                base,
                first,
                second,
                exit,
            } => {
                let Value::Int(at) = *fiber.reg(base + 1) else {
                    return Ok(());
                };
                let pair = match fiber.reg(base) {
                    Value::List(items) => items.get(at as usize).map(|item| (Value::Int(at), item.clone())),
                    Value::Dict(dict) => dict
                        .get_index(at as usize)
                        .map(|(key, value)| (Value::Str(key.clone()), value.clone())),
                    _ => None,
                };
                match pair {
                    Some((one, two)) => {
                        fiber.set(base + 1, Value::Int(at + 1));
                        fiber.set(first, one);
                        fiber.set(second, two);
                    }
                    None => jump(fiber, exit, true),
                }
            }
            Op::Follow { base, from } => self.follow(fiber, base, from)?,
            Op::Unfollow { base } => self.unfollow(fiber, base),
            // Else what is gone through was made a list when the loop began.
            Op::Next { base, to, exit } => {
                let next = match Paced::of(fiber.reg(base)) {
                    Some(_) => self.next_let_in(fiber, base)?,
                    None => self.next_part(fiber, base)?,
                };
                match next {
                    Some(next) => fiber.set(to, next),
                    None => jump(fiber, exit, true),
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn changing(&mut self, fiber: &mut Fiber, op: Op) -> Result<(), Stop> {
        match op {
            Op::Global { index, .. } => {
                let name = &self.machine.program.globals[index as usize].name;
                let fault = Fault::new(
                    FaultKind::State,
                    format!("`{name}` is used before the statement that sets it"),
                );
                return Err(fault.help(format!("move the statement that sets `{name}` up")).into());
            }
            Op::SetGlobal { from, index } => {
                let value = fiber.take(from);
                let place = self.tree.mark(tree::ROOT).place();
                let globals = &mut self.machine.globals;
                globals.values[index as usize] = value;
                globals.places[index as usize] = place;
            }
            Op::Update { op, target, value } => {
                let value = self.look(fiber, value)?;
                if matches!(fiber.reg(target), Value::Promise(_)) {
                    let known = self.look(fiber, target)?;
                    fiber.set(target, known);
                }
                let mut known = fiber.take(target);
                let outcome = update(&mut self.machine.memory, op, &mut known, &value);
                fiber.set(target, known);
                outcome?;
            }
            Op::Push { target, value } => {
                let value = Value::list([self.look(fiber, value)?]);
                let mut known = self.look(fiber, target)?;
                update(&mut self.machine.memory, BinaryOp::Add, &mut known, &value)?;
                fiber.set(target, known);
            }
            Op::UpdateGlobal { op, value, index } => {
                let value = self.look(fiber, value)?;
                self.update_global(fiber, op, &value, index)?;
            }
            Op::PushGlobal { value, index } => {
                let value = Value::list([self.look(fiber, value)?]);
                self.update_global(fiber, BinaryOp::Add, &value, index)?;
            }
            Op::Assign { place, value } => self.assign(fiber, place, value)?,
            _ => {}
        }
        Ok(())
    }

    fn update_global(&mut self, fiber: &Fiber, op: BinaryOp, value: &Value, index: u32) -> Result<(), Stop> {
        let at = index as usize;
        if let promised @ Value::Promise(_) = &self.machine.globals.values[at] {
            let promised = promised.clone();
            self.machine.globals.values[at] = self.look_at(fiber, &promised)?;
        }
        let known = &mut self.machine.globals.values[at];
        Ok(update(&mut self.machine.memory, op, known, value)?)
    }

    /// The containers on the way to a place must be there before one of them is changed.
    fn outline_path(&mut self, fiber: &Fiber, root: &Value, steps: &[ops::At]) -> Result<(), Stop> {
        let mut place = root.clone();
        for step in steps {
            let Some(part) = ops::part_at(&place, step).cloned() else {
                return Ok(());
            };
            place = self.outline(fiber, &part)?;
        }
        Ok(())
    }

    fn assign(&mut self, fiber: &mut Fiber, place: u32, value: Reg) -> Result<(), Stop> {
        let code = self.code(fiber);
        let site = &code.places[place as usize];
        let mut steps = Vec::with_capacity(site.steps.len());
        for step in &site.steps {
            steps.push(match step {
                Step::Field(name) => ops::At::Field(name.clone()),
                Step::Index(reg) => ops::At::Index(self.look(fiber, *reg)?),
            });
        }
        // `x.f = e` does not look at e; `x.f += e` does.
        let new = match site.op {
            Some(_) => self.look(fiber, value)?,
            None => fiber.reg(value).clone(),
        };
        let root = match site.root {
            PlaceRoot::Local(slot) => fiber.reg(slot.0 as Reg).clone(),
            PlaceRoot::Global(id) => self.machine.globals.values[id.0 as usize].clone(),
        };
        let open = matches!(root, Value::Promise(_)) || matches!(new, Value::Promise(_));
        let mut known = match site.op {
            Some(_) => self.look_at(fiber, &root)?,
            None => self.outline(fiber, &root)?,
        };
        drop(root);
        if let (None, Some((_, inner))) = (site.op, steps.split_last()) {
            self.outline_path(fiber, &known, inner)?;
        }
        let holder = match site.root {
            PlaceRoot::Local(slot) => {
                let at = fiber.frames.last().map_or(0, |frame| frame.base) + slot.0 as usize;
                &mut fiber.stack[at]
            }
            PlaceRoot::Global(id) => &mut self.machine.globals.values[id.0 as usize],
        };
        // Nobody else holds it now, so that it can be changed in place.
        *holder = Value::None;
        let mut new = Some(new);
        let before = ops::big_ones(&known, &steps);
        let outcome = ops::assign(&mut known, &steps, site.op.is_none(), &mut |place| {
            let new = new.take().unwrap_or_default();
            match site.op {
                Some(op) => ops::update(op, place, &new),
                None => {
                    *place = new;
                    Ok(())
                }
            }
        });
        let after = ops::big_ones(&known, &steps);
        if after.iter().zip(&before).any(|(after, before)| after != before) {
            self.machine.memory.note(of_outside(&known));
        }
        *holder = if open { close(known) } else { known };
        Ok(outcome?)
    }
}

/// `x += e`. What is shared is copied; it has another address then.
fn update(memory: &mut Memory, op: BinaryOp, target: &mut Value, value: &Value) -> Result<(), Fault> {
    if op == BinaryOp::Add {
        memory.charge(of_outside(value))?;
    }
    let address = |value: &Value| match value {
        Value::Str(text) => text.as_ptr() as usize,
        Value::List(items) => items.as_ptr() as usize,
        _ => 0,
    };
    let before = address(target);
    ops::update(op, target, value)?;
    if address(target) != before {
        memory.note(of_outside(target));
    }
    Ok(())
}

pub(super) fn range_of(bound: &Value) -> Fault {
    Fault::new(
        FaultKind::Type,
        format!("the ends of a range are `int`, not `{}`", bound.type_name()),
    )
}

fn jump(fiber: &mut Fiber, target: u32, taken: bool) {
    if let (Some(frame), true) = (fiber.frames.last_mut(), taken) {
        frame.pc = target;
    }
}
