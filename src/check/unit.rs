//! What comes out of a check for each file, and what its functions can reach.

use std::sync::Arc;

use crate::hir::{Definition, Reach, Test, Unit};
use crate::source::FileId;
use crate::syntax::ast::{self, StmtKind};
use crate::value::{EcoString, FnId, Type};

use super::checker::Checker;
use super::codes;
use super::decl::FnSource;
use super::scope::Entry;

impl Checker<'_> {
    /// The reach of each function: its own, and that of all it calls. Functions before `known` were settled earlier,
    /// and call none of the later ones, except library functions that are checked only now.
    pub fn settle_reach(&mut self, known: usize) {
        let count = self.env.functions.len();
        let mut callers: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (caller, info) in self.env.functions.iter().enumerate() {
            for callee in &info.calls {
                callers[callee.0 as usize].push(caller);
            }
        }
        let mut reach: Vec<Reach> = self.env.functions.iter().map(|info| info.reach).collect();
        let mut work: Vec<usize> = (0..count).collect();
        while let Some(callee) = work.pop() {
            for &caller in &callers[callee] {
                let joined = reach[caller].or(reach[callee]);
                if joined != reach[caller] {
                    reach[caller] = joined;
                    work.push(caller);
                }
            }
        }
        for (function, reach) in self.env.program.functions.iter_mut().zip(reach) {
            function.reach = reach;
        }
        self.check_condition_reach(known, &callers);
    }

    /// A `where` calls no model, neither itself nor through a function that it names.
    fn check_condition_reach(&mut self, known: usize, callers: &[Vec<usize>]) {
        let mut certain: Vec<bool> = self.env.functions.iter().map(|info| info.model).collect();
        let mut work: Vec<usize> = (0..certain.len()).filter(|f| certain[*f]).collect();
        while let Some(callee) = work.pop() {
            for &caller in &callers[callee] {
                if !certain[caller] {
                    certain[caller] = true;
                    work.push(caller);
                }
            }
        }
        for (id, certain) in certain.iter().enumerate().skip(known) {
            if *certain && matches!(self.env.functions[id].source, FnSource::Condition(_)) {
                let span = self.env.program.functions[id].span;
                let help = "a `where` tests a reply by computing; ask a model in `forward`, behind the call";
                self.advise(
                    codes::CONDITION,
                    "a `where` cannot call a model",
                    span,
                    "this reaches a model",
                    help,
                );
            }
        }
    }

    /// Warns of a script's `let`s that nothing reads. A file that only declares is there for others; what can be called
    /// may be named on a command line.
    pub fn unused_globals(&mut self, file: FileId) {
        let Some(scope) = self.env.scopes.get(&file).filter(|_| !self.problems.has_errors()) else {
            return;
        };
        let runs = |stmt: &Arc<ast::Stmt>| matches!(stmt.kind, StmtKind::Expr(_) | StmtKind::For { .. });
        if !scope.statements.iter().any(runs) && !scope.names.contains_key("main") {
            return;
        }
        let bound = scope.declared.iter().filter(|name| !name.starts_with('_'));
        let ids = bound.filter_map(|name| match &scope.names.get(name)?.0 {
            Entry::Globals(ids) => Some(ids.clone()),
            _ => None,
        });
        for id in ids.flatten().collect::<Vec<_>>() {
            let (info, global) = (self.env.global(id), self.env.program.global(id));
            let called = |ty: &Type| matches!(ty, Type::Any | Type::Program(_) | Type::Function(_) | Type::Optimizer);
            if info.used || info.mutable || info.ty.as_ref().is_none_or(|ty| ty.members().iter().any(called)) {
                continue;
            }
            let (name, span) = (global.name.clone(), global.span);
            self.unused(&name, span);
        }
    }

    pub fn make_units(&mut self) {
        for (file, stmts, slots) in std::mem::take(&mut self.lowered) {
            let names = self.definitions(file);
            let main = names.iter().find_map(|(name, definition)| match definition {
                Definition::Function(id) if name == "main" => Some(*id),
                _ => None,
            });
            let tests = self
                .env
                .scopes
                .get(&file)
                .map(|scope| scope.tests.clone())
                .unwrap_or_default();
            let tests = tests
                .into_iter()
                .map(|(name, function): (EcoString, FnId)| Test { name, function })
                .collect();
            let unit = Unit {
                file,
                stmts,
                slots,
                main,
                tests,
                names,
            };
            self.env.units.insert(file, Arc::new(unit));
        }
    }

    fn definitions(&self, file: FileId) -> Vec<(EcoString, Definition)> {
        let Some(scope) = self.env.scopes.get(&file) else {
            return Vec::new();
        };
        let definition = |name: &EcoString| {
            let definition = match &scope.names.get(name)?.0 {
                Entry::Function(id) => Definition::Function(*id),
                Entry::Module(id) => Definition::Module(*id),
                Entry::Signature(id) => Definition::Signature(self.env.signatures[id.0 as usize].global),
                Entry::Globals(ids) => Definition::Global(*ids.last()?),
                _ => return None,
            };
            Some((name.clone(), definition))
        };
        scope.declared.iter().filter_map(definition).collect()
    }
}
