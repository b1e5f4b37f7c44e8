//! Names: of a file's top level, and of the bodies that are being checked.

use std::collections::HashMap;
use std::sync::Arc;

use crate::hir::{GlobalId, Reach, Slot, Var};
use crate::source::{FileId, Span};
use crate::syntax::ast;
use crate::value::{EcoString, FnId, ModuleId, Type};

use super::decl::{SignatureId, TypeId};
use super::open::OpenLambda;
use super::unread::Unread;

/// What a name of a top level stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    Function(FnId),
    /// A library function that is declared for several kinds of arguments.
    Overloaded(Vec<FnId>),
    Module(ModuleId),
    Signature(SignatureId),
    Type(TypeId),
    /// `import "rag.dsp" as rag`
    Namespace(FileId),
    /// A `let` or `var`, bound again by the later ones.
    Globals(Vec<GlobalId>),
    /// Something that an import did not find, reported there.
    Broken,
}

impl Entry {
    /// For messages: "a function".
    pub fn describe(&self) -> &'static str {
        match self {
            Entry::Function(_) | Entry::Overloaded(_) => "a function",
            Entry::Module(_) => "a module",
            Entry::Signature(_) => "a signature",
            Entry::Type(_) => "a type",
            Entry::Namespace(_) => "an imported file",
            Entry::Globals(_) => "a variable",
            Entry::Broken => "a name",
        }
    }
}

impl Entry {
    /// The functions of a name.
    pub fn functions(&self) -> Option<Vec<FnId>> {
        match self {
            Entry::Function(id) => Some(vec![*id]),
            Entry::Overloaded(ids) => Some(ids.clone()),
            _ => None,
        }
    }

    /// With one more declaration of the same function; what is no function stays as it is.
    pub fn or_overload(self, other: Entry) -> Entry {
        match (self.functions(), other.functions()) {
            (Some(known), Some(more)) => {
                let mut all = known;
                more.into_iter().for_each(|id| {
                    if !all.contains(&id) {
                        all.push(id);
                    }
                });
                Entry::Overloaded(all)
            }
            _ => self,
        }
    }
}

/// The top level of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct FileScope {
    pub names: HashMap<EcoString, (Entry, Span)>,
    /// In the order they were declared, without what was imported.
    pub declared: Vec<EcoString>,
    pub statements: Vec<Arc<ast::Stmt>>,
    pub tests: Vec<(EcoString, FnId)>,
    pub library: bool,
    /// The file or line whose names a line of the REPL sees too.
    pub after: Option<FileId>,
    /// What of its text did not parse: an unknown name may be declared there.
    pub unread: Unread,
    /// Whether its declarations and imports were collected: not so in a cycle.
    pub collected: bool,
}

/// A name bound in a body.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub name: EcoString,
    pub slot: Slot,
    pub ty: Type,
    /// Its own among all locals of a check, so that narrowed types find it through closures.
    pub id: u32,
    pub mutability: Mutability,
    pub span: Span,
    pub used: bool,
    pub lambda: Option<Arc<OpenLambda>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutability {
    Let,
    Var,
    Param,
    /// A loop's name, a pattern's, the error of a `catch`.
    Bound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// The statements of a file.
    Top,
    /// `fn`, `forward`, helper, test.
    Function,
    Constructor,
    Condition,
    Lambda,
    Element,
}

/// What a closure captured: a local of an outer body, or the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Captured {
    Local(u32),
    Instance,
    Global(GlobalId),
    /// The record of fields that a condition sees.
    Fields,
}

/// A loop that is being checked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loop {
    /// A `break` leaves it.
    pub left: bool,
}

/// A frame in the making.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub kind: BodyKind,
    pub slots: u32,
    /// Innermost last; a block pushes one.
    pub scopes: Vec<Vec<Local>>,
    pub captures: Vec<(Captured, Var)>,
    /// The result type that is written.
    pub result: Option<Type>,
    pub returns: Vec<Type>,
    pub loops: Vec<Loop>,
    pub reach: Reach,
    pub calls: Vec<FnId>,
    pub model: bool,
    /// What a condition sees by name.
    pub fields: Vec<(EcoString, Type)>,
}

impl Body {
    pub fn new(kind: BodyKind) -> Body {
        Body {
            kind,
            slots: 0,
            scopes: vec![Vec::new()],
            captures: Vec::new(),
            result: None,
            returns: Vec::new(),
            loops: Vec::new(),
            reach: Reach::NOTHING,
            calls: Vec::new(),
            model: false,
            fields: Vec::new(),
        }
    }

    /// Whether it can see the locals of the body around it.
    pub fn is_closure(&self) -> bool {
        matches!(self.kind, BodyKind::Lambda | BodyKind::Element)
    }

    pub fn fresh_slot(&mut self) -> Slot {
        let slot = Slot(self.slots);
        self.slots += 1;
        slot
    }

    pub fn find(&self, name: &str) -> Option<&Local> {
        self.scopes
            .iter()
            .rev()
            .flat_map(|scope| scope.iter().rev())
            .find(|local| local.name == name)
    }

    pub fn find_mut(&mut self, name: &str) -> Option<&mut Local> {
        self.scopes
            .iter_mut()
            .rev()
            .flat_map(|scope| scope.iter_mut().rev())
            .find(|local| local.name == name)
    }

    /// The place of a captured value, adding it if it is not captured yet.
    pub fn capture(&mut self, what: Captured, outer: Var) -> Var {
        let known = self.captures.iter().position(|(captured, _)| *captured == what);
        let place = known.unwrap_or_else(|| {
            self.captures.push((what, outer));
            self.captures.len() - 1
        });
        Var::Capture(super::environment::index(place))
    }
}
