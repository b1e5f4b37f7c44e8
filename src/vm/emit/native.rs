//! The code around natives: a frame of their own where defaults must be evaluated or a function is called for them.

use crate::diag::{Fault, FaultKind};
use crate::hir::Param;
use crate::value::EcoString;

use super::super::code::{CallSite, CalleeShape};
use super::super::native::{Body, Intrinsic};
use super::super::op::{Op, Reg};
use super::{Emitted, Emitter, table};

impl Emitter<'_> {
    /// Parameters stand in their registers.
    pub(super) fn native_body(&mut self, name: &EcoString, params: &[Param]) -> Emitted {
        let Some((position, native)) = self.registry.position(name) else {
            return Err(Fault::new(
                FaultKind::State,
                format!("the function `{name}` has no body in this build"),
            ));
        };
        let to = self.temp()?;
        match native.body {
            Body::Machine(Intrinsic::Attempt) => self.attempt(false, to)?,
            Body::Machine(Intrinsic::Collect) => self.attempt(true, to)?,
            Body::Machine(Intrinsic::WithSettings) => {
                self.push(Op::WithRecord { from: 0 });
                self.run(1, to)?;
                self.push(Op::SpanEnd { value: to });
            }
            _ => {
                let count = params.len() as u16;
                self.push(Op::CallNative {
                    native: position,
                    base: 0,
                    count,
                    to,
                });
            }
        }
        self.push(Op::Return { from: to });
        Ok(())
    }

    /// Calls the function in a register, without arguments.
    fn run(&mut self, function: Reg, to: Reg) -> Emitted {
        let base = self.temp()?;
        self.push(Op::Move {
            to: base,
            from: function,
        });
        let site = CallSite {
            callee: CalleeShape::Value { names: false },
            name: EcoString::new(),
            args: Box::default(),
            plain: true,
        };
        let site = table(&mut self.calls, site);
        self.push(Op::CallSite { site, base, to });
        Ok(())
    }

    /// `{value, error}` of the function in the first register, with the calls in between if they are wanted.
    fn attempt(&mut self, collect: bool, to: Reg) -> Emitted {
        let base = self.temps(3)?;
        let (value, error) = (base, base + if collect { 2 } else { 1 });
        if collect {
            self.push(Op::CollectBegin);
        }
        let begin = self.push(Op::TryBegin { error, handler: 0 });
        self.run(0, value)?;
        self.push(Op::TryEnd);
        self.push(Op::None { to: error });
        let done = self.push(Op::Jump { target: 0 });
        self.land(begin);
        self.push(Op::Caught { error });
        self.push(Op::None { to: value });
        self.land(done);
        let names: &[&str] = match collect {
            true => &["value", "calls", "error"],
            false => &["value", "error"],
        };
        if collect {
            self.push(Op::CollectEnd { to: base + 1 });
        }
        let names = self.names_of(names.iter().map(|name| EcoString::from(*name)));
        self.push(Op::Record { to, base, names });
        Ok(())
    }
}
