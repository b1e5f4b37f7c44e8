//! Lists that are gone through no faster than somebody lets their elements in: the loop waits, so that what an element
//! takes is taken for those alone that were let in.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::host::BoxFuture;
use crate::value::{List, Opaque, Value};

use super::exec::Stop;
use super::fiber::Fiber;
use super::op::Reg;
use super::run::{Event, Run};

/// Whether the next element is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is, and has a place now.
    In,
    /// Not before there is a place.
    Full,
    /// It is not, and neither are those behind it.
    Shut,
}

/// Who lets elements in.
pub trait Door: Send + Sync {
    /// Asks for a place.
    fn enter(&self) -> Entered;
    /// Waits until it is worth asking again.
    fn room(&self) -> BoxFuture<'static, ()>;
}

/// A list whose elements are let in.
pub struct Paced {
    rows: List,
    door: Arc<dyn Door>,
}

impl Paced {
    /// What a `for` over the rows goes through in place of them.
    pub fn value(rows: List, door: Arc<dyn Door>) -> Value {
        Value::Opaque(Arc::new(Paced { rows, door }))
    }

    pub(super) fn of(value: &Value) -> Option<&Paced> {
        match value {
            Value::Opaque(opaque) => opaque.as_any().downcast_ref(),
            _ => None,
        }
    }
}

impl fmt::Debug for Paced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Paced({} rows)", self.rows.len())
    }
}

impl Opaque for Paced {
    fn type_name(&self) -> &'static str {
        "Paced"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Run<'_> {
    /// The next element, once it is let in; nothing after the last.
    pub(super) fn next_let_in(&mut self, fiber: &mut Fiber, base: Reg) -> Result<Option<Value>, Stop> {
        let (Some(paced), Value::Int(at)) = (Paced::of(fiber.reg(base)), fiber.reg(base + 1)) else {
            return Ok(None);
        };
        let at = *at;
        let Some(row) = usize::try_from(at).ok().and_then(|at| paced.rows.get(at)).cloned() else {
            return Ok(None);
        };
        // What is only captured is never answered, so no place would ever become free.
        let entered = match self.captured.is_some() {
            true => Entered::In,
            false => paced.door.enter(),
        };
        match entered {
            Entered::Shut => Ok(None),
            Entered::In => {
                fiber.set(base + 1, Value::Int(at + 1));
                Ok(Some(row))
            }
            Entered::Full => {
                let room = paced.door.room();
                let promise = self.promise();
                let kept = promise.clone();
                self.events.push(Box::pin(async move {
                    room.await;
                    Event::Room(kept)
                }));
                Err(Stop::Answer(promise))
            }
        }
    }
}
