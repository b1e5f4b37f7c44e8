//! Checked functions become instructions, each when it is first called.

mod access;
mod call;
mod comprehension;
mod control;
mod expr;
mod frame;
mod native;
mod pattern;
mod stmt;

use std::sync::Arc;

use crate::check::on_own_stack;
use crate::diag::{Fault, FaultKind};
use crate::hir::{self, Body, FunctionKind, Reach, Slot, Stmt, StmtKind, Unit, Var};
use crate::source::{FileId, Span};
use crate::value::{EcoString, FnId, ModuleId, Type, Value};

pub use frame::{calling, pass_on, streaming};

use super::Registry;
use super::code::{BuildSite, CallSite, CaptureFrom, ClosureSite, Code, Parameters, PlaceSite};
use super::op::{Index, Op, Reg, Target};

/// The code of a function.
pub fn function(program: &hir::Program, registry: &Registry, id: FnId) -> Result<Code, Fault> {
    let function = program.function(id);
    let instance = matches!(function.kind, FunctionKind::Forward(_) | FunctionKind::Helper(_));
    let parameters = Parameters {
        params: function.params.clone().into(),
        instance,
        plain: function
            .params
            .iter()
            .all(|param| param.ty.is_none() && !param.rest && param.inputs.is_none()),
    };
    let closure = function.captures > 0;
    let mut emitter = Emitter::new(program, registry, function.slots, closure, function.span)?;
    emitter.defaults(&function.params, u32::from(instance))?;
    let module = matches!(function.kind, FunctionKind::Forward(_));
    if module {
        emitter.push(Op::SpanBegin);
        emitter.scopes.push(Scope::Module);
    }
    match &function.body {
        Body::Block(block) => {
            let to = emitter.temp()?;
            emitter.block(block, Some(to))?;
            if module {
                emitter.push(Op::SpanEnd { value: to });
            }
            emitter.push(Op::Return { from: to });
        }
        Body::Native(name) => emitter.native_body(name, &function.params)?,
    }
    let about = About {
        name: &function.name,
        file: function.file,
        library: function.library,
        reach: function.reach,
    };
    Ok(emitter.finish(about, parameters))
}

/// The code of a unit's top level, or of some of its statements.
pub fn unit(program: &hir::Program, registry: &Registry, unit: &Unit, chosen: Option<&[u32]>) -> Result<Code, Fault> {
    let span = Span {
        file: unit.file,
        start: 0,
        end: 0,
    };
    let mut emitter = Emitter::new(program, registry, unit.slots, false, span)?;
    let all: Vec<u32> = (0..unit.stmts.len()).filter_map(|i| u32::try_from(i).ok()).collect();
    let stmts: Vec<&Stmt> = chosen
        .unwrap_or(&all)
        .iter()
        .filter_map(|i| unit.stmts.get(*i as usize))
        .collect();
    let to = emitter.temp()?;
    emitter.push(Op::None { to });
    for (i, stmt) in stmts.iter().enumerate() {
        match &stmt.kind {
            StmtKind::Expr(expr) if i + 1 == stmts.len() => emitter.put(expr, to)?,
            _ => emitter.stmt(stmt)?,
        }
    }
    emitter.push(Op::Return { from: to });
    let name = EcoString::new();
    let about = About {
        name: &name,
        file: unit.file,
        library: false,
        reach: Reach::ALL,
    };
    Ok(emitter.finish(about, Parameters::default()))
}

struct About<'a> {
    name: &'a EcoString,
    file: FileId,
    library: bool,
    reach: Reach,
}

/// What is open around the place that is being emitted, and must be closed by whatever jumps out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Try,
    With,
    Elements,
    Module,
}

struct Loop {
    /// Jumps that leave the loop.
    breaks: Vec<usize>,
    /// Jumps that go on with the next turn.
    continues: Vec<usize>,
    /// How many scopes were open around it.
    scopes: usize,
}

/// Where the variables of the function stand that is being emitted: the frame's own, or an element in line.
struct Place {
    offset: Reg,
    /// For an element in line: what its captures are.
    captures: Option<Vec<CaptureFrom>>,
    /// For an element in line: where its value goes, the jumps there, the scopes around it.
    element: Option<(Reg, Vec<usize>, usize)>,
}

pub(super) struct Emitter<'a> {
    program: &'a hir::Program,
    registry: &'a Registry,
    /// How many expressions are open around the one that is emitted.
    depth: usize,
    span: Span,
    next: Reg,
    most: Reg,
    closure: Option<Reg>,
    places: Vec<Place>,
    scopes: Vec<Scope>,
    loops: Vec<Loop>,
    ops: Vec<Op>,
    spans: Vec<Span>,
    constants: Vec<Value>,
    names: Vec<EcoString>,
    name_lists: Vec<Arc<[EcoString]>>,
    types: Vec<Arc<Type>>,
    formats: Vec<hir::FormatSpec>,
    closures: Vec<ClosureSite>,
    instances: Vec<(ModuleId, Arc<[EcoString]>)>,
    builds: Vec<BuildSite>,
    assigned: Vec<PlaceSite>,
    calls: Vec<CallSite>,
}

type Emitted<T = ()> = Result<T, Fault>;

/// From here on expressions are emitted on a stack of their own, so that the caller's does not matter.
const DEEP: usize = 24;

impl<'a> Emitter<'a> {
    /// Emits a part, one level further down.
    fn deeper(&mut self, emit: impl FnOnce(&mut Self) -> Emitted + Send) -> Emitted {
        self.depth += 1;
        let done = match self.depth {
            DEEP => on_own_stack(|| emit(self)).unwrap_or_else(|error| {
                let message = format!("there can be no thread: {error}");
                Err(Fault::new(FaultKind::State, message))
            }),
            _ => emit(self),
        };
        self.depth -= 1;
        done
    }

    fn new(
        program: &'a hir::Program,
        registry: &'a Registry,
        slots: u32,
        closure: bool,
        span: Span,
    ) -> Emitted<Emitter<'a>> {
        let slots = Reg::try_from(slots).map_err(|_| too_large())?;
        let first = slots.checked_add(Reg::from(closure)).ok_or_else(too_large)?;
        Ok(Emitter {
            program,
            registry,
            depth: 0,
            span,
            next: first,
            most: first,
            closure: closure.then_some(slots),
            places: vec![Place {
                offset: 0,
                captures: None,
                element: None,
            }],
            scopes: Vec::new(),
            loops: Vec::new(),
            ops: Vec::new(),
            spans: Vec::new(),
            constants: Vec::new(),
            names: Vec::new(),
            name_lists: Vec::new(),
            types: Vec::new(),
            formats: Vec::new(),
            closures: Vec::new(),
            instances: Vec::new(),
            builds: Vec::new(),
            assigned: Vec::new(),
            calls: Vec::new(),
        })
    }

    fn finish(self, about: About<'_>, parameters: Parameters) -> Code {
        Code {
            name: about.name.clone(),
            passes_on: false,
            file: about.file,
            library: about.library,
            reach: about.reach,
            ops: self.ops.into(),
            spans: self.spans.into(),
            registers: self.most,
            closure: self.closure,
            signature: Arc::new(parameters),
            constants: self.constants.into(),
            names: self.names.into(),
            name_lists: self.name_lists.into(),
            types: self.types.into(),
            formats: self.formats.into(),
            closures: self.closures.into(),
            instances: self.instances.into(),
            builds: self.builds.into(),
            places: self.assigned.into(),
            calls: self.calls.into(),
        }
    }

    fn push(&mut self, op: Op) -> usize {
        self.ops.push(op);
        self.spans.push(self.span);
        self.ops.len() - 1
    }

    fn emit(&mut self, op: Op) {
        self.push(op);
    }

    /// The index of the next instruction.
    fn here(&self) -> Target {
        Target::try_from(self.ops.len()).unwrap_or(Target::MAX)
    }

    /// Lets a jump that was emitted with an open target lead here.
    fn land(&mut self, jump: usize) {
        let here = self.here();
        let target = match &mut self.ops[jump] {
            Op::Jump { target }
            | Op::JumpUnless { target, .. }
            | Op::Compare { target, .. }
            | Op::CompareInt { target, .. }
            | Op::JumpPresent { target, .. }
            | Op::JumpNotNone { target, .. }
            | Op::RangeNext { exit: target, .. }
            | Op::Next { exit: target, .. }
            | Op::NextPair { exit: target, .. }
            | Op::MatchEqual { fail: target, .. }
            | Op::MatchType { fail: target, .. }
            | Op::MatchRecord { fail: target, .. }
            | Op::MatchField { fail: target, .. }
            | Op::TryBegin { handler: target, .. }
            | Op::ElementsBegin { handler: target, .. } => target,
            _ => return,
        };
        *target = here;
    }

    fn land_all(&mut self, jumps: Vec<usize>) {
        for jump in jumps {
            self.land(jump);
        }
    }

    fn temp(&mut self) -> Emitted<Reg> {
        self.temps(1)
    }

    /// So many registers one behind another.
    fn temps(&mut self, count: usize) -> Emitted<Reg> {
        let first = self.next;
        let count = Reg::try_from(count).map_err(|_| too_large())?;
        self.next = first.checked_add(count).ok_or_else(too_large)?;
        self.most = self.most.max(self.next);
        Ok(first)
    }

    /// Gives back the temporaries that were taken since.
    fn free(&mut self, since: Reg) {
        self.next = since;
    }

    fn slot(&self, slot: Slot) -> Reg {
        let offset = self.places.last().map_or(0, |place| place.offset);
        offset.saturating_add(Reg::try_from(slot.0).unwrap_or(Reg::MAX))
    }

    fn variable(&self, var: Var) -> CaptureFrom {
        match var {
            Var::Local(slot) => CaptureFrom::Register(self.slot(slot)),
            Var::Global(id) => CaptureFrom::Global(id.0),
            Var::Capture(i) => match self.places.last().and_then(|place| place.captures.as_ref()) {
                Some(captures) => captures.get(i as usize).copied().unwrap_or(CaptureFrom::Capture(0)),
                None => CaptureFrom::Capture(u16::try_from(i).unwrap_or(u16::MAX)),
            },
        }
    }

    fn load(&mut self, to: Reg, from: CaptureFrom) {
        match from {
            CaptureFrom::Register(from) if from == to => {}
            CaptureFrom::Register(from) => self.emit(Op::Move { to, from }),
            CaptureFrom::Capture(index) => self.emit(Op::Capture { to, index }),
            CaptureFrom::Global(index) => self.emit(Op::Global { to, index }),
        }
    }

    fn constant(&mut self, to: Reg, value: &Value) {
        match value {
            Value::None => self.emit(Op::None { to }),
            Value::Absent => self.emit(Op::Absent { to }),
            Value::Int(i) if i32::try_from(*i).is_ok() => {
                self.emit(Op::Int {
                    to,
                    value: i32::try_from(*i).unwrap_or_default(),
                });
            }
            other => {
                let index = table(&mut self.constants, other.clone());
                self.push(Op::Constant { to, index });
            }
        }
    }

    fn name(&mut self, name: &EcoString) -> Index {
        match self.names.iter().position(|known| known == name) {
            Some(at) => at as Index,
            None => table(&mut self.names, name.clone()),
        }
    }

    fn names_of(&mut self, names: impl Iterator<Item = EcoString>) -> Index {
        table(&mut self.name_lists, names.collect())
    }
}

fn table<T>(all: &mut Vec<T>, item: T) -> Index {
    all.push(item);
    Index::try_from(all.len() - 1).unwrap_or(Index::MAX)
}

fn too_large() -> Fault {
    Fault::new(
        FaultKind::Value,
        "this function is too large: it has more than 65,535 variables and values at a time",
    )
    .help("cut it into several functions")
}
