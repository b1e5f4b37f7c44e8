//! Values that are made of others: literals, fields, indexes, texts.

use std::sync::Arc;

use crate::value::{Dict, EcoString, Function, Instance, List, Program, Promise, Record, Source, Value, show};

use super::super::code::{BuildSite, CaptureFrom};
use super::super::convert::convert;
use super::super::fiber::Fiber;
use super::super::memory::{of_elements, of_outside};
use super::super::op::{Op, Reg};
use super::super::ops;
use super::super::run::Run;
use super::super::settle::{self, close};
use super::Stop;
use super::data::range_of;

impl Run<'_> {
    pub(super) fn making(&mut self, fiber: &mut Fiber, op: Op) -> Result<(), Stop> {
        let code = self.code(fiber);
        let (to, value) = match op {
            Op::Closure { to, index } => {
                let site = &code.closures[index as usize];
                let captures = site.captures.iter().map(|from| self.captured(fiber, *from));
                let captures = captures.collect::<Result<_, Stop>>()?;
                (
                    to,
                    Value::Function(Arc::new(Function {
                        id: site.function,
                        name: site.name.clone(),
                        captures,
                    })),
                )
            }
            Op::List { to, base, count } => {
                let items: List = (base..base + count).map(|reg| fiber.take(reg)).collect();
                (to, Value::Promise(Promise::of(Source::Parts(Value::List(items)))))
            }
            Op::Record { to, base, names } => {
                let names = &code.name_lists[names as usize];
                let values = (0..names.len()).map(|i| fiber.take(base + i as Reg)).collect();
                (to, close(Value::Record(Arc::new(Record::new(names.clone(), values)))))
            }
            Op::Instance { to, base, index } => {
                let (module, names) = &code.instances[index as usize];
                let values = (0..names.len()).map(|i| fiber.take(base + i as Reg)).collect();
                let name = self.machine.program.module(*module).name.clone();
                let instance = Instance {
                    module: *module,
                    name,
                    fields: Record::new(names.clone(), values),
                    made: None,
                };
                (to, close(Value::Program(Arc::new(Program::Instance(instance)))))
            }
            Op::Build { to, base, site } => (to, self.build(fiber, base, &code.builds[site as usize])?),
            Op::Range { to, start, end } => {
                let (start, end) = (self.look(fiber, start)?, self.look(fiber, end)?);
                match (&start, &end) {
                    (Value::Int(start), Value::Int(end)) => {
                        let count = end.saturating_sub(*start).max(0).unsigned_abs();
                        self.machine.memory.charge(count.saturating_mul(of_elements(1)))?;
                        (to, Value::list((*start..*end).map(Value::Int)))
                    }
                    (Value::Int(_), other) | (other, _) => return Err(range_of(other).into()),
                }
            }
            Op::Field {
                to,
                object,
                name,
                absent,
            } => (to, self.field(fiber, object, &code.names[name as usize], absent)?),
            Op::OptionalField { to, object, name } => {
                let object = self.look(fiber, object)?;
                match object {
                    Value::None => (to, Value::None),
                    object => (to, ops::field(&object, &code.names[name as usize])?),
                }
            }
            Op::Part { to, object, name } => {
                let object = self.look(fiber, object)?;
                (to, ops::part(&object, &code.names[name as usize]).unwrap_or_default())
            }
            Op::Member { to, object, index } => (to, self.member(fiber, object, index)?),
            Op::Index { to, object, index } => {
                let (object, index) = (self.look(fiber, object)?, self.look(fiber, index)?);
                (to, ops::index(&object, &index)?)
            }
            Op::Slice { to, object, base } => {
                let object = self.look(fiber, object)?;
                let (start, end) = (self.look(fiber, base)?, self.look(fiber, base + 1)?);
                let part = ops::slice(&object, &start, &end)?;
                self.machine.memory.charge(of_outside(&part))?;
                (to, part)
            }
            Op::Convert { to, from, index } => {
                let span = self.span(fiber);
                let value = convert(fiber.reg(from), &code.types[index as usize], span)?;
                self.check_later(fiber, fiber.reg(from), &value);
                self.machine.memory.charge(of_outside(&value))?;
                (to, value)
            }
            Op::Interpolate { to, base, count } => (to, self.interpolate(fiber, base, count)?),
            Op::Format { to, from, index } => {
                let value = self.look(fiber, from)?;
                let format = &code.formats[index as usize];
                let room = u64::from(format.width.unwrap_or(0)) + u64::from(format.precision.unwrap_or(0));
                self.machine.memory.charge(room.saturating_mul(4))?;
                self.machine.memory.fits_text(&value)?;
                (to, Value::Str(ops::format_value(&value, format)?))
            }
            _ => return Ok(()),
        };
        fiber.set(to, value);
        Ok(())
    }

    fn captured(&mut self, fiber: &Fiber, from: CaptureFrom) -> Result<Value, Stop> {
        match from {
            CaptureFrom::Register(reg) => Ok(fiber.reg(reg).clone()),
            CaptureFrom::Capture(index) => {
                let closure = self.code(fiber).closure.map(|reg| fiber.reg(reg));
                match closure {
                    Some(Value::Function(function)) => {
                        Ok(function.captures.get(index as usize).cloned().unwrap_or_default())
                    }
                    _ => Ok(Value::None),
                }
            }
            CaptureFrom::Global(index) => Ok(self.machine.globals.values[index as usize].clone()),
        }
    }

    fn field(&mut self, fiber: &Fiber, object: Reg, name: &EcoString, absent: bool) -> Result<Value, Stop> {
        match fiber.reg(object) {
            Value::Promise(promise) => {
                let part = settle::field(promise, name, absent, self.span(fiber))?;
                // One that was a part already is no check.
                if matches!(&part, Value::Promise(part) if matches!(part.0.source, Source::Field { .. })) {
                    self.check_later(fiber, &Value::None, &part);
                }
                Ok(part)
            }
            Value::Record(record) if absent => Ok(record.get(name).cloned().unwrap_or_default()),
            known => Ok(ops::field(known, name)?),
        }
    }

    fn member(&mut self, fiber: &Fiber, object: Reg, index: u16) -> Result<Value, Stop> {
        let object = fiber.reg(object).clone();
        match self.outline(fiber, &object)? {
            Value::Program(program) => match program.as_ref() {
                Program::Instance(instance) => {
                    let member = instance.fields.values().get(usize::from(index)).cloned();
                    Ok(member.unwrap_or_default())
                }
                Program::Predictor(_) => Ok(Value::None),
            },
            _ => Ok(Value::None),
        }
    }

    fn interpolate(&mut self, fiber: &mut Fiber, base: Reg, count: u16) -> Result<Value, Stop> {
        for reg in base..base + count {
            if matches!(fiber.reg(reg), Value::Promise(_)) {
                let known = self.look(fiber, reg)?;
                fiber.set(reg, known);
            }
        }
        let bytes = (base..base + count).map(|reg| of_outside(fiber.reg(reg))).sum();
        self.machine.memory.charge(bytes)?;
        let mut text = EcoString::new();
        for reg in base..base + count {
            match fiber.take(reg) {
                Value::Str(part) => text.push_str(&part),
                Value::Int(part) => {
                    let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{part}"));
                }
                other => {
                    self.machine.memory.fits_text(&other)?;
                    text.push_str(&show(&other));
                }
            }
        }
        Ok(Value::Str(text))
    }

    /// Literals with spreads. Spreads are looked at, entries are not.
    fn build(&mut self, fiber: &mut Fiber, base: Reg, site: &BuildSite) -> Result<Value, Stop> {
        let spreads: Vec<bool> = match site {
            BuildSite::List(spreads) => spreads.to_vec(),
            BuildSite::Record(names) | BuildSite::Dict(names) => names.iter().map(Option::is_none).collect(),
        };
        for (i, spread) in spreads.iter().enumerate() {
            let reg = base + i as Reg;
            if *spread && matches!(fiber.reg(reg), Value::Promise(_)) {
                let known = self.look(fiber, reg)?;
                fiber.set(reg, known);
            }
        }
        let spread = spreads.iter().enumerate().filter(|(_, spread)| **spread);
        let bytes = spread.map(|(i, _)| of_outside(fiber.reg(base + i as Reg))).sum();
        self.machine.memory.charge(bytes)?;
        let mut parts = spreads.iter().enumerate().map(|(i, _)| fiber.take(base + i as Reg));
        let open = match site {
            BuildSite::List(spreads) => {
                let mut items = List::default();
                for (spread, part) in spreads.iter().zip(&mut parts) {
                    match spread {
                        true => ops::spread_list(&mut items, &part)?,
                        false => items.push(part),
                    }
                }
                Value::List(items)
            }
            BuildSite::Record(names) => {
                let mut entries = Vec::new();
                for (name, part) in names.iter().zip(&mut parts) {
                    match name {
                        Some(name) => entries.push((name.clone(), part)),
                        None => ops::spread_record(&mut entries, &part)?,
                    }
                }
                Value::Record(Arc::new(entries.into_iter().collect()))
            }
            BuildSite::Dict(names) => {
                let mut dict = Dict::default();
                for (name, part) in names.iter().zip(&mut parts) {
                    match name {
                        Some(name) => drop(dict.insert(name.clone(), part)),
                        None => ops::spread_dict(&mut dict, &part)?,
                    }
                }
                Value::Dict(Arc::new(dict))
            }
        };
        Ok(close(open))
    }
}
