//! A function ready to run: its instructions and the tables that they point into.

use std::sync::Arc;

use crate::hir::{BinaryOp, FormatSpec, Param, PlaceRoot, Reach};
use crate::source::{FileId, Span};
use crate::value::{EcoString, FnId, ModuleId, Type, Value};

use super::op::{Index, Op, Reg};

/// A function, ready to run.
#[derive(Debug)]
pub struct Code {
    pub name: EcoString,
    /// Only passes a call on whose callee is not known yet.
    pub passes_on: bool,
    pub file: FileId,
    pub library: bool,
    pub reach: Reach,
    pub ops: Box<[Op]>,
    /// Beside `ops`.
    pub spans: Box<[Span]>,
    /// Registers of a frame, the one of the closure included.
    pub registers: u16,
    /// Where the running closure stands, if the function captures.
    pub closure: Option<Reg>,
    pub signature: Arc<Parameters>,
    pub constants: Box<[Value]>,
    pub names: Box<[EcoString]>,
    pub name_lists: Box<[Arc<[EcoString]>]>,
    pub types: Box<[Arc<Type>]>,
    pub formats: Box<[FormatSpec]>,
    pub closures: Box<[ClosureSite]>,
    pub instances: Box<[(ModuleId, Arc<[EcoString]>)]>,
    pub builds: Box<[BuildSite]>,
    pub places: Box<[PlaceSite]>,
    pub calls: Box<[CallSite]>,
}

/// What a call must bring.
#[derive(Debug, Default)]
pub struct Parameters {
    pub params: Box<[Param]>,
    /// A `forward` or helper: the instance comes first.
    pub instance: bool,
    /// Whether arguments can be taken as they stand: no types, no rest.
    pub plain: bool,
}

#[derive(Debug)]
pub struct ClosureSite {
    pub function: FnId,
    pub name: EcoString,
    /// Where the captured values stand when the closure is made.
    pub captures: Box<[CaptureFrom]>,
}

#[derive(Clone, Copy, Debug)]
pub enum CaptureFrom {
    Register(Reg),
    Capture(u16),
    Global(Index),
}

/// A literal with spreads; the values stand in registers one after another.
#[derive(Debug)]
pub enum BuildSite {
    List(Box<[bool]>),
    Record(Box<[Option<EcoString>]>),
    Dict(Box<[Option<EcoString>]>),
}

/// `x.a[0].b += e`
#[derive(Debug)]
pub struct PlaceSite {
    pub root: PlaceRoot,
    pub steps: Box<[Step]>,
    pub op: Option<BinaryOp>,
}

#[derive(Clone, Debug)]
pub enum Step {
    Field(EcoString),
    Index(Reg),
}

/// A call whose callee or arguments are matched when it runs.
#[derive(Clone, Debug)]
pub struct CallSite {
    pub callee: CalleeShape,
    /// The callee's name or expression.
    pub name: EcoString,
    pub args: Box<[ArgShape]>,
    /// A value that is called with positional arguments alone.
    pub plain: bool,
}

impl CallSite {
    /// How many registers stand before the arguments.
    pub fn before(&self) -> usize {
        match self.callee {
            CalleeShape::Function(_) => 0,
            CalleeShape::Helper(_) | CalleeShape::Value { .. } => 1,
            CalleeShape::Method { .. } => 2,
        }
    }

    pub fn window(&self) -> usize {
        self.before() + self.args.len()
    }
}

#[derive(Clone, Debug)]
pub enum CalleeShape {
    /// Arguments from `base` on.
    Function(FnId),
    /// The instance stands in `base`, arguments behind it.
    Helper(FnId),
    /// The callee stands in `base`; without `names`, a function takes positional arguments only.
    Value { names: bool },
    /// The object stands in `base`, the function in scope of that name (or `none`) behind it, then the arguments.
    Method { method: EcoString, optional: bool },
}

#[derive(Clone, Debug, PartialEq)]
pub enum ArgShape {
    Positional,
    Named(EcoString),
    Spread,
}
