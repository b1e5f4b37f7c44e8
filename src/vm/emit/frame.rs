//! Frames that belong to no function: the machine makes each for one call.

use std::sync::Arc;

use crate::hir::Reach;
use crate::source::Span;
use crate::value::EcoString;

use super::super::code::{CallSite, CalleeShape, Code};
use super::super::op::{Index, Op, Reg};

/// A frame for one call whose callee is not known yet: it waits instead of the caller.
pub fn pass_on(code: &Code, site: Index) -> Option<Code> {
    let call = code.calls.get(site as usize)?.clone();
    let at = code
        .ops
        .iter()
        .position(|op| matches!(op, Op::CallSite { site: other, .. } if *other == site))?;
    let span = *code.spans.get(at)?;
    Some(Code {
        file: code.file,
        library: code.library,
        ..calling(call, span)
    })
}

/// A frame whose window holds one call.
pub fn calling(call: CallSite, span: Span) -> Code {
    let registers = Reg::try_from(call.window()).unwrap_or(Reg::MAX).max(1);
    let site = Op::CallSite {
        site: 0,
        base: 0,
        to: 0,
    };
    alone(vec![site, Op::Return { from: 0 }], call, registers, span)
}

/// A frame that calls the function in its first register and waits for all that it starts.
pub fn streaming(span: Span) -> Code {
    let call = CallSite {
        callee: CalleeShape::Value { names: false },
        name: EcoString::new(),
        args: Box::default(),
        plain: false,
    };
    let ops = vec![
        Op::CallSite {
            site: 0,
            base: 0,
            to: 0,
        },
        Op::StreamEnd { value: 0, to: 0 },
        Op::Return { from: 0 },
    ];
    alone(ops, call, 1, span)
}

/// A frame that belongs to no function and makes one call.
fn alone(ops: Vec<Op>, call: CallSite, registers: Reg, span: Span) -> Code {
    Code {
        name: call.name.clone(),
        passes_on: true,
        file: span.file,
        library: false,
        reach: Reach::ALL,
        spans: vec![span; ops.len()].into(),
        ops: ops.into(),
        registers,
        closure: None,
        signature: Arc::default(),
        constants: Box::default(),
        names: Box::default(),
        name_lists: Box::default(),
        types: Box::default(),
        formats: Box::default(),
        closures: Box::default(),
        instances: Box::default(),
        builds: Box::default(),
        places: Box::default(),
        calls: Box::new([call]),
    }
}
