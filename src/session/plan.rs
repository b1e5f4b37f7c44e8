//! What runs when: of the top level of the files that a piece of the program uses, only the `let`s that it depends on,
//! and the `configure` of the script itself.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::walk::Uses;
use crate::check::Environment;
use crate::hir::{Definition, FunctionKind, GlobalId, Program, StmtKind, Unit};
use crate::source::FileId;
use crate::value::{FnId, Function, ModuleId, Value};
use crate::vm::Machine;

/// Where the search for what is needed begins.
#[derive(Debug, Default)]
pub(super) struct Roots {
    uses: Uses,
}

impl Roots {
    /// A script that runs from top to bottom: what its statements and its `main` use of other files.
    pub fn whole(unit: &Unit) -> Roots {
        let mut roots = Roots::default();
        unit.stmts.iter().for_each(|stmt| roots.uses.stmt(stmt));
        roots.uses.functions.extend(unit.main);
        roots
    }

    pub fn function(function: FnId) -> Roots {
        let mut roots = Roots::default();
        roots.uses.functions.push(function);
        roots
    }

    pub fn definition(definition: Definition, program: &Program) -> Roots {
        let mut roots = Roots::default();
        match definition {
            Definition::Function(function) => roots.uses.functions.push(function),
            Definition::Module(module) => roots.uses.functions.push(program.module(module).constructor),
            Definition::Global(global) | Definition::Signature(global) => roots.uses.globals.push(global),
        }
        roots
    }
}

/// What happens to the script's own statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// Those that are needed run, and `configure`.
    Needed,
    /// They all run later, in their order.
    Later,
}

/// The statements to run, file by file, those that others need first; in a file, in their order.
pub(super) fn needed(environment: &Environment, roots: Roots, own: Own, script: FileId) -> Vec<(Arc<Unit>, Vec<u32>)> {
    let mut search = Search::new(environment);
    if let (Own::Needed, Some(unit)) = (own, environment.unit(script)) {
        let configures = unit
            .stmts
            .iter()
            .enumerate()
            .filter(|(_, stmt)| matches!(stmt.kind, StmtKind::Configure(_)));
        for (index, _) in configures {
            search.statement(script, index);
        }
    }
    search.follow(roots.uses);
    if own == Own::Later {
        search.statements.remove(&script);
    }
    search.in_order()
}

struct Search<'a> {
    environment: &'a Environment,
    functions: HashSet<FnId>,
    modules: HashSet<ModuleId>,
    statements: BTreeMap<FileId, BTreeSet<u32>>,
    /// Which files a file's chosen statements and functions lean on.
    leans: BTreeMap<FileId, BTreeSet<FileId>>,
    open: Uses,
}

impl<'a> Search<'a> {
    fn new(environment: &'a Environment) -> Self {
        Search {
            environment,
            functions: HashSet::new(),
            modules: HashSet::new(),
            statements: BTreeMap::new(),
            leans: BTreeMap::new(),
            open: Uses::default(),
        }
    }

    fn follow(&mut self, uses: Uses) {
        self.open.functions.extend(uses.functions);
        self.open.modules.extend(uses.modules);
        self.open.globals.extend(uses.globals);
        loop {
            if let Some(global) = self.open.globals.pop() {
                self.global(global);
            } else if let Some(module) = self.open.modules.pop() {
                self.module(module);
            } else if let Some(function) = self.open.functions.pop() {
                self.function(function);
            } else {
                return;
            }
        }
    }

    fn function(&mut self, id: FnId) {
        if !self.functions.insert(id) {
            return;
        }
        let function = self.environment.program.function(id);
        if let FunctionKind::Constructor(module) = function.kind {
            self.open.modules.push(module);
        }
        let mut uses = Uses::default();
        uses.function(function);
        self.take(function.file, uses);
    }

    fn module(&mut self, id: ModuleId) {
        if self.modules.insert(id) {
            let module = self.environment.program.module(id);
            self.open.functions.extend([module.constructor, module.forward]);
            self.open
                .functions
                .extend(module.helpers.iter().map(|(_, helper)| *helper));
        }
    }

    fn global(&mut self, id: GlobalId) {
        let global = self.environment.program.global(id);
        if let Some(constant) = &global.constant {
            self.open.value(constant);
        }
        if let Some(statement) = global.statement {
            self.statement(global.file, statement as usize);
        }
    }

    fn statement(&mut self, file: FileId, index: usize) {
        let Some(stmt) = self.environment.unit(file).and_then(|unit| unit.stmts.get(index)) else {
            return;
        };
        if self
            .statements
            .entry(file)
            .or_default()
            .insert(u32::try_from(index).unwrap_or(u32::MAX))
        {
            let mut uses = Uses::default();
            uses.stmt(stmt);
            self.take(file, uses);
        }
    }

    /// Puts on the list what a piece of a file uses.
    fn take(&mut self, file: FileId, uses: Uses) {
        let program = &self.environment.program;
        let leans = self.leans.entry(file).or_default();
        leans.extend(uses.functions.iter().map(|id| program.function(*id).file));
        leans.extend(uses.modules.iter().map(|id| program.module(*id).file));
        leans.extend(uses.globals.iter().map(|id| program.global(*id).file));
        self.open.functions.extend(uses.functions);
        self.open.modules.extend(uses.modules);
        self.open.globals.extend(uses.globals);
    }

    fn in_order(self) -> Vec<(Arc<Unit>, Vec<u32>)> {
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        for file in self.leans.keys() {
            self.before(*file, &mut seen, &mut order);
        }
        let chosen = order.into_iter().filter_map(|file| {
            let statements = self.statements.get(&file)?;
            Some((
                self.environment.unit(file)?.clone(),
                statements.iter().copied().collect(),
            ))
        });
        chosen.collect()
    }

    fn before(&self, file: FileId, seen: &mut BTreeSet<FileId>, order: &mut Vec<FileId>) {
        if seen.insert(file) {
            for other in self.leans.get(&file).into_iter().flatten() {
                self.before(*other, seen, order);
            }
            order.push(file);
        }
    }
}

/// A top-level name as a value: a function, a module's constructor, or what a `let` holds after it has run.
pub(super) fn value_of(definition: Definition, program: &Program, machine: &Machine) -> Value {
    match definition {
        Definition::Function(id) => function(id, program),
        Definition::Module(id) => function(program.module(id).constructor, program),
        Definition::Global(id) | Definition::Signature(id) => machine.global(id).unwrap_or_default(),
    }
}

pub(super) fn function(id: FnId, program: &Program) -> Value {
    let name = program.function(id).name.clone();
    Value::Function(Arc::new(Function {
        id,
        name,
        captures: Box::default(),
    }))
}
